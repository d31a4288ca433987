"""The waves that PDQ takes from a reduced picture, in whole numbers, and what turning it does to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.reduction import SIDE, UNIT, Reduced

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


COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED = (2, 3, 7, 8), (3, 4, 6, 7), (5, 6, 7, 8)
"""What each EXIF orientation does, in this order; the sides are swapped last."""


def quality_of(reduced: Reduced) -> int:
    """How much a reduced picture changes from place to place, 0 to 100."""
    brightness = reduced.astype(np.int64)
    steps = (np.abs(np.diff(brightness, axis=axis)) * 100 // (255 * UNIT) for axis in (0, 1))
    return min(100, sum(int(step.sum()) for step in steps) // 90)


def waves_of(reduced: Reduced) -> Spectrum:
    """The 16 × 16 slowest waves of a reduced picture."""
    along = COSINES @ reduced.astype(np.int64)
    rounded: Spectrum = (along + (1 << (STEP_DOWN - 1))) >> STEP_DOWN
    return rounded @ COSINES.T


def codes_of(waves: Spectrum) -> Codes:
    """The codes of a picture with these waves in the eight EXIF orientations."""
    turned = waves.ravel()[_FROM] * _SIGNS
    middle = np.partition(turned, DEEP, axis=1)[:, DEEP : DEEP + 1]
    codes: Codes = np.packbits((turned > middle)[:, ::-1], axis=1)
    return codes


def _turns() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each orientation and wave, from which wave it comes and with which sign.

    Mirroring turns every other wave over.
    """
    places = np.arange(CODE * CODE).reshape(CODE, CODE)
    alternating, plain = np.where(np.arange(CODE) % 2, 1, -1), np.ones(CODE, np.int64)
    origins, signs = [], []
    for turn in range(1, 9):
        across = alternating if turn in COLUMNS_REVERSED else plain
        down = alternating if turn in ROWS_REVERSED else plain
        sign = down[:, None] * across[None, :]
        is_swapped = turn in SIDES_SWAPPED
        origins.append((places.T if is_swapped else places).ravel())
        signs.append((sign.T if is_swapped else sign).ravel())
    return np.array(origins), np.array(signs)


_FROM, _SIGNS = _turns()
