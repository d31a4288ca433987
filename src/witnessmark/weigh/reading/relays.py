"""Whoever cites another: “…, citing X”, “quoted X as saying”."""

from __future__ import annotations

from witnessmark.model import Stance
from witnessmark.weigh.reading.adjuncts import source_end
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import PICTURES, VERBS
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.kinds import PERSONS
from witnessmark.weigh.reading.placing import left_end
from witnessmark.weigh.reading.words import DETERMINERS


def relay(clauses: Clauses, at: int, found: list[Frame]) -> Frame | None:
    """“…, citing X” gives the frame before it a first voice; “quoted X as saying” is a frame of its own."""
    if clauses.low[at] in {"citing", "quoting"}:
        end = source_end(clauses, at + 1) if clauses.begins_noun(at + 1) else at + 1
        if end > at + 1:
            cited(clauses, at, found, (at + 1, end))
        return None
    if not clauses.begins_noun(at + 1):
        return None
    end = source_end(clauses, at + 1)
    end += clauses.word(end) == ","
    if clauses.word(end) != "as" or clauses.word(end + 1) not in VERBS:
        return None
    group = clauses.group_start(at)
    subject = clauses.subject(group) if group > 0 else None
    if subject is None:
        return None
    first = (at + 1, end - (clauses.word(end - 1) == ","))
    frame = Frame((group, at + 1), at, Side.RIGHT, Stance.REPORTS, "quote", subject, right=end + 2, via=first)
    left = left_end(clauses, frame)
    if clauses.is_closed(end + 2) and left is not None:
        frame.side, frame.left = Side.LEFT, left
    return frame


def cite_first(clauses: Clauses, found: list[Frame]) -> None:
    """“Citing X, Y said …”: the first voice is named before the one that passes it on."""
    if clauses.low[0] not in {"citing", "quoting"} or not clauses.begins_noun(1):
        return
    end = clauses.noun_end(1)
    speaking = [frame for frame in found if frame.source is not None and frame.start > end]
    named = (
        clauses.is_capital(1) or clauses.low[1] in DETERMINERS or not PICTURES.isdisjoint(clauses.low[1:end])
    )
    named = named or not PERSONS.isdisjoint(clauses.low[1:end])
    if named and end > 1 and speaking and speaking[0].via is None:
        speaking[0].via = (1, end)


def cited(clauses: Clauses, at: int, found: list[Frame], first: Words) -> None:
    """Whoever speaks in this clause has it from the one who is cited."""
    for frame in found:
        if (
            frame.source is not None
            and frame.via is None
            and clauses.quoted[frame.head] == clauses.quoted[at]
        ):
            is_last = frame is found[-1] or frame.side is Side.LEFT
            if is_last:
                frame.via = first
                return
    if found and found[-1].via is None and found[-1].source is not None:
        found[-1].via = first
