"""Weigh: who says what through whom, and how many; nothing is averaged and nothing is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from witnessmark.model import Claim, Digest, Statement
from witnessmark.model.weighing import Rulings, Surroundings, Weighing
from witnessmark.weigh.weighed import weighed

__all__ = ["weigh"]


def weigh(
    claims: Iterable[Claim],
    statements: Mapping[Digest, Statement],
    rulings: Rulings = Rulings(),  # noqa: B008 - it is frozen
    surroundings: Surroundings = Surroundings(),  # noqa: B008 - it is frozen
) -> Weighing:
    """Every claim with its voices, numbers and drafts, from the statements that people let stand.

    `statements` go by the digest of their record, because a relay names the one that it passes on so.
    """
    return weighed(tuple(claims), statements, rulings, surroundings)
