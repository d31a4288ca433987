"""Whether registered views agree with each other: three pictures in a circle have to lead back to one place.

Things made alike can register two pictures that share nothing, or share something else. Where places lead
from one picture by way of another to a third, the geometry between the first and the third has to bear that
out. If it does not, one of the three is wrong, and the one that rests on the fewest places is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Match

_SAME_SPOT, _OFF = 3 / 1024, 5 / 1024
_ENOUGH, _LEAST_SHARE = 8, 0.6
Places = NDArray[np.float64]


def consistent(matches: Sequence[Match]) -> tuple[tuple[Match, ...], tuple[Match, ...]]:
    """The matches of registered views that can stand beside each other, and those that give way."""
    views = {frozenset((one.query, one.candidate)): one for one in matches if "fundamental" in one.measured}
    left = dict(views)
    pictures = sorted({picture for pair in views for picture in pair})
    for three in combinations(pictures, 3):
        pairs = [frozenset(pair) for pair in combinations(three, 2)]
        if all(pair in left for pair in pairs) and _contradict([left[pair] for pair in pairs], three):
            weakest = min(pairs, key=lambda pair: (int(left[pair].measured["inliers"]), sorted(pair)))
            del left[weakest]
    kept = tuple(
        one for one in matches if frozenset((one.query, one.candidate)) not in views.keys() - left.keys()
    )
    return kept, tuple(views[pair] for pair in views if pair not in left)


def _contradict(matches: Sequence[Match], three: Sequence[Digest]) -> bool:
    """Whether places that lead around do not come back to where they should, for any way around."""
    for middle in three:
        one, other = (picture for picture in three if picture != middle)
        chained = _chained(_between(matches, one, middle), _between(matches, middle, other))
        if len(chained) >= _ENOUGH:
            off = _off(_match(matches, one, other), one, chained)
            if (off < _OFF * max(1.0, float(np.abs(chained).max()))).mean() < _LEAST_SHARE:
                return True
    return False


def _match(matches: Sequence[Match], one: Digest, other: Digest) -> Match:
    return next(match for match in matches if {match.query, match.candidate} == {one, other})


def _between(matches: Sequence[Match], one: Digest, other: Digest) -> Places:
    """Pairs of places, those of `one` first."""
    match = _match(matches, one, other)
    pairs = np.array([(*each.query, *each.candidate) for each in match.correspondences], np.float64)
    return pairs if match.query == one else pairs[:, [2, 3, 0, 1]]


def _chained(first: Places, second: Places) -> Places:
    """Places of the first and third picture that meet in one spot of the middle one."""
    far = np.hypot(*(first[:, None, 2:] - second[None, :, :2]).transpose(2, 0, 1))
    near = _SAME_SPOT * max(1.0, float(first[:, 2:].max()))
    rows = np.flatnonzero(far.min(axis=1) <= near)
    chained: Places = np.c_[first[rows, :2], second[far[rows].argmin(axis=1), 2:]]
    return chained


def _off(match: Match, one: Digest, pairs: Places) -> Places:
    """How far pairs miss the geometry between their pictures, in pixels of the second."""
    fit = np.array(match.measured["fundamental"][0], np.float64).reshape(3, 3)
    fit = fit if match.query == one else fit.T
    ours, theirs = (np.c_[half, np.ones(len(pairs))] for half in (pairs[:, :2], pairs[:, 2:]))
    lines = ours @ fit.T
    off: Places = np.abs((lines * theirs).sum(axis=1)) / np.maximum(np.hypot(lines[:, 0], lines[:, 1]), 1e-12)
    return off
