"""A recurrent network that labels words: two layers, read in both directions, and the best row of labels.

After Huang, Xu and Yu, "Bidirectional LSTM-CRF models for sequence tagging" (2015). It is trained elsewhere
(`weigh.training`); here it only computes, with numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

BATCH = 32
LAYERS = ("first forward", "first backward", "second forward", "second backward")
"""The four directions of reading; each has `input`, `state` and `bias`."""


class Network:
    """Weights by name; `label` gives the best row of labels for each unit."""

    def __init__(self, weights: Mapping[str, Numbers], columns: int) -> None:
        self._weights = weights
        self._columns = columns

    def label(self, units: Sequence[Sequence[Sequence[int]]]) -> list[list[int]]:
        """For each unit, given as its columns, the labels of its words."""
        order = sorted(range(len(units)), key=lambda at: len(units[at][0]))
        labels: list[list[int]] = [[] for _ in units]
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            scores = self._scores([units[at] for at in batch])
            for place, at in enumerate(batch):
                labels[at] = self._best(scores[: len(units[at][0]), place])
        return labels

    def _scores(self, batch: Sequence[Sequence[Sequence[int]]]) -> Numbers:
        """How well each label fits each word: words × units × labels."""
        import numpy as np  # noqa: PLC0415 - heavy

        lengths = np.array([len(unit[0]) for unit in batch])
        numbers = np.zeros((self._columns, lengths.max(), len(batch)), np.int64)
        for place, unit in enumerate(batch):
            for column, row in enumerate(unit):
                numbers[column, : len(row), place] = row
        seen = np.concatenate(
            [self._weights[f"column {column}"][numbers[column]] for column in range(self._columns)], -1
        )
        for layer in ("first", "second"):
            seen = np.concatenate(
                [self._read(f"{layer} {way}", seen, lengths) for way in ("forward", "backward")], -1
            )
        scores: Numbers = seen @ self._weights["out"] + self._weights["out bias"]
        return scores

    def _read(self, layer: str, seen: Numbers, lengths: NDArray[np.int64]) -> Numbers:
        """What one direction of one layer makes of a batch: words × units × cells."""
        import numpy as np  # noqa: PLC0415 - heavy

        state_weights = self._weights[f"{layer} state"]
        size, units, cells = seen.shape[0], seen.shape[1], state_weights.shape[0]
        given = seen @ self._weights[f"{layer} input"] + self._weights[f"{layer} bias"]
        state, memory = np.zeros((2, units, cells), np.float32)
        read = np.zeros((size, units, cells), np.float32)
        for at in range(size - 1, -1, -1) if layer.endswith("backward") else range(size):
            gates = given[at] + state @ state_weights
            opened = 0.5 * (np.tanh(0.5 * gates[:, : 3 * cells]) + 1)
            fresh = np.tanh(gates[:, 3 * cells :])
            is_there = (at < lengths)[:, None]
            memory = np.where(
                is_there, opened[:, cells : 2 * cells] * memory + opened[:, :cells] * fresh, memory
            )
            state = np.where(is_there, opened[:, 2 * cells :] * np.tanh(memory), state)
            read[at] = state
        return read

    def _best(self, scores: Numbers) -> list[int]:
        """The row of labels with the greatest sum (Viterbi, 1967)."""
        import numpy as np  # noqa: PLC0415 - heavy

        follows = self._weights["follows"]
        sums = self._weights["starts"] + scores[0]
        came_from = np.zeros(scores.shape, np.int64)
        for at in range(1, len(scores)):
            ways = sums[:, None] + follows
            came_from[at] = ways.argmax(0)
            sums = ways.max(0) + scores[at]
        label = int((sums + self._weights["ends"]).argmax())
        row = [label]
        for at in range(len(scores) - 1, 0, -1):
            label = int(came_from[at, label])
            row.append(label)
        return row[::-1]
