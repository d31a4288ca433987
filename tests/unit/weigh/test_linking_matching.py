"""Matching: rows compete, chains of links join no two people, draws fall as often as was said."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest

from witnessmark.weigh.linking.comparing import DIFFERENT, FEATURES, distinct
from witnessmark.weigh.linking.engine import People
from witnessmark.weigh.linking.matching import Joined, Pair, draws, joined
from witnessmark.weigh.linking.posterior import Likely, _matched, strangers, together

LISTS = np.array([0, 0, 1, 1, 2])
Edges = list[tuple[int, int, float]]


def by_counting(edges: Edges) -> list[float]:
    """The probability of each edge, from all matchings one by one."""
    shares, total = [0.0] * len(edges), 0.0
    for size in range(len(edges) + 1):
        for chosen in combinations(range(len(edges)), size):
            ends = [end for place in chosen for end in edges[place][:2]]
            if len(set(ends)) == len(ends):
                weight = float(np.prod([edges[place][2] for place in chosen]))
                total += weight
                for place in chosen:
                    shares[place] += weight
    return [share / total for share in shares]


def likely(edges: Edges, one: int = 0, other: int = 1) -> Likely:
    """A pair of lists with these odds."""
    left, right, odds = (np.array(column) for column in zip(*edges, strict=True))
    nothing = np.zeros((len(edges), 0))
    return Likely(
        one, other, left, right, odds, _matched(left, right, odds), nothing, nothing, odds * 0, 0.0, 0.0
    )


def people() -> People:
    return People(LISTS, np.array([1, 2, 1, 2, 1]), np.zeros((5, 0), bool), {}, {})


def test_parts_of_a_name_that_go_together_in_one_person_speak_together() -> None:
    alone = np.array([0.4, 0.1, 0.4, 0.1])
    one_mask, met = np.zeros(4, int), np.array([5000.0, 5000, 5000, 1])
    true = np.array([900.0, 2, 0, 1])
    found = together(alone, true, true, met, one_mask)
    assert found[0] == pytest.approx((40 + 900) / (100 + 903) / 0.4, rel=1e-3)
    assert found[1] == pytest.approx(12 / (100 + 903) / 0.1, rel=1e-3), "what few other pairs show is rarer"
    assert found[3] == pytest.approx(10 / (100 + 902) / 0.1), "no pair speaks for itself"
    few = together(alone, np.zeros(4), np.zeros(4), met, np.array([0, 0, 1, 1]))
    assert few == pytest.approx(1.0), "without true pairs parts are taken for independent"


def test_pairs_that_are_not_told_from_strangers_do_not_speak_for_how_names_go_together() -> None:
    alone, one_mask = np.array([0.5, 0.02]), np.zeros(2, int)
    met, true = np.array([900.0, 50_000]), np.array([900.0, 5])
    guessed = together(alone, true, true * np.array([1, 1e-4]), met, one_mask)
    assert guessed[1] == pytest.approx(1.0, rel=0.01), "five spread over fifty thousand are a guess"
    assert guessed[0] == together(alone, true, true, met, one_mask)[0]
    known = together(alone, true, true, met, one_mask)
    assert known[1] == pytest.approx(7 / 1005 / 0.02, rel=0.01), "five that are certain are counted"


def test_strangers_are_counted_where_all_were_compared_and_reckoned_where_not() -> None:
    left, true = np.array([1600.0, 100, 0]), np.array([600.0, 5, 900])
    usual = np.array([1800.0, 5000, 5])
    found = strangers(left, true, usual, np.arange(3), np.zeros(3))
    assert found[0] == pytest.approx(1600, rel=0.01), "with those who are one they exceed chance"
    assert found[1] == pytest.approx(4995, rel=0.01), "most were never compared"
    assert found[2] == pytest.approx(4.5 / (4 / 5 + 1)), "none is left, and five were to be expected"


@pytest.mark.parametrize(
    "edges",
    [
        [(0, 2, 3.0)],
        [(0, 2, 3.0), (0, 3, 1.0)],
        [(0, 2, 50.0), (1, 2, 40.0)],
        [(0, 2, 5.0), (0, 3, 2.0), (1, 3, 7.0)],
    ],
    ids=["one pair", "two for one row", "two rows for one", "a chain"],
)
def test_rows_compete_as_all_matchings_say(edges: Edges) -> None:
    assert likely(edges).probability == pytest.approx(by_counting(edges), abs=2e-3)


def test_the_second_of_two_good_pairs_gives_way() -> None:
    first, second = likely([(0, 2, 1000.0), (0, 3, 10.0)]).probability
    assert first > 0.98
    assert second < 0.02


def test_pairs_of_the_same_two_people_do_not_compete() -> None:
    both = likely([(0, 2, 9.0), (0, 2, 4.0)]).probability
    assert both == pytest.approx([0.9, 0.9], abs=1e-3)


def pair(left: int, right: int, probability: float) -> Pair:
    return Pair(left, right, probability, 0, 0)


def groups_of(found: Joined) -> set[frozenset[int]]:
    return {frozenset(found.group(number)) for number in range(len(LISTS))}


def test_links_across_lists_make_one_person_and_less_likely_ones_do_not() -> None:
    found, links = joined(people(), [pair(0, 2, 0.99), pair(2, 4, 0.9), pair(1, 3, 0.4)], {})
    assert groups_of(found) == {frozenset({0, 2, 4}), frozenset({1}), frozenset({3})}
    assert links == {(0, 2), (2, 4)}
    assert found.patterns(3) == {(1, 1, 1): 1, (1, 0, 0): 1, (0, 1, 0): 1}


def test_no_chain_of_links_joins_two_people_of_one_list() -> None:
    found, links = joined(people(), [pair(0, 2, 0.99), pair(2, 4, 0.95), pair(1, 4, 0.9)], {})
    assert groups_of(found) == {frozenset({0, 2, 4}), frozenset({1}), frozenset({3})}
    assert (1, 4) not in links


def test_somebody_who_stands_twice_on_a_list_is_one_person() -> None:
    found, _ = joined(people(), [pair(2, 4, 0.9), pair(0, 2, 0.8), pair(0, 1, 0.7)], {})
    assert groups_of(found) == {frozenset({0, 1, 2, 4}), frozenset({3})}


@pytest.mark.parametrize(
    ("ruled", "group"),
    [({(0, 2): False}, {0}), ({(0, 4): False}, {0, 2}), ({(0, 3): True}, {0, 3})],
    ids=["the pair itself", "somebody on the way", "who was never found alike"],
)
def test_what_a_person_ruled_comes_first(ruled: Mapping[tuple[int, int], bool], group: set[int]) -> None:
    pairs = [] if any(ruled.values()) else [pair(0, 2, 0.99), pair(2, 4, 0.9)]
    found, _ = joined(people(), pairs, ruled)
    assert set(found.group(0)) == group


def test_draws_take_links_as_often_as_was_said_and_repeat_by_their_seed() -> None:
    edges: Edges = [(0, 2, 2.0), (0, 3, 1.0), (1, 3, 1.5)]
    found = [likely(edges)]
    drawn = [
        {(a, b) for a, b, _ in edges if one.find(a) == one.find(b)}
        for one in draws(people(), found, {}, 1500)
    ]
    shares = [sum((a, b) in each for each in drawn) / len(drawn) for a, b, _ in edges]
    assert shares == pytest.approx(by_counting(edges), abs=0.06)
    again = [one.patterns(3) for one in draws(people(), found, {}, 5)]
    assert again == [one.patterns(3) for one in draws(people(), found, {}, 5)]


def test_every_feature_has_levels_from_agreement_to_difference_whose_shares_are_all_cases() -> None:
    for feature in FEATURES:
        assert sum(feature.shares) == pytest.approx(1), feature.name
        assert feature.levels[-1].words == DIFFERENT
        assert feature.levels[-1].condition == "ELSE"


def test_levels_that_would_weigh_the_same_are_moved_apart() -> None:
    feature = FEATURES[0]
    told = distinct(feature, feature.shares)
    weights = [
        round(1e6 * np.log2(level.share / share)) for level, share in zip(feature.levels, told, strict=True)
    ]
    assert len({0, *weights}) == len(weights) + 1
    assert told == pytest.approx(feature.shares, rel=1e-2)
