"""Weigh: who says what through whom, and how many; nothing is averaged and nothing is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from witnessmark.model import Claim, Decision, Digest, Statement
from witnessmark.model.weighing import WeighedClaim, Weighing
from witnessmark.model.wire import digest_of
from witnessmark.weigh.attribution import draft, voices
from witnessmark.weigh.standing import standing
from witnessmark.weigh.tally import tally

__all__ = ["weigh"]


def weigh(
    claims: Iterable[Claim], statements: Mapping[Digest, Statement], decisions: Iterable[Decision] = ()
) -> Weighing:
    """Every claim with its voices and numbers, from the statements that people let stand.

    `statements` go by the digest of their record, because a relay names the one that it passes on so.
    """
    sorted_out = standing(statements, decisions)
    return Weighing(
        tuple(_weighed(claim, sorted_out.statements) for claim in claims),
        sorted_out.statements,
        sorted_out.waiting,
        sorted_out.rejected,
    )


def _weighed(claim: Claim, statements: Mapping[Digest, Statement]) -> WeighedClaim:
    digest = digest_of(claim)
    heard = voices(statements, digest)
    return WeighedClaim(digest, claim, heard, str(draft(heard)), tally(statements, digest))
