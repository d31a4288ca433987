"""How many? Reported numbers, kept as ranges and kept apart by origin.

A number in a report is a statement by someone. A paper that prints a number which another gave it
does not confirm that number: it relays it. So numbers are grouped by origin, the first voice in a
chain of relays, and each origin counts once, however often it is repeated and however often it
revises itself. Nothing is averaged. Where origins contradict each other, the tally says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from witnessmark.model import Digest, Range, Stance, Statement
from witnessmark.model.weighing import Agreement, Bounds, Dispute, Given, Origin, Tally
from witnessmark.weigh.lineage import first_voice, is_echo, on_claim
from witnessmark.weigh.ranges import bounds, join, meet

GIVES = frozenset({Stance.ASSERTS, Stance.CONFIRMS, Stance.REPORTS})
"""Stances whose number is put forward; with any other, the number is the one that is questioned."""


def tally(statements: Mapping[Digest, Statement], claim: Digest) -> tuple[Tally, ...]:
    """The numbers given on `claim`, one tally for each unit that they are counted in."""
    numbered = [
        (digest, statement.amount)
        for digest in on_claim(statements, claim)
        if (statement := statements[digest]).amount is not None
    ]
    units = {statements[digest].unit for digest, _ in numbered}
    return tuple(
        _tally(
            statements,
            unit,
            [(digest, amount) for digest, amount in numbered if statements[digest].unit == unit],
        )
        for unit in sorted(units, key=lambda unit: unit or "")
    )


def _tally(
    statements: Mapping[Digest, Statement], unit: str | None, numbered: Iterable[tuple[Digest, Range]]
) -> Tally:
    lineages: dict[str, list[Given]] = {}
    disputes = []
    for digest, amount in numbered:
        first = first_voice(statements, digest)
        said, voice = statements[digest], statements[first]
        if voice.stance in GIVES:
            given = Given(digest, first, said.speaker, amount, bounds(amount), said.said_at)
            lineages.setdefault(voice.speaker, []).append(given)
        else:  # who passes on that someone doubts a number gives none, and nor does the doubter
            disputes.append(Dispute(digest, voice.speaker, voice.stance, amount, bounds(amount)))
    origins = tuple(_origin(statements, speaker, lineages[speaker]) for speaker in sorted(lineages))
    comparable = tuple(origin.bounds for origin in origins if origin.bounds is not None)
    agreed = meet(comparable) if len(comparable) > 1 else None
    return Tally(
        unit,
        origins,
        tuple(sorted(disputes, key=lambda one: (one.speaker, one.statement))),
        _agreement(len(origins), len(comparable), agreed),
        join(given.amount for origin in origins for given in origin.numbers),
        agreed,
    )


def _agreement(origins: int, comparable: int, agreed: Range | None) -> Agreement:
    if not origins:
        return Agreement.NONE_GIVEN
    if origins == 1:
        return Agreement.ONE_ORIGIN
    if comparable < 2:
        return Agreement.NOT_COMPARABLE
    return Agreement.CONTRADICT if agreed is None else Agreement.AGREE


def _origin(statements: Mapping[Digest, Statement], speaker: str, numbers: list[Given]) -> Origin:
    claim = statements[numbers[0].statement].claim
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
    in_order = tuple(sorted(numbers, key=_oldest_first))
    standing = _standing(in_order)
    withdrawn = _is_withdrawn(numbers, retractions)
    allowed = None if withdrawn else _all_of([given.bounds for given in standing])
    return Origin(speaker, in_order, standing, allowed, tuple(sorted(echoes - {speaker})), withdrawn)


def _standing(numbers: tuple[Given, ...]) -> tuple[Given, ...]:
    """What an origin stands by now: its latest own number, or all that cannot be put in order."""
    own = tuple(given for given in numbers if given.is_own) or numbers
    starts = [start for given in own if (start := _start(given)) is not None]
    if len(starts) < len(own):
        return own
    return tuple(given for given in own if _start(given) == max(starts))


def _all_of(stated: list[Bounds | None]) -> Bounds | None:
    """The bounds that hold all of `stated`; None if one of them is none."""
    known = [one for one in stated if one is not None]
    if len(known) < len(stated):
        return None
    lows = [one.low for one in known if one.low is not None]
    highs = [one.high for one in known if one.high is not None]
    return Bounds(
        min(lows) if len(lows) == len(known) else None,
        max(highs) if len(highs) == len(known) else None,
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
    return (
        start is None,
        start.astimezone(UTC).isoformat() if start else "",
        not given.is_own,
        given.statement,
    )
