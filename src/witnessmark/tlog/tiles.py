"""The log as tiles (C2SP tlog-tiles): rows of 256 hashes which anyone can keep, copy and check.

A tile of level 0 holds leaf hashes; a tile of level n + 1 holds the roots of full tiles of
level n. `Frontier` grows a log and keeps only its right edge; `TileReader` takes any part of
the tree out of stored tiles; `verify_log` reads whole bundles of entries and gives the root again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hashes, node_hash

TILE_WIDTH = 256
_TILE_HEIGHT = 8
_LARGEST_ENTRY = 2**16 - 1
_PYRAMIDS_KEPT = 256

Level = int | Literal["entries"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One row of up to 256 hashes at its place in the tree."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes the tile holds."""
        return len(self.hashes) // HASH_BYTES

    @property
    def is_full(self) -> bool:
        """Whether the tile has its final content."""
        return self.width == TILE_WIDTH


class Frontier:
    """The right edge of a log: all that is needed to append to it and to know its root."""

    __slots__ = ("_edges", "_finished", "_size", "_taken")

    def __init__(self) -> None:
        self._size = 0
        self._edges: list[_Edge] = []
        self._finished: list[Tile] = []
        self._taken: list[int] = []

    @classmethod
    def empty(cls) -> Frontier:
        """Return the edge of a log that holds nothing yet."""
        return cls()

    @classmethod
    def from_tiles(cls, size: int, get: Callable[[int, int], bytes]) -> Frontier:
        """Return the edge of a stored log; `get(level, index)` gives each partial tile of that size."""
        frontier = cls()
        frontier._size = size
        for level in range(_levels(size)):
            row = size >> (_TILE_HEIGHT * level)
            width, edge = row % TILE_WIDTH, _Edge()
            if width:
                index = row // TILE_WIDTH
                edge.hashes = _hashes_of(_whole(get(level, index), level, index, width))
            frontier._edges.append(edge)
            frontier._taken.append(row)
        return frontier

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the end of the log."""
        self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end of the log, in order."""
        if set(map(len, leaves)) - {HASH_BYTES}:
            raise UsageError(f"a leaf is a hash of {HASH_BYTES} bytes; hash the entry with leaf_hash first")
        self._size += len(leaves)
        self._extend(0, leaves)

    def root(self) -> bytes:
        """Return the root hash of the whole log."""
        reached: bytes | None = None
        for edge in self._edges:
            for peak in reversed(edge.peaks()):
                reached = peak if reached is None else node_hash(peak, reached)
        return EMPTY_ROOT if reached is None else reached

    def take_changed(self) -> tuple[Tile, ...]:
        """Return each tile, full or partial, that has changed since the last call."""
        changed = self._finished
        self._finished = []
        for level, edge in enumerate(self._edges):
            row = self._size >> (_TILE_HEIGHT * level)
            if edge.hashes and row != self._taken[level]:
                changed.append(Tile(level, row // TILE_WIDTH, b"".join(edge.hashes)))
            self._taken[level] = row
        return tuple(changed)

    def copy(self) -> Frontier:
        """Return an independent frontier in the same state."""
        twin = Frontier()
        twin._size = self._size
        twin._edges = [edge.copy() for edge in self._edges]
        twin._finished = list(self._finished)
        twin._taken = list(self._taken)
        return twin

    def _extend(self, level: int, hashes: Sequence[bytes]) -> None:
        if level == len(self._edges):
            self._edges.append(_Edge())
            self._taken.append(0)
        edge = self._edges[level]
        index = ((self._size >> (_TILE_HEIGHT * level)) - len(hashes) - len(edge.hashes)) // TILE_WIDTH
        edge.hashes.extend(hashes)
        roots = []
        for tile in edge.cut_full():
            self._finished.append(Tile(level, index, b"".join(tile)))
            roots.append(_root_of_tile(tile))
            index += 1
        if roots:
            self._extend(level + 1, roots)


class TileReader:
    """A log of `size` entries seen through its tiles; gives its root and any proof.

    `get(level, index, width)` gives a tile's bytes. Nothing read is trusted by itself: compare
    `root()` with a signed checkpoint, or check each proof against one.
    """

    __slots__ = ("_get", "_pyramids", "_size")

    def __init__(self, get: Callable[[int, int, int], bytes], size: int) -> None:
        self._get = get
        self._size = size
        self._pyramids: dict[tuple[int, int], list[list[bytes]]] = {}

    def root(self) -> bytes:
        """Return the root hash that the tiles lead to."""
        return self._span(0, self._size) if self._size else EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that entry `index` is in the log."""
        if not 0 <= index < self._size:
            raise UsageError(f"there is no entry {index} in a log of {self._size}")
        return tuple(self._siblings(index, 0))

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """Return the proof that the log extends its own first `old_size` entries."""
        if not 0 < old_size <= self._size:
            raise UsageError(f"a log of {self._size} entries has no proof from size {old_size}")
        if old_size == self._size:
            return ()
        height = (old_size & -old_size).bit_length() - 1
        position = (old_size - 1) >> height
        seed = () if position == 0 else (self._node(height, position),)
        return (*seed, *self._siblings(old_size - 1, height))

    def _siblings(self, index: int, lowest: int) -> Iterator[bytes]:
        for height in range(lowest, (self._size - 1).bit_length()):
            start = ((index >> height) ^ 1) << height
            if start < self._size:
                yield self._span(start, min(start + (1 << height), self._size))

    def _span(self, start: int, end: int) -> bytes:
        reached: bytes | None = None
        for height, position in reversed(list(_perfect_subtrees(start, end))):
            peak = self._node(height, position)
            reached = peak if reached is None else node_hash(peak, reached)
        if reached is None:
            raise UsageError(f"entries {start} to {end} are no part of a tree")
        return reached

    def _node(self, height: int, position: int) -> bytes:
        level, rise = divmod(height, _TILE_HEIGHT)
        first = position << rise
        pyramid = self._pyramid(level, first // TILE_WIDTH)
        return pyramid[rise][(first % TILE_WIDTH) >> rise]

    def _pyramid(self, level: int, index: int) -> list[list[bytes]]:
        known = self._pyramids.get((level, index))
        if known is None:
            width = min(TILE_WIDTH, (self._size >> (_TILE_HEIGHT * level)) - index * TILE_WIDTH)
            known = _pyramid_over(_whole(self._get(level, index, width), level, index, width))
            if len(self._pyramids) >= _PYRAMIDS_KEPT:
                self._pyramids.clear()
            self._pyramids[level, index] = known
        return known


def verify_log(bundles: Iterable[bytes | Sequence[bytes]]) -> tuple[int, bytes]:
    """Return size and root of the log whose bundles of 256 entries (encoded, or the entries) are given.

    Blocks of 256 bundles can be verified apart: a frontier over their roots has the root of the whole.
    """
    frontier = Frontier()
    for bundle in bundles:
        if frontier.size % TILE_WIDTH:
            raise MalformedError(f"a bundle follows entry {frontier.size}, where the log was to end")
        entries = decode_bundle(bundle) if isinstance(bundle, bytes) else bundle
        if len(entries) > TILE_WIDTH:
            raise MalformedError(f"a bundle holds up to {TILE_WIDTH} entries, not {len(entries)}")
        frontier.extend(leaf_hashes(entries))
        frontier.take_changed()
    return frontier.size, frontier.root()


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Give level, index and width of every tile that a log of `size` entries has."""
    for level in range(_levels(size)):
        row = size >> (_TILE_HEIGHT * level)
        for index in range(row // TILE_WIDTH):
            yield level, index, TILE_WIDTH
        if row % TILE_WIDTH:
            yield level, row // TILE_WIDTH, row % TILE_WIDTH


def tile_path(level: Level, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path at which C2SP tlog-tiles keeps the tile, or with level "entries" the bundle."""
    if not (level == "entries" or (isinstance(level, int) and 0 <= level <= 63)):
        raise UsageError(f"there is no tile level {level}")
    if index < 0 or not 1 <= width <= TILE_WIDTH:
        raise UsageError(f"there is no tile {index} of width {width}")
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return 1 to 256 entries as one bundle, each behind its length."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise UsageError(f"a bundle holds 1 to {TILE_WIDTH} entries, not {len(entries)}")
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > _LARGEST_ENTRY:
            raise UsageError(f"an entry of {len(entry)} bytes is too long; a bundle takes {_LARGEST_ENTRY}")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(bundle: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle."""
    entries, at, end = [], 0, len(bundle)
    while at + 1 < end:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        entries.append(bundle[start:at])
    if at != end:
        raise MalformedError(f"the bundle ends inside entry {len(entries) - (at > end)}")
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedError(f"the bundle holds {len(entries)} entries, not 1 to {TILE_WIDTH}")
    return tuple(entries)


class _Edge:
    """The partial tile of one level, with the roots of the perfect subtrees in it found so far."""

    __slots__ = ("_folded", "_peaks", "hashes")

    def __init__(self) -> None:
        self.hashes: list[bytes] = []
        self._peaks: list[bytes] = []
        self._folded = 0

    def copy(self) -> _Edge:
        twin = _Edge()
        twin.hashes, twin._peaks, twin._folded = list(self.hashes), list(self._peaks), self._folded
        return twin

    def peaks(self) -> list[bytes]:
        for position in range(self._folded, len(self.hashes)):
            reached = self.hashes[position]
            for _ in range((~position & (position + 1)).bit_length() - 1):
                reached = node_hash(self._peaks.pop(), reached)
            self._peaks.append(reached)
        self._folded = len(self.hashes)
        return self._peaks

    def cut_full(self) -> Iterator[list[bytes]]:
        count = len(self.hashes) // TILE_WIDTH
        if count:
            hashes, self.hashes = self.hashes, self.hashes[count * TILE_WIDTH :]
            self._peaks, self._folded = [], 0
            for tile in range(count):
                yield hashes[tile * TILE_WIDTH : (tile + 1) * TILE_WIDTH]


def _levels(size: int) -> int:
    return (size.bit_length() + _TILE_HEIGHT - 1) // _TILE_HEIGHT


def _parents(hashes: Sequence[bytes]) -> list[bytes]:
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]


def _root_of_tile(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = _parents(hashes)
    return hashes[0]


def _perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


@lru_cache(maxsize=16)
def _pyramid_over(tile: bytes) -> list[list[bytes]]:
    """The hashes of a tile and all above them; the edge of a log is asked for over and over."""
    pyramid = [_hashes_of(tile)]
    while len(pyramid[-1]) > 1:
        pyramid.append(_parents(pyramid[-1]))
    return pyramid


def _whole(tile: bytes, level: int, index: int, width: int) -> bytes:
    if len(tile) != width * HASH_BYTES:
        raise IntegrityError(
            f"tile {tile_path(level, index, width)} has {len(tile)} bytes, not {width * HASH_BYTES}"
        )
    return tile


def _hashes_of(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
