"""Whether chains have come together, and how exact what they say is.

Rank-normalised split R-hat, effective sample sizes of the bulk and of the tails, and Monte Carlo standard
errors of quantiles, as in Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021). A chain alone cannot
show that it is stuck: all of this is about several chains that began far apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]
"""Draws of one quantity, a row for each chain."""

MOST_RHAT = 1.01
LEAST_ESS = 400.0
MOST_RHAT_BESIDE = 1.05
"""For what is not told itself, and only shows whether a chain is stuck."""


@dataclass(frozen=True, slots=True)
class Convergence:
    """How well the draws of one quantity have mixed."""

    rhat: float
    ess_bulk: float
    ess_tail: float
    rhat_beside: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether R-hat is at most 1.01 (beside: 1.05) and both effective sizes are at least 400."""
        return (
            self.rhat <= MOST_RHAT
            and self.rhat_beside <= MOST_RHAT_BESIDE
            and min(self.ess_bulk, self.ess_tail) >= LEAST_ESS
        )  # not so where one is not a number


def convergence(draws: Draws) -> Convergence:
    """R-hat and effective sizes; without any spread there is nothing to mix, and both are at their best."""
    if np.ptp(draws) == 0.0:
        return Convergence(1.0, float(draws.size), float(draws.size))
    halves = _halves(draws)
    normal = _normal_scores(halves)
    folded = _normal_scores(np.abs(halves - np.median(halves)))
    low, high = np.quantile(draws, [0.05, 0.95])
    return Convergence(
        max(_rhat(normal), _rhat(folded)),
        _ess(normal),
        min(_ess((halves <= low).astype(float)), _ess((halves <= high).astype(float))),
    )


def quantile_error(draws: Draws, probability: float) -> float:
    """The Monte Carlo standard error of a quantile, in the unit of the draws."""
    if np.ptp(draws) == 0.0:
        return 0.0
    below = (_halves(draws) <= np.quantile(draws, probability)).astype(float)
    spread = float(np.sqrt(probability * (1 - probability) / max(_ess(below), 1.0)))
    ends = np.clip([probability - spread, probability + spread], 0.0, 1.0)
    low, high = np.quantile(draws, ends)
    return float(high - low) / 2


def _halves(draws: Draws) -> Draws:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_scores(draws: Draws) -> Draws:
    flat = draws.ravel()
    values, place, times = np.unique(flat, return_inverse=True, return_counts=True)
    ranks = np.cumsum(times) - (times - 1) / 2
    inverse = NormalDist().inv_cdf
    scores = np.array([inverse(float(share)) for share in (ranks - 0.375) / (flat.size + 0.25)])
    del values
    return scores[place].reshape(draws.shape)


def _rhat(draws: Draws) -> float:
    length = draws.shape[1]
    within = float(draws.var(axis=1, ddof=1).mean())
    between = float(draws.mean(axis=1).var(ddof=1))
    return float(np.sqrt((length - 1) / length + between / within)) if within > 0 else float("inf")


def _ess(draws: Draws) -> float:
    """The effective number of draws for a mean, by Geyer's initial monotone sequence."""
    length = draws.shape[1]
    centred = draws - draws.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, 2 * length, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length] / length
    within = float(covariance[:, 0].mean()) * length / (length - 1)
    pooled = within * (length - 1) / length + float(draws.mean(axis=1).var(ddof=1))
    if pooled <= 0:
        return float(draws.size)
    correlation = 1 - (within - covariance.mean(axis=0) * length / (length - 1)) / pooled
    correlation[0] = 1.0
    pairs = correlation[0 : length - length % 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    pairs = pairs[: negative[0]] if len(negative) else pairs
    time = -1 + 2 * float(np.minimum.accumulate(pairs).sum()) if len(pairs) else 1.0
    most = draws.size * np.log10(draws.size)
    return float(min(draws.size / max(time, 1e-9), most))
