"""What there is to show of the claims: the matrix of claims and lineages, each cell with its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from witnessmark.desk.readings import is_meant
from witnessmark.desk.weighing import Around, weighing_of
from witnessmark.errors import UsageError
from witnessmark.model import (
    Affiliation,
    Assessment,
    Digest,
    Grade,
    Range,
    Rereading,
    Tie,
)
from witnessmark.model.rulings import LIKELIHOODS
from witnessmark.model.weighing import Edge, Lineage, Relay, Rivals, Voice, WeighedClaim, Weighing
from witnessmark.ports import Case

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What people put on record of statements and claims, by what it is about, in the order of the log."""

    grades: Mapping[Digest, Sequence[Grade]]
    assessments: Mapping[Digest, Sequence[tuple[Digest, Assessment]]]
    rereadings: Mapping[Digest, Sequence[Rereading]]
    ruled: Sequence[tuple[Digest, Tie | Affiliation]]

    @classmethod
    def of(cls, case: Case) -> Said:
        """All of a case."""
        grades: dict[Digest, list[Grade]] = {}
        for _, grade in case.find(Grade):
            grades.setdefault(grade.about, []).append(grade)
        assessments: dict[Digest, list[tuple[Digest, Assessment]]] = {}
        for name, assessment in case.find(Assessment):
            assessments.setdefault(assessment.claim, []).append((name, assessment))
        rereadings: dict[Digest, list[Rereading]] = {}
        for _, rereading in case.find(Rereading):
            rereadings.setdefault(rereading.assessment, []).append(rereading)
        return cls(grades, assessments, rereadings, (*case.find(Tie), *case.find(Affiliation)))


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a case as weighed now, ready to be told; what people said of them was asked for once."""

    case: Case
    weighing: Weighing
    names: Mapping[Digest, str] = field(init=False)
    exhibits: Mapping[Digest, str] = field(init=False)
    said: Said = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", self.weighing.lineages.names())
        stands_in = {one.appearance.digest for one in self.weighing.statements.values()}
        object.__setattr__(self, "exhibits", self.case.exhibits_of(tuple(stands_in)))
        object.__setattr__(self, "said", Said.of(self.case))

    @classmethod
    def of(cls, case: Case, around: Around | None = None) -> Claims:
        """The claims of a case; `around` is kept for the next time."""
        return cls(case, weighing_of(case, around=around))

    def called(self, name: str | None) -> tuple[tuple[int, WeighedClaim], ...]:
        """All claims with their numbers, or the one that a number, its words or a digest names."""
        numbered = tuple(enumerate(self.weighing.claims, start=1))
        if name is None:
            return numbered
        asked = int(name) if re.fullmatch(r"[1-9][0-9]{0,8}", name) else None
        found = [
            (number, one)
            for number, one in numbered
            if number == asked or one.claim.text == name or is_meant(one.digest, name)
        ]
        if len(found) != 1:
            raise UsageError(
                f"{name!r} names {len(found) or 'no'} claim{'s' if found else ''} of this case",
                advice="`witnessmark claims` lists them with their numbers",
            )
        return tuple(found)

    def facts(self, number: int, one: WeighedClaim) -> Facts:
        """One claim: its draft status with the rule behind it, its cells, rivals and assessments."""
        return {
            "number": number,
            "claim": one.digest,
            "topic": one.claim.topic.value,
            "text": one.claim.text,
            "draft": one.drafted.status.value,
            "rule": one.drafted.rule,
            "lineages_for": one.drafted.lineages,
            "lineages_against": one.drafted.against,
            "evidence_against": list(one.drafted.evidence),
            "merged_into_it": list(one.absorbed),
            "cells": [self._cell(voice) for voice in one.voices],
            "rivals": _rivals(one.rivals),
            "assessments": [self._assessment(*found) for found in self._assessments(one)],
        }

    def lineages(self) -> Iterator[tuple[Lineage, Facts]]:
        """Each lineage with its statements, and with the edges that hold it together."""
        for lineage in self.weighing.lineages.lineages:
            yield (
                lineage,
                {
                    "lineage": lineage.name,
                    "head": self._statement(lineage.head),
                    "sources": list(self.sources(lineage)),
                    "statements": [self._statement(digest) for digest in lineage.statements],
                    "edges": [self._edge(edge) for edge in lineage.edges],
                },
            )

    def oddities(self) -> Iterator[Facts]:
        """Circular reporting, and relays dated before what they pass on."""
        for circle in self.weighing.lineages.circles:
            yield {
                "circle": list(circle.sources),
                "claim": circle.claim,
                "statements": [self._statement(digest) for digest in circle.statements],
            }
        for digest in self.weighing.lineages.too_early:
            relays = self.weighing.statements[digest].relays
            yield {
                "too_early": self._statement(digest),
                "passes_on": self._statement(relays) if relays else None,
            }

    def sources(self, lineage: Lineage) -> tuple[str, ...]:
        """Everyone who speaks in a lineage: the one whom the others have it from first."""
        order = (lineage.head, *lineage.statements)
        return tuple(dict.fromkeys(self.weighing.statements[digest].speaker for digest in order))

    # --- inner

    def _cell(self, voice: Voice) -> Facts:
        return {
            "lineage": self.names[voice.statement],
            "stance": voice.stance.value,
            **self._statement(voice.statement),
            "grades": [self._grade(grade) for grade in self.said.grades.get(voice.statement, ())],
            "relayed_by": [self._relay(relay) for relay in voice.relays],
        }

    def _statement(self, digest: Digest) -> Facts:
        statement = self.weighing.statements[digest]
        said = statement.said_at and (statement.said_at.start or statement.said_at.end)
        return {
            "statement": digest,
            "speaker": statement.speaker,
            "quote": statement.appearance.quote,
            "exhibit": self.exhibits.get(statement.appearance.digest),
            "amount": amount_facts(statement.amount),
            "unit": statement.unit,
            "said_at": said.isoformat() if said else None,
        }

    def _relay(self, relay: Relay) -> Facts:
        return {**self._statement(relay.statement), "stance": relay.stance.value, "had_from": relay.had_from}

    def _grade(self, grade: Grade) -> Facts:
        pair = f"{grade.reliability}{grade.credibility}"
        return {"grade": pair, "reason": grade.reason, "author": grade.author.name}

    def _edge(self, edge: Edge) -> Facts:
        facts: Facts = {
            "statement": edge.statement,
            "source": edge.source,
            "ground": edge.ground.value,
            "ordered": edge.is_ordered,
            "rests_on": list(edge.rests_on),
            "reason": self._reason(edge),
        }
        if edge.copied is not None:
            facts["words"] = edge.copied.words
            facts["spans"] = [[span.start, span.end] for span in (edge.copied.in_one, edge.copied.in_other)]
        return facts

    def _reason(self, edge: Edge) -> str | None:
        """What a person said who ruled so."""
        ruled = [one for digest, one in self.said.ruled if digest in edge.rests_on]
        return f"{ruled[0].author.name}: {ruled[0].reason}" if ruled else None

    def _assessments(self, one: WeighedClaim) -> Iterator[tuple[Digest, Assessment]]:
        for name in (one.digest, *one.absorbed):
            yield from self.said.assessments.get(name, ())

    def _assessment(self, digest: Digest, one: Assessment) -> Facts:
        return {
            "assessment": digest,
            "author": one.author.name,
            "status": one.status.value,
            "likelihood": one.likelihood.value if one.likelihood else None,
            "percent": list(LIKELIHOODS[one.likelihood]) if one.likelihood else None,
            "reasons": one.reasons,
            "rests_on": list(one.rests_on),
            "made_at": one.made_at.isoformat(),
            "second_readers": [
                {
                    "reader": found.reader.name,
                    "concurrence": found.concurrence.value,
                    "reasons": found.reasons,
                }
                for found in self.said.rereadings.get(digest, ())
                if found.assessor == one.author
            ],
        }


def amount_facts(amount: Range | None) -> Facts | None:
    """A number as JSON has it."""
    if amount is None:
        return None
    return {
        "low": amount.low,
        "best": amount.best,
        "high": amount.high,
        "qualifier": amount.qualifier.value,
        "text": str(amount),
    }


def _rivals(rivals: Rivals) -> Facts:
    return {
        "hypotheses": [
            {"hypothesis": digest, "text": one.text, "author": one.author.name}
            for digest, one in rivals.hypotheses
        ],
        "evidence": [
            {
                "evidence": row.evidence,
                "diagnosticity": row.diagnosticity.value,
                "bearings": [
                    [
                        {
                            "consistency": bearing.consistency.value,
                            "reason": bearing.reason,
                            "author": bearing.author.name,
                        }
                        for _, bearing in cell
                    ]
                    for cell in row.bearings
                ],
            }
            for row in rivals.rows
        ],
    }
