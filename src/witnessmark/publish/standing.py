"""What of a dossier may be said: statements that a person stands behind, levels, and shareable sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from witnessmark.model import AgentKind, Decision, Digest, Rating, Statement, Verdict
from witnessmark.publish.dossier import UNKNOWN_LEVEL, Arrival, Dossier, Exhibit

WITHHELD = "withheld"
NOT_ON_RECORD = "not on record"


@dataclass(frozen=True, slots=True)
class Standing:
    """The statements that count, how many still wait for a person, and how many a person rejected."""

    statements: Mapping[Digest, Statement]
    waiting: int
    rejected: int


def standing(dossier: Dossier) -> Standing:
    """Sort the statements of `dossier`: nothing that only a machine read counts before a person accepts it.

    A relay stands only with the whole chain that it passes on.
    """
    latest = latest_decisions(dossier.decisions)
    verdicts = {
        digest: _verdict(statement, latest.get(digest)) for digest, statement in dossier.statements.items()
    }
    accepted = {digest for digest, verdict in verdicts.items() if verdict is Verdict.ACCEPT}
    while broken := {
        digest
        for digest in accepted
        if (relays := dossier.statements[digest].relays) is not None and relays not in accepted
    }:
        accepted -= broken
    return Standing(
        {digest: dossier.statements[digest] for digest in sorted(accepted)},
        waiting=sum(verdict is None for verdict in verdicts.values()),
        rejected=sum(verdict is Verdict.REJECT for verdict in verdicts.values()),
    )


def latest_decisions(decisions: Iterable[Decision]) -> Mapping[Digest, Decision]:
    """The decision that counts on each thing: the latest one."""
    return {one.about: one for one in sorted(decisions, key=lambda one: (one.decided_at, one.reason))}


def _verdict(statement: Statement, decision: Decision | None) -> Verdict | None:
    if decision is not None and decision.verdict in (Verdict.ACCEPT, Verdict.REJECT):
        return decision.verdict
    return Verdict.ACCEPT if statement.read_by.kind is AgentKind.PERSON else None


@dataclass(frozen=True, slots=True)
class Level:
    """How graphic an exhibit is taken to be, and the ratings by people that say so (none: not rated)."""

    number: int
    ratings: tuple[Rating, ...]


def level(dossier: Dossier, digest: Digest) -> Level:
    """The highest level that anyone's latest ratings give `digest` or a region of it."""
    latest: dict[tuple[str, object], Rating] = {}
    for rating in sorted(dossier.ratings, key=lambda one: (one.rated_at, one.level)):
        if rating.about == digest:
            latest[rating.author.name, rating.region] = rating
    if not any(region is None for _, region in latest):
        # A rated region says nothing about the rest of the picture.
        return Level(max([UNKNOWN_LEVEL, *(one.level for one in latest.values())]), ())
    return Level(max(one.level for one in latest.values()), tuple(latest.values()))


def shown_source(dossier: Dossier, exhibit: Exhibit, value: str | None) -> str:
    """A source as it may be printed: itself if a person disclosed it, else that it is withheld."""
    if exhibit.number not in dossier.disclosed:
        return WITHHELD
    return value or NOT_ON_RECORD


def withheld_sources(dossier: Dossier) -> frozenset[str]:
    """Every source and note address that must not occur in anything published."""
    return frozenset(
        value
        for exhibit in dossier.exhibits
        if exhibit.number not in dossier.disclosed
        for arrival in exhibit.arrivals
        for value in _personal(arrival)
    )


def _personal(arrival: Arrival) -> Iterable[str]:
    return (value for value in (arrival.source, arrival.source_url) if value)
