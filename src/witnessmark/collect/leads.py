"""Leads in a spreadsheet: which files to take in, and what was said about each.

Nobody has to rename a column for us. Columns are recognised by their words in several languages
or by what stands in them, and every row that cannot be used is reported with its reason. A table
about people or things that only happens to hold addresses is a list: it is kept, not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from witnessmark.collect.columns import ADDRESS, Meaning, header_of, meanings, objection_to
from witnessmark.collect.files import lead_to
from witnessmark.collect.limits import Yielded
from witnessmark.collect.names import as_text
from witnessmark.collect.table import Row, harmless, open_table
from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.model import Facts, Outcome
from witnessmark.ports import Declined, Lead, LockedRoom

TASK = "witnessmark.collect.leads:rows"
_SAMPLE = 50
_LIMITS = {"cpu_s": 600, "wall_s": 120}
_OF_THE_LEAD = (Meaning.PATH, Meaning.URL, Meaning.LEGAL_BASIS, Meaning.NOTE)


def leads_in(path: Path, room: LockedRoom, folder: Path | None = None) -> Iterator[Lead | Declined]:
    """The table itself as the first lead, then the files that its rows name, which lie under `folder`.

    `folder` is the table's own folder unless another is given. A path that leads out of it is
    declined: a table from elsewhere has no say over what else lies on this machine.
    """
    table = lead_to(path)
    yield table
    base = Path(os.path.realpath(folder or path.parent))
    try:
        for part in room.run(TASK, path, {"limits": _LIMITS}):
            facts = part.facts
            if facts.get("kind") == "list":
                yield Declined(table.source, f"its rows are not followed as leads: {facts.get('why')}")
            elif "row" in facts:
                sheet = f"{facts['sheet']}:" if facts.get("sheet") else ""
                yield _lead(facts, f"{table.source}#row={sheet}{facts['row']}", base)
    except (MalformedError, UnavailableError) as error:
        yield Declined(table.source, f"its rows cannot all be followed: {error}", Outcome.FAILED)


def rows(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """First whether the table holds leads and in which columns; if it does, then every row of it."""
    table = open_table(untrusted)
    sample = list(islice(table.rows, _SAMPLE))
    filled = [row for row in sample if row.cells and not row.is_blank]
    header = header_of(filled)
    body = filled[1:] if header is not None else filled
    columns = meanings(header or (), body)
    objection = objection_to(columns)
    if objection:
        yield {"kind": "list", "why": objection, "table": table.facts}, b""
        return
    yield (
        {
            "kind": "leads",
            "table": table.facts,
            "columns": {meaning.value: place for meaning, place in columns.items()},
        },
        b"",
    )
    for row in chain(sample, table.rows):
        if not row.is_blank and not (header is not None and row is filled[0]):
            yield _row_facts(row, header or (), columns), b""


def _row_facts(row: Row, header: Sequence[str], columns: Mapping[Meaning, int]) -> dict[str, object]:
    place = {"row": row.number, "sheet": row.sheet}
    if row.problem:
        return {**place, "outcome": Outcome.FAILED.value, "reason": row.problem}
    if any(columns.get(meaning) in row.formulas for meaning in (Meaning.PATH, Meaning.URL)):
        return {**place, "outcome": Outcome.DECLINED.value, "reason": "its file or address is a formula"}
    told = {
        meaning: row.cells[at].strip()
        for meaning, at in columns.items()
        if at < len(row.cells) and row.cells[at].strip()
    }
    used = {columns.get(meaning) for meaning in _OF_THE_LEAD}
    others = {
        (header[at] if at < len(header) and header[at].strip() else f"column {at + 1}"): harmless(cell)
        for at, cell in enumerate(row.cells)
        if at not in used and cell.strip()
    }
    return {
        **place,
        "outcome": Outcome.DONE.value,
        "path": told.get(Meaning.PATH),
        "url": told.get(Meaning.URL),
        "legal_basis": harmless(told.get(Meaning.LEGAL_BASIS, "")) or None,
        "note": harmless(told.get(Meaning.NOTE, "")) or None,
        "others": others,
    }


def _lead(facts: Facts, source: str, base: Path) -> Lead | Declined:
    if facts.get("outcome") != Outcome.DONE.value:
        failed = facts.get("outcome") == Outcome.FAILED.value
        return Declined(source, str(facts.get("reason")), Outcome.FAILED if failed else Outcome.DECLINED)
    path, url = _told(facts, "path"), _told(facts, "url")
    if path is None and url is not None and not ADDRESS.fullmatch(url):
        path, url = url, None
    if path is None:
        reason = "it names only an address, and nothing is fetched unasked; save the page and name its file"
        return Declined(source, reason if url else "it names no file")
    found = _under(base, path)
    if isinstance(found, str):
        return Declined(source, found, Outcome.FAILED if found.startswith("there is") else Outcome.DECLINED)
    others = facts.get("others")
    return Lead(
        path=found,
        source=lead_to(found).source,
        source_url=url,
        legal_basis=_told(facts, "legal_basis"),
        note=_told(facts, "note"),
        # who knows what a stranger's columns hold: they are treated as personal
        declared=Facts(row=source.rpartition("#")[2], **({"personal": others} if others else {})),
    )


def _told(facts: Facts, name: str) -> str | None:
    """A text among the facts, from a room where anything may have been said."""
    value = facts.get(name)
    return as_text(value) if isinstance(value, str) and value else None


def _under(base: Path, given: str) -> Path | str:
    """The file or folder under `base` that a cell names, or why there is none."""
    plain = unquote(given.removeprefix("file://")) if given.startswith("file://") else given
    for spelling in (plain, plain.replace("\\", "/")):
        try:
            path = base / spelling
            if not Path(os.path.realpath(path)).is_relative_to(base):
                return "its file lies outside the folder of the table"
            if path.exists():
                return path
        except (OSError, ValueError):
            continue
    return "there is no file of that name in the folder of the table"
