"""Which of the ten stances a cue shows, with its negations, and how sure the words are.

Read from the outside in: who is negated (nobody confirmed), what is negated (did not deny is no
denial, and no confirmation), what the verb takes with it (declined to, was unable to, could not),
and only then what the words themselves say about a report (that it is false, that it is genuine,
that it is being looked at, if it is true). Whatever is negated and not in a table here becomes
"declines to confirm": not to assert is never turned into its opposite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from witnessmark.model import Stance
from witnessmark.weigh.reading.tables import language, patterns, words
from witnessmark.weigh.reading.words import BE, NEGATIONS, PERSONAL, QUESTIONS

_BELIEVING = words("believing")
_VERIFYING = words("verifying")
_SHOWING = words("showing")

_NEGATED: dict[Stance, Stance] = {
    Stance.DENIES: Stance.DECLINES_TO_CONFIRM,
    Stance.DOUBTS: Stance.ASSERTS,
    Stance.RETRACTS: Stance.ASSERTS,
    Stance.CANNOT_VERIFY: Stance.CANNOT_VERIFY,
    Stance.UNDER_VERIFICATION: Stance.DECLINES_TO_CONFIRM,
    Stance.DECLINES_TO_CONFIRM: Stance.DECLINES_TO_CONFIRM,
}


def of_cue(
    stance: Stance, lemma: str, group: Sequence[str], source: Sequence[str], content: Sequence[str]
) -> Stance:
    """The stance of a verb with its auxiliaries (`group`, in lower case), its subject and its first words."""
    nobody = bool(source) and source[0] in {"no", "nobody", "none", "neither"}
    negations = sum(word in NEGATIONS for word in group) + nobody
    if negations % 2 == 0:
        return stance
    if stance is Stance.CONFIRMS:
        return _unconfirmed(lemma, group, is_nobody=nobody)
    if stance in _NEGATED:
        if stance is Stance.DOUBTS and lemma == "question":
            return Stance.DECLINES_TO_CONFIRM
        return _NEGATED[stance]
    return _unsaid(lemma, group, content)


def _unconfirmed(lemma: str, group: Sequence[str], *, is_nobody: bool) -> Stance:
    if is_nobody or lemma in _VERIFYING or "could" in group or "able" in group:
        return Stance.CANNOT_VERIFY
    return Stance.DECLINES_TO_CONFIRM


def _unsaid(lemma: str, group: Sequence[str], content: Sequence[str]) -> Stance:
    if lemma in _BELIEVING:
        return Stance.DOUBTS
    if lemma in {"know", "understand", "learn", "tell", "hear"} or lemma in _SHOWING or lemma in _VERIFYING:
        return Stance.CANNOT_VERIFY
    if lemma == "say" and "could" in group and content[:1] and content[0] in QUESTIONS:
        return Stance.CANNOT_VERIFY
    return Stance.DECLINES_TO_CONFIRM


_THINKING = words("thinking")
_NO_DOUBT = re.compile(r"\bno (?:reason to )?doubt\b|\bwithout (?:a |any )?doubt\b|\bbeyond doubt\b")
_CALLED_FALSE = re.compile(rf"[“\"‘']?\s*\b(?:{language('english')['parts']['false']})\b")
_PARTS = language("english")["parts"]
_JUDGED = re.compile(rf"\b(?:{_PARTS['true']}|{_PARTS['false']})\b", re.IGNORECASE)
"""A word for true or false; what has none is not asked the patterns that need one, which are slow."""
_SHOWN = [
    (
        pattern,
        Stance(name.partition("-")[0]),
        all("{true}" in row or "{false}" in row for row in language("english")["shown"][name]),
    )
    for name, pattern in patterns("shown").items()
]
"""Patterns in the order in which they are asked, each with its stance and whether it needs such a word."""


def of_words(lemma: str, words: str) -> Stance | None:
    """The stance that the content itself shows, read from its words in lower case; None if it shows none."""
    if lemma in _THINKING or _NO_DOUBT.search(words):
        return None
    if lemma in {"call", "describe", "dismiss", "denounce", "condemn", "brand", "reject"}:
        return Stance.DENIES if _CALLED_FALSE.search(words) else None
    is_judged = _JUDGED.search(words) is not None
    asked = ((pattern, stance) for pattern, stance, needs in _SHOWN if is_judged or not needs)
    return next((stance for pattern, stance in asked if pattern.search(words)), None)


CERTAINTY = {word: level for level in ("high", "moderate", "low") for word in words(f"certainty-{level}")}
"""Words of certainty, and how much of it they leave: high, moderate or low."""


def is_shared(low: Sequence[str]) -> bool:
    """Whether a subject is a pronoun that most likely means the speaker: “he said he doubted it”."""
    return len(low) == 1 and low[0] in PERSONAL


def is_copula(word: str) -> bool:
    """Whether a word is a form of to be."""
    return word in BE
