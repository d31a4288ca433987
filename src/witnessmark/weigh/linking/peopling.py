"""People as rows of a database table, and the keys by which those who may be one are brought together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Any

from witnessmark.weigh.linking.intake import Entry
from witnessmark.weigh.linking.letters import Script, in_latin, script_of
from witnessmark.weigh.linking.naming import Word

_ONE_BYTE = str.maketrans("ابتثجحخدذرزسشصضطظعغفقكلمنهويٱ", "AbtvjHxd*rzs$SDTZEgfqklmnhwyA")
_AGE_STEP = 2


def columns_of_person(number: int, place: int, entry: Entry) -> dict[str, Any]:
    """A person as the table has them; `place` is that of the list, `number` counts through all lists."""
    name = entry.name
    father = name.inner[0] if name.inner else None
    mother = entry.mother.given
    return {
        "unique_id": number,
        "list": place,
        "row": entry.row,
        **_of_word("given", name.given),
        **_of_word("father", father),
        **_of_word("family", name.family),
        "inner": [word.key for word in name.inner],
        "keys": [word.key for word in name.words],
        "kunya": name.kunya and name.kunya.key,
        "mother": mother and mother.key,
        "mother_bones": mother and mother.bones,
        "years_low": entry.years and entry.years[0],
        "years_high": entry.years and entry.years[1],
        "birth": _exact(entry),
        "sex": entry.sex,
        "place": entry.place,
        "when_first": entry.when and entry.when.first,
        "when_last": entry.when and entry.when.last,
        "identity": entry.identity,
    }


def keys_of_person(entry: Entry) -> Iterator[str]:
    """What two rows must share one of to be compared at all; keys that too many share are not used."""
    bones = tuple(dict.fromkeys(word.bones for word in entry.name.words))
    birth = _exact(entry)
    if entry.identity:
        yield f"i{entry.identity}"
    yield from (f"p{one} {other}" for one, other in combinations(sorted(bones), 2))
    yield from (f"w{one}" for one in bones)
    yield from (
        f"a{one} {step}" for one in dict.fromkeys((*bones[:1], *bones[-1:])) for step in _steps(entry)
    )
    if birth:
        yield from (f"b{one} {birth}" for one in bones)
    if birth and entry.sex:
        yield f"d{birth}{entry.sex}"
    if entry.name.kunya:
        yield from (f"k{entry.name.kunya.bones} {one}" for one in bones[-1:])


def _steps(entry: Entry) -> range:
    """The steps of two years that somebody's age and the years beside it lie in; none if it is vague."""
    if entry.years is None or entry.years[1] - entry.years[0] > 2 * _AGE_STEP:
        return range(0)
    return range(entry.years[0] // _AGE_STEP, (entry.years[1] + 1) // _AGE_STEP + 1)


def _exact(entry: Entry) -> str | None:
    """The day of birth in eight digits, if it is known to the day."""
    if entry.birth is None or not entry.birth.is_exact:
        return None
    return date.fromordinal(entry.birth.first).strftime("%Y%m%d")


def _of_word(column: str, word: Word | None) -> dict[str, str | None]:
    if word is None:
        return {column: None, f"{column}_form": None, f"{column}_bones": None}
    return {column: word.key, f"{column}_form": _one_byte(word.form), f"{column}_bones": word.bones}


@lru_cache(maxsize=1 << 16)
def _one_byte(form: str) -> str:
    """A word with one byte for each letter, as the database counts letters."""
    return form.translate(_ONE_BYTE) if script_of(form) is Script.ARABIC else in_latin(form)
