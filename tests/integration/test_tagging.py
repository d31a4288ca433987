"""One record on each of several exhibits: all or none, and what was put can be taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import ORIGIN, came_in

from witnessmark.desk.labels import levels_of, marks_on
from witnessmark.desk.sidecar import Line
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Claim, Observation, Rating, person
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.tagging import MOST_AT_ONCE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CHOSEN = ("E00001", "E00005", "E00007")


def levels(office: Office) -> list[int]:
    """How graphic the chosen ones are."""
    return [office.desk.level_of(office.desk.case.digest_of_exhibit(one)) for one in CHOSEN]


def hidden(page: str, name: str) -> str:
    """What a form of the page would send."""
    return str(re.findall(rf'name="{name}" value="([^"]*)"', page)[-1])


def test_a_level_is_put_on_each_and_taken_back_by_records(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    case = office.desk.case
    office.desk.enter([Line("a test", {"kind": "rating", "exhibit": "E00005", "level": 1})])
    since = hidden(client.get("/gallery").text, "since")
    entries = case.head().size
    fields = {"form": form, "since": since, "exhibits": " ".join(CHOSEN), "sort": "level", "level": "4"}
    fields["back"] = "kind=picture&words=%3Cb%3E"
    answer = client.post("/gallery/tagged", data=fields, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    acts = [case.action(index) for index in range(entries, case.head().size)]
    assert [act.type for act in acts if act.type != "session.opened"] == ["rating.entered"] * 3
    assert {act.performer.name for act in acts} == {"analyst"}
    assert levels(office) == [4, 4, 4]
    assert 'href="/gallery?kind=picture&amp;words=%3Cb%3E"' in answer.text
    again = client.post("/gallery/tagged", data=fields, headers=ORIGIN)
    assert again.status_code == 409, "sent twice, it is entered once"
    back = {name: hidden(answer.text, name) for name in ("form", "since", "records")}
    assert client.post("/gallery/untagged", data=back, headers=ORIGIN).status_code == 200
    assert levels(office) == [3, 1, 3]
    shown = {asked: client.get(f"/gallery?{asked}=rating").text for asked in ("has", "lacks")}
    assert [one for one in CHOSEN if f'id="{one}"' in shown["has"]] == ["E00005"]
    assert [one for one in CHOSEN if f'id="{one}"' in shown["lacks"]] == ["E00001", "E00007"]
    while not office.words.refresh():
        pass
    found = client.get("/gallery?has=rating&fold=yes").text
    assert [one for one in CHOSEN if f'id="{one}"' in found] == ["E00005"]
    assert len(case.find(Rating, case.digest_of_exhibit("E00005"))) == 2, "nothing was taken off the record"


def test_a_label_is_found_again(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    since = hidden(client.get("/gallery").text, "since")
    fields = {"form": form, "since": since, "sort": "place", "text": "<i>Depot</i>", "exhibit": list(CHOSEN)}
    answer = client.post("/gallery/tagged", data=fields, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    assert "&lt;i&gt;Depot" in answer.text
    for number in CHOSEN:
        found = office.desk.case.find(Observation, office.desk.case.digest_of_exhibit(number))
        assert found[-1][1].text == "<i>Depot</i>"
        assert found[-1][1].author.name == "analyst"
    while not office.words.refresh():
        pass
    assert [one["exhibit"] for one in client.get("/gallery/tiles?place=depot").json()] == list(CHOSEN)


def test_a_label_is_taken_back_from_many_and_nothing_goes_off_the_record(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    case = office.desk.case
    fields = {"form": form, "sort": "place", "text": "Depot", "exhibits": " ".join(CHOSEN)}
    fields["since"] = hidden(client.get("/gallery").text, "since")
    assert client.post("/gallery/tagged", data=fields, headers=ORIGIN).status_code == 200
    stale = client.post("/gallery/tagged", data=fields | {"act": "back"}, headers=ORIGIN)
    assert stale.status_code == 409
    fields["since"] = hidden(client.get("/gallery").text, "since")
    fields["exhibits"] = " ".join(CHOSEN[:2])
    answer = client.post("/gallery/tagged", data=fields | {"act": "back"}, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    digests = [case.digest_of_exhibit(one) for one in CHOSEN]
    standing = [[one.text for _, one in marks_on(case, digest)].count("Depot") for digest in digests]
    assert standing == [0, 0, 1]
    assert [case.find(Observation, digest)[-1][1].text for digest in digests] == ["Depot"] * 3
    while not office.words.refresh():
        pass
    assert [one["exhibit"] for one in client.get("/gallery/tiles?place=depot").json()] == [CHOSEN[2]]
    page = client.get(f"/exhibits/{CHOSEN[0]}").text
    assert "taken back by" in page
    files, faults = office.desk.at_work(person("analyst")).drafted_brief("en")
    assert files["brief.md"].decode().count("Depot") == 1
    assert faults == ()


def test_a_mask_is_not_taken_back_nor_anything_twice(office: Office) -> None:
    desk = office.desk.at_work(person("analyst"))
    box = {"type": "FragmentSelector", "value": "xywh=pixel:10,10,50,50"}
    mask_of: dict[str, Any] = {"kind": "observation", "exhibit": "E00007", "body": {"purpose": "mask"}}
    lines: list[dict[str, Any]] = [
        mask_of | {"selector": box},
        {"kind": "rating", "exhibit": "E00007", "level": 4},
    ]
    (mask, _), (rating, _) = desk.enter([Line("a test", table) for table in lines])
    with pytest.raises(RefusedError, match="what it hides would show again"):
        desk.take_back([mask], "")
    exhibit = desk.case.digest_of_exhibit("E00007")
    assert (desk.level_of(exhibit), levels_of(desk.case, [exhibit])) == (4, {exhibit: 4})
    desk.take_back([rating], "it is a drawing")
    assert (desk.level_of(exhibit), levels_of(desk.case, [exhibit])) == (3, {})
    with pytest.raises(UsageError, match="was taken back before"):
        desk.take_back([rating], "")
    desk.enter([Line("a test", {"kind": "decision", "about": rating, "verdict": "accept", "reason": "no"})])
    assert (desk.level_of(exhibit), levels_of(desk.case, [exhibit])) == (4, {exhibit: 4})
    with pytest.raises(UsageError, match="neither a mark nor a rating"):
        desk.take_back([desk.case.find(Claim)[0][0]], "")


def test_whoever_was_overtaken_enters_nothing_at_all(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    since = hidden(client.get("/gallery").text, "since")
    note = {"purpose": "note", "value": "somebody else was here"}
    office.desk.enter([Line("a test", {"kind": "observation", "exhibit": "E00005", "body": note})])
    entries = office.desk.case.head().size
    fields = {"form": form, "since": since, "exhibits": " ".join(CHOSEN), "sort": "level", "level": "0"}
    answer = client.post("/gallery/tagged", data=fields, headers=ORIGIN)
    assert answer.status_code == 409
    assert "E00005" in answer.text
    assert "E00007" not in answer.text
    assert office.desk.case.head().size <= entries + 1, "who came in, and nothing else"
    assert levels(office) == [3, 3, 3]
    beside = fields | {"exhibits": "E00001 E00007"}
    assert client.post("/gallery/tagged", data=beside, headers=ORIGIN).status_code == 200


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"exhibits": ""}, "no exhibit was chosen"),
        ({"exhibits": "E00001 <b>"}, "is no number"),
        ({"exhibits": "E00001 E99999"}, "no exhibit E99999"),
        ({"exhibits": " ".join(f"E{n:05}" for n in range(1, MOST_AT_ONCE + 2))}, "at most 500"),
        ({"level": "5"}, "how graphic"),
        ({"level": ""}, "how graphic"),
        ({"sort": "mask"}, "what to put on record"),
        ({"sort": "note", "text": " "}, "a label has"),
        ({"since": "now"}, "load the page again"),
    ],
)
def test_what_cannot_be_put_is_refused_whole(office: Office, changed: dict[str, str], says: str) -> None:
    client, form = came_in(office, Role.ANALYST)
    size = office.desk.case.head().size
    fields = {
        "form": form,
        "since": str(size),
        "exhibits": "E00001",
        "sort": "level",
        "level": "2",
        **changed,
    }
    answer = client.post("/gallery/tagged", data=fields, headers=ORIGIN)
    assert answer.status_code == 422
    assert says in answer.text
    assert not office.desk.case.find(Rating)
    viewer, his = came_in(office, Role.VIEWER)
    fields = {"form": his, "since": str(size), "exhibits": "E00001", "sort": "level", "level": "2"}
    assert viewer.post("/gallery/tagged", data=fields, headers=ORIGIN).status_code == 403
    assert "data-tagging" not in viewer.get("/gallery").text
