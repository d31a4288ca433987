"""Lanes of times: a moment is a dot, a stretch a bar, an open end dashed, and nobody is lost in a crowd."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

from witnessmark.publish.timeline import lane

DAY = datetime(2024, 11, 19, tzinfo=UTC)


def time(start: datetime | None, end: datetime | None, name: str = "E00001", *, zoned: bool = True) -> Any:
    """A time as the desk tells it."""
    return {"start": start, "end": end, "zoned": zoned, "exhibit": name, "label": "said"}


def shapes(drawn: str) -> list[str | None]:
    """The classes of what was drawn that is no scale."""
    root = ET.fromstring(drawn)  # noqa: S314 - made here
    return [one.get("class") for one in root if one.get("class") not in ("axis", "tick", None)]


def test_nothing_is_drawn_of_nothing() -> None:
    assert lane([], "events") == ""


def test_moments_stretches_and_open_ends_are_told_apart() -> None:
    later = DAY + timedelta(days=30)
    assert "moment" in shapes(lane([time(DAY, DAY), time(later, later)], "x"))
    assert "unzoned" in shapes(lane([time(DAY, DAY, zoned=False), time(later, later)], "x"))
    drawn = shapes(lane([time(DAY, later)], "x"))
    assert "stretch" in drawn
    assert "moment" not in drawn
    assert shapes(lane([time(DAY, None), time(None, later)], "x")).count("open") == 2


def test_a_crowd_at_one_moment_is_one_mark_that_says_how_many() -> None:
    crowd = [time(DAY + timedelta(seconds=n), DAY + timedelta(seconds=n), f"E{n:05}") for n in range(500)]
    last = DAY + timedelta(days=900)
    drawn = lane([*crowd, time(last, last, "E99999")], "x")
    assert "E00000 +499" in drawn
    assert shapes(drawn).count("moment") == 2


def test_a_crowd_that_begins_at_one_moment_and_has_no_end_is_one_mark_too() -> None:
    crowd = [time(DAY + timedelta(seconds=n), None, f"E{n:05}") for n in range(500)]
    moment = DAY + timedelta(seconds=500)
    drawn = lane(
        [*crowd, time(moment, moment, "E77777"), time(DAY + timedelta(days=900), None, "E99999")], "x"
    )
    assert "E00000 +499" in drawn
    assert shapes(drawn).count("open") == 2
    assert shapes(drawn).count("moment") == 3, "an open end and a moment are not one thing"


def test_marks_of_one_row_never_lie_on_each_other() -> None:
    times = [time(DAY + timedelta(days=n), DAY + timedelta(days=n + 9), f"E{n:05}") for n in range(40)]
    drawn = lane(times, "x")
    rows: dict[str, list[tuple[float, float]]] = {}
    for left, y, right in re.findall(r'class="stretch" d="M([\d.]+) ([\d.]+)H([\d.]+)"', drawn):
        rows.setdefault(y, []).append((float(left), float(right)))
    assert sum(map(len, rows.values())) == 40
    for row in rows.values():
        row.sort()
        assert all(one[1] < other[0] for one, other in pairwise(row))


def test_foreign_names_become_no_markup() -> None:
    hostile = '"><script>1</script>'
    drawn = lane([time(DAY, DAY, hostile)], hostile)
    assert "<script" not in drawn
    ET.fromstring(drawn)  # noqa: S314 - made here
