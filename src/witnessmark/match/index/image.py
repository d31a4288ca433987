"""The file of an index: header, codes, slots, checksums; written once, then only read, by many processes.

Each block of 16 KiB has a checksum that is compared when the block is first read, so that opening costs
nothing and nothing unchecked is ever searched. The specification is `docs/explanation/format/index.md`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from witnessmark.errors import MalformedError
from witnessmark.match.index.archive import CODE_BYTES, COLUMNS, REBUILD, Archive, Slot
from witnessmark.match.index.bits import (
    MOST_SLOTS,
    WIDEST,
    Nearness,
    Statistics,
    bounds,
    nearness_of,
    order_of,
)
from witnessmark.match.index.engine import Engine
from witnessmark.match.index.files import HEADER_BYTES, checked_header, sealed_header
from witnessmark.match.index.found import Codes

MAGIC, VERSION = b"wmcodes\n", 1
BLOCK_SHIFT = 14
MOST_CODES = (1 << 32) - (1 << 16)
_HEAD = struct.Struct("<8sII QQ 16s II QI 4x 256s")
_NEARNESS = struct.Struct(f"<{MOST_SLOTS * (WIDEST + 1)}I")
_ALIGNED = 64
_SAMPLE_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Image:
    """An index as bytes: the archive, the order of its bits, what was measured, and whose it is."""

    archive: Archive
    order: Codes
    statistics: Statistics
    identity: bytes

    @property
    def count(self) -> int:
        """How many codes it holds."""
        return self.archive.count

    def verify(self, engine: Engine) -> None:
        """Compare every block with its checksum."""
        archive = self.archive
        if archive.sums is None:
            return
        covered = archive.content[archive.checked.start : archive.checked.stop]
        if not np.array_equal(engine.checksums(covered, 1 << archive.shift), archive.sums):
            raise archive.is_damaged()
        archive.seen[:] = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Codes that go into an image, and the order in which their bits lie."""

    rows: Codes
    order: Codes

    @classmethod
    def of(cls, codes: Codes) -> Part:
        """Codes as they were given."""
        return cls(codes, np.arange(256, dtype=np.uint8))

    def towards(self, order: Codes) -> Codes:
        """The order to apply to these rows to have them in another."""
        return np.argsort(self.order, kind="stable").astype(np.uint8)[order]


def write_image(
    parts: Sequence[Part],
    room: Callable[[int], Codes],
    engine: Engine,
    *,
    slots: int,
    identity: bytes,
    name: str,
) -> Image:
    """Build an image of all parts in the zeroed bytes that `room` gives for a size."""
    count = sum(len(part.rows) for part in parts)
    archive, size = _laid_out(count, slots, name)
    content = room(size)
    archive = _within(archive, content)
    order = order_of(_sampled(parts, count, engine), slots)
    rows = archive.rows() if slots else np.empty((count, CODE_BYTES), np.uint8)
    at = 0
    for part in parts:
        engine.reorder(part.rows, part.towards(order), rows[at : at + len(part.rows)])
        at += len(part.rows)
    if not slots:
        archive.columns()[:] = rows.view(np.uint32).T
    _fill_slots(archive, engine)
    nearness = nearness_of(rows, slots)
    sums = engine.checksums(content[HEADER_BYTES : archive.checked.stop], 1 << BLOCK_SHIFT)
    content[archive.checked.stop :].view(np.uint32)[:] = sums
    content[:HEADER_BYTES] = _header(archive, size, order, nearness, identity, sums.tobytes())
    image = read_image(content, name)
    image.archive.seen[:] = 1  # they were written just now
    return image


def read_image(content: Codes, name: str) -> Image:
    """The image that some bytes hold; refused if its header is not whole or it is cut."""
    header = checked_header(content, name, "an index of codes", MAGIC, VERSION)
    fields = _HEAD.unpack_from(header)
    _, _, _, count, size, identity, slots, shift, sums_at, sums_crc, order = fields
    if size != len(content):
        raise MalformedError(f"{name} is cut: it has {len(content)} of {size} bytes", advice=REBUILD)
    archive, expected = _laid_out(count, min(slots, MOST_SLOTS), name)
    if (expected, archive.checked.stop, shift, len(archive.slots)) != (size, sums_at, BLOCK_SHIFT, slots):
        raise MalformedError(f"{name} is not laid out as its format says", advice=REBUILD)
    if zlib.crc32(content[sums_at:].data) != sums_crc:
        raise archive.is_damaged()
    counted = _NEARNESS.unpack_from(header, _HEAD.size)
    nearness = tuple(counted[at : at + WIDEST + 1] for at in range(0, len(counted), WIDEST + 1))
    widths = tuple(slot.width for slot in archive.slots)
    return Image(
        _within(archive, content),
        np.frombuffer(order, np.uint8),
        Statistics(count, widths, nearness),
        identity,
    )


def _laid_out(count: int, slots: int, name: str) -> tuple[Archive, int]:
    """Where everything lies in an image of so many codes, and its size."""
    end = HEADER_BYTES
    nothing = np.empty(0, np.uint8)

    def place(size: int) -> int:
        nonlocal end
        at, end = end, -(-(end + size) // _ALIGNED) * _ALIGNED
        return at

    limits, stride = bounds(slots), -(-count // 16) * 16
    rows_at = place(count * CODE_BYTES) if slots else 0
    columns_at = 0 if slots else place(stride * COLUMNS * 4)
    placed = tuple(
        Slot(first, last - first, place(((1 << (last - first)) + 1) * 4), place(count * 4), place(count * 2))
        for first, last in pairwise(limits)
    )
    blocks = -(-(end - HEADER_BYTES) // (1 << BLOCK_SHIFT))
    checked = range(HEADER_BYTES, end)
    archive = Archive(
        name, nothing, count, rows_at, columns_at, 0 if slots else stride, placed, checked, BLOCK_SHIFT
    )
    return archive, end + 4 * blocks


def _within(archive: Archive, content: Codes) -> Archive:
    """The archive as it lies in these bytes."""
    sums = content[archive.checked.stop :].view(np.uint32)
    places = (archive.count, archive.rows_at, archive.columns_at, archive.stride, archive.slots)
    checks = (archive.checked, archive.shift, sums, np.zeros(len(sums), np.uint8))
    return Archive(archive.name, content, *places, *checks)


def _sampled(parts: Sequence[Part], count: int, engine: Engine) -> Codes:
    """Codes from everywhere in the parts, with their bits as they were given."""
    step = max(1, count // _SAMPLE_STEP)
    drawn = []
    for part in parts:
        some = np.ascontiguousarray(part.rows[::step])
        rows = np.empty_like(some)
        engine.reorder(some, part.towards(np.arange(256, dtype=np.uint8)), rows)
        drawn.append(rows)
    return np.concatenate([np.empty((0, CODE_BYTES), np.uint8), *drawn])


def _fill_slots(archive: Archive, engine: Engine) -> None:
    """Write directory, postings and looks ahead of every slot."""
    following = [*archive.slots[1:], *archive.slots[:1]]
    for slot, after in zip(archive.slots, following, strict=True):
        engine.sort_slot(archive, slot, after.first_bit)


def _header(
    archive: Archive, size: int, order: Codes, nearness: Nearness, identity: bytes, sums: bytes
) -> Codes:
    """The header's bytes."""
    head = _HEAD.pack(
        *(MAGIC, VERSION, HEADER_BYTES, archive.count, size, identity, len(archive.slots), BLOCK_SHIFT),
        *(archive.checked.stop, zlib.crc32(sums), order.tobytes()),
    )
    return sealed_header(head + _NEARNESS.pack(*nearness.ravel().tolist()))
