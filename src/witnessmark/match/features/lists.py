"""The lists of an inverted index, word by word, and the votes that they give to records.

A posting says that a record has a feature with a word, and with which signature. A feature that is sought
goes through the list of its word; each posting whose signature differs in few bits is a vote for its record,
which counts more the fewer bits differ and the rarer the word is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.match.features.words import SIGNATURE_BITS, WORDS, Signatures, Words
from witnessmark.match.index.archive import REBUILD
from witnessmark.match.index.plain import Plain

try:
    from witnessmark.match.native import kernels
except ImportError:  # no compiler was there when this was installed
    kernels = None  # type: ignore[assignment]

REACH = 22
"""Signatures that differ in more bits give no vote."""
_SPREAD, _FULL_VOTE, _MOST_WEIGHT = 12.0, 64, 255
_COST_OF_A_LIST = 200
"""What it costs to go to a list, in postings."""
_SOUGHT = np.dtype([("first", "<u8"), ("last", "<u8"), ("signature", "<u8"), ("weight", "<u8")])
_TABLE = np.rint(_FULL_VOTE * np.exp(-((np.arange(REACH + 1) / _SPREAD) ** 2))).astype(np.uint32)

Scores = NDArray[np.uint32]


class Sought(NamedTuple):
    """Features to look for: words, signatures, and what a vote for each counts (up to 255)."""

    words: Words
    signatures: Signatures
    weights: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Lists:
    """Postings as they lie in `content`, in the order of their words, then of their records."""

    name: str
    content: NDArray[np.uint8]
    starts: NDArray[np.uint64]
    count: int
    ids_at: int
    signatures_at: int
    checked: range = range(0)
    shift: int = 14
    sums: NDArray[np.uint32] | None = None
    seen: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    @property
    def ids(self) -> NDArray[np.uint32]:
        """The record of each posting."""
        return self.content[self.ids_at : self.ids_at + 4 * self.count].view(np.uint32)

    @property
    def signatures(self) -> Signatures:
        """The signature of each posting."""
        return self.content[self.signatures_at : self.signatures_at + 8 * self.count].view(np.uint64)

    def vote(self, sought: Sought, scores: Scores, *, compiled: bool | None = None) -> None:
        """Add to `scores` what the lists say of each record. MalformedError if they have changed on disk."""
        places = np.empty(len(sought.words), _SOUGHT)
        order = np.argsort(sought.words, kind="stable")
        words = sought.words[order].astype(np.int64)
        places["first"], places["last"] = self.starts[words], self.starts[words + 1]
        places["signature"], places["weight"] = sought.signatures[order], sought.weights[order]
        if int(self.starts[-1]) != self.count or np.any(places["first"] > places["last"]):
            raise self.is_damaged()
        if _is_compiled() if compiled is None else compiled:
            self._vote_compiled(places, scores)
        else:
            self._vote_plainly(places, scores)

    def verify(self) -> None:
        """Compare every block that was not read yet with its checksum."""
        if self.sums is None or self.seen.all():
            return
        covered = self.content[self.checked.start : self.checked.stop]
        if not np.array_equal(checksums(covered, 1 << self.shift), self.sums):
            raise self.is_damaged()
        self.seen[:] = 1

    def is_damaged(self) -> MalformedError:
        """What to raise when the content is not what was written."""
        return MalformedError(f"{self.name} is damaged: some of its bytes have changed", advice=REBUILD)

    def _vote_compiled(self, places: NDArray[np.void], scores: Scores) -> None:
        checked = self.checked or range(len(self.content))
        numbers = (self.ids_at, self.signatures_at, self.count, checked.start, checked.stop, self.shift)
        sums = b"" if self.sums is None else self.sums
        plan = np.array(numbers, np.uint64)
        try:
            kernels.votes(self.content, plan, sums, self.seen, places, _TABLE, scores)
        except kernels.DamagedError as error:
            raise self.is_damaged() from error

    def _vote_plainly(self, places: NDArray[np.void], scores: Scores) -> None:
        self.verify()
        for place in places:
            here = slice(int(place["first"]), int(place["last"]))
            apart = np.bitwise_count(self.signatures[here] ^ place["signature"])
            near = np.flatnonzero(apart <= REACH)
            votes = _TABLE[apart[near]] * np.uint32(place["weight"])
            np.add.at(scores, self.ids[here][near], votes)


def weights_for(starts: NDArray[np.uint64], words: Words) -> NDArray[np.uint64]:
    """What a vote from the list of each word counts: the square of how rare the word is, up to 255."""
    total = max(1, int(starts[-1]))
    places = words.astype(np.int64)
    lengths = (starts[places + 1] - starts[places]).astype(np.float64)
    rare = np.log((total + WORDS) / (lengths + 1)) / np.log(total + WORDS)
    weights: NDArray[np.uint64] = np.clip(np.rint(_MOST_WEIGHT * rare * rare), 1, _MOST_WEIGHT).astype("<u8")
    return weights


def affordable(sought: Sought, starts: NDArray[np.uint64], worth: NDArray[np.float64], most: int) -> Sought:
    """Of what is sought as much as goes through no more than `most` postings: what tells most for its cost.

    Words that every page and every drawing has fill lists of millions; a vote from such a list counts least
    and costs most. `worth` is how likely each of the sought is to be found on a copy, beside the others.
    """
    words = sought.words.astype(np.int64)
    lengths = (starts[words + 1] - starts[words]).astype(np.int64)
    if int(lengths.sum()) <= most:
        return sought
    order = np.argsort(-worth * sought.weights / (lengths + _COST_OF_A_LIST), kind="stable")
    kept = np.sort(order[np.cumsum(lengths[order]) <= most])
    return Sought(sought.words[kept], sought.signatures[kept], sought.weights[kept])


def lists_of(words: Words, signatures: Signatures, ids: NDArray[np.uint32], name: str) -> Lists:
    """Lists in memory, of postings in the order of their records."""
    order = np.argsort(words, kind="stable")
    starts = np.zeros(WORDS + 1, np.uint64)
    np.cumsum(np.bincount(words, minlength=WORDS), out=starts[1:])
    half = -(-4 * len(ids) // 8) * 8
    content = np.zeros(max(8, half + 8 * len(ids)), np.uint8)
    content[: 4 * len(ids)].view(np.uint32)[:] = ids[order]
    content[half : half + 8 * len(ids)].view(np.uint64)[:] = signatures[order]
    return Lists(name, content, starts, len(ids), 0, half)


def _is_compiled() -> bool:
    return kernels is not None


def checksums(content: NDArray[np.uint8], block: int) -> NDArray[np.uint32]:
    """The CRC-32 of each block."""
    if not _is_compiled():
        return Plain().checksums(content, block)
    sums = np.empty(-(-len(content) // block), np.uint32)
    kernels.checksums(content, block, sums)
    return sums


assert _TABLE[0] * _MOST_WEIGHT * 600 * 300 < 1 << 32 and REACH < SIGNATURE_BITS  # noqa: S101
