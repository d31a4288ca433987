"""Estimate: how many in all, from partly overlapping lists; or why that cannot be said."""

from __future__ import annotations

from collections.abc import Sequence

from witnessmark.weigh.estimating.estimation import Estimation, Settings, estimation, pooled
from witnessmark.weigh.estimating.latent import Told, quiet
from witnessmark.weigh.estimating.tables import Table, read

__all__ = ["Estimation", "Settings", "Table", "estimate", "read"]


def estimate(
    tables: Sequence[Table],
    settings: Settings = Settings(),  # noqa: B008 - it is frozen
    told: Told = quiet,
) -> Estimation:
    """Every method's number of persons seen and unseen, and a headline if nothing speaks against one.

    `tables` are draws of one linkage: one if it is certain, several if a person or a program was in doubt.
    """
    return pooled([estimation(table, settings, told) for table in tables])
