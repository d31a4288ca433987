"""Rows of a list of people, read in the locked room: their cells as they stand, for the desk to link.

What comes out is personal data: it is kept by nobody, and goes no further than the linking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from witnessmark.collect.limits import Yielded
from witnessmark.collect.table import Row, Table, open_table
from witnessmark.errors import MalformedError

TASK = f"{__name__}:rows"
_TOGETHER = 5_000
Cells = tuple[str, ...]


def rows(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:
    """Parts of up to 5,000 rows each, as JSON; the facts of each say how many rows could not be read."""
    del parameters
    stream = cells_of(open_table(untrusted))
    while batch := list(islice(stream, _TOGETHER)):
        read = [cells for cells in batch if cells is not None]
        yield {"rows": len(read), "unread": len(batch) - len(read)}, json.dumps(batch).encode()


def cells_of(table: Table) -> Iterator[Cells | None]:
    """Each row of the first sheet that holds any; None for one that cannot be read."""
    sheet = None
    for row in table.rows:
        if sheet is None and _is_filled(row):
            sheet = row.sheet
        if row.problem is not None and row.problem.startswith("rows beyond"):
            raise MalformedError(f"this list is too long: {row.problem}")
        if sheet is not None and row.sheet == sheet:
            yield None if row.problem is not None else row.cells


def _is_filled(row: Row) -> bool:
    return row.problem is None and not row.is_blank
