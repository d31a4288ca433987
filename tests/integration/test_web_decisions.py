"""What people put on record through the pages: in whose name, and never over a word not seen."""

from __future__ import annotations

import re
from html import unescape

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.servers.doors import ORIGIN, came_in

from witnessmark.desk import Claims
from witnessmark.desk.comparing import pair_facts
from witnessmark.desk.estimates import Asked, estimated
from witnessmark.desk.seen import Seen
from witnessmark.desk.sidecar import Line
from witnessmark.model import Assessment, Claim, Decision, Filing, Rereading, Statement
from witnessmark.model.wire import digest_of
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.weigh.estimating import Settings, Table
from witnessmark.weigh.estimating.latent import Effort

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PAIR = "/compare/E00008/E00007"


def seen_on(page: str) -> str:
    """The revision that a page gives with its form."""
    return re.search(r'name="seen" value="(\w+)"', page)[1]  # type: ignore[index]


def test_a_word_on_two_exhibits_is_put_on_record_in_the_name_of_whoever_is_in(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    page = client.get(PAIR).text
    fields = {"form": form, "seen": seen_on(page), "verdict": "derived", "reason": "it was cut at all edges"}
    assert client.post(PAIR, data={**fields, "reason": "  "}, headers=ORIGIN).status_code == 422
    assert client.post(PAIR, data={**fields, "verdict": "so-so"}, headers=ORIGIN).status_code == 422
    assert client.post(PAIR, data=fields, headers=ORIGIN).status_code == 303
    case = office.desk.case
    one, other = (case.digest_of_exhibit(name) for name in ("E00008", "E00007"))
    _, decision = case.find(Decision, one)[-1]
    assert (decision.author.name, decision.verdict.value, decision.about, decision.other) == (
        "analyst", "derived", one, other,
    )  # fmt: skip
    assert "E00008 was made from E00007" in client.get("/compare/E00007/E00008").text
    turned = {**fields, "seen": seen_on(client.get(PAIR).text), "verdict": "derived the other way"}
    assert client.post(PAIR, data=turned, headers=ORIGIN).status_code == 303
    assert case.find(Decision, one)[-1][1].about == other


def test_whoever_decides_without_having_read_the_latest_word_is_told_so_and_nothing_is_lost(
    office: Office,
) -> None:
    ada, hers = came_in(office, Role.LEAD)
    ben, his = came_in(office, Role.REVIEWER)
    case = office.desk.case
    pair = [case.digest_of_exhibit(name) for name in ("E00008", "E00007")]
    lost = conflicts = 0
    for turn in range(20):
        before = len(case.find(Decision, pair[0]))
        seen = seen_on(ada.get(PAIR).text)
        fields = {"seen": seen, "verdict": "same scene", "reason": f"turn {turn}"}
        statuses = {
            client.post(PAIR, data={**fields, "form": form}, headers=ORIGIN).status_code
            for client, form in ((ada, hers), (ben, his))
        }
        conflicts += statuses == {303, 409}
        lost += len(case.find(Decision, pair[0])) != before + 1
    assert (conflicts, lost) == (20, 0)
    assert Seen.now(case, *pair) == Seen(tuple(pair), Seen.now(case, *pair[::-1]).revision)


def test_both_sides_of_a_pair_tell_the_same_map_the_one_turned_round(office: Office) -> None:
    case = office.desk.case
    one, other = (case.digest_of_exhibit(name) for name in ("E00008", "E00007"))
    there, back = pair_facts(case, one, other), pair_facts(case, other, one)
    a, b, c, d, e, f = there["matches"][0]["matrix"]
    p, q, r, s, t, u = back["matches"][0]["matrix"]
    for x, y in ((0, 0), (400, 300), (100, 250)):
        there_x, there_y = a * x + b * y + c, d * x + e * y + f
        assert (p * there_x + q * there_y + r, s * there_x + t * there_y + u) == pytest.approx(
            (x, y), abs=1e-6
        )
    assert (c, f) == pytest.approx((-40, -30), abs=1) or (c, f) == pytest.approx((40, 30), abs=1)
    points, turned = there["matches"][0]["points"], back["matches"][0]["points"]
    assert [point[2:] + point[:2] for point in points] == turned
    assert len(points) > 10


def test_without_script_both_are_uncovered_on_a_page_and_both_looks_are_entered(office: Office) -> None:
    client, form = came_in(office, Role.VIEWER)
    before = len(office.desk.case.acts("exhibit.uncovered"))
    page = client.post(f"{PAIR}/uncovered", data={"form": form}, headers=ORIGIN).text
    assert len(office.desk.case.acts("exhibit.uncovered")) == before + 2
    shown = set(re.findall(r"/seen/[\w-]+\.jpg", page))
    assert len(shown) == 2
    assert all(client.get(path).headers["content-type"] == "image/jpeg" for path in shown)
    assert 'name="verdict"' not in page


def first_proposal(client: TestClient) -> tuple[str, str, list[str], str]:
    """Where the first proposal is, what it is called, the claims that are offered for it, and its page."""
    path = client.get("/review").headers["location"]
    page = client.get(path).text
    name = re.search(r'name="proposal" value="(\w+)"', page)[1]  # type: ignore[index]
    return path, name, re.findall(r'name="claim" value="(\w+)"', page), page


def test_a_proposal_is_confirmed_as_it_was_read_taken_back_and_mended(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    case = office.desk.case
    path, name, claims, _ = first_proposal(client)
    fields = {"form": form, "proposal": name, "act": "confirm", "claim": claims[0]}
    assert client.post(path, data={**fields, "claim": "none"}, headers=ORIGIN).status_code == 422
    assert client.post(path, data={**fields, "act": "perhaps"}, headers=ORIGIN).status_code == 422
    before = len(case.find(Statement))
    answer = client.post(path, data=fields, headers=ORIGIN)
    assert answer.headers["location"].startswith("/review?after=")
    confirmed = case.find(Statement)[before:]
    assert {said.read_by.name for _, said in confirmed} == {"analyst"}
    assert case.action(case.acts("statement.confirmed")[-1]).performer.name == "analyst"
    answer = client.post("/review/undo", data={"form": form}, headers=ORIGIN)
    assert answer.headers["location"] == path
    assert client.post("/review/undo", data={"form": form}, headers=ORIGIN).status_code == 422
    mended = {**fields, "voices": "Harbour office > Mira Olt", "stance": "doubts", "number": "at least 12"}
    assert client.post(path, data={**mended, "words": "not there"}, headers=ORIGIN).status_code == 422
    assert client.post(path, data=mended, headers=ORIGIN).status_code == 303
    named = {said.speaker: said for _, said in case.find(Statement)[-2:]}
    first, relay = named["Mira Olt"], named["Harbour office"]
    assert (first.stance.value, str(first.amount)) == ("doubts", "at least 12")
    assert (relay.stance.value, relay.relays) == ("reports", digest_of(first))
    assert case.acts("statement.edited")


def test_what_a_page_shows_of_a_proposal_can_be_sent_back_as_it_stands(office: Office) -> None:
    client, form = came_in(office, Role.LEAD)
    case = office.desk.case
    before = len(case.acts("statement.confirmed"))
    answer, count, unseen = client.get("/review"), 0, 0
    while "location" in answer.headers:
        path = answer.headers["location"]
        page = client.get(path).text
        fields = {"form": form, "act": "confirm"}
        for name in ("proposal", "claim", "voices", "number", "unit"):
            fields[name] = unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])  # type: ignore[index]
        fields["stance"] = re.search(r'value="(\w+)" selected', page[page.index('id="stance"') :])[1]  # type: ignore[index]
        words = re.search(r'<textarea id="words"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[1]  # type: ignore[index]
        fields["words"] = unescape(words).replace("\n", "\r\n")
        unseen += "⟨U+" in fields["words"]
        assert client.post(path, data=fields, headers=ORIGIN).status_code == 303, (path, fields)
        assert client.post("/review/undo", data={"form": form}, headers=ORIGIN).status_code == 303
        answer, count = client.get(f"/review?after={path.split('/')[2]}:{path.split('/')[3]}"), count + 1
    assert len(case.acts("statement.confirmed")) == before + count
    assert count > 3
    assert unseen, "no proposal has a sign that cannot be seen"


def test_two_people_cannot_decide_on_the_same_proposal(office: Office) -> None:
    ada, hers = came_in(office, Role.LEAD)
    ben, his = came_in(office, Role.REVIEWER)
    path, name, claims, _ = first_proposal(ada)
    before = len(office.desk.case.find(Statement))
    fields = {"proposal": name, "act": "confirm", "claim": claims[0]}
    assert ada.post(path, data={**fields, "form": hers}, headers=ORIGIN).status_code == 303
    came = len(office.desk.case.find(Statement))
    assert came > before
    for act in ("confirm", "reject"):
        assert ben.post(path, data={**fields, "form": his, "act": act}, headers=ORIGIN).status_code == 409
    assert len(office.desk.case.find(Statement)) == came
    stale = {**fields, "form": his, "proposal": "0" * 64}
    path, _, _, _ = first_proposal(ben)
    assert ben.post(path, data=stale, headers=ORIGIN).status_code == 409


def test_a_rejected_proposal_is_not_asked_again_and_a_new_claim_can_be_put(office: Office) -> None:
    client, form = came_in(office, Role.LEAD)
    path, name, _, page = first_proposal(client)
    reject = {"form": form, "proposal": name, "act": "reject", "reason": "a caption"}
    assert client.post(path, data=reject, headers=ORIGIN).status_code == 303
    again, name, _, page = first_proposal(client)
    assert again != path
    event = re.search(r'<option value="(\w{64})">', page)[1]  # type: ignore[index]
    fields = {
        "form": form,
        "proposal": name,
        "act": "confirm",
        "claim": "new",
        "event": event,
        "topic": "other",
    }
    assert client.post(again, data=fields, headers=ORIGIN).status_code == 422
    put = {**fields, "new_claim": "Whether the hall burned"}
    assert client.post(again, data=put, headers=ORIGIN).status_code == 303
    assert office.desk.case.find(Claim)[-1][1].text == "Whether the hall burned"


def test_an_assessment_and_its_second_reading_have_two_authors_and_their_reasons(office: Office) -> None:
    analyst, hers = came_in(office, Role.ANALYST)
    reviewer, his = came_in(office, Role.REVIEWER)
    case = office.desk.case
    page = analyst.get("/claims/2").text
    support = re.search(r'name="rests_on" value="([\w:]+)"', page)[1]  # type: ignore[index]
    fields = {"form": hers, "seen": seen_on(page), "status": "contested", "likelihood": "unlikely",
              "reasons": "One denies it.", "rests_on": support, "also": "E00006"}  # fmt: skip
    for wrong in ({"reasons": ""}, {"status": "true"}, {"rests_on": "", "also": ""}, {"also": "E99999"}):
        assert analyst.post("/claims/2/assessed", data=fields | wrong, headers=ORIGIN).status_code == 422
    assert analyst.post("/claims/2/assessed", data=fields, headers=ORIGIN).status_code == 303
    assert analyst.post("/claims/2/assessed", data=fields, headers=ORIGIN).status_code == 409
    name, assessment = case.find(Assessment)[-1]
    assert (assessment.author.name, assessment.reasons, len(assessment.rests_on)) == (
        "analyst", "One denies it.", 2,
    )  # fmt: skip
    path = f"/assessments/{name.hex}/read"
    page = reviewer.get("/claims/2").text
    assert path in page
    word = {"form": his, "seen": seen_on(page), "concurrence": "dissents", "reasons": "Two do."}
    assert analyst.post(path, data={**word, "form": hers}, headers=ORIGIN).status_code == 403
    assert reviewer.post(path, data={**word, "reasons": ""}, headers=ORIGIN).status_code == 422
    assert reviewer.post(path, data=word, headers=ORIGIN).status_code == 303
    assert "Two do." in analyst.get("/claims/2").text
    (_, said), *_ = case.find(Rereading, name)
    assert (said.reader.name, said.assessor.name, said.concurrence.value) == (
        "reviewer", "analyst", "dissents",
    )  # fmt: skip


def test_nobody_reads_their_own_assessment_for_the_second_time(office: Office) -> None:
    client, form = came_in(office, Role.REVIEWER)
    page = client.get("/claims/3").text
    fields = {"form": form, "seen": seen_on(page), "status": "undetermined", "reasons": "Little is known.",
              "also": "E00006"}  # fmt: skip
    assert client.post("/claims/3/assessed", data=fields, headers=ORIGIN).status_code == 303
    name, _ = office.desk.case.find(Assessment)[-1]
    page = client.get("/claims/3").text
    path = f"/assessments/{name.hex}/read"
    assert path not in page
    word = {"form": form, "seen": seen_on(page), "concurrence": "concurs", "reasons": "I am right."}
    assert client.post(path, data=word, headers=ORIGIN).status_code == 422
    assert not office.desk.case.find(Rereading, name)


def test_every_reported_number_is_drawn_and_leads_to_its_words_and_its_claim(office: Office) -> None:
    client, _ = came_in(office, Role.VIEWER)
    page = client.get("/numbers").text
    case = office.desk.case
    stand = Claims.of(case).weighing.statements
    counted = [name for name, said in stand.items() if said.amount is not None]
    assert counted
    assert all(f"/statements/{name.hex}" in page for name in counted)
    assert set(re.findall(r'href="/claims/(\d+)"', page)) >= {"1", "2", "3"}


@pytest.mark.parametrize(("people", "is_refused"), [((300, 100, 33), False), ((60, 0, 0), True)])
def test_an_estimate_or_its_refusal_is_shown_with_its_lists_and_what_it_assumes(
    office: Office, people: tuple[int, int, int], is_refused: bool
) -> None:
    client, _ = came_in(office, Role.VIEWER)
    alone, two, three = people
    counts = {1: alone, 2: alone, 4: alone, 3: two, 5: two, 6: two, 7: three}
    asked = Asked(settings=Settings(effort=Effort(exact=None, least=2000), resamples=20, beside=False))
    table = Table.of(["one", "other", "third"], {key: count for key, count in counts.items() if count})
    found = list(estimated({"": (table,)}, asked, lambda _what, _done: None))
    rests_on = [office.desk.case.digest_of_exhibit("E00007")]
    office.desk.enter_estimates(f"people of {alone} & more", found, rests_on, asked)
    page = client.get("/numbers").text
    section = page.split(f"people of {alone} &amp; more")[1].split("</section>")[0]
    assert (found[0].found.headline is None) is is_refused
    assert "one</bdi>" in section
    assert ("No number is printed" in section) is is_refused
    assert ("within a kind the lists name people independently" in section) is not is_refused
    assert ("<circle" in section) is not is_refused


def test_marks_that_count_are_drawn_where_they_were_set_and_registered_only_by_who_works(
    office: Office,
) -> None:
    lead, form = came_in(office, Role.LEAD)
    viewer, theirs = came_in(office, Role.VIEWER)
    marks = [
        {"kind": "observation", "exhibit": "E00007", "selector": {"type": "PointSelector", "x": x, "y": 50},
         "body": {"purpose": "count", "value": "lorries", "count": {"best": 1}}}
        for x in (60, 200)
    ]  # fmt: skip
    office.desk.enter([Line("a test", mark) for mark in marks])
    page = lead.get("/numbers").text
    assert '<circle cx="60.0" cy="50.0"' in page
    assert '<circle cx="200.0" cy="50.0"' in page
    assert "at least 2" in page
    assert "/numbers/registered" in page
    assert "/numbers/registered" not in viewer.get("/numbers").text
    assert viewer.post("/numbers/registered", data={"form": theirs}, headers=ORIGIN).status_code == 403
    before = office.desk.case.head().size
    assert lead.post("/numbers/registered", data={"form": form}, headers=ORIGIN).status_code == 303
    assert office.desk.case.head().size > before
    assert "/numbers/registered" not in lead.get("/numbers").text


def test_times_stand_in_lanes_by_where_they_come_from_and_keep_what_was_written(office: Office) -> None:
    client, _ = came_in(office, Role.VIEWER)
    page = client.get("/times").text
    lanes = re.split(r'<section class="sheet"', page)[1:]
    assert len(lanes) == 5
    sealed, in_file = lanes[2], lanes[3]
    assert sealed.count("/exhibits/E0") == len(list(office.desk.case.exhibits()))
    assert "2024:11:19 10:00:00" in in_file
    assert "zone unknown" in in_file
    assert "2024:11:19 10:00:00" not in sealed


def test_a_claim_is_merged_and_taken_apart_again_with_reasons(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    case = office.desk.case
    claims = dict(Claims.of(case).called(None))
    page = client.get("/claims/5").text
    assert claims[5].digest in page
    fields = {
        "form": form,
        "seen": seen_on(page),
        "about": claims[5].digest,
        "to": "4",
        "reason": "one thing",
    }
    for wrong in ({"reason": ""}, {"to": "0"}, {"to": ""}, {"about": claims[3].digest}):
        assert client.post("/claims/5/filed", data=fields | wrong, headers=ORIGIN).status_code == 422
    assert client.post("/claims/5/filed", data=fields, headers=ORIGIN).headers["location"] == "/claims/4"
    merged = dict(Claims.of(case).called(None))
    assert (len(merged), claims[5].digest in merged[4].absorbed) == (len(claims) - 1, True)
    apart = {**fields, "seen": seen_on(client.get("/claims/4").text), "alone": "yes", "reason": "they differ"}
    assert client.post("/claims/4/filed", data=fields | {"alone": "yes"}, headers=ORIGIN).status_code == 409
    assert client.post("/claims/4/filed", data=apart, headers=ORIGIN).status_code == 303
    assert len(Claims.of(case).called(None)) == len(claims)
    assert case.find(Filing, claims[5].digest)[-1][1].author.name == "analyst"
