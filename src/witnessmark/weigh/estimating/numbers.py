"""What a method says of the whole number of persons: its middle, its intervals, and how it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.5, 0.8, 0.95)
"""The levels of the intervals that are printed."""

PRINTED = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""The probabilities of the median and of the ends of the intervals."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which numbers the whole lies, at a level."""

    level: float
    low: float
    high: float

    def holds(self, number: float) -> bool:
        """Whether a number lies in it."""
        return self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class Estimate:
    """One method's number, all persons seen and unseen; `failed` says why it has none that counts."""

    method: str
    median: float
    mean: float
    intervals: tuple[Interval, ...]
    assumes: str
    failed: str | None = None
    measures: Mapping[str, object] = field(default_factory=dict)
    draws: NDArray[np.float64] = field(default_factory=lambda: np.empty(0), compare=False, repr=False)
    """Some numbers distributed as the method says that the whole is, to be pooled and drawn."""

    @property
    def widest(self) -> Interval:
        """The interval of the highest level."""
        return max(self.intervals, key=lambda interval: interval.level)

    def facts(self) -> dict[str, object]:
        """The estimate as it is written."""
        return {
            "method": self.method,
            "median": rounded(self.median),
            "mean": rounded(self.mean),
            "intervals": [
                {"level": one.level, "low": rounded(one.low), "high": rounded(one.high)}
                for one in self.intervals
            ],
            "failed": self.failed,
            "assumes": self.assumes,
            **self.measures,
        }


def intervals_of(draws: NDArray[np.float64]) -> tuple[Interval, ...]:
    """The central intervals of draws."""
    return tuple(
        Interval(level, *(float(end) for end in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])))
        for level in LEVELS
    )


def rounded(number: float, digits: int = 2) -> float | None:
    """A number as it is written; None if it is none."""
    return round(float(number), digits) if np.isfinite(number) else None
