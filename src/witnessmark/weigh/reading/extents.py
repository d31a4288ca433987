"""How far the content of each frame reaches, when all frames of a sentence are known."""

from __future__ import annotations

from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import NOUNS, PICTURES
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.phrases import HELD, SCRIPT
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.words import (
    CLOSERS,
    FINITE,
    PERSONAL,
    PREPOSITIONS,
    QUESTIONS,
    RELATIVES,
    STOPS,
)


def settle(clauses: Clauses, found: list[Frame]) -> list[Frame]:
    """The frames with their contents; a mere assertion without any content is dropped."""
    for frame in found:
        spans = list(frame.contents) if frame.kind != "verb" else []
        if frame.side in {Side.LEFT, Side.AROUND} and not spans:
            spans += _left(clauses, frame, found)
        if frame.side in {Side.RIGHT, Side.AROUND}:
            spans += _right(clauses, frame, found)
        if _points_back(clauses, frame) and found[0].lemma != SCRIPT:
            spans.insert(0, (0, frame.start - 1))
        spans = [_without_background(clauses, frame, span) for span in spans]
        frame.contents = [span for span in spans if span[1] > span[0]]
    found = [frame for frame in found if frame.kind != "noun" or not _is_object(frame, found)]
    found = [
        frame for frame in found if frame.lemma not in {HELD, "find"} or not _is_told(clauses, frame, found)
    ]
    announces = clauses.low[-1] == ":"
    return [
        frame
        for frame in found
        if frame.contents or frame.stance != "asserts" or (announces and frame is found[-1])
    ]


def _without_background(clauses: Clauses, frame: Frame, span: Words) -> Words:
    """Without what the text tells of a thing: “claimed responsibility for a blast that killed 13”."""
    start, end = span
    is_thing = frame.kind == "verb" and start == frame.right and clauses.word(start) != "that"
    is_named = frame.lemma in _OF_THINGS or clauses.word(start) in _RESPONSIBILITY
    if not is_thing or not is_named or start >= end or clauses.quoted[start]:
        return span
    for at in range(start + 2, end):
        before = clauses.low[at - 1]
        is_relative = clauses.low[at] in RELATIVES and before not in NOUNS and before not in PREPOSITIONS
        if is_relative and not clauses.quoted[at]:
            return start, at - (before == ",")
        if (clauses.low[at] in FINITE and clauses.low[at] != "'s") or clauses.low[at] in STOPS:
            return span
    return span


_OF_THINGS = words("of-things")
_RESPONSIBILITY = frozenset({"responsibility", "involvement", "credit"})


def _is_object(frame: Frame, found: list[Frame]) -> bool:
    """Whether “the claim that …” is what another verb denies or withdraws: no statement beside that one."""
    if frame.named:
        return False
    return any(other is not frame and other.cue[1] <= frame.cue[0] <= other.cue[1] + 4 for other in found)


def _is_told(clauses: Clauses, frame: Frame, found: list[Frame]) -> bool:
    """Whether what a list holds, or somebody found lying there, is told by another, who is the voice then."""
    if frame.lemma == "find":
        if _is_recovery(clauses, frame):
            return True
        if not clauses.is_number(frame.right):
            return False
    return any(
        start <= frame.cue[0] < end for other in found if other is not frame for start, end in other.contents
    )


def _is_recovery(clauses: Clauses, frame: Frame) -> bool:
    """Whether somebody came upon the dead or those who live: “Rescuers have found 22 more bodies”."""
    source = clauses.low[slice(*frame.source)] if frame.source else []
    noun = next((word for word in clauses.low[frame.right : frame.right + 6] if word in _RECOVERED), "")
    return bool(noun) and (PICTURES | _EXAMINING).isdisjoint(source)


_EXAMINING = words("examining")
_RECOVERED = frozenset({"body", "bodies", "corpse", "corpses", "remains", "survivors"})


def _points_back(clauses: Clauses, frame: Frame) -> bool:
    """Whether the content is “it” and what it means stands before a colon: “640 dead: I doubt it”."""
    is_it = clauses.word(frame.right) in {"it", "this", "them"}
    return frame.side is Side.RIGHT and is_it and clauses.word(frame.start - 1) == ":"


def _left(clauses: Clauses, frame: Frame, found: list[Frame]) -> list[Words]:
    """From the start of the sentence, or of the quotation that the frame stands in, up to its comma."""
    end = frame.left
    level = clauses.quoted[frame.head]
    start = 0
    if level:
        start = frame.start
        while start > 0 and clauses.quoted[start - 1] == level:
            start -= 1
        start += clauses.low[start] in {"“", '"', "‘", "«", "„", "'"}
        stops = [at for at in range(start, end) if clauses.low[at] in STOPS]
        if stops and stops[-1] + 1 < end:
            start = stops[-1] + 1
    elif frame.kind == "hearsay":
        told = [other.right for other in found if other.side is Side.RIGHT and other.right <= frame.head]
        start = max([_clause_start(clauses, frame), *told])
    else:
        bounds = [
            other.end
            for other in found
            if other is not frame
            and other.end <= end
            and other.side is Side.LEFT
            and other.kind in {"verb", "according"}
        ]
        start = max(bounds, default=0)
        while start < end and clauses.low[start] in {",", ";", "and", "but", "while"} and start > 0:
            start += 1
    if clauses.low[start] == "asked" and clauses.word(start + 1) in QUESTIONS:
        start += 1
    while end > start and clauses.low[end - 1] in {",", ";"} and clauses.quoted[end - 1] == level:
        end -= 1
    return [(start, end)]


def _clause_start(clauses: Clauses, frame: Frame) -> int:
    at = frame.head
    while (
        at > 0
        and clauses.low[at - 1] not in {".", ";", ":", "that", "but", "?", "!"}
        and clauses.quoted[at - 1] == clauses.quoted[frame.head]
    ):
        at -= 1
    return at


def _right(clauses: Clauses, frame: Frame, found: list[Frame]) -> list[Words]:
    """From where the content begins to the next voice's words, or to the end of the sentence."""
    start, level = frame.right, clauses.quoted[frame.head]
    end = clauses.size
    if frame.lemma == SCRIPT:
        return [(start, end)]
    if level:
        end = next(
            (
                at
                for at in range(start, clauses.size)
                if clauses.quoted[at] != level or (clauses.low[at] in STOPS)
            ),
            end,
        )
    elif clauses.is_quote_start(start):
        end = _behind_quotation(clauses, start, end)
    for other in found:
        if other is not frame and other.cue[0] >= start:
            end = min(end, _border(clauses, frame, other, end))
    if not level:
        end = _clause_end(clauses, frame, start, end)
    end = _without_stop(clauses, start, end, level)
    return [(start, end)]


def _clause_end(clauses: Clauses, frame: Frame, start: int, end: int) -> int:
    """Before a semicolon; before the comma that ends “While X said …,” in front of the main clause."""
    opens = (
        clauses.word(frame.start - 1) in {"while", "although", "though", "as", "when", "after"}
        and frame.start <= 2
    )
    for at in range(start, end):
        if clauses.quoted[at]:
            continue
        if clauses.low[at] == ";" and clauses.low[start] != "that":
            return at
        if clauses.low[at] == "," and at > start + 1 and _new_clause(clauses, start, at):
            return at
        if opens and clauses.low[at] == "," and at > start + 2 and clauses.begins_noun(at + 1):
            return at
    return end


def _new_clause(clauses: Clauses, start: int, comma: int) -> bool:
    """Whether “, and it was …” begins a sentence of its own, behind content without “that”."""
    if clauses.word(comma + 1) not in {"and", "but"} or clauses.low[start] == "that":
        return False
    after = comma + 2
    after += clauses.word(after) == "another"
    if clauses.word(after) == "that" or clauses.is_number(after):
        return False  # “Police said two were killed, and thirty others were wounded”
    if clauses.word(after) in PERSONAL:
        return True
    if not clauses.begins_noun(after):
        return False
    end = clauses.noun_end(after)
    return clauses.word(end) in FINITE


def _behind_quotation(clauses: Clauses, start: int, end: int) -> int:
    """The end of a quotation; of the sentence, if its words go on in the same clause."""
    number = clauses.quoted[start]
    close = start
    while close < end and clauses.quoted[close] == number:
        close += 1
    rest = clauses.word(close)
    if (
        not rest
        or rest in STOPS
        or rest in {",", ";", "—", "–", "in", "on", "at", "during", "after", "when"}
        or clauses.low[close - 2 : close - 1] in ([","], ["."])
    ):
        return close
    return end


def _border(clauses: Clauses, frame: Frame, other: Frame, end: int) -> int:
    """Where another frame's words end this one's content; `end` if they lie within it."""
    if clauses.quoted[other.head] != clauses.quoted[frame.head]:
        return end
    if other.leader is not None or (other.lemma and other.kind == "verb" and other.source == frame.source):
        at = other.cue[0]
        while at > frame.right and clauses.low[at - 1] in {"and", "but", ",", "or", "while"}:
            at -= 1
        return at
    if other.side in {Side.LEFT, Side.AROUND} and other.kind in {"verb", "according"}:
        return other.left if other.left > frame.right else end
    return _before_conjunction(clauses, other.start, end)


def _before_conjunction(clauses: Clauses, start: int, end: int) -> int:
    """Before “, and X …” or “; X …”, where X begins at `start`; `end` if it is not set off."""
    before = clauses.word(start - 1)
    if before in {"and", "but", "while", "although", "though", "whereas", "yet"}:
        if clauses.word(start - 2) == ",":
            return start - 2
        return start - 1 if before in {"but", "while", "whereas"} else end
    return start - 1 if before == ";" else end


def _without_stop(clauses: Clauses, start: int, end: int, level: int) -> int:
    """Without the full stop, the comma or the mark behind the last word; those of a quotation are its own."""
    while end > start and clauses.quoted[end - 1] in {0, level}:
        last = clauses.low[end - 1]
        if last not in STOPS and last not in {",", ";", ":"} and last not in CLOSERS:
            break
        end -= 1
    return end
