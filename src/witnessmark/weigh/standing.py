"""Which statements count: those that a person read or accepted, with the whole chain that they relay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from witnessmark.model import AgentKind, Decision, Digest, Statement, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """The statements that count, how many still wait for a person, and how many a person rejected."""

    statements: Mapping[Digest, Statement]
    waiting: int
    rejected: int


def standing(statements: Mapping[Digest, Statement], decisions: Iterable[Decision]) -> Standing:
    """Sort `statements`: nothing that only a program read counts before a person accepts it.

    The latest decision counts. A relay stands only with everything that it passes on.
    """
    latest = {one.about: one for one in sorted(decisions, key=lambda one: (one.decided_at, one.reason))}
    verdicts = {digest: _verdict(one, latest.get(digest)) for digest, one in statements.items()}
    accepted = {digest for digest, verdict in verdicts.items() if verdict is Verdict.ACCEPT}
    while broken := {
        digest
        for digest in accepted
        if (relays := statements[digest].relays) is not None and relays not in accepted
    }:
        accepted -= broken
    return Standing(
        {digest: statements[digest] for digest in sorted(accepted)},
        waiting=sum(verdict is None for verdict in verdicts.values()),
        rejected=sum(verdict is Verdict.REJECT for verdict in verdicts.values()),
    )


def _verdict(statement: Statement, decision: Decision | None) -> Verdict | None:
    if decision is not None and decision.verdict in (Verdict.ACCEPT, Verdict.REJECT):
        return decision.verdict
    return Verdict.ACCEPT if statement.read_by.kind is AgentKind.PERSON else None
