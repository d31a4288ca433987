"""What stands between a cue and its content: who was told, when and where; and where a source ends."""

from __future__ import annotations

from witnessmark.weigh.reading.clauses import Clauses
from witnessmark.weigh.reading.cues import VERBS, Verb
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.words import (
    DAYS,
    DETERMINERS,
    FINITE,
    OCCASIONS,
    PERSONAL,
    PREPOSITIONS,
    STOPS,
)


def source_end(clauses: Clauses, start: int) -> int:
    """Where a source behind its cue ends, with the apposition that follows it."""
    end = clauses.noun_end(start)
    for back in range(start + 2, end):
        if clauses.low[back] in _HEDGING and clauses.is_number(back):
            return back  # “according to the ministry over 345 pilgrims”
    for back in range(start + 1, end):
        if clauses.low[back] in {
            "on",
            "during",
            "after",
            "before",
            "by",
            "when",
            "in",
            "at",
        } and _is_occasion(clauses, back):
            return back
    if clauses.word(end) != "," or clauses.is_quote_start(end + 1):
        return end
    return _apposition_end(clauses, end)


def _is_occasion(clauses: Clauses, at: int) -> bool:
    """Whether a preposition leads to a day or an occasion, not to an office."""
    if clauses.low[at] in {"during", "after", "before", "when"}:
        return True
    ahead = clauses.low[at + 1 : at + 6]
    return any(word in DAYS or word in OCCASIONS for word in ahead[:5]) or bool(
        ahead and ahead[0][:2].isdigit()
    )


def _apposition_end(clauses: Clauses, comma: int) -> int:
    """The end of “, a spokesman for the ministry” or “, who keeps it” behind a source; else the comma."""
    first = clauses.word(comma + 1)
    if (
        first not in {"who", "whose"}
        and first not in {"a", "an", "the", "its", "his", "her", "their", "one"}
        and not clauses.is_capital(comma + 1)
    ):
        return comma
    if clauses.word(comma + 1) in VERBS or first in PERSONAL:
        return comma
    at = comma + 1
    while at < clauses.size and clauses.quoted[at] == clauses.quoted[comma]:
        word = clauses.low[at]
        if word in STOPS or word in {",", ";", "—", "–", "--", ":"}:
            break
        at += 1
    inside = clauses.low[comma + 1 : at]
    is_clause = "who" not in inside and "whose" not in inside and not FINITE.isdisjoint(set(inside) - {"'s"})
    return comma if is_clause else at


def behind_adjuncts(clauses: Clauses, at: int) -> int:
    """Behind “on Tuesday”, “in a statement”, “by telephone”, “to reporters”."""
    while at < clauses.size:
        word = clauses.word(at)
        if word in DAYS or word in {
            "morning",
            "afternoon",
            "evening",
            "night",
            "earlier",
            "later",
            "recently",
            "ago",
            "here",
        }:
            at += 1
        elif word in {"last", "this"} and clauses.word(at + 1) in _MONTHS | {
            "week",
            "month",
            "year",
            "fall",
            "summer",
            "spring",
            "winter",
            "night",
            "morning",
        }:
            at += 2
        elif _is_hedge(clauses, at):
            return at
        elif word in PREPOSITIONS and (end := _theirs(clauses, at) or _occasion_end(clauses, at)) is not None:
            at = end
        else:
            return at
    return at


def _is_hedge(clauses: Clauses, at: int) -> bool:
    """Whether a preposition belongs to a number: “says at least 37 miners died on Sunday”."""
    if clauses.low[at] == "at":
        return clauses.word(at + 1) in {"least", "most"}
    return clauses.low[at] in _HEDGING | {"under"} and clauses.is_number(at + 1)


def _theirs(clauses: Clauses, at: int) -> int | None:
    """The end of “on his channel” in front of what is said there."""
    is_theirs = clauses.word(at + 1) in _THEIRS and clauses.word(at + 3) in {"that", ":"}
    return at + 3 if is_theirs else None


def _occasion_end(clauses: Clauses, at: int) -> int | None:
    """The end of an adjunct of time or occasion behind a preposition; None if it is none."""
    last = None
    for ahead in range(at + 1, min(at + 9, clauses.size)):
        word = clauses.low[ahead]
        if word == "that" and ahead > at + 2 and clauses.low[at] in {"during", "in", "at", "to"}:
            last = ahead
        if (
            word in STOPS
            or word in {",", "that", ";", ":"}
            or clauses.quoted[ahead] != clauses.quoted[at]
            or word in PERSONAL
        ):
            break
        if (
            word in DAYS
            or word in OCCASIONS
            or (word.isdigit() and last is not None)
            or word
            in {
                "january",
                "february",
                "march",
                "april",
                "june",
                "july",
                "august",
                "september",
                "october",
                "november",
                "december",
                "2016",
                "reporters",
                "journalists",
            }
        ):
            last = ahead + 1
        elif word in DETERMINERS and ahead > at + 1 and clauses.low[ahead - 1] not in PREPOSITIONS:
            break
    if last is not None and clauses.word(last) in {"with", "to", "on", "in", "at", "from", "by"}:
        further = clauses.noun_end(last + 1)
        if further > last + 1 and not clauses.clause_follows(last + 1):
            return further
    return last


def behind_addressee(clauses: Clauses, at: int, verb: Verb) -> int:
    """Behind the one who was told."""
    word = clauses.word(at)
    if word in _ADDRESSEES and not (word == "her" and clauses.word(at + 1) not in _BEHIND_HER):
        return at + 1
    if verb.lemma in {"warn", "ask", "urge"} and clauses.clause_follows(at):
        return at
    for ahead in range(at, min(at + 16, clauses.size)):
        if _ends_addressee(clauses, at, ahead):
            return ahead
    return max(at, clauses.noun_end(at))


def _ends_addressee(clauses: Clauses, start: int, at: int) -> bool:
    """Whether what was told begins here."""
    word = clauses.low[at]
    if word in {"that", ":", ","} or word in STOPS or clauses.quoted[at] != clauses.quoted[start]:
        return True
    is_behind_noun = clauses.word(at - 1) not in PREPOSITIONS
    if at > start and (word in PERSONAL or (word in _TOLD_ABOUT and is_behind_noun)):
        return True
    is_new = at > start and word in DETERMINERS and is_behind_noun and clauses.word(at - 1) not in DETERMINERS
    return is_new and clauses.clause_follows(at)


_MONTHS = words("months")
_HEDGING = frozenset({"over", "about", "some", "almost", "nearly", "around", "more", "up", "between"})
_THEIRS = frozenset({"his", "her", "its", "their", "my", "our"})
_ADDRESSEES = words("addressees")
_TOLD_ABOUT = words("told-about")
_BEHIND_HER = frozenset({"that", "he", "she", "they", "the", "it", "to"})
