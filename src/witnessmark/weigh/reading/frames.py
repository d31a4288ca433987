"""Who says what in one sentence: a cue, its source, and where the content lies.

A frame is one cue with what belongs to it, in tokens of the sentence. `side` says whether the content
stands right of the cue (“X said that …”), left of it (“…, said X”, “…, according to X”) or around it.
How far the content reaches is settled in `extents`, when all frames of the sentence are known.
"""

from __future__ import annotations

from witnessmark.weigh.reading.clauses import Clauses
from witnessmark.weigh.reading.cues import HEARSAY, NOUNS, VERBS
from witnessmark.weigh.reading.frame import Frame
from witnessmark.weigh.reading.phrases import (
    CONVICTIONS,
    COUNTS,
    HOLDING,
    PUTTING,
    according,
    announced,
    by_count,
    conviction,
    doubt,
    hearsay,
    holding,
    in_view,
    live,
    noun,
    put_at,
    script,
    take_back,
)
from witnessmark.weigh.reading.relays import cite_first, relay
from witnessmark.weigh.reading.verbs import verbal


def frames(clauses: Clauses) -> list[Frame]:
    """The frames of a sentence in the order of their cues, without the extents of their contents."""
    found: list[Frame] = []
    for at, word in enumerate(clauses.low):
        if found and found[-1].kind == "according" and found[-1].via and at < found[-1].right:
            continue
        frame = _at(clauses, at, word, found)
        if frame is not None and not any(_same(frame, other) for other in found):
            found.append(frame)
    cite_first(clauses, found)
    colon = script(clauses) or live(clauses) or announced(clauses)
    if colon is not None and all(frame.start >= colon.cue[1] for frame in found):
        found.insert(0, colon)
    return found


def _same(frame: Frame, other: Frame) -> bool:
    return frame.cue[0] < other.cue[1] and other.cue[0] < frame.cue[1]


def _at(clauses: Clauses, at: int, word: str, found: list[Frame]) -> Frame | None:
    """The frame whose cue has this word as its head; None if there is none."""
    if word in HEARSAY:
        return hearsay(at)
    if word in CONVICTIONS:
        return conviction(clauses, at)
    verb = VERBS.get(word)
    rule = _RULES.get(word) or (noun if word in NOUNS else None)
    frame = verbal(clauses, at, verb, found) if verb and rule is noun and at > 0 else None
    frame = frame or (rule(clauses, at) if rule else None)
    if frame is None and word in _CITING:
        frame = relay(clauses, at, found)
    if frame is not None or verb is None:
        return frame
    return verbal(clauses, at, verb, found)


_RULES = {
    **dict.fromkeys(COUNTS, by_count),
    "according": according,
    **dict.fromkeys(PUTTING, put_at),
    **dict.fromkeys(HOLDING - set(PUTTING), holding),
    **dict.fromkeys(("doubt", "doubts"), doubt),
    **dict.fromkeys(("take", "takes", "took", "taken"), take_back),
    **dict.fromkeys(("view", "opinion", "words", "account", "reckoning"), in_view),
}
_CITING = frozenset({"citing", "quoting", "quoted", "quotes", "cited", "cites"})
