"""The chains in numpy alone: where nothing could be compiled, and as what the kernel is held against.

The conditionals are those of Manrique-Vallier (2016). Weights are logarithms throughout, because where the
concentration is small the last stick is far below what a double can hold; and classes change their labels,
because a large class that sits late on the stick would otherwise stay there for ever and make the
concentration, and with it the estimate, wrong, without any diagnostic of one chain showing it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.chains import Chain, Prior
from witnessmark.weigh.estimating.decomposable import ln_gamma as ln_gamma_at
from witnessmark.weigh.estimating.tables import Table

Reals = NDArray[np.float64]

_TRIES = 64


class Plain:
    """Draws by numpy; a sweep takes some 0.2 ms."""

    name = "numpy"

    def run(self, table: Table, prior: Prior, chain: Chain, kept: int, thin: int) -> Reals:
        """Go on with a chain, in place, and give a row (see `chains`) after each `thin` sweeps."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(chain.chance.tolist())))
        walk = Walk(table, prior, chain, random)
        rows: Reals = np.empty((kept, chain.row))
        for row in rows:
            for _ in range(thin):
                share, occupied = walk.sweep()
            row[:] = (
                chain.unseen.sum(),
                share,
                chain.alpha[0],
                occupied,
                *np.exp(chain.ln_weight),
                *chain.present.ravel(),
            )
        chain.chance[:] = random.integers(0, 1 << 63, 4, np.uint64)
        return rows


def ln_sticks(random: np.random.Generator, held: Reals, alpha: float) -> Reals:
    """The logarithms of weights, drawn by breaking sticks, of classes that hold so many."""
    beyond = np.cumsum(held[::-1])[::-1][1:]
    here = ln_gamma(random, 1 + held[:-1])
    later = ln_gamma(random, alpha + beyond)
    both = np.logaddexp(here, later)
    return np.asarray(np.append(here - both, 0.0) + np.append(0.0, np.cumsum(later - both)), np.float64)


def ln_gamma(random: np.random.Generator, shape: Reals) -> Reals:
    """The logarithms of gamma variables, also where they are too small for a double."""
    small = shape < 1
    drawn = np.log(random.standard_gamma(shape + small))
    return drawn + np.where(small, np.log(1 - random.random(shape.shape)) / shape, 0.0)


def stepped(random: np.random.Generator, prior: Prior, held: Reals, alpha: float) -> float:
    """The concentration after a long step, given who belongs to which class and nothing of the weights."""
    proposed = alpha * float(np.exp(1.5 * random.standard_normal()))
    if not 1e-12 < proposed < 1e5:
        return alpha
    beyond = np.append(np.cumsum(held[::-1])[::-1], 0.0)[1:-1]
    here = held[:-1]

    def ln_density(of: float) -> float:
        sticks = np.log(of) + ln_gamma_at(of + beyond) - ln_gamma_at(1 + of + here + beyond)
        return float(prior.a * np.log(of) - prior.b * of + sticks.sum())

    return proposed if np.log(1 - random.random()) < ln_density(proposed) - ln_density(alpha) else alpha


def reached(random: np.random.Generator, reach: tuple[float, ...], absent: Reals) -> Reals:
    """How hard each class is to reach, drawn by the probabilities that it has not to be on each list."""
    of = np.array(reach)
    ln_part = absent.shape[1] * np.log(of) + np.log(absent).sum(axis=1)[:, None] * of
    part = np.cumsum(np.exp(ln_part - ln_part.max(axis=1, keepdims=True)), axis=1)
    drawn = (random.random(len(absent))[:, None] * part[:, -1:] > part).sum(axis=1)
    return np.asarray(of[np.minimum(drawn, len(of) - 1)])


def ln_prior(ln_weight: Reals, alpha: float) -> float:
    """Ln of the density of weights under the sticks' prior, up to what alpha alone decides."""
    tails = np.logaddexp.accumulate(ln_weight[::-1])[::-1]
    return float((alpha - 1) * ln_weight[-1] - tails[1:-1].sum())


def swapped(random: np.random.Generator, ln_weight: Reals, alpha: float) -> NDArray[np.intp]:
    """An order of the classes, after as many proposed swaps as there are classes."""
    order = np.arange(ln_weight.size)
    standing = ln_prior(ln_weight, alpha)
    for one, other in random.integers(0, ln_weight.size, (ln_weight.size, 2)):
        tried = order.copy()
        tried[[one, other]] = tried[[other, one]]
        then = ln_prior(ln_weight[tried], alpha)
        if np.log(1 - random.random()) < then - standing:
            order, standing = tried, then
    return order


class Walk:
    """A chain on its way through a table."""

    def __init__(self, table: Table, prior: Prior, chain: Chain, random: np.random.Generator) -> None:
        self.table, self.prior, self.chain, self.random = table, prior, chain, random
        self.marks = table.marks()

    def sweep(self) -> tuple[float, int]:
        """Draw everything once; the probability to be unseen, and the classes that hold somebody."""
        chain, random, prior = self.chain, self.random, self.prior
        ln_given = self.marks @ np.log(chain.present).T + (1 - self.marks) @ np.log(chain.absent).T
        ln_part = ln_given + chain.ln_weight
        part = np.exp(ln_part - ln_part.max(axis=1, keepdims=True))
        fallen = random.multinomial(self.table.counts, part / part.sum(axis=1, keepdims=True))
        held = fallen.sum(axis=0) + chain.unseen
        on_list = fallen.T @ self.marks
        on = random.standard_gamma(1.0 + on_list)
        off = random.standard_gamma(chain.off[:, None] + held[:, None] - on_list)
        chain.present[:] = on / (on + off)
        chain.absent[:] = off / (on + off)
        chain.off[:] = reached(random, prior.reach, chain.absent)
        chain.alpha[0] = stepped(random, prior, held, float(chain.alpha[0]))
        chain.ln_weight[:] = ln_sticks(random, held, float(chain.alpha[0]))
        order = swapped(random, chain.ln_weight, float(chain.alpha[0]))
        for part_of in (chain.ln_weight, chain.present, chain.absent, chain.off):
            part_of[:] = part_of[order]
        unseen_part = np.exp(chain.ln_weight + np.log(chain.absent).sum(axis=1))
        share = min(float(unseen_part.sum()), 1 - 1e-12)
        chain.unseen[:] = random.multinomial(self._unseen(share), unseen_part / unseen_part.sum())
        rate = prior.b - chain.ln_weight[-1]
        chain.alpha[0] = max(random.standard_gamma(prior.a + prior.classes - 1) / rate, 1e-12)
        return share, int((held > 0).sum())

    def _unseen(self, share: float) -> int:
        """How many are unseen: negative binomial, cut off at the cap."""
        most = int(self.prior.cap * self.table.seen)
        for _ in range(_TRIES):
            mean = self.random.standard_gamma(self.table.seen) * share / (1 - share)
            unseen = int(self.random.poisson(mean)) if mean < 1e15 else most + 1
            if unseen <= most:
                return unseen
        unseen_each = np.arange(most + 1.0)
        ln_chance = ln_gamma_at(self.table.seen + unseen_each) - ln_gamma_at(unseen_each + 1)
        chance = np.exp((ln_chance := ln_chance + unseen_each * np.log(share)) - ln_chance.max())
        return int(self.random.choice(most + 1, p=chance / chance.sum()))
