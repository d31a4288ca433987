"""PDQ: a 256-bit code of how a picture looks, near for near-duplicates, in all eight orientations.

After Meta's published algorithm. It has two references that differ by some ten bits on large pictures: the
Python package `pdqhash` counts every pixel, and the C++ and WebAssembly tools first take 512 × 512 single
pixels. Both are here; a code says its rule. Everything is done in whole numbers, so that a code is the same
on any machine, compiled or not. The picture is never turned: the weights and the waves are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError, UsageError
from witnessmark.pixels.engine import engine
from witnessmark.pixels.reduction import Reduced, weights_for
from witnessmark.pixels.waves import (
    COLUMNS_REVERSED,
    ROWS_REVERSED,
    SIDES_SWAPPED,
    Codes,
    Spectrum,
    codes_of,
    quality_of,
    waves_of,
)

Pixels = NDArray[np.uint8]
"""Brightness uint8[height, width], or colour uint8[height, width, 3]."""

BITS = 256
CODE_BYTES = BITS // 8
SAMPLED = 512
LEAST_SIDE = 5
"""Below it the references give no code; here the quality is 0."""
_LUMA = (299, 587, 114)

ORIENTATIONS = (
    *("as it is", "mirrored left to right", "turned by 180°", "mirrored top to bottom"),
    *("mirrored along the diagonal", "turned by 90° clockwise", "mirrored along the other diagonal"),
    "turned by 90° counter-clockwise",
)
"""How a picture was changed to have the code at this place of `Fingerprint.codes` (in EXIF's order)."""


class Rule(StrEnum):
    """Which of the references a code follows. Codes of different rules are not compared."""

    FULL = "PDQ, full resolution"
    """Every pixel counts, as in the Python package pdqhash."""
    SAMPLED = "PDQ, 512 × 512 single pixels"
    """As in Meta's C++ and WebAssembly tools."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The codes (32 bytes each) of a picture in the eight `ORIENTATIONS`, its quality (0 to 100), the rule.

    Quality is how much the reduced picture changes from place to place; below 50 the code says little.
    """

    codes: tuple[bytes, ...]
    quality: int
    rule: Rule = Rule.FULL

    def __post_init__(self) -> None:
        if len(self.codes) != len(ORIENTATIONS) or any(len(code) != CODE_BYTES for code in self.codes):
            raise MalformedError("a fingerprint has eight codes of 256 bits")

    @property
    def code(self) -> bytes:
        """The code of the picture as it is."""
        return self.codes[0]


def fingerprint(pixels: Pixels, rule: Rule = Rule.FULL, orientation: int = 1) -> Fingerprint:
    """The fingerprint of a picture that is turned upright from its EXIF `orientation`.

    From brightness it is quick, and its codes are within six bits of the reference's for pictures with a
    quality of at least 80; from colour, brightness is formed as the references form it, and the codes equal
    pdqhash's. UsageError for arrays of another kind.
    """
    reduced = reduce(sampled(pixels) if rule is Rule.SAMPLED else pixels, orientation)
    codes = orientations(spectrum(reduced))
    structure = quality(reduced) if min(pixels.shape[:2]) >= LEAST_SIDE else 0
    return Fingerprint(tuple(code.tobytes() for code in codes), structure, rule)


def sampled(pixels: Pixels) -> Pixels:
    """The 512 × 512 pixels that the C++ tools take of a picture when either side is longer."""
    height, width = pixels.shape[:2]
    if max(height, width) <= SAMPLED:
        return pixels
    rows, columns = (np.arange(SAMPLED) * side // SAMPLED for side in (height, width))
    taken: Pixels = pixels[rows][:, columns]
    return taken


def reduce(pixels: Pixels, orientation: int = 1) -> Reduced:
    """The upright picture smoothed and reduced to 64 × 64: brightness uint32 in parts of 2^24."""
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or pixels.shape[2:] not in ((), (1,), (3,)):
        raise UsageError(f"pixels are uint8 in two or three dimensions, not {pixels.dtype}{pixels.shape}")
    if not pixels.size:
        raise UsageError("a picture without pixels has no code")
    height, width = pixels.shape[:2]
    rows, columns = weights_for(height), weights_for(width)
    if orientation in ROWS_REVERSED:
        rows = rows.mirrored(height)
    if orientation in COLUMNS_REVERSED:
        columns = columns.mirrored(width)
    layers = engine().reduce(pixels.reshape(height, width, -1), rows, columns)
    reduced: Reduced = layers[0] if len(layers) == 1 else _brightness(layers)
    return np.ascontiguousarray(reduced.T) if orientation in SIDES_SWAPPED else reduced


def spectrum(reduced: Reduced) -> Spectrum:
    """The 16 × 16 slowest waves (int64) of a reduced picture uint32[64, 64]."""
    return waves_of(reduced)


def orientations(waves: Spectrum) -> Codes:
    """The codes uint8[8, 32] of the picture with these waves in its eight `ORIENTATIONS`."""
    return codes_of(waves)


def quality(reduced: Reduced) -> int:
    """How much a reduced picture changes from place to place, 0 to 100; near 0 for plain surfaces."""
    return quality_of(reduced)


def _brightness(layers: Reduced) -> Reduced:
    """Red, green and blue as one."""
    weighed = np.tensordot(np.array(_LUMA, np.uint64), layers.astype(np.uint64), axes=1)
    return ((weighed + np.uint64(500)) // np.uint64(1000)).astype(np.uint32)
