"""What a witness has seen: for each log it knows, the largest checkpoint that it ever vouched for.

One SQLite file. Looking up the last state, deciding, and storing the new state are one transaction
that is on the disk before anyone signs; so nothing that was acknowledged is ever forgotten, and of
several requests at once each is judged by what the one before it left.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import TracebackType

from witnessmark.errors import RefusedError, UnavailableError, UsageError
from witnessmark.ports import Clock
from witnessmark.tlog import AddCheckpoint, Algorithm, Verdict, Verifier, decide

_FORMAT = 1
_MOST_DISPUTES = 16
_LONGEST_ORIGIN = 255
_TABLES = """
create table if not exists log (origin text primary key, vkey text not null, hash text not null unique);
create table if not exists seen (
    origin text primary key, size integer not null, root blob not null, seen_at integer not null
);
create table if not exists cosigned (origin text primary key, size integer not null, note blob not null);
create table if not exists dispute (origin text not null, seen_at integer not null, note blob not null);
"""


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that this witness watches: its key, how far it got, and how often it contradicted itself."""

    verifier: Verifier
    size: int
    seen_at: int | None
    disputes: int

    def __str__(self) -> str:
        seen = "never seen"
        if self.seen_at is not None:
            seen = f"{self.size:,} entries, seen {datetime.fromtimestamp(self.seen_at, UTC).isoformat()}"
        disputes = f"; checkpoints signed against its own history: {self.disputes}" if self.disputes else ""
        return f"{self.verifier.name}: {seen}{disputes}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the time (Unix seconds) at which it was true that nothing larger had been seen."""

    verdict: Verdict
    at: int


class Ledger:
    """The file in which a witness remembers; several threads and processes may share it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._database: sqlite3.Connection | None = None
        try:
            _touch_durably(path)
            self._database = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            self._prepare(self._database)
        except (OSError, sqlite3.Error) as error:
            self._let_go()
            raise UnavailableError(f"the ledger {path} cannot be opened: {error}") from error

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def add_log(self, vkey: str, *, replace: bool = False) -> Verifier:
        """Watch the log whose key is `vkey`; a log known under another key is refused unless `replace`.

        Replacing a key keeps what was seen: the log still cannot go back.
        """
        verifier = Verifier.from_vkey(vkey)
        if verifier.algorithm is Algorithm.COSIGNATURE:
            raise UsageError(f"{verifier} is the key of a witness, not of a log")
        if len(verifier.name.encode()) > _LONGEST_ORIGIN:
            raise UsageError(f"a log's name of more than {_LONGEST_ORIGIN} bytes cannot be cosigned")
        with self._transaction() as database:
            known = self._verifier(database, verifier.name)
            if known not in {None, verifier} and not replace:
                raise RefusedError(
                    f"the log {verifier.name} is known with another key, {known}",
                    advice="ask its desk, by another way, whether the key was changed; then replace it",
                )
            row = (verifier.name, vkey, origin_hash(verifier.name))
            database.execute("insert or replace into log values (?, ?, ?)", row)
        return verifier

    def logs(self) -> tuple[KnownLog, ...]:
        """Every log that is watched, by name."""
        query = (
            "select vkey, coalesce(size, 0), seen_at,"
            " (select count(*) from dispute where dispute.origin = log.origin)"
            " from log left join seen using (origin) order by origin"
        )
        with self._transaction() as database:
            rows = database.execute(query).fetchall()
        return tuple(KnownLog(Verifier.from_vkey(vkey), *standing) for vkey, *standing in rows)

    def consider(self, request: AddCheckpoint) -> Judged:
        """Decide on `request`; if it is granted, the new state is on the disk when this returns."""
        origin, new = request.origin, request.claimed
        with self._transaction() as database:
            at = int(self._clock.now().timestamp())
            last = database.execute("select size, root from seen where origin = ?", (origin,)).fetchone()
            verdict = decide(request, self._verifier(database, origin), last)
            if verdict.checkpoint is not None:
                row = (origin, new.size, new.root, at)
                database.execute("insert or replace into seen values (?, ?, ?, ?)", row)
            elif verdict.status == 422:
                self._dispute(database, (origin, at, request.note))
        return Judged(verdict, at)

    def publish(self, request: AddCheckpoint, cosigned: bytes) -> None:
        """Keep the cosigned note for whoever asks, unless a larger one was seen meanwhile."""
        with self._transaction() as database:
            row = (request.origin, request.claimed.size, cosigned)
            database.execute(
                "insert into cosigned values (?, ?, ?) on conflict (origin) do update"
                " set size = excluded.size, note = excluded.note where excluded.size >= size",
                row,
            )

    def published(self, hashed_origin: str) -> bytes | None:
        """The newest cosigned note of the log whose origin has this hash; None if there is none."""
        query = "select note from cosigned join log using (origin) where hash = ?"
        with self._transaction() as database:
            row: tuple[bytes] | None = database.execute(query, (hashed_origin,)).fetchone()
        return row[0] if row else None

    def disputes(self, origin: str) -> tuple[bytes, ...]:
        """Notes that the log signed and that do not fit with what it had signed before: proof of a fork."""
        query = "select note from dispute where origin = ? order by seen_at, rowid"
        with self._transaction() as database:
            return tuple(note for (note,) in database.execute(query, (origin,)))

    def _prepare(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("pragma user_version").fetchone()
        if version > _FORMAT:
            self._let_go()
            raise RefusedError(
                f"the ledger {self._path} was written by a newer version",
                advice="run this witness with the version that wrote it, or a later one",
            )
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")
        database.executescript(f"begin immediate; {_TABLES} pragma user_version = {_FORMAT}; commit")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            database = self._begun()
            try:
                yield database
                database.execute("commit")
            except sqlite3.Error as error:
                # After a failed sync the pages in memory may claim more than the disk holds.
                self._let_go()
                raise UnavailableError(
                    f"the ledger {self._path} failed and was closed: {error}",
                    advice="see to the disk, then start the witness again; nothing was vouched for",
                ) from error
            finally:
                if self._database is not None and database.in_transaction:
                    database.execute("rollback")

    def _begun(self) -> sqlite3.Connection:
        if self._database is None:
            raise UnavailableError(f"the ledger {self._path} is closed", advice="start the witness again")
        try:
            self._database.execute("begin immediate")
        except sqlite3.Error as error:
            raise UnavailableError(f"the ledger {self._path} is not to be had now: {error}") from error
        return self._database

    def _let_go(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _verifier(self, database: sqlite3.Connection, origin: str) -> Verifier | None:
        row = database.execute("select vkey from log where origin = ?", (origin,)).fetchone()
        return Verifier.from_vkey(row[0]) if row else None

    def _dispute(self, database: sqlite3.Connection, row: tuple[str, int, bytes]) -> None:
        (count,) = database.execute("select count(*) from dispute where origin = ?", row[:1]).fetchone()
        if count < _MOST_DISPUTES:
            database.execute("insert into dispute values (?, ?, ?)", row)


def origin_hash(origin: str) -> str:
    """The hash of a log's origin, by which a witness lists it."""
    return sha256(origin.encode()).hexdigest()


def _touch_durably(path: Path) -> None:
    path.touch(mode=0o600)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
