"""What a page is told while it is open: who else is there and what changed; and what it is not told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.integration.test_web_decisions import PAIR, seen_on
from tests.servers.doors import ORIGIN, browser, came_in

from witnessmark.desk.news import News, on
from witnessmark.desk.sidecar import Line
from witnessmark.errors import UnavailableError
from witnessmark.model import Digest
from witnessmark.web.live import LOOK_S, MOST_EACH, Here, Live
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(client: TestClient, office: Office, at: str, since: int) -> dict[str, Any]:
    """What a page at an address would be told now."""
    office.live._looked_s = float("-inf")
    answer = client.get("/live", params={"at": at, "since": since, "wait": "no"})
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    event, data = answer.text.strip().split("\n")
    assert event == "event: state"
    state: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return state


def test_a_page_is_told_who_changed_what_it_shows_and_nothing_of_who_looked(office: Office) -> None:
    ada, hers = came_in(office, Role.LEAD)
    ben, _ = came_in(office, Role.VIEWER)
    since = office.desk.case.head().size
    for path in ("/exhibits/E00001", "/exhibits/E00007", PAIR, "/claims/1"):
        assert ada.get(path).status_code == 200
    assert office.desk.case.head().size > since
    assert told(ben, office, "/", since)["changed"] == []
    fields = {"form": hers, "seen": seen_on(ada.get(PAIR).text), "verdict": "same", "reason": "they are"}
    assert ada.post(PAIR, data=fields, headers=ORIGIN).status_code == 303
    for at, changed in (
        ("/", ["lead"]),
        ("/gallery", ["lead"]),
        (PAIR, ["lead"]),
        ("/exhibits/E00007", ["lead"]),
        ("/exhibits/E00001", []),
        ("/claims/1", []),
    ):
        assert told(ben, office, at, since)["changed"] == changed, at
    assert told(ben, office, PAIR, office.desk.case.head().size)["changed"] == []


def test_what_bears_on_a_claim_reaches_the_page_of_that_claim_alone(office: Office) -> None:
    ada, hers = came_in(office, Role.LEAD)
    ben, his = came_in(office, Role.REVIEWER)
    case = office.desk.case
    since = case.head().size
    seen = seen_on(ada.get("/claims/3").text)
    fields = {"form": hers, "seen": seen, "status": "undetermined", "reasons": "x", "also": "E00006"}
    assert ada.post("/claims/3/assessed", data=fields, headers=ORIGIN).status_code == 303
    assert told(ben, office, "/claims/3", since)["changed"] == ["lead"]
    assert told(ben, office, "/claims/2", since)["changed"] == []
    later = case.head().size
    word = {
        "form": his,
        "seen": seen_on(ben.get("/claims/3").text),
        "concurrence": "dissents",
        "reasons": "y",
    }
    page = ben.get("/claims/3").text
    path = page.split('action="/assessments/')[1].split('"')[0]
    assert ben.post(f"/assessments/{path}", data=word, headers=ORIGIN).status_code == 303
    assert told(ada, office, "/claims/3", later)["changed"] == ["reviewer"]
    assert told(ada, office, "/claims/2", later)["changed"] == []


def test_what_the_command_line_enters_is_told_as_well(office: Office) -> None:
    ben, _ = came_in(office, Role.VIEWER)
    since = office.desk.case.head().size
    mark = {"kind": "observation", "exhibit": "E00007", "body": {"purpose": "note", "value": "a lorry"}}
    office.desk.enter([Line("a test", mark)])
    assert told(ben, office, "/exhibits/E00007", since)["changed"] == [office.desk.custodian.performer.name]
    assert told(ben, office, "/exhibits/E00008", since)["changed"] == []


def test_others_are_told_the_kind_of_a_page_and_only_who_works_is_told_that_it_is_the_same(
    office: Office,
) -> None:
    viewer, _ = came_in(office, Role.VIEWER)
    analyst, _ = came_in(office, Role.ANALYST)
    elsewhere = Here("another session", "Mira", "gallery", "exhibits/E00007")
    with office.live.entered(elsewhere):
        for at in ("/exhibits/E00007", "/exhibits/E00008", "/"):
            state = told(viewer, office, at, 0)
            assert state["here"] == [{"name": "Mira", "page": "Gallery"}]
            assert "E00007" not in json.dumps(state)
        same = told(analyst, office, "/exhibits/E00007", 0)["here"]
        assert same == [{"name": "Mira", "page": "this very page"}]
        other = told(analyst, office, "/exhibits/E00008", 0)["here"]
        assert other == [{"name": "Mira", "page": "Gallery"}]
    assert told(viewer, office, "/", 0)["here"] == []


def test_whoever_is_not_in_and_whoever_asks_oddly_is_told_nothing(office: Office) -> None:
    assert browser(office).get("/live?at=/&wait=no").status_code in (303, 401)
    client, _ = came_in(office, Role.VIEWER)
    for asked in ("at=", "at=outside", "at=//outside.example/", "at=/nothing", "at=/claims/999",
                  "at=/exhibits/E99999", "at=/&since=x", "at=/&since=-1"):  # fmt: skip
        assert client.get(f"/live?{asked}&wait=no").status_code == 404, asked


def test_nobody_keeps_more_than_some_pages_open_and_who_goes_is_gone(office: Office) -> None:
    live = office.live
    me = Here("one session", "Mira", "claims", "claims/1")
    other = Here("other session", "Ben", "board", "")
    with ExitStack() as opened:
        for _ in range(MOST_EACH):
            opened.enter_context(live.entered(me))
        with pytest.raises(UnavailableError, match="too many pages"), live.entered(me):
            pass
        assert live.others(other) == (me,)
    assert live.others(other) == ()


def test_the_log_is_looked_at_once_for_all_and_not_more_often_than_it_needs(office: Office) -> None:
    clock = Clock()
    live = Live(office.desk.case, clock)
    live.look()
    start = office.desk.case.head().size
    mark = {"kind": "observation", "exhibit": "E00007", "body": {"purpose": "note", "value": "a lorry"}}
    office.desk.enter([Line("a test", mark)])
    live.look()
    assert live.changed_by(start) == ()
    clock.now += LOOK_S
    live.look()
    assert live.changed_by(start) == (office.desk.custodian.performer.name,)


def test_an_open_page_costs_what_is_new_and_not_what_there_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(office.desk.case, Clock())
    about = office.desk.case.digest_of_exhibit("E00007")
    live._news = tuple(News(entry, f"n{entry}", frozenset({about})) for entry in range(0, 20_000, 2))
    asked: list[int] = []

    def counted(every: Sequence[News], since: int, *about: Digest) -> tuple[str, ...]:
        asked.append(len(every))
        return on(every, since, *about)

    monkeypatch.setattr("witnessmark.web.live.on", counted)
    assert live.changed_by(19_995, about) == ("n19996", "n19998")
    assert live.changed_by(20_000, about) == ()
    assert live.changed_by(0) == tuple(f"n{entry}" for entry in range(0, 20_000, 2))
    assert asked == [2, 0, 10_000]
