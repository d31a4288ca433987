"""The chains of the latent-class model draw from the model's distribution, compiled and in numpy.

What they should draw is worked out here without any chain: from many draws of the prior, weighed by how
likely each makes a small table. The two mistakes that published samplers invite are planted, and noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import lgamma

import numpy as np
import pytest
from numpy.typing import NDArray

from witnessmark.weigh.estimating import plain
from witnessmark.weigh.estimating.chains import ALPHA, UNSEEN, Chain, Prior, beginnings
from witnessmark.weigh.estimating.convergence import convergence, quantile_error
from witnessmark.weigh.estimating.engine import Compiled, Engine, engine
from witnessmark.weigh.estimating.plain import Plain
from witnessmark.weigh.estimating.tables import Table

try:
    from witnessmark.weigh.native import kernels
except ImportError:  # no compiler was there
    kernels = None  # type: ignore[assignment]

Reals = NDArray[np.float64]

SMALL = Table.of("ABC", {1: 4, 2: 3, 4: 2, 3: 2, 6: 1, 7: 1})
PRIOR = Prior(classes=3, cap=5.0)
HARD = Table.of(
    "ABCD", dict(enumerate((900, 700, 150, 800, 190, 180, 150, 250, 90, 25, 15, 100, 35, 25, 22), 1))
)
UNSEEN_UP_TO, LN_ALPHA_BELOW = (0, 2, 5, 10, 20), (-8.0, -4.0, -2.0, 0.0)

ENGINES = [
    pytest.param(
        Compiled(), 6_000, 0.03, id="compiled", marks=pytest.mark.skipif(kernels is None, reason="not built")
    ),
    pytest.param(Plain(), 400, 0.08, id="numpy"),
]


@cache
def should_be(prior: Prior = PRIOR) -> tuple[Reals, Reals]:
    """How likely so few unseen, and so small a concentration, are: by integration over the prior."""
    random, tries, classes = np.random.default_rng(1), 60_000, prior.classes
    alpha = random.gamma(prior.a, 1 / prior.b, tries)
    ln_left = np.log(random.random((tries, classes - 1))) / np.maximum(alpha, 1e-12)[:, None]
    weights = np.exp(np.cumsum(np.pad(ln_left, ((0, 0), (1, 0))), axis=1))
    weights[:, :-1] *= -np.expm1(ln_left)
    rates = 1 - random.random((tries, classes, 3)) ** (1 / random.choice(prior.reach, (tries, classes, 1)))

    def share(marks: NDArray[np.int64]) -> Reals:
        each = np.where(marks == 1, rates, 1 - rates).prod(axis=2)
        return np.asarray((weights * each).sum(axis=1))

    ln_likely = sum(
        count * np.log(share(marks)) for marks, count in zip(SMALL.marks(), SMALL.counts, strict=True)
    )
    seen, most = SMALL.seen, int(prior.cap * SMALL.seen)
    unseen = np.arange(most + 1.0)
    ways = np.array([lgamma(seen + x) - lgamma(x + 1) - lgamma(seen) for x in unseen])
    empty = np.log(share(np.zeros(3, np.int64)))
    likely = np.exp(np.asarray(ln_likely)[:, None] + 40 + ways + unseen * empty[:, None])
    likely /= likely.sum()
    of_unseen = np.cumsum(likely.sum(axis=0))
    small = [likely[np.log(alpha) < below].sum() for below in LN_ALPHA_BELOW]
    return of_unseen[list(UNSEEN_UP_TO)], np.array(small)


def drawn(by: Engine, kept: int, prior: Prior = PRIOR) -> tuple[Reals, Reals]:
    """The same from chains."""
    rows = np.concatenate(
        [by.run(SMALL, prior, chain, kept, 5)[kept // 20 :] for chain in beginnings(3, prior, 4, 3)]
    )
    unseen, ln_alpha = rows[:, UNSEEN], np.log(rows[:, ALPHA])
    return (
        np.array([(unseen <= most).mean() for most in UNSEEN_UP_TO]),
        np.array([(ln_alpha < below).mean() for below in LN_ALPHA_BELOW]),
    )


@pytest.mark.parametrize(("by", "kept", "tolerance"), ENGINES)
def test_chains_draw_what_integration_over_the_prior_says(by: Engine, kept: int, tolerance: float) -> None:
    for found, right in zip(drawn(by, kept), should_be(), strict=True):
        assert found == pytest.approx(right, abs=tolerance)


@pytest.mark.parametrize(("by", "kept", "tolerance"), ENGINES)
def test_chains_draw_what_integration_says_where_kinds_may_be_hard_to_reach(
    by: Engine, kept: int, tolerance: float
) -> None:
    prior = Prior(classes=3, a=4.0, b=4.0, cap=5.0, reach=(1.0, 3.0, 9.0))
    unseen, usual = should_be(prior)[0], should_be()[0]
    assert np.abs(unseen - usual).max() > 0.1, "the two priors differ by more than the tolerance"
    assert drawn(by, kept, prior)[0] == pytest.approx(unseen, abs=tolerance)


@pytest.mark.skipif(kernels is None, reason="not built")
def test_the_move_of_scale_alone_leaves_the_distribution_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With so many of it that the conditional draws between cannot hide what it would do wrong."""
    monkeypatch.setattr(sys.modules[Compiled.__module__], "SCALINGS", 40)
    for found, right in zip(drawn(Compiled(), 6000), should_be(), strict=True):
        assert found == pytest.approx(right, abs=0.03)


@pytest.mark.skipif(kernels is None, reason="not built")
def test_gliding_alone_leaves_the_distribution_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Compiled.__module__], "SCALINGS", 0)
    monkeypatch.setattr(sys.modules[Compiled.__module__], "GLIDES", 1.0)
    for found, right in zip(drawn(Compiled(), 4000), should_be(), strict=True):
        assert found == pytest.approx(right, abs=0.03)


@pytest.mark.skipif(kernels is None, reason="not built")
def test_gliding_finds_what_scaling_alone_hardly_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def effective() -> float:
        rows = [Compiled().run(HARD, Prior(), chain, 300, 10) for chain in beginnings(4, Prior(), 4, 1)]
        return convergence(np.stack(rows)[:, 100:, UNSEEN]).ess_bulk

    gliding = effective()
    monkeypatch.setattr(sys.modules[Compiled.__module__], "GLIDES", 0.0)
    assert gliding > 4 * effective()


def test_sticks_in_linear_space_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def linear(random: np.random.Generator, held: Reals, alpha: float) -> Reals:
        beyond = np.cumsum(held[::-1])[::-1][1:]
        cut = random.beta(1 + held[:-1], np.maximum(alpha + beyond, 1e-300))
        weights = np.append(cut, 1.0) * np.append(1.0, np.cumprod(1 - cut))
        return np.asarray(np.log(np.maximum(weights, 1e-300)))

    monkeypatch.setattr(plain, "ln_sticks", linear)
    _, small = drawn(Plain(), 400)
    assert np.abs(small - should_be()[1]).max() > 0.1, "beyond every tolerance above"


@pytest.mark.parametrize("alpha", [0.002, 0.05, 2.0])
def test_the_last_stick_is_as_small_as_it_should_be_even_below_what_a_double_holds(alpha: float) -> None:
    random = np.random.default_rng(2)
    last = np.array([plain.ln_sticks(random, np.zeros(10), alpha)[-1] for _ in range(3000)])
    assert last.mean() == pytest.approx(-9 / alpha, rel=0.05)  # nine sticks, each Beta(1, alpha)


SETTLED = Prior(a=1.0, b=1.0)
KINDS = ((0.8, 0.2), (0.2, 0.7))
"""Two kinds of persons: how many of all, and how likely each of four lists has one."""


def two_kinds() -> Table:
    """A table of 100,000 persons, as expected."""
    counted = {
        pattern: round(
            sum(
                1e5 * of * on ** pattern.bit_count() * (1 - on) ** (4 - pattern.bit_count())
                for of, on in KINDS
            )
        )
        for pattern in range(1, 16)
    }
    return Table.of("ABCD", counted)


def late(chain: Chain) -> Chain:
    """A chain that begins with both kinds at the end of the stick, the larger one last."""
    weights = np.append(np.full(len(chain.ln_weight) - 2, 1e-9), [0.2, 0.8])
    chain.ln_weight[:] = np.log(weights / weights.sum())
    chain.present[-2:] = [[0.7], [0.2]]
    chain.absent[:] = 1 - chain.present
    chain.alpha[0] = 5.0
    return chain


def ln_alpha_of(by: Callable[[Chain], Reals]) -> float:
    chain = late(beginnings(4, SETTLED, 1, 5)[0])
    rows = by(chain)
    return float(np.log(rows[len(rows) // 4 :, ALPHA]).mean())


def without_swaps(chain: Chain) -> Reals:
    """The compiled chain with its move of labels left out."""
    rows, table, prior = np.empty((4000, chain.row)), two_kinds(), SETTLED
    weights, rates = (chain.chance, chain.alpha, chain.ln_weight), (chain.present, chain.absent)
    arrays = (*weights, *rates, chain.unseen, chain.off)
    scale = (prior.a, prior.b, prior.cap, np.array(prior.reach))
    counts = table.counts.astype(float)
    kernels.run_latent(table.patterns, counts, 4, prior.classes, scale, 0, 2, 0.0, *arrays, 4000, 1, rows)
    return rows


@pytest.mark.skipif(kernels is None, reason="not built")
def test_large_classes_late_on_the_stick_find_their_way_and_without_swaps_would_not() -> None:
    found = ln_alpha_of(lambda chain: Compiled().run(two_kinds(), SETTLED, chain, 4000, 1))
    by_numpy = ln_alpha_of(lambda chain: Plain().run(two_kinds(), SETTLED, chain, 1500, 1))
    assert found < 0.5
    assert by_numpy < 0.5
    assert ln_alpha_of(without_swaps) > 1.5, "so this test can fail"


def test_swaps_follow_the_prior_of_the_sticks() -> None:
    """By how likely each order of three weights is, all six worked out."""
    random, ln_weight, alpha = np.random.default_rng(3), np.log([0.6, 0.3, 0.1]), 0.4
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]

    def density(order: tuple[int, ...]) -> float:
        weights, left, product = np.exp(ln_weight)[list(order)], 1.0, 1.0
        for weight in weights[:-1]:
            product *= (1 - weight / left) ** (
                alpha - 1
            ) / left  # Beta(1, alpha) of the stick, and its change
            left -= weight
        return float(product)

    right = np.array([density(order) for order in orders])
    order, times = np.arange(3), [0] * 6
    for _ in range(6000):
        order = order[plain.swapped(random, ln_weight[order], alpha)]
        times[orders.index((int(order[0]), int(order[1]), int(order[2])))] += 1
    assert np.array(times) / 6000 == pytest.approx(right / right.sum(), abs=0.04)


@pytest.mark.skipif(kernels is None, reason="not built")
def test_a_compiled_chain_goes_on_where_it_stopped_to_the_last_bit() -> None:
    whole = Compiled().run(SMALL, PRIOR, beginnings(3, PRIOR, 1, 9)[0], 60, 3)
    chain = beginnings(3, PRIOR, 1, 9)[0]
    parts = [Compiled().run(SMALL, PRIOR, chain, kept, 3) for kept in (1, 20, 39)]
    assert np.array_equal(whole, np.concatenate(parts))
    other = Compiled().run(SMALL, PRIOR, beginnings(3, PRIOR, 1, 10)[0], 60, 3)
    assert not np.array_equal(whole, other)


@pytest.mark.skipif(kernels is None, reason="not built")
def test_what_does_not_fit_into_its_buffers_is_refused() -> None:
    chain = beginnings(3, PRIOR, 1, 9)[0]
    with pytest.raises(ValueError, match="do not fit"):
        Compiled().run(Table.of("AB", {4: 1}), PRIOR, chain, 1, 1)  # a pattern of a third list
    with pytest.raises(ValueError, match="do not fit"):
        Compiled().run(SMALL, Prior(classes=4), chain, 1, 1)
    with pytest.raises(ValueError, match="do not fit"):
        Compiled().run(SMALL, replace(PRIOR, reach=(2.0,) * 9), chain, 1, 1)


def test_the_engine_can_be_named() -> None:
    assert engine("numpy").name == "numpy"
    assert engine().name == ("numpy" if kernels is None else "compiled")


def test_the_cap_is_kept_where_it_cuts_off_nearly_everything() -> None:
    lonely = Table.of("ABC", {1: 40, 2: 40, 4: 40, 7: 1})
    prior = Prior(classes=3, cap=0.5)
    for by in (engine(), Plain()):
        rows = by.run(lonely, prior, beginnings(3, prior, 1, 4)[0], 150, 1)
        assert rows[:, UNSEEN].max() <= 60
        assert rows[:, UNSEEN].min() >= 0


def test_chains_that_are_apart_are_told_and_good_ones_are_not() -> None:
    random = np.random.default_rng(4)
    good = random.standard_normal((4, 2000))
    assert convergence(good).holds
    assert convergence(good).ess_bulk == pytest.approx(8000, rel=0.1)
    assert not convergence(good + np.arange(4)[:, None]).holds
    heavy = good * np.array([1, 1, 1, 5])[:, None]  # one centre, other spreads
    assert convergence(heavy).rhat > 1.01
    walk = np.cumsum(random.standard_normal((4, 2000)), axis=1)
    assert convergence(walk).ess_bulk < 100
    slow = np.zeros((4, 4000))
    for step in range(1, 4000):
        slow[:, step] = 0.9 * slow[:, step - 1] + random.standard_normal(4)
    assert convergence(slow).ess_bulk == pytest.approx(16_000 * 0.1 / 1.9, rel=0.25)
    assert quantile_error(good, 0.5) == pytest.approx(np.sqrt(np.pi / 2 / 8000), rel=0.25)
