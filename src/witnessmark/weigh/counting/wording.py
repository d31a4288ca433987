"""Words around a number, as reports have them, put into the product's own: qualifier, flags, stance, scope.

Tables that people keep say "lower-bound (two sites; may be much higher)" or "running; not final". The first
words say how the number is meant, what follows in brackets or after a semicolon only explains it; all of it
is kept as a note. No number is made out of a word: "hundreds" stays vague.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from witnessmark.errors import MalformedError
from witnessmark.model import Qualifier, Range, Stance
from witnessmark.model.reported import Flag, Quantity

_QUALIFIERS: tuple[tuple[str, Qualifier], ...] = (
    (r"lower[ -]?bound|at least|minimum|no(?:t)? (?:fewer|less) than|or more", Qualifier.AT_LEAST),
    (r"more than|over|above|exceed\w*|upwards of", Qualifier.MORE_THAN),
    (r"upper[ -]?bound|up to|at most|maximum|no(?:t)? more than", Qualifier.UP_TO),
    (r"less than|fewer than|under|below|nearly|almost", Qualifier.LESS_THAN),
    (r"about|approx\w*|around|roughly|circa|some|ca\.|~|estimated at", Qualifier.ABOUT),
    (r"vague|hundreds|dozens|scores|several|many|tens|thousands|countless", Qualifier.VAGUE),
    (r"running|so far|to date|until now|not final|and counting", Qualifier.AT_LEAST),
    (r"range|between|from", Qualifier.BETWEEN),
    (r"point|exact\w*|precisely|counted", Qualifier.EXACTLY),
)
_T = TypeVar("_T")
_RUNNING = re.compile(r"\b(?:running|so far|to date|until now|not final|and counting)\b")
_PART = re.compile(r"\b(?:subset|part|share) of\b|\bsubset\b")
_QUANTITIES: tuple[tuple[str, Quantity], ...] = (
    (r"exhum\w*|unearthed|recovered|retrieved", Quantity.EXHUMED),
    (r"identif\w*", Quantity.IDENTIFIED),
    (r"missing|disappear\w*|unaccounted|whereabouts", Quantity.MISSING),
    (r"injur\w*|wound\w*|hurt", Quantity.INJURED),
    (r"kill\w*|dead|deaths?|died|execut\w*|fatalit\w*", Quantity.KILLED),
    (r"massacre\w*|murder\w*|slain|slaughter\w*|bodies", Quantity.KILLED),
    (
        r"detain\w*|detention|held|captur\w*|captive\w*|prisoners?|arrest\w*|abduct\w*|taken away",
        Quantity.DETAINED,
    ),
)
_STANCES: tuple[tuple[str, Stance], ...] = (
    (r"retract\w*|withdr\w+|corrected away", Stance.RETRACTS),
    (
        r"cannot[ -]?(?:confirm|verify)|could not (?:confirm|verify)|unverified|no confirmation",
        Stance.CANNOT_VERIFY,
    ),
    (r"declin\w+ to confirm|no comment", Stance.DECLINES_TO_CONFIRM),
    (r"den(?:y|ies|ied)|reject\w*|disput\w*", Stance.DENIES),
    (r"doubt\w*|question\w*", Stance.DOUBTS),
    (r"confirm\w*", Stance.CONFIRMS),
)
_SUPERSEDES = re.compile(r"supersed\w*|replac\w*|revis\w*|correct\w*")
_NUMBERS = re.compile(r"\d[\d,. ]*\d|\d")


@dataclass(frozen=True, slots=True)
class Worded:
    """What the words around a number say: how it is meant, what to be careful of, of which part it is."""

    qualifier: Qualifier | None
    flags: tuple[Flag, ...] = ()
    scope: str = ""


def worded(text: str) -> Worded:
    """What the words beside a number say; the first words count, unless only the rest says anything."""
    folded = " ".join(text.casefold().split())
    head = re.split(r"[(;]", folded)[0].strip()
    qualifier = _first(_QUALIFIERS, head) or _first(_QUALIFIERS, folded)
    flags = []
    if qualifier is Qualifier.VAGUE:
        flags.append(Flag.VAGUE)
    if _RUNNING.search(folded):
        flags.append(Flag.RUNNING)
    is_part = _PART.search(head) is not None
    if is_part:
        flags.append(Flag.OF_A_PART)
    return Worded(qualifier, tuple(flags), head if is_part else "")


def quantity_of(*texts: str) -> tuple[Quantity, bool]:
    """What is counted, by the first text that says it; and whether that text names more than one kind."""
    for text in texts:
        found = [kind for words, kind in _QUANTITIES if re.search(rf"\b(?:{words})\b", text.casefold())]
        if found:
            return found[0], len({*found} - {Quantity.DETAINED}) > 1
    return Quantity.OTHER, False


def stance_of(text: str) -> Stance:
    """What a source does with a number, by the words for it; it asserts unless they say otherwise."""
    return _first(_STANCES, text.casefold()) or Stance.ASSERTS


def superseded_in(text: str) -> tuple[int, ...]:
    """The numbers that a text says it replaces; nothing if it says nothing of the kind."""
    found = _SUPERSEDES.search(text.casefold())
    if found is None:
        return ()
    rest = text[found.end() :]
    return tuple(number for one in _NUMBERS.findall(rest) if (number := whole(one)) is not None)


def amount_of(
    low: int | None, best: int | None, high: int | None, qualifier: Qualifier | None
) -> tuple[Range | None, Flag | None]:
    """The range that three cells and a qualifier give; or what is wrong with them, and nothing is mended.

    One number that is given three times is one number: with "about" it states no bounds, with "at least" no
    upper one.
    """
    given = [number for number in (low, best, high) if number is not None]
    if given != sorted(given):
        return None, Flag.NOT_IN_ORDER
    if not given:
        return (
            (Range(qualifier=Qualifier.VAGUE), Flag.VAGUE) if qualifier is Qualifier.VAGUE else (None, None)
        )
    qualifier = qualifier or _usual(low, best, high)
    if len(set(given)) == 1:
        return _of_one(given[0], qualifier), None
    try:
        return Range(low, best, high, qualifier), None
    except MalformedError:
        return None, Flag.NOT_IN_ORDER


def whole(text: str) -> int | None:
    """The whole number that a cell writes out, thousands separated or not; None if it writes none."""
    folded = text.strip().replace("\u00a0", " ")
    if re.fullmatch(r"\d{1,3}(?:[ ,.']\d{3})+", folded):
        return int(re.sub(r"\D", "", folded))
    if re.fullmatch(r"\d{1,15}(?:\.0+)?", folded):
        return int(folded.partition(".")[0])
    return None


def _of_one(number: int, qualifier: Qualifier) -> Range:
    if qualifier in (Qualifier.AT_LEAST, Qualifier.MORE_THAN):
        return Range(low=number, qualifier=qualifier)
    if qualifier in (Qualifier.UP_TO, Qualifier.LESS_THAN):
        return Range(high=number, qualifier=qualifier)
    return Range(best=number, qualifier=Qualifier.EXACTLY if qualifier is Qualifier.BETWEEN else qualifier)


def _usual(low: int | None, best: int | None, high: int | None) -> Qualifier:
    given = tuple(
        name for name, number in (("low", low), ("best", best), ("high", high)) if number is not None
    )
    return {
        ("low",): Qualifier.AT_LEAST,
        ("high",): Qualifier.UP_TO,
        ("low", "high"): Qualifier.BETWEEN,
    }.get(given, Qualifier.EXACTLY)


def _first(table: tuple[tuple[str, _T], ...], text: str) -> _T | None:
    """What the word that comes first in a text stands for."""
    found = [
        (match.start(), place, meaning)
        for place, (words, meaning) in enumerate(table)
        if (match := re.search(rf"(?<!\w)(?:{words})(?!\w)", text))
    ]
    return min(found, key=lambda one: one[:2])[2] if found else None
