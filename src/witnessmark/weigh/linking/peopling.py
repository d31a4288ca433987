"""People as rows of a database table."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from witnessmark.weigh.linking.intake import Entry
from witnessmark.weigh.linking.letters import Script, in_latin, script_of
from witnessmark.weigh.linking.naming import Word

_ONE_BYTE = str.maketrans("ابتثجحخدذرزسشصضطظعغفقكلمنهويٱ", "AbtvjHxd*rzs$SDTZEgfqklmnhwyA")


def row_of_person(number: int, place: int, entry: Entry) -> tuple[Any, ...]:
    """A person in the order of `COLUMNS`; `place` is that of the list, `number` counts through all lists.

    Whoever is named after their grandfather agrees in his name because they agree in their own: among the
    names between it is left out.
    """
    name, when = entry.name, entry.when
    mother = entry.mother.given
    inner = name.inner
    return (
        number,
        place,
        entry.row,
        *_of_word(name.given),
        *_of_word(inner[0] if inner else None),
        *_of_word(name.family),
        [word.key for word in inner if name.given is None or word.key != name.given.key],
        [word.key for word in name.words[name.has_given :]],
        list({word.bones: None for word in name.words}),
        name.kunya and name.kunya.key,
        mother and mother.key,
        mother and mother.bones,
        *(entry.years or (None, None)),
        _exact(entry),
        entry.sex,
        entry.place,
        *((when.first, when.last) if when else (None, None)),
        entry.identity,
    )


def _exact(entry: Entry) -> str | None:
    """The day of birth in eight digits, if it is known to the day."""
    if entry.birth is None or not entry.birth.is_exact:
        return None
    return date.fromordinal(entry.birth.first).strftime("%Y%m%d")


def _of_word(word: Word | None) -> tuple[str | None, str | None, str | None]:
    return (None, None, None) if word is None else (word.key, _one_byte(word.form), word.bones)


@lru_cache(maxsize=1 << 16)
def _one_byte(form: str) -> str:
    """A word with one byte for each letter, as the database counts letters."""
    return form.translate(_ONE_BYTE) if script_of(form) is Script.ARABIC else in_latin(form)
