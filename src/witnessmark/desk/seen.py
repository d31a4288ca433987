"""Seen: what somebody had before them when they wrote, so that nobody overwrites what they have not read.

Nothing on record is ever overwritten; but the latest word counts, and whoever says it should know the
ones before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import (
    Assessment,
    Claim,
    Decision,
    Digest,
    Filing,
    Match,
    Observation,
    Rating,
    Rereading,
)
from witnessmark.model.wire import canonical
from witnessmark.ports import Case

_MOST_NAMED = 5
LAYS_ON = 6
"""The numbers of a map that lays one picture on another; longer ones only bind points to lines."""


class Revision(Protocol):
    """What somebody had seen when they wrote."""

    def check(self, case: Case) -> None:
        """Pass if nothing came in meanwhile; OutdatedError says that something did."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What a word is about: a claim, two exhibits or one, and the revision of it that its author had seen."""

    about: tuple[Digest, ...]
    revision: str

    @classmethod
    def now(cls, case: Case, *about: Digest) -> Seen:
        """A claim (with those merged into it), a pair of exhibits or one exhibit, as it is on record now."""
        return cls(about, _revision(case, about))

    def check(self, case: Case) -> None:
        """Pass if nothing came in meanwhile; OutdatedError says that something did."""
        if _revision(case, self.about) != self.revision:
            raise OutdatedError("somebody else has put a word on record here since you opened this page")


@dataclass(frozen=True, slots=True)
class Unmarked:
    """Exhibits on which nobody put a mark or a rating since an entry of the log."""

    about: tuple[Digest, ...]
    since: int

    def check(self, case: Case) -> None:
        """Pass if nothing came in meanwhile; OutdatedError names the exhibits on which something did."""
        marked = set(_marked_since(case, self.since))
        changed = [one for one in self.about if one in marked]
        if changed:
            told = ", ".join(str(case.exhibit_of(one)) for one in changed[:_MOST_NAMED])
            more = f" and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
            raise OutdatedError(f"somebody has marked {told}{more} since you opened this page")


def _marked_since(case: Case, since: int) -> Iterator[Digest]:
    """The exhibits on which a mark or a rating was put since an entry of the log."""
    for kind in ("observation.entered", "rating.entered", "decision.entered"):
        for index in reversed(case.acts(kind)):
            if index < since:
                break
            for record in case.action(index).generated:
                noun = case.noun(record) if case.entry_of(record) is not None else None
                if isinstance(noun, Decision) and case.entry_of(noun.about) is not None:
                    noun = case.noun(noun.about)  # a label may have been taken back
                if isinstance(noun, Observation | Rating):
                    yield noun.about


def matches_between(case: Case, one: Digest, other: Digest) -> list[tuple[Digest, Match]]:
    """Every likeness on record of two exhibits, those first by which one can be laid on the other."""
    pair = {one, other}
    found = [(name, match) for name, match in case.find(Match, one) if {match.query, match.candidate} == pair]
    return sorted(found, key=lambda each: len(each[1].matrix) != LAYS_ON)


def decisions_on(
    case: Case, one: Digest, other: Digest, matches: Sequence[tuple[Digest, Match]]
) -> list[tuple[Digest, Decision]]:
    """What people decided on two exhibits or on a likeness of them, in the order of the log."""
    pair = {one, other}
    found = {
        record: decision
        for record, decision in case.find(Decision, one)
        if {decision.about, decision.other} == pair
    }
    for name, _ in matches:
        found |= {
            record: decision for record, decision in case.find(Decision, name) if decision.about == name
        }
    return sorted(found.items(), key=lambda each: (case.entry_of(each[0]) or 0, each[0]))


def _revision(case: Case, about: Sequence[Digest]) -> str:
    """A short name of everything that people decided on a thing, or marked on a picture."""
    if len(about) == 2 and all(case.exhibit_of(one) is not None for one in about):
        one, other = sorted(about)
        said = [record for record, _ in decisions_on(case, one, other, matches_between(case, one, other))]
    elif len(about) == 1 and case.exhibit_of(about[0]) is not None:
        marked = [record for record, _ in case.find(Observation, about[0])]
        said = [*marked, *(record for record, _ in case.find(Rating, about[0]))]
    elif about and all(isinstance(case.noun(one), Claim) for one in about):
        assessed = [found for one in about for found in case.find(Assessment, one) if found[1].claim == one]
        again = [record for record, _ in assessed for record, _ in case.find(Rereading, record)]
        filed = [record for one in about for record, _ in case.find(Filing, one)]
        said = [*(record for record, _ in assessed), *again, *filed]
    else:
        raise UsageError("that is neither a claim nor an exhibit nor two of them")
    return Digest.of(canonical(sorted(set(said)))).hex[:16]
