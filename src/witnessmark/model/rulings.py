"""Rulings: what people decide about claims, about who has it from whom, and about each other's assessments.

Each is a record and says why. Nothing is edited: the latest ruling on the same thing counts, and the
earlier ones stay on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.values import Digest


@dataclass(frozen=True, slots=True)
class Filing:
    """A person's word on the claim that something is counted under.

    `about` is a statement that is moved, with those that pass it on, or a claim that is merged into
    another. A claim filed under itself stands alone again.
    """

    about: Digest
    claim: Digest
    reason: str
    author: Agent
    filed_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "file a statement or a claim")
        _must_say_why(self.reason, "a filing")


class Dependence(StrEnum):
    """Whether one has what it says from another."""

    DEPENDENT = "dependent"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True)
class Tie:
    """A person's word on whether a statement has it from `source`.

    `source` is another statement, or an exhibit that both look at, such as a picture that they describe.
    """

    statement: Digest
    source: Digest
    dependence: Dependence
    reason: str
    author: Agent
    tied_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "say who has it from whom")
        _must_say_why(self.reason, "a tie")
        if self.statement == self.source:
            raise MalformedError(f"{self.statement} cannot depend on itself")


class Bond(StrEnum):
    """How a source belongs to a body; `separate from` takes an earlier word back."""

    SPEAKS_FOR = "speaks for"
    OWNED_BY = "owned by"
    SEPARATE = "separate from"


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A person's word that a source speaks for a body, or has an owner; both as statements name them."""

    source: str
    body: str
    bond: Bond
    reason: str
    author: Agent
    stated_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "say to whom a source belongs")
        _must_say_why(self.reason, "an affiliation")
        if not self.source.strip() or not self.body.strip() or self.source == self.body:
            raise MalformedError(f"{self.source!r} and {self.body!r} are not a source and another body")


class Consistency(StrEnum):
    """How a piece of evidence lies to a hypothesis (Heuer's analysis of competing hypotheses)."""

    STRONGLY_CONSISTENT = "strongly consistent"
    CONSISTENT = "consistent"
    NEUTRAL = "neutral"
    INCONSISTENT = "inconsistent"
    STRONGLY_INCONSISTENT = "strongly inconsistent"


@dataclass(frozen=True, slots=True)
class Bearing:
    """A person's word on how a piece of evidence lies to a hypothesis, or to a claim as it is put.

    `evidence` is any record or object: a statement, a finding, a match, an observation, an exhibit.
    """

    on: Digest
    evidence: Digest
    consistency: Consistency
    reason: str
    author: Agent
    judged_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "weigh evidence")
        _must_say_why(self.reason, "a bearing")
        if self.on == self.evidence:
            raise MalformedError(f"{self.on} is no evidence for itself")


class Likelihood(StrEnum):
    """Words for how likely something is, as ICD 203 defines them; `LIKELIHOODS` has their percentages."""

    ALMOST_NO_CHANCE = "almost no chance"
    VERY_UNLIKELY = "very unlikely"
    UNLIKELY = "unlikely"
    ROUGHLY_EVEN = "roughly even chance"
    LIKELY = "likely"
    VERY_LIKELY = "very likely"
    ALMOST_CERTAIN = "almost certain"


LIKELIHOODS: Mapping[Likelihood, tuple[int, int]] = {
    Likelihood.ALMOST_NO_CHANCE: (1, 5),
    Likelihood.VERY_UNLIKELY: (5, 20),
    Likelihood.UNLIKELY: (20, 45),
    Likelihood.ROUGHLY_EVEN: (45, 55),
    Likelihood.LIKELY: (55, 80),
    Likelihood.VERY_LIKELY: (80, 95),
    Likelihood.ALMOST_CERTAIN: (95, 99),
}
"""The percentages that each word stands for (ICD 203, Analytic Standards, of 2015)."""


class Concurrence(StrEnum):
    """What a second reader makes of an assessment."""

    CONCURS = "concurs"
    DISSENTS = "dissents"


@dataclass(frozen=True, slots=True)
class Rereading:
    """What a second person makes of an assessment; `assessor` is its author, who cannot be the reader."""

    assessment: Digest
    assessor: Agent
    reader: Agent
    concurrence: Concurrence
    reasons: str
    read_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.reader, "read an assessment for the second time")
        _must_say_why(self.reasons, "a second reading")
        if self.reader.name.casefold() == self.assessor.name.casefold():
            raise MalformedError(f"{self.reader.name} wrote this assessment and cannot be its second reader")


def _must_say_why(reason: str, what: str) -> None:
    if not reason.strip():
        raise MalformedError(f"{what} needs its reason")
