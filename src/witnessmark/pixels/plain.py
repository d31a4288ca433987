"""The same sums in numpy alone: where nothing could be compiled, and as what the kernels must equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels.reduction import SIDE, Reduced, Weights

_COLUMNS = 1 << 12
CELL, SHIFTS = 6, 9
"""Half a side of the blocks in which pictures are laid over each other; how many places each is tried at."""


class Plain:
    """Adds up pixels with numpy."""

    name = "numpy"

    def reduce(self, pixels: NDArray[np.uint8], rows: Weights, columns: Weights) -> Reduced:
        """Pixels uint8[height, width, channels], reduced: uint32[channels, 64, 64]."""
        height, width, channels = pixels.shape
        del height
        sums = np.empty((SIDE, width * channels), np.uint64)
        flat = pixels.reshape(len(pixels), -1)
        for place in range(SIDE):
            start, length = int(rows.starts[place]), int(rows.lengths[place])
            counted = rows.weights[place, :length].astype(np.float64)
            for left in range(0, flat.shape[1], _COLUMNS):  # exact: a sum stays below 2^32
                part = flat[start : start + length, left : left + _COLUMNS]
                sums[place, left : left + _COLUMNS] = counted @ part.astype(np.float64)
        sums = sums.reshape(SIDE, width, channels)
        reduced = np.empty((channels, SIDE, SIDE), np.uint32)
        for place in range(SIDE):
            start, length = int(columns.starts[place]), int(columns.lengths[place])
            counted_by = columns.weights[place, :length].astype(np.uint64)
            summed = np.einsum("rxc,x->cr", sums[:, start : start + length], counted_by)
            reduced[:, :, place] = (summed + np.uint64(1 << 23)) >> np.uint64(24)
        return reduced

    def shrink(self, pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
        """Pixels uint8[height, width], each side so many times shorter: means of squares, rounded down."""
        height, width = (size // factor for size in pixels.shape)
        cut = pixels[: height * factor, : width * factor].reshape(height, factor, width, factor)
        sums = cut.sum(axis=(1, 3), dtype=np.uint32)
        small: NDArray[np.uint8] = (sums // np.uint32(factor * factor)).astype(np.uint8)
        return small

    def overlay(self, ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Two pictures uint8[height, width], one over the other, summed up in blocks: uint32[i, j, 29].

        A block has 12 pixels a side and begins every 6. The first two sums are of ours and its squares; then
        come theirs, its squares and the products, for each of nine places: theirs moved up, not or down by a
        pixel, and left, not or right. Beyond its sides lies what lies at the side.
        """
        height, width = ours.shape
        around = np.pad(theirs, 1, "edge").astype(np.uint32)
        above = ours.astype(np.uint32)
        summed = [above, above * above]
        for down in range(3):
            for right in range(3):
                moved = around[down : down + height, right : right + width]
                summed += [moved, moved * moved, above * moved]
        rows, columns = height // CELL, width // CELL
        sums = np.empty((rows - 1, columns - 1, len(summed)), np.uint32)
        for place, one in enumerate(summed):
            cut = one[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
            cells = cut.sum(axis=(1, 3), dtype=np.uint32)
            pairs = cells[:-1] + cells[1:]
            sums[:, :, place] = pairs[:, :-1] + pairs[:, 1:]
        return sums
