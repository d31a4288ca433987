"""Persons on lists: rows of lists of victims, and people's word on whether two rows name one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.claims import Verdict
from witnessmark.model.values import Digest, Sealed


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One row of a list of people, as the list has it (UCO victim:Victim only after a person linked it).

    `list` is the exhibit, `row` counts from 1 below its header. What stands in the row is personal, so that
    the record only commits to it (see Sealed): `fields` is a JSON list of the cells.
    """

    list: Digest
    row: int
    fields: Sealed

    def __post_init__(self) -> None:
        if self.row < 1:
            raise MalformedError(f"{self.row} is not a row of a list: they count from 1")


@dataclass(frozen=True, slots=True)
class Identification:
    """A person's word on whether two records of lists are of one person, and why. The latest one counts.

    `verdict` is `same`, `different`, or `reject`, which takes an earlier word back.
    """

    one: Digest
    other: Digest
    verdict: Verdict
    reason: str
    author: Agent
    decided_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "say who is who")
        if self.one == self.other:
            raise MalformedError(f"{self.one} is itself: there is nothing to decide")
        if self.verdict not in (Verdict.SAME, Verdict.DIFFERENT, Verdict.REJECT):
            raise MalformedError(
                f"two records are of the same person or of different ones, not {self.verdict}"
            )
        if not self.reason.strip():
            raise MalformedError("a word on who is who needs its reason")
