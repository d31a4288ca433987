"""Laws of counting: doubt never raises a minimum, the clique is the largest, ranges over time only grow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from witnessmark.match.registering import fundamental
from witnessmark.model import Digest, Facts, Match, Qualifier, Range, Region, Shape, Stance, person
from witnessmark.model.counting import Counting, Manner, Mark
from witnessmark.model.readings import Correspondence
from witnessmark.model.reported import Quantity, Reported
from witnessmark.weigh.counting.clique import largest
from witnessmark.weigh.counting.floor import floors
from witnessmark.weigh.counting.ledger import at_date, dates, ledger
from witnessmark.weigh.counting.recorders import COLUMNS, Recorder, entries_of, row_of

NOW = datetime(2031, 3, 9, tzinfo=UTC)
PICTURES = tuple(Digest.of(name) for name in (b"first", b"second", b"third"))
CAMERAS = ((0.0, 0.0), (1.4, 0.1), (0.5, 1.0))
SIDE, FOCAL, REACH = 1024.0, 900.0, 9.0
Places = NDArray[np.float64]


# --- the largest set


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], list[set[int]]]:
    count = draw(st.integers(0, 11))
    weights = draw(st.lists(st.sampled_from([0, 1, 1, 1, 2, 90]), min_size=count, max_size=count))
    edges = draw(st.sets(st.sampled_from(list(combinations(range(count), 2)) or [(0, 1)])))
    around: list[set[int]] = [set() for _ in range(count)]
    for one, other in edges if count > 1 else ():
        around[one].add(other)
        around[other].add(one)
    return weights, around


@given(graphs(), st.sampled_from([0, 1, 20_000]))
def test_the_largest_set_is_that_of_brute_force(graph: tuple[list[int], list[set[int]]], steps: int) -> None:
    weights, around = graph
    count = len(weights)
    best = max(
        sum(weights[one] for one in chosen)
        for size in range(count + 1)
        for chosen in combinations(range(count), size)
        if not any(other in around[one] for one, other in combinations(chosen, 2))
    )
    found = largest(weights, around, steps)
    assert found.weight <= best <= found.bound
    assert found.is_exact or steps < 20_000
    assert found.weight == sum(weights[one] for one in found.members)
    assert not any(other in around[one] for one, other in combinations(found.members, 2))


# --- the floor


def seen(picture: int, points: Places) -> Places:
    right, down = CAMERAS[picture]
    places: Places = np.stack(
        [
            FOCAL * (points[:, 0] - right) / points[:, 2] + SIDE / 2,
            FOCAL * (points[:, 1] - down) / points[:, 2] + SIDE / 2,
        ],
        axis=1,
    )
    return places


@cache
def views() -> tuple[Match, ...]:
    """Three views of a rough wall, each registered to each."""
    chance = np.random.default_rng(3)
    spread = chance.uniform(-5, 6, (400, 2))
    wall = np.column_stack([spread, 10 + 0.2 * chance.standard_normal(400)])
    found = []
    for one, other in combinations(range(3), 2):
        pairs = np.concatenate([seen(one, wall), seen(other, wall)], axis=1)
        pairs = pairs + 0.3 * chance.standard_normal(pairs.shape)
        halves = [pairs, *(pairs[chance.permutation(400)[:200]] for _ in range(8))]
        fits = tuple(tuple(fundamental(half).ravel().tolist()) for half in halves)
        found.append(
            Match(
                query=PICTURES[one],
                candidate=PICTURES[other],
                method="views 1",
                distance=256,
                transform="other viewpoint",
                reason="made up",
                limits="made up",
                correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in pairs.tolist()),
                measured=Facts(inliers=400, paired=400, fundamental=fits),
            )
        )
    return tuple(found)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[int, list[Mark]]:
    """How many people are on the wall, and marks of them, each off by three quarters of the reach at most."""
    count = draw(st.integers(1, 9))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people = np.column_stack([chance.uniform(-3, 4, (count, 2)), 10 + 0.2 * chance.standard_normal(count)])
    marks = []
    for picture in range(3):
        shown = draw(st.lists(st.booleans(), min_size=count, max_size=count))
        for who, (x, y) in enumerate(seen(picture, people)):
            if shown[who]:
                turn, far = chance.uniform(0, 2 * np.pi), 0.75 * REACH * np.sqrt(chance.uniform())
                place = (float(x + far * np.cos(turn)), float(y + far * np.sin(turn)))
                name = Digest.of(f"{picture} {who} {place}".encode())
                region = Region(Shape.POINT, (place,))
                marks.append(Mark(name, PICTURES[picture], "people", Range(best=1), "Ada", SIDE, region))
    return count, marks


def least(marks: list[Mark], words: list[Counting], reach: float = REACH) -> int:
    found = floors(marks, views(), words, reach=reach / SIDE)
    return found[0].whole.least if found else 0


@given(crowds())
@settings(max_examples=60, deadline=None)
def test_the_minimum_is_never_above_those_who_are_there(crowd: tuple[int, list[Mark]]) -> None:
    count, marks = crowd
    assert least(marks, []) <= count


@given(crowds(), st.data())
@settings(max_examples=60, deadline=None)
def test_doubt_never_raises_the_minimum(crowd: tuple[int, list[Mark]], data: st.DataObject) -> None:
    _, marks = crowd
    names = [mark.record for mark in marks]
    words: list[Counting] = []
    before = least(marks, words)
    for _ in range(data.draw(st.integers(1, 4))):
        manner = data.draw(st.sampled_from([Manner.MOVED, Manner.MAY_BE_ONE, Manner.MAY_BE_NONE]))
        pool = list(PICTURES) if manner is Manner.MOVED else names
        if len(pool) < 2:
            return
        one, other = data.draw(st.permutations(pool))[:2]
        paired = None if manner is Manner.MAY_BE_NONE else other
        words.append(Counting(one, manner, "a doubt", person("Ada"), NOW, paired))
        now = least(marks, words)
        assert now <= before
        before = now


@given(crowds(), st.floats(1, 400), st.floats(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_wider_reach_never_raises_the_minimum(
    crowd: tuple[int, list[Mark]], one: float, other: float
) -> None:
    _, marks = crowd
    assert least(marks, [], max(one, other)) <= least(marks, [], min(one, other))


@given(crowds(), st.data())
@settings(max_examples=40, deadline=None)
def test_marks_whose_number_begins_at_none_add_nothing(
    crowd: tuple[int, list[Mark]], data: st.DataObject
) -> None:
    _, marks = crowd
    if not marks:
        return
    doubted = data.draw(st.sampled_from(marks))
    maybe = Range(0, None, 1, Qualifier.BETWEEN)
    lowered = [
        Mark(
            one.record,
            one.picture,
            one.kind,
            maybe if one is doubted else one.amount,
            one.author,
            SIDE,
            one.region,
        )
        for one in marks
    ]
    assert least(lowered, []) <= least(marks, [])


# --- the ledger

DAYS = [date(2031, 3, 1) + timedelta(days=day) for day in range(6)]


@st.composite
def entries(draw: st.DrawFn) -> list[Reported]:
    made = []
    for place in range(draw(st.integers(1, 8))):
        low, high = sorted((draw(st.integers(0, 50)), draw(st.integers(0, 50))))
        qualifier = draw(st.sampled_from([Qualifier.BETWEEN, Qualifier.AT_LEAST, Qualifier.ABOUT]))
        amount = draw(
            st.sampled_from([Range(low, None, high, qualifier), Range(best=high, qualifier=qualifier)])
        )
        made.append(
            Reported(
                f"row {place}",
                draw(st.sampled_from("ABCD")),
                draw(st.sampled_from([Quantity.KILLED, Quantity.MISSING])),
                amount,
                f"row {place}",
                draw(st.sampled_from([Stance.ASSERTS, Stance.ASSERTS, Stance.RETRACTS, Stance.DOUBTS])),
                draw(st.sampled_from([*DAYS, None])),
                derived_from=draw(st.sampled_from([(), (), ("row 0",)])),
            )
        )
    return made


def holds_all(wide: Range | None, narrow: Range | None) -> bool:
    """Whether one range holds all of another."""
    if narrow is None:
        return True
    if wide is None:
        return False
    (low, high), (below, above) = (_ends(one) for one in (wide, narrow))
    return low <= below and (high is None or (above is not None and above <= high))


def _ends(amount: Range) -> tuple[int, int | None]:
    low = amount.low if amount.low is not None else amount.best or 0
    is_open = amount.qualifier in (Qualifier.AT_LEAST, Qualifier.MORE_THAN)
    return low, None if is_open else (amount.high if amount.high is not None else amount.best)


@given(entries())
def test_what_was_ever_given_only_grows_with_time(given_entries: list[Reported]) -> None:
    for series in ledger(given_entries):
        told = [at_date(series, day) for day in DAYS]
        for earlier, later in pairwise(told):
            assert holds_all(later.ever, earlier.ever)
        for one in told:
            assert holds_all(one.ever, one.reported)


@given(entries(), st.integers(0, 60), st.sampled_from(DAYS))
def test_another_lineage_never_narrows_a_range(given_entries: list[Reported], number: int, day: date) -> None:
    new = Reported("new", "Z", Quantity.KILLED, Range(best=number), "row", said_on=day)
    before = {one.quantity: one for one in ledger(given_entries)}
    (after,) = (one for one in ledger([*given_entries, new]) if one.quantity is Quantity.KILLED)
    for on in DAYS:
        old = at_date(before[Quantity.KILLED], on) if Quantity.KILLED in before else None
        now = at_date(after, on)
        assert holds_all(now.reported, old.reported if old else None)
        assert holds_all(now.ever, old.ever if old else None)


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(given_entries: list[Reported], chance: object) -> None:
    shuffled = list(given_entries)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for mine, theirs in zip(ledger(given_entries), ledger(shuffled), strict=True):
        assert [at_date(mine, day).reported for day in DAYS] == [
            at_date(theirs, day).reported for day in DAYS
        ]
        assert dates(mine) == dates(theirs)
        assert {one for each in mine.descents for one in each.entries} == {
            one for each in theirs.descents for one in each.entries
        }


@given(st.sampled_from(list(Recorder)), st.data())
def test_a_recorders_row_goes_back_as_it_came_whatever_stands_in_it(
    recorder: Recorder, data: st.DataObject
) -> None:
    cells = st.one_of(st.just(""), st.integers(-5, 2000).map(str), st.text(max_size=12))
    row = {name: data.draw(cells) for name in COLUMNS[recorder].columns}
    for one in entries_of(recorder, row, "row 2"):
        assert row_of(recorder, one) == row
