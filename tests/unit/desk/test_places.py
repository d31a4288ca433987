"""Places beside times: what is drawn where, how far it is known, and what belongs to what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from witnessmark.desk.places import WORLD, chosen, map_facts, on_map, view_of
from witnessmark.model import Digest
from witnessmark.model.groups import TimeEvidence

EVENT, STATEMENT = Digest.of(b"an event"), Digest.of(b"a statement")
NOON = datetime(2024, 11, 19, 12, tzinfo=UTC)


def time(**told: object) -> dict[str, Any]:
    usual = {"start": NOON, "end": NOON, "zoned": True, "written": None, "label": "a time"}
    return {**usual, "exhibit": None, "statement": None, "event": None, "vouched": None, **told}


def drawn(*times: dict[str, Any], kind: str = "events") -> list[dict[str, Any]]:
    lanes = [{"kind": kind, "proves": None, "times": times, "drawn": ""}]
    found: list[dict[str, Any]] = map_facts({"spots": [], "named": []}, lanes, whole=True)["lanes"][0][
        "times"
    ]
    return found


def spot(own: str, longitude: float, latitude: float, reach: float = 0.0) -> dict[str, Any]:
    x, y = on_map(latitude, longitude)
    return {"own": own, "kind": "event", "label": own, "x": x, "y": y, "reach": reach}


def test_a_stretch_stays_a_stretch_and_an_end_that_is_not_known_goes_on() -> None:
    later = NOON.replace(day=20)
    stretch, before, moment = drawn(
        time(exhibit="E1", end=later), time(exhibit="E2", start=None), time(exhibit="E3")
    )
    assert stretch["long"] > 50
    assert not stretch["is_moment"]
    assert before["begins"] == 0
    assert before["low"] is None
    assert moment["is_moment"]


@pytest.mark.parametrize(
    ("written", "is_zoned", "hours"),
    [("2024-11-19T12:00:00Z", True, 0), ("2024-11-19", True, 24), ("2024:11:19 12:00:00", False, 26)],
)
def test_a_time_is_drawn_over_everything_that_it_may_mean(written: str, is_zoned: bool, hours: int) -> None:
    (one,) = drawn(time(exhibit="E1", written=written, zoned=is_zoned))
    assert one["high"] - one["low"] == hours * 3600


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31"])
def test_times_at_the_ends_of_all_calendars_are_drawn(written: str) -> None:
    at = datetime.fromisoformat(written).replace(tzinfo=UTC)
    (one,) = drawn(time(exhibit="E1", start=at, end=at, written=written, zoned=False))
    assert 0 <= one["begins"] <= 100


def test_what_was_sealed_here_does_not_stretch_the_axis_of_the_others() -> None:
    now = time(exhibit="E1", start=NOON.replace(year=2026), end=NOON.replace(year=2026))
    lanes = [
        {"kind": kind, "proves": None, "times": [one], "drawn": ""}
        for kind, one in (("events", time(exhibit="E1")), (str(TimeEvidence.SEALED), now))
    ]
    events, sealed = map_facts({"spots": [], "named": []}, lanes, whole=True)["lanes"]
    assert events["last"].year == 2024
    assert sealed["first"].year == 2026


def test_a_statement_belongs_to_its_exhibit_and_its_event_and_to_no_other_statement() -> None:
    said = {"exhibit": "E1", "event": EVENT}
    lanes = [{"kind": "events", "proves": None, "drawn": "", "times": [
        time(event=EVENT), time(statement=STATEMENT, **said), time(statement=Digest.of(b"other"), **said),
    ]}]  # fmt: skip
    facts = map_facts({"spots": [spot("E1", 62.8, 17.3)], "named": []}, lanes, whole=True)
    event, one, other = (each["own"] for each in facts["lanes"][0]["times"])
    assert chosen(facts, one) == {one, event, "E1"}
    assert chosen(facts, event) == {event, one, other}
    assert chosen(facts, "nothing of this case") == {"nothing of this case"}


def test_who_only_reads_is_told_names_and_no_coordinates() -> None:
    told = {"spots": [spot("hall", 62.8, 17.3)], "named": []}
    facts = map_facts(told, [], whole=False)
    assert facts["spots"] == []
    assert facts["kept_back"] == 1
    assert [one["text"] for one in facts["named"]] == ["hall"]
    assert map_facts(told, [], whole=True)["named"] == []
    assert facts["view"] == facts["tight"] == WORLD


def test_the_view_holds_every_place_with_its_radius_and_never_more_than_the_world() -> None:
    left, top, width, height = view_of([spot("a", 10, 50, 2), spot("b", 14, 52)], 1)
    assert left < 8
    assert left + width > 14
    assert top < on_map(52, 14)[1]
    assert top + height > on_map(48, 10)[1]
    assert view_of([spot("a", -170, 0), spot("b", 170, 0)], 1) == WORLD
    assert on_map(90, 0) == on_map(85, 0)
