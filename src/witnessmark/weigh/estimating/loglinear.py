"""The log-linear estimate: lists, and pairs of lists that depend on each other, chosen step by step.

The number of persons with a pattern is Poisson; its logarithm is a sum of an effect for each list in the
pattern and for each pair of lists in it that depends. Pairs are added one by one, each time that whose
overlap the present model explains worst, while it is worse than chance allows and the model can still be
fitted. A pair without any common person, once in the model, forbids every pattern that holds it (Chan,
Silverman and Vincent 2021): such patterns are left out of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import exp, lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.existence import exists

Reals = NDArray[np.float64]
Pair = tuple[int, int]

THRESHOLD = 0.02
"""The probability below which a pair's overlap is more than chance, as the published analyses have it."""

_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """All patterns of some lists but the empty one, and what stands in each."""

    lists: int
    marks: Reals
    pairs: tuple[Pair, ...]
    both: Reals
    """[patterns, pairs]: 1 where a pattern holds both lists of a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model: its pairs, what it expects of each pattern, and of the empty one."""

    pairs: tuple[int, ...]
    expected: Reals
    unseen: float
    converged: bool
    start: Reals


@lru_cache(maxsize=32)
def design(lists: int) -> Design:
    """The patterns of so many lists, in the order of their bits."""
    patterns = np.arange(1, 1 << lists)
    marks = (patterns[:, None] >> np.arange(lists) & 1).astype(float)
    pairs = tuple(combinations(range(lists), 2))
    both = np.stack([marks[:, one] * marks[:, other] for one, other in pairs], axis=1)
    return Design(lists, marks, pairs, both)


def cells(of: Design, counts: Reals, pairs: Sequence[int]) -> tuple[Reals, NDArray[np.bool_]]:
    """The columns of a model, and which patterns stay: pairs that are empty forbid those that hold them."""
    chosen = list(pairs)
    overlaps = counts @ of.both[:, chosen]
    kept = np.ones(len(counts), bool)
    for pair, overlap in zip(chosen, overlaps, strict=True):
        if overlap == 0:
            kept &= of.both[:, pair] == 0
    there = [pair for pair, overlap in zip(chosen, overlaps, strict=True) if overlap > 0]
    columns = np.concatenate([np.ones((len(counts), 1)), of.marks, of.both[:, there]], axis=1)
    return columns, kept


def fitted(of: Design, counts: Reals, pairs: Sequence[int], start: Reals | None = None) -> Fit:
    """The model with some pairs, fitted by Newton's method to the counts."""
    columns, kept = cells(of, counts, pairs)
    rows, seen = columns[kept], counts[kept]
    width = rows.shape[1]
    effects = np.zeros(width)
    if start is not None and len(start) <= width:
        effects[: len(start)] = start  # the pairs are in the order in which they were added
    else:
        effects[0] = np.log(max(seen.mean(), 1e-3))
    effects, converged = _newton(rows, seen, effects)
    expected = np.zeros(len(counts))
    expected[kept] = np.exp(np.clip(rows @ effects, -700, 50))
    return Fit(tuple(pairs), expected, float(np.exp(np.clip(effects[0], -700, 50))), converged, effects)


def _newton(rows: Reals, seen: Reals, effects: Reals) -> tuple[Reals, bool]:
    statistics = rows.T @ seen
    line = rows @ effects
    mean = np.exp(np.clip(line, -700, 50))
    standing = float(seen @ line - mean.sum())
    ridge = np.eye(len(effects)) * 1e-12
    for _ in range(_STEPS):
        slope = statistics - rows.T @ mean
        try:
            step = np.linalg.solve((rows * mean[:, None]).T @ rows + ridge * max(mean.sum(), 1.0), slope)
        except np.linalg.LinAlgError:
            return effects, False
        gain = float(slope @ step)
        if not gain > 1e-9:
            return effects, bool(gain > -1e-6)
        while True:
            line = rows @ (effects + step)
            mean = np.exp(np.clip(line, -700, 50))
            then = float(seen @ line - mean.sum())
            if then >= standing - 1e-9 * abs(standing) or not np.abs(step).max() > 1e-8:
                break
            step /= 2
        effects, standing = effects + step, then
    return effects, False


def code(of: Design, counts: Reals, pairs: Sequence[int], fit: Fit | None = None) -> int:
    """Whether a model's best fit exists and is the only one: 0 if both, 1 no fit, 2 not the only one, 3 both.

    After Fienberg and Rinaldo (2012); patterns that an empty pair forbids are left out beforehand.
    """
    columns, kept = cells(of, counts, pairs)
    rows = columns[kept]
    # With all patterns, of three lists or more, the columns of lists and pairs are independent.
    unique = (bool(kept.all()) and of.lists > 2) or np.linalg.matrix_rank(rows) == rows.shape[1]
    certain = fit is not None and fit.converged and fit.expected[kept].min(initial=np.inf) > 1e-6
    there = certain or exists(rows, counts[kept])
    return (0 if there else 1) + (0 if unique else 2)


def stepwise(of: Design, counts: Reals, threshold: float = THRESHOLD) -> Fit:
    """The model to which no pair can be added any more."""
    fit = fitted(of, counts, ())
    overlaps = counts @ of.both
    while True:
        expected = fit.expected @ of.both
        candidates = sorted(
            (chance, pair)
            for pair in range(len(of.pairs))
            if pair not in fit.pairs and (chance := extreme(overlaps[pair], expected[pair])) < threshold
        )
        for _, pair in candidates:
            added = (*fit.pairs, pair)
            tried = fitted(of, counts, added, fit.start)
            if code(of, counts, added, tried) == 0:
                fit = tried
                break
        else:
            return fit


def extreme(overlap: float, mean: float) -> float:
    """The chance of an overlap as large, or as small, as this, where so many are expected."""
    if mean <= 0:
        return 0.0 if overlap > 0 else 1.0
    if overlap > mean:
        return _poisson_tail(overlap, mean, 1)
    return _poisson_tail(overlap, mean, -1)


def _poisson_tail(start: float, mean: float, step: int) -> float:
    """The sum of Poisson masses from `start` up or down, while they matter."""
    k = round(start)
    far = np.arange(1, 45 + int(9 * sqrt(max(k, mean))))
    falls = mean / (k + far) if step > 0 else np.maximum(k + 1 - far, 0) / mean
    return exp(k * log(mean) - mean - lgamma(k + 1)) * (1 + float(np.cumprod(falls).sum()))


def information(fit: Fit, counts: Reals) -> float:
    """The Bayesian information criterion of a fit; less is better."""
    held = counts > 0
    expected = np.maximum(fit.expected, 1e-300)
    ln_likelihood = float((counts[held] * np.log(expected[held])).sum() - fit.expected.sum())
    return -2 * ln_likelihood + len(fit.start) * float(np.log(counts.sum()))
