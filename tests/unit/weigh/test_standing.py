"""Which statements count, and what weighing a whole case gives."""

from __future__ import annotations

from datetime import UTC, datetime

from witnessmark.model import (
    Agent,
    AgentKind,
    Appearance,
    Claim,
    Decision,
    Digest,
    Range,
    Stance,
    Statement,
    TextSpan,
    Topic,
    Verdict,
    person,
)
from witnessmark.model.wire import digest_of
from witnessmark.weigh import weigh
from witnessmark.weigh.standing import standing

CLAIM = Claim(Digest.of(b"an event"), Topic.NUMBER, "How many people died")
PAGE = Digest.of(b"a page")
READER = Agent("reader 1.0", AgentKind.SOFTWARE)


def said(speaker: str, by: Agent, relays: Digest | None = None) -> Statement:
    return Statement(
        speaker=speaker,
        claim=digest_of(CLAIM),
        stance=Stance.REPORTS if relays else Stance.ASSERTS,
        appearance=Appearance(PAGE, "words", PAGE, TextSpan(0, 5)),
        read_by=by,
        read_at=datetime(2031, 3, 9, tzinfo=UTC),
        amount=Range(best=40),
        relays=relays,
    )


def decided(about: Statement, verdict: Verdict, hour: int = 1) -> Decision:
    return Decision(
        digest_of(about), verdict, "read again", person("wren"), datetime(2031, 3, 9, hour, tzinfo=UTC)
    )


def case(*statements: Statement) -> dict[Digest, Statement]:
    return {digest_of(one): one for one in statements}


def test_what_a_person_read_counts_and_what_a_program_read_waits() -> None:
    by_person, by_program = said("Ministry", person("wren")), said("Court", READER)
    found = standing(case(by_person, by_program), ())
    assert set(found.statements) == {digest_of(by_person)}
    assert (found.waiting, found.rejected) == (1, 0)


def test_a_person_can_accept_what_a_program_read_and_reject_what_a_person_read() -> None:
    by_person, by_program = said("Ministry", person("wren")), said("Court", READER)
    decisions = (decided(by_program, Verdict.ACCEPT), decided(by_person, Verdict.REJECT))
    found = standing(case(by_person, by_program), decisions)
    assert set(found.statements) == {digest_of(by_program)}
    assert (found.waiting, found.rejected) == (0, 1)


def test_the_latest_decision_counts_in_whatever_order_they_come() -> None:
    read = said("Court", READER)
    decisions = (decided(read, Verdict.ACCEPT, 5), decided(read, Verdict.REJECT, 2))
    assert standing(case(read), decisions).statements
    assert standing(case(read), decisions[::-1]).statements


def test_a_decision_that_is_no_answer_to_the_question_leaves_it_waiting() -> None:
    read = said("Court", READER)
    assert standing(case(read), (decided(read, Verdict.SAME),)).waiting == 1


def test_a_relay_falls_with_any_link_of_its_chain() -> None:
    first = said("Ministry", person("wren"))
    agency = said("Agency", person("wren"), digest_of(first))
    paper = said("Post", person("wren"), digest_of(agency))
    found = standing(case(first, agency, paper), (decided(first, Verdict.REJECT),))
    assert found.statements == {}
    assert found.rejected == 1


def test_weighing_gives_every_claim_its_voices_and_numbers() -> None:
    other = Claim(CLAIM.event, Topic.PLACE, "Where it was")
    first = said("Ministry", person("wren"))
    agency = said("Agency", person("wren"), digest_of(first))
    weighing = weigh((CLAIM, other), case(first, agency, said("Court", READER)))
    told, silent = weighing.claims
    assert [voice.speaker for voice in told.voices] == ["Ministry"]
    assert told.draft == "1 separate voice gives a number, 1 only passes on what another said"
    assert [origin.speaker for origin in told.tallies[0].origins] == ["Ministry"]
    assert (silent.voices, silent.tallies, silent.draft) == ((), (), "nobody is on record about it")
    assert weighing.waiting == 1
