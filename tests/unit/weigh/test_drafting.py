"""Where statements count, what that comes to by rule, and which evidence tells rivals apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from witnessmark.model import (
    Appearance,
    Bearing,
    Claim,
    Consistency,
    Dependence,
    Digest,
    Filing,
    Hypothesis,
    Qualifier,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
    Tie,
    Topic,
    person,
)
from witnessmark.model.weighing import Diagnosticity, DraftStatus, Rulings, WeighedClaim, Weighing
from witnessmark.model.wire import digest_of
from witnessmark.weigh import weigh

EVENT = Digest.of(b"an event")
CLAIM, OTHER = Claim(EVENT, Topic.OTHER, "The hall burnt"), Claim(EVENT, Topic.OTHER, "A hall was on fire")
PAGE = Digest.of(b"a page")
READER, SECOND = person("desk-1"), person("desk-2")
NOW, LATER = datetime(2031, 3, 9, tzinfo=UTC), datetime(2031, 3, 10, tzinfo=UTC)


def said(speaker: str, stance: Stance = Stance.ASSERTS, **more: object) -> Statement:
    fields: dict[str, object] = {
        "claim": digest_of(CLAIM),
        "appearance": Appearance(PAGE, f"words of {speaker}", PAGE, TextSpan(0, 9)),
        "read_by": READER,
        "read_at": NOW,
    }
    return Statement(speaker=speaker, stance=stance, **{**fields, **more})  # type: ignore[arg-type]


def weighed(statements: Sequence[Statement], rulings: Rulings | None = None) -> Weighing:
    return weigh((CLAIM, OTHER), {digest_of(one): one for one in statements}, rulings or Rulings())


def first(statements: Sequence[Statement], rulings: Rulings | None = None) -> WeighedClaim:
    return next(one for one in weighed(statements, rulings).claims if one.claim == CLAIM)


def number(speaker: str, amount: Range) -> Statement:
    return said(speaker, amount=amount, unit="persons")


AT_LEAST_40 = Range(low=40, qualifier=Qualifier.AT_LEAST)
VAGUE = Range(low=24, qualifier=Qualifier.VAGUE)

DRAFTS: list[tuple[str, list[Statement], DraftStatus, int, int]] = [
    ("nothing", [], DraftStatus.NOT_CHECKABLE, 0, 0),
    ("only one who could not verify", [said("A", Stance.CANNOT_VERIFY)], DraftStatus.NOT_CHECKABLE, 0, 0),
    (
        "only one who declined to confirm",
        [said("A", Stance.DECLINES_TO_CONFIRM)],
        DraftStatus.NOT_CHECKABLE,
        0,
        0,
    ),
    ("only a condition", [said("A", Stance.CONDITIONAL)], DraftStatus.NOT_CHECKABLE, 0, 0),
    ("hearsay of nobody", [said("A", Stance.REPORTS)], DraftStatus.NOT_CHECKABLE, 0, 0),
    ("one voice", [said("A")], DraftStatus.UNCORROBORATED, 1, 0),
    (
        "one voice, and one who declines",
        [said("A"), said("B", Stance.DECLINES_TO_CONFIRM)],
        DraftStatus.UNCORROBORATED,
        1,
        0,
    ),
    ("two voices", [said("A"), said("B", Stance.CONFIRMS)], DraftStatus.CORROBORATED, 2, 0),
    (
        "two against one",
        [said("A"), said("B", Stance.DENIES), said("C", Stance.DOUBTS)],
        DraftStatus.CONTESTED,
        1,
        2,
    ),
    ("a denial alone", [said("A", Stance.DENIES)], DraftStatus.UNCORROBORATED, 0, 1),
    (
        "numbers that exclude each other",
        [number("A", Range(best=12)), number("B", AT_LEAST_40)],
        DraftStatus.CONTESTED,
        2,
        0,
    ),
    (
        "numbers that allow each other",
        [number("A", Range(best=44)), number("B", AT_LEAST_40)],
        DraftStatus.CORROBORATED,
        2,
        0,
    ),
    (
        "numbers without bounds",
        [number("A", VAGUE), number("B", AT_LEAST_40)],
        DraftStatus.UNCORROBORATED,
        2,
        0,
    ),
]


@pytest.mark.parametrize(
    ("statements", "status", "lineages", "against"),
    [row[1:] for row in DRAFTS],
    ids=[row[0] for row in DRAFTS],
)
def test_the_draft_follows_the_stated_rules(
    statements: list[Statement], status: DraftStatus, lineages: int, against: int
) -> None:
    drafted = first(statements).drafted
    assert (drafted.status, drafted.lineages, drafted.against) == (status, lineages, against)
    assert drafted.rule


def test_a_voice_that_took_it_back_no_longer_supports_it() -> None:
    early, late = (Span(datetime(2031, 3, day, tzinfo=UTC)) for day in (1, 2))
    kept = [said("A", said_at=early), said("B")]
    assert first(kept).drafted.status is DraftStatus.CORROBORATED
    assert first([*kept, said("A", Stance.RETRACTS, said_at=late)]).drafted.lineages == 1
    again = [said("A", said_at=late), said("B"), said("A", Stance.RETRACTS, said_at=early)]
    assert first(again).drafted.lineages == 2


def test_repeating_and_dependence_gain_nothing() -> None:
    union = said("Union")
    papers = [said(f"Paper {n}", Stance.REPORTS, relays=digest_of(union)) for n in range(9)]
    assert first([union, *papers]).drafted.status is DraftStatus.UNCORROBORATED
    other = said("Witness")
    tie = Tie(digest_of(other), digest_of(union), Dependence.DEPENDENT, "told by them", READER, NOW)
    assert first([union, other]).drafted.status is DraftStatus.CORROBORATED
    assert first([union, other], Rulings(ties=(tie,))).drafted.status is DraftStatus.UNCORROBORATED


def bearing(on: Digest, evidence: Digest, consistency: Consistency, **more: object) -> Bearing:
    fields: dict[str, object] = {"reason": "as measured", "author": READER, "judged_at": NOW, **more}
    return Bearing(on, evidence, consistency, **fields)  # type: ignore[arg-type]


def test_what_was_observed_contradicts_a_claim_and_words_of_a_source_do_not() -> None:
    union, finding = said("Union"), Digest.of(b"a finding")
    claim = digest_of(CLAIM)
    observed = Rulings(bearings=(bearing(claim, finding, Consistency.INCONSISTENT),))
    drafted = first([union], observed).drafted
    assert drafted.status is DraftStatus.CONTRADICTED
    assert drafted.evidence == (finding,)
    worded = Rulings(bearings=(bearing(claim, digest_of(union), Consistency.INCONSISTENT),))
    assert first([union], worded).drafted.status is DraftStatus.UNCORROBORATED
    mended = Rulings(
        bearings=(
            bearing(claim, finding, Consistency.INCONSISTENT),
            bearing(claim, finding, Consistency.NEUTRAL, judged_at=LATER),
        )
    )
    assert first([union], mended).drafted.status is DraftStatus.UNCORROBORATED


# --- filing


def filing(about: Digest, claim: Claim, when: datetime = NOW) -> Filing:
    return Filing(about, digest_of(claim), "the same thing", READER, when)


def test_a_merged_claim_brings_its_statements_and_stands_no_longer_alone() -> None:
    here, there = said("A"), said("B", claim=digest_of(OTHER))
    found = weighed([here, there], Rulings(filings=(filing(digest_of(OTHER), CLAIM),)))
    (only,) = found.claims
    assert only.absorbed == (digest_of(OTHER),)
    assert {voice.speaker for voice in only.voices} == {"A", "B"}
    assert found.statements[digest_of(there)] == there
    undone = Rulings(filings=(filing(digest_of(OTHER), CLAIM), filing(digest_of(OTHER), OTHER, LATER)))
    assert [len(one.voices) for one in weighed([here, there], undone).claims] == [1, 1]


def test_a_moved_statement_brings_those_that_pass_it_on() -> None:
    union = said("Union")
    paper = said("Paper", Stance.REPORTS, relays=digest_of(union))
    herald = said("Herald", Stance.REPORTS, relays=digest_of(paper))
    found = weighed([union, paper, herald], Rulings(filings=(filing(digest_of(union), OTHER),)))
    assert [len(one.voices) for one in found.claims] == [0, 1]
    assert set(found.under.values()) == {digest_of(OTHER)}


def test_mergers_in_a_circle_leave_everything_where_it_was() -> None:
    circle = Rulings(filings=(filing(digest_of(OTHER), CLAIM), filing(digest_of(CLAIM), OTHER)))
    found = weighed([said("A"), said("B", claim=digest_of(OTHER))], circle)
    assert [len(one.voices) for one in found.claims] == [1, 1]


def test_a_filing_under_a_claim_that_is_not_there_moves_nothing() -> None:
    stray = Filing(digest_of(CLAIM), Digest.of(b"no claim"), "slip", READER, NOW)
    assert len(first([said("A")], Rulings(filings=(stray,))).voices) == 1


# --- rivals


def test_evidence_that_fits_all_explanations_tells_nothing_and_comes_last() -> None:
    claim = digest_of(CLAIM)
    accident = Hypothesis(EVENT, "An accident", READER, NOW, claim)
    arson = Hypothesis(EVENT, "Arson", READER, LATER, claim)
    smoke, canister, wind, lone = (Digest.of(name) for name in (b"smoke", b"canister", b"wind", b"lone"))
    words = Consistency
    bearings = (
        bearing(digest_of(accident), smoke, words.CONSISTENT),
        bearing(digest_of(arson), smoke, words.CONSISTENT),
        bearing(digest_of(accident), canister, words.STRONGLY_INCONSISTENT),
        bearing(digest_of(arson), canister, words.CONSISTENT),
        bearing(digest_of(accident), wind, words.CONSISTENT),
        bearing(digest_of(arson), wind, words.NEUTRAL),
        bearing(digest_of(arson), lone, words.CONSISTENT),
    )
    table = first([said("A")], Rulings(hypotheses=(arson, accident), bearings=bearings)).rivals
    assert [one.text for _, one in table.hypotheses] == ["An accident", "Arson"]
    assert [(row.evidence, row.diagnosticity) for row in table.rows] == [
        (canister, Diagnosticity.TELLS_APART),
        (wind, Diagnosticity.HARDLY),
        (smoke, Diagnosticity.NOT_AT_ALL),
        (lone, Diagnosticity.NOT_WEIGHED),
    ]


def test_two_people_who_judge_differently_both_stand_in_the_table() -> None:
    claim = digest_of(CLAIM)
    arson = Hypothesis(EVENT, "Arson", READER, NOW, claim)
    smoke = Digest.of(b"smoke")
    bearings = (
        bearing(digest_of(arson), smoke, Consistency.CONSISTENT),
        bearing(digest_of(arson), smoke, Consistency.NEUTRAL, author=SECOND),
        bearing(digest_of(arson), smoke, Consistency.INCONSISTENT, judged_at=LATER),
    )
    (row,) = first([said("A")], Rulings(hypotheses=(arson,), bearings=bearings)).rivals.rows
    assert {(one.author.name, one.consistency) for _, one in row.bearings[0]} == {
        ("desk-1", Consistency.INCONSISTENT),
        ("desk-2", Consistency.NEUTRAL),
    }
