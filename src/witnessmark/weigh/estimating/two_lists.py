"""What two lists alone say: Chapman's estimate, and what becomes of it where they depend on each other.

Two lists cannot show whether they are independent; it has to be assumed, and the estimate stands and falls
with it. The odds ratio says how: at 2, who is on one list has twice the odds to be on the other.
"""

from __future__ import annotations

from itertools import combinations
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from witnessmark.weigh.estimating.numbers import LEVELS, Estimate, Interval, rounded
from witnessmark.weigh.estimating.tables import Table

METHOD = "two lists (Chapman)"
ASSUMES = (
    "the two lists are independent of each other (being on one makes it neither more nor less likely to be on"
    " the other), everybody is as likely as everybody else to be on one of them, nobody comes or goes, and"
    " records are linked without error; two lists cannot show whether this is so"
)
ODDS_RATIOS = (0.5, 2 / 3, 1.0, 1.5, 2.0)


def estimate(table: Table) -> Estimate | None:
    """Chapman's estimate from a table of two lists, with Seber's variance on the logarithm of the unseen."""
    if len(table.lists) != 2:
        return None
    overlaps = table.overlaps()
    one, other, both = (int(overlaps[0, 0]), int(overlaps[1, 1]), int(overlaps[0, 1]))
    point = (one + 1) * (other + 1) / (both + 1) - 1
    variance = (one + 1) * (other + 1) * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))
    unseen = max(point - table.seen, 0.0)
    spread = sqrt(log(1 + variance / unseen**2)) if unseen > 0 else 0.0
    normal = NormalDist()

    def end(probability: float) -> float:
        return table.seen + unseen * exp(spread * normal.inv_cdf(probability))

    return Estimate(
        METHOD,
        point,
        point,
        tuple(Interval(level, end((1 - level) / 2), end((1 + level) / 2)) for level in LEVELS),
        ASSUMES,
        None,
        {"on_both": both, "odds_ratios": _by_odds_ratio(one, other, both)},
        np.array([end((place + 0.5) / 500) for place in range(500)]),
    )


def sensitivity(table: Table) -> list[dict[str, object]]:
    """What each two of the lists say of the whole, at odds ratios from a half to two; and all of them.

    All of them: if the odds ratio is what the interaction of all lists together is, which the estimate of a
    saturated model takes to be 1 (Aleshin-Guendel, Sadinle and Wakefield 2024). It needs every pattern.
    """
    found: list[dict[str, object]] = []
    overlaps = table.overlaps()
    for one, other in combinations(range(len(table.lists)), 2):
        both = int(overlaps[one, other])
        if both:
            by_ratio = _by_odds_ratio(int(overlaps[one, one]), int(overlaps[other, other]), both)
            found.append({"lists": [table.lists[one], table.lists[other]], "totals": by_ratio})
    counts = table.full().astype(float)
    if len(table.lists) > 2 and counts.min() > 0:
        odd = np.array([pattern.bit_count() % 2 for pattern in range(1, len(counts) + 1)]) == 1
        unseen = float(np.exp(np.log(counts[odd]).sum() - np.log(counts[~odd]).sum()))
        totals = {_named(ratio): rounded(table.seen + ratio * unseen) for ratio in ODDS_RATIOS}
        found.append({"lists": list(table.lists), "totals": totals})
    return found


def _by_odds_ratio(one: int, other: int, both: int) -> dict[str, float | None]:
    if not both:
        return {}
    unseen = (one - both) * (other - both) / both
    return {_named(ratio): rounded(one + other - both + ratio * unseen) for ratio in ODDS_RATIOS}


def _named(ratio: float) -> str:
    return f"{ratio:.4g}"
