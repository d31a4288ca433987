"""A case in one file of SQLite: how it is opened, and what its complaints mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from witnessmark.errors import IntegrityError, RefusedError, UnavailableError
from witnessmark.ports import DATABASE
from witnessmark.store import tables
from witnessmark.store.database import SOME_AT_A_TIME

_BUSY_S = 60
_CHECKPOINT_PAGES = 2000
"""After how many pages the write-ahead log is written back. While its file grows, each commit also waits for
the file system's own journal; from then on its blocks are written over."""


class SqliteFile:
    """The database of a case that lies beside its objects (implements `database.Database`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.engine = open_engine(root)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn what the database says into what it means to the person at the desk."""
        try:
            yield
        except UnicodeDecodeError as error:
            raise _explained(self.root, "malformed text") from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise _explained(self.root, str(getattr(error, "orig", None) or error)) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection inside a transaction that nobody else can write beside."""
        with self.explaining(), self.engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def walking(self, reader: Connection, query: Select[Any]) -> Iterator[Iterable[Any]]:
        """The rows of a query, some at a time, so that never all of them are held."""
        with reader.execute(query, execution_options=SOME_AT_A_TIME) as rows:
            yield rows

    def overwrite(self, reader: Connection) -> None:
        """Empty the write-ahead log: until then it and the pages behind it hold what was destroyed."""
        reader.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def faults(self, reader: Connection) -> Sequence[str]:
        """What the database says of its own pages; nothing if they are sound.

        A schema that is not ours is told alone: by its words the pages could not be judged.
        """
        if _schema_of(reader) != _own_schema():
            return ["its schema is not that of its format"]
        said = reader.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [] if said == ["ok"] else [str(line) for line in said]


@contextmanager
def open_scratch() -> Iterator[Connection]:
    """A connection to an empty database that is gone afterwards (on disk: it may be large)."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect("", isolation_level=None))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


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


def _schema_of(connection: Connection) -> frozenset[tuple[str, ...]]:
    """Every table and index: what it is, its name, whose it is, and the words that made it."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return frozenset(tuple(map(str, row)) for row in connection.exec_driver_sql(query))


def _own_schema() -> frozenset[tuple[str, ...]]:
    with open_scratch() as scratch:
        tables.primary.create_all(scratch)
        tables.projection.create_all(scratch)
        return _schema_of(scratch)


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
