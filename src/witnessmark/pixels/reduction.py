"""The reduction to 64 × 64 that PDQ begins with, in whole numbers: the same on any machine.

PDQ smooths a picture by two box filters along rows and along columns and then reads off 64 × 64 places. All
of it is linear, so each place is a weighted sum along either side. The weights of a place are written as
whole numbers that add up to `UNIT`, and what is summed up is rounded once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SIDE = 64
UNIT = 1 << 24
"""What the weights of a place add up to; also the unit in which reduced brightness is written."""

Reduced = NDArray[np.uint32]
"""A picture reduced to 64 × 64: brightness (0 to 255) in parts of `UNIT`."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """For each of 64 places along a side: from which sample on, and how much each sample counts."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    weights: NDArray[np.uint32]
    """One row for each place, filled up with zeros."""

    def mirrored(self, length: int) -> Weights:
        """The weights by which the same side is read from its other end."""
        weights = np.zeros_like(self.weights)
        for row, size in enumerate(self.lengths):
            weights[row, :size] = self.weights[row, :size][::-1]
        return Weights(length - self.starts - self.lengths, self.lengths, weights)


@lru_cache(maxsize=64)
def weights_for(length: int) -> Weights:
    """The weights along a side of so many samples (at least one)."""
    window = -(-length // (2 * SIDE))
    ahead = (window + 2) // 2
    back = window - ahead
    places = ((2 * np.arange(SIDE) + 1) * length) // (2 * SIDE)
    inner = _profile(back + 4 * window, 8 * window, back, ahead)
    rows = []
    for place in places.tolist():
        is_inside = place >= 2 * back and place + 2 * ahead - 1 <= length
        rows.append((place - 2 * back, inner[1]) if is_inside else _profile(place, length, back, ahead))
    weights = np.zeros((SIDE, max(len(row) for _, row in rows)), np.uint32)
    for number, (_, row) in enumerate(rows):
        weights[number, : len(row)] = row
    starts = np.array([start for start, _ in rows], np.int64)
    return Weights(starts, np.array([len(row) for _, row in rows], np.int64), weights)


def _profile(place: int, length: int, back: int, ahead: int) -> tuple[int, NDArray[np.uint32]]:
    """The first sample and the weights of a place: the mean of means over [-back, ahead) around samples."""
    means = np.arange(max(0, place - back), min(length, place + ahead))
    first, after = np.maximum(0, means - back), np.minimum(length, means + ahead)
    start, size = int(first[0]), int(after[-1] - first[0])
    share = 1 / ((after - first) * len(means))
    steps = np.bincount(first - start, share, size + 1) - np.bincount(after - start, share, size + 1)
    so_far = np.cumsum(np.cumsum(steps)[:size])
    so_far[-1] = 1
    return start, np.diff(np.rint(so_far * UNIT).astype(np.int64), prepend=0).astype(np.uint32)
