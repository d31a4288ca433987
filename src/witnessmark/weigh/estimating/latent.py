"""The latent-class estimate: kinds of persons, within each of which the lists are independent.

Manrique-Vallier (2016): how many kinds there are is left to a Dirichlet process. The chains are run until
they agree with each other and the quantiles are exact enough, or until they have had their time; how well
they did is part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.chains import ALPHA, OCCUPIED, UNSEEN, Chain, Prior, beginnings
from witnessmark.weigh.estimating.convergence import Convergence, convergence, quantile_error
from witnessmark.weigh.estimating.engine import Engine, engine
from witnessmark.weigh.estimating.numbers import PRINTED, Estimate, intervals_of, rounded
from witnessmark.weigh.estimating.tables import Table

METHOD = "latent class"
HARD = "latent class, some hard to reach"
ASSUMES = (
    "every person is of one of a few kinds, and within a kind the lists name people independently of each"
    " other; every kind is seen by some list; nobody comes or goes; records are linked without error"
)

_KEPT = 1000
_BASE = 16
"""A sweep costs as much as so many patterns more than there are."""
_PIECE = 1_000
"""Sweeps between two looks at whether to stop."""

Told = Callable[[str, int], None]


def quiet(what: str, done: int) -> None:
    """Tell nobody how far the work is."""


_QUANTILES = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long chains run: in rounds that double, until they agree and the quantiles are exact.

    `exact` is the largest Monte Carlo standard error of the median and the ends of the 95 % interval, as a
    share of each; None asks only that the chains agree. `least` and `most` are sweeps of each chain; of large
    tables fewer, so that sweeps times patterns stay within `work` (40 million are some two minutes of cpu).
    """

    chains: int = 4
    least: int = 10_000
    most: int = 1_280_000
    exact: float | None = 0.01
    work: int = 40_000_000

    def limit(self, patterns: int) -> int:
        """The most sweeps of each chain for a table of so many patterns."""
        return max(self.least, min(self.most, self.work // (patterns + _BASE)))


QUICK = Effort(exact=None, most=160_000, work=4_000_000)
"""For the estimates beside the main one, which need only agree with themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Draws of the chains after their warm-up, [chain, draw, column of `chains`], and how they mixed."""

    rows: NDArray[np.float64]
    seen: int
    convergence: Convergence
    sweeps: int

    @property
    def totals(self) -> NDArray[np.float64]:
        """All persons, seen and unseen, a row for each chain."""
        return np.asarray(self.rows[:, :, UNSEEN] + self.seen)


def posterior(
    table: Table,
    prior: Prior = Prior(),  # noqa: B008 - it is frozen
    effort: Effort = Effort(),
    *,
    seed: int = 1,
    by: Engine | None = None,
    told: Told = quiet,
) -> Posterior:
    """Draws from the distribution of the model's quantities, given the table; equal seeds, equal draws."""
    chains = beginnings(len(table.lists), prior, effort.chains, seed)
    running = _Running(by or engine(), table, prior)
    with ThreadPoolExecutor(effort.chains) as threads, running:
        thin = max(1, effort.least // (2 * _KEPT))
        parts = [running.rows(threads, chains, 2 * _KEPT, thin)]
        sweeps = 2 * _KEPT * thin
        while True:
            told("sweeps of each chain", sweeps)
            rows = np.concatenate(parts, axis=1)
            found = _judged(rows[:, rows.shape[1] // 4 :], table.seen, sweeps)
            if _is_enough(found, effort) or 2 * sweeps > effort.limit(len(table.patterns)):
                return found
            thin *= 2
            parts = [rows[:, 1::2], running.rows(threads, chains, _KEPT, thin)]
            sweeps *= 2


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    """Chains under way, in pieces short enough that all of them stop when one must, or a person says so."""

    runner: Engine
    table: Table
    prior: Prior
    stopped: Event = field(default_factory=Event)

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stopped.set()

    def rows(
        self, threads: ThreadPoolExecutor, chains: Sequence[Chain], kept: int, thin: int
    ) -> NDArray[np.float64]:
        """So many draws of each chain, each after `thin` sweeps."""
        return np.stack(list(threads.map(lambda chain: self._of(chain, kept, thin), chains)))

    def _of(self, chain: Chain, kept: int, thin: int) -> NDArray[np.float64]:
        piece = max(1, _PIECE // thin)
        rows = [
            self.runner.run(self.table, self.prior, chain, min(piece, kept - start), thin)
            for start in range(0, kept, piece)
            if not self.stopped.is_set()
        ]
        return np.concatenate(rows) if rows else np.empty((0, chain.row))


def _judged(rows: NDArray[np.float64], seen: int, sweeps: int) -> Posterior:
    of_totals = convergence(rows[:, :, UNSEEN])
    of_alpha = convergence(np.log(rows[:, :, ALPHA]))  # a chain that is stuck shows here first
    return Posterior(
        rows,
        seen,
        replace(of_totals, rhat_beside=of_alpha.rhat),
        sweeps,
    )


def _is_enough(found: Posterior, effort: Effort) -> bool:
    if not found.convergence.holds:
        return False
    totals = found.totals
    return effort.exact is None or all(
        quantile_error(totals, share) <= effort.exact * np.quantile(totals, share) for share in _QUANTILES
    )


def hard(prior: Prior) -> Prior:
    """The prior by which there are several kinds, and some of them are as a whole hard to reach.

    It says little else. Where it moves the estimate, the lists cannot tell whether such a kind is there.
    """
    return replace(prior, classes=min(prior.classes, 6), a=4.0, b=4.0, reach=(1.0, 3.0, 9.0))


def estimate(found: Posterior, prior: Prior, method: str = METHOD) -> Estimate:
    """The estimate from draws, with how the chains mixed and how exact its quantiles are."""
    totals, mixed = found.totals, found.convergence
    failed = None
    if not mixed.holds:
        failed = (
            f"the chains do not agree: R-hat {mixed.rhat:.3f} (at most 1.01; of the concentration"
            f" {mixed.rhat_beside:.3f}, at most 1.05), effective draws {mixed.ess_bulk:.0f} in the bulk and"
            f" {mixed.ess_tail:.0f} in the tails (at least 400); it did not converge within"
            f" {found.sweeps:,} sweeps of each chain"
        )
    measures: dict[str, object] = {
        "rhat": rounded(mixed.rhat, 4),
        "rhat_concentration": rounded(mixed.rhat_beside, 4),
        "ess_bulk": rounded(mixed.ess_bulk, 0),
        "ess_tail": rounded(mixed.ess_tail, 0),
        "mcse": {f"{share:g}": rounded(quantile_error(totals, share)) for share in PRINTED},
        "chains": totals.shape[0],
        "sweeps": found.sweeps,
        "classes_held": rounded(float(np.median(found.rows[:, :, OCCUPIED]))),
        "at_cap": rounded(float((totals - found.seen >= 0.9 * np.floor(prior.cap * found.seen)).mean()), 4),
        "prior": {
            **{name: getattr(prior, name) for name in ("classes", "a", "b", "cap")},
            "reach": list(prior.reach),
        },
    }
    return Estimate(
        method,
        float(np.median(totals)),
        float(totals.mean()),
        intervals_of(totals.ravel()),
        ASSUMES,
        failed,
        measures,
        totals.ravel()[:: max(1, totals.size // 4000)],
    )
