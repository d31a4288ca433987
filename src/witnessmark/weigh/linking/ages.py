"""Ages and sexes as lists write them: a number, a range, months, `about 30`, `in his twenties`, a word."""

from __future__ import annotations

import re
from functools import lru_cache

from witnessmark.weigh.linking.letters import folded, plain_digits

OLDEST = 120
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d+)?")
_MONTHS = re.compile(
    r"month|mois|mes|شهر|شهور|اشهر|мес|\bmo?s?\b|week|اسبوع|اسابيع|day|يوم|ايام|hour|ساعه|ساعات"
)
_DECADE = re.compile(r"(\d0)\s*['’]?s\b|(\d0)-?ies")
_ABOUT = re.compile(r"about|approx|circa|around|roughly|estim|[~≈?±]|\bca?\b|حوالي|تقريب|نحو|около")
_UNDER = re.compile(r"under|less|below|younger|<|اقل|دون|moins|unter|младше")
_OVER = re.compile(r"over|more|above|older|>|\+|اكثر|فوق|plus|über|старше")
_WORDS = (
    (
        re.compile(r"newborn|new born|infant|baby|neonat|foet|fet[ua]s|رضيع|جنين|حديث الولاد|مولود|bebe|нов"),
        (0, 1),
    ),
    (re.compile(r"toddler"), (1, 4)),
    (re.compile(r"child|minor|kid|طفل|قاصر|enfant|kind|ребен|nino"), (0, 17)),
    (re.compile(r"teen|adolesc|مراهق"), (12, 19)),
    (re.compile(r"elder|old|senior|مسن|عجوز|كبير"), (55, OLDEST)),
    (re.compile(r"adult|بالغ|erwachs|взросл"), (18, OLDEST)),
)
_MEN_IN_WORDS = """m male man boy masculine homme h masculin mann hombre муж м мужской erkek
ذكر رجل ولد م شاب"""
_WOMEN_IN_WORDS = """f female woman girl feminine femme feminin frau w mujer жен ж женский kadin
أنثى انثي امرأة بنت فتاة سيدة ن"""
_MEN, _WOMEN = (frozenset(map(folded, words.split())) for words in (_MEN_IN_WORDS, _WOMEN_IN_WORDS))

_MINUS = ("-", "−")
"""Before a number it is how lists write `not known` (-1, -99)."""

Years = tuple[int, int]


@lru_cache(maxsize=1 << 14)
def years_of(cell: str) -> Years | None:
    """From how many to how many completed years somebody was old; None if the cell does not say."""
    text = folded(plain_digits(cell)).strip()
    decade = _DECADE.search(text)
    if decade:
        low = int(decade[1] or decade[2])
        return low, low + 9
    return _years_of(text)


def _years_of(text: str) -> Years | None:
    if text.startswith(_MINUS):
        return None
    numbers = [int(float(one.replace(",", "."))) for one in _NUMBER.findall(text)]
    if not numbers:
        return next((years for pattern, years in _WORDS if pattern.search(text)), None)
    if _MONTHS.search(text):
        return _young(numbers, text)
    if any(number > OLDEST for number in numbers):
        return None
    if len(numbers) > 1:
        return (numbers[0], numbers[1]) if numbers[0] <= numbers[1] else None
    return _hedged(numbers[0], text)


@lru_cache(maxsize=1 << 14)
def sex_of(cell: str) -> str | None:
    """`m`, `f`, or None if the cell does not say."""
    words = folded(cell).replace(".", " ").split()
    if not words:
        return None
    if words[0] in _MEN:
        return "m"
    return "f" if words[0] in _WOMEN else None


def _young(numbers: list[int], text: str) -> Years:
    if len(numbers) > 1 and re.search(r"year|سن|год|лет|ans", text):
        return numbers[0], numbers[0]
    months = max(numbers) if re.search(r"mo|شهر|شهور|اشهر|мес|mes", text) else 0
    return min(numbers) // 12 if months else 0, months // 12


def _hedged(number: int, text: str) -> Years:
    if _UNDER.search(text):
        return 0, max(number - 1, 0)
    if _OVER.search(text):
        return number, min(number + 15, OLDEST)
    if _ABOUT.search(text):
        return max(number - 2, 0), number + 2
    return number, number
