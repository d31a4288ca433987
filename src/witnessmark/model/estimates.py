"""Estimates: what a person put on record of how many there are in all, or that it cannot be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.values import NO_FACTS, Digest, Facts, Range


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that an estimate starts from: what it is called there, and how many persons it names."""

    name: str
    persons: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many there are in all, on lists and on none, as methods say it of partly overlapping lists.

    `of` says who is counted, in the words of the person who entered it, `stratum` which of them (empty: all).
    `rests_on` are the exhibits: lists, or a table of who is on which. `linked` persons are on at least one of
    `lists`. `amount` is the headline, its best number with the 95 % interval, by `method`, which `assumes`
    something; None if it was refused, and then `reasons` say why. `settings` give the same numbers again, and
    `told` is everything that was said, each method by itself. The latest one of the same persons counts.
    """

    of: str
    rests_on: tuple[Digest, ...]
    lists: tuple[Listed, ...]
    linked: int
    author: Agent
    entered_at: datetime
    stratum: str = ""
    amount: Range | None = None
    method: str = ""
    assumes: str = ""
    reasons: tuple[str, ...] = ()
    settings: Facts = NO_FACTS
    told: Facts = NO_FACTS

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "put an estimate on record")
        if not self.of.strip():
            raise MalformedError("an estimate says of whom it is")
        if not self.rests_on or not self.lists:
            raise MalformedError("an estimate rests on lists that are exhibits")
        if (self.amount is None) != bool(self.reasons):
            raise MalformedError("an estimate has either its number or the reasons why it has none")
        if (self.amount is None) == bool(self.method and self.assumes):
            raise MalformedError("an estimate names its method and what that assumes, and a refusal does not")
