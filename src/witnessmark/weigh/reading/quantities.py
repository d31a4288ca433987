"""How many: every number in a sentence as a range, with who they are and what befell them.

Nothing is rounded, joined or made up: "at least 40" has a lower end and no other number, "about 170" has
a best value and no ends, "dozens" is a lower end of 24 that is flagged as vague. A number that was
withdrawn ("down from 17"), one of a part ("including seven children") and one of another event
are marked by their `role`, so that nobody adds them up.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from operator import attrgetter

from witnessmark.model import Qualifier, Range
from witnessmark.weigh.reading.cues import AMBIGUOUS, VERBS, Form
from witnessmark.weigh.reading.kinds import ACTIONS, MEASURES, PERSONS, unit_of
from witnessmark.weigh.reading.numerals import MONTHS, NUMBER, is_number_word, value_of
from witnessmark.weigh.reading.sentences import Token
from witnessmark.weigh.reading.tables import language, patterns, words
from witnessmark.weigh.reading.words import FINITE, PREPOSITIONS, STOPS, SUBORDINATORS

Place = tuple[int, int]


class Role(StrEnum):
    """What a number is to the others around it."""

    TOTAL = "total"
    PART = "part"
    EARLIER = "earlier"
    OTHER_EVENT = "other event"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number as a range, and the places of its words."""

    place: Place
    amount: Range
    unit: str | None
    victims: Place | None
    action: Place | None
    role: Role = Role.TOTAL


_HEDGES = {Qualifier(name): row for name, row in language("english")["qualifiers"].items()}
_BEHIND = {
    "more": Qualifier.AT_LEAST,
    "fewer": Qualifier.UP_TO,
    "less": Qualifier.UP_TO,
    "so": Qualifier.ABOUT,
    "least": Qualifier.AT_LEAST,
    "most": Qualifier.UP_TO,
}
_VAGUE: dict[str, int] = language("english")["vague"]
_ANY = "|".join(sorted("|".join(_HEDGES.values()).split("|"), key=len, reverse=True)).replace(" ", r"\s+")
_VAGUE_WORDS = "|".join(sorted(_VAGUE, key=len, reverse=True)).replace(" ", r"\s+")
_SAYS = patterns("counting")


@cache
def _quantity() -> re.Pattern[str]:
    """The pattern of a number of people; compiled when it is first asked for, since that takes a while."""
    return re.compile(
        rf"""(?<![\w.,$€£%/-])(?<![\w][’'])(?<!\d:)
        (?:(?P<none>{_SAYS["none"].pattern})
        |[“"‘']?(?:(?:any|some)where\s+)?between\s+(?P<low>{NUMBER})\s+and\s+(?P<high>{NUMBER})
        |[“"‘']?(?:from\s+)?(?P<first>{NUMBER})\s*(?:\bto\b|\bor\b|–|—|(?<=\d)-(?=\d))\s*(?P<second>{NUMBER})
        |(?P<vague>{_VAGUE_WORDS})\b
        |(?:(?P<hedge>{_ANY})\s+)?(?:(?P<further>{_ANY})\s+)?
         [“"‘']?(?P<number>{NUMBER})(?P<odd>-odd|\s*\+|-plus)?(?P<behind>\s+or\s+(?:more|fewer|less|so)\b)?
        )(?![\w%]|[.,:]\d|/\d|(?:st|nd|rd|th)\b)(?!{_SAYS["measured-behind"].pattern})""",
        re.IGNORECASE | re.VERBOSE,
    )


_ASKED = re.compile(r"[^.!?;:”\"]*\?")
"""What follows a number in a question: whoever asks gives none."""
_HANDED = re.compile(r"\b(?:hand|turn|t[oa]k|giv|gave|carr|sign)\w*\s+$", re.IGNORECASE)
_BUT = re.compile(r"[^.!?;]*\bbut\s")
"""What makes “not five men … but seven” say nothing of five."""
_UNTIL = re.compile(
    r"\b(?:" + "|".join(map(re.escape, MONTHS)) + r")\s+\d{1,2}\s+(?:through|to|and|or)\s+$", re.IGNORECASE
)
"""What stands before the second of two days: “October 3 through 5”."""
_SPELL = re.compile(r"\s+of\s+the\s+(?:last|past|next|previous)\b")
"""What follows a number of days or years: “13 of the last 19 years”."""
_SCALE = re.compile(r"\b(?:hundred|thousand|million|billion)\b", re.IGNORECASE)
_NEAR = 30
_YEAR = re.compile(r"(?<![\d,.])(?:1[89]|20)\d\d(?![\d,])")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was counted before: whether people were, so that “Five came back” counts them; the last unit.

    `few` has the small numbers of people that the text gave so far: “the two” point back to two of them.
    """

    has_people: bool = False
    unit: str | None = None
    few: frozenset[int] = frozenset()


NOTHING_EARLIER = Earlier()


def quantities(
    text: str,
    tokens: Sequence[Token],
    *,
    latest_year: int | None = None,
    earlier: Earlier = NOTHING_EARLIER,
) -> Iterator[Quantity]:
    """The numbers in a sentence.

    `latest_year` of the whole text tells another event by its year; `earlier` is what the sentences before
    it in its paragraph counted.
    """
    if not any(is_number_word(token.low) for token in tokens):
        return
    start, end = tokens[0].start, tokens[-1].end
    before: Quantity | None = None
    has_people = False
    few = set(earlier.few)
    for match in _quantity().finditer(text, start, end):
        revised = _revised(text, match)
        amount = revised or _amount(match)
        if amount is None or _is_no_count(text, match, amount) or _ASKED.match(text, match.end(), end):
            continue
        has_people = has_people or _is_people(before)
        told = Earlier(earlier.has_people or has_people, "persons" if has_people else earlier.unit)
        found = _described(text, tokens, match, amount, (before, told), is_toll=revised is not None)
        if found is not None and revised is not None:
            yield from _both(found, match)
        elif found is not None:
            if latest_year is not None and found.role is Role.TOTAL:
                found = _elsewhere(text, tokens, found, latest_year)
            before = found
            if not _is_known(text, found, few):
                few |= few_of(found)
                yield found


def _is_known(text: str, found: Quantity, few: Set[int]) -> bool:
    """Whether a number only points back at a few who were named before: “the two men”."""
    before = text[max(0, found.place[0] - 16) : found.place[0]]
    said = few_of(found)
    if not said or not _SAYS["known"].search(before):
        return False
    is_of = before.lower().endswith(("of the ", "of these ", "of those "))
    noun = text[slice(*found.victims)] if found.victims else ""
    is_told = " " in noun and 2 not in said  # “the six team leaders who were picked”
    is_bare = not noun or (found.action is None and not is_told)
    return said <= few or (is_bare and not is_of)


def few_of(found: Quantity) -> Set[int]:
    """The number of a few people, if it is one that can be pointed back at."""
    least, most = found.amount.low, found.amount.high
    is_few = found.unit in {"persons", None} and least is not None and least == most and 1 < least <= _GRASPED
    return {least} if is_few and least is not None else set()


_GRASPED = 12
"""As many as are pointed at by their number alone."""


def _revised(text: str, match: re.Match[str]) -> Range | None:
    """The new number of “revised from 31 to 27”, which is no range but a number and the one before it."""
    if not match["first"] or not match[0].lower().startswith("from"):
        return None
    low, high = value_of(match["first"]), value_of(match["second"])
    is_changed = _SAYS["changing"].search(text[max(0, match.start() - 80) : match.start()])
    if low is None or high is None or not (low > high or is_changed):
        return None
    return Range(high, high, high)


def _both(found: Quantity, match: re.Match[str]) -> Iterator[Quantity]:
    """The earlier number and the new one, each at its place."""
    first = value_of(match["first"])
    yield replace(found, place=match.span("first"), amount=Range(first, first, first), role=Role.EARLIER)
    yield replace(found, place=match.span("second"))


def years(text: str) -> int | None:
    """The latest year that a text names; None if it names none."""
    found = [int(match[0]) for match in _YEAR.finditer(text)]
    return max(found, default=None)


def _amount(match: re.Match[str]) -> Range | None:
    """The range that a match says."""
    if match["none"]:
        return Range(0, 0, 0)
    if match["vague"]:
        return Range(low=_VAGUE[" ".join(match["vague"].lower().split())], qualifier=Qualifier.VAGUE)
    if match["number"]:
        return _hedged(match, value_of(match["number"]))
    low, high = value_of(match["low"] or match["first"]), value_of(match["high"] or match["second"])
    scale = _SCALE.search(match["high"] or match["second"])
    if scale is not None and low is not None and not _SCALE.search(match["low"] or match["first"]):
        low *= value_of("one " + scale[0]) or 1  # “between four and five thousand”
    if low is None or high is None or low > high or (1500 < low < 2100 and high < 2100):
        return None
    return Range(low=low, high=high, qualifier=Qualifier.BETWEEN)


def _hedged(match: re.Match[str], value: int | None) -> Range | None:
    if value is None:
        return None
    qualifier = _qualifier(match)
    if qualifier is Qualifier.EXACTLY:
        return Range(value, value, value)
    if qualifier is Qualifier.ABOUT:
        return Range(best=value, qualifier=qualifier)
    if qualifier in {Qualifier.AT_LEAST, Qualifier.MORE_THAN}:
        return Range(low=value, qualifier=qualifier)
    return Range(high=value, qualifier=qualifier)


def _qualifier(match: re.Match[str]) -> Qualifier:
    """The hedge before or behind a number; of two, the one that bounds it."""
    said = [" ".join(match[name].lower().split()) for name in ("hedge", "further") if match[name]]
    if said[:1] == ["over"] and _HANDED.search(match.string[max(0, match.start() - 12) : match.start()]):
        said = said[1:]  # “handed over 112 bodies”
    if said[:1] == ["up to"] and _SAYS["rising"].search(
        match.string[max(0, match.start() - 60) : match.start()]
    ):
        said = said[1:]  # “bringing the toll up to 94”
    found = [qualifier for qualifier, words in _HEDGES.items() for one in said if one in words.split("|")]
    if match["odd"]:
        found.append(Qualifier.ABOUT if match["odd"] == "-odd" else Qualifier.AT_LEAST)
    behind = match["behind"] or (None if found else _trailing(match))
    if behind:
        found.append(_BEHIND[behind.split()[-1].lower()])
    if found == [Qualifier.MORE_THAN] and _SAYS["denying"].search(
        match.string[max(0, match.start() - 30) : match.start()]
    ):
        return Qualifier.UP_TO  # “never held more than 18”
    bounding = [one for one in found if one is not Qualifier.ABOUT]
    return bounding[0] if bounding else found[0] if found else Qualifier.EXACTLY


def _trailing(match: re.Match[str]) -> str | None:
    """The hedge behind what is counted: “three hundred people at least”."""
    trailing = _TRAILING.match(match.string, match.end(), match.end() + _NEAR)
    return trailing[1] if trailing else None


_TRAILING = re.compile(
    r"(?:\s+[^\W\d_]+)?,?\s+(at\s+least|at\s+(?:the\s+)?most|or\s+more|or\s+so)(?=\s*[,.;:!?”\"])",
    re.IGNORECASE,
)


def _is_no_count(text: str, match: re.Match[str], amount: Range) -> bool:
    """Whether a number is a date, a year, a measure, an age or a name."""
    before, behind = text[max(0, match.start() - 24) : match.start()], text[match.end() : match.end() + 24]
    words_before, words_behind = before.split(), behind.split()
    last = words_before[-1].lower() if words_before else ""
    following = words_behind[0].lower().strip(".,;:”\"'’") if words_behind else ""
    is_denied = before.lower().endswith("not ") and _BUT.match(text, match.end())
    is_date = bool(_UNTIL.search(before))
    is_age = last in PERSONS and _SAYS["age"].match(match[0])
    if is_denied or is_date or is_age or _SAYS["share"].search(before):
        return True
    if (last in MONTHS and match[0][0].isdigit()) or (
        following in MONTHS and (following != "may" or words_behind[0][0] == "M")
    ):
        return True
    if (
        following in MEASURES
        or _SPELL.match(behind)
        or behind.startswith(("%", "°", "-"))
        or before.rstrip().endswith(("$", "€", "£"))
    ):
        return True
    value = amount.best if amount.best is not None else amount.low if amount.low is not None else amount.high
    is_bare = bool(match["number"]) and match["number"].isdigit()
    if is_bare and _is_year(match["number"], value, following):
        return True
    if _is_beside_name(match, before, is_bare=is_bare):
        return True
    return (
        bool(_SAYS["name"].search(before))
        and is_bare
        and not _SAYS["toll"].search(text[max(0, match.start() - 120) : match.start()])
    )


def _is_year(written: str, value: int | None, following: str) -> bool:
    """Whether four figures are a year: “2016 hopefuls” are of that year, “2000 hopefuls” are so many."""
    if value is None or len(written) != 4 or not 1700 <= value <= 2100:
        return False
    return following not in PERSONS or (1900 < value < 2040 and value % 10 != 0)


def _is_beside_name(match: re.Match[str], before: str, *, is_bare: bool) -> bool:
    """Whether a number is an age behind a name, “Ana Kell, 32, of …”, or part of one: “the Gang of Eight”."""
    if is_bare:
        behind = match.string[match.end() : match.end() + 24]
        is_thing = bool(_NUMBERED.search(before)) and bool(_SAYS["of-one"].match(behind))
        return (
            is_thing
            or before.endswith((" '", " ’"))
            or (behind.startswith(",") and bool(_AGE.search(before)))
        )
    return (match["number"] or "")[:1].isupper() and bool(_TITLE.search(before))


_TITLE = re.compile(r"\b[A-Z]\w+\s+(?:of\s+)?$")
_NUMBERED = re.compile(r"[^.!?\s]\s+[A-Z]\w+\s$")
_AGE = re.compile(r"\b[A-Z][\w.’'-]*,\s$")


def _described(
    text: str,
    tokens: Sequence[Token],
    match: re.Match[str],
    amount: Range,
    context: tuple[Quantity | None, Earlier],
    *,
    is_toll: bool = False,
) -> Quantity | None:
    """The number with its noun, its action and its role; None if it counts nothing that is named."""
    before, earlier = context
    at = bisect_left(tokens, match.end(), key=attrgetter("start"))
    is_nobody = bool(match["none"]) and match["none"].lower() != "no"
    noun = None if is_nobody else _noun(tokens, at, of_zero=bool(match["none"]))
    near = tokens[max(0, at - _NEAR) : at + _NEAR]
    action, distance = _action(near, match.start(), match.end(), noun)
    word = (match["number"] or "").lower()
    is_beside = (
        action is not None
        and distance < _BESIDE
        and not _IN.search(text, max(0, match.start() - 12), match.start())
        and not (noun and _OF.match(text, noun[1], action[1]))
    )
    deed = text[slice(*action)].lower() if action is not None and is_beside else None
    unit = _unit(noun[2], deed, before) if noun else None
    lead = text[max(0, match.start() - 120) : match.start()]
    role = _role(text, match, lead)
    if noun is None and (
        _is_of_deed(tokens, at)
        or not (
            (is_toll and _SAYS["of-people"].search(lead))
            or distance < 16
            or _SAYS["toll"].search(lead)
            or _SAYS["group"].search(lead)
            or role is not Role.TOTAL
            or (match["none"] and (action or _SAYS["returning"].match(text, match.end())))
            or _is_counted(tokens, at, is_hedged=earlier.has_people or bool(match["hedge"]))
            or _goes_on(tokens, match, at, has_people=earlier.has_people or _is_people(before))
        )
    ):
        return None
    if (
        match["none"]
        and noun is None
        and ((distance > 40 and not _SAYS["returning"].match(text, match.end())) or _is_advice(tokens, at))
    ):
        return None
    is_bare = action is None and noun is None and not match["hedge"]
    is_small = is_bare and amount.low == amount.high in {1, 2, 10}
    comes_back = _SAYS["returning"].match(text, match.end())
    if is_small and not (_SAYS["rest"].search(lead) or _SAYS["group"].search(lead) or comes_back):
        return None
    if action is None and (amount.low == amount.high == 1 or (noun and unit != "persons" and _is_few(match))):
        return None
    if word in {"one", "a", "zero"} and (noun is None or noun[2] not in PERSONS):
        return None
    if noun is None or (noun[2] in {"others", "other", "more"} and unit is None):
        is_group = bool(_SAYS["group"].search(lead))
        unit = _unit_meant(tokens, at, before, earlier) or ("persons" if action or is_group else None)
        unit = "persons" if (match["none"] or "").lower() == "no" else unit
    victims = (noun[0], noun[1]) if noun else _us(tokens, at)
    return Quantity(
        (match.start(), match.end())
        if not match[0].startswith(("“", '"'))
        else (match.start() + 1, match.end()),
        amount,
        unit,
        victims,
        action,
        role,
    )


def _unit(noun: str, deed: str | None, before: Quantity | None) -> str | None:
    """What a noun counts; “two others” are more of the same, and whoever is killed is one of people."""
    if noun in {"others", "other", "more"} and before is not None:
        return before.unit
    unit = unit_of(noun) or (noun if noun in _ANIMALS else None)
    return "persons" if unit == noun and deed in _OF_THE_LIVING and noun not in _ANIMALS else unit


def _is_of_deed(tokens: Sequence[Token], at: int) -> bool:
    """Whether things are counted that a word for a deed only describes: “28 arrest warrants”."""
    words = [token.low for token in tokens[at : at + 2]]
    is_deed = len(words) > 1 and words[0] in ACTIONS
    return is_deed and _may_be_counted(words[1]) and unit_of(words[1]) != "persons"


def _is_few(match: re.Match[str]) -> bool:
    """Whether a vague word gives no number unless it tells what befell them: “several candidates”."""
    return bool(match["vague"]) and _VAGUE[" ".join(match["vague"].lower().split())] < _FEW


_FEW = 6
_IN = re.compile(r"\b(?:in|at|during|near|on|from|with|after|over)\s+$", re.IGNORECASE)
"""What stands before a number that tells where and when: “killed in two ambushes”."""
_OF = re.compile(r"\s+(?:of|to|for|on|against)\b", re.IGNORECASE)
"""What stands behind a noun that is not of those whom a deed befell: “counts of murder”."""
_ANIMALS = words("animals")
_BESIDE = 16
"""Characters that a number may be from what happened to be counted as people by it alone."""
_OF_THE_LIVING = words("deeds-of-the-living")


def _unit_meant(tokens: Sequence[Token], at: int, before: Quantity | None, earlier: Earlier) -> str | None:
    """What a number without a noun counts: “nine of them” counts what was counted last."""
    owner = tokens[at + 1].low if at + 1 < len(tokens) and tokens[at].low == "of" else ""
    last = before.unit if before is not None and before.unit else earlier.unit
    if owner in {"them", "those"} and last != "persons" and earlier.unit == "persons":
        return "persons"  # “44 survivors were taken to three hospitals, eleven of them in critical condition”
    if owner in {"them", "these", "those", "which"} and last is not None:
        return last
    is_people = earlier.has_people or (before is not None and before.unit == "persons")
    return "persons" if owner in {"us", "ours", "them", "whom"} or is_people else last


def _us(tokens: Sequence[Token], at: int) -> Place | None:
    """The pronoun of “four of us”."""
    is_us = at + 1 < len(tokens) and tokens[at].low == "of" and tokens[at + 1].low in {"us", "you"}
    return (tokens[at + 1].start, tokens[at + 1].end) if is_us else None


def _is_people(before: Quantity | None) -> bool:
    return before is not None and before.unit == "persons"


def _goes_on(tokens: Sequence[Token], match: re.Match[str], at: int, *, has_people: bool) -> bool:
    """Whether a number goes on counting people: “…, 26 if nobody minds”, “the union says 37.”."""
    following = tokens[at].low if at < len(tokens) else "."
    first = bisect_left(tokens, match.start(), key=attrgetter("start"))
    before = (token.low for token in reversed(tokens[:first]))
    last = next((word for word in before if word not in _QUOTES), "")
    if not has_people:
        return last == "counted" and following in STOPS
    is_said = (last in _SAYING or last == "but") and (
        following in STOPS or following in {",", ";", "and", "but"}
    )
    return is_said or following in {"if", "when", "at", "on"}


def _is_advice(tokens: Sequence[Token], at: int) -> bool:
    """Whether “nobody should …”, “no one counted …” follows, which counts nobody."""
    while at < len(tokens) and tokens[at].low in {"has", "had", "have"}:
        at += 1
    return at < len(tokens) and (tokens[at].low in _ADVICE or tokens[at].low in VERBS)


_ADVICE = frozenset({"should", "can", "could", "would", "will", "must", "ever"})


def _is_counted(tokens: Sequence[Token], at: int, *, is_hedged: bool) -> bool:
    """Whether a bare number stands for people: “170 were taken”, “nineteen of us”, “no more than 34”."""
    at += is_hedged and at + 1 < len(tokens) and tokens[at].low in {"more", "others"}
    words = [token.low for token in tokens[at : at + 3] if token.low not in _QUOTES]
    if not words:
        return is_hedged
    if words[0] == "of" and words[1:2] and words[1] in {"us", "ours", "them", "whom"}:
        return True
    if is_hedged and (words[0] in {"per", "each", "every"} or (words[0] == "a" and words[1:2] == ["day"])):
        return True  # “as many as 5,000 a day”
    is_verb = words[0] in FINITE or (words[0].endswith("ed") and len(words[0]) > 4)
    is_verb = is_verb or (is_hedged and words[0].endswith("ing") and len(words[0]) > 5)
    is_alone = words[0] in STOPS or words[0] in {",", ";"} or words[0] in PREPOSITIONS - {"of", "to", "per"}
    return is_verb or (is_hedged and is_alone)


_QUOTES = frozenset("”\"’'“")
_SAYING = words("number-verbs")


def _noun(tokens: Sequence[Token], at: int, *, of_zero: bool) -> tuple[int, int, str] | None:
    """The noun phrase that a number counts: start, end and the deciding word in lower case."""
    at = _behind_of(tokens, at)
    head = counted = None
    for place in range(at, min(len(tokens), at + 7)):
        word = tokens[place].low
        if unit_of(word) == "persons":
            head = place
        elif _is_among(tokens, at, place) or (head is None and _is_owned(tokens, at, place)):
            continue
        elif head is None and _joins_attributes(tokens, at, place):
            counted = None
            continue
        elif _ends_noun(word) or (place > at and _is_verb(tokens, place)):
            break
        elif not of_zero and (_may_be_counted(word) or word in _ANIMALS):
            counted = place
    if counted is not None and (head is None or (head < counted and _describes(tokens, head, counted))):
        head = counted  # “2012 terrorist attacks” counts attacks
    return None if head is None else (tokens[at].start, tokens[head].end, tokens[head].low)


def _is_among(tokens: Sequence[Token], at: int, place: int) -> bool:
    """Whether a word only stands among those of a phrase: groups of men; hundreds of young, armed men."""
    word, before = tokens[place].low, tokens[place - 1].low
    if word in _HEAPS:
        return place == at or not _is_attribute(before)  # “five terrorist groups” counts groups
    if word == ",":
        behind = [token.low for token in tokens[place + 1 : place + 3]]
        return (
            place > at
            and behind[1:2] != []
            and behind[1] in PERSONS
            and behind[0].endswith(("ed", "y", "ing"))
        )
    return word == "of" and before in _HEAPS


def _is_owned(tokens: Sequence[Token], at: int, place: int) -> bool:
    """Whether a mark of possession stands within a phrase: “hundreds of the party's supporters”."""
    return place > at and tokens[place].low in _OWN and place + 1 < len(tokens)


def _joins_attributes(tokens: Sequence[Token], at: int, place: int) -> bool:
    """Whether attributes in capitals are joined: “15,000 U.S., British and Afghan soldiers”."""
    if place == at or place + 1 >= len(tokens) or tokens[place].low not in {",", "and", "or"}:
        return False
    return all(tokens[beside].text[0].isupper() for beside in (place - 1, place + 1)) and any(
        unit_of(token.low) == "persons" for token in tokens[place + 1 : place + 6]
    )


def _describes(tokens: Sequence[Token], head: int, counted: int) -> bool:
    """Whether a word for people only describes what is counted: “girls schools”, “terrorist attacks”."""
    noun = tokens[counted].low
    word = tokens[head].low
    if head < counted - 1:
        return word in _ATTRIBUTED  # “two Chinese navy vessels”
    return noun in _ANIMALS or unit_of(noun) == "buildings" or word in _ATTRIBUTED or _is_attribute(word)


def _behind_of(tokens: Sequence[Token], at: int) -> int:
    """Behind “of the 33” in “eleven of the 33 crew”."""
    at += at < len(tokens) and tokens[at].low in _QUOTES
    if at < len(tokens) and tokens[at].low == "of":
        at += 1
        while at < len(tokens) and tokens[at].low in _OWNERS:
            at += 1
        if at + 2 < len(tokens) and tokens[at + 1].low in _OWN and is_number_word(tokens[at + 2].low):
            at += 2  # 500 of the prison's 1,200 detainees
        at += at < len(tokens) and is_number_word(tokens[at].low)  # eleven of the 33 crew
    return at


def _ends_noun(word: str) -> bool:
    if not word[0].isalpha() or word in {"and", "or", "who", "which"}:
        return True
    return any(word in borders for borders in (STOPS, FINITE, PREPOSITIONS, SUBORDINATORS, ACTIONS))


def _is_verb(tokens: Sequence[Token], at: int) -> bool:
    """Whether a verb of saying stands behind a noun: “two groups warned people”."""
    verb = VERBS.get(tokens[at].low)
    return verb is not None and verb.form in {Form.PAST, Form.THIRD} and tokens[at].low not in AMBIGUOUS


def _is_attribute(word: str) -> bool:
    """Whether a word for a person is in the singular, so that behind a number it only describes a noun."""
    is_plural = word.endswith(("s", "men", "women", "people", "children"))
    return not is_plural and word not in ACTIONS and f"{word}s" in PERSONS


_OWN = frozenset({"'s", "’s", "'", "’"})
_ATTRIBUTED = words("attributed")
_OWNERS = words("owners")
_HEAPS = words("heaps") - {"members"}


def _may_be_counted(word: str) -> bool:
    return unit_of(word) is not None or (
        word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is"))
    )


def _action(
    tokens: Sequence[Token], start: int, end: int, noun: tuple[int, int, str] | None
) -> tuple[Place | None, int]:
    """The nearest word for what happened, and how far it is, with a price on every mark between."""
    best, chosen = 10_000, None
    edge = noun[1] if noun else end
    for at, token in enumerate(tokens):
        if token.low not in ACTIONS or (
            start <= token.start < edge and token.low in PERSONS and ACTIONS[token.low] == "casualties"
        ):
            continue
        if token.start >= end:
            distance = max(0, token.start - edge)
            between = (edge, token.start)
        else:
            distance, between = start - token.end + 4, (token.end, start)
        distance += 25 * sum(
            1
            for other in tokens
            if between[0] <= other.start < between[1]
            and other.low in {",", ";", "and", "while", "but", "“", "”"}
        )
        if distance < best:
            best, chosen = distance, at
    if chosen is None or best > 110:
        return None, 10_000
    return (tokens[chosen].start, tokens[chosen].end), best


def _role(text: str, match: re.Match[str], lead: str) -> Role:
    if _SAYS["part-before"].search(lead) or _SAYS["part-behind"].match(text, match.end()):
        return Role.PART
    return Role.EARLIER if _SAYS["earlier"].search(lead) else Role.TOTAL


def _elsewhere(text: str, tokens: Sequence[Token], found: Quantity, latest_year: int) -> Quantity:
    """Marked as of another event, if its sentence names an earlier year and not the latest."""
    named = [int(match[0]) for match in _YEAR.finditer(text, tokens[0].start, tokens[-1].end)]
    if named and max(named) < latest_year:
        return Quantity(found.place, found.amount, found.unit, found.victims, found.action, Role.OTHER_EVENT)
    return found
