"""Claims: who says what, through whom, and what a person makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.rulings import Likelihood
from witnessmark.model.values import Digest, Place, Range, Span, TextSpan


class Stance(StrEnum):
    """What a source does with a claim; no two are ever collapsed into one."""

    ASSERTS = "asserts"
    CONFIRMS = "confirms"
    DENIES = "denies"
    DOUBTS = "doubts"
    CANNOT_VERIFY = "cannot_verify"
    DECLINES_TO_CONFIRM = "declines_to_confirm"
    UNDER_VERIFICATION = "under_verification"
    CONDITIONAL = "conditional"
    RETRACTS = "retracts"
    REPORTS = "reports"


class Topic(StrEnum):
    """What a claim is about."""

    AUTHENTICITY = "authenticity"
    NUMBER = "number"
    VICTIMS = "victims"
    PERPETRATOR = "perpetrator"
    PLACE = "place"
    TIME = "time"
    EQUIPMENT = "equipment"
    COMPARISON = "comparison"
    OTHER = "other"


class Status(StrEnum):
    """Where a person puts a claim after weighing what speaks for it and against it."""

    SUPPORTED = "supported"
    CONTESTED = "contested"
    UNSUPPORTED = "unsupported"
    REFUTED = "refuted"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Event:
    """What the claims are about (UCO Event); `name` is the desk's handle for it."""

    name: str
    when: Span | None = None
    where: Place | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that can be so or not, put neutrally (schema:Claim)."""

    event: Digest
    topic: Topic
    text: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where words stand: the sealed object, and the exact words in its readable text.

    `span` counts code points in the object `text` (the readable text, itself a kept copy);
    `source_span` counts bytes in the sealed original, where the text maps back to it.
    """

    digest: Digest
    quote: str
    text: Digest
    span: TextSpan
    source_span: TextSpan | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One voice's words on one claim. `relays` names the statement that this one passes on."""

    speaker: str
    claim: Digest
    stance: Stance
    appearance: Appearance
    read_by: Agent
    read_at: datetime
    amount: Range | None = None
    unit: str | None = None
    certainty: str | None = None
    relays: Digest | None = None
    said_at: Span | None = None

    def __post_init__(self) -> None:
        if not self.speaker.strip():
            raise MalformedError("a statement needs its speaker")


class Verdict(StrEnum):
    """What a person decides about something that a machine or a colleague proposed, or about two exhibits."""

    ACCEPT = "accept"
    REJECT = "reject"
    SAME = "same"
    DERIVED = "derived"
    SAME_SCENE = "same scene"
    DIFFERENT = "different"


OF_PAIRS = (Verdict.SAME, Verdict.DERIVED, Verdict.SAME_SCENE, Verdict.DIFFERENT)
"""What can be decided about two exhibits."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a match, a proposed statement or two exhibits, and why. The latest one counts.

    With `other` it is about two exhibits, whether or not a program ever found them alike; with the verdict
    `derived`, `about` was made from `other`.
    """

    about: Digest
    verdict: Verdict
    reason: str
    author: Agent
    decided_at: datetime
    other: Digest | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "decide")
        if self.other is None:
            return
        if self.other == self.about:
            raise MalformedError(f"{self.about} is itself: there is nothing to decide")
        if self.verdict not in OF_PAIRS:
            raise MalformedError(f"two exhibits are {', '.join(OF_PAIRS)}, not {self.verdict.value!r}")
        if not self.reason.strip():
            raise MalformedError("a decision on two exhibits needs its reason")


@dataclass(frozen=True, slots=True)
class Grade:
    """An Admiralty pair: reliability of the source A to F, credibility of the information 1 to 6."""

    about: Digest
    reliability: str
    credibility: int
    reason: str
    author: Agent
    graded_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "grade")
        if self.reliability not in tuple("ABCDEF") or self.credibility not in range(1, 7):
            raise MalformedError(f"{self.reliability}{self.credibility} is not a pair from A1 to F6")
        if not self.reason.strip():
            raise MalformedError("a grade needs its reason")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """An explanation that a person wants pursued, rival ones beside it.

    With a `claim` it explains how things stand with that claim, else what happened as a whole.
    """

    event: Digest
    text: str
    author: Agent
    proposed_at: datetime
    claim: Digest | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "put forward a hypothesis")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a person concludes about a claim, on what, and why (schema:ClaimReview).

    `likelihood` says how likely the claim is, where the person wants to say that too (ICD 203).
    """

    claim: Digest
    author: Agent
    status: Status
    reasons: str
    rests_on: tuple[Digest, ...]
    made_at: datetime
    likelihood: Likelihood | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "assess")
        if not self.reasons.strip() or not self.rests_on:
            raise MalformedError("an assessment needs its reasons and what it rests on")
