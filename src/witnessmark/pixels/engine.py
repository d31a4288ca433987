"""Who adds up pixels: compiled kernels where they were built, numpy where not; the results are equal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import UsageError
from witnessmark.pixels.plain import CELL, SHIFTS, Plain
from witnessmark.pixels.reduction import SIDE, Reduced, Weights

try:
    from witnessmark.pixels.native import kernels
except ImportError:  # no compiler was there when this was installed
    kernels = None  # type: ignore[assignment]


class Engine(Protocol):
    """Adds up pixels."""

    name: str

    def reduce(self, pixels: NDArray[np.uint8], rows: Weights, columns: Weights) -> Reduced:
        """Pixels uint8[height, width, channels], reduced: uint32[channels, 64, 64]."""

    def shrink(self, pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
        """Pixels uint8[height, width], each side so many times shorter: means of squares, rounded down."""

    def overlay(self, ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Two pictures uint8[height, width], one over the other, summed up in blocks: uint32[i, j, 29].

        See `witnessmark.pixels.plain.Plain.overlay`.
        """


class Compiled(Protocol):
    """A module of compiled kernels."""

    def kernels(self) -> tuple[str, ...]:
        """Those that this processor can run, the fastest first."""


def runnable(compiled: Compiled | None) -> tuple[str, ...]:
    """The names of what this machine can run, the fastest first; numpy always can."""
    return (*(compiled.kernels() if compiled else ()), Plain.name)


def chosen(name: str | None, known: Sequence[str]) -> str:
    """The kernel of a name, if it is among those known here; without one the fastest."""
    if name is not None and name not in known:
        raise UsageError(f"there is no kernel {name!r} here, only {', '.join(known)}")
    return name or known[0]


def names() -> tuple[str, ...]:
    """The engines that this machine can run, the fastest first."""
    return runnable(kernels)


@lru_cache(maxsize=8)
def engine(name: str | None = None) -> Engine:
    """The engine of a name; without one the fastest."""
    wanted = chosen(name, names())
    return Plain() if wanted == Plain.name else Native(wanted)


class Native:
    """One of the compiled kernels."""

    def __init__(self, name: str) -> None:
        self.name = name

    def reduce(self, pixels: NDArray[np.uint8], rows: Weights, columns: Weights) -> Reduced:
        """Pixels uint8[height, width, channels], reduced: uint32[channels, 64, 64]."""
        reduced = np.empty((pixels.shape[2], SIDE, SIDE), np.uint32)
        down, across = (rows.starts, rows.lengths, rows.weights), (columns.starts, columns.lengths)
        kernels.reduce(self.name, _in_rows(pixels), *down, *across, columns.weights, reduced)
        return reduced

    def shrink(self, pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
        """Pixels uint8[height, width], each side so many times shorter: means of squares, rounded down."""
        height, width = (size // factor for size in pixels.shape)
        shrunk = np.empty((height, width), np.uint8)
        kernels.shrink(self.name, _in_rows(pixels[:, :, None]), factor, shrunk)
        return shrunk

    def overlay(self, ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Two pictures uint8[height, width], one over the other, summed up in blocks: uint32[i, j, 29].

        See `witnessmark.pixels.plain.Plain.overlay`.
        """
        height, width = ours.shape
        sums = np.empty((height // CELL - 1, width // CELL - 1, 2 + 3 * SHIFTS), np.uint32)
        around = np.pad(theirs, 1, "edge")
        kernels.overlay(self.name, np.ascontiguousarray(ours), around, height, width, sums)
        return sums


def _in_rows(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same pixels with each row in one piece."""
    channels = pixels.shape[2]
    return pixels if pixels.strides[1:] == (channels, 1) else np.ascontiguousarray(pixels)
