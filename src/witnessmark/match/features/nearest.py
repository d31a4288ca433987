"""The nearest of many descriptors, and how near the next is: compiled, and by numpy with the same results.

Descriptors have 128 levels from 0 to 15, so that their products are whole numbers and each way of adding them
up comes to the same. How near two are is the cosine of the angle between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

try:
    from witnessmark.match.native import kernels
except ImportError:  # no compiler was there when this was installed
    kernels = None  # type: ignore[assignment]

Levels = NDArray[np.uint8]
Cosines = NDArray[np.float32]


class Nearest(NamedTuple):
    """For each descriptor the place of the nearest other one, how near it is, and how near the next is."""

    best: NDArray[np.int32]
    first: Cosines
    second: Cosines


def nearest(ours: Levels, theirs: Levels, *, compiled: bool | None = None) -> Nearest:
    """Which of `theirs` (uint8[m, 128], m at least 2) is nearest to each of `ours` (uint8[n, 128])."""
    ours, theirs = np.ascontiguousarray(ours), np.ascontiguousarray(theirs)
    shorter = _over_length(theirs)
    if kernels is None or compiled is False:
        found = _plainly(ours, theirs, shorter)
    else:
        found = Nearest(
            np.empty(len(ours), np.int32), np.empty(len(ours), np.float32), np.empty(len(ours), np.float32)
        )
        kernels.nearest(ours, theirs, shorter, *found)
    own = _over_length(ours)
    return Nearest(found.best, found.first * own, found.second * own)


def _plainly(ours: Levels, theirs: Levels, shorter: Cosines) -> Nearest:
    near = (ours.astype(np.float32) @ theirs.astype(np.float32).T) * shorter
    rows, best = np.arange(len(near)), np.argmax(near, axis=1)
    first = near[rows, best]
    near[rows, best] = -1
    return Nearest(best.astype(np.int32), first, near.max(axis=1))


def _over_length(levels: Levels) -> Cosines:
    wide = levels.astype(np.int32)
    squares = np.einsum("ij,ij->i", wide, wide)
    over: Cosines = (1 / np.sqrt(np.maximum(squares, 1))).astype(np.float32)
    return over
