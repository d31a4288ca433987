"""The gallery: what is on record is found by date, language, place and level, and copies stand once."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.servers.doors import ORIGIN, came_in

from witnessmark.desk.sidecar import Line
from witnessmark.model import Facts, Finding
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def said(office: Office, exhibit: str, kind: str, **body: object) -> None:
    """Have somebody put something on record."""
    table: dict[str, object] = {"kind": kind, "exhibit": exhibit, **body}
    office.desk.enter([Line("a test", table)])


def decided(office: Office, one: str, other: str, verdict: str) -> None:
    """Have somebody decide on two exhibits."""
    table = {"kind": "decision", "between": [one, other], "verdict": verdict, "reason": "a test"}
    office.desk.enter([Line("a test", table)])


def found_by(office: Office, found: str, value: dict[str, object], exhibit: str) -> None:
    """Have an examination find something."""
    desk = office.desk
    digest = desk.case.digest_of_exhibit(exhibit)
    finding = Finding(digest, "a test", found, Facts(value), "made up for a test")
    with desk.case.transaction() as transaction:
        transaction.append(desk.custodian.act("examine", used=(digest,)), [finding])


def shown(client: TestClient, question: str) -> list[str]:
    """The exhibits of the gallery's first page, in their order."""
    page = client.get(f"/gallery?{question}")
    assert page.status_code == 200, page.text
    tiles = [one["exhibit"] for one in client.get(f"/gallery/tiles?{question}").json()]
    assert re.findall(r'data-exhibit="(E\d+)"', page.text) == tiles
    return tiles


@pytest.fixture
def client(office: Office) -> TestClient:
    """Somebody who works with the material, at a desk that has read everything."""
    while not office.words.refresh():
        pass
    return came_in(office, Role.ANALYST)[0]


def test_exhibits_are_found_by_what_is_on_record_of_them(office: Office, client: TestClient) -> None:
    everything = shown(client, "")
    assert len(everything) == 10
    with_time = shown(client, "captured_from=2024-11-19&captured_to=2024-11-19")
    assert len(with_time) == 1
    assert shown(client, "captured_from=2024-11-18&captured_to=2024-11-18") == with_time, "of no zone"
    assert shown(client, "captured_from=2024-11-21") == []
    assert shown(client, "taken_from=2020-01-01") == everything
    assert shown(client, "taken_to=2020-01-01") == []
    assert shown(client, "lang=en") != []
    assert shown(client, "lang=tlh") == []
    found_by(office, "metadata position", {"latitude": 35.5, "longitude": 36.2, "personal": True}, "E00008")
    said(office, "E00005", "observation", body={"purpose": "place", "value": "Behind the Old Depot"})
    said(office, "E00008", "rating", level=2)
    assert shown(client, "place=35.5001,+36.2") == ["E00008"]
    assert shown(client, "place=35.6,+36.2") == []
    assert shown(client, "place=35.6,+36.2&within_km=12") == ["E00008"]
    assert shown(client, "place=old+DEPOT") == ["E00005"]
    assert shown(client, "place=pot") == []
    assert shown(client, "level=2") == ["E00008"]
    said(office, "E00008", "rating", level=4)
    assert shown(client, "level=2") == []
    together = "kind=picture&has=rating&level=4&place=35.5,36.2&taken_from=2020-01-01"
    assert shown(client, together) == ["E00008"]
    assert shown(client, together + "&lacks=finding") == []


def test_a_position_is_no_oracle_for_those_who_do_not_see_it(office: Office, client: TestClient) -> None:
    found_by(office, "metadata position", {"latitude": 35.5, "longitude": 36.2, "personal": True}, "E00008")
    assert shown(client, "place=35.5,36.2") == ["E00008"]
    viewer, _ = came_in(office, Role.VIEWER)
    for path in ("/gallery", "/gallery/tiles"):
        answer = viewer.get(f"{path}?place=35.5,36.2")
        assert answer.status_code == 403
        assert "E00008" not in answer.text
    assert 'name="within_km"' not in viewer.get("/gallery").text


def test_a_kept_search_keeps_all_that_was_asked(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    asked = {
        "words": "hall", "kind": "text", "captured_from": "2024-11-01", "published_to": "2024-12-01",
        "lang": "ar", "place": "1,2", "within_km": "3", "fold": "yes", "level": "1",
    }  # fmt: skip
    fields = {"form": form, "name": "mine", **asked, "open": "E00001", "page": "4"}
    answer = client.post("/gallery/kept", data=fields, headers=ORIGIN)
    assert answer.status_code == 303
    kept = dict(office.searches.of("analyst"))["mine"]
    assert dict(one.split("=") for one in kept.split("&")) == asked | {"place": "1%2C2"}
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "question", ["captured_from=tomorrow", "place=99,0", "open=E99999&fold=yes", "level=9"]
)
def test_what_cannot_be_meant_is_told_in_a_sentence(client: TestClient, question: str) -> None:
    assert client.get(f"/gallery?{question}").status_code == 404


def test_copies_of_one_picture_stand_once_and_are_unfolded(office: Office, client: TestClient) -> None:
    pictures = shown(client, "kind=picture")
    assert {"E00007", "E00008"} <= set(pictures), "the desk has a picture and most of it, cut out"
    said(office, "E00008", "rating", level=4)
    folded = shown(client, "kind=picture&fold=yes")
    assert folded == [one for one in pictures if one != "E00008"]
    (tile,) = [
        one for one in client.get("/gallery/tiles?kind=picture&fold=yes").json() if one["exhibit"] == "E00007"
    ]
    assert (tile["folded"], tile["is_open"], tile["level"]) == (1, False, 4), "as graphic as the worst copy"
    page = client.get("/gallery?kind=picture&fold=yes").text
    (way,) = re.findall(r'data-more href="/gallery\?([^"#]*)#E00007"', page)
    way = way.replace("&amp;", "&")
    assert shown(client, way) == pictures
    page = client.get(f"/gallery?{way}").text
    assert 'id="E00008" class="behind"' in page
    (back,) = re.findall(r'data-more href="/gallery\?([^"#]*)#E00007"', page)
    assert shown(client, back.replace("&amp;", "&")) == folded
    assert shown(client, "kind=picture&fold=yes&level=4") == ["E00008"], "only what came through is folded"
    decided(office, "E00007", "E00008", "different")
    assert shown(client, "kind=picture&fold=yes") == pictures


def test_groups_grow_and_part_as_people_decide(office: Office, client: TestClient) -> None:
    one, two, three = shown(client, "kind=picture")[:3]
    for first, second in ((two, three), (one, two)):
        decided(office, first, second, "same")
    folded = shown(client, "fold=yes")
    assert one in folded
    assert {two, three}.isdisjoint(folded)
    decided(office, two, three, "different")
    assert {one, three} <= set(shown(client, "fold=yes"))
    assert two not in shown(client, "fold=yes")
