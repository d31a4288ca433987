"""What a case says: log entries, records and personal values, each checked before it is given out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from typing import TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, bindparam, select

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.model import Action, Digest, Sealed
from witnessmark.model.wire import Noun, decode
from witnessmark.ports import Head, KeptCheckpoint, Opening, Token
from witnessmark.store import tables
from witnessmark.store.database import Database, head_of, meta_of
from witnessmark.store.remembering import Memory, remembered
from witnessmark.store.vault import Vault

T = TypeVar("T")
_BODIES = select(tables.record.c.digest, tables.record.c.body).where(
    tables.asked_among(tables.record.c.digest)
)
_BODY = select(tables.record.c.body).where(tables.asked_for(tables.record.c.digest))
_TILE = select(tables.tile.c.hashes).where(
    tables.tile.c.level == bindparam("level"), tables.tile.c.idx == bindparam("index")
)
_ENTRIES = select(tables.entry.c.idx, tables.entry.c.data).order_by(tables.entry.c.idx)
_ENTRIES_OF = _ENTRIES.where(tables.entry.c.idx >= bindparam("start"), tables.entry.c.idx < bindparam("stop"))
_ENTRIES_AT = _ENTRIES.where(tables.entry.c.idx.in_(bindparam("indexes", expanding=True)))
_BOX = select(tables.vault.c.box).where(tables.asked_for(tables.vault.c.commitment))


class Reading:
    """The primary tables of one case, to be read by any number of threads."""

    def __init__(self, database: Database, vault: Vault | None) -> None:
        self.root = database.root
        self._database = database
        self._vault = vault
        self._readers = threading.local()
        self._all_readers = WeakSet[Connection]()
        self.memory = Memory()

    def remembering(self) -> AbstractContextManager[None]:
        """In this block its thread asks the same only once; what it enters itself makes it forget."""
        return self.memory.kept()

    def origin(self) -> tuple[str, str]:
        """The name of this case's log and the key that verifies it, as the case itself says."""
        with self._reading() as connection:
            origin, vkey = meta_of(connection, "origin"), meta_of(connection, "vkey")
        if not vkey.startswith(f"{origin}+"):
            raise IntegrityError(
                f"the case says that its log is {origin}, and that its key is {vkey}, which is another log's",
                advice="restore `meta` of case.db from a copy that verifies; every checkpoint names the log",
            )
        return origin, vkey

    # --- the log

    def head(self) -> Head:
        """The committed head of the log."""
        with self._reading() as connection:
            return head_of(connection)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Log entries by index, as their canonical bytes."""
        column = tables.entry.c
        query = _ENTRIES.where(column.idx >= start)
        if stop is not None:
            query = query.where(column.idx < stop)
        with self._reading() as reader, self._database.walking(reader, query) as rows:
            yield from rows

    def actions(self) -> Iterator[tuple[int, Action, Sequence[tuple[Digest, Noun]]]]:
        """Every log entry, decoded, with the records that it generated and that were not erased."""
        for handful in _handfuls(self.entries()):
            actions = [(index, _action(index, written)) for index, written in handful]
            names = [name for _, action in actions for name in action.generated]
            bodies = self._bodies(names)
            for index, action in actions:
                yield index, action, [(name, bodies[name]) for name in action.generated if name in bodies]

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile of the log."""
        with self._reading() as connection:
            hashes: bytes | None = connection.execute(_TILE, {"level": level, "index": index}).scalar()
        if hashes is None or len(hashes) < 32 * width:
            raise IntegrityError(f"tile {level}/{index} of the log is missing or short")
        return hashes[: 32 * width]

    def checkpoints(self) -> Sequence[KeptCheckpoint]:
        """Every kept checkpoint, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.checkpoint).order_by(tables.checkpoint.c.size))
            return [KeptCheckpoint(*row) for row in rows]

    def tokens(self) -> Sequence[Token]:
        """Every kept time-stamp token, oldest first."""
        order = (tables.token.c.checkpoint_size, tables.token.c.serial)
        with self._reading() as connection:
            rows = [dict(row) for row in connection.execute(select(tables.token).order_by(*order)).mappings()]
        for row in rows:
            row["expires_at"] = row["expires_at"] and datetime.fromisoformat(row["expires_at"])
        return [Token(**row) for row in rows]

    @remembered
    def action(self, index: int) -> Action:
        """One log entry, decoded."""
        for _, found in self.actions_of(index, index + 1):
            return found
        raise UsageError(f"the log has no entry {index}")

    def actions_of(self, start: int, stop: int) -> Sequence[tuple[int, Action]]:
        """Log entries from `start` to before `stop`, decoded, with their indexes; those that there are."""
        with self._reading() as connection:
            rows = connection.execute(_ENTRIES_OF, {"start": start, "stop": stop}).all()
        return [(index, _action(index, written)) for index, written in rows]

    def actions_at(self, indexes: Sequence[int]) -> Sequence[tuple[int, Action]]:
        """These log entries, decoded, with their indexes, in the order of the log; those that there are."""
        found: dict[int, Action] = {}
        with self._reading() as connection:
            for start in range(0, len(indexes), 500):
                some = {"indexes": list(indexes[start : start + 500])}
                rows = connection.execute(_ENTRIES_AT, some).all()
                found |= {index: _action(index, written) for index, written in rows}
        return sorted(found.items())

    # --- records and the vault

    def record(self, digest: Digest) -> bytes | None:
        """The written form of a record, checked against `digest`; None if it does not lie here."""
        with self._reading() as connection:
            body: bytes | None = connection.execute(_BODY, tables.asking(digest)).scalar()
        return None if body is None else _checked(digest, body)

    @remembered
    def noun(self, digest: Digest) -> Noun:
        """The record named `digest`; IntegrityError if it is missing."""
        with self._reading() as connection:
            body = connection.execute(_BODY, tables.asking(digest)).scalar()
        return checked_noun(digest, body)

    def records(self) -> Iterator[tuple[Digest, bytes]]:
        """Every record that lies here under its name, unchecked."""
        query = select(tables.record).order_by(tables.record.c.digest)
        with self._reading() as reader, self._database.walking(reader, query) as rows:
            for name, body in rows:
                yield Digest(name), body

    def reveal(self, commitment: Sealed) -> str | None:
        """The personal value behind a commitment; None if it was erased."""
        opened = self.opening(commitment)
        return None if opened is None else opened.value

    def opening(self, commitment: Sealed) -> Opening | None:
        """The personal value behind a commitment, and the key that shows it; None if it was erased."""
        with self._reading() as connection:
            box = connection.execute(_BOX, tables.asking(commitment)).scalar()
        return None if box is None else self._required_vault().open(commitment, box)

    def commitments(self) -> Iterator[Sealed]:
        """Every commitment whose value still lies in the vault."""
        with self._reading() as connection:
            for (name,) in connection.execute(select(tables.vault.c.commitment)):
                yield Sealed(name)

    def lookup_key(self, value: str) -> str:
        """A keyed name for a personal value, by which equal ones are found without being held."""
        return self._required_vault().lookup(value).hex()

    def database_faults(self) -> Sequence[str]:
        """What the database says of its own schema and pages; nothing if they are sound."""
        with self._reading() as reader:
            return self._database.faults(reader)

    # --- inner

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection of this thread on which each question sees what is committed by then."""
        with self._database.explaining():
            connection: Connection | None = getattr(self._readers, "connection", None)
            if connection is None or connection.invalidated:  # as a question that was interrupted leaves it
                connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._readers.connection = connection
                self._all_readers.add(connection)
            yield connection

    def _bodies(self, names: Sequence[Digest]) -> dict[Digest, Noun]:
        """The records of these names that lie here, checked and decoded."""
        found = {}
        with self._reading() as connection:
            for start in range(0, len(names), 500):
                some = tables.asking_among(names[start : start + 500])
                for name, body in connection.execute(_BODIES, some).all():
                    found[Digest(name)] = checked_noun(name, body)
        return found

    def _required_vault(self) -> Vault:
        if self._vault is None:
            raise RefusedError(
                f"the vault key of {self.root} is not at hand",
                advice="give the folder that holds the keys of this case with --keys",
            )
        return self._vault

    def _key_of(self, commitment: Sealed) -> bytes | None:
        value = self.reveal(commitment)
        return None if value is None else self._required_vault().lookup(value)


def checked_noun(name: str, body: bytes | None) -> Noun:
    """The record of a name from its written form; IntegrityError if that is missing or another's."""
    if body is None:
        raise IntegrityError(f"the record {name} is missing")
    return decode(_checked(name, body))


def _checked(name: str, body: bytes) -> bytes:
    if Digest.of(body) != name:
        raise IntegrityError(f"the record {name} has changed: its SHA-256 is no longer its name")
    return body


def _action(index: int, written: bytes) -> Action:
    action = decode(written)
    if not isinstance(action, Action):
        raise IntegrityError(f"log entry {index} is a {type(action).__name__.lower()}, not an action")
    return action


def _handfuls(lines: Iterator[T]) -> Iterator[list[T]]:
    while handful := list(islice(lines, 500)):
        yield handful
