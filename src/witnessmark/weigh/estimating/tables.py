"""What estimation starts from: which lists name a person, and how many persons share that pattern.

A table has one column for each list, 1 where the list names the person and 0 where not. Either each row
is a person, or a column of counts says how many persons have the row's pattern. Persons on no list are
what is sought: such a row is passed over, whatever it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError, UsageError

COUNTS = frozenset({"count", "counts", "n", "freq", "frequency"})
"""What a column of counts is called, in any case."""

MOST_LISTS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Persons by pattern: bit j of a pattern is 1 where list j names them; no pattern is 0 or twice there."""

    lists: tuple[str, ...]
    patterns: NDArray[np.uint32]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Sequence[str], counted: Mapping[int, int]) -> Table:
        """The table of a count for each pattern; the empty pattern and counts of zero are left out."""
        held = sorted((pattern, count) for pattern, count in counted.items() if pattern and count > 0)
        patterns = np.array([pattern for pattern, _ in held], np.uint32)
        return cls(tuple(lists), patterns, np.array([count for _, count in held], np.int64))

    @property
    def seen(self) -> int:
        """Persons on at least one list."""
        return int(self.counts.sum())

    def on(self, list_number: int) -> NDArray[np.bool_]:
        """Which patterns hold a list."""
        return (self.patterns >> np.uint32(list_number) & np.uint32(1)).astype(bool)

    def marks(self) -> NDArray[np.int64]:
        """The patterns as rows of 0 and 1."""
        return np.stack([self.on(j) for j in range(len(self.lists))], axis=1).astype(np.int64)

    def keeping(self, kept: Iterable[int]) -> Table:
        """The table of some of the lists; who is only on the others is not seen any more."""
        numbers = list(kept)
        counted: dict[int, int] = {}
        for pattern, count in zip(self.patterns.tolist(), self.counts.tolist(), strict=True):
            left = sum((pattern >> old & 1) << new for new, old in enumerate(numbers))
            counted[left] = counted.get(left, 0) + count
        return Table.of([self.lists[number] for number in numbers], counted)

    def with_counts(self, counts: NDArray[np.int64]) -> Table:
        """The same patterns with other counts."""
        held = counts > 0
        return Table(self.lists, self.patterns[held], counts[held])

    def full(self) -> NDArray[np.int64]:
        """Counts of every pattern that there could be, from 1 on."""
        counts = np.zeros(1 << len(self.lists), np.int64)
        counts[self.patterns] = self.counts
        return counts[1:]

    def overlaps(self) -> NDArray[np.int64]:
        """Persons on both of two lists; on the diagonal, on one."""
        marks = self.marks()
        return np.asarray(marks.T @ (marks * self.counts[:, None]), np.int64)


@dataclass(frozen=True, slots=True)
class Usable:
    """The lists that can say anything about who is on none, and why the others cannot."""

    table: Table
    set_aside: tuple[str, ...]


def usable(table: Table) -> Usable:
    """Without lists that are empty, that share nobody with another, or that name the same as another."""
    kept, reasons = list(range(len(table.lists))), []
    while True:
        overlaps = table.keeping(kept).overlaps() if kept else np.zeros((0, 0), np.int64)
        for place, number in enumerate(kept):
            reason = _useless(overlaps, place, [table.lists[other] for other in kept])
            if reason is not None:
                reasons.append(reason)
                kept.remove(number)
                break
        else:
            return Usable(table.keeping(kept), tuple(reasons))


def _useless(overlaps: NDArray[np.int64], place: int, names: Sequence[str]) -> str | None:
    mine = int(overlaps[place, place])
    if mine == 0:
        return f"list {names[place]} names nobody"
    if int(overlaps[place].sum()) == mine and len(names) > 1:
        return f"list {names[place]} shares nobody with another list"
    for other in range(place):
        if int(overlaps[place, other]) == mine == int(overlaps[other, other]):
            return f"lists {names[other]} and {names[place]} name the same persons and count as one"
    return None


def read(
    rows: Iterable[Sequence[str]], *, lists: Sequence[str] = (), by: str | None = None
) -> dict[str, Table]:
    """Tables by stratum from the rows of a spreadsheet, of which the first names the columns.

    Without `by`, all is one stratum with an empty name. `lists` are the columns that are lists, if not all
    but that of the counts and that of the strata are.
    """
    heading, *body = [
        [cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)
    ] or [[]]
    columns = _columns(heading, lists, by)
    if not body:
        raise MalformedError("the table has no rows below its heading")
    strata: dict[str, dict[int, int]] = {}
    for number, row in enumerate(body, start=2):
        if len(row) != len(heading):
            raise MalformedError(f"row {number} has {len(row)} cells, the heading {len(heading)}")
        pattern = sum(_mark(row[place], number, heading[place]) << j for j, place in enumerate(columns.lists))
        count = 1 if columns.count is None else _count(row[columns.count], number)
        stratum = strata.setdefault("" if columns.stratum is None else row[columns.stratum], {})
        stratum[pattern] = stratum.get(pattern, 0) + count
    names = [heading[place] for place in columns.lists]
    tables = {stratum: Table.of(names, counted) for stratum, counted in sorted(strata.items())}
    if not any(table.seen for table in tables.values()):
        raise MalformedError("no row of the table names anybody")
    return tables


@dataclass(frozen=True, slots=True)
class _Columns:
    lists: tuple[int, ...]
    count: int | None
    stratum: int | None


def _columns(heading: Sequence[str], lists: Sequence[str], by: str | None) -> _Columns:
    if len(set(heading)) < len(heading):
        raise MalformedError("two columns of the table have the same name")
    for wanted in (*lists, *([by] if by else [])):
        if wanted not in heading:
            raise UsageError(f"the table has no column {wanted}, only {', '.join(heading)}")
    counts = [place for place, name in enumerate(heading) if name.lower() in COUNTS and name not in lists]
    if len(counts) > 1:
        raise MalformedError(f"both {heading[counts[0]]} and {heading[counts[1]]} could be the counts")
    count = counts[0] if counts else None
    stratum = heading.index(by) if by else None
    chosen = tuple(
        place
        for place, name in enumerate(heading)
        if (name in lists if lists else place not in (count, stratum))
    )
    if not chosen:
        raise MalformedError("the table has no column for a list")
    if len(chosen) > MOST_LISTS:
        raise UsageError(
            f"the table has {len(chosen)} lists, and at most {MOST_LISTS} can be estimated from",
            advice="join lists that come from one source, or choose with --lists",
        )
    return _Columns(chosen, count, stratum)


def _mark(cell: str, row: int, column: str) -> int:
    if cell not in ("0", "1"):
        raise MalformedError(
            f"row {row} has {cell!r} in column {column}, which should be 0 or 1",
            advice="name the columns that are lists with --lists; counts go by count, n or freq",
        )
    return int(cell)


def _count(cell: str, row: int) -> int:
    whole = cell.removesuffix(".0")
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 9:
        raise MalformedError(f"row {row} counts {cell!r}, which is no whole number of persons")
    return int(whole)
