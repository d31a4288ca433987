"""What weighing gives: voices with their relays, and numbers by origin; a description and no verdict.

These are no records: they follow from the statements and the decisions of people, and are made again
whenever one of those changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from witnessmark.model.claims import Claim, Decision, Hypothesis, Stance, Statement
from witnessmark.model.readings import Match
from witnessmark.model.rulings import Affiliation, Bearing, Filing, Tie
from witnessmark.model.values import Digest, Range, Span, TextSpan


@dataclass(frozen=True, slots=True)
class Relay:
    """One who passes a voice on, how far from it, and from whom they had it."""

    statement: Digest
    speaker: str
    stance: Stance
    had_from: str
    steps: int


@dataclass(frozen=True, slots=True)
class Voice:
    """A first voice on a claim: what it does with the claim, and who relays it, nearest first.

    With an `amount` the stance is towards that number, not towards the words of the claim: two voices
    who each assert a number need not assert the same.
    """

    statement: Digest
    speaker: str
    stance: Stance
    relays: tuple[Relay, ...]
    amount: Range | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The whole numbers from `low` to `high`, both included; None where no bound was stated."""

    low: int | None
    high: int | None


class Agreement(StrEnum):
    """How the numbers of several origins lie to each other."""

    NONE_GIVEN = "no number is given"
    ONE_ORIGIN = "only one origin"
    NOT_COMPARABLE = "not comparable"
    AGREE = "agree"
    CONTRADICT = "contradict"


@dataclass(frozen=True, slots=True)
class Given:
    """One number as one statement gives it, with the bounds that it states.

    `first` is the first voice's statement; where it is not `statement` itself, an echo gives the number.
    """

    statement: Digest
    first: Digest
    speaker: str
    amount: Range
    bounds: Bounds | None
    said_at: Span | None = None

    @property
    def is_own(self) -> bool:
        """Whether the first voice's own words give the number."""
        return self.statement == self.first


@dataclass(frozen=True, slots=True)
class Origin:
    """One first voice: its numbers, oldest first, which of them stand now, and those who repeat it.

    `bounds` is what it allows now; None if it states no bounds or has withdrawn its number.
    """

    speaker: str
    numbers: tuple[Given, ...]
    standing: tuple[Given, ...]
    bounds: Bounds | None
    relayed_by: tuple[str, ...]
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A voice that names a number only to question it."""

    statement: Digest
    speaker: str
    stance: Stance
    amount: Range
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What is reported about one quantity.

    `reported` is the smallest range that holds every number given, `agreed` what every comparable origin
    allows now, and `not_compared` those without bounds.
    """

    unit: str | None
    origins: tuple[Origin, ...]
    disputes: tuple[Dispute, ...]
    agreement: Agreement
    reported: Range | None
    agreed: Range | None

    @property
    def not_compared(self) -> tuple[Origin, ...]:
        """Origins that were left out of the comparison: withdrawn, or without stated bounds."""
        return tuple(one for one in self.origins if one.bounds is None)


@dataclass(frozen=True, slots=True)
class Copied:
    """A passage that stands in two texts, word for word or nearly: where, in code points, and how long.

    `runs` are the stretches that agree word for word, each with its place in both texts.
    """

    one: Digest
    other: Digest
    runs: tuple[tuple[TextSpan, TextSpan], ...]
    words: int

    @property
    def in_one(self) -> TextSpan:
        """From the first word to the last in the first text."""
        return TextSpan(self.runs[0][0].start, self.runs[-1][0].end)

    @property
    def in_other(self) -> TextSpan:
        """From the first word to the last in the second text."""
        return TextSpan(self.runs[0][1].start, self.runs[-1][1].end)


class Ground(StrEnum):
    """On what it rests that one statement depends on another."""

    RELAY = "passes it on"
    VOICE = "the same voice"
    BODY = "the same body"
    PICTURE = "the same picture"
    PASSAGE = "a copied passage"
    CIRCLE = "they cite each other"
    RULING = "a person's word"


@dataclass(frozen=True, slots=True)
class Edge:
    """One statement that depends on another, and on what that rests.

    `rests_on` are the records or objects to look at. Where `is_ordered`, `source` is known to be the
    earlier one or the one that is passed on; else only that they depend on each other is known.
    """

    statement: Digest
    source: Digest
    ground: Ground
    rests_on: tuple[Digest, ...]
    is_ordered: bool = False
    copied: Copied | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Statements that go back to one knowledge of things, and the edges that hold them together.

    `name` is a letter, or several; `head` is the statement that the others come from, as far as known.
    """

    name: str
    head: Digest
    statements: tuple[Digest, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Circle:
    """Sources who cite each other on one claim, so that none of them is the first; with the statements."""

    claim: Digest
    sources: tuple[str, ...]
    statements: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Lineages:
    """All lineages, the circles that the texts show, and relays dated before what they pass on."""

    lineages: tuple[Lineage, ...]
    circles: tuple[Circle, ...] = ()
    too_early: tuple[Digest, ...] = ()

    def names(self) -> dict[Digest, str]:
        """For each statement the name of the lineage that it belongs to."""
        return {digest: one.name for one in self.lineages for digest in one.statements}


class DraftStatus(StrEnum):
    """What the record comes to by the stated rules, before a person has assessed it."""

    NOT_CHECKABLE = "not checkable"
    UNCORROBORATED = "uncorroborated"
    CORROBORATED = "corroborated"
    CONTESTED = "contested"
    CONTRADICTED = "contradicted by evidence"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft status with the rule that gave it.

    `lineages` counts those that put the claim forward, `against` those that deny or doubt it, and
    `evidence` names what a person found inconsistent with it.
    """

    status: DraftStatus
    lineages: int
    against: int
    rule: str
    evidence: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class Rivals:
    """The rival explanations of one claim, and how each piece of evidence lies to each of them."""

    hypotheses: tuple[tuple[Digest, Hypothesis], ...]
    rows: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence: what people say of it to each hypothesis, and whether it tells them apart.

    `bearings` has an entry for each hypothesis, in their order: the latest word of each person.
    """

    evidence: Digest
    bearings: tuple[tuple[tuple[Digest, Bearing], ...], ...]
    diagnosticity: Diagnosticity


class Diagnosticity(StrEnum):
    """Whether a piece of evidence tells rival explanations apart."""

    TELLS_APART = "tells them apart"
    HARDLY = "hardly tells them apart"
    NOT_AT_ALL = "fits them all alike"
    NOT_WEIGHED = "not weighed against all"


@dataclass(frozen=True, slots=True)
class WeighedClaim:
    """A claim with its voices and numbers, and two drafts: who takes which stance, and what that comes to.

    `absorbed` are the claims that people merged into this one.
    """

    digest: Digest
    claim: Claim
    voices: tuple[Voice, ...]
    draft: str
    tallies: tuple[Tally, ...]
    drafted: Drafted
    rivals: Rivals
    absorbed: tuple[Digest, ...] = ()


def _none() -> Mapping[Digest, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Carried:
    """The pictures that came with a text as one piece, and whose text it says it is: byline and outlet."""

    authors: tuple[str, ...]
    pictures: tuple[Digest, ...]


def _none_carried() -> Mapping[Digest, Carried]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rulings:
    """What people ruled, each kind in the order of the log."""

    decisions: tuple[Decision, ...] = ()
    filings: tuple[Filing, ...] = ()
    ties: tuple[Tie, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    bearings: tuple[Bearing, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else shows who has it from whom.

    `texts` are the readable texts by their digest, `carried` goes by the exhibit of the text, and
    `matches` are the likenesses of pictures with their records.
    """

    texts: Mapping[Digest, str] = field(default_factory=_none)
    carried: Mapping[Digest, Carried] = field(default_factory=_none_carried)
    matches: tuple[tuple[Digest, Match], ...] = ()


def _none_under() -> Mapping[Digest, Digest]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Weighing:
    """All claims as weighed, the statements that count, and who has it from whom.

    `waiting` statements were read by a program and not yet by a person; `rejected` ones a person refused.
    `under` is the claim that each statement counts under now.
    """

    claims: tuple[WeighedClaim, ...]
    statements: Mapping[Digest, Statement]
    waiting: int = 0
    rejected: int = 0
    lineages: Lineages = Lineages(())
    under: Mapping[Digest, Digest] = field(default_factory=_none_under)
