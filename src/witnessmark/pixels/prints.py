"""All fingerprints of a picture: of the whole by both rules, and of each of its regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from witnessmark.pixels.pdq import Fingerprint, Pixels, Rule, fingerprint
from witnessmark.pixels.regions import Region, regions
from witnessmark.pixels.waves import COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What a picture is looked up by."""

    whole: Fingerprint
    sampled: Fingerprint
    """The same picture by the rule of the C++ tools, to be compared with lists that they made."""
    regions: tuple[tuple[Region, Fingerprint], ...] = ()


def fingerprints(grey: Pixels, orientation: int = 1) -> Fingerprints:
    """The fingerprints of a picture given as it is stored: brightness uint8[height, width].

    They are those of the picture turned upright from its EXIF `orientation`, and so are the regions.
    UsageError for arrays of another kind.
    """
    upright = turned(grey, orientation)
    return Fingerprints(
        fingerprint(grey, Rule.FULL, orientation),
        fingerprint(grey, Rule.SAMPLED, orientation),
        tuple((region, fingerprint(region.of(upright))) for region in regions(upright)),
    )


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """A view of the pixels turned upright from their EXIF `orientation` (1 to 8)."""
    columns = -1 if orientation in COLUMNS_REVERSED else 1
    rows = -1 if orientation in ROWS_REVERSED else 1
    mirrored = pixels[::rows, ::columns]
    return np.swapaxes(mirrored, 0, 1) if orientation in SIDES_SWAPPED else mirrored
