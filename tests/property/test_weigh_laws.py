"""Laws that hold for every pile of statements."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.model import Appearance, Digest, Qualifier, Range, Span, Stance, Statement, TextSpan, person
from witnessmark.model.weighing import Bounds
from witnessmark.model.wire import digest_of
from witnessmark.weigh.attribution import draft, voices
from witnessmark.weigh.ranges import bounds, join, meet
from witnessmark.weigh.tally import GIVES, tally

CLAIM = Digest.of(b"a claim")
PAGE = Digest.of(b"a page")
DAYS = [Span(datetime(2031, 3, day, tzinfo=UTC)) for day in (1, 2, 3)]

numbers = st.integers(0, 3000)


def holds(bounds: Bounds, number: int) -> bool:
    return (bounds.low is None or bounds.low <= number) and (bounds.high is None or number <= bounds.high)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    qualifier = draw(st.sampled_from(list(Qualifier)))
    low, best, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    shape = draw(st.sampled_from(["low", "best", "high", "both", "all"]))
    return {
        "low": Range(low=low, qualifier=qualifier),
        "best": Range(best=best, qualifier=qualifier),
        "high": Range(high=high, qualifier=qualifier),
        "both": Range(low=low, high=high, qualifier=qualifier),
        "all": Range(low=low, best=best, high=high, qualifier=qualifier),
    }[shape]


@st.composite
def piles(draw: st.DrawFn) -> dict[Digest, Statement]:
    """Statements, each of which may relay an earlier one."""
    pile: dict[Digest, Statement] = {}
    for place in range(draw(st.integers(1, 9))):
        source = draw(st.none() | st.sampled_from(sorted(pile))) if pile else None
        statement = Statement(
            speaker=draw(st.sampled_from("ABCDE")),
            claim=CLAIM,
            stance=draw(st.sampled_from(list(Stance))),
            appearance=Appearance(PAGE, "words", PAGE, TextSpan(place, place + 5)),
            read_by=person("desk-1"),
            read_at=datetime(2031, 3, 9, tzinfo=UTC),
            amount=draw(st.none() | ranges()),
            unit="people",
            relays=source,
            said_at=draw(st.none() | st.sampled_from(DAYS)),
        )
        pile[digest_of(statement)] = statement
    return pile


@given(piles(), st.randoms(use_true_random=False))
def test_order_does_not_matter(pile: dict[Digest, Statement], chance: object) -> None:
    shuffled = list(pile.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tally(dict(shuffled), CLAIM) == tally(pile, CLAIM)
    assert voices(dict(shuffled), CLAIM) == voices(pile, CLAIM)


@given(piles(), st.data())
def test_an_echo_adds_no_origin_and_no_voice(pile: dict[Digest, Statement], data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(pile)))
    echo = Statement(
        speaker="a paper",
        claim=CLAIM,
        stance=data.draw(st.sampled_from([Stance.REPORTS, Stance.ASSERTS, Stance.CONFIRMS])),
        appearance=Appearance(PAGE, "words", PAGE, TextSpan(90, 95)),
        read_by=person("desk-1"),
        read_at=datetime(2031, 3, 9, tzinfo=UTC),
        amount=pile[source].amount,
        unit="people",
        relays=source,
    )
    louder = {**pile, digest_of(echo): echo}
    before, after = voices(pile, CLAIM), voices(louder, CLAIM)
    assert [voice.statement for voice in after] == [voice.statement for voice in before]
    assert draft(after).counts == draft(before).counts
    speakers = {origin.speaker for one in tally(louder, CLAIM) for origin in one.origins}
    assert "a paper" not in speakers


@given(piles())
def test_the_reported_range_holds_every_number_given(pile: dict[Digest, Statement]) -> None:
    for one in tally(pile, CLAIM):
        if one.reported is None:
            continue
        hull = bounds(one.reported)
        assert hull is not None
        for origin in one.origins:
            for number in origin.numbers:
                stated = bounds(number.amount)
                allowed = (stated.low, stated.high) if stated else (number.amount.best,)
                assert all(holds(hull, edge) for edge in allowed if edge is not None)


@given(piles())
def test_no_number_that_is_given_gets_lost(pile: dict[Digest, Statement]) -> None:
    tallies = tally(pile, CLAIM)
    put_forward = {number.statement for one in tallies for origin in one.origins for number in origin.numbers}
    disputed = {dispute.statement for one in tallies for dispute in one.disputes}
    numbered = {digest for digest, statement in pile.items() if statement.amount is not None}
    assert put_forward | disputed == numbered
    assert all(pile[digest].stance in GIVES for digest in put_forward)


@given(piles())
def test_every_statement_is_a_voice_or_a_relay(pile: dict[Digest, Statement]) -> None:
    heard = voices(pile, CLAIM)
    told = {voice.statement for voice in heard} | {
        relay.statement for voice in heard for relay in voice.relays
    }
    assert told == pile.keys()


@given(st.lists(ranges(), min_size=1))
def test_the_agreed_range_lies_within_every_bound(amounts: list[Range]) -> None:
    stated = [allowed for amount in amounts if (allowed := bounds(amount)) is not None]
    common = meet(stated) if stated else None
    edges = bounds(common) if common else None
    if edges is not None:
        assert all(holds(one, edge) for one in stated for edge in (edges.low, edges.high) if edge is not None)


@given(st.lists(ranges()), st.lists(ranges()))
def test_joining_in_parts_is_joining_at_once(some: list[Range], others: list[Range]) -> None:
    parts = [part for part in (join(some), join(others)) if part is not None]
    assert join(parts) == join([*some, *others])
