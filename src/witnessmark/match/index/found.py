"""What a search gives: who lies within the radius, and how far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Numbers = NDArray[np.uint32]
Distances = NDArray[np.uint16]


class Found(NamedTuple):
    """The records near each query, in the order of their numbers.

    What belongs to query `i` stands in `ids` and `distances` from `offsets[i]` up to `offsets[i + 1]`.
    """

    offsets: NDArray[np.int64]
    ids: Numbers
    distances: Distances

    def of(self, query: int) -> tuple[Numbers, Distances]:
        """The records near one query, and their distances in bits."""
        here = slice(int(self.offsets[query]), int(self.offsets[query + 1]))
        return self.ids[here], self.distances[here]

    def queries(self) -> NDArray[np.int64]:
        """For each record found, the query to which it is near."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def beside(self, other: Found, numbered_from: int) -> Found:
        """Both together for the same queries; the records of the other are numbered from a number on."""
        offsets = self.offsets + other.offsets
        ids = np.empty(int(offsets[-1]), np.uint32)
        distances = np.empty(int(offsets[-1]), np.uint16)
        for found, before, first in ((self, other.offsets[:-1], 0), (other, self.offsets[1:], numbered_from)):
            places = np.arange(len(found.ids)) + np.repeat(before, np.diff(found.offsets))
            ids[places] = found.ids + np.uint32(first)
            distances[places] = found.distances
        return Found(offsets, ids, distances)


class Pairs(NamedTuple):
    """Some of the pairs that are near each other: two numbers, the smaller first, and their distance."""

    first: Numbers
    second: Numbers
    distances: Distances
