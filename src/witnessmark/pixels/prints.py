"""All fingerprints of a picture: of the whole by both rules, and of each of its regions."""

from __future__ import annotations

from dataclasses import dataclass

from witnessmark.pixels.pdq import Fingerprint, Pixels, Rule, fingerprint
from witnessmark.pixels.regions import Region, regions

LEAST_QUALITY = 50
"""Regions below it say too little to be looked up."""


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
    parts = (
        (part, fingerprint(part.of(grey, orientation), Rule.FULL, orientation))
        for part in regions(grey, orientation)
    )
    return Fingerprints(
        fingerprint(grey, Rule.FULL, orientation),
        fingerprint(grey, Rule.SAMPLED, orientation),
        tuple((part, found) for part, found in parts if found.quality >= LEAST_QUALITY),
    )
