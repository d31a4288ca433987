from __future__ import annotations

from datetime import UTC, datetime

import pytest

from witnessmark.errors import MalformedError
from witnessmark.model import (
    Agent,
    AgentKind,
    Appearance,
    Digest,
    Qualifier,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
)
from witnessmark.model.weighing import Agreement, Bounds
from witnessmark.model.wire import digest_of
from witnessmark.weigh.attribution import Draft, draft, voices
from witnessmark.weigh.ranges import bounds, join, meet
from witnessmark.weigh.tally import tally

CLAIM = Digest.of(b"a claim")
PAGE = Digest.of(b"a page")
READER = Agent("desk-1", AgentKind.PERSON)
FORTY = Range(low=40, qualifier=Qualifier.AT_LEAST)


def day(number: int) -> Span:
    return Span(datetime(2031, 3, number, tzinfo=UTC))


def said(speaker: str, stance: Stance = Stance.ASSERTS, **more: object) -> Statement:
    fields: dict[str, object] = {
        "claim": CLAIM,
        "appearance": Appearance(PAGE, f"words of {speaker}", PAGE, TextSpan(0, 9)),
        "read_by": READER,
        "read_at": datetime(2031, 3, 9, tzinfo=UTC),
        "unit": "people",
    }
    return Statement(speaker=speaker, stance=stance, **{**fields, **more})  # type: ignore[arg-type]


def case(*statements: Statement) -> dict[Digest, Statement]:
    return {digest_of(one): one for one in statements}


def relay(speaker: str, of: Statement, stance: Stance = Stance.REPORTS, **more: object) -> Statement:
    return said(speaker, stance, relays=digest_of(of), **more)


@pytest.mark.parametrize(
    ("amount", "allowed"),
    [
        (Range(best=40), Bounds(40, 40)),
        (FORTY, Bounds(40, None)),
        (Range(low=1400, qualifier=Qualifier.MORE_THAN), Bounds(1401, None)),
        (Range(high=12, qualifier=Qualifier.UP_TO), Bounds(None, 12)),
        (Range(high=12, qualifier=Qualifier.LESS_THAN), Bounds(None, 11)),
        (Range(low=160, high=190, qualifier=Qualifier.BETWEEN), Bounds(160, 190)),
        (Range(low=160, best=170, high=190, qualifier=Qualifier.ABOUT), Bounds(160, 190)),
        (Range(best=170, qualifier=Qualifier.ABOUT), None),
        (Range(low=24, qualifier=Qualifier.VAGUE), None),
        (Range(qualifier=Qualifier.VAGUE), None),
        (Range(best=0), Bounds(0, 0)),
        (Range(best=40, qualifier=Qualifier.AT_LEAST), Bounds(40, None)),
    ],
)
def test_a_range_allows_what_its_words_say_and_no_bound_is_invented(
    amount: Range, allowed: Bounds | None
) -> None:
    assert bounds(amount) == allowed


def test_the_join_of_an_open_and_a_closed_range_stays_open() -> None:
    assert join([FORTY, Range(best=1700)]) == FORTY
    assert join([Range(best=12), Range(best=9)]) == Range(low=9, high=12, qualifier=Qualifier.BETWEEN)
    assert join([Range(qualifier=Qualifier.VAGUE)]) is None


def test_ranges_without_a_common_number_do_not_meet() -> None:
    assert meet([Bounds(1401, None), Bounds(None, 1400)]) is None
    assert meet([Bounds(40, None), Bounds(57, 57)]) == Range(best=57)


def test_a_number_printed_by_three_papers_has_one_origin() -> None:
    ministry = said("Ministry", amount=FORTY)
    agency = relay("Agency", ministry, amount=FORTY)
    papers = [relay(name, agency, amount=FORTY) for name in ("Post", "Courier")]
    (only,) = tally(case(ministry, agency, *papers), CLAIM)
    assert [origin.speaker for origin in only.origins] == ["Ministry"]
    assert only.origins[0].relayed_by == ("Agency", "Courier", "Post")
    assert only.agreement is Agreement.ONE_ORIGIN
    assert only.agreed is None


def test_a_confirmation_by_one_who_relays_is_an_echo() -> None:
    ministry = said("Ministry", amount=FORTY)
    paper = relay("Post", ministry, Stance.CONFIRMS, amount=FORTY)
    (only,) = tally(case(ministry, paper), CLAIM)
    assert len(only.origins) == 1
    assert str(draft(voices(case(ministry, paper), CLAIM))) == (
        "1 separate voice gives a number, 1 only passes on what another said"
    )


def test_a_relay_that_doubts_speaks_for_itself_and_its_number_is_not_given() -> None:
    ministry = said("Ministry", amount=FORTY)
    institute = relay("Institute", ministry, Stance.DOUBTS, amount=FORTY)
    statements = case(ministry, institute)
    (only,) = tally(statements, CLAIM)
    assert [dispute.speaker for dispute in only.disputes] == ["Institute"]
    assert [origin.speaker for origin in only.origins] == ["Ministry"]
    first, second = voices(statements, CLAIM)
    assert (first.stance, first.relays[0].stance) == (Stance.ASSERTS, Stance.DOUBTS)
    assert (second.speaker, second.relays) == ("Institute", ())


def test_who_passes_on_a_doubt_makes_no_giver_of_the_doubter() -> None:
    claimed = said("the front", amount=Range(best=640))
    doubt = said("a researcher", Stance.DOUBTS, amount=Range(best=640))
    passed_on = relay("a quarterly", doubt, amount=Range(best=640))
    (one,) = tally(case(claimed, doubt, passed_on), CLAIM)
    assert [origin.speaker for origin in one.origins] == ["the front"]
    assert one.agreement is Agreement.ONE_ORIGIN
    assert [(dispute.speaker, dispute.stance) for dispute in one.disputes] == [
        ("a researcher", Stance.DOUBTS),
        ("a researcher", Stance.DOUBTS),
    ]


def test_contradiction_is_said_and_not_averaged() -> None:
    statements = case(said("Ministry", amount=Range(best=1700)), said("Court", amount=Range(best=12)))
    (only,) = tally(statements, CLAIM)
    assert only.agreement is Agreement.CONTRADICT
    assert only.agreed is None
    assert only.reported == Range(low=12, high=1700, qualifier=Qualifier.BETWEEN)


def test_about_neither_agrees_nor_contradicts() -> None:
    about = Range(best=170, qualifier=Qualifier.ABOUT)
    (only,) = tally(case(said("Ministry", amount=about), said("Court", amount=Range(best=12))), CLAIM)
    assert only.agreement is Agreement.NOT_COMPARABLE
    assert [origin.speaker for origin in only.not_compared] == ["Ministry"]
    assert only.reported == Range(low=12, high=170, qualifier=Qualifier.BETWEEN)


def test_two_undated_abouts_of_one_voice_do_not_grow_bounds() -> None:
    first = said("Ministry", amount=Range(best=170, qualifier=Qualifier.ABOUT))
    second = said("Ministry", amount=Range(best=180, qualifier=Qualifier.ABOUT))
    (only,) = tally(case(first, second), CLAIM)
    assert only.origins[0].bounds is None


def test_a_revised_toll_stands_by_its_latest_number_and_keeps_the_series() -> None:
    early = said("Ministry", amount=FORTY, said_at=day(2))
    late = said("Ministry", amount=Range(best=57), said_at=day(5))
    other = said("Hospital", amount=Range(best=57), said_at=day(5))
    (only,) = tally(case(late, early, other), CLAIM)
    ministry = only.origins[1]
    assert [given.amount for given in ministry.numbers] == [FORTY, Range(best=57)]
    assert ministry.bounds == Bounds(57, 57)
    assert only.agreed == Range(best=57)


def test_a_withdrawn_number_is_shown_and_not_compared() -> None:
    ministry = said("Ministry", amount=FORTY, said_at=day(2))
    taken_back = said("Ministry", Stance.RETRACTS, said_at=day(3))
    court = said("Court", amount=Range(best=12))
    (only,) = tally(case(ministry, taken_back, court), CLAIM)
    assert [origin.withdrawn for origin in only.origins] == [False, True]
    assert only.agreement is Agreement.NOT_COMPARABLE


def test_a_number_given_again_after_a_retraction_counts() -> None:
    taken_back = said("Ministry", Stance.RETRACTS, said_at=day(3))
    again = said("Ministry", amount=FORTY, said_at=day(4))
    (only,) = tally(case(taken_back, again), CLAIM)
    assert not only.origins[0].withdrawn


def test_a_number_changed_on_the_way_is_kept_but_the_first_voice_counts() -> None:
    ministry = said("Ministry", amount=FORTY)
    paper = relay("Post", ministry, amount=Range(best=400))
    court = said("Court", amount=Range(low=30, high=50, qualifier=Qualifier.BETWEEN))
    (only,) = tally(case(ministry, paper, court), CLAIM)
    assert {given.amount for given in only.origins[1].numbers} == {FORTY, Range(best=400)}
    assert only.agreed == Range(low=40, high=50, qualifier=Qualifier.BETWEEN)


def test_different_units_are_never_added_or_compared() -> None:
    statements = case(
        said("Ministry", amount=FORTY, unit="pictures"), said("Court", amount=Range(best=12), unit="people")
    )
    assert [one.unit for one in tally(statements, CLAIM)] == ["people", "pictures"]
    assert {one.agreement for one in tally(statements, CLAIM)} == {Agreement.ONE_ORIGIN}


def test_nobody_giving_a_number_is_not_a_number() -> None:
    assert tally(case(said("Ministry")), CLAIM) == ()
    (only,) = tally(case(said("Institute", Stance.DOUBTS, amount=FORTY)), CLAIM)
    assert (only.reported, only.agreement) == (None, Agreement.NONE_GIVEN)


def test_a_relay_without_its_source_is_refused_by_name() -> None:
    ministry = said("Ministry", amount=FORTY)
    paper = relay("Post", ministry, amount=FORTY)
    with pytest.raises(MalformedError, match=r"of Post relays sha256:.*not at hand"):
        tally(case(paper), CLAIM)


def test_a_relay_of_another_claim_is_refused() -> None:
    ministry = said("Ministry", amount=FORTY, claim=Digest.of(b"another"))
    with pytest.raises(MalformedError, match="about another claim"):
        voices(case(ministry, relay("Post", ministry)), CLAIM)


def test_a_circle_that_a_forged_mapping_writes_is_refused() -> None:
    one, two = Digest.of(b"1"), Digest.of(b"2")
    forged = {
        one: said("A", Stance.REPORTS, relays=two, amount=FORTY),
        two: said("B", Stance.REPORTS, relays=one, amount=FORTY),
    }
    with pytest.raises(MalformedError, match="in a circle"):
        tally(forged, CLAIM)


def test_the_draft_counts_separate_speakers_once_per_stance() -> None:
    ministry = said("Ministry", amount=FORTY)
    again = said("Ministry", amount=Range(best=57))
    agency = relay("Agency", ministry)
    statements = case(
        ministry,
        again,
        agency,
        relay("Post", agency),
        said("Court"),
        said("Institute", Stance.DOUBTS),
        said("Courier", Stance.CANNOT_VERIFY),
        said("Gazette", Stance.CANNOT_VERIFY),
    )
    assert str(draft(voices(statements, CLAIM))) == (
        "1 separate voice gives a number, 1 asserts it, 1 doubts it, 2 could not verify it, "
        "2 only pass on what another said"
    )
    first = voices(statements, CLAIM)[0]
    chain = [
        (one.speaker, one.had_from, one.steps) for voice in voices(statements, CLAIM) for one in voice.relays
    ]
    assert first.stance is Stance.ASSERTS
    assert chain == [("Agency", "Ministry", 1), ("Post", "Agency", 2)]


def test_a_draft_of_nothing_says_so() -> None:
    assert str(Draft((), 0)) == "nobody is on record about it"


@pytest.mark.parametrize("stance", list(Stance))
def test_every_stance_has_its_own_words_in_a_draft(stance: Stance) -> None:
    others = {str(draft(voices(case(said("X", other)), CLAIM))) for other in Stance if other is not stance}
    assert str(draft(voices(case(said("X", stance)), CLAIM))) not in others
