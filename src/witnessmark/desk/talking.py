"""Talking: comments and assignments on a thing, and those that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from witnessmark.desk.claims import Claims
from witnessmark.errors import OutdatedError
from witnessmark.model import Assignment, Comment, Digest
from witnessmark.model.wire import digest_of
from witnessmark.ports import Case

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said on a thing, oldest first, answers after what they answer; and who is to see to it."""

    comments: tuple[tuple[Digest, Comment, int], ...]
    assigned: Assignment | None

    @property
    def revision(self) -> str:
        """The name of the assignment that counts; empty if nobody was given anything."""
        return "" if self.assigned is None else digest_of(self.assigned)


NOTHING_SAID = Talk((), None)


@dataclass(frozen=True, slots=True)
class SeenAssigned:
    """The assignment on a thing that somebody had seen, by name; empty for none."""

    about: tuple[Digest, ...]
    record: str

    def check(self, case: Case) -> None:
        """Pass if it is still the latest one; OutdatedError says that it is not."""
        if talk_on(case, *self.about).revision != self.record:
            raise OutdatedError("somebody else has assigned this since you opened this page")


def talk_on(case: Case, *about: Digest) -> Talk:
    """The talk on a thing; of a claim with those that were merged into it, on any of them."""
    said = [found for one in about for found in case.find(Comment, one) if found[1].about == one]
    said = sorted(dict(said).items(), key=lambda one: one[1].said_at)
    assigned = [one for name in about for _, one in case.find(Assignment, name)]
    latest = max(assigned, key=lambda one: one.assigned_at, default=None)
    return Talk(tuple(_threaded(said)), latest if latest is not None and latest.to is not None else None)


def waits_for(case: Case, name: str, claims: Claims | None) -> Facts:
    """What a person was given to do, and the comments for them that they have not answered, newest first.

    Without `claims`, which are being weighed then, it is not told which claim something is about.
    """
    latest = {one.about: one for _, one in case.find(Assignment)}
    mine = [one for one in latest.values() if one.to is not None and one.to.name == name]
    said = case.find(Comment)
    answered = {one.answers for _, one in said if one.author.name == name}
    called = [(record, one) for record, one in said if name in one.mentions and record not in answered]
    numbered = () if claims is None else claims.called(None)
    numbers = {under: number for number, one in numbered for under in (one.digest, *one.absorbed)}
    return {
        "assigned": [{**_told(one), **where(case, numbers, one.about)} for one in mine],
        "mentions": [
            {
                "record": record,
                "author": one.author.name,
                "said_at": one.said_at,
                "text": one.text,
                **where(case, numbers, one.about),
            }
            for record, one in reversed(called)
        ],
    }


def where(case: Case, numbers: dict[Digest, int], about: Digest) -> Facts:
    """The exhibit or the claim that something is about, as people call it."""
    return {"exhibit": case.exhibit_of(about), "claim": numbers.get(about)}


def _threaded(said: Sequence[tuple[Digest, Comment]]) -> Iterator[tuple[Digest, Comment, int]]:
    """Each comment with how deep it stands below the one that began; an answer to what was erased begins."""
    names = {record for record, _ in said}
    stack = [(record, one, 0) for record, one in reversed(said) if one.answers not in names]
    while stack:
        record, one, depth = stack.pop()
        yield record, one, depth
        stack += [(other, each, depth + 1) for other, each in reversed(said) if each.answers == record]


def _told(one: Assignment) -> Facts:
    return {"task": one.task, "author": one.author.name, "assigned_at": one.assigned_at}
