"""Readings: what machines measured and what people marked on an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, AgentKind
from witnessmark.model.values import NO_FACTS, Digest, Facts, Moment, Range, Region


class Basis(StrEnum):
    """Whether a finding was read off the bytes or concluded from them."""

    OBSERVED = "observed"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examiner measured on one object, with the limits of the method. Never a verdict."""

    about: Digest
    examiner: str
    property: str
    value: Facts
    limits: str
    basis: Basis = Basis.OBSERVED

    def __post_init__(self) -> None:
        if not self.limits.strip():
            raise MalformedError(
                f"the finding {self.property!r} of {self.examiner} does not state its limits"
            )


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Two places that show the same: one in the query, one in the candidate (pixels or code points)."""

    query: tuple[float, float]
    candidate: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Match:
    """A likeness of two objects that a method found, with the reason shown.

    `distance` is in the units of the method (Hamming bits for PDQ, 0 for exact). `matrix` maps
    upright query pixels to candidate pixels, row by row, if the method found it.
    """

    query: Digest
    candidate: Digest
    method: str
    distance: int
    transform: str
    reason: str
    limits: str
    matrix: tuple[float, ...] = ()
    correspondences: tuple[Correspondence, ...] = ()
    measured: Facts = NO_FACTS

    def __post_init__(self) -> None:
        if self.query == self.candidate:
            raise MalformedError(f"{self.query} cannot match itself")


class Purpose(StrEnum):
    """Why a person marked a region: what the mark says."""

    EQUIPMENT = "equipment"
    CLOTHING = "clothing"
    COUNT = "count"
    PLACE = "place"
    NOTE = "note"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class Observation:
    """What a person saw on a picture or in a recording (a W3C Web Annotation when exported).

    No region: the whole picture. No moment: the whole recording. The region of a moment is one of its frames.
    """

    about: Digest
    purpose: Purpose
    author: Agent
    observed_at: datetime
    text: str = ""
    region: Region | None = None
    amount: Range | None = None
    moment: Moment | None = None

    def __post_init__(self) -> None:
        if self.author.kind is not AgentKind.PERSON:
            raise MalformedError(f"{self.author.name} is not a person and cannot observe")
        if self.purpose is Purpose.MASK and self.region is None:
            raise MalformedError("a mask needs a region")
        if self.purpose is Purpose.COUNT and self.amount is None:
            raise MalformedError("a count needs its number")


@dataclass(frozen=True, slots=True)
class Rating:
    """How graphic an object or a region of it is, in a person's judgement: 0 none to 4 extreme."""

    about: Digest
    level: int
    author: Agent
    rated_at: datetime
    region: Region | None = None

    def __post_init__(self) -> None:
        if self.author.kind is not AgentKind.PERSON:
            raise MalformedError(f"{self.author.name} is not a person and cannot rate")
        if type(self.level) is not int or self.level not in range(5):
            raise MalformedError(f"{self.level} is not a level from 0 (none) to 4 (extreme)")
