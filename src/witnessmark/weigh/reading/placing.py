"""On which side of its cue the content lies."""

from __future__ import annotations

from witnessmark.model import Stance
from witnessmark.weigh.reading.adjuncts import behind_addressee, behind_adjuncts
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import PICTURES, VERBS, Form, Verb
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.stance import of_words
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.words import NEGATIONS, PREPOSITIONS, QUESTIONS, STOPS


def placed(clauses: Clauses, frame: Frame, verb: Verb) -> Frame | None:
    """A frame of the order subject, verb, with its content on the right, on the left, or around."""
    behind = _behind_cue(clauses, frame, verb)
    if behind is None or (verb.lemma in _ASKED and not clauses.is_number(frame.head + 1)):
        return None
    left, word = left_end(clauses, frame), clauses.word(behind)
    if word == "," and left is None and behind > frame.head + 1 and clauses.clause_follows(behind + 1):
        behind, word = behind + 1, clauses.word(behind + 1)  # “says that last June, dozens …”
    if _is_marked(clauses, behind):
        return _marked(clauses, frame, behind, left)
    if clauses.is_closed(behind):
        return leftward(frame, left)
    if left is not None and clauses.low[0] in PREPOSITIONS and clauses.clause_follows(behind):
        left = None  # “On the episode of “Morning Show,” she said it was …”
    if left is not None and (word in _BEHIND_SPEAKER or left_is_quote(clauses, left)):
        frame.left, frame.side = left, Side.LEFT
        return with_rest(clauses, frame, behind)
    return leftward(frame, left) if word in {",", ";"} else _rightward(clauses, frame, verb, behind)


def _behind_cue(clauses: Clauses, frame: Frame, verb: Verb) -> int | None:
    """Where content may begin on the right: behind addressee, day and occasion; None after a bare “point”."""
    behind = frame.head + 1
    if verb.lemma == "point":
        if clauses.word(behind) != "out":
            return None
        behind += 1
    if verb.lemma in _TELLING:
        behind = behind_addressee(clauses, behind, verb)
    behind = _behind_twin(clauses, frame, behind)
    if verb.lemma == "admit" and clauses.word(behind) == "to" and clauses.is_number(behind + 1):
        return behind + 1
    return behind_adjuncts(clauses, _behind_citing(clauses, frame, behind))


def _is_marked(clauses: Clauses, at: int) -> bool:
    """Whether content announces itself here: by “that”, a colon or a quotation."""
    if clauses.word(at) in {"that", ":"} or clauses.is_quote_start(at):
        return True
    return clauses.word(at) == "," and clauses.is_quote_start(at + 1)


def _marked(clauses: Clauses, frame: Frame, behind: int, left: int | None) -> Frame:
    frame.right = behind + (clauses.word(behind) in {":", ","})
    is_quoted = left is not None and clauses.quoted[left - 1] not in {0, clauses.quoted[frame.head]}
    if left is not None and (is_quoted or (clauses.word(behind) == ":" and left > 4)):
        frame.left, frame.side = left, Side.AROUND
    return frame


_BEHIND_SPEAKER = frozenset(
    {",", ";", "—", "–", "--", "in", "on", "at", "during", "after", "before", "through", "via"}
)
_TELLING = words("telling")
_CALLING = words("calling")
_ACCUSING = words("accusing")
_SHOWS = words("showing-things")


def _behind_citing(clauses: Clauses, frame: Frame, behind: int) -> int:
    """Behind “, citing X,” between the verb and its content."""
    if clauses.word(behind) != "," or clauses.word(behind + 1) not in {"citing", "quoting"}:
        return behind
    end = clauses.noun_end(behind + 2)
    if end == behind + 2 or clauses.word(end) != ",":
        return behind
    frame.via = (behind + 2, end)
    return end + 1


def _behind_twin(clauses: Clauses, frame: Frame, behind: int) -> int:
    """Behind “… or deny”, “… nor disowned”: one refusal in two verbs."""
    twin = VERBS.get(clauses.word(behind + 1))
    if clauses.word(behind) in {"or", "nor"} and twin is not None:
        frame.cue = (frame.cue[0], behind + 2)
        frame.stance = Stance.DECLINES_TO_CONFIRM
        return behind + 2
    return behind


def leftward(frame: Frame, left: int | None) -> Frame | None:
    """The frame with its content on the left; None if there is none."""
    if left is None:
        return None
    frame.left, frame.side = left, Side.LEFT
    return frame


def left_is_quote(clauses: Clauses, left: int) -> bool:
    """Whether content that ends at `left` ends with a quotation."""
    if left > 1 and clauses.low[left - 1] == ",":
        left -= 1
    return bool(left and clauses.quoted[left - 1]) and clauses.is_quote_end(left - 1)


def left_end(clauses: Clauses, frame: Frame) -> int | None:
    """Where content on the left would end: before the comma or with the quotation before the frame."""
    if frame.leader is not None:
        return None
    start = frame.start
    level = clauses.quoted[frame.head]
    if start < 2:
        return None
    if clauses.is_quote_end(start - 1) and clauses.quoted[start - 1] != level:
        return start
    if clauses.low[start - 1] in {"as", "so"} and clauses.low[start - 2] == ",":
        return start - 2
    if clauses.low[start - 1] in {",", "—", "–", "--"}:
        is_inside = clauses.quoted[start - 1] != level and clauses.is_quote_end(start - 1)
        return start if is_inside else start - 1
    return None


def _rightward(clauses: Clauses, frame: Frame, verb: Verb, behind: int) -> Frame | None:
    """Content on the right without a mark: taken if the verb takes such content."""
    frame.right = behind
    if verb.lemma in _CALLING and clauses.word(behind) not in QUESTIONS:
        is_false = of_words("call", " ".join(clauses.low[behind:])) is not None
        is_told = verb.lemma in _TELLING_OF and clauses.counts_people(behind)
        return frame if is_false or is_told or verb.lemma == "dismiss" else None
    if verb.takes == "object":
        return frame if verb.lemma in _ACCUSING else None
    is_clause = clauses.clause_follows(behind)
    if verb.lemma in _NEEDS_MARK and clauses.word(behind) not in QUESTIONS:
        is_clause = False
    if (verb.takes == "clause" or verb.lemma in NEEDS_CLAUSE) and not is_clause:
        return frame if _takes_object(clauses, frame, behind) else None
    if (
        clauses.word(behind) in _NO_OBJECT
        and not clauses.is_number(behind)
        and verb.lemma not in _TAKES_INFINITIVE
        and not is_clause
    ):
        return frame if verb.lemma in {"confirm", "deny"} else None
    if verb.lemma == "see" and not _is_witness(clauses, frame):
        return None
    return frame


def _takes_object(clauses: Clauses, frame: Frame, behind: int) -> bool:
    """Whether a mere thing can be content: what a picture shows, what I saw, what nobody believes."""
    if frame.lemma == "repeat":
        frame.stance = Stance.REPORTS
        return not _CLAIMED.isdisjoint(clauses.low[behind : behind + 4])
    if _counts(clauses, frame, behind):
        return True
    if not clauses.begins_noun(behind):
        return False
    if frame.lemma in {"see", "count"}:
        return _is_witness(clauses, frame)
    if frame.lemma == "believe":
        return not NEGATIONS.isdisjoint(clauses.low[slice(*frame.cue)])
    return frame.lemma in _SHOWS and _is_picture(clauses, frame.source)


def _counts(clauses: Clauses, frame: Frame, behind: int) -> bool:
    """Whether the thing is a number of people: “wrote down 212 names”, “the names of 58 victims”."""
    if frame.lemma == "write" and clauses.word(behind) == "down" and clauses.is_number(behind + 1):
        frame.right = behind + 1
        return True
    return (frame.lemma in _COUNTING and clauses.is_number(behind)) or (
        frame.lemma in _TELLING_OF | _ASKING | _SHOWS and clauses.counts_people(behind)
    )


def _is_witness(clauses: Clauses, frame: Frame) -> bool:
    return frame.source is not None and clauses.low[frame.source[1] - 1] in {"i", "we"}


_COUNTING = words("counting-things")
_TELLING_OF = words("telling-of-people")
_ASKED = words("asked")
_ASKING = words("asking-people") | _ASKED
_NEEDS_MARK = words("needs-a-mark")
_NO_OBJECT = frozenset({"to", "in", "on", "with", "for", "at", "by", "against", "from", "as"})
_TAKES_INFINITIVE = frozenset("promise vow pledge claim threaten agree point urge tell".split())  # noqa: SIM905


def _is_picture(clauses: Clauses, source: Words | None) -> bool:
    return source is not None and any(
        word in PICTURES or word in {"they", "it", "these"} for word in clauses.low[source[0] : source[1]]
    )


def with_rest(clauses: Clauses, frame: Frame, end: int) -> Frame:
    """A frame with content on the left, and with what goes on of it behind the speaker."""
    rest = behind_adjuncts(clauses, end)
    if clauses.is_closed(rest) or rest >= clauses.size:
        return frame
    word = clauses.word(rest)
    if clauses.is_quote_start(rest):
        frame.side, frame.right = Side.AROUND, rest
    elif word in {",", ":", ";", "—", "–", "--"} or word in STOPS:
        following = clauses.word(rest + 1)
        if clauses.is_quote_start(rest + 1) or (
            word == ","
            and not (clauses.quoted[0] and left_is_quote(clauses, frame.left))
            and not is_aside(clauses, rest + 1, following)
        ):
            frame.side, frame.right = Side.AROUND, rest + 1
    elif word == "that" and frame.kind == "verb":
        frame.side, frame.right = Side.RIGHT, rest
    return frame


def is_aside(clauses: Clauses, at: int, word: str) -> bool:
    """Whether what follows a comma tells about the speaking and not what was said."""
    verb = VERBS.get(word)
    if word.endswith("ing") or word in {"who", "whose", "when", "in", "as", "after", "at", "during", "on"}:
        return True
    if verb is not None and verb.form is Form.ING:
        return True
    return word in {"and", "but", "while"} and _has_cue_soon(clauses, at)


def _has_cue_soon(clauses: Clauses, at: int) -> bool:
    for ahead in range(at, min(at + 8, clauses.size)):
        verb = VERBS.get(clauses.low[ahead])
        if verb is not None and verb.form is not Form.BASE and not clauses.is_noun_like(ahead):
            return True
        if clauses.low[ahead] in {"put", "puts"} and "at" in clauses.low[ahead + 2 : ahead + 7]:
            return True
    return False


NEEDS_CLAUSE = words("needs-a-clause")


_CLAIMED = words("claimed-things")
