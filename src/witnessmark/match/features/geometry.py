"""Verification: whether two pictures share one arrangement of places, and look alike where they should.

Features of both are paired by their descriptors, and one affine map that many pairs obey is sought (MAGSAC++:
Baráth et al. 2020, by OpenCV). Twelve pairs that obey it are needed. That alone does not tell a copy from
another page of the same form or another screenshot of the same program: so small copies of both pictures are
laid over each other by the map and compared block by block, up and down in brightness only. What is written
on two pages or screens has to be the same (`pages`), or half of all features have to find their place where
both have plain ground all over and too little is written to tell. Where neither picture lies within the
other, as of two exposures from one place, a third of them has to.

Two exposures from one place, with another subject before one ground, can share more than that. What lies on
a copy is off its place by chance only, and what is not covered looks the same but for noise; of another
exposure places are off by how the camera or the cloth moved, and light fell otherwise on what agrees. Where
both are so, more has to agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.features.nearest import nearest
from witnessmark.match.features.pages import Compared, compared
from witnessmark.pixels.features import Features, opencv, scaled_size

LEAST_INLIERS, ENOUGH_INLIERS = 12, 60
LEAST_AGREEMENT, FULL_AGREEMENT = 0.6, 0.9
"""The share of blocks with something on them that has to look alike: with enough inliers, with the fewest."""
_PAGE, _SURELY_PAGE, _LEAST_SHARE_OF_PAGE = 0.25, 0.4, 0.5
"""From how much plain ground on it may be a page, or surely is one; and the share of features needed then."""
_WRITTEN_ON_FORMS, _MOST_OF_FORMS = 80, 0.15
_COVERED, _LEAST_SHARE_OF_PART = 0.9, 0.35
"""Two pictures of which neither lies within the other are most often two exposures of one place."""
_RATIO, _NEAR_PX, _APART_PX = 0.8, 4.0, 3.0
_STEADY_PX, _STEADY_IF_WRITTEN_PX, _FOR_ANOTHER, _MOST_ASKED = 0.1, 0.3, 15.0, 0.9
"""How far off places of a copy are, and of a page, whose small copy shows little; how much more has to agree
for what speaks of another exposure; how much at most."""
_ITERATIONS, _CONFIDENCE = 2000, 0.999
_SMALLEST, _LARGEST, _MOST_SKEW = 0.1, 10.0, 2.2
_BLOCK, _STEP, _LEAST_BLOCKS = 8, 4, 6
_PLAIN, _ALIKE, _MOSTLY = 5.0, 0.5, 0.8
_AS_A_COPY, _AS_A_COPY_PX, _STANDS_OUT, _MOSTLY_COVER, _LEAST_LEFT = 0.97, 0.2, 1.5, 0.75, 0.4
"""How closely what agrees does on a copy, and how far off its places are at most; how much more varied what
lies over it is than what it hides, how many of the blocks that differ have to be so, and what share of all
has to agree whatever lies over the rest."""
_GROUND_LEVELS, _PARTS, _LEAST_OF_PART = 12, 6, 8

Matrix = NDArray[np.float64]
Places = NDArray[np.float32]


class Alike(NamedTuple):
    """What share of blocks looks alike, how closely (their correlation), and of those nothing lies over."""

    share: float
    closely: float
    uncovered: float | None


@dataclass(frozen=True, slots=True)
class Verified:
    """One picture found within another.

    `matrix` (float64[2, 3]) maps upright pixels of the query to upright pixels of the candidate; `pairs`
    (float32[n, 4]) are the places that obey it, x and y in the query, then in the candidate. `of_candidate`
    and `of_query` are the shares of each picture that the other covers. `agreement` is the share of the
    blocks in common that look alike, None if too little is in common to say, `closely` how much so,
    `uncovered` the share without what letters or a mark lie over, None if nothing does, `misfit_px` how far
    the pairs are off a perspective in the middle (pixels at 400). `share` is how many of the features that
    lie in both obey the map, `ground` how much plain ground all parts of what both show have, `page` what a
    comparison of writing said, if both are pages (`are_pages`); `is_page` if either is one.
    """

    matrix: Matrix
    pairs: Places
    of_candidate: float
    of_query: float
    agreement: float | None
    share: float
    ground: float
    page: Compared | None = None
    are_pages: bool = False
    is_page: bool = False
    closely: float = 1.0
    uncovered: float | None = None
    misfit_px: float = 0.0

    @property
    def inliers(self) -> int:
        """How many pairs of distinct places obey the map."""
        return len(self.pairs)

    @property
    def holds(self) -> bool:
        """Whether this is one picture, and not only an arrangement in common."""
        if self.page is not None:
            return self.page.is_one_page
        like_a_page = self.are_pages * min(1.0, max(0.0, self.ground - _PAGE) / (_SURELY_PAGE - _PAGE))
        is_within = max(self.of_candidate, self.of_query) >= _COVERED
        if self.are_pages and not is_within:  # parts of two pages, with too little writing in common to tell
            return False
        least_share = max(_LEAST_SHARE_OF_PAGE * like_a_page, 0 if is_within else _LEAST_SHARE_OF_PART)
        if self.share < least_share:
            return False
        if self.agreement is None:
            return self.inliers >= ENOUGH_INLIERS
        many = (self.inliers - LEAST_INLIERS) / (ENOUGH_INLIERS - LEAST_INLIERS)
        needed = FULL_AGREEMENT - (FULL_AGREEMENT - LEAST_AGREEMENT) * min(1.0, max(0.0, many))
        steady_px = _STEADY_IF_WRITTEN_PX if self.is_page else _STEADY_PX
        is_another = max(0.0, self.misfit_px - steady_px) * (1 - self.closely)
        agreeing = self.agreement
        if self.uncovered is not None and self.misfit_px <= _AS_A_COPY_PX:
            agreeing = self.uncovered
        return agreeing >= max(needed, min(_MOST_ASKED, LEAST_AGREEMENT + _FOR_ANOTHER * is_another))

    @property
    def is_of_one_form(self) -> bool:
        """Whether these are two pages made alike: what is written mostly agrees, and some of it differs."""
        return (
            self.page is not None
            and not self.page.is_one_page
            and self.page.blocks >= _WRITTEN_ON_FORMS
            and self.page.different <= _MOST_OF_FORMS
        )


def verify(query: Features, candidate: Features) -> Verified | None:
    """How the query lies over the candidate, if at least twelve distinct pairs of places obey one map.

    None if they do not. `holds` of the answer says whether the pictures also look alike there. The mirrored
    query is to be tried by itself (`Features.mirrored`). Needs OpenCV (UnavailableError).
    """
    ours, theirs = _paired(query, candidate)
    if len(ours) < LEAST_INLIERS:
        return None
    found = _map_between(ours, theirs)
    if found is None:
        return None
    matrix, obeying = found
    ours, theirs = ours[obeying], theirs[obeying]
    kept = _distinct(ours, theirs)
    if len(kept) < LEAST_INLIERS:
        return None
    whole = in_pixels(matrix, query, candidate)
    pairs = np.concatenate([ours[kept] * _scale_of(query), theirs[kept] * _scale_of(candidate)], axis=1)
    return laid_over(query, candidate, whole, pairs.astype(np.float32))


def laid_over(query: Features, candidate: Features, matrix: Matrix, pairs: Places | None = None) -> Verified:
    """What a map between two pictures says: how much of each it covers, and whether they agree there."""
    shown = _shared_area(matrix, (query.width, query.height), (candidate.width, candidate.height))
    inside = shown / (candidate.width * candidate.height)
    stretch = abs(float(np.linalg.det(matrix[:, :2])))
    of_query = shown / (query.width * query.height * max(stretch, 1e-12))
    alike = agreement(query, candidate, matrix)
    pairs = np.zeros((0, 4), np.float32) if pairs is None else pairs
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    could = min(_lying_in(query, matrix, candidate), _lying_in(candidate, back, query))
    share = min(1.0, len(pairs) / max(1, could))
    ground = _ground(candidate, back, query)
    are_pages = query.detail is not None and candidate.detail is not None
    page = compared(query, candidate, matrix, pairs) if are_pages else None
    covers = (min(1.0, inside), min(1.0, of_query))
    agreeing, closely, uncovered = (None, 1.0, None) if alike is None else alike
    is_page = query.detail is not None or candidate.detail is not None
    return Verified(
        *(matrix, pairs, *covers, agreeing, share, ground, page, are_pages, is_page, closely, uncovered),
        misfit_px=_misfit(pairs, candidate),
    )


def _misfit(pairs: Places, candidate: Features) -> float:
    """How far the pairs are off the perspective that fits them best, in the middle, in pixels at 400."""
    if len(pairs) < LEAST_INLIERS:
        return 0.0
    ours, theirs = pairs[:, :2].astype(np.float64), pairs[:, 2:].astype(np.float64)
    matrix, _ = opencv().findHomography(ours, theirs, 0)
    if matrix is None or not np.isfinite(matrix).all():
        return 0.0
    laid = np.hstack([ours, np.ones((len(ours), 1))]) @ matrix.T
    off = np.linalg.norm(laid[:, :2] / laid[:, 2:] - theirs, axis=1)
    return float(np.median(off)) / _scale_of(candidate)


def _lying_in(of: Features, matrix: Matrix, other: Features) -> int:
    """How many features of one picture the map lays into the other."""
    places = of.pixels() * _scale_of(of) @ matrix[:, :2].T + matrix[:, 2]
    return int(((places >= 0) & (places < (other.width, other.height))).all(axis=1).sum())


def _ground(candidate: Features, back: Matrix, query: Features) -> float:
    """How much plain ground nearly every part of what both show has, as paper and screens do everywhere.

    The ground is the commonest brightness. Of a grid of parts a fifth may have less of it than is told: sky
    or a wall may take up most of a picture, but not of each part.
    """
    height, width = candidate.small.shape
    down, across = np.mgrid[:height, :width]
    spots = np.stack([(across + 0.5) / width, (down + 0.5) / height], axis=-1).reshape(-1, 2)
    places = spots * (candidate.width, candidate.height) @ back[:, :2].T + back[:, 2]
    inside = ((places >= 0) & (places < (query.width, query.height))).all(axis=1)
    if not inside.any():
        return 0.0
    levels, spots = candidate.small.ravel()[inside], spots[inside]
    window = np.ones(2 * _GROUND_LEVELS + 1)
    ground = int(np.convolve(np.bincount(levels, minlength=256), window, "same").argmax())
    low, high = spots.min(axis=0), spots.max(axis=0)
    columns, rows = (
        np.minimum((spots - low) / np.maximum(high - low, 1e-9) * _PARTS, _PARTS - 1).astype(int).T
    )
    parts = rows * _PARTS + columns
    sizes = np.bincount(parts, minlength=_PARTS**2)
    plain = np.bincount(parts, np.abs(levels.astype(int) - ground) <= _GROUND_LEVELS, _PARTS**2)
    full = sizes >= _LEAST_OF_PART
    return float(np.percentile(plain[full] / sizes[full], 20)) if full.any() else 0.0


def in_pixels(matrix: Matrix, query: Features, candidate: Features) -> Matrix:
    """A map between both pictures at their common scale as one between their own pixels."""
    ours, theirs = _scale_of(query), _scale_of(candidate)
    return np.hstack([matrix[:, :2] * theirs / ours, matrix[:, 2:] * theirs])


def agreement(query: Features, candidate: Features, matrix: Matrix) -> Alike | None:
    """Which share of the blocks in common looks alike when the query is laid over the candidate, how closely.

    Blocks that are plain in both do not count. None if fewer than six are left.
    """
    cv2 = opencv()
    ours, theirs = query.small, candidate.small
    small = _between_small(matrix, query, candidate)
    stretch = math.sqrt(abs(float(np.linalg.det(small[:, :2]))))
    if not 1 / 32 < stretch < 32:
        return None
    if stretch > 1:  # the query is the coarser: the candidate is made as coarse
        theirs, small = _shrunk(theirs, 1 / stretch, small, of_candidate=True)
    else:
        ours, small = _shrunk(ours, stretch, small, of_candidate=False)
    height, width = theirs.shape
    if min(height, width) < _BLOCK:
        return None
    flags = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_CONSTANT, "borderValue": 0}
    laid = cv2.warpAffine(ours.astype(np.float32), small, (width, height), **flags)
    covered = cv2.warpAffine(np.ones(ours.shape, np.float32), small, (width, height), **flags) > 0.99
    return _alike(laid, theirs.astype(np.float32), covered)


def _alike(laid: NDArray[np.float32], below: NDArray[np.float32], covered: NDArray[np.bool_]) -> Alike | None:
    """The share of blocks that are alike in all but brightness and contrast, and how closely these are."""
    views = [
        np.lib.stride_tricks.sliding_window_view(one, (_BLOCK, _BLOCK))[::_STEP, ::_STEP]
        for one in (laid, below, covered)
    ]
    first, second, inside = (view.reshape(-1, _BLOCK * _BLOCK) for view in views)
    whole = inside.mean(axis=1) > _MOSTLY
    first, second, weights = first[whole], second[whole], inside[whole].astype(np.float32)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)
    first = first - (first * weights).sum(axis=1, keepdims=True)
    second = second - (second * weights).sum(axis=1, keepdims=True)
    spread = [np.sqrt((one * one * weights).sum(axis=1)) for one in (first, second)]
    telling = np.maximum(*spread) > _PLAIN
    if telling.sum() < _LEAST_BLOCKS:
        return None
    together = (first * second * weights).sum(axis=1)
    correlation = (together / np.maximum(spread[0] * spread[1], 1.0))[telling]
    alike = correlation > _ALIKE
    closely = float(np.median(correlation[alike])) if alike.any() else 0.0
    share = float(alike.mean())
    if closely < _AS_A_COPY or share < _LEAST_LEFT:
        return Alike(share, closely, None)
    hidden = _laid_over(spread[0][telling][~alike], spread[1][telling][~alike])
    return Alike(share, closely, float(alike.sum()) / (alike.size - hidden) if hidden else None)


def _laid_over(first: NDArray[np.float32], second: NDArray[np.float32]) -> int:
    """How many of the blocks that differ are so since letters or a mark lie over one of the pictures.

    Such stand out to be read: the blocks under them are less varied, on one picture and not on the other by
    turns, as they are where two pictures show two things.
    """
    cover = max(int((one > _STANDS_OUT * other).sum()) for one, other in ((first, second), (second, first)))
    return cover if cover >= _MOSTLY_COVER * len(first) else 0


def _paired(query: Features, candidate: Features) -> tuple[Places, Places]:
    """Places with descriptors that are much nearer to each other than to the next best."""
    if len(query) < 2 or len(candidate) < 2:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    best, *near = nearest(query.levels, candidate.levels)
    first, second = (np.sqrt(np.maximum(0, 2 - 2 * each)) for each in near)
    kept = first < _RATIO * second
    return query.pixels()[kept], candidate.pixels()[best[kept]]


def _map_between(ours: Places, theirs: Places) -> tuple[Matrix, NDArray[np.bool_]] | None:
    """The affine map that most pairs obey, and which do."""
    cv2: Any = opencv()
    wanted = cv2.UsacParams()
    wanted.score, wanted.loMethod = cv2.SCORE_METHOD_MAGSAC, cv2.LOCAL_OPTIM_SIGMA
    wanted.sampler, wanted.threshold = cv2.SAMPLING_UNIFORM, _NEAR_PX
    wanted.maxIterations, wanted.confidence = _ITERATIONS, _CONFIDENCE
    try:
        matrix, obeying = cv2.estimateAffine2D(ours, theirs, wanted)
    except cv2.error:  # all pairs on one spot or line
        return None
    if matrix is None or not np.isfinite(matrix).all():
        return None
    wide, narrow = np.linalg.svd(matrix[:, :2], compute_uv=False)
    if not (narrow > _SMALLEST and wide < _LARGEST and wide / narrow < _MOST_SKEW):
        return None
    return matrix, obeying.ravel() > 0


def _distinct(ours: Places, theirs: Places) -> NDArray[np.intp]:
    """Pairs whose places lie apart in both pictures: several features on one spot count once."""
    kept = np.arange(len(ours))
    for places in (ours, theirs):
        cells = np.round(places[kept] / _APART_PX).astype(np.int64)
        _, first = np.unique(cells, axis=0, return_index=True)
        kept = kept[np.sort(first)]
    return kept


def _scale_of(of: Features) -> float:
    """Upright pixels of the picture for one pixel at the common scale."""
    return of.width / scaled_size(of.width, of.height)[0]


def _between_small(matrix: Matrix, query: Features, candidate: Features) -> Matrix:
    """The map between the small copies (pixel centres at whole numbers)."""
    ours = np.array([query.width / query.small.shape[1], query.height / query.small.shape[0]])
    theirs = np.array(
        [candidate.width / candidate.small.shape[1], candidate.height / candidate.small.shape[0]]
    )
    linear = matrix[:, :2] * ours / theirs[:, None]
    shift = matrix[:, 2] / theirs + linear @ np.full(2, 0.5) - 0.5
    return np.hstack([linear, shift[:, None]])


def _shrunk(
    small: NDArray[np.uint8], scale: float, matrix: Matrix, *, of_candidate: bool
) -> tuple[NDArray[np.uint8], Matrix]:
    """A small copy made smaller, and the map between the copies then."""
    height, width = small.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller = opencv().resize(small, size, interpolation=opencv().INTER_AREA)
    ratio = np.array([size[0] / width, size[1] / height])
    if of_candidate:
        shift = ratio * (matrix[:, 2] + 0.5) - 0.5
        return smaller, np.hstack([matrix[:, :2] * ratio[:, None], shift[:, None]])
    linear = matrix[:, :2] / ratio
    shift = matrix[:, 2] + linear @ np.full(2, 0.5) - matrix[:, :2] @ np.full(2, 0.5)
    return smaller, np.hstack([linear, shift[:, None]])


def _shared_area(matrix: Matrix, query: tuple[int, int], candidate: tuple[int, int]) -> float:
    """How many pixels of the candidate the query covers."""
    width, height = query
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    outline = [tuple(point) for point in corners @ matrix[:, :2].T + matrix[:, 2]]
    for axis, bound, sign in ((0, 0, 1), (0, candidate[0], -1), (1, 0, 1), (1, candidate[1], -1)):
        outline = _cut(outline, axis, bound, sign)
    points = np.array(outline).reshape(-1, 2)
    x, y = points[:, 0], points[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2 if len(points) > 2 else 0.0


def _cut(outline: list[tuple[float, ...]], axis: int, bound: float, sign: int) -> list[tuple[float, ...]]:
    """The part of an outline on one side of a line along an axis (Sutherland and Hodgman 1974)."""
    kept: list[tuple[float, ...]] = []
    for before, here in zip([*outline[-1:], *outline[:-1]], outline, strict=True):
        from_line, to_line = sign * (before[axis] - bound), sign * (here[axis] - bound)
        if (from_line >= 0) != (to_line >= 0):
            part = from_line / (from_line - to_line)
            kept.append(tuple(a + part * (b - a) for a, b in zip(before, here, strict=True)))
        if to_line >= 0:
            kept.append(here)
    return kept
