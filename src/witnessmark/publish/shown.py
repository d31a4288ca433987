"""What of a dossier may be said: how graphic a picture counts, what was decided, which source is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from witnessmark.model import Rating
from witnessmark.publish.dossier import UNKNOWN_LEVEL, Dossier, Exhibit

WITHHELD = "withheld"
NOT_ON_RECORD = "not on record"


@dataclass(frozen=True, slots=True)
class Level:
    """How graphic an exhibit is taken to be, and the ratings by people that say so (none: not rated)."""

    number: int
    ratings: tuple[Rating, ...]


def level(ratings: Sequence[Rating]) -> Level:
    """The highest level that anyone's latest ratings give one exhibit, or a region of it."""
    latest: dict[tuple[str, object], Rating] = {}
    for rating in sorted(ratings, key=lambda one: (one.rated_at, one.level)):
        latest[rating.author.name, rating.region] = rating
    if not any(region is None for _, region in latest):
        # A rated region says nothing about the rest of the picture.
        return Level(max([UNKNOWN_LEVEL, *(one.level for one in latest.values())]), ())
    return Level(max(one.level for one in latest.values()), tuple(latest.values()))


def shown_source(dossier: Dossier, exhibit: Exhibit, value: str | None) -> str:
    """A source as it may be printed: itself if a person disclosed it, else that it is withheld."""
    if exhibit.number not in dossier.disclosed:
        return WITHHELD
    return value or NOT_ON_RECORD


def withheld_sources(dossier: Dossier) -> frozenset[str]:
    """Every source and address that must not occur in anything published."""
    open_ones: set[str] = set()
    others: set[str] = set()
    for exhibit in dossier.exhibits:
        kept = open_ones if exhibit.number in dossier.disclosed else others
        for arrival in exhibit.arrivals:
            kept |= {value for value in (arrival.source, arrival.source_url) if value}
    return frozenset(others - open_ones)
