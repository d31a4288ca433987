"""A chain of the latent-class model: its prior, where it stands, and where several of them begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import UsageError

UNSEEN, UNSEEN_SHARE, ALPHA, OCCUPIED, WEIGHTS = range(5)
"""What is in a row of draws: the unseen, the probability to be one, the concentration, classes that hold
somebody; from `WEIGHTS` on the weights of the classes, then their probabilities to be on each list."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed beforehand; the defaults are those of the published applications.

    At most `classes` kinds of persons; their weights by stick-breaking with a concentration that is
    Gamma(a, b), b being a rate; at most `cap` times as many unseen as seen, all sizes below it with a weight
    of one over the size. A kind's probabilities to be on each list are Beta(1, off) with one `off` of `reach`
    for all lists, each as likely as the others: 1 is uniform, more is harder to reach.
    """

    classes: int = 10
    a: float = 0.25
    b: float = 0.25
    cap: float = 20.0
    reach: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not 2 <= self.classes <= 64:
            raise UsageError(f"there can be 2 to 64 classes, not {self.classes}")
        if not (self.a > 0 and self.b > 0 and self.cap > 0):
            raise UsageError("a, b and cap of the prior must be above zero")
        if not self.reach or min(self.reach) < 1:
            raise UsageError("a kind of persons is at most as easy to reach as 1, uniform, says")


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Where a chain stands; running it changes the arrays in place."""

    chance: NDArray[np.uint64]
    alpha: NDArray[np.float64]
    ln_weight: NDArray[np.float64]
    present: NDArray[np.float64]
    absent: NDArray[np.float64]
    unseen: NDArray[np.float64]
    off: NDArray[np.float64]

    @property
    def row(self) -> int:
        """How many numbers a draw has."""
        return WEIGHTS + self.ln_weight.size + self.present.size


def beginnings(lists: int, prior: Prior, chains: int, seed: int) -> tuple[Chain, ...]:
    """Chains that begin far apart: few or many classes, the large ones early or late, lists poor or rich."""
    begun = []
    for number in range(chains):
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
        spread = (0.2, 5.0)[number % 2]
        weights = np.maximum(chance.dirichlet(np.full(prior.classes, spread)), 1e-9)
        weights = np.sort(weights)[:: 1 if number % 4 >= 2 else -1] / weights.sum()
        low, high = ((0.01, 0.2), (0.05, 0.5), (0.2, 0.8), (0.01, 0.9))[number % 4]
        present = chance.uniform(low, high, (prior.classes, lists))
        begun.append(
            Chain(
                chance.integers(1, 1 << 63, 4, np.uint64),
                np.array([(0.05, 3.0)[number // 2 % 2]]),
                np.log(weights),
                present,
                1 - present,
                np.zeros(prior.classes),
                np.resize(np.array(prior.reach), prior.classes),
            )
        )
    return tuple(begun)
