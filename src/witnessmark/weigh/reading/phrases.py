"""What is said without a verb of saying: according to, in my view, reportedly, the number is put at."""

from __future__ import annotations

from witnessmark.model import Stance
from witnessmark.weigh.reading.adjuncts import source_end
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import VERBS, Form
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.passives import passive_be
from witnessmark.weigh.reading.placing import is_aside
from witnessmark.weigh.reading.tables import language, words
from witnessmark.weigh.reading.verbs import main_subject
from witnessmark.weigh.reading.words import (
    BE,
    CONJUNCTIONS,
    DASHES,
    DETERMINERS,
    FINITE,
    NEGATIONS,
    PREPOSITIONS,
    STOPS,
    SUBORDINATORS,
)


def according(clauses: Clauses, at: int) -> Frame | None:
    """“according to X”, before its content, behind it or in the middle."""
    start = at + 2
    if clauses.word(at + 1) != "to" or not clauses.begins_noun(start):
        return None
    end = source_end(clauses, start)
    if end <= start:
        return None
    cue_start = at
    frame = Frame(
        (cue_start, start),
        at,
        Side.LEFT,
        Stance.ASSERTS,
        "according",
        (start, end),
        left=at,
        kind="according",
    )
    level = clauses.quoted[at]
    first = at
    while first > 0 and clauses.quoted[first - 1] == level and clauses.low[first - 1] not in STOPS:
        first -= 1
    opens = at == first or (at - first == 1 and clauses.low[first] in {"but", "and", "yet"})
    if opens or clauses.word(at - 1) in {";", "that", "but", "and", "while"}:
        frame.side = Side.RIGHT
        frame.via, end = _which_cited(clauses, end)
        if (relay := _cited_by(clauses, end)) is not None:
            frame.source, frame.via, end = relay, (start, end), relay[1]
        frame.right = end + (clauses.word(end) == ",")
        return frame
    if clauses.word(at - 1) in {",", "—", "–"}:
        frame.left = at - 1
        if (
            clauses.word(end) == ","
            and not clauses.is_closed(end + 1)
            and not is_aside(clauses, end + 1, clauses.word(end + 1))
        ):
            frame.side, frame.right = Side.AROUND, end + 1
    return frame


def _which_cited(clauses: Clauses, end: int) -> tuple[Words | None, int]:
    """The first voice in “According to X, which cited Y, …”, and where it ends."""
    if (
        clauses.low[end : end + 2] not in ([",", "which"], [",", "who"])
        or clauses.word(end + 2) not in _CITED
    ):
        return None, end
    close = clauses.noun_end(end + 3)
    return ((end + 3, close), close) if clauses.word(close) == "," else (None, end)


def _cited_by(clauses: Clauses, end: int) -> Words | None:
    """Who passes it on in “According to X, cited by Y, …”."""
    if clauses.low[end : end + 3] not in ([",", "cited", "by"], [",", "quoted", "by"]):
        return None
    close = clauses.noun_end(end + 3)
    return (end + 3, close) if close > end + 3 and clauses.word(close) == "," else None


_CITED = frozenset({"cited", "cites", "quoted", "quotes"})


def hearsay(at: int) -> Frame:
    """“reportedly killed 40”: the clause around the adverb, and no source."""
    return Frame(
        (at, at + 1), at, Side.AROUND, Stance.REPORTS, "hearsay", None, left=at, right=at + 1, kind="hearsay"
    )


def put_at(clauses: Clauses, at: int) -> Frame | None:
    """“X put the number at 40”; “gave the number as 40”; “revised the toll to 40”; “spoke of 40 dead”."""
    group = clauses.group_start(at)
    subject = clauses.subject(group) if group > 0 else None
    if subject is None:
        return None
    if passive_be(clauses, at) is not None:
        return _put_by(clauses, at, group, subject)
    links, nearest = _LINKS[clauses.low[at]]
    if clauses.low[at] in _SUMMING and (COUNTS | _LISTS).isdisjoint(clauses.low[slice(*subject)]):
        return None
    for ahead in range(at + nearest, min(at + 22, clauses.size)):
        is_listing = clauses.low[ahead] == "," and clauses.low[at] in _SPEAKING
        if clauses.low[ahead] in STOPS or (clauses.low[ahead] in {",", ";"} and not is_listing):
            return None
        is_number = clauses.is_number(ahead + 1) or clauses.counts_nobody(ahead + 1)
        is_hedge = clauses.low[ahead] == "at" and clauses.word(ahead + 1) in {"least", "most"}
        is_link = (clauses.low[ahead] in links and not is_hedge) or (
            clauses.low[ahead] == "and" and clauses.low[at] in _SPEAKING
        )
        if is_link and is_number:
            return Frame((group, at + 1), at, Side.RIGHT, Stance.ASSERTS, "put", subject, right=at + 1)
    return None


def _put_by(clauses: Clauses, at: int, group: int, subject: Words) -> Frame | None:
    """“The toll was put at 40 by X”, “a figure of 116 dead was given to parliament by X”."""
    if COUNTS.isdisjoint(clauses.low[slice(*subject)]):
        return None
    for ahead in range(at + 1, min(at + 16, clauses.size)):
        if clauses.low[ahead] in STOPS or clauses.low[ahead] in {",", ";"}:
            return None
        end = (
            source_end(clauses, ahead + 1)
            if clauses.low[ahead] == "by" and clauses.begins_noun(ahead + 1)
            else 0
        )
        if end > ahead + 1:
            frame = Frame(
                (group, at + 1), at, Side.LEFT, Stance.ASSERTS, "put", (ahead + 1, end), kind="passive"
            )
            frame.contents = [subject, (at + 1, ahead)]
            return frame
    return None


_LINKS: dict[str, tuple[tuple[str, ...], int]] = {
    **dict.fromkeys(("put", "puts", "putting"), (("at", "between", "to"), 2)),
    **dict.fromkeys(("gave", "gives", "given", "give"), (("as", "of"), 2)),
    **dict.fromkeys(("revised", "raised", "lowered", "corrected"), (("to",), 2)),
    **dict.fromkeys(("place", "places", "placed", "set", "sets"), (("at", "between"), 2)),
    **dict.fromkeys(
        ("spoke", "spoken", "speaks", "speak", "talk", "talks", "talked", "talking"), (("of",), 1)
    ),
    **dict.fromkeys(("arrive", "arrives", "arrived"), (("at",), 1)),
    **dict.fromkeys(("know", "knows", "knew"), (("of",), 1)),
    **dict.fromkeys(("comes", "came", "amounts", "amounted"), (("to",), 1)),
    **dict.fromkeys(("range", "ranges", "ranged"), (("from",), 1)),
    **dict.fromkeys(("refers", "referred", "refer", "points", "pointed"), (("to",), 1)),
}
"""How a verb leads to its number, and how far the nearest such word is."""
PUTTING = frozenset(_LINKS)
_SPEAKING = frozenset({"spoke", "spoken", "speaks", "speak"})
"""Verbs whose number may be the last of a list: “spoke of the driver, aged 58, and two others dead”."""
_SUMMING = frozenset("comes came amounts amounted range ranges ranged".split())  # noqa: SIM905
"""Verbs that say a number only of what counts: “a count by reporters came to 650”."""


def by_count(clauses: Clauses, at: int) -> Frame | None:
    """“by the army's count, 40 died”; “the army's figure is 40”; “the army's figure of 40”."""
    source = _owner(clauses, at)
    if source is None:
        return None
    if clauses.word(source[0] - 1) in ({"by"} if clauses.low[at] == "toll" else {"by", "in", "on", "from"}):
        frame = Frame(
            (source[0] - 1, at + 1), at, Side.LEFT, Stance.ASSERTS, "count", source, kind="according"
        )
        opens = source[0] < 2 or clauses.low[source[0] - 2] in {".", ":", ";", "that", "but", "and"}
        if opens:
            frame.side, frame.right = Side.RIGHT, at + 1 + (clauses.word(at + 1) == ",")
        frame.left = source[0] - 1 - (clauses.word(source[0] - 2) == ",")
        return frame
    following = clauses.word(at + 1)
    right = (
        at + 2 if following in {"of", "is", "was", ":"} else at + 3 if following in {"stands", "stood"} else 0
    )
    if not right or not clauses.is_number(right):
        return None
    if following == ":" and clauses.low[source[0]] in {"its", "his", "her", "their", "our", "my"}:
        source = main_subject(clauses, source[0]) or source
    return Frame((at, at + 1), at, Side.RIGHT, Stance.ASSERTS, "count", source, right=right, kind="noun")


def _owner(clauses: Clauses, at: int) -> Words | None:
    """Whose count it is: the noun before 's, or a possessive pronoun."""
    before = at - 1
    while before > 0 and clauses.low[before] in {"own", "latest", "first", "official", "last", "initial"}:
        before -= 1
    if clauses.word(before) in {"their", "its", "his", "her", "our", "my"}:
        return before, before + 1
    if clauses.word(before) in {"'s", "’s", "’", "'"}:
        start = before
        while start > 0 and before - start < 7 and not _borders(clauses, start - 1):
            start -= 1
        return (start, before) if start < before else None
    return None


def _borders(clauses: Clauses, at: int) -> bool:
    word = clauses.low[at]
    return (
        not word[0].isalnum()
        or word in PREPOSITIONS
        or word in CONJUNCTIONS
        or word in FINITE
        or word in VERBS
    )


COUNTS = words("counts")


def holding(clauses: Clauses, at: int) -> Frame | None:
    """“the register has 1,177 entries”, “the monument carries 619 names”: a list says how many."""
    if not clauses.is_number(at + 1):
        return None
    group = clauses.group_start(at)
    subject = clauses.subject(group) if group > 0 else None
    is_told = clauses.low[at] in {"named", "list", "lists", "listed"} and clauses.counts_people(at + 1)
    if subject is None or (_LISTS.isdisjoint(clauses.low[slice(*subject)]) and not is_told):
        return None
    return Frame((group, at + 1), at, Side.RIGHT, Stance.ASSERTS, HELD, subject, right=at + 1)


HELD = "hold"
_LISTS = words("registers")
HOLDING = words("holding")


def in_view(clauses: Clauses, at: int) -> Frame | None:
    """“in my view”, “in the words of X”."""
    word = clauses.word(at - 1)
    if clauses.word(at - 2) == "in" and (word in {"my", "our", "his", "her", "their"}):
        source = (at - 1, at)
    elif clauses.word(at - 2) == "in" and word == "the" and clauses.word(at + 1) == "of":
        source = (at + 2, clauses.noun_end(at + 2))
    else:
        return None
    behind = max(at + 1, source[1])
    if clauses.word(behind) == ",":
        behind += 1
    if at - 2 == 0 or clauses.low[at - 3] in STOPS or clauses.quoted[at - 3] != clauses.quoted[at]:
        return Frame(
            (at - 2, at + 1), at, Side.RIGHT, Stance.ASSERTS, "view", source, right=behind, kind="according"
        )
    return None


def noun(clauses: Clauses, at: int) -> Frame | None:
    """“the claim by X that …”, “X's denial that …”, “reports that …”."""
    following = clauses.word(at + 1)
    stance = Stance.DENIES if clauses.low[at].startswith("denial") else Stance.ASSERTS
    if following in {"by", "in", "from"}:
        return _of_somebody(clauses, at, stance)
    start = at
    while start > 0 and (
        clauses.low[start - 1] in DETERMINERS
        or clauses.low[start - 1] in {"unconfirmed", "earlier", "initial", "false", "recent", "new"}
    ):
        start -= 1
    if (
        following == "that"
        and clauses.clause_follows(at + 1)
        and not (at + 2 < clauses.size and clauses.low[at + 2] in VERBS)
    ):
        source = None
        if clauses.low[start - 1 : start] in (["'s"], ["’s"]) or clauses.word(start - 1) in {"'", "’"}:
            found = clauses.noun_before(max(0, start - 8), start - 1)
            source = found
        elif clauses.low[start] in {"his", "her", "their", "its"}:
            source = (start, start + 1)
        else:
            source = _from_where(clauses, at)
        if (
            clauses.low[at] in {"statement", "statements", "report", "evidence"}
            and source is None
            and clauses.low[at] != "reports"
        ):
            return None
        return Frame(
            (at, at + 1),
            at,
            Side.RIGHT,
            Stance.REPORTS if source is None else stance,
            clauses.low[at],
            source,
            right=at + 1,
            kind="noun",
        )
    return None


def _from_where(clauses: Clauses, at: int) -> Words | None:
    """The name right before a noun of saying: “despite Israeli warnings that …”."""
    first = at
    while first > 1 and clauses.is_capital(first - 1):
        first -= 1
    return (first, at) if first < at else None


def _of_somebody(clauses: Clauses, at: int, stance: Stance) -> Frame | None:
    """“a report by X that …”, “a report in the X that …”."""
    end = clauses.noun_end(at + 2)
    if end == at + 2 or clauses.word(end) != "that":
        return None
    frame = Frame(
        (at, at + 1), at, Side.RIGHT, stance, clauses.low[at], (at + 2, end), right=end, kind="noun"
    )
    frame.named = True
    return frame


def live(clauses: Clauses) -> Frame | None:
    """“10:15 Coast guard: two bodies found.”: in a live report, whose number it is stands before a colon."""
    first = clauses.low[0]
    is_timed = first[0].isdigit() and ":" in first
    start = 1 + (clauses.word(1) in DASHES) if is_timed else 0
    end = next(
        (at for at in range(start, min(start + _SPEAKER_MOST, clauses.size)) if clauses.low[at] == ":"), 0
    )
    named = clauses.low[start:end]
    if not named or not all(word[0].isalpha() for word in named) or any(word in FINITE for word in named):
        return None
    if not clauses.begins_noun(start) or not any(map(clauses.is_number, range(end + 1, clauses.size))):
        return None
    if not is_timed and not (clauses.is_number(end + 1) and _is_office(clauses, start, end)):
        return None
    return Frame((end, end + 1), end, Side.RIGHT, Stance.ASSERTS, "live", (start, end), right=end + 1)


def script(clauses: Clauses) -> Frame | None:
    """“Hollen: We do not know.”: a name, a colon, and words."""
    for at in range(1, min(_SPEAKER_MOST, clauses.size)):
        if clauses.low[at] != ":":
            continue
        name = range(at)
        if at + 1 >= clauses.size or not all(
            clauses.is_capital(place) or clauses.low[place] in {"of", "the", "for", "-"} for place in name
        ):
            return None
        is_quote = clauses.is_quote_start(at + 1)
        if not is_quote and clauses.tokens[at].start != clauses.tokens[at - 1].end:
            return None
        if not is_quote and not (clauses.tokens[0].text.isupper() and len(clauses.tokens[0].text) > 2):
            return None
        return Frame(
            (at, at + 1), at, Side.RIGHT, Stance.ASSERTS, SCRIPT, (0, at), right=at + 1, kind="script"
        )
    return None


def announced(clauses: Clauses) -> Frame | None:
    """“The mayor of Stell: “I have seen it.””: a noun phrase, a colon and a quotation."""
    for at in range(1, min(_ANNOUNCED_MOST, clauses.size)):
        word, verb = clauses.low[at], VERBS.get(clauses.low[at])
        if word == ":":
            is_phrase = clauses.begins_noun(0) and clauses.is_quote_start(at + 1)
            return _announced(at) if is_phrase and not clauses.quoted[0] else None
        is_verb = verb is not None and verb.form is not Form.BASE and not clauses.is_noun_like(at)
        if is_verb or word in FINITE or word in SUBORDINATORS or word in STOPS:
            return None
    return None


def _announced(at: int) -> Frame:
    return Frame(
        (at, at + 1), at, Side.RIGHT, Stance.ASSERTS, "announced", (0, at), right=at + 1, kind="script"
    )


_ANNOUNCED_MOST = 16


def _is_office(clauses: Clauses, start: int, end: int) -> bool:
    """Whether a phrase is about somebody who may say a number: “The United Nations human rights office”."""
    close = next((at for at in range(start + 1, end) if clauses.low[at] in PREPOSITIONS), end)
    return clauses.low[close - 1] in _OFFICES


_OFFICES = words("bodies") | words("titles")
SCRIPT = "colon"
_SPEAKER_MOST = 8


def conviction(clauses: Clauses, at: int) -> Frame | None:
    """“I am confident that”, “is not convinced”, “it was unclear whether”."""
    group = clauses.group_start(at)
    words = clauses.low[group:at]
    if not any(
        word in BE or word in {"remains", "remain", "remained"} for word in [*words, clauses.word(at - 1)]
    ):
        return None
    if clauses.word(at - 1) in {"remains", "remain", "remained"}:
        group = clauses.group_start(at - 1)
    subject = clauses.subject(group) if group > 0 else None
    following = clauses.word(at + 1)
    if subject is None or not (
        following in {"of", "about", "by"} or clauses.clause_follows(at + 1) or clauses.is_closed(at + 1)
    ):
        return None
    stance = CONVICTIONS[clauses.low[at]][any(word in NEGATIONS for word in words)]
    is_impersonal = clauses.low[subject[0]] in {"it", "that", "this"} and subject[1] - subject[0] == 1
    if clauses.low[at] in {"clear", "unclear"} and not is_impersonal:
        return None
    if is_impersonal and stance is Stance.ASSERTS:
        return None
    source = None if is_impersonal else subject
    if clauses.is_closed(at + 1):
        return (
            Frame((group, at + 1), at, Side.NONE, stance, clauses.low[at], source, kind="conviction")
            if stance is not Stance.ASSERTS
            else None
        )
    right = at + 1 + (following in {"of", "about", "by"})
    return Frame(
        (group, at + 1), at, Side.RIGHT, stance, clauses.low[at], source, right=right, kind="conviction"
    )


CONVICTIONS = {
    word: (Stance(plain), Stance(negated))
    for word, (plain, negated) in language("english")["convictions"].items()
}
"""Adjectives of conviction: the stance of “is …”, and of “is not …”."""


def doubt(clauses: Clauses, at: int) -> Frame | None:
    """“cast doubt on”, “has expressed doubts about”, “I have no doubt that”."""
    verb = at - 1
    while verb > at - 4 and clauses.word(verb) in {
        "no",
        "serious",
        "some",
        "grave",
        "considerable",
        "any",
        "his",
        "their",
    }:
        verb -= 1
    if clauses.word(verb) not in _DOUBTING:
        return None
    group = clauses.group_start(verb)
    subject = clauses.subject(group) if group > 0 else None
    if subject is None or clauses.word(at + 1) not in {"that", "about", "on", "over", "of"}:
        return None
    right = at + 1 + (clauses.word(at + 1) != "that")
    is_negated = "no" in clauses.low[verb:at] or any(word in NEGATIONS for word in clauses.low[group:verb])
    stance = Stance.ASSERTS if is_negated else Stance.DOUBTS
    return Frame((group, at + 1), at, Side.RIGHT, stance, "doubt", subject, right=right, kind="conviction")


_DOUBTING = words("doubting")


def take_back(clauses: Clauses, at: int) -> Frame | None:
    """“I take back what I wrote”."""
    if "back" not in clauses.low[at + 1 : at + 4]:
        return None
    group = clauses.group_start(at)
    subject = clauses.subject(group) if group > 0 else None
    back = clauses.low.index("back", at)
    if subject is None:
        return None
    return Frame((group, back + 1), at, Side.RIGHT, Stance.RETRACTS, "take back", subject, right=back + 1)
