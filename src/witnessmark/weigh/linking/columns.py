"""What the columns of a list mean: by their headers in several languages, or else by their cells."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from witnessmark.weigh.linking.ages import sex_of, years_of
from witnessmark.weigh.linking.calendars import days_of
from witnessmark.weigh.linking.letters import folded

Cells = Sequence[str]
_LOOKED_AT = 400
_HEADERS_WITHIN = 8


class Meaning(StrEnum):
    """What a column says of a person."""

    NAME = "name"
    GIVEN = "given name"
    FATHER = "father's name"
    GRANDFATHER = "grandfather's name"
    FAMILY = "family name"
    KUNYA = "kunya"
    MOTHER = "mother's name"
    AGE = "age"
    BIRTH = "birth"
    SEX = "sex"
    PLACE = "place"
    WHEN = "date of the event"
    IDENTITY = "identity number"
    IGNORED = "not used"


_DATE_OF = re.compile(r"^date$|^تاريخ$|\bdate\b")
_TOWN = re.compile(r"town|city|village|suburb|بلده|مدينه|قريه|ville|ciudad|город|село")
_PLACE_OF_BIRTH = re.compile(r"(?:place|city|town|country) of birth|birth ?place|مكان (?:ال)?(?:ولاد|ميلاد)")


@cache
def _patterns() -> tuple[tuple[Meaning, re.Pattern[str]], ...]:
    """What headers say: the meanings in the order in which they are tried, the ignored last."""
    told = tomllib.loads(files("witnessmark.weigh.linking").joinpath("headers.toml").read_text("utf-8"))
    return tuple((Meaning[name.upper()], re.compile("|".join(words))) for name, words in told.items())


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns have which meaning, in their order; `header` is None if the list has none.

    `by_cells` are the places that were understood by what stands in them and not by a header.
    """

    header: tuple[str, ...] | None
    header_row: int
    meanings: Mapping[int, Meaning]
    by_cells: frozenset[int]

    def places(self, meaning: Meaning) -> tuple[int, ...]:
        """The columns with a meaning."""
        return tuple(place for place, found in self.meanings.items() if found is meaning)

    def first(self, meaning: Meaning) -> int | None:
        """The column that is read for a meaning: of several places a town before a state or an address."""
        places = self.places(meaning)
        towns = (one for one in places if self.header and _TOWN.search(folded(self.header[one])))
        chosen = next(towns, None) if meaning is Meaning.PLACE else None
        return next(iter(places), None) if chosen is None else chosen

    @property
    def has_names(self) -> bool:
        """Whether some column holds names."""
        return any(self.places(one) for one in (Meaning.NAME, Meaning.GIVEN, Meaning.FAMILY))


def meaning_of(header: str) -> Meaning | None:
    """What a header says that its column means; None if it says nothing known."""
    text = " ".join(re.findall(r"[^\W_]+", folded(header)[:120]))
    if not text:
        return None
    if _PLACE_OF_BIRTH.search(text):
        return Meaning.IGNORED
    said = [meaning for meaning, pattern in _patterns() if pattern.search(text)]
    if Meaning.IGNORED in said and said[0] in (Meaning.IGNORED, Meaning.PLACE, Meaning.NAME):
        return Meaning.IGNORED
    return said[0] if said else (Meaning.WHEN if _DATE_OF.search(text) else None)


def columns_of(rows: Sequence[Cells]) -> Columns:
    """The columns of a list, by its first rows."""
    header_row = next((n for n, row in enumerate(rows[:_HEADERS_WITHIN]) if _is_header(row, rows)), None)
    header = None if header_row is None else tuple(rows[header_row])
    body = rows[0 if header_row is None else header_row + 1 :][:_LOOKED_AT]
    meanings: dict[int, Meaning] = {}
    for place, cell in enumerate(header or ()):
        said = meaning_of(cell)
        if said is not None:
            meanings[place] = _checked(said, [row[place] for row in body if len(row) > place])
    _one_event(header or (), meanings)
    by_cells = _by_cells(body, meanings)
    meanings |= by_cells
    return Columns(
        header, -1 if header_row is None else header_row, dict(sorted(meanings.items())), frozenset(by_cells)
    )


def _is_header(row: Cells, rows: Sequence[Cells]) -> bool:
    """Whether a row names columns: two known headers, or one in a list of a single column."""
    if any(re.fullmatch(r"[\d\s./:-]+", cell.strip()) for cell in row if cell.strip()):
        return False
    known = [
        said for cell in row if cell.strip() and len(cell) < 80 and (said := meaning_of(cell)) is not None
    ]
    filled = sum(bool(cell.strip()) for cell in row)
    width = max(map(len, rows[:_LOOKED_AT]), default=0)
    return bool(known) and (len(set(known)) > 1 or (filled == len(row) == width and width <= 2))


def _checked(said: Meaning, cells: list[str]) -> Meaning:
    """What a column means when its cells are looked at: a year under `age` is a birth, and so on."""
    filled = [cell for cell in cells if cell.strip()]
    if said is Meaning.AGE and _share(filled, _is_year) > 0.5:
        return Meaning.BIRTH
    readable = {Meaning.AGE: years_of, Meaning.BIRTH: days_of, Meaning.WHEN: days_of, Meaning.SEX: sex_of}
    if said in readable and filled and _share(filled, readable[said]) < 0.2:
        return Meaning.IGNORED
    return said


def _one_event(header: Cells, meanings: dict[int, Meaning]) -> None:
    """Of several dates of events the first counts, one that says more than `date` before."""
    events = [place for place, meaning in meanings.items() if meaning is Meaning.WHEN]
    events.sort(key=lambda place: (folded(header[place]).strip() in ("date", "تاريخ"), place))
    for place in events[1:]:
        meanings[place] = Meaning.IGNORED


def _by_cells(body: Sequence[Cells], known: Mapping[int, Meaning]) -> dict[int, Meaning]:
    """What columns without a known header hold, where it is plain; a name only if none is known yet."""
    found: dict[int, Meaning] = {}
    taken = set(known.values())
    width = max(map(len, body), default=0)
    columns = {
        place: [row[place] for row in body if len(row) > place and row[place].strip()]
        for place in range(width)
        if place not in known
    }
    columns = {place: cells for place, cells in columns.items() if cells}
    if not taken & {Meaning.NAME, Meaning.GIVEN, Meaning.FAMILY} and columns:
        place = max(columns, key=lambda one: _share(columns[one], _is_name))
        if _share(columns[place], _is_name) > 0.5:
            found[place] = Meaning.NAME
    for place, cells in columns.items():
        for meaning, is_such in ((Meaning.SEX, sex_of), (Meaning.AGE, _is_age)):
            if place not in found and meaning not in taken and _share(cells, is_such) > 0.8:
                if meaning is Meaning.AGE and _counts_up(cells):
                    continue
                found[place] = meaning
                taken.add(meaning)
    return found


def _share(cells: Sequence[str], is_such: object) -> float:
    return sum(is_such(cell) not in (None, False) for cell in cells) / max(1, len(cells))  # type: ignore[operator]


def _is_year(cell: str) -> bool:
    return bool(re.fullmatch(r"(?:1[3489]|20)\d\d", cell.strip()))


def _is_age(cell: str) -> bool:
    return bool(re.fullmatch(r"\s*\d{1,2}(?:\s*[-–]\s*\d{1,2})?\s*", cell))


def _is_name(cell: str) -> bool:
    words = cell.split()
    return 2 <= len(words) <= 8 and all(word.replace("-", "").replace("'", "").isalpha() for word in words)


def _counts_up(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
    return numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
