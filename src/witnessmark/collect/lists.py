"""Lists as exhibits: how a table is built, without a word of what stands in it.

A list of the dead or the missing is evidence and personal data at once. What goes into the record
about it is its shape: columns, kinds, counts, and which rows are malformed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from witnessmark.collect.columns import header_of
from witnessmark.collect.limits import Yielded
from witnessmark.collect.table import Row, is_formula, open_table

_MOST_PROBLEMS = 100
_LONGEST_HEADER = 100
_KINDS = (
    ("whole number", re.compile(r"[+-]?\d{1,18}")),
    ("number", re.compile(r"[+-]?\d{1,18}[.,]\d{1,12}")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T][\d:.Z+-]+)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")),
    ("address", re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)),
)


@dataclass(slots=True)
class _Sheet:
    """What was counted of one sheet."""

    name: str
    rows: int = 0
    kinds: list[Counter[str]] = field(default_factory=list)
    header: tuple[str, ...] | None = None

    def take(self, row: Row) -> None:
        """Count a row, or keep it as the header if it is the first and has the words of one."""
        if not self.rows and self.header is None and (header := header_of([row])) is not None:
            self.header = header
            return
        self.rows += 1
        self.kinds += [Counter() for _ in range(len(row.cells) - len(self.kinds))]
        for cell, kinds in zip(row.cells, self.kinds, strict=False):
            if cell.strip():
                kinds[_kind(cell.strip())] += 1

    def facts(self) -> dict[str, object]:
        """What was counted; header words only if they read as such, for a row of data may be personal."""
        columns = [
            {
                "name": self._column_name(place),
                "filled": kinds.total(),
                "kinds": {name: kinds[name] for name in sorted(kinds)},
            }
            for place, kinds in enumerate(self.kinds)
        ]
        return {
            **({"sheet": self.name} if self.name else {}),
            "rows": self.rows,
            "has_header": self.header is not None,
            "columns": columns,
        }

    def _column_name(self, place: int) -> str:
        header = self.header or ()
        named = place < len(header) and header[place].strip()
        return " ".join(header[place].split())[:_LONGEST_HEADER] if named else f"column {place + 1}"


def columns(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """One part without bytes: format, encoding, and for each sheet its columns, row count and bad rows."""
    table = open_table(untrusted)
    sheets: dict[str, _Sheet] = {}
    problems: list[dict[str, object]] = []
    malformed = formulas = 0
    for row in table.rows:
        sheet = sheets.setdefault(row.sheet, _Sheet(row.sheet))
        if row.problem is not None:
            malformed += 1
            if len(problems) < _MOST_PROBLEMS:
                problems.append({"sheet": row.sheet, "row": row.number, "reason": row.problem})
        elif not row.is_blank:
            sheet.take(row)
            formulas += len(row.formulas)
    yield (
        {
            **table.facts,
            "sheets": [sheet.facts() for sheet in sheets.values()],
            "malformed_rows": malformed,
            "malformed": problems,
            "formulas": formulas,
        },
        b"",
    )


def _kind(cell: str) -> str:
    if cell[0].isalpha() and "://" not in cell[:8]:
        return "text"
    if is_formula(cell):
        return "formula"
    return next((name for name, pattern in _KINDS if pattern.fullmatch(cell)), "text")
