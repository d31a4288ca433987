"""Who says it? The voices on a claim, each with its stance and with those who pass it on.

The count of voices is a description, never a verdict. It follows who cites whom and nothing else: two
voices that never cite each other may still have it from the same picture or the same owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC

from witnessmark.model import Digest, Stance, Statement
from witnessmark.model.weighing import Relay, Voice
from witnessmark.weigh.lineage import first_voice, is_echo, on_claim, passed_on


@dataclass(frozen=True, slots=True)
class Count:
    """How many separate speakers take one stance, towards a number or towards the claim as it is put."""

    stance: Stance
    of_a_number: bool
    speakers: int

    def __str__(self) -> str:
        singular, plural = _VERBS[self.stance]
        verb = singular if self.speakers == 1 else plural
        if self.of_a_number and self.stance is Stance.ASSERTS:
            verb = "gives {it}" if self.speakers == 1 else "give {it}"
        return verb.format(it="a number" if self.of_a_number else "it")


@dataclass(frozen=True, slots=True)
class Draft:
    """How many separate voices take which stance; a description of the record and no verdict."""

    counts: tuple[Count, ...]
    echoes: int

    def __str__(self) -> str:
        if not self.counts:
            return "nobody is on record about it"
        head, *others = self.counts
        first = f"{head.speakers} separate voice{'' if head.speakers == 1 else 's'} {head}"
        rest = [f"{one.speakers} {one}" for one in others]
        if self.echoes:
            rest.append(f"{self.echoes} only {'passes' if self.echoes == 1 else 'pass'} on what another said")
        return ", ".join([first, *rest])


_VERBS: Mapping[Stance, tuple[str, str]] = {
    Stance.ASSERTS: ("asserts {it}", "assert {it}"),
    Stance.CONFIRMS: ("confirms {it}", "confirm {it}"),
    Stance.DENIES: ("denies {it}", "deny {it}"),
    Stance.DOUBTS: ("doubts {it}", "doubt {it}"),
    Stance.CANNOT_VERIFY: ("could not verify {it}", "could not verify {it}"),
    Stance.DECLINES_TO_CONFIRM: ("declined to confirm {it}", "declined to confirm {it}"),
    Stance.UNDER_VERIFICATION: ("is still checking {it}", "are still checking {it}"),
    Stance.CONDITIONAL: ("speaks of {it} only on a condition", "speak of {it} only on a condition"),
    Stance.RETRACTS: ("has withdrawn what it said", "have withdrawn what they said"),
    Stance.REPORTS: ("reports {it} without saying from whom", "report {it} without saying from whom"),
}


def voices(statements: Mapping[Digest, Statement], claim: Digest) -> tuple[Voice, ...]:
    """Every first voice on `claim` with its relays, by stance, then in order of time."""
    relays: dict[Digest, list[Relay]] = {}
    firsts = []
    for digest in on_claim(statements, claim):
        statement = statements[digest]
        if not is_echo(statement):
            firsts.append(digest)
        if statement.relays is not None:
            relay, first = _relay(statements, digest)
            relays.setdefault(first, []).append(relay)
    return tuple(
        Voice(
            digest,
            statements[digest].speaker,
            statements[digest].stance,
            tuple(sorted(relays.get(digest, ()), key=lambda one: (one.steps, one.speaker, one.statement))),
            statements[digest].amount,
        )
        for digest in sorted(firsts, key=lambda digest: _order(digest, statements[digest]))
    )


def _relay(statements: Mapping[Digest, Statement], digest: Digest) -> tuple[Relay, Digest]:
    """The relay that the statement `digest` is, and the first voice whom it passes on."""
    source = passed_on(statements, digest)
    had_from, steps, first = statements[source].speaker, 1, first_voice(statements, source)
    while source != first:
        source, steps = passed_on(statements, source), steps + 1
    statement = statements[digest]
    return Relay(digest, statement.speaker, statement.stance, had_from, steps), first


_ORDER = {stance: place for place, stance in enumerate(Stance)}


def _order(digest: Digest, statement: Statement) -> tuple[int, bool, str, str, Digest]:
    said = statement.said_at and (statement.said_at.start or statement.said_at.end)
    when = said.astimezone(UTC).isoformat() if said else ""
    return (_ORDER[statement.stance], not when, when, statement.speaker, digest)


def draft(heard: Iterable[Voice]) -> Draft:
    """The count of separate speakers by stance, and of those who only pass something on."""
    heard = tuple(heard)
    speakers = {(voice.stance, voice.amount is not None, voice.speaker) for voice in heard}
    own = {voice.speaker for voice in heard}
    echoes = {relay.speaker for voice in heard for relay in voice.relays} - own
    counts = tuple(
        Count(stance, of_a_number, number)
        for stance in Stance
        for of_a_number in (True, False)
        if (number := sum((one, numbered) == (stance, of_a_number) for one, numbered, _ in speakers))
    )
    return Draft(counts, len(echoes))
