"""The file of a feature index: names and lists; written once, then only read, by many processes.

Blocks have checksums as in the index of codes. The specification is
`docs/explanation/format/feature-index.md`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.match.features.lists import Lists, checksums
from witnessmark.match.features.words import WORDS
from witnessmark.match.index.archive import REBUILD
from witnessmark.match.index.files import HEADER_BYTES, checked_header, sealed_header

MAGIC, VERSION = b"wmwords\n", 1
BLOCK_SHIFT, NAME_BYTES = 14, 32
MOST_INDEXED = 300
"""How many features of a picture go into the index: those that say most."""
ROW = np.dtype(
    [
        *(("name", "V32"), ("count", "<u2"), ("zero", "V6")),
        *(("signatures", "<u8", MOST_INDEXED), ("words", "<u2", MOST_INDEXED)),
    ]
)
"""A record as it waits in the tail: whose features, how many, and what they are."""
_HEAD = struct.Struct("<8sII QQQ 16s 32s QI")
_ALIGNED = 64
_AT_ONCE = 1 << 20

Bytes = NDArray[np.uint8]
Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Image:
    """A feature index as bytes: the names of its records, how many features each has, and the lists."""

    names: Bytes
    sizes: NDArray[np.uint16]
    lists: Lists
    identity: bytes

    @property
    def count(self) -> int:
        """How many records it holds."""
        return len(self.sizes)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of an image begin."""

    names: int
    sizes: int
    starts: int
    ids: int
    signatures: int
    end: int

    @property
    def total(self) -> int:
        """The size of the file."""
        return self.end + 4 * -(-(self.end - HEADER_BYTES) // (1 << BLOCK_SHIFT))


def write_image(
    old: Image | None,
    parts: Sequence[Rows],
    room: Callable[[int], Bytes],
    *,
    identity: bytes,
    vocabulary: bytes,
    name: str,
) -> Image:
    """Build an image of the old one and of further rows in the zeroed bytes that `room` gives for a size."""
    starts = _starts(old, parts)
    count = (old.count if old else 0) + sum(map(len, parts))
    layout = _laid_out(count, int(starts[-1]))
    content = room(layout.total)
    image = _within(content, layout, count, int(starts[-1]), identity, name)
    content[layout.starts : layout.starts + 8 * len(starts)].view(np.uint64)[:] = starts
    image = replace(image, lists=replace(image.lists, starts=starts))
    _fill(image, old, parts)
    sums = checksums(content[HEADER_BYTES : layout.end], 1 << BLOCK_SHIFT)
    content[layout.end :].view(np.uint32)[:] = sums
    head = _HEAD.pack(
        *(MAGIC, VERSION, HEADER_BYTES, count, int(starts[-1]), layout.total, identity, vocabulary),
        *(layout.end, zlib.crc32(sums.tobytes())),
    )
    content[:HEADER_BYTES] = sealed_header(head)
    image.lists.seen[:] = 1  # they were written just now
    return image


def read_image(content: Bytes, name: str, vocabulary: bytes) -> Image:
    """The image that some bytes hold; refused if it is cut, changed, or speaks in other words."""
    header = checked_header(content, name, "an index of features", MAGIC, VERSION)
    _, _, _, count, postings, size, identity, words, sums_at, sums_crc = _HEAD.unpack_from(header)
    if words != vocabulary:
        raise MalformedError(f"{name} was built with another vocabulary", advice=REBUILD)
    layout = _laid_out(count, postings)
    if size != len(content) or layout.total != size or layout.end != sums_at:
        raise MalformedError(f"{name} is cut: it has {len(content)} of {size} bytes", advice=REBUILD)
    image = _within(content, layout, count, postings, identity, name)
    if zlib.crc32(content[sums_at:].data) != sums_crc:
        raise image.lists.is_damaged()
    _check(image.lists, layout.ids)  # names, sizes and directory are read all over
    return image


def names_of(rows: Rows) -> Bytes:
    """The names of rows, one below the other."""
    return np.ascontiguousarray(rows["name"]).view(np.uint8).reshape(-1, NAME_BYTES)


def _starts(old: Image | None, parts: Sequence[Rows]) -> NDArray[np.uint64]:
    """The directory: where the list of each word begins."""
    lengths = np.zeros(WORDS, np.int64)
    if old is not None:
        old.lists.verify()
        before = old.lists.starts.astype(np.int64)
        lengths = before[1:] - before[:-1]
    for _, _, words, _ in _postings(parts, 0):
        lengths = lengths + np.bincount(words, minlength=WORDS)
    starts = np.zeros(WORDS + 1, np.uint64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _fill(image: Image, old: Image | None, parts: Sequence[Rows]) -> None:
    """Write names, sizes and postings."""
    free = image.lists.starts[:-1].astype(np.int64)
    ids, signatures = image.lists.ids, image.lists.signatures
    first = 0
    if old is not None:
        first = old.count
        image.names[:first], image.sizes[:first] = old.names, old.sizes
        before = old.lists.starts.astype(np.int64)
        shift = free - before[:-1]
        for start in range(0, old.lists.count, _AT_ONCE):
            places = np.arange(start, min(old.lists.count, start + _AT_ONCE))
            words = np.searchsorted(before, places, "right") - 1
            ids[places + shift[words]] = old.lists.ids[places]
            signatures[places + shift[words]] = old.lists.signatures[places]
        free = free + before[1:] - before[:-1]
    for rows, records, sought, of_them in _postings(parts, first):
        image.names[records[0] : records[-1] + 1] = names_of(rows)
        image.sizes[records[0] : records[-1] + 1] = rows["count"]
        order = np.argsort(sought, kind="stable")
        ranked = sought[order].astype(np.int64)
        lengths = np.bincount(sought, minlength=WORDS)
        begun = np.cumsum(lengths) - lengths
        places = free[ranked] + np.arange(len(ranked)) - begun[ranked]
        owners = np.repeat(records, rows["count"])
        ids[places], signatures[places] = owners[order], of_them[order]
        free = free + lengths


def _postings(
    parts: Sequence[Rows], first: int
) -> Iterator[tuple[Rows, NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint64]]]:
    """Some rows at a time: the rows, their numbers, and the words and signatures of all their features."""
    step = max(1, _AT_ONCE // MOST_INDEXED)
    for part in parts:
        for start in range(0, len(part), step):
            rows = np.ascontiguousarray(part[start : start + step])
            filled = np.arange(MOST_INDEXED) < rows["count"][:, None]
            records = np.arange(first, first + len(rows), dtype=np.uint32)
            yield rows, records, rows["words"][filled], rows["signatures"][filled]
            first += len(rows)


def _laid_out(count: int, postings: int) -> _Layout:
    sizes = (count * NAME_BYTES, count * 2, (WORDS + 1) * 8, postings * 4, postings * 8)
    ends = accumulate((-(-size // _ALIGNED) * _ALIGNED for size in sizes), initial=HEADER_BYTES)
    names, numbers, starts, ids, signatures, end = ends
    return _Layout(names, numbers, starts, ids, signatures, end)


def _within(content: Bytes, layout: _Layout, count: int, postings: int, identity: bytes, name: str) -> Image:
    """The image as it lies in these bytes."""
    names = content[layout.names : layout.names + count * NAME_BYTES].reshape(count, NAME_BYTES)
    sizes = content[layout.sizes : layout.sizes + count * 2].view(np.uint16)
    starts = content[layout.starts : layout.starts + (WORDS + 1) * 8].view(np.uint64)
    sums = content[layout.end :].view(np.uint32)
    checked = range(HEADER_BYTES, layout.end)
    seen = np.zeros(len(sums), np.uint8)
    at = (layout.ids, layout.signatures)
    lists = Lists(name, content, starts, postings, *at, checked, BLOCK_SHIFT, sums, seen)
    return Image(names, sizes, lists, identity)


def _check(lists: Lists, upto: int) -> None:
    """Compare the first blocks with their checksums, up to a place."""
    blocks = -(-(upto - HEADER_BYTES) // (1 << BLOCK_SHIFT))
    end = min(lists.checked.stop, HEADER_BYTES + (blocks << BLOCK_SHIFT))
    assert lists.sums is not None  # noqa: S101 - it was given just now
    if not np.array_equal(checksums(lists.content[HEADER_BYTES:end], 1 << BLOCK_SHIFT), lists.sums[:blocks]):
        raise lists.is_damaged()
    lists.seen[:blocks] = 1
