"""Places: every place in a case beside every time, each with what it rests on and how far it is known.

A place lies on the map only if a record has coordinates; what people named in words stays in words.
Coordinates are for those who work with the material: whoever else saw them could find out where somebody was.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from witnessmark.desk.facets import error_m, finite, meant
from witnessmark.desk.labels import marks_on
from witnessmark.desk.timeline import MOST_EXHIBITS
from witnessmark.model import Digest, Event, Finding, Purpose
from witnessmark.model.groups import TimeEvidence
from witnessmark.ports import Case

Facts = dict[str, Any]
MOST_ROWS = 200
"""How many times of one kind are shown, the oldest ones; the page says so."""
WORLD = (-180.0, -130.0, 360.0, 225.0)
"""The whole map: left, top, width and height in degrees of Web Mercator."""
_SHAPE = WORLD[3] / WORLD[2]
_NEAREST_POLE = 85.0
_KM_OF_A_DEGREE = 111.32
_AROUND, _LEAST, _TIGHT = 1.6, 8.0, 0.01
_SHORTEST_S = 3600.0
_EARLIEST_S = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_LATEST_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp()

View = tuple[float, float, float, float]


def places_facts(case: Case) -> Facts:
    """Every place, `spots` with coordinates and `named` in words alone, of the exhibits asked for times."""
    spots, named = list(_of_events(case)), []
    for number, digest in list(case.exhibits())[:MOST_EXHIBITS]:
        for record, finding in case.find(Finding, digest):
            if (spot := _of_finding(number, record, finding)) is not None:
                spots.append(spot)
        for _, seen in marks_on(case, digest):
            if seen.purpose is Purpose.PLACE and seen.text:
                named.append({"own": number, "text": seen.text, "by": seen.author.name, "exhibit": number})
    return {"spots": spots, "named": named}


def map_facts(told: Facts, lanes: Sequence[Mapping[str, Any]], *, whole: bool) -> Facts:
    """Places and times as they are drawn together; what belongs to a thing has its name as `own` or in `of`.

    `told` is of `places_facts`, `lanes` are of `timeline_facts`. Unless `whole`, no coordinates are told.
    """
    spots = told["spots"] if whole else []
    names = [] if whole else list(_names_of_events(told))
    return {
        "spots": spots,
        "named": [*names, *told["named"]],
        "kept_back": 0 if whole else len(told["spots"]),
        "view": view_of(spots, _LEAST),
        "tight": view_of(spots, _TIGHT),
        "lanes": _on_axes(lanes),
        "mostly": MOST_ROWS,
    }


def chosen(facts: Facts, own: str) -> frozenset[str]:
    """The names of everything that belongs to the thing of a name, itself among them."""
    every = [*facts["spots"], *facts["named"], *(one for lane in facts["lanes"] for one in lane["times"])]
    of = {name for one in every if one["own"] == own for name in one.get("of", ())}
    return frozenset({own} | of | {one["own"] for one in every if own in one.get("of", ())})


def on_map(latitude: float, longitude: float) -> tuple[float, float]:
    """A place in degrees of Web Mercator, downwards; beyond 85° it is drawn at 85°."""
    north = math.radians(max(-_NEAREST_POLE, min(_NEAREST_POLE, latitude)))
    return longitude, -math.degrees(math.log(math.tan(math.pi / 4 + north / 2)))


def view_of(spots: Sequence[Facts], least: float) -> View:
    """What of the map holds all places with their radii and room around; at least so many degrees wide."""
    if not spots:
        return WORLD
    left, top = (min(one[axis] - one["reach"] for one in spots) for axis in ("x", "y"))
    right, bottom = (max(one[axis] + one["reach"] for one in spots) for axis in ("x", "y"))
    width = max(least, (right - left) * _AROUND, (bottom - top) * _AROUND / _SHAPE)
    if width >= WORLD[2]:
        return WORLD
    return (left + right - width) / 2, (top + bottom - width * _SHAPE) / 2, width, width * _SHAPE


def name_of(record: Digest, sign: str) -> str:
    """What a record is called on this page and in its address."""
    return sign + record.hex[:16]


def _names_of_events(told: Facts) -> Iterator[Facts]:
    for one in told["spots"]:
        if one["kind"] == "event":
            yield {"own": one["own"], "text": one["label"], "by": None, "exhibit": None}


def _of_events(case: Case) -> Iterator[Facts]:
    for name, one in case.find(Event):
        if one.where is not None:
            where = one.where
            told = {"kind": "event", "label": where.name or one.name, "exhibit": None, "event": one.name}
            told |= {"own": name_of(name, "v"), "record": name, "bearing": None, "rests_on": one.name}
            yield told | _drawn(where.latitude, where.longitude, where.radius_m or None)


def _of_finding(number: str, record: Digest, finding: Finding) -> Facts | None:
    """Where a finding puts its exhibit, if it does."""
    value = finding.value
    latitude, longitude = finite(value.get("latitude")), finite(value.get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    told: Facts = {"kind": "finding", "label": number, "exhibit": number, "event": None, "own": number}
    told |= {"record": record, "rests_on": f"{finding.property} ({finding.examiner})"}
    told |= {"bearing": finite(value.get("direction_deg")), "limits": finding.limits}
    return told | _drawn(latitude, longitude, error_m(value.get("horizontal_error")))


def _drawn(latitude: float, longitude: float, radius_m: float | None) -> Facts:
    x, y = on_map(latitude, longitude)
    narrowed = math.cos(math.radians(min(_NEAREST_POLE, abs(latitude))))
    reach = (radius_m or 0.0) / 1000 / _KM_OF_A_DEGREE / narrowed
    return {
        "latitude": latitude,
        "longitude": longitude,
        "radius_m": radius_m,
        "x": x,
        "y": y,
        "reach": min(reach, 90.0),
    }


def _on_axes(lanes: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Each kind of time as rows of bars; what was sealed here has its own axis, all others share one."""
    rows = {lane["kind"]: [_row(one) for one in lane["times"]] for lane in lanes}
    sealed = str(TimeEvidence.SEALED)
    others = _axis([one for kind, several in rows.items() if kind != sealed for one in several])
    axes = {kind: _axis(several) if kind == sealed else others for kind, several in rows.items()}
    told = []
    for lane in lanes:
        kind = lane["kind"]
        first, last = axes[kind]
        shown = [{**one, **_across(one, first, last)} for one in rows[kind][:MOST_ROWS]]
        ends = {"first": _moment(first), "last": _moment(last)}
        told.append({"kind": kind, "proves": lane["proves"], "times": shown, "all": len(rows[kind]), **ends})
    return told


def _row(one: Mapping[str, Any]) -> Facts:
    """A time with the stretch that it may mean, in seconds since 1970; None is an end that is not known."""
    low, high = (None if end is None else end.timestamp() for end in (one["start"], one["end"]))
    if one["written"] is not None and one["start"] is not None:
        low, high = meant(one["start"], one["written"], is_zoned=one["zoned"])
    event = None if one["event"] is None else name_of(one["event"], "v")
    of = [name for name in (one["exhibit"], event) if name is not None]
    own = of[0] if one["statement"] is None else name_of(one["statement"], "s")
    return {**one, "low": low, "high": high, "own": own, "of": [name for name in of if name != own]}


def _axis(rows: Sequence[Facts]) -> tuple[float, float]:
    ends = [end for one in rows for end in (one["low"], one["high"]) if end is not None]
    first, last = (min(ends), max(ends)) if ends else (0.0, 0.0)
    around = max(_SHORTEST_S, last - first) * 0.04
    return first - around, last + around


def _across(one: Facts, first: float, last: float) -> Facts:
    """Where a row's bar begins and how long it is, in hundredths of the axis; an open end reaches its end."""
    low, high = one["low"], one["high"]
    begins = 0.0 if low is None else 100 * (low - first) / (last - first)
    ends = 100.0 if high is None else 100 * (high - first) / (last - first)
    return {"begins": round(begins, 2), "long": round(ends - begins, 2), "is_moment": low == high}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(max(_EARLIEST_S, min(_LATEST_S, seconds)), UTC)
