"""Asking witnesses (C2SP tlog-witness): someone outside remembers how long our log was, and says so.

A witness cosigns a checkpoint only with proof that the log still begins with all that it saw
before. If it remembers more than we have, or the proof fails, then this log was rolled back or
forked: a restored backup, a second copy that went on by itself, or an insider's hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, UnavailableError, UsageError
from witnessmark.model import Check, CheckState
from witnessmark.ports import KeptCheckpoint
from witnessmark.preserve.posting import Answer, Post, naming, read_url
from witnessmark.tlog import (
    AddCheckpoint,
    Policy,
    Verifier,
    add_lines,
    open_checkpoint,
    open_note,
    parse_note,
)
from witnessmark.tlog.strict import decimal

_MOST_TRIES = 3

Consistency = Callable[[int], tuple[bytes, ...]]
"""Gives the proof that the log at the checkpoint's size begins with its first so many entries."""


class HttpWitness:
    """A witness at an address (its submission prefix), known by its verifier key."""

    def __init__(self, name: str, url: str, verifier: Verifier, post: Post) -> None:
        if not verifier.algorithm.is_cosignature:
            raise UsageError(f"the key of the witness {name} is a log's: {verifier}")
        read_url(url)
        self.name = name
        self.verifier = verifier
        self._url = url.rstrip("/") + "/add-checkpoint"
        self._post = naming(post, f"the witness {name}")

    def cosign(self, note: bytes, size: int, consistency: Consistency, last_seen: int = 0) -> bytes:
        """The line by which the witness cosigns `note`, the newest checkpoint of the log, of `size` entries.

        `last_seen` is the size up to which it is known to have seen the log. IntegrityError if what
        it remembers does not fit; RefusedError if it does not know the log.
        """
        seen = last_seen
        for _ in range(_MOST_TRIES):
            proof = consistency(seen) if seen else ()
            answer = self._post(self._url, AddCheckpoint(seen, proof, note).encode(), "text/plain")
            if answer.status == 200:
                return self._own_line(note, answer)
            if answer.status != 409:
                raise self._refusal(answer)
            seen = self._remembered(answer, size)
        raise UnavailableError(f"the witness {self.name} kept changing its mind about the size that it saw")

    def _remembered(self, answer: Answer, size: int) -> int:
        text = answer.untrusted.decode("ascii", "replace")
        try:
            remembered = decimal(text.removesuffix("\n"), f"the size that the witness {self.name} answered")
        except MalformedError as error:
            raise UnavailableError(str(error)) from error
        if remembered > size:
            raise IntegrityError(
                f"this log has been rolled back or forked: the witness {self.name} has seen"
                f" {remembered:,} entries of it, and it has {size:,}",
                advice="stop; this is an older or another copy of the case; find the witnessed one",
            )
        return remembered

    def _refusal(self, answer: Answer) -> Exception:
        said = answer.untrusted[:200].decode("utf-8", "replace").strip()
        said = "".join(sign if sign.isprintable() else "?" for sign in said) or "no reason given"
        match answer.status:
            case 422:
                return IntegrityError(
                    f"this log has been rolled back or forked: its history is not the one that the"
                    f" witness {self.name} has seen ({said})",
                    advice="stop; another copy of this case went on by itself; find the witnessed one",
                )
            case 403 | 404:
                return RefusedError(
                    f"the witness {self.name} does not know this log or its key ({said})",
                    advice="send the log's verifier key to whoever runs the witness",
                )
            case 400 | 413:
                return RefusedError(f"the witness {self.name} does not take the request ({said})")
        return UnavailableError(f"the witness {self.name} answered HTTP {answer.status}")

    def _own_line(self, note: bytes, answer: Answer) -> bytes:
        text = parse_note(note).text
        try:
            answered = parse_note(text.encode() + b"\n" + answer.untrusted)
            own = [line for line in answered.lines if (line.name, line.key_id) == _key(self.verifier)]
            line = own[0]
            stated = self.verifier.check(text, line.signature)
        except (MalformedError, IntegrityError, IndexError) as error:
            raise UnavailableError(
                f"the witness {self.name} gave no good cosignature by its key {self.verifier}",
                advice="nothing was kept of it; ask whoever runs the witness for its key",
            ) from error
        if stated is None:
            raise UnavailableError(f"the witness {self.name} does not say when it saw the log")
        return str(line).encode()


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The checkpoint with the cosignatures that were got, and a sentence for each witness that gave none."""

    checkpoint: KeptCheckpoint
    failures: tuple[str, ...]


def cosign_all(
    checkpoint: KeptCheckpoint,
    witnesses: Iterable[HttpWitness],
    consistency: Consistency,
    kept: Iterable[KeptCheckpoint] = (),
) -> Witnessed:
    """`checkpoint`, the newest of the log, with a cosignature of each witness that answers.

    `kept` are the earlier ones, which tell how far each witness has seen the log. One witness whose
    memory does not fit is enough for an IntegrityError.
    """
    failures = []
    earlier = tuple(kept)
    for witness in witnesses:
        try:
            known = last_seen((*earlier, checkpoint), witness.verifier)
            line = witness.cosign(checkpoint.signed, checkpoint.size, consistency, known)
            checkpoint = replace(checkpoint, note=add_cosignature(checkpoint.note, line, witness.verifier))
        except (UnavailableError, RefusedError) as error:
            failures.append(str(error))
    return Witnessed(checkpoint, tuple(failures))


def add_cosignature(note: bytes, line: bytes, verifier: Verifier) -> bytes:
    """`note` with the cosignature `line` under it; as it was if this witness has signed it before.

    The first cosignature stays: it states the earliest time.
    """
    if any((kept.name, kept.key_id) == _key(verifier) for kept in parse_note(note).lines):
        return note
    cosigned = add_lines(note, line.decode())
    open_note(cosigned, (verifier,))
    return cosigned


def last_seen(checkpoints: Iterable[KeptCheckpoint], verifier: Verifier) -> int:
    """The size of the largest kept checkpoint that this witness has cosigned; 0 if it has none."""
    return max(
        (
            checkpoint.size
            for checkpoint in checkpoints
            if any((line.name, line.key_id) == _key(verifier) for line in parse_note(checkpoint.note).lines)
        ),
        default=0,
    )


def check_quorum(note: bytes, policy: Policy, log: Verifier) -> Check:
    """Whether the witnesses that `policy` asks for have seen the checkpoint in `note`.

    Too few is not checkable: nothing speaks against the log, and too little for it.
    """
    what = "witnesses"
    try:
        seen = policy.check(note, log)
    except (MalformedError, IntegrityError) as error:
        state = CheckState.NOT_CHECKABLE if _is_sound(note, policy, log) else CheckState.BROKEN
        return Check(what, state, str(error))
    witnesses = [witness.verifier.name for witness in policy.witnesses if witness.name in seen]
    if not witnesses:
        return Check(what, CheckState.NOT_CHECKABLE, "there is no outside witness")
    return Check(what, CheckState.HOLDS, f"the checkpoint was seen by {', '.join(witnesses)}")


def _is_sound(note: bytes, policy: Policy, log: Verifier) -> bool:
    keys = (log, *(witness.verifier for witness in policy.witnesses))
    try:
        open_checkpoint(note, dict.fromkeys(keys), log.name)
    except (MalformedError, IntegrityError):
        return False
    return True


def _key(verifier: Verifier) -> tuple[str, int]:
    return verifier.name, verifier.key_id
