"""How many? Reported numbers, kept as ranges and kept apart by origin.

A number in a report is a statement by someone. A paper that prints a number which another gave it
does not confirm that number: it relays it. So numbers are grouped by origin, the first voice in a
chain of relays, and each origin counts once, however often it is repeated and however often it
revises itself. Nothing is averaged. Where origins contradict each other, the tally says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from witnessmark.model import Digest, Range, Span, Stance, Statement
from witnessmark.weigh.lineage import first_voice, is_echo, on_claim
from witnessmark.weigh.ranges import Bounds, bounds, join, meet

GIVES = frozenset({Stance.ASSERTS, Stance.CONFIRMS, Stance.REPORTS})
"""Stances whose number is put forward; with any other, the number is the one that is questioned."""


class Agreement(StrEnum):
    """How the numbers of several origins lie to each other."""

    NONE_GIVEN = "no number is given"
    ONE_ORIGIN = "only one origin"
    NOT_COMPARABLE = "not comparable"
    AGREE = "agree"
    CONTRADICT = "contradict"


@dataclass(frozen=True, slots=True)
class Given:
    """One number as one statement gives it; `own` if the origin's own words give it, not an echo's."""

    statement: Digest
    amount: Range
    own: bool
    said_at: Span | None


@dataclass(frozen=True, slots=True)
class Origin:
    """One first voice: the numbers it gives, oldest first, and those who merely repeat it."""

    speaker: str
    numbers: tuple[Given, ...]
    relayed_by: tuple[str, ...]
    withdrawn: bool = False

    @property
    def standing(self) -> tuple[Given, ...]:
        """What this origin stands by now: its latest own number, or all that cannot be put in order."""
        own = tuple(given for given in self.numbers if given.own) or self.numbers
        starts = [start for given in own if (start := _start(given)) is not None]
        if len(starts) < len(own):
            return own
        return tuple(given for given in own if _start(given) == max(starts))

    @property
    def bounds(self) -> Bounds | None:
        """The numbers that this origin allows now; None if it states no bounds."""
        stated = [bounds(given.amount) for given in self.standing]
        lows = [one.low for one in stated if one is not None and one.low is not None]
        highs = [one.high for one in stated if one is not None and one.high is not None]
        if None in stated:
            return None
        return Bounds(
            min(lows) if len(lows) == len(stated) else None,
            max(highs) if len(highs) == len(stated) else None,
        )


@dataclass(frozen=True, slots=True)
class Dispute:
    """A voice that names a number only to question it."""

    statement: Digest
    speaker: str
    stance: Stance
    amount: Range


@dataclass(frozen=True, slots=True)
class Tally:
    """What is reported about one quantity, by origin."""

    unit: str | None
    origins: tuple[Origin, ...]
    disputes: tuple[Dispute, ...] = ()

    @property
    def reported(self) -> Range | None:
        """The smallest range that holds every number given; None if nobody gave one."""
        return join(given.amount for origin in self.origins for given in origin.numbers)

    @property
    def agreed(self) -> Range | None:
        """The numbers that every comparable origin allows now; None unless two or more agree."""
        stated = self._comparable()
        return meet(stated) if len(stated) > 1 else None

    @property
    def agreement(self) -> Agreement:
        """Whether the origins agree, contradict each other, or cannot be compared."""
        if not self.origins:
            return Agreement.NONE_GIVEN
        if len(self.origins) == 1:
            return Agreement.ONE_ORIGIN
        if len(self._comparable()) < 2:
            return Agreement.NOT_COMPARABLE
        return Agreement.CONTRADICT if self.agreed is None else Agreement.AGREE

    @property
    def not_compared(self) -> tuple[Origin, ...]:
        """Origins that were left out of the comparison: withdrawn, or without stated bounds."""
        return tuple(one for one in self.origins if one.withdrawn or one.bounds is None)

    def _comparable(self) -> tuple[Bounds, ...]:
        left = (origin.bounds for origin in self.origins if not origin.withdrawn)
        return tuple(stated for stated in left if stated is not None)


def tally(statements: Mapping[Digest, Statement], claim: Digest) -> tuple[Tally, ...]:
    """The numbers given on `claim`, one tally for each unit that they are counted in."""
    numbered = [digest for digest in on_claim(statements, claim) if statements[digest].amount is not None]
    units = {statements[digest].unit for digest in numbered}
    return tuple(
        _tally(statements, unit, tuple(digest for digest in numbered if statements[digest].unit == unit))
        for unit in sorted(units, key=lambda unit: unit or "")
    )


def _tally(statements: Mapping[Digest, Statement], unit: str | None, numbered: tuple[Digest, ...]) -> Tally:
    lineages: dict[str, list[Digest]] = {}
    disputes = []
    for digest in numbered:
        statement = statements[digest]
        if statement.stance in GIVES:
            speaker = statements[first_voice(statements, digest)].speaker
            lineages.setdefault(speaker, []).append(digest)
        elif statement.amount is not None:
            disputes.append(Dispute(digest, statement.speaker, statement.stance, statement.amount))
    origins = tuple(_origin(statements, speaker, lineages[speaker]) for speaker in sorted(lineages))
    return Tally(unit, origins, tuple(sorted(disputes, key=lambda one: (one.speaker, one.statement))))


def _origin(statements: Mapping[Digest, Statement], speaker: str, lineage: list[Digest]) -> Origin:
    numbers = []
    for digest in lineage:
        statement = statements[digest]
        if statement.amount is not None:
            numbers.append(Given(digest, statement.amount, not is_echo(statement), statement.said_at))
    claim = statements[lineage[0]].claim
    echoes = {
        statements[digest].speaker
        for digest in on_claim(statements, claim)
        if is_echo(statements[digest]) and statements[first_voice(statements, digest)].speaker == speaker
    }
    retractions = [
        statement
        for statement in statements.values()
        if statement.speaker == speaker and statement.claim == claim and statement.stance is Stance.RETRACTS
    ]
    return Origin(
        speaker,
        tuple(sorted(numbers, key=_oldest_first)),
        tuple(sorted(echoes - {speaker})),
        _is_withdrawn(numbers, retractions),
    )


def _is_withdrawn(numbers: list[Given], retractions: list[Statement]) -> bool:
    """Whether the origin took its number back and is not known to have given one since."""
    if not retractions:
        return False
    given = [start for one in numbers if (start := _start(one)) is not None]
    taken_back = [start for one in retractions if (start := _start(one)) is not None]
    return len(taken_back) < len(retractions) or not given or max(taken_back) >= max(given)


def _start(said: Given | Statement) -> datetime | None:
    if said.said_at is None:
        return None
    return said.said_at.start or said.said_at.end


def _oldest_first(given: Given) -> tuple[bool, str, bool, Digest]:
    start = _start(given)
    return (start is None, start.astimezone(UTC).isoformat() if start else "", not given.own, given.statement)
