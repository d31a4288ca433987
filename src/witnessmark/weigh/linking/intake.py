"""Intake: the rows of a list as people to be compared, and in plain words how its columns were understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from witnessmark.errors import MalformedError
from witnessmark.weigh.linking.ages import Years, sex_of, years_of
from witnessmark.weigh.linking.calendars import Days, days_of, is_day_first
from witnessmark.weigh.linking.columns import Cells, Columns, Meaning, columns_of
from witnessmark.weigh.linking.letters import Script, folded, plain_digits, script_of, skeleton
from witnessmark.weigh.linking.lexicon import lexicon
from witnessmark.weigh.linking.naming import NOBODY, Name, name, name_of_parts

_PEEK = 4000
_IN_ORDER = (Meaning.GIVEN, Meaning.FATHER, Meaning.GRANDFATHER, Meaning.FAMILY)
_FAMILY_FIRST = 0.5
_LEAST_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list as it is compared. `row` counts from 1 below the header.

    `years` is the age in completed years; `birth` and `when` (what happened to the person) are days.
    """

    row: int
    name: Name = NOBODY
    mother: Name = NOBODY
    years: Years | None = None
    birth: Days | None = None
    when: Days | None = None
    sex: str | None = None
    place: str | None = None
    identity: str | None = None


@dataclass(slots=True)
class Roll:
    """A list: what it is called, how it was understood, and its people, once, in the order of its rows."""

    called: str
    columns: Columns
    name_column: int | None
    script: Script
    scripts: frozenset[Script]
    is_family_first: bool
    reference: Days | None
    _named: dict[Script, int | None]
    _first: dict[Meaning, int]
    _days_first: dict[int, bool]
    _rows: Iterator[tuple[int, Cells]]
    taken: int = field(default=0)

    def facts(self) -> dict[str, object]:
        """How the list was understood, without a word of what stands in it but its headers."""
        return {
            "columns": self.columns_told(),
            "script": self.script.value,
            "family_name_first": self.is_family_first,
        }

    def columns_told(self) -> list[dict[str, Any]]:
        """Each column by number from 1, with its header, what it was taken for, and by what."""
        header = self.columns.header
        told = [
            {
                "column": place + 1,
                "header": header[place] if header and place < len(header) else None,
                "meaning": self._used_as(place, meaning),
                "by": "its cells" if place in self.columns.by_cells else "its header",
            }
            for place, meaning in self.columns.meanings.items()
        ]
        unknown = [
            {"column": place + 1, "header": cell, "meaning": Meaning.IGNORED.value, "by": "nothing"}
            for place, cell in enumerate(header or ())
            if place not in self.columns.meanings
        ]
        return told + unknown

    def entries(self, reference: Days | None = None) -> Iterator[Entry]:
        """The people of the list; ages are reckoned on the day of `reference` where only a birth is told."""
        reference = reference or self.reference
        for row, cells in self._rows:
            self.taken += 1
            yield self._entry(row, cells, reference)

    def prefer(self, script: Script) -> None:
        """Read names from the column in this script, if there is one."""
        if self._named.get(script) is not None:
            self.name_column, self.script = self._named[script], script

    # --- inner

    def _used_as(self, place: int, meaning: Meaning) -> str:
        if meaning is Meaning.NAME and place != self.name_column:
            return f"{meaning.value} in another script, not compared"
        return meaning.value

    def _entry(self, row: int, cells: Cells, reference: Days | None) -> Entry:
        birth = self._days(cells, Meaning.BIRTH)
        years = years_of(self._cell(cells, Meaning.AGE)) or _aged(birth, reference)
        mother = self._cell(cells, Meaning.MOTHER)
        return Entry(
            row,
            name=self._name(cells),
            mother=name(mother) if mother else NOBODY,
            years=years,
            birth=birth,
            when=self._days(cells, Meaning.WHEN),
            sex=sex_of(self._cell(cells, Meaning.SEX)),
            place=_place_of(self._cell(cells, Meaning.PLACE)),
            identity=_identity_of(self._cell(cells, Meaning.IDENTITY)),
        )

    def _name(self, cells: Cells) -> Name:
        whole = self._at(cells, self.name_column)
        if whole.strip():
            found = name(whole)
            if self.is_family_first and len(found.words) > 1:
                found = replace(found, words=(*found.words[1:], found.words[0]))
        else:
            found = name_of_parts([self._cell(cells, meaning) for meaning in _IN_ORDER])
        kunya = self._cell(cells, Meaning.KUNYA)
        return replace(found, kunya=name(kunya).kunya) if kunya and found.kunya is None else found

    def _cell(self, cells: Cells, meaning: Meaning) -> str:
        place = self._first.get(meaning)
        return cells[place] if place is not None and place < len(cells) else ""

    def _at(self, cells: Cells, place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    def _days(self, cells: Cells, meaning: Meaning) -> Days | None:
        cell = self._cell(cells, meaning)
        return _days_of(cell, self._days_first[self._first[meaning]]) if cell.strip() else None


def read_roll(called: str, rows: Iterable[Cells]) -> Roll:
    """A list from its rows, header and all; MalformedError if no column holds names."""
    stream = iter(rows)
    peeked = list(islice(stream, _PEEK))
    columns = columns_of(peeked)
    if not peeked or not columns.has_names:
        headers = ", ".join(columns.header or ())[:200]
        raise MalformedError(
            f"{called}: no column holds the names of people"
            + (f" (its headers: {headers})" if headers else ""),
            advice="call the column with the names `name`, or its parts `given name` and `family name`",
        )
    body = peeked[columns.header_row + 1 :]
    if not any(any(cell.strip() for cell in row) for row in body):
        raise MalformedError(f"{called} has a header and no rows")
    named = _scripts_of(columns, body)
    script, column = next(iter(named.items()), (Script.OTHER, None))
    days_first = {
        place: is_day_first([row[place] for row in body if len(row) > place])
        for meaning in (Meaning.BIRTH, Meaning.WHEN)
        for place in columns.places(meaning)
    }
    names = [] if column is None else [name(row[column]) for row in body if len(row) > column]
    return Roll(
        called=called,
        columns=columns,
        name_column=column,
        script=script,
        scripts=frozenset(named),
        is_family_first=_is_family_first(names),
        reference=_middle(_events(columns, body, days_first)),
        _named=named,
        _first={one: place for one in Meaning if (place := columns.first(one)) is not None},
        _days_first=days_first,
        _rows=_numbered(chain(body, stream)),
    )


def _events(columns: Columns, body: Sequence[Cells], days_first: dict[int, bool]) -> Iterator[Days | None]:
    for place in columns.places(Meaning.WHEN):
        for row in body:
            if len(row) > place:
                yield days_of(row[place], day_first=days_first[place])


def settle(rolls: Sequence[Roll], reference: date | None = None) -> Days | None:
    """Choose the script that most lists have names in, and the day on which ages are reckoned.

    That day is `reference`, or the middle of the dates of the event in all lists; None if there is none.
    """
    counts = Counter(script for roll in rolls for script in roll.scripts)
    shared = max(counts, key=lambda script: (counts[script], script == rolls[0].script), default=None)
    for roll in rolls:
        if shared is not None and shared in roll.scripts:
            roll.prefer(shared)
    if reference is not None:
        return Days(reference.toordinal(), reference.toordinal())
    return _middle([roll.reference for roll in rolls])


@lru_cache(maxsize=1 << 14)
def _days_of(cell: str, day_first: bool) -> Days | None:
    return days_of(cell, day_first=day_first)


def _numbered(rows: Iterable[Cells]) -> Iterator[tuple[int, Cells]]:
    """Each row that is filled with its number; blank ones count too."""
    for number, cells in enumerate(rows, 1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _scripts_of(columns: Columns, body: Sequence[Cells]) -> dict[Script, int | None]:
    """In which scripts names are written, and in which column; None if they come in parts."""
    found: dict[Script, int | None] = {}
    for place in (
        columns.places(Meaning.NAME) or columns.places(Meaning.GIVEN) or columns.places(Meaning.FAMILY)
    ):
        counts = Counter(
            script_of(folded(row[place])) for row in body if len(row) > place and row[place].strip()
        )
        if counts:
            script = counts.most_common(1)[0][0]
            whole = place if columns.meanings[place] is Meaning.NAME else None
            found.setdefault(script, whole)
    return found


def _is_family_first(names: Sequence[Name]) -> bool:
    """Whether a list writes family names in front: the last words are given names far more often."""
    told = [one.words for one in names if len(one.words) > 1 and one.has_given]
    if len(told) < 20:
        return False
    first = sum(words[0].is_known for words in told) / len(told)
    last = sum(words[-1].is_known for words in told) / len(told)
    return last > _LEAST_SHARE and first < _FAMILY_FIRST * last


def _middle(days: Iterable[Days | None]) -> Days | None:
    known = sorted((one for one in days if one is not None), key=lambda one: one.first)
    return known[len(known) // 2] if known else None


@lru_cache(maxsize=1 << 15)
def _aged(birth: Days | None, reference: Days | None) -> Years | None:
    """From how many to how many years somebody was old on a day."""
    if birth is None or reference is None:
        return None
    youngest = _years_between(birth.last, reference.first)
    oldest = _years_between(birth.first, reference.first)
    return (max(0, youngest), oldest) if oldest >= 0 else None


def _years_between(earlier: int, later: int) -> int:
    born, day = date.fromordinal(max(1, earlier)), date.fromordinal(max(1, later))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@lru_cache(maxsize=1 << 15)
def _place_of(cell: str) -> str | None:
    """The consonants of the words of a place, sorted: spellings and orders fall together."""
    words = [folded(word).removeprefix("ال") for word in cell.replace("-", " ").replace(",", " ").split()]
    kept = [word for word in words if word not in lexicon().article]
    bones = sorted({skeleton(word) for word in kept if any(sign.isalnum() for sign in word)})
    return " ".join(bones) or None


def _identity_of(cell: str) -> str | None:
    """An identity number without its punctuation; None if it is too short to be one."""
    if not cell:
        return None
    bare = "".join(sign for sign in plain_digits(cell).casefold() if sign.isalnum())
    return bare if len(bare) >= 5 and len(set(bare)) > 1 else None
