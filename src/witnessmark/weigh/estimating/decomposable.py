"""The estimate averaged over all decomposable graphs of dependence between lists.

Madigan and York (1997): a graph says which lists depend on each other; for a decomposable one the
probability of the table is known in closed form for every number of unseen, as cliques over separators. All
such graphs are weighed by it, and none is chosen. With more than six lists there are too many of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.numbers import LEVELS, Estimate, Interval, rounded
from witnessmark.weigh.estimating.tables import Table

Reals = NDArray[np.float64]

METHOD = "decomposable graphs"
ASSUMES = (
    "which lists depend on each other is one of the decomposable graphs, all equally likely beforehand;"
    " everybody is alike but for that; records are linked without error"
)
MOST_LISTS = 6

_COARSE, _FINE = 800, 2000


@lru_cache(maxsize=8)
def graphs(lists: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every decomposable graph: its edges, as bits of the pairs in order, and its sets of lists.

    The latter say how often each set, as bits, stands in the cliques less the separators, [graph, set]. The
    complete graph, which says nothing about the unseen, is there too.
    """
    pairs = list(combinations(range(lists), 2))
    edges, standing = [], []
    for chosen in range(1 << len(pairs)):
        near = [0] * lists
        for bit, (one, other) in enumerate(pairs):
            if chosen >> bit & 1:
                near[one] |= 1 << other
                near[other] |= 1 << one
        terms = _cliques(near)
        if terms is not None:
            edges.append(chosen)
            row = np.zeros(1 << lists)
            for one_set, sign in terms:
                row[one_set] += sign
            standing.append(row)
    return np.array(edges), np.stack(standing)


def _cliques(near: list[int]) -> list[tuple[int, int]] | None:
    """Sets with their signs, by taking away lists whose neighbours all know each other; None if none is."""
    left, terms = (1 << len(near)) - 1, []
    while left:
        for one in range(len(near)):
            around = near[one] & left
            if left >> one & 1 and all(
                around & ~(near[other] | 1 << other) == 0 for other in range(len(near)) if around >> other & 1
            ):
                terms += [(around | 1 << one, 1), (around, -1)]
                left ^= 1 << one
                break
        else:
            return None
    return terms


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """How likely each number of unseen is, and each graph."""

    unseen: Reals
    chance: Reals
    graphs: Reals


def average(table: Table, *, cap: float = 20.0, weight: float | None = None) -> Average:
    """The distribution of the unseen; `weight` is the prior's for each pattern, 2^-lists if left out."""
    most = np.floor(cap * table.seen)
    coarse = np.unique(np.round(np.append(0, np.geomspace(1, max(most, 2), _COARSE))))
    first = _over(table, coarse, weight)
    share = np.cumsum(first.chance)
    low = coarse[max(int(np.searchsorted(share, 1e-5)) - 1, 0)]
    high = coarse[min(int(np.searchsorted(share, 1 - 1e-5)) + 1, len(coarse) - 1)]
    return _over(table, np.unique(np.round(np.linspace(low, high, _FINE))), weight)


def _over(table: Table, unseen: Reals, weight: float | None) -> Average:
    lists = len(table.lists)
    _, standing = graphs(lists)
    alone = weight or 2.0**-lists
    of_sets = np.stack([_of_set(table, one, unseen, alone) for one in range(1 << lists)])
    whole = table.seen + unseen
    ln_size = ln_gamma(whole + 1) - ln_gamma(unseen + 1) - np.log(whole)
    ln_chance = standing @ of_sets + ln_size + np.log(np.gradient(unseen) if len(unseen) > 1 else [1.0])
    chance = np.exp(ln_chance - ln_chance.max())
    chance /= chance.sum()
    return Average(unseen, chance.sum(axis=0), chance.sum(axis=1))


def _of_set(table: Table, one: int, unseen: Reals, alone: float) -> Reals:
    """Ln of the marginal likelihood of what stands in the margin of a set of lists."""
    lists = len(table.lists)
    all_cells = alone * 2**lists
    cell = all_cells / 2 ** one.bit_count()
    counted = np.bincount(table.patterns & np.uint32(one), table.counts, 1 << lists)
    held = counted[1:][counted[1:] > 0]
    constant = float((ln_gamma(cell + held) - ln_gamma(np.array([cell]))).sum())
    empty = ln_gamma(cell + counted[0] + unseen) - ln_gamma(np.array([cell]))
    whole = ln_gamma(all_cells + table.seen + unseen) - ln_gamma(np.array([all_cells]))
    return np.asarray(constant + empty - whole)


def ln_gamma(x: Reals) -> Reals:
    """Ln of the gamma function of numbers above zero."""
    x = np.asarray(x, float)
    shift = np.zeros_like(x)
    for _ in range(8):
        small = x < 8
        shift = shift - np.where(small, np.log(np.where(small, x, 1.0)), 0.0)
        x = x + small
    inverse = 1 / x
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return np.asarray(shift + (x - 0.5) * np.log(x) - x + 0.9189385332046727 + series)


def estimate(table: Table, *, cap: float = 20.0) -> Estimate | None:
    """The averaged estimate; None with fewer than three lists or more than six."""
    lists = len(table.lists)
    if not 3 <= lists <= MOST_LISTS:
        return None
    found = average(table, cap=cap)
    whole, share = table.seen + found.unseen, np.cumsum(found.chance)
    edges, _ = graphs(lists)
    pairs = list(combinations(table.lists, 2))
    best = int(np.argmax(found.graphs))
    complete = float(found.graphs[int(np.argmax(edges))])
    failed = None
    if complete > 0.5:
        failed = (
            "more than half of the weight is on the graph in which every list depends on every other, which"
            " says nothing about the unseen"
        )

    def quantile(probability: float) -> float:
        return float(np.interp(probability, share, whole))

    return Estimate(
        METHOD,
        quantile(0.5),
        float((found.chance * whole).sum()),
        tuple(Interval(level, quantile((1 - level) / 2), quantile((1 + level) / 2)) for level in LEVELS),
        ASSUMES,
        failed,
        {
            "graphs": len(edges),
            "likeliest": [list(pair) for bit, pair in enumerate(pairs) if int(edges[best]) >> bit & 1],
            "likeliest_weight": rounded(float(found.graphs[best]), 4),
            "complete_weight": rounded(complete, 4),
        },
        np.interp((np.arange(2000) + 0.5) / 2000, share, whole),
    )
