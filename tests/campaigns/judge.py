"""Is this case sound, and does it keep what the world was told? Judged without the store's own code.

The first half reads the files with sqlite3, hashlib and json only, after the format's description,
and with a Merkle tree of its own. The second half (`reopen`) then asks the real code: it must open
the case, find no rollback, rebuild the same catalog, sign, and take in one thing more.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, create_engine
from tests.campaigns import driver

from witnessmark.errors import WitnessmarkError
from witnessmark.ports import Capture
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.seal import Taken
from witnessmark.store import database
from witnessmark.tlog import Verifier, open_checkpoint


@dataclass(frozen=True, slots=True)
class Promises:
    """What the program has told the world so far."""

    is_begun: bool = False
    acknowledged: frozenset[str] = frozenset()
    checkpoints: frozenset[tuple[int, str]] = frozenset()
    erased: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    rotten: frozenset[str] = frozenset()

    def count(self) -> int:
        """How many promises these are."""
        kinds = (self.acknowledged, self.checkpoints, self.erased, self.records, self.packages, self.tokens)
        return sum(map(len, kinds))

    def hear(self, text: str) -> Promises:
        """These promises and those in `text`; a line that was cut off promises nothing."""
        told = self
        for line in text.splitlines(keepends=True):
            if line.startswith("{") and line.endswith("}\n"):
                told = told._hear_desk(json.loads(line))
                continue
            match line.split() if line.endswith("\n") else []:
                case ["NEW"]:
                    told = replace(told, is_begun=True)
                case ["CP", size, root]:
                    told = replace(told, checkpoints=told.checkpoints | {(int(size), root)})
                case ["REPAIRED", digest]:
                    told = replace(told, rotten=told.rotten - {digest})
                case [word, digest] if word in _WORDS:
                    told = replace(told, **{_WORDS[word]: getattr(told, _WORDS[word]) | {digest}})
        return told

    def _hear_desk(self, line: dict[str, Any]) -> Promises:
        """These promises and that of a line which the command line printed under `--json`."""
        match line:
            case {"case": _, "vkey": _}:
                return replace(self, is_begun=True)
            case {"outcome": "done", "sha256": digest}:
                return replace(self, acknowledged=self.acknowledged | {digest})
            case {"objects": [*objects], "commitments": [*_]}:
                names = {name.removeprefix("sha256:") for name in objects}
                return replace(self, erased=self.erased | names)
            case {"record": digest}:
                return replace(self, records=self.records | {digest.removeprefix("sha256:")})
            case {"package": path}:
                return replace(self, packages=self.packages | {path})
        return self


_WORDS = {
    "ACK": "acknowledged",
    "ERASED": "erased",
    "RECORD": "records",
    "TOKEN": "tokens",
    "ROTTEN": "rotten",
}
"""What the driver says of one digest, and the promise that it belongs to."""


def judge(work: Path, promises: Promises) -> list[str]:
    """Every fault of the case in `work`; none if it is sound, keeps its promises and can go on."""
    faults, _ = read(work, promises)
    return faults or reopen(work, is_begun=promises.is_begun)


def read(work: Path, promises: Promises) -> tuple[list[str], str]:
    """The faults that reading alone shows, and a name for the state that SQLite's recovery led to."""
    database = work / "case" / "case.db"
    try:
        if not promises.is_begun and not (database.is_file() and _has_begun(database)):
            return [], _rows(database)  # there is nothing yet that anyone may rely on
        return list(_faults(work, promises)), _rows(database)
    except (sqlite3.Error, json.JSONDecodeError, OSError) as error:
        return [f"unopenable: {error}"] if promises.is_begun else [], ""


def reopen(work: Path, *, is_begun: bool = True) -> list[str]:
    """What the real code cannot do with the case in `work`; before `new` is over it may refuse."""
    try:
        case, keys = driver.opened(work)
        with closing(case):
            before = case.catalog_fingerprint()
            case.rebuild()
            if case.catalog_fingerprint() != before:
                return ["catalog differs from its rebuild"]
            size = case.head().size
            sign_head(case, keys)
            thing = f"one thing more, after {size}".encode()
            capture = Capture(lambda: io.BytesIO(thing), "one thing more", "test")
            taken = list(driver.intake(case, "further").seal([capture]))
            if not isinstance(taken[0], Taken) or case.head().size != size + 1:
                return ["did not grow"]
            with case.open(taken[0].copy.digest) as kept:
                return [] if kept.read() == thing else ["gave other bytes back"]
    except WitnessmarkError as error:
        return [f"refused to go on: {type(error).__name__}: {error}"] if is_begun else []


def share_compiled_statements() -> None:
    """Let all engines of this process share one cache: thousands of cases are opened only once each."""
    first: list[Engine] = []

    def create(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        first.append(engine)
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        del first[1:]
        return engine

    database.create_engine = create  # type: ignore[attr-defined]


def _has_begun(database: Path) -> bool:
    """Whether the first transaction of the case is there."""
    with closing(sqlite3.connect(database)) as connection:
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'head'").fetchone())


def _rows(database: Path) -> str:
    """A hash of every row of every table."""
    if not database.is_file():
        return ""
    with closing(sqlite3.connect(database)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = [connection.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)]  # noqa: S608
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@dataclass(slots=True)
class _Story:
    """What the log tells: its entries, and what they name."""

    leaves: list[bytes] = field(default_factory=list)
    records: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    commitments: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    replies: set[str] = field(default_factory=set)


def _faults(work: Path, promises: Promises) -> Iterator[str]:
    root = work / "case"
    with closing(sqlite3.connect(root / "case.db")) as connection:
        ask = connection.execute
        (said,) = ask("PRAGMA integrity_check").fetchone()
        if said != "ok":
            yield f"unopenable: integrity_check: {said}"
            return
        bodies = {name.removeprefix("sha256:"): bytes(body) for name, body in ask("SELECT * FROM record")}
        story = _Story()
        yield from _read_entries(ask("SELECT idx, data FROM entry ORDER BY idx"), story)
        yield from _records(bodies, story)
        yield from _log(story, ask("SELECT size, root FROM head").fetchall(), ask("SELECT * FROM tile"))
        yield from _vault(work, dict(ask("SELECT commitment, box FROM vault")), story)
        meta = dict(ask("SELECT name, value FROM meta"))
        yield from _checkpoints(
            ask("SELECT size, note FROM checkpoint"), Verifier.from_vkey(meta["vkey"]), story
        )
        shown = {row[0].removeprefix("sha256:") for row in ask("SELECT digest FROM catalog_object")}
        replies = {hashlib.sha256(reply).hexdigest() for (reply,) in ask("SELECT reply FROM token")}
    yield from _objects(root, shown, story, promises.rotten)
    if promises.tokens - replies:
        yield "an acknowledged time stamp is lost"
    if story.replies - replies:
        yield "an entry names a time stamp that is not there"
    yield from _promises(root, promises, story)
    yield from _published(work, promises, story)
    for path in promises.packages:
        yield from _package(work / Path(path).name)


def _read_entries(rows: Iterable[tuple[int, bytes]], story: _Story) -> Iterator[str]:
    for expected, (index, written) in enumerate(rows):
        if index != expected:
            yield f"entry {expected} is missing"
        story.leaves.append(hashlib.sha256(b"\0" + written).digest())
        action = json.loads(written)
        story.records.update(name.removeprefix("sha256:") for name in action.get("generated", ()))
        story.commitments.update(_commitments(action))
        if action["type"] == "token.kept":
            story.replies.add(action["detail"]["reply"].removeprefix("sha256:"))


def _records(bodies: dict[str, bytes], story: _Story) -> Iterator[str]:
    for name, body in bodies.items():
        if hashlib.sha256(body).hexdigest() != name:
            yield "a record has wrong bytes"
        if name not in story.records:
            yield "a record is named by no entry"
        noun = json.loads(body)
        if noun["kind"] == "erasure":
            story.erased.update(part.removeprefix("sha256:") for part in noun.get("objects", ()))
            story.erased.update(noun.get("commitments", ()))
        else:
            story.commitments.update(_commitments(noun))
        if noun["kind"] == "item":
            story.objects.add(noun["original"]["digest"].removeprefix("sha256:"))
        elif noun["kind"] == "copy":
            story.objects.add(noun["digest"].removeprefix("sha256:"))
    if story.records - bodies.keys() - story.erased:
        yield "a record is missing"


def _log(
    story: _Story, heads: list[tuple[int, bytes]], tiles: Iterable[tuple[int, int, bytes]]
) -> Iterator[str]:
    if heads != [(len(story.leaves), tree_root(story.leaves))]:
        yield f"head is not that of the {len(story.leaves)} entries"
    right: dict[tuple[int, int], bytes] = {}
    rows, level = story.leaves, 0
    while rows:
        right |= {(level, at // 256): b"".join(rows[at : at + 256]) for at in range(0, len(rows), 256)}
        rows = [tree_root(rows[at : at + 256]) for at in range(0, len(rows) - 255, 256)]
        level += 1
    if {(level, index): bytes(hashes) for level, index, hashes in tiles} != right:
        yield "tiles are not those of the entries"


def _vault(work: Path, boxes: dict[str, bytes], story: _Story) -> Iterator[str]:
    if story.commitments - boxes.keys() - story.erased:
        yield "a personal value is missing"
    if boxes.keys() - story.commitments:
        yield "a personal value is committed to by nothing"
    keys = list((work / "keys").glob("*/vault.key"))
    if len(keys) != 1:
        yield "the vault key is lost"
        return
    vault = AESGCM(bytes.fromhex(keys[0].read_text()))
    for commitment, box in boxes.items():
        try:
            opened = vault.decrypt(box[:12], box[12:], commitment.encode())
        except InvalidTag:
            yield "a box of the vault cannot be opened"
            continue
        if commitment != "hmac-sha256:" + hmac.digest(opened[:32], opened[32:], "sha256").hex():
            yield "a personal value is not the one committed to"


def _checkpoints(rows: Iterable[tuple[int, bytes]], verifier: Verifier, story: _Story) -> Iterator[str]:
    for size, note in rows:
        checkpoint, _ = open_checkpoint(note, [verifier], verifier.name)
        if checkpoint.size != size or size > len(story.leaves):
            yield "a kept checkpoint is ahead of the log"
        elif checkpoint.root != tree_root(story.leaves[:size]):
            yield "a kept checkpoint is forked from the log"


def _objects(root: Path, shown: set[str], story: _Story, rotten: frozenset[str]) -> Iterator[str]:
    if shown - story.objects:
        yield "the catalog shows an object that no record names"
    for name in story.objects - story.erased:
        try:
            kept = (root / "objects" / name[:2] / name).read_bytes()
        except FileNotFoundError:
            yield "dangling: a record names an object that is not there"
            continue
        if hashlib.sha256(kept).hexdigest() != name and name not in rotten:
            yield "an object has wrong bytes"


def _promises(root: Path, promises: Promises, story: _Story) -> Iterator[str]:
    if promises.acknowledged - story.objects:
        yield "an acknowledged object is lost"
    if promises.records - story.records:
        yield "an acknowledged record is lost"
    for size, told in promises.checkpoints:
        if size > len(story.leaves):
            yield "a published checkpoint is ahead of the log"
        elif tree_root(story.leaves[:size]).hex() != told:
            yield "a published checkpoint is forked from the log"
    if promises.erased - story.erased:
        yield "an acknowledged erasure is lost"
    if any((root / "objects" / name[:2] / name).exists() for name in promises.erased):
        yield "an erased object is still there"


def _package(package: Path) -> Iterator[str]:
    """A package that was said to be finished is all there."""
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        try:
            lines = (package / name).read_text("utf-8").splitlines()
            pairs = [line.split(maxsplit=1) for line in lines]
            kept = [(digest, hashlib.sha256((package / path).read_bytes())) for digest, path in pairs]
        except FileNotFoundError as error:
            yield f"a finished package is not whole: {error}"
            continue
        if any(digest != content.hexdigest() for digest, content in kept):
            yield "a finished package has wrong bytes"


def _published(work: Path, promises: Promises, story: _Story) -> Iterator[str]:
    """What the machine remembers of its own publishing must reach as far as what was published."""
    remembered = list((work / "keys").glob("*/published.json"))
    size = 0
    if remembered:
        published = json.loads(remembered[0].read_text())
        size = published["size"]
        if size > len(story.leaves) or tree_root(story.leaves[:size]).hex() != published["root"]:
            yield "what is remembered as published is not in the log"
    if any(told > size for told, _ in promises.checkpoints):
        yield "a published checkpoint is not remembered"


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root of RFC 6962 over leaf hashes, by its definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def _commitments(value: Any) -> Iterator[str]:
    """Every commitment that stands anywhere in `value`."""
    if isinstance(value, str):
        if value.startswith("hmac-sha256:"):
            yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _commitments(part)
