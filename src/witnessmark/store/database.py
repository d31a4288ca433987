"""The SQLite file of a case: how it is opened, and what its complaints mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, inspect, select
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from witnessmark.errors import IntegrityError, RefusedError, UnavailableError, UsageError
from witnessmark.ports import DATABASE, Head
from witnessmark.store import tables

_BUSY_S = 60
_CHECKPOINT_PAGES = 2000
"""After how many pages the write-ahead log is written back. While its file grows, each commit also waits for
the file system's own journal; from then on its blocks are written over."""


def open_engine(root: Path) -> Engine:
    """Connections to the file: write-ahead log, every commit synced, erased rows overwritten."""
    attach = partial(sqlite3.connect, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)

    def connect() -> sqlite3.Connection:
        if _only_reads(root):
            return attach(f"{(root / DATABASE).absolute().as_uri()}?immutable=1", uri=True)
        connection = attach(root / DATABASE)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":  # a reader must not stay in an old snapshot
            connection.exec_driver_sql(options.get("begin", "BEGIN"))

    return engine


def _only_reads(root: Path) -> bool:
    """Whether the case lies at rest where we cannot write: behind a write blocker, or in another's folder."""
    if root.joinpath(DATABASE + "-wal").exists():
        return False
    return bool(os.statvfs(root).f_flag & os.ST_RDONLY) or not os.access(root, os.W_OK)


@contextmanager
def explaining(root: Path) -> Iterator[None]:
    """Turn what the database says into what it means to the person at the desk."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _explained(root, "malformed text") from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise _explained(root, str(getattr(error, "orig", None) or error)) from error


@contextmanager
def open_scratch() -> Iterator[Connection]:
    """A connection to an empty database that is gone afterwards (on disk: it may be large)."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect("", isolation_level=None))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writing(root: Path, engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction that nobody else can write beside."""
    with explaining(root), engine.connect() as plain:
        connection = plain.execution_options(begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


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
    return connection.exec_driver_sql(_insertion(table, connection.dialect, if_new), list(rows)).rowcount


def replace(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put whole rows in the place of those with the same primary key, if there are any."""
    if rows:
        connection.exec_driver_sql(_replacement(table, connection.dialect), list(rows))


@cache
def _replacement(table: Table, dialect: Dialect) -> str:
    statement = insert_or_ignore(table)
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


@cache
def _insertion(table: Table, dialect: Dialect, if_new: bool) -> str:
    """The statement itself: the tables are narrow and the rows many, so it is made only once."""
    statement = insert_or_ignore(table)
    if if_new and not table.info:
        statement = statement.on_conflict_do_nothing()
    return str(statement.compile(dialect=dialect))


_DAMAGED = (
    IntegrityError,
    "{root}/case.db is damaged",
    "restore the case from a copy that verifies",
)
_MEANING: tuple[tuple[str, tuple[type[UnavailableError | RefusedError | IntegrityError], str, str]], ...] = (
    (
        "disk is full",
        (UnavailableError, "the disk that holds {root} is full", "free some room and run it again"),
    ),
    (
        "readonly",
        (RefusedError, "{root} cannot be written", "check the disk's mount and its permissions"),
    ),
    ("unable to open", (RefusedError, "{root}/case.db cannot be opened", "check its permissions")),
    (
        "locked",
        (UnavailableError, "another process is writing to {root}", "wait for it to end, then try again"),
    ),
    ("malformed", _DAMAGED),
    ("not a database", _DAMAGED),
    ("unsupported file format", _DAMAGED),
    ("could not decode", _DAMAGED),
    (
        "constraint failed",
        (
            IntegrityError,
            "the catalog of {root} contradicts its log and records",
            "run `witnessmark verify`; `witnessmark rebuild` makes the catalog again",
        ),
    ),
    ("no such", _DAMAGED),  # a table, column or index that every case has
)


def _explained(root: Path, said: str) -> UnavailableError | RefusedError | IntegrityError:
    for sign, (family, message, advice) in _MEANING:
        if sign in said.lower():
            return family(message.format(root=root), advice=advice)
    return UnavailableError(f"the database of {root} reported: {said}")


def head_of(connection: Connection) -> Head:
    """The committed head of the log."""
    row = connection.execute(select(tables.head.c.size, tables.head.c.root)).one_or_none()
    if row is None:
        raise IntegrityError("the log has lost its head")
    return Head(*row)


def meta_of(connection: Connection, name: str) -> str:
    """What the case says of itself under `name`."""
    value = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == name)).scalar()
    if value is None:
        raise IntegrityError(f"the case does not say its {name}")
    return str(value)


def schema_of(connection: Connection) -> frozenset[tuple[str, ...]]:
    """Every table and index: what it is, its name, whose it is, and the words that made it."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return frozenset(tuple(map(str, row)) for row in connection.exec_driver_sql(query))


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
