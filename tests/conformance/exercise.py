"""A small fictional case and its package, for whoever writes or tests a verifier of packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from witnessmark.model import (
    Acquisition,
    Copy,
    Digest,
    Erasure,
    Facts,
    Finding,
    Observation,
    Purpose,
    Rating,
    Role,
    person,
)
from witnessmark.model.wire import Noun, decode
from witnessmark.ports import Capture, KeptCheckpoint, Staged, Token
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.keys import KeyFolder, create_keys
from witnessmark.preserve.seal import Intake
from witnessmark.publish.package import Contents, SealedAt
from witnessmark.store import CaseFolder, create_case
from witnessmark.tlog import Cosigner, Verifier, add_lines

ORIGIN = "desk.example/exercise"
Stamp = Callable[[bytes, int], tuple[Token, ...]]
"""Gives tokens over the bytes of a checkpoint of some size."""


def no_stamp(_checkpoint: bytes, _size: int) -> tuple[Token, ...]:
    """No token at all, as if no authority had been asked."""
    return ()


@dataclass(slots=True)
class ExerciseCase:
    """A case of invented material with all kinds of things that a package may hold or hold back."""

    store: CaseFolder
    keys: KeyFolder
    custodian: Custodian
    witness: Cosigner
    objects: tuple[Digest, ...] = ()
    withheld: Digest | None = None
    erased: Digest | None = None

    @property
    def log(self) -> Verifier:
        """The key of the case's log."""
        return self.keys.signer.verifier

    def policy(self) -> bytes:
        """The case's log and witness in the form of C2SP tlog-policy."""
        witness = self.witness.verifier.vkey()
        return f"log {self.log.vkey()}\nwitness other-desk {witness}\nquorum other-desk\n".encode()

    def contents(self, authorities: tuple[str, ...] = (), *, whole_log: bool = False) -> Contents:
        """Everything in the case but what is withheld or erased, ready to be packaged."""
        entries = dict(self.store.entries())
        names = [name for _, action, _ in self.store.actions() for name in action.generated]
        records = {name: self.store.record(name) or b"" for name in names}
        objects = {digest: self.store.path_of(digest).stat().st_size for digest in self.objects}
        first = next(noun for noun in map(decode, records.values()) if isinstance(noun, Acquisition)).source
        opening = self.store.opening(first)
        assert opening is not None
        return Contents(
            desk="Exercise desk",
            case="EXERCISE-1",
            instrument="witnessmark testing",
            packaged_at=datetime(2026, 3, 4, 12, 0, tzinfo=UTC),
            log=self.log,
            policy=self.policy(),
            entries=entries,
            records=records,
            objects=objects,
            open=lambda digest: self.store.path_of(digest).open("rb"),
            files=self._writings(),
            revealed={first: opening},
            authorities=authorities,
            whole_log=whole_log,
        )

    def seal(self, detail: Facts, stamp: Stamp = no_stamp) -> SealedAt:
        """Seal a package into the case's log, cosigned by the witness and stamped by `stamp`."""
        with self.store.transaction() as transaction:
            index = transaction.append(self.custodian.act("package.sealed", detail=detail))
        ((_, entry),) = self.store.entries(index, index + 1)
        checkpoint = sign_head(self.store, self.keys)
        text = checkpoint.signed.decode().rpartition("\n\n")[0] + "\n"
        note = add_lines(checkpoint.signed, self.witness.sign_line(text, 1_772_625_600))
        cosigned = KeptCheckpoint(checkpoint.size, checkpoint.signed, note)
        tokens = stamp(checkpoint.signed, checkpoint.size)
        return SealedAt(index, entry, cosigned, self.store.tile, tokens)

    def enter(self, kind: str, *nouns: Noun) -> None:
        """One more entry in the log, with the records that it generates."""
        with self.store.transaction() as transaction:
            transaction.append(self.custodian.act(kind), nouns)

    def _writings(self) -> dict[str, bytes]:
        first, second = self.objects[:2]
        page = (
            f'<!doctype html><title>Exercise</title><p>A note says <a href="objects/{first.hex}">E1</a></p>'
            f'<img src="previews/{second.hex[:12]}.jpg" alt=""><p>SHA-256 {second.hex}</p>'
            '<p><a href="https://example.org/">outside</a> <a href="#top">top</a></p>'
        )
        return {
            "brief.html": page.encode(),
            "brief.md": f"A note says so [E00001](objects/{first.hex}).\n".encode(),
            "annotations.jsonld": f'{{"target":"sha256:{second.hex}"}}\n'.encode(),
            f"previews/{second.hex[:12]}.jpg": b"\xff\xd8\xff\xe0 no picture, only its place\xff\xd9",
        }


def exercise_case(folder: Path) -> ExerciseCase:
    """A new case in `folder`, of texts and noise; one object is withheld, one erased."""
    keys = create_keys(folder / "keys", ORIGIN)
    store = create_case(folder / "case", ORIGIN, keys.signer.verifier.vkey(), keys.vault_key)
    custodian = Custodian(SystemClock(), person("analyst-1"), "witnessmark testing", "session-1")
    case = ExerciseCase(store, keys, custodian, Cosigner.generate("witness.example/other-desk"))
    texts = (
        b"We counted forty at the gate, says the first note.\n",
        bytes(range(256)) * 128,
        b"They were not forty, says the second note.\n",
        b"This one stays at the desk.\n",
        b"This one was to be erased.\n",
        b"We counted forty at the gate, says the first note.\n",
    )
    taken = take(case, {f"notes/{number}.txt": text for number, text in enumerate(texts)})
    derived = _keep(case, b"forty, in large letters\n")
    case.objects = (taken[0], taken[1], taken[2], derived)
    case.withheld, case.erased = taken[3], taken[4]
    now, analyst = case.custodian.clock.now(), case.custodian.performer
    working = Copy(derived, 24, "text/plain", Role.WORKING, taken[0], "enlarge", Facts(factor=2, note="=1+1"))
    case.enter("examine.derived", working)
    case.enter(
        "examine.done",
        Finding(taken[1], "exercise", "noise", Facts(entropy=8.0), "says nothing of its origin"),
    )
    case.enter("observe.rated", Rating(taken[1], 1, analyst, now))
    case.enter("observe.marked", Observation(taken[0], Purpose.NOTE, analyst, now, "the hand is hurried"))
    case.enter("erase.done", Erasure((taken[4],), (), "at the wish of the writer", analyst, now))
    store.remove(taken[4])
    return case


def take(case: ExerciseCase, texts: Mapping[str, bytes]) -> tuple[Digest, ...]:
    """Take texts in, each from its source."""
    intake = Intake(case.store, case.custodian, "run-1", lambda _head: "text/plain")
    list(intake.seal(_capture(source, text) for source, text in texts.items()))
    return tuple(map(Digest.of, texts.values()))


def _capture(source: str, content: bytes) -> Capture:
    return Capture(lambda: BytesIO(content), source, "file", note="as found")


def _keep(case: ExerciseCase, content: bytes) -> Digest:
    staged = case.store.stage(_capture("derived", content), lambda _head: "text/plain")
    assert isinstance(staged, Staged)
    case.store.keep([staged])
    return staged.digest
