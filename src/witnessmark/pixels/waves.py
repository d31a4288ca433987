"""The waves that PDQ takes from a reduced picture, in whole numbers, and what turning it does to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.reduction import SIDE

CODE = 16
"""Waves along each side; each pair of them gives a bit."""
DEEP = CODE * CODE // 2 - 1
"""Which of the sorted values is the middle: a bit is set where a value is above it."""
STEP_DOWN = 30
"""Bits that are rounded off between the two sides."""

Spectrum = NDArray[np.int64]
"""The 16 × 16 slowest waves of a picture; row 0, column 0 is one half turn down and one across."""
Codes = NDArray[np.uint8]
"""Codes of 32 bytes, one in each row, the first wave in the last bit: as Meta's tools print them."""


def _cosines() -> NDArray[np.int64]:
    waves = np.arange(1, CODE + 1)[:, None] * (2 * np.arange(SIDE) + 1)[None, :]
    turns = waves % (4 * SIDE)  # a quarter turn of each cosine is written, so that mirrored ones are equal
    folded = np.where(turns > 2 * SIDE, 4 * SIDE - turns, turns)
    sign = np.where(folded > SIDE, -1, 1)
    quarter = np.where(folded > SIDE, 2 * SIDE - folded, folded)
    exact = np.sqrt(2 / SIDE) * np.cos(np.pi / 2 / SIDE * np.arange(SIDE + 1))
    written = np.rint(exact * (1 << 26)).astype(np.int64)
    cosines: NDArray[np.int64] = sign * written[quarter]
    return cosines


COSINES = _cosines()
"""16 × 64 values of cosines in parts of 2^26, so that no sum leaves 63 bits."""


_ALTERNATING = np.where(np.arange(CODE) % 2, 1, -1)
_AS_IT_IS = np.ones(CODE, np.int64)
COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED = (2, 3, 7, 8), (3, 4, 6, 7), (5, 6, 7, 8)
"""What each EXIF orientation does, in this order; the sides are swapped last."""

SIGNS = tuple(
    (
        _ALTERNATING if turn in COLUMNS_REVERSED else _AS_IT_IS,
        _ALTERNATING if turn in ROWS_REVERSED else _AS_IT_IS,
        turn in SIDES_SWAPPED,
    )
    for turn in range(1, 9)
)
"""What turning a picture does to its waves, by EXIF orientation: mirroring turns every other one over."""
