"""The desk of a case that takes long to weigh, and in which much was said of one number."""

from __future__ import annotations

import re
import threading

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import came_in

from witnessmark.desk.browsing import Fresh
from witnessmark.desk.claims import Claims
from witnessmark.publish.counts import drawing
from witnessmark.web.numbers import _shown
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.words import words_in

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_the_board_does_not_wait_for_the_first_weighing_and_does_not_call_it_nothing(office: Office) -> None:
    words, (client, _) = words_in("en"), came_in(office, Role.ANALYST)
    begun, go_on = threading.Event(), threading.Event()
    before, fresh = office.weighed, Fresh[Claims](office.desk.case)

    def slowly() -> Claims:
        begun.set()
        assert go_on.wait(60)
        return Claims.of(office.desk.case)

    object.__setattr__(office, "weighed", fresh)
    weighing = threading.Thread(target=fresh.now, args=(slowly,))
    try:
        weighing.start()
        assert begun.wait(60)
        page = client.get("/").text
        assert words["being_weighed"] in page
        assert words["no_open"] not in page
        assert words["claims_not_assessed"] not in page, "how many there are is not known yet"
        assert words["media_not_rated"] in page
        go_on.set()
        weighing.join()
        page = client.get("/").text
        assert words["being_weighed"] not in page
        assert words["claims_not_assessed"] in page
    finally:
        go_on.set()
        weighing.join()
        object.__setattr__(office, "weighed", before)


def test_of_a_series_with_many_entries_the_latest_are_listed_in_their_order() -> None:
    days = [f"2024-11-{1 + number % 28:02}" for number in range(2_800)]
    entries = [{"said_on": day, "number": number} for number, day in enumerate(days)]
    shown = _shown({"drawn": "", "entries": [*entries, {"said_on": None, "number": -1}]})
    assert shown["on_a_day"] == 2_800
    assert len(shown["listed"]) == 1_000
    assert {one["said_on"] for one in shown["listed"]} == {f"2024-11-{day}" for day in range(19, 29)}
    places = [one["number"] for one in shown["listed"]]
    assert places == sorted(places)
    few = {"drawn": "", "entries": entries[:3]}
    assert _shown(few)["listed"] == few["entries"]


def test_of_a_series_with_many_entries_the_latest_are_drawn() -> None:
    said = [
        {
            "entry": f"e{day}",
            "said_on": f"2024-11-{day:02}",
            "source": "the town",
            "stance": "asserts",
            "amount": None,
        }
        for day in range(1, 11)
    ]
    series = {"lineages": [{"lineage": "L1", "entries": said}], "questioned": [], "days": []}
    assert drawing(series, "killed", 1).count("<circle") == 10
    drawn = drawing(series, "killed", 1, 3)
    assert drawn.count("<circle") == 3
    assert "2024-11-08" in drawn
    assert "2024-11-07" not in drawn


def test_a_scale_has_whole_numbers_and_one_entry_is_not_drawn() -> None:
    amount = {"low": None, "best": 2, "high": None, "qualifier": "exactly", "text": "2"}
    said = [
        {"entry": f"e{n}", "said_on": f"2024-11-{n:02}", "source": "x", "stance": "asserts", "amount": amount}
        for n in (1, 2)
    ]
    series = {"lineages": [{"lineage": "L1", "entries": said}], "questioned": [], "days": []}
    assert re.findall(r">(\d+)</text>", drawing(series, "killed", 1)) == ["0", "1", "2", "3"]
    said.pop()
    assert not drawing(series, "killed", 1)


def test_numbers_come_some_series_a_page(office: Office) -> None:
    client, _ = came_in(office, Role.VIEWER)
    first, second = client.get("/numbers").text, client.get("/numbers?from=1").text
    assert 'id="series-1"' in first
    assert 'id="series-2"' in first
    assert 'id="series-1"' not in second
    assert 'id="series-2"' in second
    assert '<a rel="prev" href="/numbers?from=0">' in second
    beyond = client.get("/numbers?from=4000")
    assert beyond.status_code == 404
    assert "none after 4000" in beyond.text
    assert words_in("en")["no_numbers"] not in beyond.text
