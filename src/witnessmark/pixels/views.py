"""Views: codes of what would be left of a frame if it were cropped, from the frame as it was reduced once.

A crop of a tenth of the area moves some 50 of PDQ's 256 bits, one of a fifth more than can be looked for. So
a frame has further codes: of its middle, its corners, its sides. They are taken from the 64 × 64 places that
the frame was reduced to, by waves that are as long as the window: what a code of the cropped pixels would be,
but for a few bits, at a fraction of its cost. The same windows of two frames are also what is left to compare
where a logo or writing covers the rest.

Numbers are whole and small enough to be exact as floats, so that a code is the same on any machine.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.reduction import SIDE, UNIT, Reduced
from witnessmark.pixels.waves import CODE, COLUMNS_REVERSED, DEEP, ROWS_REVERSED, SIDES_SWAPPED, Codes

Window = tuple[int, int, int, int]
"""Left, top, right and bottom, in 64ths of the frame's sides."""

WINDOWS: tuple[Window, ...] = (
    *((3, 3, 61, 61), (0, 0, 58, 58), (6, 0, 64, 58), (0, 6, 58, 64), (6, 6, 64, 64)),
    *((6, 6, 58, 58), (0, 0, 51, 51), (13, 0, 64, 51), (0, 13, 51, 64), (13, 13, 64, 64)),
    *((10, 0, 54, 64), (14, 0, 50, 64), (0, 10, 64, 54)),
    *((0, 0, 48, 64), (16, 0, 64, 64), (0, 0, 64, 51), (0, 13, 64, 64)),
    *((3, 0, 61, 64), (0, 3, 64, 61), (6, 0, 58, 64), (0, 6, 64, 58)),
)
_COARSE, _FINE = 18, 12
"""Bits of brightness that are left out, and in which cosines are written: every sum stays below 2^53."""


def views(reduced: Reduced) -> tuple[Codes, list[int]]:
    """The codes uint8[n, 32] of the `WINDOWS` of an upright frame uint32[64, 64], and their qualities."""
    waves, rows, columns = _waves()
    coarse = (reduced >> _COARSE).astype(np.float64)
    down = np.floor((waves.reshape(-1, SIDE) @ coarse) / (1 << _FINE)).reshape(-1, CODE, SIDE)
    both = (down[rows] @ waves[columns].transpose(0, 2, 1)).reshape(len(WINDOWS), -1)
    middle = np.partition(both, DEEP, axis=1)[:, DEEP : DEEP + 1]
    return np.packbits((both > middle)[:, ::-1], axis=1), _qualities(reduced)


@cache
def turned_to(turn: int) -> tuple[int | None, ...]:
    """For each of the `WINDOWS` which one shows the same of a frame in that of the eight orientations.

    None where it is not among them; `turn` is from 0 to 7, as in `pdq.ORIENTATIONS`.
    """
    shown = [_turned(window, turn + 1) for window in WINDOWS]
    return tuple(WINDOWS.index(one) if one in WINDOWS else None for one in shown)


def _turned(window: Window, orientation: int) -> Window:
    left, top, right, bottom = window
    across = (SIDE - right, SIDE - left) if orientation in COLUMNS_REVERSED else (left, right)
    down = (SIDE - bottom, SIDE - top) if orientation in ROWS_REVERSED else (top, bottom)
    if orientation in SIDES_SWAPPED:
        across, down = down, across
    return across[0], down[0], across[1], down[1]


def _qualities(reduced: Reduced) -> list[int]:
    """How much each window changes from place to place, 0 to 100, as `waves.quality_of` has it for all."""
    brightness = reduced.astype(np.int64)
    down, across = (np.abs(np.diff(brightness, axis=axis)) * 100 // (255 * UNIT) for axis in (0, 1))
    sums = [np.pad(steps.cumsum(0).cumsum(1), ((1, 0), (1, 0))) for steps in (down, across)]
    found = []
    for left, top, right, bottom in WINDOWS:
        steep = _within(sums[0], (left, top, right, bottom - 1)) * SIDE / (right - left)
        wide = _within(sums[1], (left, top, right - 1, bottom)) * SIDE / (bottom - top)
        found.append(min(100, int(steep + wide) // 90))
    return found


def _within(sums: NDArray[np.int64], window: Window) -> int:
    left, top, right, bottom = window
    return int(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


@cache
def _waves() -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """The slowest waves over each stretch of a side that a window has; which are of its rows and columns."""
    across = [(left, right) for left, _, right, _ in WINDOWS]
    down = [(top, bottom) for _, top, _, bottom in WINDOWS]
    known = list(dict.fromkeys(across + down))
    waves = np.zeros((len(known), CODE, SIDE))
    for number, (start, end) in enumerate(known):
        turns = np.arange(1, CODE + 1)[:, None] * (2 * np.arange(end - start) + 1)[None, :]
        waves[number, :, start:end] = np.rint(np.cos(np.pi / 2 / (end - start) * turns) * (1 << _FINE))
    rows, columns = (np.array([known.index(one) for one in of]) for of in (down, across))
    return waves, rows, columns
