"""What weighing gives: voices with their relays, and numbers by origin; a description and no verdict.

These are no records: they follow from the statements and the decisions of people, and are made again
whenever one of those changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from witnessmark.model.claims import Claim, Stance, Statement
from witnessmark.model.values import Digest, Range, Span


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
class WeighedClaim:
    """A claim with its voices, its numbers, and a draft: how many separate voices take which stance."""

    digest: Digest
    claim: Claim
    voices: tuple[Voice, ...]
    draft: str
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """All claims as weighed, and the statements that count.

    `waiting` statements were read by a program and not yet by a person; `rejected` ones a person refused.
    """

    claims: tuple[WeighedClaim, ...]
    statements: Mapping[Digest, Statement]
    waiting: int = 0
    rejected: int = 0
