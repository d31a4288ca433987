"""Dates as lists write them: whole or partial, in words or numbers, by the Gregorian or the Islamic calendar.

What is not said stays open: a month is all of its days. An Islamic date is reckoned by the tabular calendar
(30-year cycle, civil epoch), from which the announced one may lie a day or two away; so it is widened by two.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from witnessmark.weigh.linking.letters import folded, plain_digits

_HIJRI_YEARS = range(1250, 1500)
_GREGORIAN_YEARS = range(1850, 2101)
_EPOCH = 227_015
"""The ordinal of 1 Muharram of the year 1 by the civil reckoning: 19 July 622 (Gregorian)."""
_HIJRI_DOUBT = 2

_MONTHS = """
january jan يناير كانون_الثاني جانفي janvier januar enero января январь ocak
february feb فبراير شباط فيفري fevrier februar febrero февраля февраль subat
march mar مارس اذار mars marz marzo марта март mart
april apr ابريل نيسان افريل avril abril апреля апрель nisan
may مايو ايار ماي mai mayo мая май mayis
june jun يونيو حزيران جوان juin juni junio июня июнь haziran
july jul يوليو تموز جويليه juillet juli julio июля июль temmuz
august aug اغسطس اب اوت aout agosto августа август agustos
september sep sept سبتمبر ايلول septembre septiembre сентября сентябрь eylul
october oct اكتوبر تشرين_الاول octobre oktober octubre октября октябрь ekim
november nov نوفمبر تشرين_الثاني novembre noviembre ноября ноябрь kasim
december dec ديسمبر كانون_الاول decembre dezember diciembre декабря декабрь aralik
"""
_HIJRI_MONTHS = """
محرم muharram
صفر safar
ربيع_الاول rabi_al_awwal rabi_i
ربيع_الثاني ربيع_الاخر rabi_al_thani rabi_ii
جمادي_الاولي جمادي_الاول jumada_al_ula jumada_i
جمادي_الثانيه جمادي_الاخره jumada_al_thani jumada_al_akhira jumada_ii
رجب rajab
شعبان shaban
رمضان ramadan
شوال shawwal
ذو_القعده ذي_القعده dhu_al_qadah dhul_qadah
ذو_الحجه ذي_الحجه dhu_al_hijjah dhul_hijjah
"""
_HIJRI_MARK = re.compile(r"(?<=\d)\s*(?:هـ|ه|a\.?h\.?)(?!\w)|هجري|hijri")
_RUN_TOGETHER = re.compile(r"^\s*(\d{4})([01]\d)([0-3]\d)\s*$")
_TIME = re.compile(r"[t ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?\b")


def _by_word(table: str) -> dict[str, int]:
    lines = table.strip().split("\n")
    words = {folded(word).replace("_", " "): n for n, line in enumerate(lines, 1) for word in line.split()}
    return dict(sorted(words.items(), key=lambda pair: -len(pair[0])))


_GREGORIAN_WORDS, _HIJRI_WORDS = _by_word(_MONTHS), _by_word(_HIJRI_MONTHS)


@dataclass(frozen=True, slots=True)
class Days:
    """A day that is known as lying from `first` to `last`, as proleptic Gregorian ordinals."""

    first: int
    last: int

    @property
    def is_exact(self) -> bool:
        """Whether the day is known."""
        return self.first == self.last


def days_of(cell: str, *, day_first: bool = True) -> Days | None:
    """The days that a cell may mean; None if it says none. `day_first` settles 3/4/2014."""
    text = _TIME.sub(" ", folded(plain_digits(cell)).strip())
    if not text:
        return None
    is_hijri = bool(_HIJRI_MARK.search(text))
    text = _RUN_TOGETHER.sub(r"\1-\2-\3", _HIJRI_MARK.sub(" ", text))
    month, text = _month_in_words(text, _HIJRI_WORDS)
    if month is not None:
        is_hijri = True
    else:
        month, text = _month_in_words(text, _GREGORIAN_WORDS)
    numbers = [(int(one), len(one)) for one in re.findall(r"\d+", text)]
    return _assembled(numbers, month, is_hijri=is_hijri, day_first=day_first)


def is_day_first(cells: list[str]) -> bool:
    """Whether a column writes the day before the month: by the dates that can be read in one way only."""
    before = after = 0
    for cell in cells:
        found = re.match(r"\s*(\d{1,2})[./\- ](\d{1,2})[./\- ]\d{2,4}", plain_digits(cell))
        if found:
            before += int(found[1]) > 12
            after += int(found[2]) > 12
    return before >= after


def _month_in_words(text: str, words: dict[str, int]) -> tuple[int | None, str]:
    spaced = re.sub(r"[-_'’]", " ", text)
    for word, month in words.items():
        found = re.search(rf"(?<![^\W\d]){re.escape(word)}(?![^\W\d])", spaced)
        if found:
            return month, f"{spaced[: found.start()]} {spaced[found.end() :]}"
    return None, text


def _assembled(
    numbers: list[tuple[int, int]], month: int | None, *, is_hijri: bool, day_first: bool
) -> Days | None:
    """The days that numbers, each with how many digits it has, mean beside a month in words."""
    years = [number for number, width in numbers if width == 4]
    if not years and len(numbers) == (2 if month else 3) and numbers[-1][1] <= 2 and not is_hijri:
        short = numbers[-1][0]
        years, numbers = [short + (2000 if short <= 40 else 1900)], numbers[:-1]
    rest = [number for number, width in numbers if width <= 2]
    if len(years) != 1 or len(rest) > 2:
        return None
    is_turned = numbers[0][1] == 4 or not day_first  # year, month, day; or month, day, year
    rest = rest[::-1] if is_turned and len(rest) == 2 else rest
    day = rest[0] if rest and (month is not None or len(rest) == 2) else None
    if month is None and rest:
        month = rest[-1]
        if month > 12 and day is not None:
            day, month = month, day
    found = _hijri if is_hijri or years[0] in _HIJRI_YEARS else _gregorian
    return found(years[0], month, day)


def _gregorian(year: int, month: int | None, day: int | None) -> Days | None:
    if year not in _GREGORIAN_YEARS:
        return None
    try:
        if month is None:
            return Days(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())
        if day is None:
            last = monthrange(year, month)[1]
            return Days(date(year, month, 1).toordinal(), date(year, month, last).toordinal())
        known = date(year, month, day).toordinal()
    except ValueError:
        return None
    return Days(known, known)


def _hijri(year: int, month: int | None, day: int | None) -> Days | None:
    if year not in _HIJRI_YEARS or not 1 <= (month or 1) <= 12 or not 1 <= (day or 1) <= 30:
        return None
    first, last = hijri_ordinal(year, month or 1, day or 1), 0
    if day is not None and month is not None:
        last = first
    elif month is not None:
        last = hijri_ordinal(year, month + 1, 1) - 1
    else:
        last = hijri_ordinal(year + 1, 1, 1) - 1
    return Days(first - _HIJRI_DOUBT, last + _HIJRI_DOUBT)


def hijri_ordinal(year: int, month: int, day: int) -> int:
    """The proleptic Gregorian ordinal of a date in the tabular Islamic calendar (civil, 30-year cycle)."""
    days_before = 354 * (year - 1) + (3 + 11 * year) // 30
    months = 29 * (month - 1) + month // 2
    return _EPOCH + days_before + months + day - 1


def apart(one: Days, other: Days) -> int:
    """How many days at least lie between two."""
    gaps = [later.first - earlier.last for earlier, later in pairwise((one, other, one))]
    return max(0, *gaps)
