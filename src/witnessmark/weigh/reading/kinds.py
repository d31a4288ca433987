"""Words for those who are counted, for what is counted, and for what befell them."""

from __future__ import annotations

from witnessmark.weigh.reading.tables import language, words

PERSONS = words("persons")
"""Words for people; the dead, the wounded and the missing among them."""

MEASURES = words("measures")
"""What follows a number that measures and does not count."""

ACTIONS = {
    word: table.removeprefix("deed-")
    for table, row in language("english").items()
    if table.startswith("deed-")
    for word in row.split()
}
"""Words for what befell people, with the kind of deed."""

_UNITS = {
    table.removeprefix("unit-"): words(table) for table in language("english") if table.startswith("unit-")
} | {"persons": PERSONS}


_ENDINGS = tuple(language("english")["endings"]["persons"].split())
_NOT_PERSONS = frozenset(language("english")["endings"]["not-persons"].split())


def unit_of(word: str) -> str | None:
    """The unit that a noun in lower case counts: persons, vehicles …; an unknown plural is its own unit."""
    for unit, nouns in _UNITS.items():
        if word in nouns:
            return unit
    if word.endswith(_ENDINGS) and word not in _NOT_PERSONS:
        return "persons"
    return word if word.endswith("s") and len(word) > 3 else None
