"""Whether the latent-class model could have brought forth the table: posterior predictive checks.

From each of some draws of the model a table of as many seen persons is drawn. If the real table is further
from what the model expects than nearly all of these, the model does not describe it, and its number of
unseen persons need not be right either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.chains import WEIGHTS
from witnessmark.weigh.estimating.latent import Posterior
from witnessmark.weigh.estimating.tables import Table

Reals = NDArray[np.float64]

LEAST_CHANCE = 0.01
"""A table that fewer than this share of the drawn tables equal in distance does not fit."""

_DRAWS = 400
_MOST_LISTS = 12


@dataclass(frozen=True, slots=True)
class Fits:
    """How often a drawn table is at least as far from what is expected as the real one."""

    patterns: float
    overlaps: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether the patterns, and the overlap of each pair of lists (as many as there are), fit."""
        worst = min(self.overlaps.values(), default=1.0)
        return self.patterns >= LEAST_CHANCE and worst * max(len(self.overlaps), 1) >= LEAST_CHANCE

    def facts(self) -> dict[str, object]:
        """The checks as they are written."""
        return {"patterns": self.patterns, "overlaps": self.overlaps, "holds": self.holds}


def fits(table: Table, found: Posterior, *, seed: int = 1) -> Fits | None:
    """The checks; None with more than twelve lists, which have too many patterns."""
    lists = len(table.lists)
    if lists > _MOST_LISTS:
        return None
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 2 << 20])))
    rows = found.rows.reshape(-1, found.rows.shape[2])
    rows = rows[np.linspace(0, len(rows) - 1, _DRAWS).astype(int)]
    real = table.full().astype(float)
    marks = (np.arange(1, 1 << lists)[:, None] >> np.arange(lists) & 1).astype(float)
    further, pairs_more, pairs_less = 0, np.zeros((lists, lists)), np.zeros((lists, lists))
    real_pairs = (marks * real[:, None]).T @ marks
    for row in rows:
        chance = expected_shares(row, lists)
        drawn = random.multinomial(table.seen, chance).astype(float)
        expected = np.sqrt(table.seen * chance)
        further += bool(_apart(drawn, expected) >= _apart(real, expected))
        pairs = (marks * drawn[:, None]).T @ marks
        pairs_more += pairs >= real_pairs
        pairs_less += pairs <= real_pairs
    two_sided = np.minimum(1.0, 2 * np.minimum(pairs_more, pairs_less) / len(rows))
    return Fits(
        further / len(rows),
        {
            f"{table.lists[one]}, {table.lists[other]}": float(two_sided[one, other])
            for one in range(lists)
            for other in range(one + 1, lists)
        },
    )


def expected_shares(row: Reals, lists: int) -> Reals:
    """The probabilities of all patterns but the empty one, among who is seen, in one draw."""
    classes = (len(row) - WEIGHTS) // (lists + 1)
    weights = row[WEIGHTS : WEIGHTS + classes]
    present = row[WEIGHTS + classes :].reshape(classes, lists)
    table = weights[:, None]
    for j in range(lists):
        table = np.concatenate([table * (1 - present[:, j : j + 1]), table * present[:, j : j + 1]], axis=1)
    shares = table.sum(axis=0)[1:]
    return np.asarray(shares / shares.sum())


def _apart(counts: Reals, root_expected: Reals) -> float:
    """The distance of Freeman and Tukey."""
    return float(((np.sqrt(counts) - root_expected) ** 2).sum())
