"""Comments: what people say to each other about what they work on, and who took on what.

They are records like all others, so that who knew and asked what can be told later. No brief shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.values import Digest

LONGEST_COMMENT = 4_000
LONGEST_TASK = 300


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person says about an exhibit or a claim; `answers` is the comment that it goes on from.

    `mentions` are the pseudonyms of those whom it is for.
    """

    about: Digest
    text: str
    author: Agent
    said_at: datetime
    mentions: tuple[str, ...] = ()
    answers: Digest | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "comment on anything")
        if not 0 < len(self.text.strip()) <= LONGEST_COMMENT:
            raise MalformedError(f"a comment has 1 to {LONGEST_COMMENT:,} signs")
        if len(set(self.mentions)) != len(self.mentions) or not all(name.strip() for name in self.mentions):
            raise MalformedError("a comment mentions each person once, by name")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is to see to an exhibit or a claim, and what is to be done; with nobody, it is done or dropped.

    The latest one on the same thing counts.
    """

    about: Digest
    task: str
    author: Agent
    assigned_at: datetime
    to: Agent | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "assign work")
        if self.to is not None:
            must_be_a_person(self.to, "be given work")
        if not 0 < len(self.task.strip()) <= LONGEST_TASK:
            raise MalformedError(f"an assignment says what is to be done, in 1 to {LONGEST_TASK} signs")
