"""Recorders' tables: which of their columns say what, so that their rows enter the ledger and leave it again.

A recorder's row keeps every cell as it came. What does not fit together (a low above the best, parts that do
not add up) is flagged and left as it is. The columns are those of UCDP GED (codebook, version 23.1 on), of
ACLED's export, of Iraq Body Count's table of incidents, and those in which Airwars publishes an incident.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from witnessmark.model import Facts, Qualifier, Range
from witnessmark.model.reported import Flag, Quantity, Reported
from witnessmark.weigh.counting.wording import amount_of, whole

Cells = Mapping[str, str]


class Recorder(StrEnum):
    """Whose columns a table has."""

    UCDP_GED = "ucdp-ged"
    ACLED = "acled"
    IRAQ_BODY_COUNT = "ibc"
    AIRWARS = "airwars"


@dataclass(frozen=True, slots=True)
class Columns:
    """How a recorder's table is built: all columns, those that only it has, and the numbers in it.

    `numbers` are the columns of low, best and high for each quantity. The other fields are the columns in
    which the name of an entry, its day, place and sources stand.
    """

    source: str
    columns: tuple[str, ...]
    signs: frozenset[str]
    numbers: Mapping[Quantity, tuple[str | None, str | None, str | None]]
    name: str
    day: str
    place: tuple[str, ...]
    via: tuple[str, ...]
    basis: tuple[str, ...] = ()
    note: tuple[str, ...] = ()


_GED = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id"),
    *("conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id"),
    *("side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources"),
    *("source_article", "source_office", "source_date", "source_headline", "source_original"),
    *("where_prec", "where_coordinates", "where_description", "adm_1", "adm_2", "latitude", "longitude"),
    *("geom_wkt", "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec"),
    *("date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"),
    *("best", "high", "low", "gwnoa", "gwnob"),
)


_ACLED = (
    *("event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type"),
    *("sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2"),
    *("interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3"),
    *("location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes"),
    *("fatalities", "tags", "timestamp"),
)
_IBC = (
    *("IBC code", "Start Date", "End Date", "Time", "Location", "Target", "Weapons"),
    *("Reported Minimum", "Reported Maximum", "Sources"),
)
_AIRWARS = (
    *("Airwars code", "Incident date", "Location", "Country", "Strike status", "Strike type", "Belligerent"),
    *("Civilians reported killed", "Civilians reported injured", "Civilian harm grading", "Sources"),
)

COLUMNS: Mapping[Recorder, Columns] = {
    Recorder.UCDP_GED: Columns(
        "UCDP GED",
        _GED,
        frozenset({"deaths_civilians", "best", "high", "low"}),
        {Quantity.KILLED: ("low", "best", "high")},
        name="id",
        day="date_start",
        place=("where_coordinates", "country"),
        via=("source_original",),
        basis=("source_article", "source_office"),
    ),
    Recorder.ACLED: Columns(
        "ACLED",
        _ACLED,
        frozenset({"event_id_cnty", "fatalities"}),
        {Quantity.KILLED: (None, "fatalities", None)},
        name="event_id_cnty",
        day="event_date",
        place=("location", "country"),
        via=("source",),
        basis=("source_scale",),
        note=("notes",),
    ),
    Recorder.IRAQ_BODY_COUNT: Columns(
        "Iraq Body Count",
        _IBC,
        frozenset({"IBC code", "Reported Minimum", "Reported Maximum"}),
        {Quantity.KILLED: ("Reported Minimum", None, "Reported Maximum")},
        name="IBC code",
        day="Start Date",
        place=("Location",),
        via=("Sources",),
        basis=("Weapons", "Target"),
    ),
    Recorder.AIRWARS: Columns(
        "Airwars",
        _AIRWARS,
        frozenset({"Civilians reported killed"}),
        {
            Quantity.KILLED: ("Civilians reported killed", None, "Civilians reported killed"),
            Quantity.INJURED: ("Civilians reported injured", None, "Civilians reported injured"),
        },
        name="Airwars code",
        day="Incident date",
        place=("Location", "Country"),
        via=("Sources",),
        basis=("Civilian harm grading", "Strike status"),
    ),
}
_DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
_STANDS_FOR_A_WORD = re.compile(
    r"\b(?:several|tens|dozens|hundreds|unknown number|unspecified)\b", re.IGNORECASE
)
_WORDS_OF_ACLED = (10, 12, 100)
_RANGE = re.compile(r"\s*(\d[\d, ]*)\s*(?:[-–—]|to)\s*(\d[\d, ]*)\s*")


def recorder_of(header: Sequence[str]) -> Recorder | None:
    """Whose table it is, by the columns that only this recorder has; None if it is nobody's here."""
    known = {_folded(name) for name in header}
    for recorder, columns in COLUMNS.items():
        if {_folded(name) for name in columns.signs} <= known:
            return recorder
    return None


def entries_of(recorder: Recorder, cells: Cells, reference: str) -> tuple[Reported, ...]:
    """The entries that a row makes, one for each quantity in it; every cell is kept as it came."""
    columns = COLUMNS[recorder]
    by_name = {_folded(name): text for name, text in cells.items()}

    def cell(name: str | None) -> str:
        return by_name.get(_folded(name), "").strip() if name else ""

    made = []
    for quantity, names in columns.numbers.items():
        texts = [cell(name) for name in names]
        if not any(texts):
            continue
        amount, flags = _amount(texts)
        checks = _CHECKS.get(recorder)
        flags += checks(cell, amount) if checks else []
        said_on = day_of(cell(columns.day))
        if said_on is None:
            flags.append(Flag.NO_DATE)
        name = f"{recorder}:{cell(columns.name) or reference}:{quantity}"
        made.append(
            Reported(
                name=name,
                source=columns.source,
                quantity=quantity,
                amount=amount,
                reference=reference,
                said_on=said_on,
                event=f"{columns.source} {cell(columns.name)}".strip(),
                place=", ".join(filter(None, map(cell, columns.place))),
                via="; ".join(filter(None, map(cell, columns.via))),
                basis="; ".join(filter(None, map(cell, columns.basis))),
                note="; ".join(filter(None, map(cell, columns.note))),
                flags=tuple(dict.fromkeys(flags)),
                raw=Facts({"columns": recorder.value, **cells}),
            )
        )
    return tuple(made)


def row_of(recorder: Recorder, entry: Reported) -> dict[str, str] | None:
    """An entry as a row of a recorder's table; None if the table has no column for what is counted.

    What came from this recorder goes back cell by cell as it came.
    """
    columns = COLUMNS[recorder]
    if entry.raw.get("columns") == recorder.value:
        kept = {_folded(str(name)): str(text) for name, text in entry.raw.items()}
        return {name: kept.get(_folded(name), "") for name in columns.columns}
    names = columns.numbers.get(entry.quantity)
    numbers = {} if names is None or entry.amount is None else _numbers(names, entry.amount)
    if not any(numbers.values()):
        return None
    row = dict.fromkeys(columns.columns, "")
    row |= {columns.name: entry.name, columns.day: entry.said_on.isoformat() if entry.said_on else ""}
    row[columns.place[0]] = entry.place or entry.scope
    row[columns.via[0]] = entry.source
    return row | numbers


def day_of(text: str) -> date | None:
    """The day that a cell writes; of a month or a year its last, since it was known by then at the latest.

    None if it writes none.
    """
    folded = text.strip()
    if found := re.fullmatch(r"(\d{4})(?:-(\d{2}))?", folded):
        year, month = int(found[1]), int(found[2] or 12)
        return date(year, month, monthrange(year, month)[1]) if year and 1 <= month <= 12 else None
    if found := re.match(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?$", folded):
        try:
            return date.fromisoformat(found[1])
        except ValueError:
            return None
    if found := re.fullmatch(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})", folded):
        months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        try:
            return date(int(found[3]), months.index(found[2][:3].lower()) + 1, int(found[1]))
        except ValueError:
            return None
    return None


# --- inner


def _amount(texts: Sequence[str]) -> tuple[Range | None, list[Flag]]:
    """The range in up to three cells; one cell may hold both ends of it."""
    low, best, high = texts
    if low and low == high and (found := _RANGE.fullmatch(low)):
        low, high = found[1], found[2]
    numbers = [whole(text) if text else None for text in (low, best, high)]
    if any(text and number is None for text, number in zip((low, best, high), numbers, strict=True)):
        return None, [Flag.NOT_A_NUMBER]
    amount, fault = amount_of(numbers[0], numbers[1], numbers[2], None)
    return amount, [fault] if fault else []


def _ged_checks(cell: Callable[[str | None], str], amount: Range | None) -> list[Flag]:
    del amount
    parts = [whole(cell(name)) for name in _DEATHS]
    best = whole(cell("best"))
    known = [part for part in parts if part is not None]
    return [Flag.PARTS_DIFFER] if len(known) == len(parts) and best is not None and sum(known) != best else []


def _acled_checks(cell: Callable[[str | None], str], amount: Range | None) -> list[Flag]:
    is_word = amount is not None and amount.best in _WORDS_OF_ACLED
    return [Flag.MAY_STAND_FOR_A_WORD] if is_word and _STANDS_FOR_A_WORD.search(cell("notes")) else []


_CHECKS: Mapping[Recorder, Callable[[Callable[[str | None], str], Range | None], list[Flag]]] = {
    Recorder.UCDP_GED: _ged_checks,
    Recorder.ACLED: _acled_checks,
}


def _numbers(names: Iterable[str | None], amount: Range) -> dict[str, str]:
    low, best, high = names
    one = next((number for number in (amount.best, amount.low, amount.high) if number is not None), None)
    if low is not None and low == high:
        ends = [number for number in (amount.low, amount.high) if number is not None]
        ends = ends or ([] if one is None else [one])
        return {low: "–".join(map(str, dict.fromkeys(ends)))}
    cells = {
        low: amount.low if amount.low is not None or amount.qualifier is Qualifier.UP_TO else one,
        best: amount.best if low is not None else one,
        high: amount.high if amount.high is not None or amount.qualifier is Qualifier.AT_LEAST else one,
    }
    return {name: str(number) for name, number in cells.items() if name is not None and number is not None}


def _folded(name: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "", (name or "").casefold())
