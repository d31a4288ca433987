"""Timeline: every time in a case, in lanes by where it comes from; lanes are never put into one order.

What is known as a stretch stays a stretch, an end that is not known stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from witnessmark.desk.groups import moment_of, sightings
from witnessmark.desk.texts import READABLE
from witnessmark.model import Claim, Digest, Event, Finding, Span, Statement
from witnessmark.model.groups import NOT_PROVED, TimeEvidence
from witnessmark.ports import Case
from witnessmark.publish.timeline import lane

Facts = dict[str, Any]
EVENTS, SAID = "events", "when it was said"
MOST_EXHIBITS = 2_000
"""How many exhibits are asked for their times, the first ones; the page says so."""


def timeline_facts(case: Case, stamped: Sequence[tuple[int, datetime]]) -> Facts:
    """Lanes of times, each drawn and told, the oldest first, with what they do not prove."""
    spoken_of = {name: one.event for name, one in case.find(Claim)}
    lanes: dict[str, list[Facts]] = {
        EVENTS: [
            _stretch(one.when, one.name, {"event": name})
            for name, one in case.find(Event)
            if one.when is not None
        ],
        SAID: [
            _stretch(
                one.said_at,
                one.speaker,
                {
                    "exhibit": case.exhibit_of(one.appearance.digest),
                    "statement": name,
                    "event": spoken_of.get(one.claim),
                },
            )
            for name, one in case.find(Statement)
            if one.said_at is not None
        ],
    }
    numbered = list(case.exhibits())
    for number, digest in numbered[:MOST_EXHIBITS]:
        for kind, told in _of_exhibit(case, number, digest, stamped):
            lanes.setdefault(kind, []).append(told)
    proves = {str(kind): why for kind, why in NOT_PROVED.items()}
    order = (EVENTS, SAID, *(str(kind) for kind in TimeEvidence))
    return {
        "lanes": [
            {"kind": kind, "proves": proves.get(kind), "times": times, "drawn": lane(times, kind)}
            for kind, times in ((kind, sorted(lanes.get(kind, []), key=_oldest)) for kind in order)
        ],
        "asked": min(len(numbered), MOST_EXHIBITS),
        "exhibits": len(numbered),
    }


def _of_exhibit(
    case: Case, number: str, digest: Digest, stamped: Sequence[tuple[int, datetime]]
) -> Iterator[tuple[str, Facts]]:
    for one in sightings(case, digest, stamped):
        yield (
            str(one.evidence),
            {
                "start": one.at,
                "end": one.at,
                "zoned": one.is_zoned,
                "written": one.written,
                "label": one.label,
                "exhibit": number,
                "statement": None,
                "event": None,
                "vouched": one.not_later_than,
            },
        )
    for _, finding in case.find(Finding, digest):
        given = (finding.value.get("published") or {}).get("given") if finding.property == READABLE else None
        read = moment_of(given)
        if given is not None and read is not None:
            at, is_zoned = read
            told = {"start": at, "end": at, "zoned": is_zoned, "written": given, "exhibit": number}
            label = f"published, as {number} says of itself"
            nothing = {"statement": None, "event": None, "vouched": None}
            yield str(TimeEvidence.POSTED), {**told, "label": label, **nothing}


def _stretch(span: Span, label: str, of: Facts) -> Facts:
    """A stretch that people gave; `of` names the exhibit, the statement and the event that it belongs to."""
    start, end = span.start, span.end
    return {
        "start": None if start is None else start.astimezone(UTC),
        "end": None if end is None else end.astimezone(UTC),
        "zoned": True,
        "written": None,
        "label": label,
        "exhibit": of.get("exhibit"),
        "statement": of.get("statement"),
        "event": of.get("event"),
        "vouched": None,
    }


def _oldest(one: Facts) -> tuple[datetime, str]:
    return one["start"] or one["end"], one["exhibit"] or one["label"]
