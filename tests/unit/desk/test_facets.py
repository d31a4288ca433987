"""What is asked of the gallery besides words: dates, places, levels; and what of it means nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from witnessmark.desk.facets import Asked, Near, asked_of, meant
from witnessmark.errors import RefusedError, UsageError

HOUR = 3600.0


def test_a_stretch_holds_its_first_and_last_day_whole() -> None:
    asked = asked_of({"captured_from": "2024-11-18", "captured_to": "2024-11-19"}, whole=False)
    low, high = asked.dates["captured"]
    assert datetime.fromtimestamp(low, UTC).isoformat() == "2024-11-18T00:00:00+00:00"
    assert datetime.fromtimestamp(high, UTC).isoformat() == "2024-11-19T23:59:59.999999+00:00"


@pytest.mark.parametrize("end", ["from", "to"])
def test_one_end_may_be_open(end: str) -> None:
    low, high = asked_of({f"taken_{end}": "2024-11-19"}, whole=False).dates["taken"]
    assert math.isinf(high if end == "from" else low)
    assert not math.isinf(low if end == "from" else high)


@pytest.mark.parametrize(
    "fields",
    [
        {"captured_from": "19.11.2024"},
        {"captured_from": "2024-11-19", "captured_to": "2024-11-18"},
        {"published_to": "2024-02-30"},
        {"level": "5"},
        {"level": "٣"},
        {"place": "91, 0"},
        {"place": "0, 181"},
        {"place": "1, 2", "within_km": "near"},
        {"place": "1, 2", "within_km": "-1"},
        {"place": "1, 2", "within_km": "nan"},
        {"place": "x" * 201},
    ],
)
def test_what_means_nothing_is_said_to_mean_nothing(fields: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        asked_of(fields, whole=True)


def test_nothing_asked_is_nothing() -> None:
    assert not asked_of({"within_km": "5", "kind": "picture"}, whole=True)
    assert asked_of({"level": "0"}, whole=True) == Asked(level=0)


def test_positions_are_asked_for_only_by_those_who_see_them() -> None:
    assert asked_of({"place": "48.85, 2.35", "within_km": "2"}, whole=True).near == Near(48.85, 2.35, 2)
    assert asked_of({"place": "the depot"}, whole=False).site == "the depot"
    with pytest.raises(RefusedError):
        asked_of({"place": " 48.85 ; 2.35 "}, whole=False)


@pytest.mark.parametrize(
    ("spot", "is_in"),
    [
        ((48.0, 2.0, 0.0), True),
        ((48.0, 2.0134, 0.0), True),  # 997 m to the east
        ((48.0, 2.0136, 0.0), False),  # 1,012 m
        ((48.0, 2.0136, 20.0), True),  # known to 20 m: it may lie within
        ((48.009, 2.0, 0.0), False),
        ((-48.0, -178.0, 0.0), False),
    ],
)
def test_a_place_is_in_if_it_may_lie_there(spot: tuple[float, float, float], is_in: bool) -> None:
    assert Near(48.0, 2.0, 1.0).holds(*spot) is is_in


def test_a_kilometre_is_one_across_the_line_where_dates_change() -> None:
    assert Near(0.0, 179.999, 1.0).holds(0.0, -179.999, 0.0)


def test_a_time_counts_as_everything_that_it_may_mean() -> None:
    noon = datetime(2024, 11, 19, 12, tzinfo=UTC)
    at = noon.timestamp()
    assert meant(noon, "2024-11-19T12:00:00Z", is_zoned=True) == (at, at)
    assert meant(noon, "2024:11:19 12:00:00", is_zoned=False) == (at - 14 * HOUR, at + 12 * HOUR)
    midnight = datetime(2024, 11, 19, tzinfo=UTC)
    low, high = meant(midnight, "2024-11-19", is_zoned=False)
    assert high - low == (24 + 14 + 12) * HOUR
