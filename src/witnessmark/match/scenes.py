"""One place in two pictures: whether what two pictures show can be one thing seen from two standpoints.

Local features of both are paired, each with its best in the other and only if that is better than the next;
then the epipolar geometry is sought that most pairs obey (a fundamental matrix by MAGSAC++: Baráth et al.
2020, by OpenCV), as two views of anything that stands still must. By itself that lets a pair of pictures in
which a dozen places agree by chance pass: so a plane that several of them lie on is asked for too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Facts, Match
from witnessmark.model.readings import Correspondence
from witnessmark.pixels.features import Features, opencv, scaled_size

METHOD = "scene 1"
LEAST_INLIERS, LEAST_ON_A_PLANE = 15, 7
LIMITS = (
    "At least fifteen places of the two pictures can be the same places seen from two standpoints. It does "
    "not say when either was taken, nor that nothing changed between. Things made alike (blocks of a wall, "
    "rows of windows, a printed form) can agree without being the same, and so can a thing that was moved, "
    "or pasted in from the other picture: look at both. That no link was found says that this method found "
    "none, not that the pictures show different places."
)
UNKNOWN = 256
"""The distance of pictures whose codes are not what is compared."""
_RATIO, _APART_PX = 0.85, 3.0
_EPIPOLAR_PX, _PLANE_PX = 1.0, 2.0
_CONFIDENCE, _ITERATIONS = 0.999, 2000
_SHOWN_PAIRS = 32
_PAGE, _LEVELS = 0.625, 12

Places = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TwoViews:
    """Two pictures of one place: the places that agree (float32[n, 4]: x and y in either, upright pixels).

    `on_a_plane` is how many of all pairs lie on one plane, `paired` how many there were.
    """

    pairs: Places
    on_a_plane: int
    paired: int

    @property
    def inliers(self) -> int:
        """How many places agree."""
        return len(self.pairs)

    @property
    def holds(self) -> bool:
        """Whether that is more than chance gives."""
        return self.inliers >= LEAST_INLIERS and self.on_a_plane >= LEAST_ON_A_PLANE


def two_views(one: Features, other: Features) -> TwoViews | None:
    """What two pictures have in common as views of one place; None if too little to tell.

    Pages and screens are not compared: forms agree without being one place. Needs OpenCV (UnavailableError).
    """
    if _is_page(one) and _is_page(other):
        return None
    ours, theirs = _paired(one, other)
    if len(ours) < LEAST_INLIERS:
        return None
    obeying = _obeying(ours, theirs)
    if obeying is None:
        return None
    scales = [of.width / scaled_size(of.width, of.height)[0] for of in (one, other)]
    pairs = np.concatenate([ours[obeying] * scales[0], theirs[obeying] * scales[1]], axis=1)
    return TwoViews(pairs.astype(np.float32), _on_a_plane(ours, theirs), len(ours))


def match_of(one: Digest, other: Digest, views: TwoViews) -> Match:
    """The match that two views of one place make."""
    shown = views.pairs[:_SHOWN_PAIRS].round(1).tolist()
    return Match(
        query=one,
        candidate=other,
        method=METHOD,
        distance=UNKNOWN,
        transform="other viewpoint",
        reason=f"{views.inliers} of {views.paired} paired places can be one place seen from two standpoints; "
        f"{views.on_a_plane} lie on one plane",
        limits=LIMITS,
        correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in shown),
        measured=Facts(inliers=views.inliers, on_a_plane=views.on_a_plane, paired=views.paired),
    )


def _paired(one: Features, other: Features) -> tuple[Places, Places]:
    """Places with descriptors that are each other's best, and clearly so; several on one spot count once."""
    nothing = np.zeros((0, 2), np.float32)
    if min(len(one), len(other)) < LEAST_INLIERS:
        return nothing, nothing
    near = _unit(one) @ _unit(other).T
    best, back = near.argmax(axis=1), near.argmax(axis=0)
    rows = np.arange(len(best))
    first = np.sqrt(np.maximum(0, 2 - 2 * near[rows, best]))
    near[rows, best] = -1
    second = np.sqrt(np.maximum(0, 2 - 2 * near.max(axis=1)))
    kept = (first < _RATIO * second) & (back[best] == rows)
    ours, theirs = one.pixels()[kept], other.pixels()[best[kept]]
    for places in (0, 1):
        cells = np.round((ours, theirs)[places] / _APART_PX).astype(np.int64)
        alone = np.sort(np.unique(cells, axis=0, return_index=True)[1])
        ours, theirs = ours[alone], theirs[alone]
    return ours, theirs


def _unit(of: Features) -> NDArray[np.float32]:
    levels = of.levels.astype(np.float32)
    units: NDArray[np.float32] = levels / np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1)
    return units


def _obeying(ours: Places, theirs: Places) -> NDArray[np.bool_] | None:
    """Which pairs obey one epipolar geometry."""
    cv2: Any = opencv()
    try:
        _, obeying = cv2.findFundamentalMat(
            ours, theirs, cv2.USAC_MAGSAC, _EPIPOLAR_PX, _CONFIDENCE, _ITERATIONS
        )
    except cv2.error:  # all pairs on one spot or line
        return None
    return None if obeying is None else obeying.ravel() > 0


def _on_a_plane(ours: Places, theirs: Places) -> int:
    """How many pairs lie on one plane."""
    cv2: Any = opencv()
    try:
        _, obeying = cv2.findHomography(
            ours, theirs, cv2.USAC_MAGSAC, _PLANE_PX, None, _ITERATIONS, _CONFIDENCE
        )
    except cv2.error:
        return 0
    return 0 if obeying is None else int((obeying > 0).sum())


def _is_page(picture: Features) -> bool:
    """Whether most of a picture has nearly one brightness, as paper and screens have."""
    counts = np.bincount(picture.small.ravel(), minlength=256)
    ground = np.convolve(counts, np.ones(2 * _LEVELS + 1), "same").max() / max(1, counts.sum())
    return bool(ground > _PAGE)
