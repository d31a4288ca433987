"""Estimates: published tables, what is refused and why, what is read from a table, and what draws do."""

from __future__ import annotations

import csv
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from witnessmark.errors import MalformedError, UsageError, WitnessmarkError
from witnessmark.weigh.estimating import (
    Settings,
    Table,
    decomposable,
    estimate,
    judged,
    latent,
    loglinear,
    read,
    resampled,
    two_lists,
)
from witnessmark.weigh.estimating.chains import Chain, Prior
from witnessmark.weigh.estimating.checks import Fits, fits
from witnessmark.weigh.estimating.engine import engine
from witnessmark.weigh.estimating.latent import Effort
from witnessmark.weigh.estimating.numbers import Estimate, Interval
from witnessmark.weigh.estimating.tables import usable

PUBLISHED = Path(__file__).resolve().parents[4] / "shared/data/mse"
needs_tables = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published tables are not part of the project and not here"
)
SMALL_EFFORT = Effort(exact=None, most=40_000)
SHORT = Settings(effort=SMALL_EFFORT, resamples=60, beside=False)

WELL = Table.of("ABC", {1: 300, 2: 300, 4: 300, 3: 100, 5: 100, 6: 100, 7: 33})
"""Three independent lists, each with a quarter of the persons: some 2,100, of whom some 900 are unseen."""


def published(name: str) -> Table:
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8") as file:
        return read(csv.reader(file))[""]


def told_of(table: Table, settings: Settings = SHORT) -> dict[str, Any]:
    return estimate([table], settings).facts()


def stepwise(table: Table) -> float:
    fit = loglinear.stepwise(loglinear.design(len(table.lists)), table.full().astype(float))
    return table.seen + fit.unseen


# --- published numbers


@needs_tables
@pytest.mark.parametrize(
    ("name", "seen", "total"),
    [
        ("SparseMSE__UKdat", 2744, 11_418),
        ("SparseMSE__UKdat_5", 2744, 11_313),
        ("Korea", 123, 268.8),
        ("kosovo", 4400, 14_342),
    ],
)
def test_the_stepwise_estimate_is_the_published_one(name: str, seen: int, total: float) -> None:
    table = published(name)
    assert abs(table.seen - seen) <= 0.01 * seen  # one of the packages has a record too many
    assert stepwise(table) == pytest.approx(total, rel=0.001)


@needs_tables
@pytest.mark.parametrize(
    ("name", "prior", "median", "low", "high"),
    [
        ("Korea", Prior(), 138, 124, 207),
        ("PH__manila_police", Prior(classes=5), 570, 534, 650),
        ("SparseMSE__UKdat", Prior(), 22_900, 17_000, 34_100),
    ],
)
def test_the_latent_class_estimate_is_that_of_the_published_sampler(
    name: str, prior: Prior, median: float, low: float, high: float
) -> None:
    found = latent.estimate(latent.posterior(published(name), prior, SMALL_EFFORT), prior)
    assert found.failed is None
    assert found.median == pytest.approx(median, rel=0.03)
    assert found.widest.low == pytest.approx(low, rel=0.04)
    assert found.widest.high == pytest.approx(high, rel=0.08)


@needs_tables
def test_kosovo_by_latent_classes() -> None:
    found = latent.estimate(latent.posterior(published("kosovo"), effort=SMALL_EFFORT), Prior())
    assert found.median == pytest.approx(10_430, rel=0.03)
    if found.failed is None:  # a chain that dwells near 7,500 for long must be told of
        assert found.widest.low == pytest.approx(9_040, rel=0.03)


@needs_tables
def test_the_codes_of_existence_and_uniqueness_are_the_published_ones() -> None:
    table = published("SparseMSE__Artificial_3")
    of, counts = loglinear.design(3), table.full().astype(float)
    place = {pair: number for number, pair in enumerate(of.pairs)}

    def code(*pairs: tuple[int, int]) -> int:
        return loglinear.code(of, counts, [place[pair] for pair in pairs])

    assert [code((0, 1), (0, 2), (1, 2)), code((0, 1)), code((0, 2), (1, 2))] == [2, 1, 0]


@needs_tables
def test_two_methods_that_contradict_each_other_on_a_published_table_refuse_the_headline() -> None:
    found = told_of(published("SparseMSE__UKdat"), replace(SHORT, resamples=20))
    assert (found["refused"], found["headline"]) == (True, None)
    reason = next(one for one in found["reasons"] if one.startswith("latent class says 2"))
    assert "log-linear stepwise 11,418" in reason


# --- methods


def test_all_methods_find_what_is_hidden_in_a_table_of_independent_lists() -> None:
    found = estimate([WELL], SHORT)
    assert found.reasons == ()
    assert found.headline is not None
    assert found.headline.method == latent.METHOD
    names = [latent.METHOD, latent.HARD, resampled.METHOD, decomposable.METHOD]
    assert [one.method for one in found.methods] == names
    main, hard = found.methods[:2]
    assert found.headline.median == main.median
    for shown, mine, other in zip(found.headline.intervals, main.intervals, hard.intervals, strict=True):
        assert (shown.low, shown.high) == (min(mine.low, other.low), max(mine.high, other.high))
    assert hard.widest.high > main.widest.high, "what no list can rule out widens the interval"
    assert "hard to reach" in found.headline.assumes
    for one in found.methods:
        assert one.failed is None
        assert one.median == pytest.approx(2100, rel=0.15), one.method
        assert one.widest.holds(2100), one.method
        assert [interval.level for interval in one.intervals] == [0.5, 0.8, 0.95]
        assert all(
            wide.low <= thin.low <= thin.high <= wide.high
            for thin, wide in zip(one.intervals, one.intervals[1:], strict=False)
        )


def test_equal_settings_give_equal_numbers_and_another_seed_others() -> None:
    first, again, other = (
        estimate([WELL], Settings(effort=SMALL_EFFORT, resamples=20, beside=False, seed=seed)).facts()
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_averaged_graphs_agree_with_one_graph_worked_out_by_hand() -> None:
    """Of three lists without any edge: the product of three margins, each in closed form."""
    found = decomposable.average(WELL, cap=5.0)
    assert found.chance.sum() == pytest.approx(1)
    assert found.graphs.sum() == pytest.approx(1)
    edges, _ = decomposable.graphs(3)
    assert len(edges) == 8
    assert len(decomposable.graphs(4)[0]) == 61
    assert int(edges[int(np.argmax(found.graphs))]) == 0, "no list depends on another"


def test_chapmans_estimate_is_that_of_the_textbook() -> None:
    found = two_lists.estimate(Table.of("AB", {1: 80, 2: 60, 3: 40}))
    assert found is not None
    assert found.median == pytest.approx(121 * 101 / 41 - 1)
    assert "independent" in found.assumes
    assert found.measures["odds_ratios"] == {
        "0.5": 240.0, "0.6667": 260.0, "1": 300.0, "1.5": 360.0, "2": 420.0
    }  # fmt: skip


def test_a_pair_that_depends_is_found_and_named() -> None:
    counts = {1: 200, 2: 200, 4: 300, 3: 250, 5: 40, 6: 40, 7: 60}
    found = resampled.estimate(Table.of(["one", "two", "three"], counts), resamples=30)
    assert found is not None
    assert ["one", "two"] in found.measures["pairs"]  # type: ignore[operator]


def test_how_far_chance_moves_the_ends_of_the_resampled_interval_is_told() -> None:
    few, many = (resampled.estimate(WELL, resamples=number) for number in (50, 800))
    assert few is not None
    assert many is not None
    for end in ("0.025", "0.975"):
        errors = [found.measures["mcse"][end] for found in (few, many)]  # type: ignore[index]
        assert 2 * errors[1] < errors[0], "sixteen times the resamples, a quarter of the error"
        assert errors[1] > 0


def test_a_bca_interval_of_a_symmetric_thing_is_its_percentiles() -> None:
    again = np.sort(np.random.default_rng(1).normal(100, 10, 4001))
    jackknife = (np.array([1.0, -1.0]), np.array([5.0, 5.0]))
    found = resampled.bca(again, float(np.median(again)), jackknife, 0.95)
    assert (found.low, found.high) == pytest.approx((80.4, 119.6), abs=1.5)
    skewed = resampled.bca(again, float(np.median(again)) + 5, jackknife, 0.95)
    assert skewed.low > found.low
    assert skewed.high > found.high


# --- refusals


@pytest.mark.parametrize(
    ("lists", "counted", "told"),
    [
        ("A", {1: 50}, "there are 1 usable lists"),
        ("AB", {1: 80, 2: 60, 3: 40}, "there are 2 usable lists"),
        ("ABC", {1: 80, 2: 60, 3: 40}, "list C names nobody"),
        ("ABC", {1: 80, 2: 60, 3: 40, 4: 30}, "list C shares nobody with another list"),
        ("ABC", {5: 80, 2: 60, 7: 40}, "lists A and C name the same persons and count as one"),
    ],
    ids=["one list", "two lists", "an empty list", "a list by itself", "a list twice"],
)
def test_fewer_than_three_usable_lists_are_refused_and_why_is_said(
    lists: str, counted: dict[int, int], told: str
) -> None:
    found = told_of(Table.of(lists, counted))
    assert (found["refused"], found["headline"]) == (True, None)
    (reason,) = found["reasons"]
    assert told in reason
    assert "would help" in reason
    assert len(found["methods"]) == (len(usable(Table.of(lists, counted)).table.lists) == 2)


def test_an_empty_table_is_refused_and_nothing_worse() -> None:
    assert estimate([Table.of("ABC", {})], SHORT).headline is None


def test_chains_that_had_no_time_to_agree_are_refused_with_their_diagnostics() -> None:
    found = estimate(
        [slow_table()], Settings(effort=Effort(least=2000, most=2000), resamples=20, beside=False)
    )
    main = found.methods[0]
    assert main.failed is not None
    assert "the chains do not agree: R-hat" in main.failed
    assert found.headline is None
    assert any("the chains do not agree" in reason for reason in found.reasons)
    assert main.facts()["median"] is not None, "each method's own result stays visible"


def test_a_large_table_ends_at_its_limit_of_work_and_says_so() -> None:
    assert (Effort().limit(15), Effort().limit(255)) == (1_280_000, 147_601)
    effort = Effort(least=2000, most=1_280_000, work=100_000)
    assert effort.limit(15) == 3225
    found = latent.posterior(slow_table(), effort=effort)
    assert found.sweeps == 2000
    told = latent.estimate(found, Prior())
    assert told.failed is not None
    assert "did not converge within 2,000 sweeps of each chain" in told.failed


def slow_table() -> Table:
    """A table on which chains need long."""
    return Table.of("ABCD", {1: 900, 2: 800, 4: 700, 8: 600, 3: 4, 5: 90, 6: 9, 9: 60, 10: 2, 12: 3, 15: 2})


def one(method: str, median: float, low: float, high: float, **measures: object) -> Estimate:
    return Estimate(method, median, median, (Interval(0.95, low, high),), "", None, measures)


def test_methods_contradict_each_other_only_where_neither_interval_holds_the_other() -> None:
    narrow, far, wide = one("a", 100, 90, 110), one("b", 200, 150, 250), one("c", 200, 95, 900)
    assert len(judged.disagreements([narrow, far])) == 1
    assert judged.disagreements([narrow, wide]) == []
    assert judged.disagreements([narrow, far], factor=2.5) == []
    assert len(judged.apart([narrow, wide])) == 1
    assert judged.apart([narrow, far]) == []


def test_a_model_that_does_not_fit_and_a_prior_that_decides_are_reasons() -> None:
    good = Fits(0.4, {"A, B": 0.5})
    bad, bad_pair = Fits(0.001, {"A, B": 0.5}), Fits(0.4, {"A, B": 0.0})
    main = one("latent class", 100, 90, 110, at_cap=0.0)
    assert judged.of_chains(main, good) == []
    for fit in (bad, bad_pair):
        (reason,) = judged.of_chains(main, fit)
        assert "does not describe the table" in reason
    (reason,) = judged.of_chains(one("latent class", 100, 90, 110, at_cap=0.3), good)
    assert "30% of the draws lie close to the cap" in reason


def test_lists_that_nearly_avoid_each_other_lead_to_the_cap_and_that_is_said() -> None:
    lonely = Table.of("ABC", {1: 500, 2: 500, 4: 500, 3: 1, 6: 1, 5: 1})
    settings = Settings(prior=Prior(cap=1.0), effort=SMALL_EFFORT, resamples=20, beside=False)
    found = estimate([lonely], settings)
    assert found.headline is None
    assert any("close to the cap" in reason for reason in found.reasons)


def test_lists_that_copy_from_each_other_beyond_any_kinds_are_seen_in_the_checks() -> None:
    random = np.random.default_rng(8)
    draws = latent.posterior(WELL, effort=SMALL_EFFORT)
    assert (good := fits(WELL, draws)) is not None
    assert good.holds
    real = WELL.full().astype(float)
    odd = Table.of("ABC", {pattern: int(count) for pattern, count in enumerate(real[::-1], start=1)})
    assert (bad := fits(odd, draws, seed=int(random.integers(9)))) is not None
    assert not bad.holds


def test_what_moves_the_estimate_is_a_warning() -> None:
    main = one("latent class", 100, 90, 110)
    told = judged.moved(
        main,
        [{"left_out": "A", "median": 190.0}, {"left_out": "B", "median": 120.0}],
        "without list",
        "left_out",
    )
    assert told == ["without list A the estimate is 190 instead of 100"]


def test_leave_one_out_and_sensitivities_are_worked_out_for_each_list_and_prior(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sys.modules["witnessmark.weigh.estimating.estimation"]
    monkeypatch.setattr(module, "QUICK", Effort(exact=None, least=2000, most=2000))
    four = Table.of("ABCD", {pattern: 200 // 2 ** (pattern.bit_count() - 1) for pattern in range(1, 16)})
    found = told_of(four, Settings(effort=Effort(exact=None, most=10_000), resamples=20))
    assert [each["left_out"] for each in found["leave_one_out"]] == list("ABCD")
    assert all(each["median"] and each["observed"] < four.seen for each in found["leave_one_out"])
    assert found["prior_sensitivity"][0]["changed"] == {"classes": 5}
    assert len(found["prior_sensitivity"]) == 6
    of_lists = [each["lists"] for each in found["odds_ratio_sensitivity"]]
    assert len(of_lists) == 7
    assert of_lists[-1] == list("ABCD")
    for each in found["odds_ratio_sensitivity"]:
        totals = list(each["totals"].values())
        assert totals == sorted(totals)


class Interrupting:
    """An engine during whose third piece a person presses Ctrl-C."""

    name = "interrupting"
    pieces = 0

    def run(self, table: Table, prior: Prior, chain: Chain, kept: int, thin: int) -> NDArray[np.float64]:
        self.pieces += 1
        if self.pieces == 3:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return engine().run(table, prior, chain, kept, thin)


def test_whoever_interrupts_does_not_wait_for_the_chains() -> None:
    by = Interrupting()
    # tests that run in the background may ignore it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            latent.posterior(WELL, effort=Effort(least=1_000_000, most=1_000_000), by=by)
    finally:
        signal.signal(signal.SIGINT, before)
    assert by.pieces < 1000, "of 4,000 pieces"


@pytest.mark.skipif(engine().name == "numpy", reason="numpy begins each piece with a seed of its own")
def test_chains_in_pieces_are_the_chains_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(least=4000, most=4000)
    first = latent.posterior(WELL, effort=effort)
    monkeypatch.setattr(latent, "_PIECE", 37)
    assert np.array_equal(first.rows, latent.posterior(WELL, effort=effort).rows)


# --- draws of a linkage


def test_draws_that_differ_widen_the_interval_and_one_refusal_refuses_the_whole() -> None:
    fewer = Table.of("ABC", {1: 330, 2: 330, 4: 330, 3: 80, 5: 80, 6: 80, 7: 22})
    alone, other = estimate([WELL], SHORT), estimate([fewer], SHORT)
    both = estimate([WELL, fewer], SHORT)
    assert both.linkage_draws == 2
    assert both.headline is not None
    assert alone.headline is not None
    assert other.headline is not None
    assert both.headline.widest.low < alone.headline.widest.high
    ends = sorted([alone.headline.median, other.headline.median])
    assert ends[0] <= both.headline.median <= ends[1]
    width = both.headline.widest.high - both.headline.widest.low
    assert width > alone.headline.widest.high - alone.headline.widest.low
    broken = estimate([WELL, Table.of("ABC", {1: 80, 2: 60, 3: 40})], SHORT)
    assert broken.headline is None
    assert any(reason.startswith("in draw 2 of the linkage") for reason in broken.reasons)
    with pytest.raises(UsageError, match="the same lists"):
        estimate([WELL, Table.of("ABD", {1: 1, 2: 1, 7: 1})], SHORT)


# --- what is read


@pytest.mark.parametrize("heading", ["count", "Count", "N", "freq", "FREQ", "n"])
def test_a_column_of_counts_is_known_by_its_name_in_any_case(heading: str) -> None:
    table = read([["A", heading, "B"], ["1", "5", "0"], ["0", "99", "0"], ["1", "2", "1"]])[""]
    assert (table.lists, table.seen) == (("A", "B"), 7)
    assert dict(zip(table.patterns.tolist(), table.counts.tolist(), strict=True)) == {1: 5, 3: 2}


def test_without_counts_each_row_is_a_person_and_strata_are_kept_apart() -> None:
    rows = [
        ["A", "B", "where"],
        ["1", "0", "north"],
        ["1", "1", "south"],
        ["1", "0", "north"],
        ["0", "0", "north"],
    ]
    tables = read(rows, by="where")
    assert {name: table.seen for name, table in tables.items()} == {"north": 2, "south": 1}
    chosen = read([["id", "A", "B"], ["77", "1", "0"]], lists=["A", "B"])[""]
    assert chosen.lists == ("A", "B")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no column for a list"),
        ([["A", "B"]], "no rows below its heading"),
        ([["A", "A"], ["1", "0"]], "two columns of the table have the same name"),
        ([["A", "B"], ["1", "2"]], "row 2 has '2' in column B, which should be 0 or 1"),
        ([["A", "B"], ["1", ""]], "row 2 has '' in column B"),
        ([["A", "B"], ["1"]], "row 2 has 1 cells, the heading 2"),
        ([["A", "n"], ["1", "-3"]], "row 2 counts '-3'"),
        ([["A", "n"], ["1", "2.5"]], "row 2 counts '2.5'"),
        ([["A", "n"], ["1", "9999999999"]], "no whole number of persons"),
        ([["A", "n"], ["1", "١"]], "no whole number of persons"),
        ([["A", "n", "freq"], ["1", "2", "2"]], "both n and freq could be the counts"),
        ([["A", "n"], ["0", "4"]], "no row of the table names anybody"),
        ([["n"], ["4"]], "no column for a list"),
        ([[f"L{number}" for number in range(17)], ["1"] * 17], "17 lists, and at most 16"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(rows: list[list[str]], told: str) -> None:
    with pytest.raises(WitnessmarkError, match=told) as caught:
        read(rows)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_a_wrong_request_and_not_a_wrong_table() -> None:
    with pytest.raises(UsageError, match="no column Z, only A, B"):
        read([["A", "B"], ["1", "1"]], lists=["A", "Z"])
    with pytest.raises(UsageError, match="no column where"):
        read([["A", "B"], ["1", "1"]], by="where")
    with pytest.raises(MalformedError):
        read([["A", "B"], ["yes", "1"]])


@pytest.mark.parametrize("wrong", [{"classes": 1}, {"classes": 65}, {"a": 0.0}, {"cap": -1.0}])
def test_a_prior_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Prior(**wrong)  # type: ignore[arg-type]
