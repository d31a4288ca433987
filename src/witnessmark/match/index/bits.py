"""What is known of the bits of an archive, and what follows from it: their order, and the way to search.

Bits of pictures' codes are not independent. Bits that say the same are put into different slots, so that
each slot parts the archive as well as it can. How near random pairs of codes are in each slot is measured
when the index is built; from this the cost of a search by the slots is estimated and compared with a scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index.archive import AHEAD_BITS, BITS
from witnessmark.match.index.found import Codes

MOST_SLOTS = 16
WIDEST = 24
_SAMPLE, _PAIRS, _SEED = 20_000, 1 << 18, 256
_FEW = 1 << 17
_MANY = 1 << 25

# Nanoseconds, measured with `benchmarks/hash_search.py`; only their ratios matter.
_PROBE, _POSTING, _FETCH, _SCANNED, _TURNED = 8.0, 0.08, 15.0, 0.035, 0.5

Nearness = NDArray[np.uint32]
"""For each slot, of how many random pairs the values differ by 0, 1, 2 … bits."""


def slots_for(count: int) -> int:
    """How many slots serve an archive of so many codes best; none if it is small enough to scan."""
    if count < _FEW:
        return 0
    return MOST_SLOTS if count < _MANY else 14


def bounds(slots: int) -> list[int]:
    """Where each of so many slots begins; at last, where the last ends."""
    return [round(BITS * number / slots) for number in range(slots + 1)] if slots else []


def order_of(sample: Codes, slots: int) -> Codes:
    """An order of the bits that puts those that go together into different slots.

    The bits are placed one by one, those that go with most others first, each into the slot where it goes
    least with what is there.
    """
    if not slots or len(sample) < 2:
        return np.arange(BITS, dtype=np.uint8)
    signs = np.unpackbits(sample[:_SAMPLE], axis=1, bitorder="little").astype(np.float32) * 2 - 1
    together = (signs.T @ signs / len(signs)) ** 2
    np.fill_diagonal(together, 0)
    room = np.diff(bounds(slots))
    members: list[list[int]] = [[] for _ in range(slots)]
    costs = np.zeros((slots, BITS))
    for bit in np.argsort(-together.sum(axis=0), kind="stable"):
        is_full = np.array([len(held) for held in members]) >= room
        place = int(np.argmin(np.where(is_full, np.inf, costs[:, bit])))
        members[place].append(int(bit))
        costs[place] += together[bit]
    return np.array([bit for held in members for bit in held], np.uint8)


def nearness_of(rows: Codes, slots: int) -> Nearness:
    """How near pairs of the rows, drawn at random, are in each slot."""
    counted = np.zeros((MOST_SLOTS, WIDEST + 1), np.uint32)
    if not slots or len(rows) < 2:
        return counted
    drawn = np.random.default_rng(_SEED).integers(0, len(rows), (2, _PAIRS))
    pairs = rows[np.sort(drawn[0])] ^ rows[drawn[1]]
    limits = bounds(slots)
    words = np.pad(pairs, ((0, 0), (0, 8))).view("<u8")
    for slot, (first, last) in enumerate(pairwise(limits)):
        word, shift = divmod(first, 64)
        value = words[:, word] >> np.uint64(shift)
        if shift:
            value |= words[:, word + 1] << np.uint64(64 - shift)
        apart = np.bitwise_count(value & np.uint64((1 << (last - first)) - 1))
        counted[slot] = np.bincount(apart, minlength=WIDEST + 1)
    return counted


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was measured when an archive of `count` codes was built."""

    count: int
    widths: tuple[int, ...]
    nearness: tuple[tuple[int, ...], ...]

    def allowances(self, radius: int) -> tuple[int, ...]:
        """For each slot, a number than which a pair differs there by fewer bits; in sum, the radius and one.

        What does not come out even goes to the slots in which random pairs are least near.
        """
        return _allowances(self, radius)

    def is_scan_cheaper(self, radius: int, allowances: Sequence[int], queries: int) -> bool:
        """Whether it is cheaper to look at every code than to go by the slots."""
        columns = min(8, 1 + radius // 14)
        turned = _TURNED * columns / max(queries, 1)
        return self.count * (_SCANNED * columns + turned) < _by_slots(self, tuple(allowances))

    def share(self, slot: int, allowance: int, width: int | None = None) -> float:
        """The share of random pairs that differ in a slot by less than the allowance."""
        return sum(self.density(slot, apart, width) for apart in range(allowance))

    def density(self, slot: int, apart: int, width: int | None = None) -> float:
        """The share of random pairs that differ in a slot by so many bits; never below that of chance."""
        bits = width or self.widths[slot]
        chance: float = comb(bits, apart) / 2**bits
        sampled = sum(self.nearness[slot])
        if not sampled or apart > WIDEST or bits != self.widths[slot]:
            return chance
        return max(chance, self.nearness[slot][apart] / sampled)


@lru_cache(maxsize=1024)
def _allowances(known: Statistics, radius: int) -> tuple[int, ...]:
    even, over = divmod(radius + 1, len(known.widths))
    crowded = [known.share(slot, even + 1) for slot in range(len(known.widths))]
    favoured = set(sorted(range(len(known.widths)), key=crowded.__getitem__)[:over])
    return tuple(even + (slot in favoured) for slot in range(len(known.widths)))


@lru_cache(maxsize=1024)
def _by_slots(known: Statistics, allowances: tuple[int, ...]) -> float:
    """Nanoseconds for a query by the slots."""
    cost = 0.0
    for slot, allowance in enumerate(allowances):
        following = (slot + 1) % len(allowances)
        both = allowance + allowances[following]
        for apart in range(allowance):
            postings = known.count * known.density(slot, apart)
            fetched = postings * known.share(following, both - apart, AHEAD_BITS)
            cost += _PROBE * comb(known.widths[slot], apart) + _POSTING * postings + _FETCH * fetched
    return cost
