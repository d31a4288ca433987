"""The log-linear estimate with its interval: the whole choice of the model is done again for each resample.

Intervals are BCa (Efron 1987; DiCiccio and Efron 1996): percentiles of the resamples, corrected for bias and
for how the spread changes with the number itself. The acceleration is that of the jackknife, in which one
person of each pattern in turn is left out. Corrected ends lie where few resamples are, so with few resamples
chance moves them much; how much is told.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.loglinear import THRESHOLD, Design, code, design, stepwise
from witnessmark.weigh.estimating.numbers import LEVELS, Estimate, Interval, rounded
from witnessmark.weigh.estimating.tables import Table

Reals = NDArray[np.float64]

METHOD = "log-linear stepwise"
ASSUMES = (
    "lists depend on each other at most in pairs, and the pairs that do are those that the data show;"
    " everybody is alike but for that; records are linked without error"
)
MOST_LISTS = 10
_REDRAWN = 100


def estimate(table: Table, *, resamples: int = 1000, seed: int = 1) -> Estimate | None:
    """The stepwise estimate with BCa intervals; None with fewer than three lists or more than ten."""
    if not 3 <= len(table.lists) <= MOST_LISTS:
        return None
    of = design(len(table.lists))
    counts = table.full().astype(float)
    chosen = stepwise(of, counts)
    point = table.seen + chosen.unseen
    existence = code(of, counts, chosen.pairs, chosen)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1 << 20])))
    drawn = random.multinomial(table.seen, counts / counts.sum(), resamples).astype(float)
    again = np.sort([row.sum() + stepwise(of, row).unseen for row in drawn])
    without = left_out(of, counts)
    failed = None
    if existence or not np.isfinite(point):
        failed = f"the model has no best fit, or more than one (code {existence})"
    return Estimate(
        METHOD,
        point,
        point,
        tuple(bca(again, point, without, level) for level in LEVELS),
        ASSUMES,
        failed,
        {
            "pairs": [[table.lists[place] for place in of.pairs[pair]] for pair in sorted(chosen.pairs)],
            "threshold": THRESHOLD,
            "code": existence,
            "resamples": resamples,
            "acceleration": rounded(_acceleration(*without), 4),
            "mcse": _errors(again, point, without, random),
        },
        again,
    )


def _errors(
    again: Reals, point: float, without: tuple[Reals, Reals], random: np.random.Generator
) -> dict[str, float | None]:
    """The Monte Carlo standard errors of the ends of the widest interval, by drawing the resamples anew."""
    level = max(LEVELS)
    ends = [
        (one.low, one.high)
        for one in (
            bca(np.sort(random.choice(again, len(again))), point, without, level) for _ in range(_REDRAWN)
        )
    ]
    low, high = np.std(ends, axis=0, ddof=1)
    return {f"{(1 - level) / 2:g}": rounded(low), f"{(1 + level) / 2:g}": rounded(high)}


def left_out(of: Design, counts: Reals) -> tuple[Reals, Reals]:
    """The estimate without one person of each pattern, and how many persons have it."""
    held = np.flatnonzero(counts)
    without = []
    for place in held:
        fewer = counts.copy()
        fewer[place] -= 1
        without.append(fewer.sum() + stepwise(of, fewer).unseen)
    return np.array(without), counts[held]


def _acceleration(without: Reals, persons: Reals) -> float:
    apart = np.average(without, weights=persons) - without
    spread = float((persons * apart**2).sum())
    return float((persons * apart**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0


def bca(again: Reals, point: float, without: tuple[Reals, Reals], level: float) -> Interval:
    """The interval of resamples in rising order, around `point`, by what `left_out` says."""
    normal, count = NormalDist(), len(again)
    below = (np.searchsorted(again, point, "left") + np.searchsorted(again, point, "right")) / 2
    bias = normal.inv_cdf(float(np.clip(below / count, 0.5 / count, 1 - 0.5 / count)))
    acceleration = _acceleration(*without)
    ends = []
    for probability in ((1 - level) / 2, (1 + level) / 2):
        shifted = bias + normal.inv_cdf(probability)
        share = normal.cdf(bias + shifted / max(1 - acceleration * shifted, 1e-6))
        ends.append(float(np.quantile(again, share)))
    return Interval(level, *ends)
