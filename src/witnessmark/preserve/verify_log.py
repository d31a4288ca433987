"""Verify the log: head, entries and tiles tell the same story three times, so a liar is found.

Two that agree convict the third. What was said of the log, to the outside and in checkpoints, is
held against the roots of those two, so that one flipped bit is not blamed on all that rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.model import Check, CheckState
from witnessmark.ports import Head, KeptCheckpoint, Store
from witnessmark.tlog import TILE_WIDTH, Frontier, TileReader, Verifier, leaf_hash, open_checkpoint, tiles_of

THE_FILE = "the database file"
RootOf = Callable[[int], bytes | None]


@dataclass(slots=True)
class Damage:
    """What cannot be read, so that what it named is unknown: entries by index, and all of it by name."""

    entries: set[int] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)

    def judged(self, what: str, fault: str) -> Check:
        """Broken; but not checkable if it may only follow from what cannot be read."""
        if not self.doubts:
            return Check(what, CheckState.BROKEN, fault)
        detail = f"{fault}; this cannot be judged while {self.doubts[0]} is damaged"
        return Check(what, CheckState.NOT_CHECKABLE, detail)

    def judged_as_read(self, what: str, fault: str) -> Check:
        """Broken; but not checkable where the file is damaged: a page may then give another row."""
        return self.judged(what, fault) if THE_FILE in self.doubts else Check(what, CheckState.BROKEN, fault)


@dataclass(slots=True)
class Dates:
    """The latest date of an entry so far, and the entries dated before it, with by how many seconds."""

    latest: datetime | None = None
    earlier: list[tuple[int, int]] = field(default_factory=list)

    def note(self, index: int, at: datetime) -> None:
        """Go on to the next entry."""
        behind_s = 0 if self.latest is None else int((self.latest - at).total_seconds())
        if behind_s > 0:
            self.earlier.append((index, behind_s))
        else:
            self.latest = at

    def check(self) -> Check:
        """Whether the clock ever went back. The order of the log does not rest on it."""
        if not self.earlier:
            return Check("the clock", CheckState.HOLDS, "no entry is dated before one that it follows")
        index, behind_s = max(self.earlier, key=lambda one: one[1])
        who = "1 entry is" if len(self.earlier) == 1 else f"{len(self.earlier):,} entries are"
        detail = (
            f"it was set back: {who} dated before one that came earlier, log entry {index} by {behind_s:,} s;"
            " their order is certain, their dates are not"
        )
        return Check("the clock", CheckState.NOT_CHECKABLE, detail)


def check_log(store: Store, verifier: Verifier, published: Head | None, damage: Damage) -> Iterator[Check]:
    """Head, entries, tiles, what was published, and checkpoints; what is damaged is noted in `damage`."""
    head, said = store.head(), _Said(store.checkpoints(), verifier, published)
    leaves = [leaf_hash(written) for _, written in store.entries()]
    derived = Frontier.empty()
    derived.extend(leaves)
    right = {(tile.level, tile.index): tile.hashes for tile in derived.take_changed()}
    entered = Head(len(leaves), derived.root())
    by_entries = partial(_root_by_tiles, lambda level, index, width: right[level, index][: 32 * width])
    if entered == head:
        yield Check("the log", CheckState.HOLDS, f"{head.size:,} entries give the root {head.root.hex()}")
        yield from _tiles(store, head, right, damage)
        yield from said.checks(head, by_entries)
    elif _root_by_tiles(store.tile, head.size) == head.root:
        yield from _damaged_entries(store, head, leaves, damage)
        yield from said.checks(head, partial(_root_by_tiles, store.tile))
    elif _root_by_tiles(store.tile, entered.size) == entered.root:
        fault = f"it is not that of the {entered.size:,} entries and their tiles"
        yield Check("the log's head", CheckState.BROKEN, fault)
        yield from said.checks(entered, by_entries)
    else:
        yield Check("the log", CheckState.BROKEN, "neither entries nor tiles give the root that is kept")
        damage.doubts.append("the log")


def _damaged_entries(store: Store, head: Head, leaves: list[bytes], damage: Damage) -> Iterator[Check]:
    """The entries at odds with tiles and head, which agree."""
    if len(leaves) < head.size:
        yield Check("the log", CheckState.BROKEN, f"{head.size - len(leaves):,} entries are missing")
        damage.doubts.append("the log")
    for index, leaf in enumerate(leaves[: head.size]):
        kept = store.tile(0, index // TILE_WIDTH, index % TILE_WIDTH + 1)[-32:]
        if leaf != kept:
            yield damage.judged_as_read(f"log entry {index}", "its bytes are not those that were entered")
            damage.entries.add(index)
            damage.doubts.append(f"log entry {index}")
    if len(leaves) > head.size:
        yield Check(f"log entry {head.size}", CheckState.BROKEN, "it lies beyond the head of the log")


def _root_by_tiles(get: Callable[[int, int, int], bytes], size: int) -> bytes | None:
    try:
        return TileReader(get, size).root()
    except (IntegrityError, KeyError):
        return None


def _tiles(
    store: Store, head: Head, right: Mapping[tuple[int, int], bytes], damage: Damage
) -> Iterator[Check]:
    faults = 0
    for level, index, width in tiles_of(head.size):
        try:
            holds = store.tile(level, index, width) == right[level, index][: 32 * width]
        except IntegrityError:
            holds = False
        if not holds:
            faults += 1
            yield damage.judged_as_read(f"tile {level}/{index}", "its hashes are not those of the entries")
    if not faults:
        yield Check("the log's tiles", CheckState.HOLDS, "they are those of the entries")


@dataclass(frozen=True, slots=True)
class _Said:
    """What was once said of the log."""

    checkpoints: Sequence[KeptCheckpoint]
    verifier: Verifier
    published: Head | None

    def checks(self, head: Head, root_of: RootOf) -> Iterator[Check]:
        """It is held against the roots that the log has now."""
        if self.published is not None and self.published.size:
            yield _published(self.published, head, root_of, {one.size for one in self.checkpoints})
        else:
            detail = "that is kept beside the keys and is not at hand, so a rollback could not be noticed"
            yield Check("the checkpoint last published from here", CheckState.NOT_CHECKABLE, detail)
        signed_to = max((checkpoint.size for checkpoint in self.checkpoints), default=0)
        if signed_to < head.size:
            detail = f"they follow the last signature, at {signed_to:,}; the next command that writes signs"
            yield Check(f"{head.size - signed_to:,} log entries", CheckState.NOT_CHECKABLE, detail)
        for checkpoint in self.checkpoints:
            yield _checkpoint(checkpoint, self.verifier, head, root_of)


def _published(published: Head, head: Head, root_of: RootOf, signed: AbstractSet[int]) -> Check:
    what = f"the checkpoint last published from here, at {published.size:,} entries"
    if published.size > head.size:
        return Check(what, CheckState.BROKEN, f"the log has only {head.size:,}: it was rolled back")
    if root_of(published.size) != published.root:
        return Check(what, CheckState.BROKEN, "the log was forked")
    if published.size not in signed:
        return Check(what, CheckState.BROKEN, "it is not kept: someone removed it from the case")
    return Check(what, CheckState.HOLDS, "is part of the log")


def _checkpoint(kept: KeptCheckpoint, verifier: Verifier, head: Head, root_of: RootOf) -> Check:
    what = f"checkpoint {kept.size}"
    try:
        for note in dict.fromkeys((kept.signed, kept.note)):
            checkpoint, _ = open_checkpoint(note, [verifier], verifier.name)
            if checkpoint.size != kept.size or checkpoint.size > head.size:
                return Check(what, CheckState.BROKEN, f"it speaks of {checkpoint.size:,} entries")
            if root_of(checkpoint.size) != checkpoint.root:
                return Check(what, CheckState.BROKEN, "its root is not the root of the log at its size")
    except (IntegrityError, MalformedError) as error:
        return Check(what, CheckState.BROKEN, str(error))
    return Check(what, CheckState.HOLDS, "signed by the log's key over the log's root")
