"""Groups: which exhibits are one picture, one scene or one stretch of video, and which was known first.

These are no records: they follow from the matches and from what people decided on them, and are made again
whenever they are wanted. Kinds are never mixed: one place seen twice is not one picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.model.values import Digest


class Kinship(StrEnum):
    """In what way exhibits belong together."""

    SAME_BYTES = "same bytes"
    SAME_PICTURE = "same picture"
    SAME_SEGMENT = "same video segment"
    SAME_SCENE = "same scene"


@dataclass(frozen=True, slots=True)
class Link:
    """What joins two exhibits, or would: a match that a program found, or a person's decision (`by`)."""

    one: Digest
    other: Digest
    record: Digest
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Overruled:
    """A link that does not count, and the decisions of people that say so."""

    link: Link
    decisions: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An exhibit in a group; as a part, if what it shares with the others is less than half of it.

    A collage so belongs to the group of each picture in it, and does not make them one.
    """

    digest: Digest
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Exhibits that belong together in one way, what joins them, and what a person took out."""

    kinship: Kinship
    members: tuple[Member, ...]
    links: tuple[Link, ...] = ()
    overruled: tuple[Overruled, ...] = ()

    @property
    def digests(self) -> frozenset[Digest]:
        """The exhibits in it."""
        return frozenset(member.digest for member in self.members)


class TimeEvidence(StrEnum):
    """Where a time comes from; times of different origin are never put into one order."""

    SEALED = "sealed here"
    IN_FILE = "time in the file"
    POSTED = "stated posting time"


NOT_PROVED = {
    TimeEvidence.SEALED: "The bytes existed by then. It does not prove when the picture was taken, by whom, "
    "or that no older copy exists outside this case.",
    TimeEvidence.IN_FILE: "The file says so. Camera clocks are often wrong, and anyone can write a time "
    "into a file: it proves nothing by itself.",
    TimeEvidence.POSTED: "A page or a message says so. Whoever publishes can write any date, and a page can "
    "get another picture later: it proves nothing by itself.",
}
"""What each kind of evidence is worth, and what it does not prove."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that speaks of an exhibit, as it was given.

    `at` is that time in UTC; without an offset in what was `written` it is taken as if it were, and
    `is_zoned` is false: the true one may lie up to 14 hours off. `source` is the record or the object that
    it stands in, `entry` the log entry, `not_later_than` when someone outside first vouched for that entry.
    """

    digest: Digest
    evidence: TimeEvidence
    at: datetime
    written: str
    label: str
    source: Digest
    is_zoned: bool = True
    entry: int | None = None
    not_later_than: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """A group with its name, and every time that speaks of its members: by kind, the oldest first."""

    name: str
    group: Group
    sightings: tuple[Sighting, ...] = ()

    def oldest(self) -> tuple[Sighting, ...]:
        """The oldest of each kind of evidence; none of them is called the oldest of all."""
        first: dict[TimeEvidence, Sighting] = {}
        for one in self.sightings:
            first.setdefault(one.evidence, one)
        return tuple(first[evidence] for evidence in TimeEvidence if evidence in first)
