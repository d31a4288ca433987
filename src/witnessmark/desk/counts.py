"""Counts: the ledger of reported numbers, from the confirmed statements of a case and from tables at hand."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from witnessmark.collect.table import harmless, open_table
from witnessmark.desk.claims import amount_facts
from witnessmark.desk.weighing import weighing_of
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Digest, Event, Grade, Stance, Statement
from witnessmark.model.reported import AtDate, Flag, Quantity, Reported, Series
from witnessmark.model.weighing import WeighedClaim, Weighing
from witnessmark.model.wire import Noun
from witnessmark.ports import Case
from witnessmark.publish.counts import counts_page
from witnessmark.weigh.counting.ledger import at_date, dates, ledger
from witnessmark.weigh.counting.recorders import COLUMNS, Recorder, entries_of, recorder_of, row_of
from witnessmark.weigh.counting.rows import FIELDS, NEEDED, entry_of, fields_of
from witnessmark.weigh.counting.wording import quantity_of
from witnessmark.weigh.lineage import is_echo

_PEOPLE = frozenset({"", "person", "persons", "people", "men", "women", "children", "soldiers", "prisoners"})
OWN = "own"
"""The name of our own columns, for an export that loses nothing."""
COLUMN_SETS = (OWN, *(recorder.value for recorder in Recorder))


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger: all entries, and the rows of tables that could not be read."""

    entries: tuple[Reported, ...]
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case | None, tables: Sequence[Path] = (), weighing: Weighing | None = None) -> Counts:
        """What the statements of a case and some tables report; `weighing` if it was weighed already."""
        entries = [] if case is None else list(_stated(case, weighing or weighing_of(case)))
        unread: list[str] = []
        for path in tables:
            found, problems = _tabled(path, case)
            entries += found
            unread += problems
        return cls(_named_apart(entries), tuple(unread))

    def series(self, quantity: Quantity | None = None) -> tuple[Series, ...]:
        """Every series, or those of one quantity."""
        return tuple(one for one in ledger(self.entries) if quantity in (None, one.quantity))

    def written_as(self, columns: str) -> tuple[bytes, int, int]:
        """The ledger as CSV in a recorder's columns or in ours; how many rows, and how many do not fit."""
        if columns not in COLUMN_SETS:
            raise UsageError(f"{columns!r} is none of: {', '.join(COLUMN_SETS)}")
        if columns == OWN:
            header: Sequence[str] = tuple(FIELDS)
            rows: list[Mapping[str, str] | None] = [_own_row(one) for one in self.entries]
        else:
            recorder = Recorder(columns)
            header = COLUMNS[recorder].columns
            rows = [row_of(recorder, one) for one in self.entries]
        kept = [row for row in rows if row is not None]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows([harmless(row.get(name, "")) for name in header] for row in kept)
        return text.getvalue().encode(), len(kept), len(rows) - len(kept)


def series_facts(one: Series, on: date | None = None) -> dict[str, Any]:
    """A series with its lineages, and what stood on each day on which something was said, or on one day."""
    days = (on,) if on is not None else dates(one)
    return {
        "quantity": one.quantity.value,
        "event": one.event,
        "place": one.place,
        "scope": one.scope,
        "unit": one.unit,
        "lineages": [
            {
                "lineage": each.name,
                "sources": list(each.sources),
                "entries": [entry_facts(e) for e in each.entries],
            }
            for each in one.descents
        ],
        "questioned": [entry_facts(each) for each in one.questioned],
        "days": [_day(at_date(one, day)) for day in days],
    }


def entry_facts(one: Reported) -> dict[str, Any]:
    """An entry of the ledger as JSON has it; `raw` holds every cell as it came."""
    return {
        "entry": one.name,
        "source": one.source,
        "via": one.via,
        "stance": one.stance.value,
        "amount": amount_facts(one.amount),
        "said_on": one.said_on.isoformat() if one.said_on else None,
        "basis": one.basis,
        "grade": one.grade,
        "note": one.note,
        "supersedes": list(one.supersedes),
        "derived_from": list(one.derived_from),
        "flags": [flag.value for flag in one.flags],
        "reference": one.reference,
        "address": one.address,
        "raw": dict(one.raw),
    }


def series_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """A series for a person: what stands now, then every lineage with what it said, oldest first."""
    yield title_of(facts)
    if facts["days"]:
        yield f"  {day_sentence(facts['days'][-1])}"
    for lineage in facts["lineages"]:
        yield f"  {lineage['lineage']}  {', '.join(lineage['sources'])}"
        for entry in lineage["entries"]:
            yield f"       {_entry_line(entry)}"
    for entry in facts["questioned"]:
        yield f"  ∅  {entry['source']}: {_entry_line(entry)}"


def title_of(facts: Mapping[str, Any]) -> str:
    """What a series counts: the quantity, and of what, where."""
    unit = f" ({facts['unit']})" if facts["unit"] else ""
    rest = " · ".join(filter(None, (facts["scope"], facts["event"], facts["place"])))
    return f"{facts['quantity']}{unit}{f': {rest}' if rest else ''}"


def day_sentence(day: Mapping[str, Any]) -> str:
    """What stood on a day, in one sentence."""
    if not day["standing"]:
        return f"On {day['on']} no number stood."
    count = len(day["standing"])
    lineages = "one lineage" if count == 1 else f"{count} lineages"
    words = {
        "agree": f"no bounds contradict each other: all that state any allow {_text(day['agreed'])}",
        "contradict": "their bounds contradict each other: no number fits them all",
        "not comparable": "their bounds cannot be compared",
    }
    more = words.get(day["agreement"])
    return f"On {day['on']} {lineages} stood, {_within(day['reported'])}{f'; {more}' if more else ''}."


# --- inner


def _text(amount: Mapping[str, Any] | None) -> str:
    return amount["text"] if amount else "none"


def _within(reported: Mapping[str, Any] | None) -> str:
    """Where the numbers of a day lie, all of them together."""
    if reported is None:
        return "with vague words and no number"
    is_open = reported["high"] is None and reported["best"] is None
    return f"with numbers of {reported['text']}{' and no upper end' if is_open else ''}"


def _entry_line(entry: Mapping[str, Any]) -> str:
    amount = entry["amount"]["text"] if entry["amount"] else "no number"
    stance = "" if entry["stance"] == "asserts" else f" [{entry['stance'].replace('_', ' ')}]"
    flags = f" ({'; '.join(entry['flags'])})" if entry["flags"] else ""
    basis = f", {entry['basis']}" if entry["basis"] else ""
    replaced = f", replaces {', '.join(entry['supersedes'])}" if entry["supersedes"] else ""
    grade = f" {entry['grade']}" if entry["grade"] else ""
    said = f"{amount}{stance}{grade}{basis}{replaced}{flags}"
    return f"{entry['said_on'] or 'no date'}  {said}  {entry['reference']}"


def _day(found: AtDate) -> dict[str, Any]:
    return {
        "on": found.on.isoformat(),
        "standing": [
            {"lineage": descent.name, "entries": [one.name for one in several]}
            for descent, several in found.standing
        ],
        "reported": amount_facts(found.reported),
        "ever": amount_facts(found.ever),
        "agreed": amount_facts(found.agreed),
        "agreement": found.agreement.value,
        "without_bounds": [one.name for one in found.unbounded],
    }


def _stated(case: Case, weighing: Weighing) -> Iterator[Reported]:
    """An entry for every confirmed statement that gives or takes back a number."""
    filed: dict[Digest, list[Digest]] = {}
    for digest, under in weighing.under.items():
        filed.setdefault(under, []).append(digest)
    lineages, grades = weighing.lineages.names(), {one.about: one for _, one in case.find(Grade)}
    exhibits = case.exhibits_of(tuple({one.appearance.digest for one in weighing.statements.values()}))
    for claim in weighing.claims:
        said = ((digest, weighing.statements.get(digest)) for digest in filed.get(claim.digest, ()))
        telling = [
            (digest, one)
            for digest, one in said
            if one is not None and (one.amount is not None or one.stance is Stance.RETRACTS)
        ]
        event = case.noun(claim.claim.event) if telling else None
        for digest, statement in telling:
            grade = grades.get(digest)
            yield replace(
                _of_statement(event, claim, digest, statement),
                reference=f"{exhibits.get(statement.appearance.digest, 'no exhibit')} {digest.hex[:12]}",
                grade=f"{grade.reliability}{grade.credibility}" if grade else "",
                lineage=lineages[digest],
            )


def _of_statement(event: Noun | None, claim: WeighedClaim, digest: Digest, statement: Statement) -> Reported:
    unit = (statement.unit or "").casefold()
    is_people = unit in _PEOPLE
    texts = (unit, claim.claim.text, statement.appearance.quote) if is_people else (unit,)
    quantity, _ = quantity_of(*texts)
    said = statement.said_at and (statement.said_at.start or statement.said_at.end)
    where = event.where.name if isinstance(event, Event) and event.where is not None else None
    echo = is_echo(statement) and statement.relays is not None
    flags = [] if said else [Flag.NO_DATE]
    if quantity is Quantity.OTHER and is_people:
        flags.append(Flag.NOT_SORTED)
    if statement.amount is not None and statement.amount.qualifier == "vague":
        flags.append(Flag.VAGUE)
    return Reported(
        name=digest.hex[:12],
        source=statement.speaker,
        quantity=quantity,
        amount=statement.amount,
        reference="",
        stance=statement.stance,
        said_on=said.date() if said else None,
        event=event.name if isinstance(event, Event) else "",
        place=where or "",
        scope=claim.claim.text,
        note=statement.appearance.quote,
        unit=statement.unit or "",
        derived_from=(statement.relays.hex[:12],) if echo and statement.relays is not None else (),
        flags=tuple(flags),
    )


def _tabled(path: Path, case: Case | None) -> tuple[list[Reported], list[str]]:
    """The entries of a table, and its rows that could not be read."""
    try:
        with path.open("rb") as stream:
            digest = Digest.from_hex(hashlib.file_digest(stream, "sha256").hexdigest())
            if stream.seek(0) == 0 and stream.read(4) == b"PK\x03\x04":
                raise UsageError(f"{path} is a workbook", advice="save the sheet as CSV")
            table = open_table(stream)
            rows = [row for row in table.rows if not row.is_blank]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except MalformedError as error:
        raise UsageError(
            f"{path}: {error}", advice="give a table as CSV, its first row naming the columns"
        ) from error
    where = (case.exhibit_of(digest) if case is not None else None) or path.name
    if not rows or rows[0].problem is not None:
        raise UsageError(f"{path} has no row that names its columns")
    header = [name.strip().lstrip("\ufeff") for name in rows[0].cells]
    problems = [f"{where} row {row.number}: {row.problem}" for row in rows if row.problem is not None]
    good = [(f"{where} row {row.number}", row.cells) for row in rows[1:] if row.problem is None]
    return list(_rows(path, header, good)), problems


def _rows(path: Path, header: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> Iterator[Reported]:
    recorder = recorder_of(header)
    fields = fields_of(header)
    missing = [name for name in NEEDED if name not in fields]
    if recorder is None and missing:
        known = ", ".join(recorder.value for recorder in Recorder)
        raise UsageError(
            f"{path} has no column for {' and for '.join(repr(name) for name in missing)}",
            advice=f"name the columns as in the how-to, or give a table of {known}",
        )
    for reference, cells in rows:
        by_name = {name: cells[place] for place, name in enumerate(header) if name and place < len(cells)}
        if recorder is not None:
            yield from entries_of(recorder, by_name, reference)
        else:
            texts = {field: cells[place] for field, place in fields.items() if place < len(cells)}
            yield entry_of(by_name, texts, reference)


def _named_apart(entries: Iterable[Reported]) -> tuple[Reported, ...]:
    """Entries whose names are their own: of two that share one, the second is called by its place too."""
    seen: set[str] = set()
    made = []
    for one in entries:
        name = one.name if one.name not in seen else f"{one.name} ({one.reference})"
        seen.add(name)
        made.append(one if name == one.name else replace(one, name=name))
    return tuple(made)


def _own_row(one: Reported) -> dict[str, str]:
    amount = one.amount
    numbers = {
        name: str(number)
        for name, number in (
            ("low", amount and amount.low),
            ("best", amount and amount.best),
            ("high", amount and amount.high),
        )
        if number is not None
    }
    return {
        "name": one.name,
        "source": one.source,
        "via": one.via,
        "quantity": one.unit if one.quantity is Quantity.OTHER and one.unit else one.quantity.value,
        **numbers,
        "bound": amount.qualifier.value if amount else "",
        "kind": one.stance.value.replace("_", " "),
        "said_on": one.said_on.isoformat() if one.said_on else "",
        "event": one.event,
        "place": one.place,
        "scope": one.scope,
        "basis": one.basis,
        "grade": one.grade,
        "note": one.note,
        "supersedes": "; ".join(one.supersedes),
        "derived_from": "; ".join(one.derived_from),
        "address": one.address or one.reference,
    }


def draw_counts(title: str, told: Sequence[Mapping[str, Any]]) -> bytes:
    """A page that draws series as they were told, over time and lineage by lineage."""
    said = [day_sentence(one["days"][-1]) if one["days"] else "Nothing in it has a day." for one in told]
    return counts_page(title, told, [title_of(one) for one in told], said)
