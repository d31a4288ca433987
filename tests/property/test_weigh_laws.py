"""Laws that hold for every pile of statements."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from witnessmark.model import (
    Appearance,
    Claim,
    Dependence,
    Digest,
    Filing,
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
from witnessmark.model.weighing import Bounds, Rulings
from witnessmark.model.wire import digest_of
from witnessmark.weigh import weigh
from witnessmark.weigh.attribution import draft, voices
from witnessmark.weigh.dependence import lineages
from witnessmark.weigh.passages import passages
from witnessmark.weigh.ranges import bounds, join, meet
from witnessmark.weigh.tally import GIVES, tally

CLAIM = Digest.of(b"a claim")
PAGE = Digest.of(b"a page")
NOW = datetime(2031, 3, 9, tzinfo=UTC)
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


# --- passages, filings, lineages

LETTERS = st.sampled_from(["a", "be", "sea", "Tür", "слово", "باب", "،", ".", "—", "\n", "7"])


@given(st.lists(LETTERS, max_size=60), st.lists(LETTERS, max_size=60), st.lists(LETTERS, max_size=40))
def test_a_passage_is_the_same_words_in_both_texts(
    before: list[str], after: list[str], shared: list[str]
) -> None:
    middle = " ".join(shared)
    one, other = f"{' '.join(before)} {middle}", f"{middle} {' '.join(after)}"
    texts = {Digest.of(text.encode()): text for text in (one, other)}
    for copied in passages(texts):
        for here, there in copied.runs:
            words = [
                [word.casefold() for word in re.findall(r"\w+", texts[name][span.start : span.end])]
                for name, span in ((copied.one, here), (copied.other, there))
            ]
            assert words[0] == words[1]
        assert copied.words == sum(
            len(re.findall(r"\w+", texts[copied.one][here.start : here.end])) for here, _ in copied.runs
        )


@given(st.text(max_size=300), st.integers(12, 40))
def test_what_was_copied_whole_is_found_whatever_stands_around_it(around: str, length: int) -> None:
    shared = " ".join(f"word{number}" for number in range(length))
    one, other = f"{around}\n{shared}", f"{shared}\n{around[::-1]}"
    found = passages({Digest.of(text.encode()): text for text in (one, other)})
    assert any(copied.words >= length for copied in found)


@given(piles())
def test_every_statement_is_in_just_one_lineage_and_edges_stay_inside(pile: dict[Digest, Statement]) -> None:
    found = lineages(pile)
    members = [digest for one in found.lineages for digest in one.statements]
    assert sorted(members) == sorted(pile)
    for one in found.lineages:
        assert one.head in one.statements
        for edge in one.edges:
            assert {edge.statement, edge.source} <= set(one.statements)
            assert edge.rests_on
    assert len({one.name for one in found.lineages}) == len(found.lineages)


@given(piles(), st.randoms(use_true_random=False))
def test_lineages_do_not_depend_on_the_order_of_statements(
    pile: dict[Digest, Statement], chance: random.Random
) -> None:
    shuffled = list(pile.items())
    chance.shuffle(shuffled)
    assert lineages(dict(shuffled)) == lineages(pile)


@given(piles(), st.data())
def test_a_tie_only_joins_and_an_independence_only_parts(
    pile: dict[Digest, Statement], data: st.DataObject
) -> None:
    assume(len(pile) > 1)
    one, other = data.draw(st.lists(st.sampled_from(sorted(pile)), min_size=2, max_size=2, unique=True))
    counts = [
        len(lineages(pile, Rulings(ties=ties)).lineages)
        for ties in (
            (Tie(one, other, Dependence.DEPENDENT, "so", person("desk-1"), NOW),),
            (),
            (Tie(one, other, Dependence.INDEPENDENT, "so", person("desk-1"), NOW),),
        )
    ]
    assert counts == sorted(counts)


@given(piles())
def test_the_draft_counts_no_more_lineages_than_there_are(pile: dict[Digest, Statement]) -> None:
    claim = Claim(Digest.of(b"an event"), Topic.NUMBER, "how many")
    moved = Filing(CLAIM, digest_of(claim), "the same", person("desk-1"), NOW)
    (weighed,) = weigh((claim,), pile, Rulings(filings=(moved,))).claims
    total = len(lineages(pile).lineages)
    assert weighed.absorbed == (CLAIM,)
    assert 0 <= weighed.drafted.lineages <= total
    assert 0 <= weighed.drafted.against <= total
