"""The same search in numpy alone: where nothing could be compiled, and as what the kernels must equal.

Every code is compared with every query. A million codes take some 0.03 s a query.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from witnessmark.match.index.archive import AHEAD_BITS, Archive, Slot
from witnessmark.match.index.found import Codes, Found, Numbers, Pairs

_BLOCK = 1 << 15
_JOINED = 256


class Plain:
    """Builds and searches archives with numpy."""

    name = "numpy"

    def reorder(self, codes: Codes, order: Codes, rows: Codes) -> None:
        """Write to `rows` the codes with their bits in another order: bit b is what was bit order[b]."""
        for start in range(0, len(codes), _BLOCK):
            bits = np.unpackbits(codes[start : start + _BLOCK], axis=1, bitorder="little")
            rows[start : start + _BLOCK] = np.packbits(bits[:, order], axis=1, bitorder="little")

    def sort_slot(self, archive: Archive, slot: Slot, ahead_bit: int) -> None:
        """Write directory, postings and looks ahead of a slot into the archive."""
        values = _field(archive.rows(), slot.first_bit, slot.width)
        ids = np.argsort(values, kind="stable")
        archive.starts(slot)[0] = 0
        archive.starts(slot)[1:] = np.cumsum(np.bincount(values, minlength=1 << slot.width))
        archive.ids(slot)[:] = ids
        archive.ahead(slot)[:] = _field(archive.rows(), ahead_bit, AHEAD_BITS)[ids]

    def checksums(self, content: Codes, block: int) -> Numbers:
        """The CRC-32 of each block."""
        sums = [zlib.crc32(content[at : at + block].data) for at in range(0, len(content), block)]
        return np.array(sums, np.uint32)

    def search(
        self, archive: Archive, queries: Codes, radius: int, allowances: Sequence[int] | None
    ) -> Found:
        """What lies within the radius; every code is looked at, whatever the slots allow."""
        del allowances
        self._check(archive)
        asked = queries.view(np.uint64)
        rows = archive.rows().view(np.uint64)
        found: list[list[Numbers]] = [[] for _ in asked]
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            for near, query in zip(found, asked, strict=True):
                apart = np.bitwise_count(block ^ query).sum(axis=1, dtype=np.uint16)
                ids = np.flatnonzero(apart <= radius)
                near.append(np.stack([ids + start, apart[ids]]).astype(np.uint32))
        lists = [np.concatenate([np.empty((2, 0), np.uint32), *near], axis=1) for near in found]
        offsets = np.cumsum([0, *(near.shape[1] for near in lists)], dtype=np.int64)
        ids, distances = np.concatenate([np.empty((2, 0), np.uint32), *lists], axis=1)
        return Found(offsets, ids, distances.astype(np.uint16))

    def join(self, archive: Archive, radius: int, allowances: Sequence[int]) -> Iterator[Pairs]:
        """All pairs within the radius."""
        rows = archive.rows()
        for start in range(0, archive.count, _JOINED):
            found = self.search(archive, rows[start : start + _JOINED], radius, allowances)
            second = (found.queries() + start).astype(np.uint32)
            kept = found.ids < second
            yield Pairs(found.ids[kept], second[kept], found.distances[kept])

    def _check(self, archive: Archive) -> None:
        """Compare every block that was not looked at yet with its checksum."""
        if archive.sums is None or archive.seen.all():
            return
        checked = archive.content[archive.checked.start : archive.checked.stop]
        if not np.array_equal(self.checksums(checked, 1 << archive.shift), archive.sums):
            raise archive.is_damaged()
        archive.seen[:] = 1


def _field(rows: Codes, first_bit: int, width: int) -> Numbers:
    """Some bits of each row as a number."""
    word, shift = divmod(first_bit, 64)
    words = rows.view(np.uint64)
    value = words[:, word] >> np.uint64(shift)
    if shift + width > 64:
        value |= words[:, word + 1] << np.uint64(64 - shift)
    return (value & np.uint64((1 << width) - 1)).astype(np.uint32)
