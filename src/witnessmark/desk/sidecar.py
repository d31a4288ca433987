"""Sidecars: what people read out of texts and saw on pictures, one JSON object a line.

They name exhibits by number, or by the end of the source that they were taken from, and each
other by handles of their own. A handle is the sidecar's; what enters the case is a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Moment, Place, Qualifier, Range, Region, Shape, Span

_POINTS = re.compile(r"points=[\"']([^\"']+)[\"']")
_MOMENT = re.compile(r"t=(?:npt:)?(?P<start>[0-9.:]+),(?P<end>[0-9.:]+)(?:&(?P<rest>.+))?")
_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?([0-5]?\d):)?(\d{1,9})(?:\.(\d{1,3}))?")
_BOX = re.compile(r"xywh=(?:pixel:)?([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One object of a sidecar, and where it stands for the sake of messages."""

    where: str
    table: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field that must be there as text."""
        value = self.table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{self.where} does not say its {name!r}")
        return value

    def optional(self, name: str) -> str | None:
        """A field that may be there as text."""
        return self.text(name) if self.table.get(name) not in (None, "") else None


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of a sidecar file; UsageError names the line that is none."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                table = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"{path}, line {number}: {error}") from error
            if not isinstance(table, dict):
                raise UsageError(f"{path}, line {number} is not an object")
            yield Line(f"{path}, line {number}", table)


def range_of(line: Line, table: Any) -> Range | None:
    """A number as it was given: low, best, high, qualifier."""
    if table is None:
        return None
    try:
        word = table.get("qualifier") or _usual_qualifier(table)
        return Range(table.get("low"), table.get("best"), table.get("high"), Qualifier(word))
    except (AttributeError, ValueError, TypeError, MalformedError) as error:
        raise UsageError(f"{line.where}: {table!r} is not a number as it was given: {error}") from error


_HEDGES = {
    "": Qualifier.EXACTLY,
    "exactly": Qualifier.EXACTLY,
    "about": Qualifier.ABOUT,
    "at least": Qualifier.AT_LEAST,
    "more than": Qualifier.MORE_THAN,
    "up to": Qualifier.UP_TO,
    "less than": Qualifier.LESS_THAN,
}
_COUNT = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})"
_TYPED = re.compile(
    rf"(?P<hedge>[a-z ]*?)\s*(?P<low>{_COUNT})(?:\s*[-–]\s*(?P<high>{_COUNT}))?", re.IGNORECASE
)


def range_of_words(words: str | None) -> Range | None:
    """A number as a person types it: 40, 40-50, at least 40; UsageError for anything else."""
    if words is None:
        return None
    typed = _TYPED.fullmatch(words.strip())
    hedge = _HEDGES.get(typed["hedge"].strip().lower()) if typed else None
    if typed is None or hedge is None:
        raise UsageError(f"{words!r} is not a number", advice="such as 40, 40-50, at least 40, about 170")
    low = int(typed["low"].replace(",", ""))
    try:
        if typed["high"]:
            return Range(low, None, int(typed["high"].replace(",", "")), Qualifier.BETWEEN)
        if hedge in (Qualifier.AT_LEAST, Qualifier.MORE_THAN):
            return Range(low=low, qualifier=hedge)
        if hedge in (Qualifier.UP_TO, Qualifier.LESS_THAN):
            return Range(high=low, qualifier=hedge)
        return Range(best=low, qualifier=hedge)
    except MalformedError as error:
        raise UsageError(f"{words!r} is not a number: {error}") from error


_REGIONS = "a box is x,y,width,height, a point x,y, a polygon x,y x,y x,y, in pixels of the upright picture"


def region_of(line: Line, selector: Any) -> Region | None:
    """A W3C selector (xywh fragment, SVG polygon, point) as a region in upright pixels.

    What stands beside the moment of a recording (a further fragment, a refining selector) is the region.
    """
    selector = _in_space(selector)
    if selector is None:
        return None
    try:
        if selector["type"] == "PointSelector":
            return Region(Shape.POINT, ((float(selector["x"]), float(selector["y"])),))
        value = selector["value"]
        if box := _BOX.fullmatch(value):
            x, y, width, height = map(float, box.groups())
            return Region(Shape.BOX, ((x, y), (x + width, y + height)))
        if points := _POINTS.search(value):
            pairs = [tuple(map(float, pair.split(","))) for pair in points.group(1).split()]
            return Region(Shape.POLYGON, tuple((x, y) for x, y in pairs))
    except MalformedError as error:
        raise UsageError(
            f"{line.where}: {_said(selector)} selects no region: {error}", advice=_REGIONS
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{line.where}: {_said(selector)} selects no region", advice=_REGIONS) from error
    raise UsageError(f"{line.where}: {_said(selector)} selects no region", advice=_REGIONS)


def moment_of(line: Line, selector: Any) -> Moment | None:
    """The moment of a recording that a W3C selector (t fragment, `t=12.48,12.52`) names; None without one."""
    found = _MOMENT.fullmatch(_value(selector))
    if found is None:
        return None
    try:
        return Moment(_ms(found["start"]), _ms(found["end"]))
    except (ValueError, MalformedError) as error:
        raise UsageError(
            f"{line.where}: {_said(selector)} is no moment of it: {error}", advice=_MOMENTS
        ) from error


def moment_of_words(words: str) -> Moment | None:
    """The moment that a person types: 12.48-12.52, 1:02:03.5 - 1:02:04; one time stands for a millisecond."""
    if not words.strip():
        return None
    start, _, end = words.replace("–", "-").partition("-")
    try:
        first = _ms(start.strip())
        return Moment(first, _ms(end.strip()) if end.strip() else first + 1)
    except (ValueError, MalformedError) as error:
        raise UsageError(f"{words[:60]!r} is no moment of a recording", advice=_MOMENTS) from error


_MOMENTS = "give its times since the beginning, such as 12.48-12.52 or 1:02:03-1:02:10"


def selector_at(moment: Moment | None, selector: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A selector of a region, of a moment, or of both; None for neither."""
    if moment is None:
        return selector
    fragment = {
        "type": "FragmentSelector",
        "value": f"t={moment.start_ms / 1000:.3f},{moment.end_ms / 1000:.3f}",
    }
    return fragment if selector is None else {**fragment, "refinedBy": selector}


def _ms(words: str) -> int:
    """Milliseconds since the beginning, of seconds or of hours, minutes and seconds."""
    found = _CLOCK.fullmatch(words)
    if found is None:
        raise ValueError(f"{words!r} is no time")
    hours, minutes, seconds, rest = found.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds)
    return whole * 1000 + int((rest or "").ljust(3, "0"))


def _in_space(selector: Any) -> Any:
    """What of a selector selects a region."""
    found = _MOMENT.fullmatch(_value(selector))
    if found is None:
        return selector
    if found["rest"]:
        return {"type": "FragmentSelector", "value": found["rest"]}
    return selector.get("refinedBy")


def _value(selector: Any) -> str:
    value = selector.get("value") if isinstance(selector, Mapping) else None
    return value if isinstance(value, str) else ""


def selector_of_words(words: str) -> dict[str, Any] | None:
    """The W3C selector of a region as a person types it (see `_REGIONS`); None for no words at all."""
    corners = words.split()
    if not corners:
        return None
    if len(corners) > 1:
        return {"type": "SvgSelector", "value": f'<svg><polygon points="{" ".join(corners)}"/></svg>'}
    if corners[0].count(",") == 3:
        return {"type": "FragmentSelector", "value": f"xywh=pixel:{corners[0]}"}
    across, _, down = corners[0].partition(",")
    return {"type": "PointSelector", "x": across, "y": down}


def _said(selector: Any) -> str:
    """A selector as the person gave it: its value alone, if it has one."""
    value = selector.get("value") if isinstance(selector, Mapping) else None
    return json.dumps(value or selector, ensure_ascii=False, default=str)


def span_of(line: Line, table: Any) -> Span | None:
    """A stretch of time from ISO texts with offsets."""
    if table is None:
        return None
    try:
        ends = [table.get(name) for name in ("start", "end")]
        return Span(*(end and datetime.fromisoformat(end) for end in ends))
    except (AttributeError, ValueError, TypeError, MalformedError) as error:
        raise UsageError(f"{line.where}: {table!r} is not a stretch of time: {error}") from error


def place_of(line: Line, table: Any) -> Place | None:
    """A place from latitude, longitude, radius and name."""
    if table is None:
        return None
    try:
        point = (float(table["latitude"]), float(table["longitude"]), float(table.get("radius_m", 0)))
        return Place(*point, table.get("name"))
    except (KeyError, TypeError, ValueError, MalformedError) as error:
        raise UsageError(f"{line.where}: {table!r} is not a place: {error}") from error


def _usual_qualifier(table: Mapping[str, Any]) -> str:
    given = [name for name in ("low", "best", "high") if table.get(name) is not None]
    return {("low",): "at least", ("high",): "up to", ("low", "high"): "between"}.get(tuple(given), "exactly")
