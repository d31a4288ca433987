"""Aligning: two recordings of one thing differ by a constant offset in time, cut by cut.

Every likeness of a moment of the one to a moment of the other is a vote for an offset. Offsets that many
moments vote for are tried, the strongest first: laid over each other so, it shows from when to when the two
are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
"""Milliseconds since the beginning."""

BIN_MS = 500
MOST_OFFSETS = 24


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when the query shows what the candidate shows, in ms of each; how far apart in bits."""

    query_from: int
    query_to: int
    candidate_from: int
    candidate_to: int
    distance: int
    compared: int
    views: int = 0
    """How many of the compared moments differ plainly from each other."""
    earliest: int | None = None
    latest: int | None = None
    """Between which times of the candidate it is, where more cannot be told; else None."""

    @property
    def length(self) -> int:
        """How long it is in the query, in ms."""
        return self.query_to - self.query_from


def offsets(query: Times, candidate: Times) -> Iterator[int]:
    """The offsets (candidate minus query, ms) that most moments vote for, the strongest first.

    `query` and `candidate` are the times of moments that are alike, pair by pair. However often a moment of
    the candidate is voted for, it counts once for an offset: a still picture is like itself at any time.
    """
    if not len(query):
        return
    shift = candidate - query
    votes = np.unique(np.stack([shift // BIN_MS, candidate], axis=1), axis=0)
    bins, counts = np.unique(votes[:, 0], return_counts=True)
    beside = np.zeros(len(bins), np.int64)
    nearby = np.flatnonzero(np.diff(bins) == 1)
    beside[nearby] += counts[nearby + 1]
    for place in np.argsort(-(counts + beside), kind="stable")[:MOST_OFFSETS]:
        chosen = (shift // BIN_MS == bins[place]) | (shift // BIN_MS == bins[place] + 1)
        yield int(np.median(shift[chosen]))


def stretches(alike: NDArray[np.bool_], times: Times, gap_ms: int) -> Iterator[slice]:
    """Which consecutive moments are alike, but for gaps of at most `gap_ms`."""
    places = np.flatnonzero(alike)
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(times[places]) > gap_ms)
    for first, last in zip((0, *(breaks + 1)), (*breaks, len(places) - 1), strict=True):
        yield slice(int(places[first]), int(places[last]) + 1)
