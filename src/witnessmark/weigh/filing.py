"""Under which claim does a statement count? Where it was entered, unless a person filed it elsewhere.

A claim that was merged into another brings its statements along. A statement that was moved brings those
that pass it on, because a chain of relays is about one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from witnessmark.model import Digest, Filing, Statement


@dataclass(frozen=True, slots=True)
class Filed:
    """The claim that each statement counts under now, and the claims that were merged, into which."""

    under: Mapping[Digest, Digest]
    merged: Mapping[Digest, Digest]


def filed(statements: Mapping[Digest, Statement], filings: Iterable[Filing]) -> Filed:
    """Where everything counts after `filings`; of several on the same thing the latest counts."""
    latest = {one.about: one.claim for one in sorted(filings, key=lambda one: one.filed_at)}
    under = {digest: _standing_for(_claim_of(statements, digest, latest), latest) for digest in statements}
    claims = {statement.claim for statement in statements.values()} | set(latest)
    merged = {
        claim: into for claim in claims - set(statements) if (into := _standing_for(claim, latest)) != claim
    }
    return Filed(under, merged)


def _claim_of(
    statements: Mapping[Digest, Statement], digest: Digest, latest: Mapping[Digest, Digest]
) -> Digest:
    """The claim of the first statement of a chain: where it was filed, or else entered."""
    seen = {digest}
    while (relays := statements[digest].relays) is not None and relays in statements and relays not in seen:
        digest = relays
        seen.add(digest)
    return latest.get(digest, statements[digest].claim)


def _standing_for(claim: Digest, latest: Mapping[Digest, Digest]) -> Digest:
    """The claim that `claim` was merged into, however often; itself if the mergers run in a circle."""
    seen, now = {claim}, claim
    while (into := latest.get(now, now)) != now:
        if into in seen:
            return claim
        seen.add(into)
        now = into
    return now
