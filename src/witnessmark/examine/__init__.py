"""Examine: what can be measured on a kept object, and what could not.

To look and find nothing is not to be unable to look. So what comes back has three parts: what was found,
who looked (and perhaps found nothing), and who could not look, with the reason. Each examiner looks in a
locked room of its own, so that the one that fails stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, WitnessmarkError
from witnessmark.examine.locked import TASK, address
from witnessmark.model import Copy, Finding, Outcome
from witnessmark.model.wire import decode, encode
from witnessmark.ports import Examiner, LockedRoom

_LARGEST_FINDING = 16 << 20


@dataclass(frozen=True, slots=True)
class NotDone:
    """An examiner that could not look, or would not, and why."""

    examiner: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What all examiners found on one object; `looked` names those that came to an end."""

    findings: tuple[Finding, ...] = ()
    looked: tuple[str, ...] = ()
    not_done: tuple[NotDone, ...] = ()


def examine(copy: Copy, path: Path, examiners: Iterable[Examiner], room: LockedRoom) -> Examination:
    """Let each examiner that accepts `copy` look at the bytes at `path`, in the room."""
    findings: list[Finding] = []
    looked: list[str] = []
    not_done: list[NotDone] = []
    for examiner in examiners:
        if not examiner.accepts(copy):
            continue
        name = f"{examiner.name} {examiner.version}"
        try:
            findings += look(copy, path, examiner, room)
            looked.append(name)
        except IntegrityError:
            raise
        except WitnessmarkError as error:
            outcome = Outcome.DECLINED if isinstance(error, RefusedError) else Outcome.FAILED
            not_done.append(NotDone(name, outcome, f"could not be examined: {error}"))
    return Examination(tuple(findings), tuple(looked), tuple(not_done))


def look(copy: Copy, path: Path, examiner: Examiner, room: LockedRoom) -> tuple[Finding, ...]:
    """All findings of one examiner, checked to be about this object and by this examiner."""
    parameters: dict[str, object] = {"examiner": address(examiner), "copy": encode(copy).decode()}
    for wish in ("programs", "waiting"):
        if hasattr(examiner, wish):
            parameters[wish] = getattr(examiner, wish)
    return tuple(
        _checked(part.content.read(_LARGEST_FINDING + 1), copy, examiner)
        for part in room.run(TASK, path, parameters)
    )


def _checked(written: bytes, copy: Copy, examiner: Examiner) -> Finding:
    """What came out of the room is as untrusted as what went in."""
    if len(written) > _LARGEST_FINDING:
        raise MalformedError("a finding is larger than 16 MiB")
    finding = decode(written)
    if not isinstance(finding, Finding):
        raise MalformedError("what came out of the room is not a finding")
    if finding.about != copy.digest or finding.examiner != f"{examiner.name} {examiner.version}":
        raise MalformedError(
            f"a finding of {finding.examiner[:60]!r} about something else came out of the room"
        )
    return finding


__all__ = ["Examination", "NotDone", "examine", "look"]
