"""A case whose log, records, vault and catalog lie in a schema of PostgreSQL; its objects lie in its folder.

The folder has a pointer instead of a file of SQLite (docs/explanation/format/store.md). One writer at a
time holds the table `head`; readers wait for nobody. Passwords are in no file of ours: libpq finds them
(`~/.pgpass`, `PGPASSFILE`, `PGPASSWORD`, or the socket's own word for who is asking).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Select, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from witnessmark.errors import IntegrityError, RefusedError, UnavailableError, UsageError
from witnessmark.ports import POINTER
from witnessmark.store.database import SOME_AT_A_TIME
from witnessmark.store.migrations import migrate

DRIVER = "postgresql+psycopg"
_BUSY_S = 60
_DURABLE = ("fsync", "full_page_writes")
"""What a server must have on, so that a commit that it confirms survives a power cut."""

_SCHEMA = """
SELECT 'column', table_name, column_name, data_type, coalesce(collation_name, ''), is_nullable, ''
  FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT 'index', tablename, indexname, replace(indexdef, current_schema() || '.', ''), '', '', ''
  FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'relation', relname, relkind::text, relrowsecurity::text, relhasrules::text, '', ''
  FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind NOT IN ('i', 't')
UNION ALL
SELECT 'trigger', relname, tgname, '', '', '', ''
  FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
  WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
UNION ALL
SELECT 'routine', proname, '', '', '', '', ''
  FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""
"""All that could change what a question means, without the name of the schema itself."""


class PostgresSchema:
    """The database of a case on a server (implements `database.Database`)."""

    def __init__(self, root: Path, url: URL, schema: str) -> None:
        self.root = root
        self.schema = schema
        self._called = f"the database {url.database} at {url.host or 'this machine'}"
        self.engine = _open_engine(url, schema)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn what the server says into what it means to the person at the desk."""
        try:
            yield
        except DBAPIError as error:
            raise self._explained(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection inside a transaction that nobody else can write beside."""
        with self.explaining(), self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("LOCK TABLE head IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def walking(self, reader: Connection, query: Select[Any]) -> Iterator[Iterable[Any]]:  # noqa: ARG002
        """The rows of a query, some at a time, so that never all are held; in a transaction of its own."""
        with (
            self.engine.connect() as connection,
            connection.begin(),
            connection.execute(query, execution_options=SOME_AT_A_TIME) as rows,
        ):
            yield rows

    def overwrite(self, reader: Connection) -> None:
        """Free what deleted rows took; copies that the server made before are its keeper's."""
        reader.exec_driver_sql("VACUUM record, vault, catalog_record, catalog_mention")

    def faults(self, reader: Connection) -> Sequence[str]:
        """What is to be said of the schema; the server alone judges its pages."""
        found = schema_of(reader)
        with self.engine.connect() as connection, connection.begin() as trial:
            scratch = f"{self.schema}_trial"
            connection.exec_driver_sql(f'CREATE SCHEMA "{scratch}"')
            connection.exec_driver_sql(f'SET LOCAL search_path TO "{scratch}"')
            migrate(connection)
            expected = schema_of(connection)
            trial.rollback()
        return [] if found == expected else ["its schema is not that of its format"]

    @contextmanager
    def creating(self) -> Iterator[Connection]:
        """A transaction in which the schema has its empty tables; UsageError if it is there already."""
        with self.explaining(), self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f'CREATE SCHEMA "{self.schema}"')
            migrate(connection)
            yield connection

    def require_durable(self) -> None:
        """RefusedError if the server may lose what it confirmed."""
        with self.explaining(), self.engine.connect() as connection:
            off = [one for one in _DURABLE if connection.exec_driver_sql(f"SHOW {one}").scalar() != "on"]
        if off:
            raise RefusedError(
                f"{self._called} runs with {' and '.join(off)} off: a power cut could lose what it confirmed",
                advice="have the server's keeper set them to on, or keep the case in a folder",
            )

    def _explained(self, error: DBAPIError) -> UnavailableError | RefusedError | IntegrityError | UsageError:
        state = getattr(error.orig, "sqlstate", None) or ""
        for signs, (family, said, advice) in _MEANING.items():
            if state.startswith(signs):
                return family(said.format(it=self._called, root=self.root), advice=advice)
        told = str(error.orig).strip().splitlines()[0]
        return UnavailableError(
            f"{self._called} cannot be used: {told}",
            advice="check that the server runs and lets you in (~/.pgpass); then run it again",
        )


_Family = type[UnavailableError | RefusedError | IntegrityError | UsageError]
_DAMAGED = (
    IntegrityError,
    "the tables of {root} in {it} are damaged or missing",
    "restore them from a copy that verifies",
)
_MEANING: dict[tuple[str, ...], tuple[_Family, str, str]] = {
    ("53",): (UnavailableError, "{it} is out of room or connections", "free some and run it again"),
    ("55P03",): (
        UnavailableError,
        "another process is writing to {root}",
        "wait for it to end, then try again",
    ),
    ("42501", "25006"): (
        RefusedError,
        "{it} does not let you write to {root}",
        "ask its keeper for the right to",
    ),
    ("28",): (RefusedError, "{it} does not let you in", "check ~/.pgpass and who you are to the server"),
    ("42P06",): (UsageError, "{it} holds this case already", "open it through its own folder"),
    ("23",): (
        IntegrityError,
        "the catalog of {root} contradicts its log and records",
        "run `witnessmark verify`; `witnessmark rebuild` makes the catalog again",
    ),
    ("42P01", "42703", "3F000", "42883"): _DAMAGED,
    ("XX", "22"): _DAMAGED,
}
"""What classes and codes of SQLSTATE mean (PostgreSQL's appendix A)."""


def point_at(url: str, origin: str) -> tuple[URL, str, str]:
    """Where the new case of a log will lie, and the pointer to it; UsageError for a password in it."""
    address = _address(url, "the address of the database")
    if address.password is not None:
        raise UsageError(
            "a password in the address of a database would lie in the case folder",
            advice="leave it out, and put it into ~/.pgpass",
        )
    schema = "case_" + hashlib.sha256(origin.encode()).hexdigest()[:16]
    plain = address.set(drivername="postgresql").render_as_string()
    return address, schema, f'database = "{plain}"\nschema = "{schema}"\n'


def database_at(root: Path) -> PostgresSchema:
    """The database that the pointer in a case folder names."""
    path = root / POINTER
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise IntegrityError(f"{path} does not say where the case lies: {error}") from error
    schema = told.get("schema")
    if not isinstance(schema, str) or not schema.isidentifier() or not schema.isascii():
        raise IntegrityError(f"{path} does not name a schema")
    return PostgresSchema(root, _address(told.get("database"), str(path)), schema)


def _address(url: Any, where: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"{where} is no address of a database") from error
    if address.get_backend_name() != "postgresql" or not address.database:
        raise UsageError(f"{where} is not like postgresql://[person@]host[:port]/database")
    return address.set(drivername=DRIVER)


def _open_engine(url: URL, schema: str) -> Engine:
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise UnavailableError(
            "this case lies in PostgreSQL, and the extra that speaks to it is not installed",
            advice="install witnessmark[postgres]",
        ) from error
    told = f"-c search_path={schema} -c lock_timeout={_BUSY_S}s -c synchronous_commit=on"
    arguments = {"options": told, "application_name": "witnessmark", "connect_timeout": 10}
    return create_engine(url, connect_args=arguments, paramstyle="format", pool_size=20, pool_pre_ping=True)


def schema_of(connection: Connection) -> frozenset[tuple[str, ...]]:
    """All that the current schema has, as far as it could change what a question means."""
    return frozenset(tuple(map(str, row)) for row in connection.exec_driver_sql(_SCHEMA.replace("%", "%%")))
