"""The index of codes: what lies within so many bits of this one, among tens of millions, and all of it.

Small archives are scanned. Large ones have slots (multi-index hashing: Norouzi, Punjani and Fleet, CVPR
2012) whose postings carry the first bits of the following slot, so that nearly all candidates are dismissed
without fetching their codes (see `native/kernel.h`). Which way is taken follows from the size, the radius
and what was measured of the bits; the answer is the same.
"""

from __future__ import annotations

import mmap
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

import numpy as np

from witnessmark.errors import UsageError
from witnessmark.match.index.archive import BITS, CODE_BYTES
from witnessmark.match.index.bits import MOST_SLOTS, slots_for
from witnessmark.match.index.engine import Engine, engine
from witnessmark.match.index.files import IndexFiles
from witnessmark.match.index.found import Codes, Found, Pairs
from witnessmark.match.index.image import MOST_CODES, Image, Part, read_image, write_image
from witnessmark.match.index.tail import CODES, Tail

Method = Literal["scan", "slots"]
Room = Callable[[int], Codes]
"""Gives so many bytes, all zero, to write an image to."""

_IDENTITY = np.arange(BITS, dtype=np.uint8)
_JOINED, _TOGETHER = 64, 4096
_LEAST_SLOTS = 12
_LARGE = 1 << 22


class HashIndex:
    """An exact index over codes of 256 bits, in memory or in files that many processes share.

    Records are numbered from 0 in the order in which they came. A search sees what the index covered when
    it was built or opened, what was added through this object since, and, after `refresh`, what others have
    added. Searches may run in several threads at once, also while one adds or merges.
    """

    def __init__(self, image: Image, tail: Tail, files: IndexFiles[Image] | None, engine: Engine) -> None:
        self._engine = engine
        self._files = files
        self._state = image, tail
        self._stamp: tuple[object, ...] = ()
        self._writing = threading.RLock()

    @classmethod
    def build(
        cls,
        codes: Codes,
        path: Path | str | None = None,
        *,
        slots: int | None = None,
        kernel: str | None = None,
    ) -> Self:
        """An index over `codes` (n × 32 bytes), in memory or in files at `path` (an old index there goes).

        `slots` and `kernel` are chosen by themselves; to set them is meant for tests and measures.
        Raises UsageError if the codes have another shape, UnavailableError if the disk has no room.
        """
        codes, worker = _checked(codes), engine(kernel)
        wanted = slots_for(len(codes)) if slots is None else slots
        if wanted and not _LEAST_SLOTS <= wanted <= MOST_SLOTS:
            raise UsageError(f"an index has no slots or {_LEAST_SLOTS} to {MOST_SLOTS}, not {wanted}")
        identity = secrets.token_bytes(16)

        def write(room: Room) -> Image:
            name = _named(path)
            return write_image([Part.of(codes)], room, worker, slots=wanted, identity=identity, name=name)

        if path is None:
            return cls(write(_in_memory), Tail.empty(), None, worker)
        files = _files(Path(path))
        with files.merging():
            files.replace(write, is_new=True)
        return cls.open(path, kernel=kernel)

    @classmethod
    def open(cls, path: Path | str, *, kernel: str | None = None) -> Self:
        """The index in the files at `path`. Reads only their headers and the tail: the rest is mapped.

        Raises MalformedError if they are cut, changed or of another version: nothing is searched then.
        """
        files = _files(Path(path))
        stamp = files.stamp()  # before: what changes while it is read is seen by the next refresh
        index = cls(*_loaded(files), files, engine(kernel))
        index._stamp = stamp
        return index

    def __len__(self) -> int:
        """How many records the index covers: those numbered from 0 up to this."""
        image, tail = self._state
        return image.count + tail.count

    @property
    def waiting(self) -> int:
        """How many of them were added since the last merge, and are scanned one by one."""
        return self._state[1].count

    @property
    def bytes_on_disk(self) -> int:
        """The size of the image: what the index takes on disk, and of memory at most."""
        return len(self._state[0].archive.content)

    @property
    def kernel(self) -> str:
        """Who searches: avx512, avx2, scalar or numpy."""
        return self._engine.name

    def search(self, queries: Codes, radius: int, *, method: Method | None = None) -> Found:
        """Every record within `radius` bits of each of the `queries` (m × 32 bytes); never only the nearest.

        Raises MalformedError if a part of the index that is needed has changed on the disk.
        """
        queries, radius = _checked(queries), _checked_radius(radius)
        image, tail = self._state
        reordered = np.empty_like(queries)
        self._engine.reorder(queries, image.order, reordered)
        allowances = self._allowances(image, radius, len(queries), method)
        found = self._engine.search(image.archive, reordered, radius, allowances)
        if not tail.count:
            return found
        return found.beside(self._engine.search(tail.archive(), queries, radius, None), image.count)

    def self_join(self, radius: int) -> Iterator[Pairs]:
        """Every pair of records within `radius` bits of each other, once, in pieces and in no order."""
        radius = _checked_radius(radius)
        image, tail = self._state
        image.verify(self._engine)
        allowances = self._allowances(image, radius, _TOGETHER, None)
        if allowances is None:
            yield from self._joined_by_scan(image, radius)
        else:
            yield from self._engine.join(image.archive, radius, allowances)
        yield from self._joined_with_tail(image, tail, radius)

    def add(self, codes: Codes) -> range:
        """Takes in more codes (k × 32 bytes) and gives their numbers; on disk when this returns."""
        codes = _checked(codes)
        with self._writing:
            if self._files is None:
                return self._grow(codes)
            with self._files.adding():
                self.refresh()
                self._checked_room(len(codes))
                self._files.append(codes)
                numbers = self._grow(codes)
                self._stamp = self._files.stamp()
                return numbers

    def merge(self) -> None:
        """Takes what was added since the last merge into the slots. Searches and additions go on meanwhile.

        Worth its time (some 0.3 s for a million codes) when a tenth of the records waits, or 100,000. If the
        disk is full, or the process ends in the middle, the index is as it was.
        """
        if self._files is None:
            with self._writing:
                self._state = self._merged(_in_memory), Tail.empty()
            return
        files = self._files
        with files.merging():
            self.refresh()
            files.replace(self._merged, is_new=False)
        self.refresh()

    def refresh(self) -> bool:
        """Sees what other processes have added or merged since; says whether there was anything."""
        with self._writing:
            if self._files is None or (stamp := self._files.stamp()) == self._stamp:
                return False
            self._state = _loaded(self._files)
            self._stamp = stamp
            return True

    def verify(self) -> None:
        """Compares all of the index with its checksums. Raises MalformedError if anything has changed."""
        self._state[0].verify(self._engine)

    def codes(self) -> Codes:
        """All codes in the order of their numbers (n × 32 bytes)."""
        image, tail = self._state
        image.verify(self._engine)
        rows, codes = image.archive.rows(), np.empty((image.count, CODE_BYTES), np.uint8)
        self._engine.reorder(rows, Part(rows, image.order).towards(_IDENTITY), codes)
        return np.concatenate([codes, tail.codes()])

    def _merged(self, room: Room) -> Image:
        """Image and tail as one new image."""
        image, tail = self._state
        image.verify(self._engine)
        parts = [Part(image.archive.rows(), image.order), Part.of(tail.codes())]
        slots = slots_for(image.count + tail.count) or len(image.archive.slots)
        name = _named(self._files.path if self._files else None)
        return write_image(parts, room, self._engine, slots=slots, identity=image.identity, name=name)

    def _grow(self, codes: Codes) -> range:
        """Keep more codes in memory."""
        self._checked_room(len(codes))
        image, tail = self._state
        first = image.count + tail.count
        self._state = image, tail.plus(codes)
        return range(first, first + len(codes))

    def _checked_room(self, more: int) -> None:
        if len(self) + more > MOST_CODES:
            raise UsageError(f"an index holds at most {MOST_CODES} codes")

    def _allowances(
        self, image: Image, radius: int, queries: int, method: Method | None
    ) -> tuple[int, ...] | None:
        """How far each slot looks; None if all codes are to be scanned."""
        if not image.archive.slots:
            if method == "slots":
                raise UsageError("this index has no slots")
            return None
        allowances = image.statistics.allowances(radius)
        if method is None:
            is_scan = image.statistics.is_scan_cheaper(radius, allowances, queries)
            method = "scan" if is_scan else "slots"
        return allowances if method == "slots" else None

    def _joined_by_scan(self, image: Image, radius: int) -> Iterator[Pairs]:
        """The pairs of an image without use of its slots."""
        rows = image.archive.rows()
        for start in range(0, image.count, _JOINED):
            some = rows[start : start + _JOINED]
            yield from _earlier(self._engine.search(image.archive, some, radius, None), start)

    def _joined_with_tail(self, image: Image, tail: Tail, radius: int) -> Iterator[Pairs]:
        """The pairs of which one waits in the tail."""
        codes = tail.codes()
        for start in range(0, tail.count, _JOINED):
            some = codes[start : start + _JOINED]
            reordered = np.empty_like(some)
            self._engine.reorder(some, image.order, reordered)
            allowances = self._allowances(image, radius, len(some), None)
            found = self._engine.search(image.archive, reordered, radius, allowances)
            beside = self._engine.search(tail.archive(), some, radius, None)
            yield from _earlier(found.beside(beside, image.count), image.count + start)


def _earlier(found: Found, numbered_from: int) -> Iterator[Pairs]:
    """Each pair once: with those found that came before the query, which has a number itself."""
    second = (found.queries() + numbered_from).astype(np.uint32)
    kept = found.ids < second
    if kept.any():
        yield Pairs(found.ids[kept], second[kept], found.distances[kept])


def _files(path: Path) -> IndexFiles[Image]:
    return IndexFiles(path, read_image, CODES)


def _loaded(files: IndexFiles[Image]) -> tuple[Image, Tail]:
    image, waiting = files.read()
    return image, Tail.empty().plus(waiting)


def _in_memory(size: int) -> Codes:
    """Zeroed memory in large pages, where there are any: most of a search is waiting for memory."""
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if size >= _LARGE and hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # not on this system
            room.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(room, np.uint8)


def _named(path: Path | str | None) -> str:
    return f"the index {path}" if path else "the index in memory"


def _checked(codes: Codes) -> Codes:
    """Codes of the right shape, in one piece."""
    if not isinstance(codes, np.ndarray) or codes.dtype != np.uint8 or codes.shape[1:] != (CODE_BYTES,):
        given = f"{codes.dtype} {codes.shape}" if isinstance(codes, np.ndarray) else type(codes).__name__
        raise UsageError(f"codes are an array of n × {CODE_BYTES} bytes (uint8), not {given}")
    if len(codes) > MOST_CODES:
        raise UsageError(f"an index holds at most {MOST_CODES} codes")
    return np.ascontiguousarray(codes)


def _checked_radius(radius: int) -> int:
    if not 0 <= radius <= BITS:
        raise UsageError(f"a radius is a number of bits from 0 to {BITS}, not {radius}")
    return int(radius)
