"""What a case asks of its database, whichever it is, and how rows are laid down in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Engine, Select, Table, bindparam, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite

from witnessmark.errors import IntegrityError, UsageError
from witnessmark.ports import Head
from witnessmark.store import tables

SOME_AT_A_TIME = {"yield_per": 2000}
"""How a walk through many rows is asked for."""
_HEAD = select(tables.head.c.size, tables.head.c.root)
_SAID = select(tables.meta.c.value).where(tables.meta.c.name == bindparam("name"))


class Database(Protocol):
    """The database of one case: a file of SQLite beside its objects, or a schema of PostgreSQL."""

    root: Path
    engine: Engine

    def explaining(self) -> AbstractContextManager[None]:
        """Turn what the database says into what it means to the person at the desk."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection inside a transaction that nobody else can write beside; durable when it is left."""
        ...

    def walking(self, reader: Connection, query: Select[Any]) -> AbstractContextManager[Iterable[Any]]:
        """The rows of a query, some at a time, so that never all of them are held."""
        ...

    def overwrite(self, reader: Connection) -> None:
        """Let nothing be left of rows that were deleted."""
        ...

    def faults(self, reader: Connection) -> Sequence[str]:
        """What the database says of its own schema and pages; nothing if they are sound."""
        ...


def upsert(table: Table, dialect: Dialect) -> Any:
    """An INSERT that may say what happens where a row is there already."""
    return (postgresql if dialect.name == "postgresql" else sqlite).insert(table)


def lay_down(
    connection: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    *,
    if_new: bool = False,
    unheard_of: Set[str] = frozenset(),
) -> int:
    """Insert whole rows, columns in the order of the table; how many.

    `if_new` passes over rows whose name, in a table of names, or else whose primary key is there already;
    names that are `unheard_of` need not be looked for.
    """
    if rows and if_new and table.info:
        rows = _new_names(connection, table, rows, unheard_of)
    if not rows:
        return 0
    if table is tables.catalog_object and connection.dialect.name != "sqlite":
        rows = _numbered(connection, rows)
    return connection.exec_driver_sql(_insertion(table, connection.dialect, if_new), list(rows)).rowcount


def replace(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put whole rows in the place of those with the same primary key, if there are any."""
    if rows:
        connection.exec_driver_sql(_replacement(table, connection.dialect), list(rows))


@cache
def _replacement(table: Table, dialect: Dialect) -> str:
    statement = upsert(table, dialect)
    keys = list(table.primary_key.columns)
    rest = {one.name: statement.excluded[one.name] for one in table.columns if not one.primary_key}
    return str(statement.on_conflict_do_update(index_elements=keys, set_=rest).compile(dialect=dialect))


def _new_names(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], unheard_of: Set[str]
) -> Sequence[tuple[Any, ...]]:
    """The first row of each name that `table` does not hold, in their order."""
    first: dict[Any, tuple[Any, ...]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    name, doubtful = table.columns[0], [one for one in first if one not in unheard_of]
    if doubtful:
        for (known,) in connection.execute(select(name).where(tables.among(name, doubtful))):
            del first[known]
    return list(first.values())


def _numbered(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Objects with the numbers that follow, which SQLite gives by itself; a sequence would leave gaps."""
    last = connection.execute(select(func.coalesce(func.max(tables.catalog_object.c.number), 0))).scalar_one()
    return [(*row[:-1], number) for number, row in enumerate(rows, last + 1)]


@cache
def _insertion(table: Table, dialect: Dialect, if_new: bool) -> str:
    """The statement itself: the tables are narrow and the rows many, so it is made only once."""
    statement = upsert(table, dialect)
    if if_new and not table.info:
        statement = statement.on_conflict_do_nothing()
    return str(statement.compile(dialect=dialect))


def head_of(connection: Connection) -> Head:
    """The committed head of the log."""
    row = connection.execute(_HEAD).one_or_none()
    if row is None:
        raise IntegrityError("the log has lost its head")
    return Head(*row)


def meta_of(connection: Connection, name: str) -> str:
    """What the case says of itself under `name`."""
    value = connection.execute(_SAID, {"name": name}).scalar()
    if value is None:
        raise IntegrityError(f"the case does not say its {name}")
    return str(value)


def cut_short(root: Path, *, held: bool = False) -> UsageError | IntegrityError:
    """What to say of a case without an entry: its beginning was cut short, or its database was emptied.

    `held` says that it is known from elsewhere to have held entries; objects beside it say the same.
    """
    kept = sum(1 for _ in root.glob("objects/*/*"))
    if kept or held:
        beside = f", though {kept:,} object{'s' * (kept != 1)} lie{'s' * (kept == 1)} beside it"
        known = ", though a head of its log was published"
        return IntegrityError(
            f"{root}/case.db is missing, empty or damaged: it holds no entry{beside if kept else known}",
            advice="keep the folder as it is and restore case.db from a copy of the case; remove nothing",
        )
    return UsageError(
        f"a case was begun in {root} and cut short before its first entry, so nothing is in it",
        advice="remove the folder and begin again with `witnessmark new`; if it ever held anything, restore"
        " case.db from a copy instead",
    )


def check_format(root: Path, connection: Connection) -> None:
    """Pass if this release knows the format of the case; UsageError if not."""
    if not inspect(connection).get_table_names():
        raise cut_short(root)
    stated = meta_of(connection, "format")
    if not stated.isascii() or not stated.isdecimal():
        raise IntegrityError(f"{root} states {stated!r} as its format, which is no number")
    if int(stated) > tables.FORMAT:
        raise UsageError(
            f"{root} was written by a newer Witnessmark: its format is {stated}, known is {tables.FORMAT}",
            advice="update Witnessmark; nothing was changed",
        )
