"""All claims weighed: what stands, under which claim, in which lineage, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from witnessmark.model import Claim, Digest, Statement
from witnessmark.model.weighing import Rulings, Surroundings, WeighedClaim, Weighing
from witnessmark.model.wire import digest_of
from witnessmark.weigh.attribution import draft, voices
from witnessmark.weigh.dependence import lineages
from witnessmark.weigh.drafting import drafted
from witnessmark.weigh.filing import Filed, filed
from witnessmark.weigh.rivals import rivals
from witnessmark.weigh.standing import standing
from witnessmark.weigh.tally import tally


def weighed(
    claims: Sequence[Claim],
    statements: Mapping[Digest, Statement],
    rulings: Rulings,
    surroundings: Surroundings,
) -> Weighing:
    """Every claim that was not merged into another, with all that is counted under it."""
    sorted_out = standing(statements, rulings.decisions)
    known = {digest_of(claim): claim for claim in claims}
    where = filed(sorted_out.statements, [one for one in rulings.filings if one.claim in known])
    counted = {
        digest: replace(statement, claim=where.under[digest])
        for digest, statement in sorted_out.statements.items()
    }
    by_claim: dict[Digest, dict[Digest, Statement]] = {digest: {} for digest in known}
    for digest, statement in counted.items():
        by_claim.setdefault(statement.claim, {})[digest] = statement
    tied = lineages(counted, rulings, surroundings)
    names = tied.names()
    return Weighing(
        tuple(
            _weighed(digest, claim, by_claim[digest], names, rulings, where)
            for digest, claim in known.items()
            if digest not in where.merged
        ),
        sorted_out.statements,
        sorted_out.waiting,
        sorted_out.rejected,
        tied,
        where.under,
    )


def _weighed(
    digest: Digest,
    claim: Claim,
    statements: Mapping[Digest, Statement],
    tied: Mapping[Digest, str],
    rulings: Rulings,
    where: Filed,
) -> WeighedClaim:
    heard, numbers = voices(statements, digest), tally(statements, digest)
    absorbed = tuple(one for one, into in where.merged.items() if into == digest)
    names = {digest, *absorbed}
    bearings = tuple(one for one in rulings.bearings if one.on in names)
    return WeighedClaim(
        digest,
        claim,
        heard,
        str(draft(heard)),
        numbers,
        drafted(heard, numbers, statements, tied, bearings),
        rivals((one for one in rulings.hypotheses if one.claim in names), rulings.bearings),
        tuple(sorted(absorbed)),
    )
