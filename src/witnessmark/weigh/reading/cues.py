"""Words by which a text says that somebody says something, and what stance they show.

One table for the verbs, one for the nouns, one for what pictures do. All forms of a verb are made
from its lemma, so that a new verb is one word in one line.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from witnessmark.model import Stance
from witnessmark.weigh.reading.tables import language, words


class Form(StrEnum):
    """The shape of a verb; `PAST` is the participle too."""

    BASE = "base"
    THIRD = "third"
    PAST = "past"
    ING = "ing"


@dataclass(frozen=True, slots=True)
class Verb:
    """One form of a verb of saying, thinking or showing.

    `takes` says what must follow for it to be one: `any`, a `clause` (that …, a quotation, a new subject) or
    `object` (a thing, as with accuse).
    """

    lemma: str
    form: Form
    stance: Stance
    takes: str = "any"


_STANCES = (
    Stance.CONFIRMS,
    Stance.DENIES,
    Stance.DOUBTS,
    Stance.RETRACTS,
    Stance.UNDER_VERIFICATION,
    Stance.CANNOT_VERIFY,
)
_IRREGULAR: dict[str, str] = language("english")["irregular"]


def _forms(lemma: str) -> dict[str, Form]:
    """Every form of a verb."""
    ends_in_y = lemma[-1] == "y" and lemma[-2] not in "aeiou"
    third = (
        lemma[:-1] + "ies"
        if ends_in_y
        else lemma + ("es" if lemma.endswith(("s", "sh", "ch", "go")) else "s")
    )
    stem = lemma[:-1] if lemma[-1] == "e" else lemma
    doubled = lemma + lemma[-1] if lemma in {"admit", "quip", "rebut", "concur"} else stem
    forms = {lemma: Form.BASE, third: Form.THIRD, doubled + "ing": Form.ING}
    past = _IRREGULAR.get(lemma) or (lemma[:-1] + "ied" if ends_in_y else doubled + "ed")
    return forms | dict.fromkeys(past.split(), Form.PAST)


def _table() -> dict[str, Verb]:
    rows = [
        *(("says", Stance.ASSERTS, "any"), ("says-with-a-clause", Stance.ASSERTS, "clause")),
        ("says-of-somebody", Stance.ASSERTS, "object"),
        *((stance.value, stance, "any") for stance in _STANCES),
    ]
    return {
        word: Verb(lemma, form, stance, takes)
        for table, stance, takes in rows
        for lemma in words(table)
        for word, form in _forms(lemma).items()
    }


VERBS = _table()
"""Every form of every verb, in lower case."""

PICTURES = words("pictures")
"""Things that are sources when they show, suggest or say something."""

NOUNS = words("nouns")
"""Nouns of saying: “the claim that …”, “his denial that …”."""

HEARSAY = words("hearsay")
"""Adverbs by which a text passes something on without naming who said it."""

PASSIVE = words("passive")
"""Participles of “is said to”, “is believed to have”, “it was reported that”."""

AMBIGUOUS = words("ambiguous")
"""Forms that are as often nouns."""

SPEECH = words("speech")
"""The verbs that only ever say."""
