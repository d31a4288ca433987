"""Pages: whether two pictures with writing on them are one, or only made from one form.

Pages of one form and screens of one program share lines, labels and arrangement, so that much of both
agrees. What tells them apart is what was filled in. So larger copies of both are laid over each other, by the
map that their common places obey, and compared in small blocks: of two copies of one page hardly a block
differs, whatever was done to them; of two pages of one form every field does.

What people put over a page differs too. A strip is left out in which, over a tenth of what both show, no
place agrees and hardly a block does (a bar with a caption, what surrounds a cut page in a screenshot). A
patch is passed over whose brightness is another one, as a logo's is, or that is the same but coarser, as
hidden names are; so is what has strokes much wider than those of writing on one page only, as large letters
over a page have. Lines of writing are no patches, and the outermost blocks are not asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.engine import engine
from witnessmark.pixels.features import DETAIL_SIDE, Features, opencv
from witnessmark.pixels.plain import CELL, SHIFTS

LEAST_LEFT, MOST_DIFFERENT, SURELY_DIFFERENT, LEAST_BLOCKS = 0.6, 0.01, 0.002, 40
"""How much of what is written has to be left, how much of that may differ, of the worst copies and of the
best; how many blocks have to tell."""
_FOR_COARSENESS, _SHARP_COPIES, _SPOT, _SPOT_FOR_COARSENESS, _FEWEST_IN_FULL = 0.06, 0.97, 5, 100, 120
_ALIKE_IF_SHARP = 0.7
_MOST_OF_FEW = 0.05
"""Of a page with few blocks some may always differ, but no more than this."""
_BLOCK, _STEP, _PIXELS = 2 * CELL, CELL, (2 * CELL) ** 2
_SHOWN = 252
_ALIKE, _WRITTEN, _WELL_WRITTEN, _LEAST_SPREAD = 0.5, 0.08, 0.2, 12
"""The least correlation of blocks that are alike; the least spread of one that tells, of the contrast,
of what the most varied blocks have, and at all: one step between the 16 levels of a copy spreads by 8.5."""
_ENOUGH_PAIRS, _LEAST_DEPTH = 24, 0.3
_PATCH_FILLS, _PATCH_OFF, _PATCHES, _NARROWEST, _SMALL_PATCH = 0.45, 0.25, 0.3, 4, 0.06
_GAP, _EDGE, _MOSTLY = 0.04, 5, 0.5
_SIDE, _ANOTHER, _RIM = 0.1, 0.75, 2
_COARSENED, _SAME_COARSELY, _GROUND_PERCENT = 0.4, 0.5, 90
_SHARP, _SOFTENED_PX = 0.8, 1.2
_THICK, _THICK_HIGH = 0.5, 4
"""How much of a thick stroke is left without thin ones; of how many blocks a patch of thick ones is high."""
_THICK_ON_ONE, _THICK_ON_OTHER, _THICK_OF_PAGE = 0.4, 0.25, 0.3
"""How many blocks of a patch are thick on the page that it lies on and on the other; how many of a page."""
_STROKES = {True: 4, False: 5}
"""Narrower than so many pixels is what is taken away as thin, of a coarse copy and of a full one."""
_LEAST_OF_OTHER = 0.35
"""How much of what is written on either page has to be left."""
_MOST_STRETCH = 12
_COARSE_SIDE = 512
_PARTS, _PATCH, _REACH, _FITS, _LEAST_PATCHES = 8, 32, 6, 0.6, 8

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
Levels = NDArray[np.float64]
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Compared:
    """What two pages say, laid one over the other.

    How many `blocks` tell anything, what share of what is written is `left` after what was covered, what
    share of that is `different`, how `alike` a block is in the middle, and how many that differ lie on the
    `largest` spot of such.
    """

    blocks: int
    left: float
    different: float
    alike: float = 1.0
    largest: int = 0

    @property
    def differing(self) -> int:
        """How many blocks differ."""
        return round(self.different * self.blocks)

    @property
    def is_one_page(self) -> bool:
        """Whether nothing but what was laid over it differs: the coarser the copies, the more may.

        Of sharp copies none may differ in a spot larger than a letter, of coarse ones none in a spot much
        larger: what they make up is scattered.
        """
        spot = _SPOT + _SPOT_FOR_COARSENESS * max(0.0, _SHARP_COPIES - self.alike)
        if self.left < LEAST_LEFT or self.largest > spot:
            return False
        most = min(MOST_DIFFERENT, SURELY_DIFFERENT + _FOR_COARSENESS * (1 - self.alike))
        return self.different <= most or (self.differing <= _SPOT and self.different <= _MOST_OF_FEW)


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Blocks of two pages, one over the other: how alike, how bright, how varied, and on which is writing."""

    alike: Levels
    ours: Levels
    theirs: Levels
    spreads: tuple[Levels, Levels]
    written: tuple[Mask, Mask]
    contrast: float
    pages: tuple[Picture, Picture]

    @property
    def tell(self) -> Mask:
        """Those with writing on either page."""
        return self.written[0] | self.written[1]

    @property
    def strong(self) -> Mask:
        """Those whose detail stands well above the few levels of a copy."""
        return np.asarray(np.maximum(*self.spreads) > 2 * _LEAST_SPREAD)

    @property
    def differ(self) -> Mask:
        """Those that tell that the pages are not alike there; of sharp copies more is asked."""
        is_sharp = self.tell.any() and float(np.median(self.alike[self.tell])) >= _SHARP_COPIES
        least = np.where(self.strong & is_sharp, _ALIKE_IF_SHARP, _ALIKE)
        return np.asarray(self.tell & (self.alike < least))


def compared(
    query: Features, candidate: Features, matrix: Matrix, pairs: NDArray[np.float32]
) -> Compared | None:
    """What the larger copies of two pages say, laid over each other by a map between their own pixels.

    `pairs` are places that obey it (float32[n, 4]); of many of them a perspective is worked out. None if one
    of the pictures is no page, or too little is written on what they share. What agrees at half the size is
    looked at in full: letters of small writing are told apart only there.
    """
    if query.detail is None or candidate.detail is None:
        return None
    ours, theirs = _Copy.of(query, _COARSE_SIDE), _Copy.of(candidate, _COARSE_SIDE)
    whole = _perspective(query, matrix, pairs)
    places = pairs[:, 2:] / (candidate.width, candidate.height)
    coarse = _said(_laid(ours, theirs, whole), places)
    larger = max(*query.detail.shape, *candidate.detail.shape)
    if larger <= _COARSE_SIDE or (coarse is not None and not coarse.is_one_page):
        return coarse
    ours, theirs = _Copy.of(query), _Copy.of(candidate)
    return _said(_laid(ours, theirs, whole), places, _FEWEST_IN_FULL) or coarse


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy for writing, and the map from a picture's own pixels to its: centres are whole numbers."""

    levels: Picture
    onto: Matrix

    @classmethod
    def of(cls, picture: Features, side: int = DETAIL_SIDE) -> _Copy:
        """The copy of a picture, its longer side at most so long."""
        assert picture.detail is not None  # noqa: S101 - asked by the caller
        levels = picture.detail
        if max(levels.shape) > side:
            levels = _coarser(levels, side / max(levels.shape))
        return cls(levels, _onto(picture.width, picture.height, levels))

    def coarser(self, scale: float) -> _Copy:
        """The same, made smaller."""
        levels = _coarser(self.levels, scale)
        height, width = self.levels.shape
        return _Copy(levels, _onto(width, height, levels, centres=True) @ self.onto)


def _said(blocks: _Blocks | None, places: Matrix, least: int = LEAST_BLOCKS) -> Compared | None:
    """What blocks say; None if too few tell anything at the scale of the coarser copy."""
    if blocks is None or blocks.tell.sum() < least:
        return None
    inside = _vouched_for(blocks, places)
    inside &= ~_covered(blocks, blocks.differ & inside)
    told, differ = blocks.tell & inside, blocks.differ & inside
    lefts = [float((one & inside).sum()) / max(1, int(one.sum())) for one in blocks.written]
    left = max(lefts) if min(lefts) >= _LEAST_OF_OTHER else min(lefts)
    alike = float(np.median(blocks.alike[told])) if told.any() else 0.0
    spot = (differ & blocks.strong).astype(np.uint8)
    _, _, spots, _ = opencv().connectedComponentsWithStats(spot, connectivity=8)
    largest = int(spots[1:, -1].max(initial=0))
    return Compared(int(told.sum()), left, float(differ.sum()) / max(1, int(told.sum())), alike, largest)


def _vouched_for(blocks: _Blocks, places: Matrix) -> Mask:
    """All but strips along the sides in which no place (from 0 to 1) agrees and nearly no block does."""
    tell, differ = blocks.tell, blocks.differ
    inside = np.ones_like(tell)
    for axis in (0, 1) if len(places) else ():
        lines = np.flatnonzero(tell.any(axis=1 - axis))
        first, last = int(lines[0]), int(lines[-1]) + 1
        spots = places[:, 1 - axis] * tell.shape[axis]
        low, high = int(spots.min()), int(np.ceil(spots.max()))
        for strip in (slice(first, low), slice(high, last)):
            where = (strip, slice(None)) if axis == 0 else (slice(None), strip)
            is_wide = strip.stop - strip.start > _SIDE * (last - first)
            if is_wide and differ[where].sum() > _ANOTHER * tell[where].sum():
                inside[where] = False
    return inside


def _perspective(query: Features, matrix: Matrix, pairs: NDArray[np.float32]) -> Matrix:
    """The map with what perspective there is, if the pairs are many and obey it better."""
    whole = np.vstack([matrix, [0, 0, 1]])
    if len(pairs) < _ENOUGH_PAIRS:
        return whole
    ours, theirs = pairs[:, :2].astype(np.float64), pairs[:, 2:].astype(np.float64)
    found, _ = opencv().findHomography(ours, theirs, 0)
    if found is None or not np.isfinite(found).all():
        return whole
    sides = np.array([[0, 0], [query.width, 0], [query.width, query.height], [0, query.height]], float)
    depths = np.hstack([sides, np.ones((4, 1))]) @ found[2]
    if depths.min() < _LEAST_DEPTH or _off(found, ours, theirs) > _off(whole, ours, theirs):
        return whole
    return np.asarray(found, np.float64)


def _off(matrix: Matrix, ours: Matrix, theirs: Matrix) -> float:
    """How far the map misses in the mean, in pixels."""
    laid = np.hstack([ours, np.ones((len(ours), 1))]) @ matrix.T
    return float(np.linalg.norm(laid[:, :2] / laid[:, 2:] - theirs, axis=1).mean())


def _laid(ours: _Copy, theirs: _Copy, matrix: Matrix) -> _Blocks | None:
    """The query's copy over the candidate's, both as coarse as the coarser of them, in blocks."""
    cv2 = opencv()
    linear = theirs.onto @ matrix @ np.linalg.inv(ours.onto)
    stretch = math.sqrt(abs(float(np.linalg.det(linear[:2, :2]))))
    if not 1 / _MOST_STRETCH < stretch < _MOST_STRETCH:
        return None
    if stretch > 1:
        theirs = theirs.coarser(1 / stretch)
    else:
        ours = ours.coarser(stretch)
    height, width = theirs.levels.shape
    if min(height, width) < _BLOCK:
        return None
    between = theirs.onto @ matrix @ np.linalg.inv(ours.onto)
    above, below = ours.levels, theirs.levels
    between = _settled(cv2.warpPerspective(above, between, (width, height)), below) @ between
    laid = cv2.warpPerspective(above, between, (width, height))
    shown = cv2.warpPerspective(np.full_like(above, 255), between, (width, height))
    shown = (shown > _SHOWN).astype(np.uint8)
    blocks = _in_blocks(laid, below, shown)
    if not blocks.tell.any() or np.median(blocks.alike[blocks.tell]) > _SHARP:
        return blocks
    return _in_blocks(laid, cv2.GaussianBlur(below, (0, 0), _SOFTENED_PX), shown)  # a blurred copy


def _settled(laid: Picture, below: Picture) -> Matrix:
    """By what perspective map the one moves so that its writing comes to lie on that of the other.

    Where features lie is known to a pixel of 400 only, and few of them lie at the corners. Patches with much
    on them, one from each part, are sought a few pixels around where they lie.
    """
    cv2 = opencv()
    found = []
    height, width = below.shape
    tall, wide = -(-height // _PARTS), -(-width // _PARTS)
    for top in range(0, height - _PATCH - 2 * _REACH, tall):
        for left in range(0, width - _PATCH - 2 * _REACH, wide):
            spot = _most_written(below[top : top + tall, left : left + wide])
            y, x = top + spot[0], left + spot[1]
            if not (_REACH <= y < height - _PATCH - _REACH and _REACH <= x < width - _PATCH - _REACH):
                continue
            around = laid[y - _REACH : y + _PATCH + _REACH, x - _REACH : x + _PATCH + _REACH]
            likeness = cv2.matchTemplate(around, below[y : y + _PATCH, x : x + _PATCH], cv2.TM_CCOEFF_NORMED)
            _, best, _, (right, down) = cv2.minMaxLoc(likeness)
            if best > _FITS and 0 < right < 2 * _REACH and 0 < down < 2 * _REACH:
                found.append((x + right - _REACH, y + down - _REACH, x, y))
    unmoved = np.eye(3)
    if len(found) < _LEAST_PATCHES:
        return unmoved
    pairs = np.array(found, np.float64) + _PATCH / 2
    matrix, fitting = cv2.findHomography(pairs[:, :2], pairs[:, 2:], cv2.RANSAC, 1.5)
    if matrix is None or not np.isfinite(matrix).all() or fitting.sum() < _LEAST_PATCHES:
        return unmoved
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float64)
    moved = np.abs(cv2.perspectiveTransform(corners, matrix) - corners).max()
    return np.asarray(matrix, np.float64) if moved <= 2 * _REACH else unmoved


def _most_written(part: Picture) -> tuple[int, int]:
    """Where in a part the patch with most on it begins."""
    cv2 = opencv()
    if min(part.shape) <= _PATCH:
        return 0, 0
    mean, square = (
        box(part, cv2.CV_32F, (_PATCH, _PATCH), anchor=(0, 0))[:-_PATCH, :-_PATCH]
        for box in (cv2.boxFilter, cv2.sqrBoxFilter)
    )
    row, column = np.unravel_index(int(np.argmax(square - mean * mean)), mean.shape)
    return int(row), int(column)


def _onto(wide: int, high: int, levels: Picture, *, centres: bool = False) -> Matrix:
    """From places on so many pixels to the pixels of a copy; from places of pixels, or of their centres."""
    across, down = levels.shape[1] / wide, levels.shape[0] / high
    shift = 0.5 if centres else 0.0
    return np.array([[across, 0, across * shift - 0.5], [0, down, down * shift - 0.5], [0, 0, 1]])


def _coarser(copy: Picture, scale: float) -> Picture:
    size = (max(1, round(copy.shape[1] * scale)), max(1, round(copy.shape[0] * scale)))
    smaller: Picture = opencv().resize(copy, size, interpolation=opencv().INTER_AREA)
    return smaller


def _in_blocks(laid: Picture, below: Picture, shown: Picture) -> _Blocks:
    """Blocks of both, each compared where it lies and a pixel to every side."""
    sums = engine().overlay(laid, below).astype(np.float64)
    ours, squares, moved = sums[..., 0], sums[..., 1], sums[..., 2:].reshape(*sums.shape[:2], SHIFTS, 3)
    theirs, their_squares, products = moved[..., 0], moved[..., 1], moved[..., 2]
    spread = np.sqrt(_PIXELS * squares - ours * ours)
    deviations = np.sqrt(_PIXELS * their_squares - theirs * theirs)
    together = _PIXELS * products - ours[..., None] * theirs
    alike = (together / np.maximum(spread[..., None] * deviations, _PIXELS**2)).max(axis=-1)
    spreads = (spread / _PIXELS, deviations[..., SHIFTS // 2] / _PIXELS)
    contrasts = [_contrast(one, shown) for one in (laid, below)]
    around = np.ones((_BLOCK, _BLOCK), np.uint8)
    whole = opencv().erode(shown, around, anchor=(0, 0))[::_STEP, ::_STEP][: alike.shape[0], : alike.shape[1]]
    looked_at = np.zeros(alike.shape, bool)
    looked_at[_RIM:-_RIM, _RIM:-_RIM] = whole[_RIM:-_RIM, _RIM:-_RIM] > 0
    written = []
    for one, contrast in zip(spreads, contrasts, strict=True):
        most = float(np.percentile(one[looked_at], 98)) if looked_at.any() else 0.0
        written.append(looked_at & (one > max(_LEAST_SPREAD, _WRITTEN * contrast, _WELL_WRITTEN * most)))
    means = (ours / _PIXELS, theirs[..., SHIFTS // 2] / _PIXELS)
    pages = (laid, below)
    return _Blocks(alike, *means, spreads, (written[0], written[1]), max(1.0, contrasts[0]), pages)


def _contrast(of: Picture, shown: Picture) -> float:
    """How far apart dark and bright are in what is shown: from 2 in 100 pixels to 98."""
    counts = np.cumsum(opencv().calcHist([of], [0], shown, [256], [0, 256]))
    low, high = np.searchsorted(counts, (0.02 * counts[-1], 0.98 * counts[-1]))
    return float(high - low)


def _covered(blocks: _Blocks, differ: Mask) -> Mask:
    """Patches that differ since something was laid over them, or since what they showed was made unreadable.

    One with wide strokes on one page only is passed over. One that is wide and high is if its brightness is
    another one or either page has hardly any detail there; a small one only if it kept the brightness of what
    it hides. Lines of writing are none of these.
    """
    alike = blocks.tell & ~differ
    if alike.sum() < LEAST_BLOCKS // 2 or not differ.any():
        return np.zeros_like(differ)
    slope, shift = np.polyfit(blocks.theirs[alike], blocks.ours[alike], 1)
    expected = slope * blocks.theirs + shift
    off = np.abs(blocks.ours - expected) > _PATCH_OFF * blocks.contrast
    flat = [one < _COARSENED * other for one, other in _each_way(blocks, abs(float(slope)))]
    ground = slope * float(np.percentile(blocks.theirs, _GROUND_PERCENT)) + shift
    narrowest = max(_NARROWEST, round(_SMALL_PATCH * max(differ.shape)))
    patches = _patches(differ)
    covered = _marked(blocks, alike, patches)
    for box, patch in patches:
        if covered[patch].all():
            continue
        is_hidden = max(float(one[patch].mean()) for one in flat) > _MOSTLY
        if min(patch[box].shape) >= narrowest and patch[box].sum() >= _PATCH_FILLS * blocks.tell[box].sum():
            if is_hidden or off[patch].mean() >= _MOSTLY:
                covered[box] = True
            continue
        unlike = np.abs(blocks.ours[patch] - expected[patch]).mean()
        if is_hidden and unlike < _SAME_COARSELY * np.abs(ground - expected[patch]).mean():
            covered |= patch
    if (covered & blocks.tell).sum() > _PATCHES * blocks.tell.sum():
        return np.zeros_like(differ)
    return np.asarray(opencv().dilate(covered.astype(np.uint8), np.ones((_EDGE, _EDGE), np.uint8)) > 0)


def _patches(differ: Mask) -> list[tuple[tuple[slice, slice], Mask]]:
    """What differs, taken together where it lies near: the box of each patch, and its blocks."""
    cv2 = opencv()
    gap = max(3, round(_GAP * max(differ.shape)) | 1)
    joined = cv2.morphologyEx(differ.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for label in range(1, count):
        left, top, width, height, _ = boxes[label]
        patch = (labels == label) & differ
        if patch.any():
            found.append(((slice(top, top + height), slice(left, left + width)), patch))
    return found


def _marked(blocks: _Blocks, alike: Mask, patches: list[tuple[tuple[slice, slice], Mask]]) -> Mask:
    """The patches with strokes much wider than those of writing, on one page and not on the other."""
    marked = np.zeros_like(alike)
    thick = [_thick(page, alike.shape) for page in blocks.pages]
    if max(float(one[alike].mean()) for one in thick) > _THICK_OF_PAGE:
        return marked
    for box, patch in patches:
        less, more = sorted(float(one[patch].mean()) for one in thick)
        is_mark = more >= _THICK_ON_ONE and less <= _THICK_ON_OTHER
        marked[box] |= is_mark and min(patch[box].shape) >= _THICK_HIGH
    return marked


def _thick(page: Picture, shape: tuple[int, ...]) -> Mask:
    """In which blocks of a page most of what varies is left without thin lines, light or dark."""
    cv2 = opencv()
    stroke = _STROKES[max(page.shape) <= _COARSE_SIDE]
    around = np.ones((stroke, stroke), np.uint8)
    without = (cv2.morphologyEx(page, how, around) for how in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN))
    whole, *left = (_spreads(one, shape) for one in (page, *without))
    return np.asarray(np.minimum(*left) > np.maximum(_THICK * whole, _LEAST_SPREAD))


def _spreads(page: Picture, shape: tuple[int, ...]) -> Levels:
    """How much brightness varies within each block."""
    cv2 = opencv()
    mean, square = (
        over(page, cv2.CV_32F, (_BLOCK, _BLOCK), anchor=(0, 0))[::_STEP, ::_STEP][: shape[0], : shape[1]]
        for over in (cv2.boxFilter, cv2.sqrBoxFilter)
    )
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float64)


def _each_way(blocks: _Blocks, slope: float) -> tuple[tuple[Levels, Levels], tuple[Levels, Levels]]:
    """How varied either page is and should be by the other."""
    ours, theirs = blocks.spreads
    return (ours, slope * theirs), (slope * theirs, ours)
