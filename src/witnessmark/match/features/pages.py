"""Pages: whether two pictures with writing on them are one, or only made from one form.

Pages of one form and screens of one program share lines, labels and arrangement, so that much of both
agrees. What tells them apart is what was filled in. So larger copies of both are laid over each other, by the
map that their common places obey, and compared in small blocks: of two copies of one page hardly a block
differs, whatever was done to them; of two pages of one form every field does.

What people put over a page differs too. A strip is left out in which, over a tenth of what both show, no
place agrees and hardly a block does (a bar with a caption, what surrounds a cut page in a screenshot). A
patch is passed over whose brightness is another one, as a logo's is, or that is the same but coarser, as
hidden names are. Lines of writing are no patches, and the outermost blocks are not asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.features import Features, opencv

LEAST_LEFT, MOST_DIFFERENT, LEAST_BLOCKS = 0.6, 0.01, 40
"""How much of what is written has to be left, how much of that may differ; how many blocks have to tell."""
_BLOCK, _STEP, _SHIFTS = 12, 6, (-1, 0, 1)
_ALIKE, _WRITTEN, _WELL_WRITTEN, _LEAST_SPREAD = 0.5, 0.08, 0.2, 12
"""The least correlation of blocks that are alike; the least spread of one that tells, of the contrast,
of what the most varied blocks have, and at all: one step between the 16 levels of a copy spreads by 8.5."""
_ENOUGH_PAIRS, _LEAST_DEPTH = 24, 0.3
_PATCH_FILLS, _PATCH_OFF, _PATCHES, _NARROWEST = 0.45, 0.25, 0.3, 4
_SIDE, _ANOTHER, _RIM = 0.1, 0.75, 2
_COARSENED, _SAME_COARSELY = (0.05, 0.4), 0.6
_SHARP, _SOFTENED_PX = 0.8, 1.2
_MOST_STRETCH = 12

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two pages, one over the other: how many blocks tell, what share is left, how much of that differs."""

    blocks: int
    left: float
    different: float

    @property
    def is_one_page(self) -> bool:
        """Whether nothing but what was laid over it differs."""
        return self.left >= LEAST_LEFT and self.different <= MOST_DIFFERENT


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Blocks of two pages, one over the other: how alike, how bright and how varied, which tell anything."""

    alike: Levels
    ours: Levels
    theirs: Levels
    spreads: tuple[Levels, Levels]
    tell: Mask
    contrast: float

    @property
    def differ(self) -> Mask:
        """Those that tell that the pages are not alike there."""
        return self.tell & (self.alike < _ALIKE)


def compared(
    query: Features, candidate: Features, matrix: Matrix, pairs: NDArray[np.float32]
) -> Compared | None:
    """What the larger copies of two pages say, laid over each other by a map between their own pixels.

    `pairs` are places that obey it (float32[n, 4]); of many of them a perspective is worked out. None if one
    of the pictures is no page, or too little is written on what they share.
    """
    if query.detail is None or candidate.detail is None:
        return None
    blocks = _laid(query, candidate, _perspective(query, matrix, pairs))
    if blocks is None or blocks.tell.sum() < LEAST_BLOCKS:
        return None  # too little is left at the scale of the coarser
    inside = _vouched_for(blocks, pairs[:, 2:] / (candidate.width, candidate.height))
    differ = blocks.differ & inside
    differ &= ~_patches(blocks, differ)
    told, whole = int((blocks.tell & inside).sum()), int(blocks.tell.sum())
    return Compared(whole, told / whole, float(differ.sum()) / max(1, told))


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


def _laid(query: Features, candidate: Features, matrix: Matrix) -> _Blocks | None:
    """The query's copy over the candidate's, both as coarse as the coarser of them, in blocks."""
    cv2 = opencv()
    assert query.detail is not None and candidate.detail is not None  # noqa: S101 - asked by the caller
    ours, theirs = query.detail, candidate.detail
    linear = _onto(candidate, theirs) @ matrix @ np.linalg.inv(_onto(query, ours))
    stretch = math.sqrt(abs(float(np.linalg.det(linear[:2, :2]))))
    if not 1 / _MOST_STRETCH < stretch < _MOST_STRETCH:
        return None
    if stretch > 1:
        theirs = _coarser(theirs, 1 / stretch)
    else:
        ours = _coarser(ours, stretch)
    height, width = theirs.shape
    if min(height, width) < _BLOCK:
        return None
    between = _onto(candidate, theirs) @ matrix @ np.linalg.inv(_onto(query, ours))
    laid = cv2.warpPerspective(ours.astype(np.float32), between, (width, height))
    covered = cv2.warpPerspective(np.ones(ours.shape, np.float32), between, (width, height)) > 0.99
    below, shown = theirs.astype(np.float32), covered.astype(np.float32)
    blocks = _in_blocks(laid, below, shown)
    if not blocks.tell.any() or np.median(blocks.alike[blocks.tell]) > _SHARP:
        return blocks
    return _in_blocks(laid, cv2.GaussianBlur(below, (0, 0), _SOFTENED_PX), shown)  # a blurred copy


def _onto(of: Features, copy: NDArray[np.uint8]) -> Matrix:
    """From a picture's own pixels to the pixels of a copy of it (whose centres are whole numbers)."""
    return np.array([[copy.shape[1] / of.width, 0, -0.5], [0, copy.shape[0] / of.height, -0.5], [0, 0, 1]])


def _coarser(copy: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    size = (max(1, round(copy.shape[1] * scale)), max(1, round(copy.shape[0] * scale)))
    smaller: NDArray[np.uint8] = opencv().resize(copy, size, interpolation=opencv().INTER_AREA)
    return smaller


def _in_blocks(laid: Levels, below: Levels, covered: Levels) -> _Blocks:
    """Blocks of both, each compared where it lies and a pixel to every side."""
    ours, spread = _mean_and_spread(laid)
    theirs, their_spread = _mean_and_spread(below)
    alike = np.full(ours.shape, -1, np.float32)
    for down in _SHIFTS:
        for right in _SHIFTS:
            moved = np.roll(below, (down, right), (0, 1))
            mean, deviation = _mean_and_spread(moved)
            together = _means(laid * moved) - ours * mean
            alike = np.maximum(alike, together / np.maximum(spread * deviation, 1))
    inside = covered > 0
    if not inside.any():
        return _Blocks(alike, ours, theirs, (spread, their_spread), np.zeros(alike.shape, bool), 1.0)
    contrasts = [float(np.ptp(np.percentile(one[inside], (2, 98)))) for one in (laid, below)]
    written = np.zeros(alike.shape, bool)
    for one, contrast in zip((spread, their_spread), contrasts, strict=True):
        least = (_LEAST_SPREAD, _WRITTEN * contrast, _WELL_WRITTEN * float(np.percentile(one, 98)))
        written |= one > max(least)
    rim = np.zeros_like(written)
    rim[_RIM:-_RIM, _RIM:-_RIM] = True
    tell = written & rim & (_means(covered) > 0.999)
    return _Blocks(alike, ours, theirs, (spread, their_spread), tell, max(1.0, contrasts[0]))


def _means(of: Levels) -> Levels:
    """The mean of each block."""
    means = opencv().boxFilter(of, -1, (_BLOCK, _BLOCK), anchor=(0, 0), borderType=opencv().BORDER_CONSTANT)
    height, width = of.shape
    kept: Levels = means[: height - _BLOCK + 1 : _STEP, : width - _BLOCK + 1 : _STEP]
    return kept


def _mean_and_spread(of: Levels) -> tuple[Levels, Levels]:
    mean = _means(of)
    return mean, np.sqrt(np.maximum(_means(of * of) - mean * mean, 0))


def _patches(blocks: _Blocks, differ: Mask) -> Mask:
    """Patches of blocks that differ since something was laid over them, or since they were made coarse."""
    patches = np.zeros_like(differ)
    alike = blocks.tell & ~differ
    if alike.sum() < LEAST_BLOCKS // 2:
        return patches
    slope, shift = np.polyfit(blocks.theirs[alike], blocks.ours[alike], 1)
    off = np.abs(blocks.ours - (slope * blocks.theirs + shift)) > _PATCH_OFF * blocks.contrast
    count, labels, boxes, _ = opencv().connectedComponentsWithStats(differ.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        _, _, width, height, size = boxes[label]
        patch = labels == label
        if min(width, height) < _NARROWEST:
            continue
        is_laid_over = size >= _PATCH_FILLS * width * height and off[patch].mean() >= 0.5
        if is_laid_over or _is_coarsened(blocks, patch, abs(float(slope))):
            patches |= patch
    return patches if patches.sum() <= _PATCHES * blocks.tell.sum() else np.zeros_like(differ)


def _is_coarsened(blocks: _Blocks, patch: Mask, slope: float) -> bool:
    """Whether a patch shows the same as below it, without what is small."""
    ours, theirs = blocks.ours[patch], blocks.theirs[patch]
    before = slope * float(blocks.spreads[1][patch].mean())
    if min(float(ours.std()), float(theirs.std())) < 1 or not before:
        return False
    least, most = _COARSENED
    is_smoother = least * before < float(blocks.spreads[0][patch].mean()) < most * before
    return is_smoother and float(np.corrcoef(ours, theirs)[0, 1]) > _SAME_COARSELY
