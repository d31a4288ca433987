"""Regions: the parts of a picture that may be pictures themselves, found by borders and straight seams."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """How a region was found."""

    TRIMMED = "trimmed"
    """What is left without plain borders or bars."""
    PANEL = "panel"
    """Cut out along straight seams or plain gaps: the picture in a screenshot, one of a collage."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture, in pixels of the upright picture, origin top left; and how it was found."""

    x: int
    y: int
    width: int
    height: int
    kind: Kind = Kind.PANEL

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of the upright pixels that it is."""
        return pixels[self.y : self.y + self.height, self.x : self.x + self.width]


_PLAIN = 6
_LEAST = 1 / 8


def regions(grey: NDArray[np.uint8]) -> list[Region]:
    """The parts of an upright picture (brightness uint8[height, width]) worth a code of their own.

    The largest first, at most eight, each at least an eighth of the picture's sides; none if the picture is
    one whole. They are candidates: a dark sky can look like a bar.
    """
    height, width = grey.shape
    lowest, highest = np.percentile(grey, (2, 98), axis=1)
    rows = np.flatnonzero(highest - lowest > _PLAIN)
    lowest, highest = np.percentile(grey, (2, 98), axis=0)
    columns = np.flatnonzero(highest - lowest > _PLAIN)
    if not len(rows) or not len(columns):
        return []
    top, left = int(rows[0]), int(columns[0])
    found = Region(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top, Kind.TRIMMED)
    if (found.width, found.height) == (width, height):
        return []
    if found.width < width * _LEAST or found.height < height * _LEAST:
        return []
    return [found]
