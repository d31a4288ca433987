"""One place in two pictures: whether what two pictures show can be one thing seen from two standpoints.

Local features of both are paired, each with its best in the other and only if that is better than the next;
then the epipolar geometry is sought that most pairs obey (a fundamental matrix by MAGSAC++: Baráth et al.
2020, by OpenCV), as two views of anything that stands still must. By itself that lets a pair of pictures in
in which a dozen places agree by chance pass: so a plane that several of them lie on is asked for too. What
lies at one spot of both pictures and not in their middle is taken for a logo or caption, and left out.

That is done twice. The few hundred features that are kept of a picture show most links at a glance.
Standpoints far apart, a crowd before a square, a tower in the distance show only on thousands of finer spots,
by which two pictures are looked at more closely if the first look does not link them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Facts, Match
from witnessmark.model.readings import Correspondence
from witnessmark.pixels.features import Features, opencv, scaled_size
from witnessmark.pixels.spots import Spots

METHOD = "scene 2"
LEAST_INLIERS, LEAST_ON_A_PLANE = 15, 7
LEAST_CLOSER, LEAST_CLOSER_WITH_PLANE, LEAST_ON_A_CLOSER_PLANE, LEAST_SHARE = 20, 15, 10, 0.15
"""At the closer look so many spots have to agree, less if so many lie on a plane; and such a share of pairs.

Of 2,700 pairs of pictures of different places 14 agreed at most, and 7 lay on a plane.
"""
LIMITS = (
    "At least fifteen places of the two pictures can be the same places seen from two standpoints. It does "
    "not say when either was taken, nor that nothing changed between. Things made alike (blocks of a wall, "
    "rows of windows, a printed form) can agree without being the same, and so can a thing that was moved, "
    "or pasted in from the other picture (a logo, a caption, if it is at another spot of each): look at "
    "both. That no link was found says that this method found none, not that the pictures show different "
    "places."
)
UNKNOWN = 256
"""The distance of pictures whose codes are not what is compared."""
_RATIO, _APART_PX = 0.85, 3.0
_EPIPOLAR_PX, _PLANE_PX, _PLANE_CLOSER_PX = 1.0, 2.0, 3.0
_CONFIDENCE, _TRIES, _TRIES_CLOSER = 0.999, 2000, 5000
_SHOWN_PAIRS = 32
_AT_ONE_SPOT, _MIDDLE, _LEAST_IN_MIDDLE, _SHARE_IN_MIDDLE = 0.006, 0.25, 4, 0.1
"""As shares of the sides: how near spots are one, how far the middle reaches; how many there say enough."""
_PAGE, _LEVELS = 0.625, 12

Places = NDArray[np.float32]


class _Described(NamedTuple):
    """Places of a picture in pixels as it was described, descriptors, its size; upright pixels a pixel."""

    places: Places
    units: NDArray[np.float32]
    size: tuple[float, float]
    scale: float


@dataclass(frozen=True, slots=True)
class TwoViews:
    """Two pictures of one place: the places that agree (float32[n, 4]: x and y in either, upright pixels).

    `on_a_plane` is how many of all pairs lie on one plane, `paired` how many there were; `is_closer` says
    that spots were compared, not features.
    """

    pairs: Places
    on_a_plane: int
    paired: int
    is_closer: bool = False

    @property
    def inliers(self) -> int:
        """How many places agree."""
        return len(self.pairs)

    @property
    def holds(self) -> bool:
        """Whether that is more than chance gives."""
        if self.is_closer:
            least = LEAST_CLOSER_WITH_PLANE if self.on_a_plane >= LEAST_ON_A_CLOSER_PLANE else LEAST_CLOSER
            return self.inliers >= max(least, LEAST_SHARE * self.paired)
        return self.inliers >= LEAST_INLIERS and self.on_a_plane >= LEAST_ON_A_PLANE


def two_views(one: Features, other: Features) -> TwoViews | None:
    """What two pictures have in common as views of one place; None if too little to tell.

    Pages and screens are not compared: forms agree without being one place. Needs OpenCV (UnavailableError).
    """
    if not may_show_one_place(one, other):
        return None
    described = []
    for of in (one, other):
        size = scaled_size(of.width, of.height)
        described.append(_Described(of.pixels(), _unit(of.levels), size, of.width / size[0]))
    return _agreeing(*described)


def closer_views(one: Spots, other: Spots) -> TwoViews | None:
    """The same by spots; whoever calls has seen that neither is a page. Needs OpenCV (UnavailableError)."""
    described = []
    for of in (one, other):
        size = of.width / of.pixel, of.height / of.pixel
        places = of.places / np.float32(of.pixel)
        described.append(_Described(places, _unit(of.levels), size, of.pixel))
    return _agreeing(*described, is_closer=True)


def _agreeing(one: _Described, other: _Described, *, is_closer: bool = False) -> TwoViews | None:
    ours, theirs = _paired(one, other)
    kept = ~_on_overlays(ours / one.size, theirs / other.size)
    ours, theirs = ours[kept], theirs[kept]
    if len(ours) < LEAST_INLIERS:
        return None
    tries = _TRIES_CLOSER if is_closer else _TRIES
    obeying = _obeying(ours, theirs, tries)
    if obeying is None:
        return None
    pairs = np.concatenate(
        [ours[obeying] * np.float32(one.scale), theirs[obeying] * np.float32(other.scale)], axis=1
    )
    plane = _on_a_plane(ours, theirs, _PLANE_CLOSER_PX if is_closer else _PLANE_PX, tries)
    return TwoViews(pairs.astype(np.float32), plane, len(ours), is_closer)


def may_show_one_place(one: Features, other: Features) -> bool:
    """Whether two pictures are worth a comparison: not if both are pages or screens."""
    return not (_is_page(one) and _is_page(other)) and not (one.is_drawn and other.is_drawn)


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


def _paired(one: _Described, other: _Described) -> tuple[Places, Places]:
    """Places with descriptors that are each other's best, and clearly so; several on one spot count once."""
    nothing = np.zeros((0, 2), np.float32)
    if min(len(one.places), len(other.places)) < LEAST_INLIERS:
        return nothing, nothing
    near = one.units @ other.units.T
    best, back = near.argmax(axis=1), near.argmax(axis=0)
    rows = np.arange(len(best))
    first = np.sqrt(np.maximum(0, 2 - 2 * near[rows, best]))
    near[rows, best] = -1
    second = np.sqrt(np.maximum(0, 2 - 2 * near.max(axis=1)))
    kept = (first < _RATIO * second) & (back[best] == rows)
    ours, theirs = one.places[kept], other.places[best[kept]]
    for places in (0, 1):
        cells = np.round((ours, theirs)[places] / _APART_PX).astype(np.int64)
        alone = np.sort(np.unique(cells, axis=0, return_index=True)[1])
        ours, theirs = ours[alone], theirs[alone]
    return ours, theirs


def _on_overlays(ours: NDArray[np.floating[Any]], theirs: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which pairs (as shares of the sides) lie at one spot of both pictures, if hardly any is in the middle.

    So do a channel's logo and caption, which are no place; a camera that stands still sees the middle too.
    """
    at_one = np.max(np.abs(ours - theirs), axis=1, initial=0) <= _AT_ONE_SPOT
    in_middle = at_one & (np.max(np.abs(ours - 0.5), axis=1, initial=0) <= _MIDDLE)
    is_seen = in_middle.sum() >= max(_LEAST_IN_MIDDLE, _SHARE_IN_MIDDLE * at_one.sum())
    return np.zeros(len(at_one), bool) if is_seen else at_one


def _unit(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    lengths = levels.astype(np.float32)
    units: NDArray[np.float32] = lengths / np.maximum(np.linalg.norm(lengths, axis=1, keepdims=True), 1)
    return units


def _obeying(ours: Places, theirs: Places, tries: int) -> NDArray[np.bool_] | None:
    """Which pairs obey one epipolar geometry."""
    cv2: Any = opencv()
    try:
        _, obeying = cv2.findFundamentalMat(ours, theirs, cv2.USAC_MAGSAC, _EPIPOLAR_PX, _CONFIDENCE, tries)
    except cv2.error:  # all pairs on one spot or line
        return None
    return None if obeying is None else obeying.ravel() > 0


def _on_a_plane(ours: Places, theirs: Places, within_px: float, tries: int) -> int:
    """How many pairs lie on one plane."""
    cv2: Any = opencv()
    try:
        _, obeying = cv2.findHomography(ours, theirs, cv2.USAC_MAGSAC, within_px, None, tries, _CONFIDENCE)
    except cv2.error:
        return 0
    return 0 if obeying is None else int((obeying > 0).sum())


def _is_page(picture: Features) -> bool:
    """Whether most of a picture has nearly one brightness, as paper and screens have."""
    counts = np.bincount(picture.small.ravel(), minlength=256)
    ground = np.convolve(counts, np.ones(2 * _LEVELS + 1), "same").max() / max(1, counts.sum())
    return bool(ground > _PAGE)
