"""Arranging claims: one merged into another, a statement moved, one split off, and each of these taken back.

Nothing is edited: each is a ruling with its reason, and taking one back is a further ruling that puts in
force again what counted before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from witnessmark.desk.sidecar import Line
from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import Claim, Digest, Filing, Statement
from witnessmark.ports import Case

_NEW = "split off"


@dataclass(frozen=True, slots=True)
class Unfiled:
    """Claims and statements that nobody merged, moved or split since an entry of the log."""

    about: tuple[Digest, ...]
    since: int

    def check(self, case: Case) -> None:
        """Pass if nobody did; OutdatedError says that somebody did."""
        wanted = frozenset(self.about)
        for index in reversed(case.acts("filing.entered")):
            if index < self.since:
                return
            for record in case.action(index).generated:
                noun = case.noun(record)
                if isinstance(noun, Filing) and wanted & {noun.about, noun.claim}:
                    raise OutdatedError("somebody else has merged or moved this since you opened this page")


def moved(about: Digest, claim: Digest, reason: str) -> list[Line]:
    """A claim merged into another, or a statement counted under another claim."""
    return [Line("the ruling", {"kind": "filing", "about": about, "claim": claim, "reason": reason})]


def split_off(case: Case, about: Digest, text: str, reason: str) -> list[Line]:
    """A statement counted under a new claim, which is about the same event and topic as its own."""
    said = case.noun(about)
    if not isinstance(said, Statement):
        raise UsageError("a statement is split off to a claim of its own; a merged claim stands alone again")
    own = case.noun(said.claim)
    if not isinstance(own, Claim):
        raise UsageError(f"the claim of {about} is not on record any more")
    new = {"kind": "claim", "id": _NEW, "event": own.event, "topic": own.topic.value, "text": text}
    return [
        Line("the new claim", new),
        Line("the ruling", {"kind": "filing", "about": about, "claim": _NEW, "reason": reason}),
    ]


@dataclass(frozen=True, slots=True)
class Latest:
    """The ruling that somebody takes back, as long as it is the latest one on its thing."""

    record: Digest
    filing: Filing

    def check(self, case: Case) -> None:
        """Pass if it still is; OutdatedError says that a later one stands."""
        if case.entry_of(self.record) is None or _around(case, self.record, self.filing)[1]:
            raise OutdatedError("a later ruling on the same thing stands", advice="take that one back first")


def taken_back(case: Case, record: Digest, reason: str) -> tuple[list[Line], Latest]:
    """What puts in force again what counted before a ruling, to be entered as long as that is the latest."""
    filing = case.noun(record) if case.entry_of(record) is not None else None
    if not isinstance(filing, Filing):
        raise UsageError(f"{record} is no ruling on what counts under which claim")
    latest = Latest(record, filing)
    latest.check(case)
    before, _ = _around(case, record, filing)
    claim = before[-1].claim if before else _own_claim(case, filing.about)
    if claim == filing.claim:
        raise UsageError("it counts there anyway, so there is nothing to take back")
    return moved(filing.about, claim, f"taken back: {reason}" if reason.strip() else ""), latest


def _around(case: Case, record: Digest, filing: Filing) -> tuple[Sequence[Filing], Sequence[Filing]]:
    """The rulings on the same thing before one and after it."""
    every = [(name, one) for name, one in case.find(Filing, filing.about) if one.about == filing.about]
    place = [name for name, _ in every].index(record)
    rulings = [one for _, one in every]
    return rulings[:place], rulings[place + 1 :]


def _own_claim(case: Case, about: Digest) -> Digest:
    """Under what something counts of which nobody ruled."""
    noun = case.noun(about)
    return noun.claim if isinstance(noun, Statement) else about
