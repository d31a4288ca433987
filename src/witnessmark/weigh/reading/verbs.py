"""Verbs of saying: before their content, behind it, in the middle of it, and as participles."""

from __future__ import annotations

from witnessmark.model import Stance
from witnessmark.weigh.reading.adjuncts import behind_addressee, behind_adjuncts, source_end
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import AMBIGUOUS, PASSIVE, PICTURES, VERBS, Form, Verb
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.numerals import is_number_word
from witnessmark.weigh.reading.passives import passive, passive_be
from witnessmark.weigh.reading.placing import NEEDS_CLAUSE, left_end, leftward, placed, with_rest
from witnessmark.weigh.reading.tables import language, words
from witnessmark.weigh.reading.words import (
    BE,
    DASHES,
    DETERMINERS,
    FINITE,
    NEGATIONS,
    PERSONAL,
    RELATIVES,
    STOPS,
)


def verbal(clauses: Clauses, at: int, verb: Verb, found: list[Frame]) -> Frame | None:
    """The frame of a verb in this place; None if it says nothing here."""
    if clauses.is_noun_like(at) or _is_name(clauses, at) or _is_counted(clauses, at):
        return None
    if _only_describes(clauses, at) or _is_other_sense(clauses, at, verb):
        return None
    if verb.form is Form.BASE and clauses.word(at - 1) == "to":
        return _infinitive(clauses, at, verb, found)
    if verb.form is Form.ING and not _is_progressive(clauses, at):
        return _participle(clauses, at, verb, found)
    if verb.form is Form.PAST and passive_be(clauses, at) is not None:
        return passive(clauses, at, verb)
    return _finite(clauses, at, verb, found)


def _is_name(clauses: Clauses, at: int) -> bool:
    """Whether a form is part of a name: Report, State, a headline's word, Samir Held."""
    if not clauses.is_capital(at) or at == 0 or clauses.is_quote_start(at - 1):
        return False
    following = clauses.word(at + 1)
    is_last_name = clauses.is_capital(at - 1) and (
        following in {",", "'s", "’s"} or (following in VERBS and not clauses.is_capital(at + 1))
    )
    return clauses.low[at] in AMBIGUOUS or is_last_name


def _is_counted(clauses: Clauses, at: int) -> bool:
    """Whether a form is a noun: “Modern estimates range from …”, “Records obtained by this paper list …”."""
    following = clauses.word(at + 1)
    if clauses.low[at] in _ESTIMATES and following in _VARYING:
        return True
    is_made = following.endswith("ed") or following in {"seen", "kept", "drawn"}
    return clauses.low[at] in AMBIGUOUS and is_made and clauses.word(at + 2) == "by"


_VARYING = frozenset({"range", "ranged", "vary", "varied", "differ"})
_ESTIMATES = frozenset({"estimates", "counts", "reports"})


def _is_bare_noun(clauses: Clauses, at: int) -> bool:
    """Whether a noun without an article stands here."""
    return clauses.begins_noun(at) and clauses.low[at] not in DETERMINERS | PERSONAL | {"that", "there"}


def _only_describes(clauses: Clauses, at: int) -> bool:
    """Whether a participle tells of a noun beside it: “80 suspected rebels”, “355 reported killed”."""
    word, before = clauses.low[at], clauses.word(at - 1)
    if not before or word not in _ATTRIBUTES:
        return False
    is_joined = word in _SUSPECTED and before in {"and", "or"}  # “soldiers and suspected rebels were killed”
    return is_number_word(before) or (is_joined and _is_bare_noun(clauses, at + 1)) or _is_state(clauses, at)


def _is_other_sense(clauses: Clauses, at: int, verb: Verb) -> bool:
    """Whether a verb says nothing here: “the storm claimed 20,000 lives”, “will question Mr. Ost about …”."""
    if verb.lemma == "question":
        return not _OVER.isdisjoint(clauses.low[at + 2 : at + 6])
    is_number = verb.lemma == "claim" and clauses.is_number(at + 1)
    return is_number and not _LOST.isdisjoint(clauses.low[at : at + 6])


def _is_state(clauses: Clauses, at: int) -> bool:
    """Whether a participle only tells what befell those before it: “reported killed”, “confirmed dead”."""
    is_agentless = passive_be(clauses, at) is None or clauses.low[at] not in PASSIVE
    return is_agentless and clauses.word(at + 1) in _STATES and clauses.word(at - 1) not in PERSONAL


def _is_progressive(clauses: Clauses, at: int) -> bool:
    before = at - 1
    while before >= 0 and (
        clauses.low[before].endswith("ly") or clauses.low[before] in {"not", "n't", "also", "still", "now"}
    ):
        before -= 1
    return clauses.word(before) in BE


def _finite(clauses: Clauses, at: int, verb: Verb, found: list[Frame]) -> Frame | None:
    group = clauses.group_start(at)
    frame = _inverted(clauses, at, group, verb)
    if frame is not None:
        return frame
    subject, leader = _subject(clauses, at, group, found)
    if (
        subject is None
        or clauses.low[slice(*subject)] == ["there"]
        or _is_there(clauses, subject)
        or not _agrees(clauses, subject, at, group, verb)
        or not _is_deed(clauses, at, group, verb)
    ):
        return None
    subject, via = _without_citing(clauses, subject)
    frame = Frame((group, at + 1), at, Side.RIGHT, verb.stance, verb.lemma, subject, via=via, leader=leader)
    return _corrected(clauses, frame) or _object_relative(clauses, frame) or placed(clauses, frame, verb)


def _is_there(clauses: Clauses, subject: Words) -> bool:
    """Whether “there were” stands before a phrase: “There were no casualties reported.”."""
    at = subject[0]
    is_there = clauses.word(at - 1) in BE | {"been"} and "there" in clauses.low[max(0, at - 4) : at - 1]
    return is_there and clauses.low[subject[1] - 1] not in RELATIVES


def _subject(clauses: Clauses, at: int, group: int, found: list[Frame]) -> tuple[Words | None, Frame | None]:
    """Who says it, and the frame that shares it: “X confirmed the place and denied the number”."""
    is_coordinate = clauses.word(group - 1) in {"and", "but", "or", "nor"}
    leader = _shares(clauses, group, found) if is_coordinate else None
    if is_coordinate and leader is None and clauses.clause_follows(at + 1):
        main = main_subject(clauses, group)
        if main is not None:
            return main, None
    subject = None if leader or group == 0 else clauses.subject(group)
    if subject is None:
        leader = leader or _shares(clauses, group, found)
        subject = leader.source if leader else None
    return subject, leader


def _is_deed(clauses: Clauses, at: int, group: int, verb: Verb) -> bool:
    """Whether a verb says something in this form: “is investigating”, “could not reach”."""
    if verb.stance is Stance.UNDER_VERIFICATION:
        return verb.form is Form.ING or clauses.low[at - 1] == "still"
    return verb.stance is not Stance.CANNOT_VERIFY or not NEGATIONS.isdisjoint(clauses.low[group:at])


def _without_citing(clauses: Clauses, subject: Words) -> tuple[Words, Words | None]:
    """Who passes it on and the first voice, in “X, citing Y, says” and “Y, cited by X, says”."""
    start, end = subject
    for at in range(start + 1, end - 1):
        if clauses.low[at - 1] != ",":
            continue
        if clauses.low[at] in {"citing", "quoting"}:
            return (start, at - 1), (at + 1, end)
        if clauses.low[at] in {"cited", "quoted"} and clauses.low[at + 1] == "by" and at + 2 < end:
            return (at + 2, end), (start, at - 1)
    return subject, None


def _corrected(clauses: Clauses, frame: Frame) -> Frame | None:
    """“46 died, not 28 as the ministry had announced”: the number behind “not” is the ministry's."""
    source = frame.source
    if source is None:
        return None
    inner = next((at for at in range(source[0], source[1] - 1) if clauses.low[at] == "as"), None)
    if inner is not None and clauses.is_number(inner - 1):  # “not 28 as the ministry had announced”
        source = frame.source = (inner + 1, source[1])
    if clauses.word(source[0] - 1) != "as":
        return None
    end = source[0] - 1
    end -= clauses.word(end - 1) == ","
    start = next((at for at in range(end - 1, max(0, end - 5), -1) if clauses.low[at] == "not"), None)
    if start is None or not clauses.is_number(start + 1):
        return None
    if clauses.low[source[1] - 1] == "first" and source[1] - source[0] > 1:
        frame.source = (source[0], source[1] - 1)
    frame.side, frame.kind, frame.contents = Side.LEFT, "aside", [(start + 1, end)]
    return frame


def _object_relative(clauses: Clauses, frame: Frame) -> Frame | None:
    """“the figure of 640, which the Front announced”: the content stands before the relative."""
    source = frame.source
    if source is None or clauses.low[source[0]] not in {"which", "that"} or source[1] - source[0] < 2:
        return None
    end = source[0] - (clauses.word(source[0] - 1) == ",")
    content = clauses.subject(end) if end > 0 else None
    if content is None:
        return None
    frame.source, frame.side, frame.kind = (source[0] + 1, source[1]), Side.LEFT, "relative"
    frame.contents = [content]
    return frame


def _agrees(clauses: Clauses, subject: Words, at: int, group: int, verb: Verb) -> bool:
    """Whether subject and verb can belong together."""
    if group != at or verb.form not in {Form.BASE, Form.THIRD}:
        return True
    named, last = clauses.low[slice(*subject)], clauses.low[subject[1] - 1]
    is_plural = (
        not _PLURALS.isdisjoint(named)
        or "and" in named
        or any(word.endswith(("s", "men")) and word[0].isalnum() for word in named)
    )
    if verb.form is Form.BASE and not is_plural:
        return False
    if (
        clauses.low[at] not in AMBIGUOUS
        or (clauses.is_closed(at + 1) and clauses.word(subject[0] - 1) == ",")
        or last in PERSONAL
        or last == "who"
        or clauses.clause_follows(at + 1)
    ):
        return True
    following = clauses.word(at + 1)
    if verb.form is Form.BASE:
        is_stance = clauses.low[at] in {"show", "doubt", "question"}
        return following == "to" or (is_stance and clauses.begins_noun(at + 1))
    is_named = clauses.is_capital(subject[1] - 1) and clauses.begins_noun(at + 1)
    is_picture = not PICTURES.isdisjoint(named)
    return is_picture or following in DETERMINERS or is_named or clauses.is_number(at + 1)


def _shares(clauses: Clauses, group: int, found: list[Frame]) -> Frame | None:
    """The frame whose source also says this: “X confirmed the place and denied the number”."""
    before = clauses.word(group - 1)
    if before not in {"and", "but", "or", "nor", ","} or not found:
        return None
    for frame in reversed(found):
        if (
            frame.source is not None
            and clauses.quoted[frame.head] == clauses.quoted[group]
            and frame.kind == "verb"
        ):
            return frame
    return None


def _inverted(clauses: Clauses, at: int, group: int, verb: Verb) -> Frame | None:
    """“…,” said X."""
    if group != at or verb.form not in {Form.PAST, Form.THIRD} or at < 3 or verb.lemma == "tell":
        return None
    before = at - 1
    is_comma = clauses.low[before] == ","
    is_behind_quote = clauses.is_quote_end(before) or (is_comma and clauses.is_quote_end(before - 1))
    is_set_off = clauses.low[before] in {",", "—", "–", "--"} and verb.lemma in _INVERTING
    if not (is_behind_quote or is_set_off) or (clauses.quoted[at] and not is_behind_quote and not is_comma):
        return None
    if not clauses.begins_noun(at + 1) or clauses.word(at + 1) in _NOT_SOURCES:
        return None
    if not is_behind_quote and not any(_may_be_finite(word) for word in clauses.low[:before]):
        return None  # “A spokeswoman for the ministry, Ana Orr, said the site held 40 men”
    end = source_end(clauses, at + 1)
    is_clause = clauses.word(end) in FINITE if is_behind_quote else not _may_stand_behind(clauses, end)
    if end <= at + 1 or (is_clause and not clauses.is_quote_end(before)):
        return None
    left = at if clauses.is_quote_end(before) else before
    frame = Frame((at, at + 1), at, Side.LEFT, verb.stance, verb.lemma, (at + 1, end), left=left)
    return with_rest(clauses, frame, end)


def _may_be_finite(word: str) -> bool:
    return word in FINITE or word in VERBS or word in BE or word.endswith(("ed", "n't"))


def _may_stand_behind(clauses: Clauses, end: int) -> bool:
    """Whether the noun phrase behind an inverted verb ends the clause: no verb of its own follows."""
    word = clauses.word(end)
    return (
        not word
        or word in STOPS
        or word in {",", ";", "who", "in", "on", "at", "as", "during", "after", "when", "before"}
        or clauses.is_quote_start(end)
    )


def _infinitive(clauses: Clauses, at: int, verb: Verb, found: list[Frame]) -> Frame | None:
    """“declined to say”, “was unable to verify”, “went on to say”."""
    control = at - 2
    while control > 0 and (
        clauses.low[control].endswith("ly") or clauses.low[control] in {"on", "immediately"}
    ):
        control -= 1
    stance = controlled(clauses.word(control), verb)
    group = clauses.group_start(control)
    if stance is None or group == 0:
        return None
    subject, leader = clauses.subject(group), None
    if subject is None:
        leader = _shares(clauses, group, found)
        subject = leader.source if leader else None
    if subject is None:
        return None
    frame = Frame((group, at + 1), at, Side.RIGHT, stance, verb.lemma, subject, leader=leader)
    if _CONTROL[clauses.low[control]] is Stance.ASSERTS:
        return placed(clauses, frame, verb)
    is_comment = verb.lemma in {"comment", "elaborate"} and clauses.word(at + 1) in {"on", "about"}
    frame.right = at + 2 if is_comment else behind_adjuncts(clauses, at + 1)
    if clauses.is_closed(frame.right) or clauses.word(frame.right) in {",", ";"}:
        return leftward(frame, left_end(clauses, frame)) or frame
    return frame


def controlled(control: str, verb: Verb) -> Stance | None:
    """What a word such as “declined” makes of the verb behind it; None if nothing that we know."""
    stance = _CONTROL.get(control)
    if stance is Stance.ASSERTS:
        return verb.stance
    if stance is Stance.UNDER_VERIFICATION and verb.lemma not in _CHECKING:
        return None
    if stance is Stance.CANNOT_VERIFY and verb.lemma not in _CHECKING:
        return Stance.DECLINES_TO_CONFIRM
    if control == "yet" and verb.lemma in _CHECKING - {"confirm"}:
        return Stance.CANNOT_VERIFY
    return stance


def _participle(clauses: Clauses, at: int, verb: Verb, found: list[Frame]) -> Frame | None:
    """“…, adding that …”, “…, citing X”, “in a statement saying that …”."""
    before = at - 1
    while before > 0 and clauses.low[before].endswith("ly"):
        before -= 1
    word = clauses.word(before)
    if verb.lemma not in _PARTICIPLES or word == "as":
        return None
    if word not in _PARTICIPLE_LINKS and not clauses.clause_follows(at + 1):
        return None
    leader = next(
        (one for one in reversed(found) if one.source is not None and one.kind in {"verb", "according"}), None
    )
    source = leader.source if leader else _behind_conjunction(clauses, at) or main_subject(clauses, at)
    behind = at + 1
    if verb.lemma == "tell":
        behind = behind_addressee(clauses, behind, verb)
    if source is None or not (
        clauses.clause_follows(behind)
        or (verb.takes == "any" and clauses.begins_noun(behind) and verb.lemma not in NEEDS_CLAUSE)
    ):
        return None
    frame = Frame((at, at + 1), at, Side.RIGHT, verb.stance, verb.lemma, source, right=behind, leader=leader)
    if clauses.word(behind) in {":", ","}:
        frame.right += 1
    return frame


def _behind_conjunction(clauses: Clauses, at: int) -> Words | None:
    """The subject of the clause before a participle: “… after it broadcast a report saying …”."""
    opens = next(
        (place for place in range(at - 1, 1, -1) if clauses.low[place] in {"after", "when", "because"}), 0
    )
    if not opens or clauses.quoted[opens] != clauses.quoted[at] or not clauses.begins_noun(opens + 1):
        return None
    end = clauses.noun_end(opens + 1)
    return (opens + 1, end) if end + 1 < at and clauses.low[end][0].isalpha() else None


def main_subject(clauses: Clauses, at: int) -> Words | None:
    """The subject of the clause that a participle hangs on."""
    start = 0
    while start < at and clauses.quoted[start] != clauses.quoted[at]:
        start += 1
    while start < at and (clauses.low[start] in DASHES or _is_time(clauses.low[start])):
        start += 1
    if not clauses.begins_noun(start):
        comma = next((place for place in range(start, at) if clauses.low[place] == ","), None)
        if comma is None or comma + 1 >= at:
            return None
        start = comma + 1
    if not clauses.begins_noun(start):
        return None
    end = clauses.noun_end(start)
    for place in range(start + 1, end):
        word = clauses.low[place]
        if (
            word.endswith("ed")
            and place + 1 < end
            and not clauses.is_capital(place)
            and clauses.low[place - 1] not in DETERMINERS
        ):
            end = place
            break
    return (start, end) if start < end <= at else None


def _is_time(word: str) -> bool:
    """Whether a line opens with the time of day, as those of a live report do."""
    return word[0].isdigit() and ":" in word


_CONTROL = {
    word: Stance(stance) for stance, row in language("english")["control"].items() for word in row.split()
}
"""Words before “to confirm”, “to say”, and what they make of it."""


_CHECKING = words("checking")


_OVER = frozenset({"about", "over"})
_LOST = frozenset({"lives", "dead", "victims"})
_SUSPECTED = frozenset({"suspected", "alleged"})
_ATTRIBUTES = PASSIVE | {"confirmed", "alleged"}
_STATES = frozenset("dead killed missing wounded injured captured abducted kidnapped drowned trapped".split())  # noqa: SIM905
_INVERTING = words("inverting")
_NOT_SOURCES = words("not-sources")
_PLURALS = words("plurals")
_PARTICIPLES = words("participles")
_PARTICIPLE_LINKS = words("participle-links")
