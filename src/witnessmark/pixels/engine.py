"""Who does the arithmetic: compiled kernels where they were built, numpy where not; the results are equal."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.plain import Plain
from witnessmark.pixels.reduction import Reduced, Weights
from witnessmark.pixels.waves import Codes, Spectrum


class Engine(Protocol):
    """Reduces and codes pictures."""

    name: str

    def reduce(self, pixels: NDArray[np.uint8], rows: Weights, columns: Weights) -> Reduced:
        """Pixels uint8[height, width, channels], reduced: uint32[channels, 64, 64]."""

    def spectrum(self, reduced: Reduced) -> Spectrum:
        """The 16 × 16 slowest waves (the constant part aside) of a picture uint32[64, 64]."""

    def codes(self, spectrum: Spectrum) -> Codes:
        """The codes uint8[8, 32] of the picture in its eight orientations."""

    def shrink(self, pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
        """Pixels uint8[height, width], each side so many times shorter: means of squares, rounded down."""


def engine() -> Engine:
    """The fastest that there is."""
    return Plain()
