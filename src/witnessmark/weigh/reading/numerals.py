"""Numbers as texts write them: 1,400, two dozen, six hundred and forty, 1.4 million, ٦٤٠.

The libraries that were tried lose the hedge, read "two dozen" as two, or change the words; so the
grammar is here, and gives the value together with the exact place.
"""

from __future__ import annotations

import re
import unicodedata

from witnessmark.weigh.reading.tables import words

_ONES = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 20 + 10 * place
    for place, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())  # noqa: SIM905
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_FIXED = {
    "half a dozen": 6,
    "a dozen": 12,
    "a score": 20,
    "a couple of": 2,
    "a couple": 2,
    "a pair of": 2,
    "a trio of": 3,
    "half a hundred": 50,
    "half a thousand": 500,
    "half a million": 500_000,
    "half a billion": 500_000_000,
}

_DIGITS = r"\d{1,3}(?:[,.\u202f\u00a0 ’']\d{3})+(?!\d)|\d+(?:[.,]\d+)?(?!\d)|[٠-٩۰-۹]+(?:[٬,٫.][٠-٩۰-۹]+)*"
_UNIT = "(?:" + "|".join(sorted((*_ONES, *_TENS), key=len, reverse=True)) + ")"
_SMALL = rf"{_UNIT}(?:[-\s]{_UNIT})?"
_SCALE = "(?:hundred|thousand|million|billion)"
_REST = rf"[-\s]+(?:and[-\s]+)?{_SMALL}(?:[-\s]+{_SCALE})?(?:[-\s]+(?:and[-\s]+)?{_SMALL})?"
_WORDS = rf"(?:(?:an?|{_SMALL})(?:[-\s]+{_SCALE})+(?:{_REST})?|{_SMALL})"
_DOZENS = rf"(?:half[\s-]+a[\s-]+dozen|(?:an?|{_SMALL}|\d{{1,3}})[\s-]+(?:dozen|score)(?!s))"

_SCALED = rf"(?:{_DIGITS})(?:[-\s]+(?:hundred|thousand|million|billion|dozen)\b)?"
_HALF = rf"half[\s-]+an?[\s-]+{_SCALE}\b"
NUMBER = rf"(?:{_HALF}|{_DOZENS}|{_SCALED}|{_WORDS}\b|a\s+couple(?:\s+of)?\b|a\s+pair\s+of\b)"
"""A pattern for one number, to be used without regard to case."""

_DOZEN = re.compile(r"(.+?)[\s-]+(dozen|score)", re.IGNORECASE)
_WRITTEN = re.compile(rf"({_DIGITS})(?:[-\s]+(hundred|thousand|million|billion))?", re.IGNORECASE)
MONTHS = words("months")
"""Names of months as they stand beside the day."""


def value_of(written: str) -> int | None:
    """The value of one number as it is written; None if it is no whole number."""
    words = " ".join(written.lower().split())
    if words in _FIXED:
        return _FIXED[words]
    if words in {"half-a-dozen", "half a-dozen"}:
        return 6
    dozens = _DOZEN.fullmatch(words)
    if dozens is not None:
        times = value_of(dozens[1]) if dozens[1] not in {"a", "an"} else 1
        return None if times is None else times * (12 if dozens[2] == "dozen" else 20)
    digits = _WRITTEN.fullmatch(words)
    if digits is not None:
        return _from_digits(digits[1], _SCALES.get(digits[2] or "", 1))
    return _from_words(words.replace("-", " ").split())


def _from_digits(digits: str, scale: int) -> int | None:
    plain = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in digits)
    if re.fullmatch(r"\d{1,3}(?:[,.\u202f\u00a0 ’'٬]\d{3})+", plain) and not (
        scale > 1 and plain.count(".") == 1
    ):
        return int(re.sub(r"\D", "", plain)) * scale
    try:
        value = float(re.sub(r"[,٫]", ".", plain)) * scale
    except (ValueError, OverflowError):
        return None
    return round(value) if value < 1e15 and abs(value - round(value)) < 1e-6 else None


def _from_words(words: list[str]) -> int | None:
    total = current = 0
    for word in words:
        if word in {"and", "a", "an"}:
            current += word != "and"
        elif word in _ONES or word in _TENS:
            current += _ONES.get(word, 0) or _TENS.get(word, 0)
        elif word == "hundred":
            current = max(1, current) * 100
        elif word in _SCALES:
            total, current = total + max(1, current) * _SCALES[word], 0
        else:
            return None
    return total + current


def is_number_word(word: str) -> bool:
    """Whether a word in lower case may begin a number; a quick look before the grammar is asked."""
    return (
        word[0].isdigit()
        or word.split("-", maxsplit=1)[0] in _ONES
        or word.split("-", maxsplit=1)[0] in _TENS
        or word in _STARTS
    )


_STARTS = words("number-starts")
