"""The interface for programs: who is let in by what, what they are told, and that nothing they send hurts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.servers.desks import ADA
from tests.servers.doors import ORIGIN, WORD, address_of, browser, came_in, program

from witnessmark.desk import Claims
from witnessmark.model import (
    Assessment,
    Claim,
    Decision,
    Estimate,
    Facts,
    Filing,
    Listed,
    Range,
    Rereading,
    Statement,
    person,
)
from witnessmark.web.api.calling import BEGINS
from witnessmark.web.api.table import CALLS
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.table import ENDPOINTS
from witnessmark.web.tokens import Scope, Tokens

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PAIR = f"{BEGINS}/matches/E00008/E00007"


def test_every_call_tells_what_it_says_it_tells_and_nothing_else(office: Office) -> None:
    schemas = pytest.importorskip("jsonschema_rs", reason="schemathesis is not installed")
    client = program(office, Role.LEAD)
    for endpoint in CALLS:
        assert endpoint.call is not None
        if endpoint.method == "GET":
            question = {"words": "hall"} if endpoint.call.name == "search" else {}
            answer = client.get(address_of(office, endpoint.path), params=question)
            assert answer.status_code == 200, (endpoint.path, answer.text)
            judge = schemas.Draft202012Validator(endpoint.call.gives.schema())
            assert not [str(error) for error in judge.iter_errors(answer.json())], endpoint.path


def test_a_cookie_lets_nobody_in_where_programs_are_answered_and_a_token_nobody_to_the_pages(
    office: Office,
) -> None:
    person, _ = came_in(office, Role.LEAD)
    caller = program(office, Role.LEAD)
    for endpoint in ENDPOINTS:
        if endpoint.roles is None:
            continue
        address = address_of(office, endpoint.path)
        if endpoint.call is None and endpoint.method == "GET":
            assert caller.get(address).status_code in (303, 401), endpoint.path
        if endpoint.call is not None:
            answer = person.request(endpoint.method, address, headers=ORIGIN, content=b"{}")
            assert answer.status_code == 401, endpoint.path
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_is_good_for_its_scopes_its_time_and_as_long_as_its_owner_may(office: Office) -> None:
    came_in(office, Role.LEAD)
    secret, token = office.tokens.make("lead", "a script", (Scope.READ,), 30)
    client = browser(office)
    for header in ("", secret, f"Bearer {secret}x", f"Basic {secret}", "Bearer", f"Bearer {secret[:-1]}"):
        assert client.get(f"{BEGINS}/case", headers={"authorization": header}).status_code == 401
    client.headers["authorization"] = f"Bearer {secret}"
    assert client.get(f"{BEGINS}/case").status_code == 200
    assert client.get(f"{BEGINS}/log").status_code == 403
    body = {"verdict": "same", "reason": "they are", "seen": "0" * 16}
    assert client.post(f"{PAIR}/decisions", json=body).status_code == 403
    entered = [office.desk.case.action(index) for index in office.desk.case.acts("desk.entered")]
    assert [act.detail["how"] for act in entered].count(f"token {token.name}") == 1
    office.accounts.change("lead", (Role.CUSTODIAN,), is_open=True)
    assert client.get(f"{BEGINS}/proposals").status_code == 403
    office.tokens.revoke(token.name)
    assert client.get(f"{BEGINS}/case").status_code == 401
    late, _ = office.tokens.make("lead", "a script", (Scope.READ,), 1)
    office.accounts.change("lead", (Role.LEAD,), is_open=False)
    assert client.get(f"{BEGINS}/case", headers={"authorization": f"Bearer {late}"}).status_code == 401


def test_a_token_is_made_on_the_page_for_a_passphrase_and_taken_back_by_its_owner_or_a_custodian(
    office: Office,
) -> None:
    owner, form = came_in(office, Role.VIEWER)
    fields = {"form": form, "label": "nightly counts", "scope": "read", "days": "7", "own": WORD}
    for wrong, status in (
        ({"own": "wrong words entirely"}, 403), ({"label": " "}, 422), ({"scope": "write"}, 422),
        ({"scope": ""}, 422), ({"days": "8"}, 422),
    ):  # fmt: skip
        assert owner.post("/account/tokens", data=fields | wrong, headers=ORIGIN).status_code == status
    assert office.tokens.all() == ()
    page = owner.post("/account/tokens", data=fields, headers=ORIGIN)
    secret = re.search(r"wmk_[\w-]{43}", page.text)[0]  # type: ignore[index]
    assert secret not in owner.get("/account").text
    (made,) = office.tokens.all()
    act = office.desk.case.action(office.desk.case.acts("token.made")[-1])
    assert (act.performer.name, act.detail["token"], act.detail["scopes"]) == ("viewer", made.name, ("read",))
    client = browser(office)
    client.headers["authorization"] = f"Bearer {secret}"
    assert client.get(f"{BEGINS}/exhibits").status_code == 200
    other, theirs = came_in(office, Role.LEAD)
    assert made.name not in other.get("/account").text
    back = {"token": made.name}
    path = "/account/tokens/revoked"
    assert other.post(path, data={**back, "form": theirs}, headers=ORIGIN).status_code == 422
    custodian, its = came_in(office, Role.CUSTODIAN)
    assert custodian.post(path, data={**back, "form": its}, headers=ORIGIN).status_code == 303
    assert client.get(f"{BEGINS}/exhibits").status_code == 401
    act = office.desk.case.action(office.desk.case.acts("token.revoked")[-1])
    assert (act.performer.name, act.detail["owner"]) == ("custodian", "viewer")


def test_whoever_may_not_come_in_any_more_leaves_no_program_behind(office: Office) -> None:
    client = program(office, Role.VIEWER)
    custodian, form = came_in(office, Role.CUSTODIAN)
    fields = {"form": form, "name": "viewer", "role": "viewer", "own": WORD}
    assert custodian.post("/people/change", data=fields, headers=ORIGIN).status_code == 303
    office.accounts.change("viewer", (Role.VIEWER,), is_open=True)
    assert client.get(f"{BEGINS}/case").status_code == 401


def test_tokens_are_kept_as_hashes_and_end_by_themselves(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    tokens = Tokens(tmp_path / "tokens.json", lambda: now[0])
    secret, made = tokens.make("Ada", "nightly counts", (Scope.READ, Scope.CUSTODY), 2)
    kept = (tmp_path / "tokens.json").read_text()
    assert secret not in kept
    assert secret.removeprefix("wmk_") not in kept
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    again = Tokens(tmp_path / "tokens.json", lambda: now[0])
    assert again.of(secret) == made
    assert again.of(secret + " ") is None
    now[0] += timedelta(days=2)
    assert again.of(secret) is None
    assert again.all() == ()
    later, other = again.make("Ada", "another", (Scope.WRITE,), 1)
    assert again.of(later) == other
    assert secret not in (tmp_path / "tokens.json").read_text()
    assert again.revoke(other.name) == other
    assert Tokens(tmp_path / "tokens.json", lambda: now[0]).all() == ()


def test_from_another_page_or_another_name_nothing_is_answered_even_with_a_token(office: Office) -> None:
    client = program(office, Role.LEAD)
    body = {"verdict": "same", "reason": "they are", "seen": "0" * 16}
    for headers in (
        {"origin": "http://localhost:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = client.post(f"{PAIR}/decisions", json=body, headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert client.get(f"{BEGINS}/case", headers={"host": "desk.example:8765"}).status_code == 421
    apart = program(office, Role.LEAD, "127.0.0.1")
    assert apart.get(f"{BEGINS}/case").status_code == 404
    assert apart.get("/api/openapi.json").status_code == 404


def test_who_only_reads_is_told_neither_source_nor_personal_metadata(office: Office) -> None:
    told = {}
    for role in (Role.VIEWER, Role.ANALYST):
        client = program(office, role)
        told[role] = "".join(
            client.get(f"{BEGINS}/exhibits/{number}").text
            + client.get(f"{BEGINS}/exhibits/{number}/findings").text
            for number, _ in office.desk.case.exhibits()
        )
    assert "material/" in told[Role.ANALYST]
    assert "material/" not in told[Role.VIEWER]
    assert "Artist" in told[Role.ANALYST]
    assert "Artist" not in told[Role.VIEWER]
    assert "hmac-sha256" not in told[Role.VIEWER]


def test_what_is_sensitive_is_told_after_the_log_has_it(office: Office) -> None:
    client = program(office, Role.VIEWER)
    case = office.desk.case
    number = next(number for number, digest in case.exhibits()
                  if case.item(digest).original.media_type == "image/png")  # fmt: skip
    for path in (f"/exhibits/{number}", f"/exhibits/{number}/findings"):
        before = len(case.acts("exhibit.read"))
        assert client.get(BEGINS + path).status_code == 200
        act = case.action(case.acts("exhibit.read")[-1])
        assert (len(case.acts("exhibit.read")), act.performer.name) == (before + 1, "viewer")


def all_of(client: TestClient, path: str, name: str, **question: Any) -> list[Any]:
    """Every part of a long list."""
    found: list[Any] = []
    start: int | None = 0
    while start is not None:
        answer = client.get(BEGINS + path, params={"from": start, "limit": 7, **question}).json()
        found += answer[name]
        start = answer["next"]
    return found


def test_long_lists_come_in_parts_that_leave_nothing_out(office: Office) -> None:
    client = program(office, Role.LEAD)
    case = office.desk.case
    numbers = [one["exhibit"] for one in all_of(client, "/exhibits", "exhibits")]
    assert numbers == [number for number, _ in case.exhibits()]
    pictures = all_of(client, "/exhibits", "exhibits", kind="picture", lacks="rating")
    assert pictures
    assert {one["kind"] for one in pictures} == {"picture"}
    stand = Claims.of(case).weighing
    said = all_of(client, "/statements", "statements")
    assert {one["statement"] for one in said} == set(stand.statements)
    of_one = all_of(client, "/statements", "statements", claim=1)
    assert of_one == [one for one in said if one["claim"] == 1]
    assert [one["number"] for one in all_of(client, "/claims", "claims")] == [
        number for number, _ in Claims.of(case).called(None)
    ]
    entries: list[int] = []
    start: int | None = case.head().size - 1
    while start is not None:
        part = client.get(f"{BEGINS}/log", params={"from": start, "limit": 50}).json()
        entries += [one["entry"] for one in part["entries"]]
        start = part["next"]
    assert entries == sorted(entries, reverse=True)
    assert entries[-1] == 0
    assert len(entries) == entries[0] + 1


def test_words_are_found_where_they_stand_and_what_was_not_looked_into_is_told(office: Office) -> None:
    client = program(office, Role.VIEWER)
    told = client.get(f"{BEGINS}/search", params={"words": "MEN died", "limit": 3}).json()
    assert len(told["places"]) == 3
    assert told["is_cut"]
    assert "40 men died in the hall" in told["places"][0]["text"]
    assert told["exhibits"] > told["looked_into"] > 0
    assert not client.get(f"{BEGINS}/search", params={"words": "zeppelin"}).json()["places"]
    assert client.get(f"{BEGINS}/search").status_code in (404, 422)


def test_a_word_on_two_exhibits_needs_the_revision_that_was_seen(office: Office) -> None:
    client, other = program(office, Role.ANALYST), program(office, Role.REVIEWER)
    case = office.desk.case
    one = case.digest_of_exhibit("E00008")
    revision = client.get(PAIR).json()["revision"]
    body = {"verdict": "derived", "reason": "it was cut", "seen": revision}
    first = client.post(f"{PAIR}/decisions", json=body)
    assert first.status_code == 201
    assert other.post(f"{PAIR}/decisions", json=body).status_code == 409
    again = {**body, "seen": first.json()["revision"], "verdict": "same scene"}
    assert other.post(f"{PAIR}/decisions", json=again).status_code == 201
    said = [decision for _, decision in case.find(Decision, one)][-2:]
    assert [(each.author.name, each.verdict.value) for each in said] == [
        ("analyst", "derived"), ("reviewer", "same scene"),
    ]  # fmt: skip


def test_a_proposal_is_confirmed_mended_or_rejected_once(office: Office) -> None:
    client, other = program(office, Role.ANALYST), program(office, Role.REVIEWER)
    case = office.desk.case
    first, second, third, *_ = client.get(f"{BEGINS}/proposals").json()["proposals"]

    def send(who: TestClient, one: dict[str, Any], **fields: str) -> Any:
        path = f"{BEGINS}/proposals/{one['exhibit']}/{one['place']}"
        return who.post(path, json={"proposal": one["proposal"], **fields})

    claim = first["claims"][0]["claim"] if first["claims"] else case.find(Claim)[0][0].hex
    done = send(client, first, act="confirm", claim=claim)
    assert done.status_code == 201, done.text
    statement = case.noun(case.find(Statement)[-1][0])
    assert isinstance(statement, Statement)
    assert statement.read_by.name == "analyst"
    assert send(other, first, act="reject", reason="no").status_code == 409
    mended = {
        "act": "confirm",
        "claim": claim,
        "voices": "Harbour office > Mira Olt",
        "number": "at least 12",
    }
    assert send(other, second, **mended, stance="doubts").status_code == 201
    assert {said.speaker for _, said in case.find(Statement)[-2:]} == {"Mira Olt", "Harbour office"}
    stale = {**third, "proposal": "0" * 64}
    assert send(client, stale, act="reject").status_code == 409
    assert send(client, third, act="reject", reason="a caption").status_code == 201
    left = client.get(f"{BEGINS}/proposals").json()["proposals"]
    assert not {one["proposal"] for one in (first, second, third)} & {one["proposal"] for one in left}


def test_claims_are_merged_taken_apart_assessed_and_read_again(office: Office) -> None:
    analyst, reviewer = program(office, Role.ANALYST), program(office, Role.REVIEWER)
    case = office.desk.case
    five, four = (analyst.get(f"{BEGINS}/claims/{number}").json() for number in (5, 4))
    body = {"about": five["claim"], "to": "4", "reason": "one thing", "seen": five["revision"]}
    done = analyst.post(f"{BEGINS}/claims/5/filings", json=body)
    assert (done.status_code, done.json()["number"]) == (201, 4)
    merged = analyst.get(f"{BEGINS}/claims/4").json()
    assert five["claim"] in merged["merged_into_it"]
    assert merged["revision"] == done.json()["revision"] != four["revision"]
    apart = {"about": five["claim"], "alone": True, "reason": "they differ", "seen": four["revision"]}
    assert analyst.post(f"{BEGINS}/claims/4/filings", json=apart).status_code == 409
    apart["seen"] = merged["revision"]
    assert analyst.post(f"{BEGINS}/claims/4/filings", json=apart).status_code == 201
    assert case.find(Filing)[-1][1].author.name == "analyst"
    moved = next(one for one in four["cells"])
    to = {"about": moved["statement"], "to": "5", "reason": "it speaks of that",
          "seen": analyst.get(f"{BEGINS}/claims/4").json()["revision"]}  # fmt: skip
    assert analyst.post(f"{BEGINS}/claims/4/filings", json=to).json()["number"] == 5
    two = analyst.get(f"{BEGINS}/claims/2").json()
    word = {"status": "contested", "reasons": "One denies it.", "seen": two["revision"],
            "rests_on": [two["cells"][0]["statement"], "E00006"], "likelihood": "unlikely"}  # fmt: skip
    made = analyst.post(f"{BEGINS}/claims/2/assessments", json=word)
    assert made.status_code == 201, made.text
    name, assessment = case.find(Assessment)[-1]
    assert (assessment.author.name, assessment.reasons) == ("analyst", "One denies it.")
    again = {"concurrence": "dissents", "reasons": "Two do.", "seen": made.json()["revision"]}
    path = f"{BEGINS}/assessments/{name.hex}/rereadings"
    assert analyst.post(path, json=again).status_code == 403
    assert reviewer.post(path, json=again).status_code == 201
    assert case.find(Rereading, name)[0][1].reader.name == "reviewer"
    told = [one for one in all_of(analyst, "/assessments", "assessments") if one["assessment"] == name]
    assert [one["second_readers"][0]["concurrence"] for one in told] == ["dissents"]


def test_a_statement_is_split_off_and_a_ruling_is_taken_back_once(office: Office) -> None:
    client, case = program(office, Role.ANALYST), office.desk.case
    two = client.get(f"{BEGINS}/claims/2").json()
    said = two["cells"][0]["statement"]
    body = {"about": said, "new_claim": "The doors were locked", "reason": "another thing",
            "seen": two["revision"]}  # fmt: skip
    done = client.post(f"{BEGINS}/claims/2/filings", json=body)
    assert done.status_code == 201, done.text
    own = client.get(f"{BEGINS}/claims/{done.json()['number']}").json()
    assert (own["text"], [one["statement"] for one in own["cells"]]) == ("The doors were locked", [said])
    ruling = all_of(client, "/filings", "filings")[-1]
    assert (ruling["record"], ruling["author"]) == (done.json()["record"], "analyst")
    back = f"{BEGINS}/filings/{ruling['record'].removeprefix('sha256:')}/taken-back"
    assert client.post(back, json={"reason": "it was one"}).json()["number"] == 2
    assert client.get(f"{BEGINS}/claims/2").json()["cells"] == two["cells"]
    assert client.post(back, json={"reason": "again"}).status_code == 409
    claim = case.find(Claim)[0][0].hex
    assert client.post(f"{BEGINS}/filings/{claim}/taken-back", json={"reason": "x"}).status_code == 422


def test_the_number_that_is_told_is_that_of_the_claim_after_the_merger(office: Office) -> None:
    client = program(office, Role.ANALYST)
    one, five = (client.get(f"{BEGINS}/claims/{number}").json() for number in (1, 5))
    body = {"about": one["claim"], "to": "5", "reason": "one thing", "seen": one["revision"]}
    done = client.post(f"{BEGINS}/claims/1/filings", json=body).json()
    into = client.get(f"{BEGINS}/claims/{done['number']}").json()
    assert (into["claim"], into["revision"]) == (five["claim"], done["revision"])
    assert one["claim"] in into["merged_into_it"]


def test_the_brief_is_edited_on_top_of_the_version_that_was_seen(office: Office) -> None:
    client, other = program(office, Role.ANALYST), program(office, Role.REVIEWER)
    begun = client.get(f"{BEGINS}/brief/editions/0").json()
    assert (begun["edition"], client.get(f"{BEGINS}/brief/editions").json()["editions"]) == (None, [])
    found = client.get(f"{BEGINS}/brief/references", params={"kind": "claim"}).json()["references"]
    line = f"The gate was open. {{{found[0]['name']}}} {{E00001}}"
    sections = [{"chapter": one["chapter"], "text": one["text"]} for one in begun["sections"]]
    sections[1]["text"] = line
    dangling = [*sections[:1], {**sections[1], "text": "It was shut. {E99999}"}, *sections[2:]]
    refused = client.post(f"{BEGINS}/brief/editions", json={"sections": dangling, "seen": ""})
    assert (refused.status_code, "E99999" in refused.json()["trouble"]) == (422, True)
    saved = client.post(f"{BEGINS}/brief/editions", json={"sections": sections, "seen": ""})
    assert (saved.status_code, saved.json()["version"]) == (201, 1), saved.text
    read = client.get(f"{BEGINS}/brief/editions/1").json()
    (sentence,) = read["sections"][1]["sentences"]
    assert (read["sections"][1]["text"], sentence["author"]) == (line, "analyst")
    assert {one["record"] for one in sentence["rests_on"]} == {
        found[0]["record"], office.desk.case.digest_of_exhibit("E00001")
    }  # fmt: skip
    sections[2]["text"] = "Nobody counted them."
    assert other.post(f"{BEGINS}/brief/editions", json={"sections": sections, "seen": ""}).status_code == 409
    again = {"sections": sections, "seen": read["edition"]}
    assert other.post(f"{BEGINS}/brief/editions", json=again).json()["follows"] == read["edition"]
    both = client.get(f"{BEGINS}/brief/editions/2").json()["sections"]
    assert [both[place]["sentences"][0]["author"] for place in (1, 2)] == ["analyst", "reviewer"]
    assert "The gate was open" in client.get(f"{BEGINS}/brief").json()["markdown"]
    assert client.get(f"{BEGINS}/brief/editions/3").status_code == 404


def test_labels_are_put_on_several_exhibits_at_once_and_taken_back(office: Office) -> None:
    client, other = program(office, Role.ANALYST), program(office, Role.REVIEWER)
    chosen = ["E00001", "E00007"]
    since = client.get(f"{BEGINS}/labels").json()["since"]
    body = {"exhibits": chosen, "sort": "place", "text": "the north gate", "since": since}
    put = client.post(f"{BEGINS}/labels", json=body)
    assert put.status_code == 201, put.text
    assert other.post(f"{BEGINS}/labels", json={**body, "exhibits": ["E00007"]}).status_code == 409
    rated = {"exhibits": chosen, "sort": "level", "level": 0, "since": put.json()["since"]}
    assert client.post(f"{BEGINS}/labels", json=rated).status_code == 201
    stands = all_of(client, "/labels", "labels", exhibit="E00007")
    assert [(one["sort"], one["text"], one["level"], one["author"]) for one in stands[-2:]] == [
        ("place", "the north gate", None, "analyst"), ("level", "", 0, "analyst"),
    ]  # fmt: skip
    unfit: list[dict[str, Any]] = [
        {"sort": "level"}, {"text": ""}, {"exhibits": []}, {"exhibits": ["E99999"]},
    ]  # fmt: skip
    for wrong in unfit:
        answer = client.post(f"{BEGINS}/labels", json={**body, **wrong})
        assert answer.status_code == 422, wrong
    now = client.get(f"{BEGINS}/labels").json()["since"]
    back = {"records": put.json()["records"], "reason": "the south gate", "since": now}
    assert client.post(f"{BEGINS}/labels/taken-back", json=back).status_code == 201
    left = {one["record"] for one in all_of(client, "/labels", "labels")}
    assert not left & set(put.json()["records"])
    back["since"] = client.get(f"{BEGINS}/labels").json()["since"]
    assert client.post(f"{BEGINS}/labels/taken-back", json=back).status_code == 422


def test_estimates_lists_and_codes_are_told_with_their_refusals_and_nobody_of_them_by_name(
    office: Office,
) -> None:
    desk, lists = office.desk, (Listed("E00001", 20), Listed("E00002", 30))
    exhibit, (by, at) = desk.case.digest_of_exhibit("E00001"), (person(ADA), desk.custodian.clock.now())
    methods = [{"method": "kinds", "median": 51.5, "intervals": [{"level": 0.95, "low": 41.5, "high": 70}]}]
    given = Estimate("the dead", (exhibit,), lists, 40, by, at, amount=Range(41, 52, 70), method="kinds",
                     assumes="kinds", told=Facts(methods=methods))  # fmt: skip
    refused = Estimate("the dead", (exhibit,), lists, 40, by, at, reasons=("two lists are too few",))
    linked = Facts(lists=[{"exhibit": "E00001", "rows": 20, "people": 19}], unique=[], pairs=4, linked=3,
                   review=1, told=["name"], draws=0)  # fmt: skip
    with desk.case.transaction() as transaction:
        transaction.append(desk.custodian.act("estimate.entered"), [given])
        transaction.append(desk.custodian.act("estimate.entered"), [refused])
        transaction.append(desk.custodian.act("lists.linked", used=(exhibit,), detail=linked))
    client = program(office, Role.VIEWER)
    first, latest = client.get(f"{BEGINS}/estimates").json()["estimates"]
    assert (first["counts"], first["amount"], first["methods"][0]["median"]) == (
        False, {"low": 41, "best": 52, "high": 70}, 52,
    )  # fmt: skip
    assert (latest["counts"], latest["amount"], latest["reasons"]) == (True, None, ["two lists are too few"])
    assert client.get(f"{BEGINS}/lists").status_code == 403
    (told,) = program(office, Role.ANALYST).get(f"{BEGINS}/lists").json()["linkings"]
    assert (told["lists"], told["linked"], told["review"]) == (
        [{"exhibit": "E00001", "rows": 20, "people": 19}], 3, 1,
    )  # fmt: skip


def test_what_is_not_of_its_form_is_refused_in_a_sentence_and_changes_nothing(office: Office) -> None:
    client = program(office, Role.LEAD)
    client.get(f"{BEGINS}/case")
    size = office.desk.case.head().size
    good = {"verdict": "same", "reason": "they are", "seen": "0" * 16}
    bodies: list[bytes] = [b"", b"{", b"[]", b"1", b"\xff", b'"\\ud800"', b"[" * 20_000]
    bodies += [json.dumps({**good, **wrong}).encode() for wrong in (
        {"verdict": 1}, {"verdict": "so-so"}, {"reason": ""}, {"reason": "x" * 2_001}, {"reason": None},
        {"reason": "\ud800"}, {"seen": "0"}, {"seen": "G" * 16}, {"more": 1}, {"reason": ["x"]},
    )]  # fmt: skip
    for body in bodies:
        answer = client.post(f"{PAIR}/decisions", content=body)
        assert (answer.status_code, set(answer.json())) == (422, {"trouble", "advice"}), body[:60]
    for path in ("/exhibits?from=x", "/exhibits?limit=0", "/exhibits?limit=101", "/exhibits?kind=nothing",
                 "/exhibits?colour=red", "/case?x=1", "/exhibits/X1", "/claims/none", "/statements/xyz",
                 "/brief?language=xx", "/log?from=-1", "/search?words="):  # fmt: skip
        answer = client.get(BEGINS + path)
        assert (answer.status_code, set(answer.json())) == (422, {"trouble", "advice"}), path
    for path in ("/nothing", "/exhibits/E99999", "/claims/999", f"/statements/{'0' * 64}",
                 "/matches/E00001/E00001", "/matches/E00001/E99999"):  # fmt: skip
        answer = client.get(BEGINS + path)
        assert (answer.status_code, set(answer.json())) == (404, {"trouble", "advice"}), path
    assert client.request("DELETE", f"{BEGINS}/case", content=b"{}").status_code == 405
    long = client.post(f"{PAIR}/decisions", content=b"x" * 70_000)
    assert (long.status_code, set(long.json())) == (413, {"trouble", "advice"})
    assert office.desk.case.head().size == size


def test_the_description_is_open_and_says_nothing_of_the_case(office: Office) -> None:
    answer = browser(office).get("/api/openapi.json")
    assert answer.status_code == 200
    described = {(method.upper(), path) for path, calls in answer.json()["paths"].items() for method in calls}
    assert described == {(one.method, one.path) for one in ENDPOINTS if one.call is not None}
    assert described == {(one.method, one.path) for one in ENDPOINTS if one.path.startswith("/api/")}


def test_schemathesis_finds_no_server_error_and_no_answer_of_another_shape(office: Office) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from tests.campaigns.api import probe

    statuses = probe(office, 1, is_random=False)
    assert statuses.total() > len(CALLS)
    answered = sum(count for status, count in statuses.items() if status < 300)
    assert answered > len(CALLS) / 3, statuses
    assert not [status for status in statuses if status >= 500]
