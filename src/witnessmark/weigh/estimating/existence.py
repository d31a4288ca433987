"""Whether a log-linear model has a best fit at all, by linear programming.

It has one if and only if some table with the same marginal sums has no cell that is zero (Fienberg and
Rinaldo 2012). The program seeks the table whose smallest cell is largest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

_SMALL = 1e-9


def exists(rows: Reals, counts: Reals) -> bool:
    """Whether the model with these columns (a row for each cell) has a best fit to these counts."""
    if counts.min(initial=1.0) > 0:
        return True
    independent = _independent(rows)
    sums = independent.T @ (counts / max(counts.sum(), 1.0))
    # Cells are y + s with y ≥ 0; the last column is that of s, which is made as large as it can be.
    program = np.concatenate([independent.T, independent.sum(axis=0)[:, None]], axis=1)
    return _largest_last(program, sums) > 1e-7


def _independent(rows: Reals) -> Reals:
    """As many of the columns as are linearly independent."""
    chosen: list[int] = []
    for column in range(rows.shape[1]):
        if np.linalg.matrix_rank(rows[:, [*chosen, column]]) > len(chosen):
            chosen.append(column)
    return rows[:, chosen]


def _largest_last(columns: Reals, right: Reals) -> float:
    """The largest last variable, of variables from zero up with `columns @ variables = right` ≥ 0."""
    height, width = columns.shape
    table = np.concatenate([columns, np.eye(height), right[:, None]], axis=1)
    basis = list(range(width, width + height))
    feasible = np.zeros(width + height)
    feasible[width:] = -1
    _simplex(table, basis, feasible, width + height)
    for row in range(height):  # what was only there to begin with must not come back
        real = np.flatnonzero(np.abs(table[row, :width]) > _SMALL)
        if basis[row] >= width and len(real):
            _pivot(table, basis, row, int(real[0]))
    worth = np.zeros(width + height)
    worth[width - 1] = 1
    _simplex(table, basis, worth, width)
    return float(table[basis.index(width - 1), -1]) if width - 1 in basis else 0.0


def _simplex(table: Reals, basis: list[int], worth: Reals, width: int) -> None:
    """Pivots until no column below `width` is worth entering; by Bland's rule, so that it ends."""
    while True:
        gains = worth[:width] - worth[basis] @ table[:, :width]
        entering = np.flatnonzero(gains > _SMALL)
        if not len(entering):
            return
        column = int(entering[0])
        positive = np.flatnonzero(table[:, column] > _SMALL)
        if not len(positive):
            return
        ratios = table[positive, -1] / table[positive, column]
        nearest = positive[ratios <= ratios.min() + 1e-12]
        _pivot(table, basis, int(min(nearest, key=lambda place: basis[place])), column)


def _pivot(table: Reals, basis: list[int], row: int, column: int) -> None:
    table[row] /= table[row, column]
    others = np.arange(len(table)) != row
    table[others] -= np.outer(table[others, column], table[row])
    basis[row] = column
