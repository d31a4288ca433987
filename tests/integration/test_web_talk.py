"""Comments, mentions and assignments: on record, for those who work, and never in what readers get."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import ORIGIN, came_in, program

from witnessmark.desk.sidecar import Line
from witnessmark.desk.talking import talk_on
from witnessmark.errors import UsageError
from witnessmark.model import Assignment, Comment, Digest
from witnessmark.web.api.calling import BEGINS
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SAID = "Is that <b>really</b> the hall? Zephyrine."


def test_a_comment_is_on_record_under_what_it_answers_and_waits_for_whom_it_is_for(office: Office) -> None:
    ada, hers = came_in(office, Role.ANALYST)
    ben, his = came_in(office, Role.REVIEWER)
    case = office.desk.case
    fields = {"form": hers, "text": SAID, "mentions": "reviewer"}
    for wrong in (
        {"text": " "},
        {"text": "x" * 4_001},
        {"mentions": "nobody"},
        {"answers": str(Digest.of(b""))},
    ):
        assert ada.post("/exhibits/E00007/comments", data=fields | wrong, headers=ORIGIN).status_code == 422
    answer = ada.post("/exhibits/E00007/comments", data=fields, headers=ORIGIN)
    assert answer.headers["location"] == "/exhibits/E00007#talk"
    record, comment = case.find(Comment)[-1]
    assert (comment.author.name, comment.text, comment.mentions) == ("analyst", SAID, ("reviewer",))
    assert case.action(case.acts("comment.entered")[-1]).performer.name == "analyst"
    page = ben.get("/exhibits/E00007").text
    assert "Is that &lt;b&gt;really&lt;/b&gt; the hall?" in page
    assert "Zephyrine" in ben.get("/").text
    assert "Zephyrine" not in ada.get("/").text
    reply = {"form": his, "text": "It is.", "answers": record}
    assert ben.post("/exhibits/E00007/comments", data=reply, headers=ORIGIN).status_code == 303
    assert ben.post("/exhibits/E00008/comments", data=reply, headers=ORIGIN).status_code == 422
    assert "Zephyrine" not in ben.get("/").text
    told = talk_on(case, case.digest_of_exhibit("E00007")).comments
    assert [(one.text, depth) for _, one, depth in told] == [(SAID, 0), ("It is.", 1)]
    assert "And this?" not in ben.get("/claims/3").text
    assert (
        ada.post("/claims/3/comments", data={**fields, "text": "And this?"}, headers=ORIGIN).status_code
        == 303
    )
    assert "And this?" in ben.get("/claims/3").text


def test_who_only_reads_is_shown_no_comment_and_can_make_none(office: Office) -> None:
    ada, hers = came_in(office, Role.ANALYST)
    ada.post("/exhibits/E00007/comments", data={"form": hers, "text": SAID}, headers=ORIGIN)
    for role in (Role.VIEWER, Role.CUSTODIAN):
        client, form = came_in(office, role)
        for path in ("/exhibits/E00007", "/claims/3", "/", "/brief"):
            assert "Zephyrine" not in client.get(path).text
        fields = {"form": form, "text": "x", "task": "x"}
        for act in ("comments", "assigned"):
            assert client.post(f"/exhibits/E00007/{act}", data=fields, headers=ORIGIN).status_code == 403
        assert program(office, role).get(f"{BEGINS}/exhibits/E00007/comments").status_code == 403


def test_work_is_given_to_one_person_and_nobody_takes_it_over_unseen(office: Office) -> None:
    ada, hers = came_in(office, Role.LEAD)
    ben, his = came_in(office, Role.ANALYST)
    case = office.desk.case
    path = "/claims/2/assigned"
    fields = {"form": hers, "seen": "", "to": "analyst", "task": "Ask the harbour office."}
    for wrong, status in (({"task": " "}, 422), ({"to": "nobody"}, 403), ({"seen": "x"}, 409)):
        assert ada.post(path, data=fields | wrong, headers=ORIGIN).status_code == status
    assert not case.find(Assignment)
    assert ada.post(path, data=fields, headers=ORIGIN).status_code == 303
    assert "Ask the harbour office." in ben.get("/").text
    assert "Ask the harbour office." not in ada.get("/").text
    mine = {"form": his, "seen": "", "to": "lead", "task": "I do something else."}
    assert ben.post(path, data=mine, headers=ORIGIN).status_code == 409
    seen = re.findall(r'name="seen" value="(sha256:\w+)"', ben.get("/claims/2").text)[-1]
    done = {"form": his, "seen": seen, "to": "", "task": "They do not answer."}
    assert ben.post(path, data=done, headers=ORIGIN).status_code == 303
    assert "Ask the harbour office." not in ben.get("/").text
    assert [one.to and one.to.name for _, one in case.find(Assignment)] == ["analyst", None]


def test_programs_comment_and_assign_by_the_same_rules(office: Office) -> None:
    client = program(office, Role.ANALYST)
    path = f"{BEGINS}/claims/1"
    made = client.post(f"{path}/comments", json={"text": "By a script.", "mentions": ["analyst"]})
    assert made.status_code == 201
    told = client.get(f"{path}/comments").json()
    assert [(one["record"], one["author"]) for one in told["comments"]] == [
        (made.json()["record"], "analyst")
    ]
    assert told["revision"] == ""
    given = client.post(f"{path}/assignments", json={"to": "analyst", "task": "Look.", "seen": ""})
    assert given.json()["assigned"]["to"] == "analyst"
    assert client.post(f"{path}/assignments", json={"task": "No.", "seen": ""}).status_code == 409
    ended = client.post(f"{path}/assignments", json={"task": "Done.", "seen": given.json()["revision"]})
    assert (ended.status_code, ended.json()["assigned"]) == (201, None)
    assert client.post(f"{path}/comments", json={"text": "x", "mentions": ["nobody"]}).status_code == 422


def test_a_comment_goes_with_the_exhibit_that_is_erased_and_can_be_erased_by_itself(office: Office) -> None:
    ada, hers = came_in(office, Role.ANALYST)
    case = office.desk.case
    for number in ("E00007", "E00009"):
        ada.post(f"/exhibits/{number}/comments", data={"form": hers, "text": f"On {number}."}, headers=ORIGIN)
    records = {one.text: record for record, one in case.find(Comment)}
    tombstone = office.desk.erase([records["On E00007."].hex], "it names a source")
    assert records["On E00007."] in tombstone.objects
    left = {one.text for _, one in case.find(Comment)}
    assert "On E00009." in left
    assert "On E00007." not in left
    tombstone = office.desk.erase(["E00009"], "asked for")
    assert records["On E00009."] in tombstone.objects
    assert not [one for _, one in case.find(Comment) if one.text == "On E00009."]


def test_a_comment_that_answers_another_thing_is_refused_at_the_desk_too(office: Office) -> None:
    ((record, _),) = office.desk.enter([Line("a test", {"kind": "comment", "about": "E00007", "text": "x"})])
    with pytest.raises(UsageError, match="no comment on the same thing"):
        office.desk.enter(
            [Line("a test", {"kind": "comment", "about": "E00008", "text": "y", "answers": record})]
        )
