"""What describes a table better than a few kinds of persons: what is told of it, and what nobody can tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from witnessmark.weigh.estimating import Settings, Table, estimate, kinds
from witnessmark.weigh.estimating.estimation import pooled
from witnessmark.weigh.estimating.kinds import Description, Who
from witnessmark.weigh.estimating.latent import Effort

Marks = NDArray[np.bool_]
FACTOR = 1.5


def two_kinds(people: int = 20_000, lists: int = 5, *, seed: int = 7) -> Marks:
    """Marks [person, list]: lists are independent in each of two kinds, and reach them unlike."""
    random = np.random.default_rng(seed)
    rates = np.array([np.linspace(0.1, 0.4, lists), np.linspace(0.6, 0.3, lists)])
    return np.asarray(random.random((people, lists)) < rates[(random.random(people) < 0.4).astype(int)])


def table_of(marks: Marks) -> Table:
    counted = Counter((marks @ (1 << np.arange(marks.shape[1]))).tolist())
    return Table.of("ABCDEFGH"[: marks.shape[1]], counted)


def told(marks: Marks) -> list[str]:
    table = table_of(marks)
    return kinds.told(kinds.descriptions(table), table, FACTOR)


@pytest.mark.parametrize("seed", range(4))
def test_two_kinds_are_found_with_their_number_and_nothing_is_told(seed: int) -> None:
    table = table_of(two_kinds(seed=seed))
    found = kinds.descriptions(table)
    assert (found[0].who, found[0].fits) == (Who.KINDS, True)
    assert found[0].total == pytest.approx(20_000, rel=0.05)
    assert kinds.told(found, table, FACTOR) == []


@pytest.mark.parametrize("copies", [True, False])
def test_a_list_that_copies_another_or_passes_over_whom_it_has_is_named(copies: bool) -> None:
    marks = two_kinds()
    random = np.random.default_rng(1)
    taken = marks[:, 1] & (random.random(len(marks)) < 0.5)
    marks[taken, 3] = copies
    said = " ".join(told(marks))
    assert "the lists B and D depend on each other (odds times" in said
    odds = float(said.split("odds times ")[1].split(")")[0])
    assert odds > 2 if copies else odds < 0.5


def test_persons_who_all_differ_are_told_of() -> None:
    random = np.random.default_rng(2)
    marks = random.random((20_000, 5)) < 1 / (1 + np.exp(2 - random.normal(0, 1.5, (20_000, 1))))
    assert any("all persons differ by degrees" in one for one in told(marks))


def test_links_that_were_missed_are_told_of_as_too_many_on_one_list() -> None:
    marks = two_kinds()
    missed = (marks.sum(axis=1) > 1) & (np.random.default_rng(3).random(len(marks)) < 0.15)
    first = np.arange(5) == marks.argmax(axis=1)[:, None]
    split = np.concatenate([marks[~missed], marks[missed] & first[missed], marks[missed] & ~first[missed]])
    alone = int((split.sum(axis=1) == 1).sum())
    said = next(one for one in told(split) if "on one list alone" in one)
    assert said.startswith(f"{alone:,} persons are on one list alone")
    explained = int(said.split("explain ")[1].split(" of them")[0].replace(",", ""))
    assert explained < alone


def test_the_share_of_links_that_were_missed_and_the_total_without_them_are_found() -> None:
    marks = two_kinds(people=4_000, lists=7)
    random = np.random.default_rng(8)
    whole, singles = marks.copy(), []
    for person in np.flatnonzero((marks.sum(axis=1) > 1) & (random.random(len(marks)) < 0.2)):
        one = random.choice(np.flatnonzero(marks[person]))
        whole[person, one] = False
        singles.append(np.arange(7) == one)
    split = np.concatenate([whole, np.array(singles)])
    found = {one.who: one for one in kinds.descriptions(table_of(split))}
    missed = found[Who.MISSED]
    assert missed.missed == pytest.approx(0.2, abs=0.04)
    assert missed.total == pytest.approx(4_000, rel=0.05)
    assert missed.misfit < found[Who.KINDS].misfit
    assert found[Who.KINDS].total > 1.1 * missed.total


def test_a_list_whose_links_were_missed_is_named() -> None:
    marks = two_kinds(people=4_000, lists=6)
    missed = marks[:, 2] & (marks.sum(axis=1) > 1) & (np.random.default_rng(9).random(len(marks)) < 0.35)
    whole, single = marks.copy(), np.zeros((int(missed.sum()), 6), bool)
    whole[missed, 2], single[:, 2] = False, True
    table = table_of(np.concatenate([whole, single]))
    found = kinds.descriptions(table)
    of = next(one for one in found if one.who is Who.MISSED_OF)
    assert of.lists == (2,)
    assert of.missed == pytest.approx(0.35, abs=0.05)
    assert of.total == pytest.approx(4_000, rel=0.05)
    assert of.criterion < min(one.criterion for one in found if one.who is not Who.MISSED_OF)
    said = kinds.told(found, table, FACTOR)
    assert any("look at pairs with C that were not linked" in one for one in said)


def test_where_no_link_was_missed_none_is_told_of() -> None:
    assert not [one for one in told(two_kinds(people=4_000, lists=7)) if "not linked" in one]


def test_people_whom_no_list_can_reach_leave_no_trace() -> None:
    marks = two_kinds()
    some = marks.copy()
    some[-4000:] = False
    fewer = marks[:-4000]
    assert table_of(some).counts.tolist() == table_of(fewer).counts.tolist()
    assert told(some) == told(fewer) == []


def test_three_lists_or_eleven_are_not_judged() -> None:
    assert kinds.descriptions(table_of(two_kinds(500, 3))) == ()
    wide = Table.of([f"L{number}" for number in range(11)], {1: 5, 3: 2, 2047: 1})
    assert kinds.descriptions(wide) == ()
    assert kinds.told((), wide, FACTOR) == []


def test_what_is_told_needs_strong_grounds_or_another_number() -> None:
    table = table_of(two_kinds(2000))
    some = kinds.descriptions(table)[0]

    def beside(criterion: float, total: float) -> list[str]:
        other = replace(some, who=Who.DEGREES, criterion=some.criterion + criterion, total=total)
        return kinds.told((some, other), table, FACTOR)

    assert "better than" in beside(-6.1, some.total)[0]
    assert beside(-5.9, 1.4 * some.total) == []
    assert "as well as" in beside(5.9, 1.6 * some.total)[0]
    assert "no upper limit" in beside(5.9, float("inf"))[0]
    assert beside(6.1, 10 * some.total) == []


def test_a_fit_that_is_too_far_off_is_no_fit() -> None:
    nothing = np.empty(0)

    def described(misfit: float, free: int) -> Description:
        return Description(Who.DEGREES, misfit, free, 0.0, 1.0, nothing, nothing)

    assert described(23.2, 10).fits, "chi-squared of 10 exceeds 23.2 in 1 % of all tables"
    assert not described(23.3, 10).fits
    assert described(-1e-9, 3).fits
    assert described(5.0, 0).fits, "nothing is left to judge by"


def test_the_flag_stands_beside_the_headline_once_for_all_draws_of_a_linkage() -> None:
    random = np.random.default_rng(2)
    marks = random.random((3000, 4)) < 1 / (1 + np.exp(2 - random.normal(0, 1.5, (3000, 1))))
    settings = Settings(effort=Effort(exact=None, least=2000, most=2000), resamples=10, beside=False)
    draws = [table_of(marks), table_of(marks[:-50])]
    each = [estimate([table], settings) for table in draws]
    assert each[0].warnings != each[1].warnings
    warnings = pooled(each).warnings
    assert sum("all persons differ by degrees" in one for one in warnings) == 1
    facts = each[0].facts()["descriptions"]
    assert isinstance(facts, list)
    assert facts[0]["description"] == Who.KINDS.value
