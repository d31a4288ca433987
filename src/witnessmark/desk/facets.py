"""Facets: what exhibits can be looked for by, besides their words: dates, language, place, how graphic.

A date is what a record says: when a file claims to have been made, what date a page gives, when bytes were
sealed here. A time without its zone counts as everything that it may mean. Positions that files give are for
those who work with the material: whoever could ask for them could find out where somebody was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from witnessmark.desk.groups import moment_of, sightings
from witnessmark.desk.labels import marks_on, ratings_on
from witnessmark.desk.texts import READABLE, text_by
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Digest, Finding, Purpose
from witnessmark.model.groups import TimeEvidence
from witnessmark.ports import Case, Sifted

DATES: Mapping[str, TimeEvidence] = {
    "captured": TimeEvidence.IN_FILE,
    "published": TimeEvidence.POSTED,
    "taken": TimeEvidence.SEALED,
}
"""The kinds of dates by what they are called in a question."""
FIELDS = (
    *("words", "level", "lang", "place", "within_km"),
    *(f"{kind}_{end}" for kind in DATES for end in ("from", "to")),
)
"""What can be asked of the index, by the names of fields."""
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
_DAY = timedelta(days=1)
_POINT = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;،]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
_METRES = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_IN_FILE = "metadata times"
_USUAL_KM, _MOST_KM = 1.0, 20_000.0
_EARTH_KM = 6371.0
_LONGEST_PLACE = 200

Stretch = tuple[float, float]
"""A beginning and an end in seconds since 1970, both included."""


@dataclass(frozen=True, slots=True)
class Near:
    """A point in degrees (WGS 84), and how far around it is looked."""

    latitude: float
    longitude: float
    within_km: float

    def holds(self, latitude: float, longitude: float, radius_m: float) -> bool:
        """Whether a place that is known to a radius may lie in it."""
        one, other = math.radians(self.latitude), math.radians(latitude)
        half = math.radians(longitude - self.longitude) / 2
        chord = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(half) ** 2
        return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord))) <= self.within_km + radius_m / 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the index: all of it has to hold. Nothing asked is empty or None."""

    words: str = ""
    level: int | None = None
    language: str = ""
    site: str = ""
    near: Near | None = None
    dates: Mapping[str, Stretch] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return self != Asked()


def asked_of(fields: Mapping[str, str], *, whole: bool) -> Asked:
    """What is asked by the fields of an address; UsageError names what cannot be understood.

    `whole` says whether whoever asks works with the material; RefusedError if they may not ask so.
    """
    place, within = fields.get("place", "").strip(), fields.get("within_km", "").strip()
    if len(place) > _LONGEST_PLACE:
        raise UsageError(f"a place has at most {_LONGEST_PLACE} signs")
    point = _POINT.fullmatch(place)
    if point and not whole:
        raise RefusedError("positions are for those who work with the material", advice="ask by a name")
    return Asked(
        words=fields.get("words", "").strip(),
        level=_level(fields.get("level", "")),
        language=fields.get("lang", "").strip(),
        site="" if point else place,
        near=_near(point, within) if point else None,
        dates={kind: stretch for kind in DATES if (stretch := _stretch(kind, fields)) is not None},
    )


def _level(written: str) -> int | None:
    if written and written not in tuple("01234"):
        raise UsageError(f"{written[:10]!r} is no level", advice="levels are 0 (none) to 4 (extreme)")
    return int(written) if written else None


def _near(point: re.Match[str], within: str) -> Near:
    latitude, longitude = float(point[1]), float(point[2])
    try:
        within_km = float(within or _USUAL_KM)
    except ValueError:
        within_km = math.nan
    if not 0 <= within_km <= _MOST_KM:
        raise UsageError(f"{within[:20]!r} is no distance in kilometres")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise UsageError(f"{latitude}, {longitude} is not a place on Earth", advice="latitude comes first")
    return Near(latitude, longitude, within_km)


def _stretch(kind: str, fields: Mapping[str, str]) -> Stretch | None:
    """From the beginning of the first day to the end of the last one, in UTC."""
    since, until = (_day(fields.get(f"{kind}_{end}", "").strip()) for end in ("from", "to"))
    if since is None and until is None:
        return None
    if since is not None and until is not None and until < since:
        raise UsageError(f"{since} comes after {until}", advice="the first date is the earlier one")
    low = -math.inf if since is None else _midnight(since)
    return low, math.inf if until is None else _midnight(until) + _DAY.total_seconds() - 1e-6


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise UsageError(f"{written[:20]!r} is no date", advice="such as 2024-11-19") from error


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Facets:
    """What one exhibit can be found by. `said` is all its words, `level` the latest rating of the whole."""

    title: str | None
    language: str | None
    level: int | None
    said: str
    times: tuple[tuple[str, float, float], ...]
    spots: tuple[tuple[float, float, float], ...]
    sites: tuple[str, ...]


def facets_of(case: Case, one: Sifted) -> Facets:
    """What the records of an exhibit tell of it now."""
    has = one.records.get
    findings = [noun for _, noun in case.find(Finding, one.digest)] if has("finding") else []
    marks = [noun for _, noun in marks_on(case, one.digest)] if has("observation") else []
    ratings = [noun for _, noun in ratings_on(case, one.digest)] if has("rating") else []
    readable = [finding.value for finding in findings if finding.property == READABLE]
    titles = (value.get("title") for value in readable)
    title = next((written for written in titles if isinstance(written, str)), None)
    codes = ((value.get("language") or {}).get("code") for value in readable)
    text = text_by(case, findings)
    said = [title or "", *(mark.text for mark in marks), "" if text is None else text.content]
    return Facets(
        title=title,
        language=next((code for code in codes if isinstance(code, str)), None),
        level=next((rating.level for rating in reversed(ratings) if rating.region is None), None),
        said="\n".join(part for part in said if part),
        times=tuple(dict.fromkeys(_times(case, one.digest, findings))),
        spots=tuple(_spots(findings)),
        sites=tuple(mark.text for mark in marks if mark.purpose is Purpose.PLACE and mark.text),
    )


def _times(case: Case, digest: Digest, findings: Sequence[Finding]) -> Iterator[tuple[str, float, float]]:
    kinds = {evidence: kind for kind, evidence in DATES.items()}
    arrivals = [arrival for _, arrival in case.acquisitions(digest)]
    for arrival in arrivals:
        at = arrival.collected_at.timestamp()
        yield kinds[TimeEvidence.SEALED], at, at
    if any(one.within for one in arrivals) or any(one.property == _IN_FILE for one in findings):
        for seen in sightings(case, digest, ()):
            if seen.evidence is not TimeEvidence.SEALED:
                yield kinds[seen.evidence], *meant(seen.at, seen.written, is_zoned=seen.is_zoned)
    for finding in findings:
        given = (finding.value.get("published") or {}).get("given") if finding.property == READABLE else None
        read = moment_of(given)
        if given is not None and read is not None:
            yield "published", *meant(read[0], given, is_zoned=read[1])


def meant(at: datetime, written: str, *, is_zoned: bool) -> Stretch:
    """Everything that a time may mean: a date alone is a day, and without its zone it is any zone's."""
    length = _DAY if len(written.strip()) <= len("2024-11-19") else timedelta()
    low, high = at.timestamp(), at.timestamp() + length.total_seconds()
    if is_zoned:
        return low, high
    return low - _EAST.total_seconds(), high + _WEST.total_seconds()


def _spots(findings: Sequence[Finding]) -> Iterator[tuple[float, float, float]]:
    for finding in findings:
        if finding.property == "metadata position" and "latitude" in finding.value:
            off_m = error_m(finding.value.get("horizontal_error")) or 0.0
            yield finding.value["latitude"], finding.value["longitude"], off_m


def error_m(given: object) -> float | None:
    """How far off a device thinks that it is, in metres; None if it does not say."""
    if isinstance(given, str):
        found = _METRES.match(given)
        return float(found[0]) or None if found else None
    metres = finite(given)
    return metres if metres is not None and metres > 0 else None


def finite(given: object) -> float | None:
    """A finite number as it stands in a finding; None for anything else."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    return float(given) if is_number and isinstance(given, int | float) else None
