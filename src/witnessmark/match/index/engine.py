"""Who does the work: the compiled kernels where they were built, numpy where not. The results are equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index.archive import CODE_BYTES, Archive, Slot
from witnessmark.match.index.found import Codes, Found, Numbers, Pairs
from witnessmark.match.index.plain import Plain
from witnessmark.pixels.engine import chosen, runnable

try:
    from witnessmark.match.native import kernels
except ImportError:  # no compiler was there when this was installed
    kernels = None  # type: ignore[assignment]

_PAIRS_AT_ONCE = 1 << 20


class Engine(Protocol):
    """Builds and searches archives."""

    name: str

    def reorder(self, codes: Codes, order: Codes, rows: Codes) -> None:
        """Write to `rows` the codes with their bits in another order: bit b is what was bit order[b]."""

    def sort_slot(self, archive: Archive, slot: Slot, ahead_bit: int) -> None:
        """Write directory, postings and looks ahead of a slot into the archive."""

    def checksums(self, content: Codes, block: int) -> Numbers:
        """The CRC-32 of each block."""

    def search(
        self, archive: Archive, queries: Codes, radius: int, allowances: Sequence[int] | None
    ) -> Found:
        """What lies within the radius: by the slots with their allowances, or by scanning without."""

    def join(self, archive: Archive, radius: int, allowances: Sequence[int]) -> Iterator[Pairs]:
        """All pairs within the radius, by the slots."""


def names() -> tuple[str, ...]:
    """The engines that this machine can run, the fastest first."""
    return runnable(kernels)


def engine(name: str | None = None) -> Engine:
    """The engine of a name; without one the fastest."""
    wanted = chosen(name, names())
    return Plain() if wanted == Plain.name else Native(wanted)


class Native:
    """One of the compiled kernels."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.work: NDArray[np.uint64] = np.zeros(3, np.uint64)
        """Of the last search by slots: buckets probed, postings sifted, codes fetched."""

    def reorder(self, codes: Codes, order: Codes, rows: Codes) -> None:
        """Write to `rows` the codes with their bits in another order: bit b is what was bit order[b]."""
        kernels.reorder(codes, _spread(order.tobytes()), rows)

    def sort_slot(self, archive: Archive, slot: Slot, ahead_bit: int) -> None:
        """Write directory, postings and looks ahead of a slot into the archive."""
        starts, ids, ahead = archive.starts(slot), archive.ids(slot), archive.ahead(slot)
        kernels.sort_slot(archive.rows(), slot.first_bit, slot.width, ahead_bit, starts, ids, ahead)

    def checksums(self, content: Codes, block: int) -> Numbers:
        """The CRC-32 of each block."""
        sums = np.empty(-(-len(content) // block), np.uint32)
        kernels.checksums(content, block, sums)
        return sums

    def search(
        self, archive: Archive, queries: Codes, radius: int, allowances: Sequence[int] | None
    ) -> Found:
        """What lies within the radius: by the slots with their allowances, or by scanning without."""
        offsets, work = np.empty(len(queries) + 1, np.int64), np.zeros(3, np.uint64)
        sums = b"" if archive.sums is None else archive.sums
        plan = _plan(archive, allowances)
        slots = int(allowances is not None)
        content, seen = archive.content, archive.seen
        try:
            _, ids, distances = kernels.search(
                self.name, content, plan, sums, seen, queries, radius, slots, offsets, work
            )
        except kernels.DamagedError as error:
            raise archive.is_damaged() from error
        self.work = work
        return Found(offsets, np.frombuffer(ids, np.uint32), np.frombuffer(distances, np.uint16))

    def join(self, archive: Archive, radius: int, allowances: Sequence[int]) -> Iterator[Pairs]:
        """All pairs within the radius, by the slots."""
        plan, rows = _plan(archive, allowances), archive.rows().view(np.uint64)
        for number, slot in enumerate(archive.slots):
            if not allowances[number]:
                continue
            sorted_rows = rows[archive.ids(slot)]
            room = max(_PAIRS_AT_ONCE, int(np.diff(archive.starts(slot)).max()))
            standing, is_done = np.zeros(3, np.uint64), False
            while not is_done:
                lists, is_done = kernels.join(
                    self.name, archive.content, plan, number, sorted_rows, radius, room, standing
                )
                first, second = (np.frombuffer(one, np.uint32) for one in lists[:2])
                if len(first):
                    yield Pairs(first, second, np.frombuffer(lists[2], np.uint16))


def _plan(archive: Archive, allowances: Sequence[int] | None) -> NDArray[np.uint64]:
    """The archive as the numbers that the kernels read; their order is that of `module.c`."""
    fixed = [archive.count, archive.rows_at, archive.columns_at, archive.stride]
    checked = archive.checked or range(len(archive.content))
    fixed += [checked.start, checked.stop, archive.shift, len(archive.slots) if allowances else 0]
    for slot, allowance in zip(archive.slots, allowances or (), strict=False):
        fixed += [slot.first_bit, slot.width, allowance, slot.starts_at, slot.ids_at, slot.ahead_at]
    return np.array(fixed, np.uint64)


@lru_cache(maxsize=8)
def _spread(order: bytes) -> NDArray[np.uint64]:
    """For each place of a byte in a code and each value of it: the code that it becomes in another order."""
    becomes = np.argsort(np.frombuffer(order, np.uint8), kind="stable")
    values = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    spread = np.zeros((CODE_BYTES, 256, 256), np.uint8)
    for place in range(CODE_BYTES):
        spread[place][:, becomes[8 * place : 8 * place + 8]] = values
    return np.packbits(spread, axis=2, bitorder="little").view(np.uint64)
