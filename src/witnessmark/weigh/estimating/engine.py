"""Who runs the chains: the compiled kernel where it was built, numpy where not.

Both draw from the same distribution; the draws themselves differ, and numpy needs some ten times as long.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.chains import Chain, Prior
from witnessmark.weigh.estimating.plain import Plain
from witnessmark.weigh.estimating.tables import Table

try:
    from witnessmark.weigh.native import kernels
except ImportError:  # no compiler was there when this was installed
    kernels = None  # type: ignore[assignment]

SCALINGS = 1
"""Moves of each class's odds in a sweep; more cost more than they gain."""
GLIDES = 0.5
"""The chance that a sweep lets all rates and weights glide; where chains mix badly that gains most."""


class Engine(Protocol):
    """Goes on with chains."""

    name: str

    def run(self, table: Table, prior: Prior, chain: Chain, kept: int, thin: int) -> NDArray[np.float64]:
        """Go on with a chain, in place, and give a row (see `chains`) after each `thin` sweeps."""


def engine(name: str | None = None) -> Engine:
    """The engine of a name, `compiled` or `numpy`; without one the faster that is here."""
    return Plain() if kernels is None or name == Plain.name else Compiled()


class Compiled:
    """The compiled kernel, which runs without the interpreter's lock."""

    name = "compiled"

    def run(self, table: Table, prior: Prior, chain: Chain, kept: int, thin: int) -> NDArray[np.float64]:
        """Go on with a chain, in place, and give a row (see `chains`) after each `thin` sweeps."""
        rows = np.empty((kept, chain.row))
        kernels.run_latent(
            table.patterns,
            table.counts.astype(np.float64),
            len(table.lists),
            prior.classes,
            (prior.a, prior.b, prior.cap, np.array(prior.reach)),
            prior.classes,
            SCALINGS,
            GLIDES,
            chain.chance,
            chain.alpha,
            chain.ln_weight,
            chain.present,
            chain.absent,
            chain.unseen,
            chain.off,
            kept,
            thin,
            rows,
        )
        return rows
