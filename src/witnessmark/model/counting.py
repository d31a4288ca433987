"""Counting: how many can be told apart on pictures, and what people say on how marks are to be counted.

Only `Counting` is a record. What is counted follows from the marks, the registered pictures and those words,
and is made again whenever one of them changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.values import Digest, Range, Region

ASSUMED = (
    "It is assumed that nothing moved between pictures that were registered to each other, and that each "
    "mark was set within the reach that is given. Say what moved, what may be one and what may be none: it "
    "lowers the number. It disproves no higher one."
)
"""What stands beside every number that was counted on pictures."""


class Manner(StrEnum):
    """How marks or pictures are to be counted, by a person; all but the first can only lower a count."""

    APART = "apart"
    MOVED = "moved"
    MAY_BE_ONE = "may be one"
    MAY_BE_NONE = "may be none"
    AS_MARKED = "as marked"


@dataclass(frozen=True, slots=True)
class Counting:
    """A person's word on how something is to be counted. The latest one on the same thing counts.

    `apart`: nothing marked on one picture is marked on the other too. `moved`: between two pictures things
    may have moved. `may be one`: two marks may be one thing, partly hidden. `may be none`: a mark may be
    nothing of what is counted. `as marked` takes an earlier word back.
    """

    about: Digest
    manner: Manner
    reason: str
    author: Agent
    said_at: datetime
    other: Digest | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "say how marks are counted")
        if not self.reason.strip():
            raise MalformedError("a word on how marks are counted needs its reason")
        if self.about == self.other:
            raise MalformedError(f"{self.about} is itself: there is nothing to say")
        if self.manner is Manner.MAY_BE_NONE and self.other is not None:
            raise MalformedError(f"{self.manner.value!r} is said of one mark, not of two")
        if self.manner in (Manner.APART, Manner.MOVED, Manner.MAY_BE_ONE) and self.other is None:
            raise MalformedError(f"{self.manner.value!r} is said of two, not of one")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a person marked on a picture to be counted.

    `record` is the observation, `kind` what is counted, `side` the longer side of the upright picture in
    pixels. A mark without a region stands for the whole picture.
    """

    record: Digest
    picture: Digest
    kind: str
    amount: Range
    author: str
    side: float
    region: Region | None = None


class Ground(StrEnum):
    """Why two marks cannot be one thing."""

    ONE_PICTURE = "on one picture"
    LINE = "off its line"
    PLACE = "off its place"
    WORD = "a person's word"


@dataclass(frozen=True, slots=True)
class Floor:
    """How many of a kind can be told apart on some pictures.

    `members` are the marks of the minimum, all of them provably distinct; `least` is what they come to at
    least, `bound` what no such set of marks can exceed (more than `least` only if the search ended early),
    and `amount` what the observers gave for just these marks. `single` is the best that one picture gives,
    `merged` an estimate with what is likely one thing merged, `naive` the sum of all that was marked.
    `grounds` says how many pairs of members are distinct for which reason.
    """

    pictures: tuple[Digest, ...]
    members: tuple[Digest, ...]
    least: int
    bound: int
    amount: Range
    single: int
    merged: int
    naive: int
    grounds: Mapping[Ground, int]


@dataclass(frozen=True, slots=True)
class FloorOfKind:
    """What can be counted of one kind: everywhere, place by place, and scene by scene.

    A scene is what pictures registered to each other show, a place what a person says is one. `whole` adds up
    only what a person said is apart, and else takes the largest. `unclear` are marks without a lower bound,
    which count for nothing; `not_believed` are words that pictures contradict.
    """

    kind: str
    whole: Floor
    places: tuple[Floor, ...]
    scenes: tuple[Floor, ...]
    unclear: tuple[Digest, ...] = ()
    not_believed: tuple[Counting, ...] = ()
