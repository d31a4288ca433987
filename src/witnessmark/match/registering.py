"""Registered views: where the places of one picture lie in another, fine enough to hold marks against it.

Spots of both pictures are paired, each with its best in the other and only if that is clearly better than the
next; then the epipolar geometry is sought that most pairs obey (MAGSAC++: Baráth et al. 2020, by OpenCV). How
well that geometry is known is measured and not assumed: it is fitted again to random halves of the pairs
(eight points and least squares: Hartley 1997), and all fits stay in the match, so that whoever uses them can
ask for what all of them agree on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Facts, Match
from witnessmark.model.readings import Correspondence
from witnessmark.pixels.features import opencv
from witnessmark.pixels.spots import PARTS, Spots

METHOD = "views 1"
LEAST_INLIERS = 40
"""So many pairs have to obey one geometry."""
LIMITS = (
    "Where places of one picture lie in the other, if both show one place and what is looked at stood still "
    "between the two. Things made alike (blocks of a wall, rows of windows) can agree without being the "
    "same: look at both. That two pictures could not be registered says nothing about what they show."
)
UNKNOWN = 256
FITS = 8
_RATIO, _EPIPOLAR_PX, _APART_PX = 0.85, 1.0, 2.0
_CONFIDENCE, _ITERATIONS = 0.9999, 5000
_MOST_KEPT, _CELLS = 500, 24
_LEAST_SHARE = 0.3
"""Two pictures of a wall of equal blocks that share no block obeyed one geometry in 26 of 100 pairs."""

Places = NDArray[np.float64]
Fundamental = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Registered:
    """Two pictures registered: the pairs that agree (float64[n, 4], x and y in either), and the fits.

    Each of `fits` (float64[k, 3, 3]) maps a place of the first picture to its line in the second; the first
    rests on all pairs, the others on a random half each.
    """

    pairs: Places
    fits: Fundamental
    paired: int

    @property
    def holds(self) -> bool:
        """Whether that is more than chance gives."""
        return len(self.pairs) >= LEAST_INLIERS and len(self.pairs) >= _LEAST_SHARE * self.paired


def register(one: Spots, other: Spots) -> Registered | None:
    """The geometry between two pictures; None if too few spots agree. UnavailableError without OpenCV."""
    pairs = _paired(one, other)
    if len(pairs) < LEAST_INLIERS:
        return None
    scales = np.array([one.pixel, one.pixel, other.pixel, other.pixel])
    obeying = _obeying(pairs / scales)
    if obeying is None or obeying.sum() < LEAST_INLIERS:
        return None
    kept = pairs[obeying]
    chance = np.random.default_rng(len(kept))
    halves = [chance.permutation(len(kept))[: max(LEAST_INLIERS // 2, len(kept) // 2)] for _ in range(FITS)]
    fits = [fundamental(kept), *(fundamental(kept[half]) for half in halves)]
    return Registered(kept, np.stack(fits), len(pairs))


def match_of(one: Digest, other: Digest, found: Registered) -> Match:
    """The match that two registered pictures make: some hundred pairs that cover them, and all fits."""
    kept = _spread(found.pairs)
    return Match(
        query=one,
        candidate=other,
        method=METHOD,
        distance=UNKNOWN,
        transform="other viewpoint",
        reason=f"{len(found.pairs)} of {found.paired} paired places obey one epipolar geometry",
        limits=LIMITS,
        correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in kept.round(1).tolist()),
        measured=Facts(
            inliers=len(found.pairs),
            paired=found.paired,
            fundamental=tuple(tuple(float(f"{part:.12g}") for part in fit.ravel()) for fit in found.fits),
        ),
    )


def fundamental(pairs: Places) -> Fundamental:
    """The fundamental matrix that fits pairs best: normalised eight points, of unit norm (Hartley 1997)."""
    ours, move = _normalised(pairs[:, :2])
    theirs, turn = _normalised(pairs[:, 2:])
    rows = np.einsum("ni,nj->nij", theirs, ours).reshape(-1, 9)
    matrix = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    left, sizes, right = np.linalg.svd(matrix)
    matrix = turn.T @ (left * (sizes * (1, 1, 0))) @ right @ move
    unit: Fundamental = matrix / np.linalg.norm(matrix)
    return unit


def _normalised(places: Places) -> tuple[Places, NDArray[np.float64]]:
    """Places about their middle at a mean distance of √2, homogeneous; and the map that made them so."""
    middle = places.mean(axis=0)
    size = np.sqrt(2) / max(float(np.linalg.norm(places - middle, axis=1).mean()), 1e-9)
    move = np.array([[size, 0, -size * middle[0]], [0, size, -size * middle[1]], [0, 0, 1]])
    return np.c_[places, np.ones(len(places))] @ move.T, move


def _paired(one: Spots, other: Spots) -> Places:
    """Spots that are each other's best, and clearly so; several on one place count once."""
    if min(len(one), len(other)) < LEAST_INLIERS:
        return np.zeros((0, 4))
    near = _unit(one) @ _unit(other).T
    best, back = near.argmax(axis=1), near.argmax(axis=0)
    rows = np.arange(len(best))
    first = np.sqrt(np.maximum(0, 2 - 2 * near[rows, best]))
    near[rows, best] = -1
    second = np.sqrt(np.maximum(0, 2 - 2 * near.max(axis=1)))
    kept = (first < _RATIO * second) & (back[best] == rows)
    pairs = np.concatenate([one.places[kept], other.places[best[kept]]], axis=1).astype(np.float64)
    for columns, pixel in ((slice(0, 2), one.pixel), (slice(2, 4), other.pixel)):
        cells = np.round(pairs[:, columns] / (_APART_PX * pixel)).astype(np.int64)
        pairs = pairs[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    return pairs


def _unit(of: Spots) -> NDArray[np.float32]:
    levels = of.levels.reshape(-1, PARTS).astype(np.float32)
    units: NDArray[np.float32] = levels / np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1)
    return units


def _obeying(pairs: Places) -> NDArray[np.bool_] | None:
    """Which pairs obey one epipolar geometry; pixels are those at which spots are found."""
    cv2: Any = opencv()
    try:
        _, obeying = cv2.findFundamentalMat(
            np.float32(pairs[:, :2]),
            np.float32(pairs[:, 2:]),
            cv2.USAC_MAGSAC,
            _EPIPOLAR_PX,
            _CONFIDENCE,
            _ITERATIONS,
        )
    except cv2.error:  # all pairs on one spot or line
        return None
    return None if obeying is None else obeying.ravel() > 0


def _spread(pairs: Places) -> Places:
    """No more than five hundred pairs, as many parts of the picture as possible first."""
    if len(pairs) <= _MOST_KEPT:
        return pairs
    low, high = pairs[:, :2].min(axis=0), pairs[:, :2].max(axis=0)
    cells = np.minimum((pairs[:, :2] - low) / np.maximum(high - low, 1e-9) * _CELLS, _CELLS - 1).astype(int)
    turns = np.zeros(len(pairs), int)
    seen: dict[tuple[int, int], int] = {}
    for place, (column, row) in enumerate(cells.tolist()):
        turns[place] = seen[column, row] = seen.get((column, row), -1) + 1
    return pairs[np.sort(np.argsort(turns, kind="stable")[:_MOST_KEPT])]
