"""Regions: the parts of a picture that may be pictures themselves, found by plain gaps and straight seams.

A screenshot, a frame, bars or a collage are cut up as a page is (recursive XY cut: Nagy and Seth 1984): where
rows or columns of a part are plain from one side to the other, and else along the straightest seam, where
brightness jumps along most of a line and is smooth on both sides of it. Looked for on a small copy; the
edges that are found are then put where the jump is greatest in the picture itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.engine import engine
from witnessmark.pixels.waves import COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED

Grey = NDArray[np.uint8]
_Numbers = NDArray[np.int64]

LOOKED_AT = 400
"""Pixels of the longer side of the small copy, at most."""
MOST = 12
"""So many parts are given, those with the clearest edges."""
_LEAST_SHARE, _LEAST_PIXELS = 1 / 9, 24
"""How small a part may be: of the longer side of the picture, and in pixels of the small copy."""
_MOST_LOOKED_AT, _NEARLY = 48, 2
"""So many parts are tried to be cut further; those whose edges differ by so little are the same."""
_PLAIN, _SAME = 4.0, 5.0
"""A plain row deviates by so little, and from one to the next a gap changes by so little (levels of 255)."""
_JUMP, _MOST_JUMP, _GRAIN = 8, 40, 1.5
"""What counts as a jump of brightness, from where on more is not more, and what there is between any rows."""
_SEAM, _FURTHER_SEAM, _CLEAREST = 1.15, 1.05, 3.0
"""How clear (see `_Lines.clear`) the first seam has to be, and a further one; what is not to be doubted."""
_BESIDE, _SEAMS_TRIED = (-4, -3, 3, 4), 2


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture, in pixels of the upright picture, origin top left."""

    x: int
    y: int
    width: int
    height: int

    def of(self, pixels: Grey, orientation: int = 1) -> Grey:
        """Its own pixels out of those that their EXIF `orientation` turns upright; not turned themselves."""
        rows, columns = slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)
        if orientation in SIDES_SWAPPED:
            rows, columns = columns, rows
        height, width = pixels.shape[:2]
        if orientation in ROWS_REVERSED:
            rows = slice(height - rows.stop, height - rows.start)
        if orientation in COLUMNS_REVERSED:
            columns = slice(width - columns.stop, width - columns.start)
        return pixels[rows, columns]


def regions(grey: Grey, orientation: int = 1) -> list[Region]:
    """The parts worth a code of their own of a picture that its EXIF `orientation` turns upright.

    `grey` is brightness uint8[height, width] as stored. The largest part first, at most `MOST`; none if the
    picture is one whole. They are candidates: a dark sky can look like a bar, a wall like a seam.
    """
    factor = max(1, -(-max(grey.shape) // LOOKED_AT))
    if min(grey.shape) // factor < _LEAST_PIXELS:
        return []
    page = _Page(_small(grey, orientation, factor))
    upright = turned(grey, orientation)
    height, width = upright.shape
    found = {_exact(part.scaled(factor, (height, width)), upright, factor) for part in page.parts()}
    found.discard(Region(0, 0, width, height))
    return sorted(found, key=lambda region: (-region.width * region.height, region.x, region.y))


def turned(pixels: Grey, orientation: int) -> Grey:
    """A view of the pixels turned upright from their EXIF `orientation` (1 to 8)."""
    columns = -1 if orientation in COLUMNS_REVERSED else 1
    rows = -1 if orientation in ROWS_REVERSED else 1
    mirrored = pixels[::rows, ::columns]
    return np.swapaxes(mirrored, 0, 1) if orientation in SIDES_SWAPPED else mirrored


def _small(grey: Grey, orientation: int, factor: int) -> Grey:
    """The upright small copy; what is left over lies at its right and at its bottom."""
    height, width = grey.shape
    top = height % factor if orientation in ROWS_REVERSED else 0
    left = width % factor if orientation in COLUMNS_REVERSED else 0
    return turned(engine().shrink(grey[top:, left:], factor), orientation)


@dataclass(frozen=True, slots=True)
class _Part:
    """From `left` and `top` up to, not with, `right` and `bottom`."""

    left: int
    top: int
    right: int
    bottom: int
    clear: float = _CLEAREST
    """How clear the faintest seam is that it was cut along."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right, self.bottom

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def is_nearly(self, other: _Part) -> bool:
        """Whether both are the same but for a few lines."""
        return all(abs(one - two) <= _NEARLY for one, two in zip(self.box, other.box, strict=True))

    def scaled(self, factor: int, shape: tuple[int, int]) -> _Part:
        """The same part of the picture itself; what the small copy left out at its far sides is in it."""
        height, width = shape
        right = width if self.right == width // factor else self.right * factor
        bottom = height if self.bottom == height // factor else self.bottom * factor
        return _Part(self.left * factor, self.top * factor, right, bottom, self.clear)


class _Page:
    """The small copy with sums from which any part's rows and columns can be judged."""

    def __init__(self, small: Grey) -> None:
        self.height, self.width = small.shape
        self._least = max(_LEAST_PIXELS, round(max(small.shape) * _LEAST_SHARE))
        self._down, self._across = _Lines(small), _Lines(small.T)

    def parts(self) -> list[_Part]:
        """What comes of cutting by gaps first and of cutting along seams first.

        Those with the clearest edges come first; of equally clear ones those that are not cut any more.
        """
        whole = _Part(0, 0, self.width, self.height)
        found: dict[tuple[int, int, int, int], tuple[bool, _Part]] = {}
        for ways in ((self._gaps, self._seams), (self._seams, self._gaps)):
            waiting, looked_at = [whole], 0
            while waiting and looked_at < _MOST_LOOKED_AT:
                part = waiting.pop(0)
                looked_at += 1
                pieces = next(filter(None, (self._large(way(part)) for way in ways)), [])
                if found.get(part.box, (True, part))[0]:
                    found[part.box] = bool(pieces), part
                waiting += [piece for piece in pieces if piece.box not in found]
        found.pop(whole.box, None)
        kept: list[_Part] = []
        for _, part in sorted(found.values(), key=lambda one: (-one[1].clear, one[0], -one[1].area)):
            if not any(part.is_nearly(other) for other in kept):
                kept.append(part)
        return kept[:MOST]

    def _large(self, pieces: list[_Part]) -> list[_Part]:
        return [
            piece
            for piece in pieces
            if min(piece.right - piece.left, piece.bottom - piece.top) >= self._least
        ]

    def _gaps(self, part: _Part) -> list[_Part]:
        """What lies between the plain gaps across or else down a part; nothing if there are none."""
        left, top, right, bottom = part.box
        rows = self._down.between_gaps(top, bottom, left, right)
        if rows != [(top, bottom)]:
            return [self._narrowed(replace(part, top=begin, bottom=end)) for begin, end in rows]
        columns = self._across.between_gaps(left, right, top, bottom)
        if columns != [(left, right)]:
            return [replace(part, left=begin, right=end) for begin, end in columns]
        return []

    def _narrowed(self, part: _Part) -> _Part:
        """The part without plain columns at its sides."""
        columns = self._across.between_gaps(part.left, part.right, part.top, part.bottom)
        return replace(part, left=columns[0][0], right=columns[0][1]) if len(columns) == 1 else part

    def _seams(self, part: _Part) -> list[_Part]:
        """What lies on both sides of each of the clearest seams; nothing if there are none.

        Where there was a seam, a fainter one is believed.
        """
        left, top, right, bottom = part.box
        least_clear = _SEAM if part.clear == _CLEAREST else _FURTHER_SEAM
        pieces = []
        for clear, row in self._down.seams(top, bottom, left, right, self._least):
            if clear >= least_clear:
                now = min(clear, part.clear)
                pieces += [replace(part, bottom=row, clear=now), replace(part, top=row + 1, clear=now)]
        for clear, column in self._across.seams(left, right, top, bottom, self._least):
            if clear >= least_clear:
                now = min(clear, part.clear)
                pieces += [replace(part, right=column, clear=now), replace(part, left=column + 1, clear=now)]
        return pieces


class _Lines:
    """The rows of a picture: how plain each is, and how much of a seam, between any two columns."""

    def __init__(self, small: Grey) -> None:
        self.count = len(small)
        values = small.astype(np.int32)
        self._sums, self._squares = _summed(values), _summed(values * values)
        jump = np.zeros_like(
            values
        )  # across a row, since an edge seldom falls between two rows of a small copy
        np.minimum(np.abs(values[2:] - values[:-2]), _MOST_JUMP, out=jump[1:-1])
        self._jumps, self._jumping = _summed(jump), _summed((jump >= _JUMP).astype(np.int32))

    def between_gaps(self, first: int, after: int, left: int, right: int) -> list[tuple[int, int]]:
        """What lies between plain runs of the rows `first` to `after`.

        The runs of a colour are taken together: those at the ends of the part, else those like the longest.
        """
        count = right - left
        mean = (self._sums[first:after, right] - self._sums[first:after, left]) / count
        square = (self._squares[first:after, right] - self._squares[first:after, left]) / count
        is_plain = square - mean * mean <= _PLAIN * _PLAIN
        if not is_plain.any():
            return [(first, after)]
        goes_on = is_plain[1:] & is_plain[:-1] & (np.abs(np.diff(mean)) <= _SAME)
        changes = np.flatnonzero(np.concatenate([[True], ~goes_on, [True]])).tolist()
        runs: list[tuple[int, int]] = [run for run in pairwise(changes) if is_plain[run[0]]]
        at_ends = [run for run in runs if run[0] == 0 or run[1] == after - first]
        is_gap = np.zeros(after - first, bool)
        for begin, end in at_ends or [max(runs, key=lambda run: run[1] - run[0])]:
            level = mean[begin:end]
            is_gap |= is_plain & (mean >= level.min() - _SAME) & (mean <= level.max() + _SAME)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], ~is_gap, [False]]).astype(np.int8)))
        return [(first + int(begin), first + int(end)) for begin, end in edges.reshape(-1, 2)]

    def seams(self, first: int, after: int, left: int, right: int, least: int) -> Iterator[tuple[float, int]]:
        """The clearest seams that leave enough on both sides: how clear each is, and where."""
        if after - first < 2 * least:
            return
        rows = np.arange(first + least, after - least + 1)
        clear = self.clear(rows, left, right)
        for _ in range(_SEAMS_TRIED):
            best = int(np.argmax(clear))
            yield float(clear[best]), int(rows[best])
            clear[max(0, best - _BESIDE[-1]) : best + _BESIDE[-1] + 1] = 0

    def clear(self, rows: _Numbers, left: int, right: int) -> NDArray[np.float64]:
        """How many times more brightness jumps at a row than beside it, times the share on which it does."""
        across = right - left

        def jumps(apart: int) -> NDArray[np.float64]:
            near = np.clip(rows + apart, 0, self.count - 1)
            summed: NDArray[np.float64] = (self._jumps[near, right] - self._jumps[near, left]) / across
            return summed

        at = np.clip(rows, 0, self.count - 1)
        share = (self._jumping[at, right] - self._jumping[at, left]) / across
        grain = np.max([jumps(apart) for apart in _BESIDE], axis=0) + _GRAIN
        clear: NDArray[np.float64] = jumps(0) / grain * share
        return clear


def _summed(values: NDArray[np.int32]) -> NDArray[np.int64]:
    sums = np.zeros((values.shape[0], values.shape[1] + 1), np.int64)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _exact(part: _Part, grey: Grey, factor: int) -> Region:
    """The part with each edge where brightness jumps most, at most a small copy's pixel away."""
    height, width = grey.shape
    rows = grey[:, part.left : part.right : factor]
    columns = grey[part.top : part.bottom : factor].T
    left, right = (_steepest(columns, edge, width, factor) for edge in (part.left, part.right))
    top, bottom = (_steepest(rows, edge, height, factor) for edge in (part.top, part.bottom))
    return Region(left, top, right - left, bottom - top)


def _steepest(lines: Grey, edge: int, end: int, reach: int) -> int:
    """Where within reach of `edge` the lines before and after it differ most."""
    if edge in (0, end):
        return edge
    first = max(1, edge - reach)
    near = lines[first - 1 : min(end, edge + reach + 1)].astype(np.int16)
    return first + int(np.argmax(np.abs(np.diff(near, axis=0)).sum(axis=1)))
