"""People as rows of a database table."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from witnessmark.weigh.linking.intake import Entry
from witnessmark.weigh.linking.letters import Script, in_latin, script_of
from witnessmark.weigh.linking.naming import Word

_ONE_BYTE = str.maketrans("ابتثجحخدذرزسشصضطظعغفقكلمنهويٱ", "AbtvjHxd*rzs$SDTZEgfqklmnhwyA")


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
        "rest": [word.key for word in name.words[name.has_given :]],
        "bones": list(dict.fromkeys(word.bones for word in name.words)),
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


def _exact(entry: Entry) -> str | None:
    """The day of birth in eight digits, if it is known to the day."""
    if entry.birth is None or not entry.birth.is_exact:
        return None
    return date.fromordinal(entry.birth.first).strftime("%Y%m%d")


@lru_cache(maxsize=1 << 16)
def _of_word(column: str, word: Word | None) -> dict[str, str | None]:
    if word is None:
        return {column: None, f"{column}_form": None, f"{column}_bones": None}
    return {column: word.key, f"{column}_form": _one_byte(word.form), f"{column}_bones": word.bones}


@lru_cache(maxsize=1 << 16)
def _one_byte(form: str) -> str:
    """A word with one byte for each letter, as the database counts letters."""
    return form.translate(_ONE_BYTE) if script_of(form) is Script.ARABIC else in_latin(form)
