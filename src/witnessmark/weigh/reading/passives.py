"""The passive: who is quoted, told or said to have; what could not be verified, by nobody in particular."""

from __future__ import annotations

from witnessmark.model import Stance
from witnessmark.weigh.reading.adjuncts import behind_adjuncts, source_end
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import PASSIVE, SPEECH, VERBS, Verb
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.placing import left_end, left_is_quote, leftward
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.words import BE, NEGATIONS


def passive(clauses: Clauses, at: int, verb: Verb) -> Frame | None:
    """“is said to”, “was reported that”, “was quoted as”, “could not be verified”, “was denied by X”."""
    be = passive_be(clauses, at)
    if be is None:
        return None
    group = clauses.group_start(be + 1)
    subject = clauses.subject(group) if group > 0 else None
    following = clauses.word(at + 1)
    if verb.lemma == "tell":
        return _was_told(clauses, at, group)
    if subject is not None:
        quoted = _quoted(clauses, at, group, subject) if verb.lemma in {"quote", "cite"} else None
        frame = quoted or _by_somebody(clauses, at, (group, subject), verb)
        frame = frame or _unnamed(clauses, at, (group, subject), verb)
        if frame is not None:
            return frame
    if clauses.low[at] in PASSIVE and following in {"to", "that", "as"}:
        return _is_said(clauses, at, group, subject)
    return None


def _by_somebody(clauses: Clauses, at: int, group: tuple[int, Words], verb: Verb) -> Frame | None:
    """“was denied by X”, “was attributed to X”: the subject is the content."""
    start, subject = group
    stance, source = verb.stance, _by(clauses, at)
    if verb.lemma == "attribute" and clauses.word(at + 1) == "to":
        end = source_end(clauses, at + 2)
        stance, source = Stance.REPORTS, (at + 2, end) if end > at + 2 else None
    elif verb.stance is Stance.ASSERTS and verb.lemma not in SPEECH | _COUNTING | {"cite", "criticize"}:
        return None
    if source is None:
        return None
    cue = (start, source[0])
    frame = Frame(cue, at, Side.LEFT, stance, verb.lemma, source, left=start, kind="passive")
    if clauses.low[slice(*subject)] == ["it"] and clauses.word(subject[0] - 1) == ",":
        frame.left = subject[0] - 1  # “Fifteen were killed, it was claimed by the army”
        frame.contents = [(0, frame.left)]
        return frame
    frame.contents = [subject]
    return frame


def passive_be(clauses: Clauses, at: int) -> int | None:
    """Where the form of “to be” stands that makes a participle passive."""
    before = at - 1
    while before >= 0 and (clauses.low[before].endswith("ly") or clauses.low[before] in _BETWEEN):
        before -= 1
    word = clauses.word(before)
    if word in {"'s", "’s"}:
        return None
    return before if word in BE or word in {"been", "being"} else None


_BETWEEN = frozenset("not n't also first widely never yet still already now so".split())  # noqa: SIM905


def _by(clauses: Clauses, at: int) -> Words | None:
    """The agent behind a passive: by X."""
    if clauses.word(at + 1) != "by" or not clauses.begins_noun(at + 2):
        return None
    end = source_end(clauses, at + 2)
    return (at + 2, end) if end > at + 2 else None


def _quoted(clauses: Clauses, at: int, group: int, subject: Words) -> Frame | None:
    """“X was quoted as saying …”; “X was quoted by Y as saying …”, where Y passes on what X says."""
    by = _by(clauses, at)
    behind = by[1] if by else at + 1
    if clauses.word(behind) != "as":
        return None
    end = behind + 1 + (clauses.word(behind + 1) in VERBS)
    cue = (group, at + 1 if by else end)
    frame = _around(clauses, Frame(cue, at, Side.RIGHT, Stance.ASSERTS, "quote", subject, right=end))
    if frame is not None and by is not None:
        frame.source, frame.via, frame.stance = by, subject, Stance.REPORTS
    return frame


def _around(clauses: Clauses, frame: Frame) -> Frame | None:
    """The frame with its content on the right, or on the left if what is said stands there."""
    end = frame.right
    if clauses.word(end) in {":", ","}:
        frame.right += 1
    left = left_end(clauses, frame)
    if clauses.is_closed(behind_adjuncts(clauses, end)) or (
        left is not None and left_is_quote(clauses, left)
    ):
        return leftward(frame, left)
    return frame


def _was_told(clauses: Clauses, at: int, group: int) -> Frame | None:
    """“X was told by Y that …”: Y says it; without a Y, nobody is named."""
    by = _by(clauses, at)
    behind = by[1] if by else at + 1
    if not clauses.clause_follows(behind):
        subject = clauses.subject(group) if by is not None and group > 0 else None
        left = subject[0] - 1 if subject is not None and clauses.word(subject[0] - 1) == "," else None
        frame = Frame((group, at + 1), at, Side.LEFT, Stance.ASSERTS, "tell", by, kind="passive")
        return leftward(frame, left)
    return Frame(
        (group, at + 1),
        at,
        Side.RIGHT,
        Stance.REPORTS if by is None else Stance.ASSERTS,
        "tell",
        by,
        right=behind,
        kind="passive",
    )


def _is_said(clauses: Clauses, at: int, group: int, subject: Words | None) -> Frame | None:
    """“is said to have …”: somebody says it, and the text does not say who."""
    frame = Frame(
        (group, at + 1), at, Side.RIGHT, Stance.REPORTS, clauses.low[at], None, right=at + 1, kind="hearsay"
    )
    if subject is not None and clauses.low[subject[0]] != "it":
        frame.contents = [subject]
    return frame


def _unnamed(clauses: Clauses, at: int, group: tuple[int, Words], verb: Verb) -> Frame | None:
    """“could not be verified”, “has not been confirmed”, “is being investigated”: nobody is named."""
    start, subject = group
    if verb.stance is Stance.ASSERTS and verb.lemma not in {"establish", "determine", "prove"}:
        return None
    stance = _of_unnamed(clauses.low[start : at + 1], verb.stance)
    is_refused = verb.lemma == "deny" and clauses.begins_noun(at + 1)  # “were denied visas”
    if stance is None or is_refused:
        return None
    cue = (start, at + 1)
    return Frame(cue, at, Side.LEFT, stance, verb.lemma, left=start, kind="agentless", contents=[subject])


def _of_unnamed(group: list[str], stance: Stance) -> Stance | None:
    is_negated = any(word in NEGATIONS for word in group)
    if stance is Stance.UNDER_VERIFICATION or (
        stance is Stance.CONFIRMS and "being" in group and not is_negated
    ):
        return Stance.UNDER_VERIFICATION if "being" in group else None
    if stance in {Stance.CONFIRMS, Stance.ASSERTS} and is_negated:
        return Stance.CANNOT_VERIFY
    return None if stance is Stance.ASSERTS else stance


_COUNTING = words("counting-things")
