"""A case in a folder: objects by digest, and one SQLite file for the log, records, vault and catalog.

The log's tables are the truth together with the objects and the vault; the catalog can always
be made again from them. A row and its log entry are written in one transaction with
`synchronous=FULL`, and nothing is acknowledged, signed or published before it has committed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.model import Acquisition, Action, Digest, Item, Sealed
from witnessmark.model.wire import Noun, decode
from witnessmark.ports import Capture, Declined, Head, KeptCheckpoint, N, Staged, Token, Typing
from witnessmark.store import catalog, tables
from witnessmark.store.absorb import Absorber
from witnessmark.store.database import (
    DATABASE,
    check_format,
    explaining,
    head_of,
    meta_of,
    open_engine,
    open_scratch,
    schema_of,
    writing,
)
from witnessmark.store.objects import Objects, open_objects, stage_capture, sync_folder
from witnessmark.store.rehash import object_faults
from witnessmark.store.transaction import FolderTransaction
from witnessmark.store.vault import Vault
from witnessmark.tlog import EMPTY_ROOT, Frontier

T = TypeVar("T")


class CaseFolder:
    """One case on a local disk (implements `ports.Store`)."""

    def __init__(self, root: Path, engine: Engine, objects: Objects, vault: Vault | None) -> None:
        self.root = root
        self._engine = engine
        self._objects = objects
        self._vault = vault
        self._frontier = Frontier.empty()
        self._absorber = Absorber(root)
        self._readers = threading.local()

    # --- objects

    def stage(self, capture: Capture, typed: Typing) -> Staged | Declined:
        """Write what a capture gives to the staging area, hashing it on the way."""
        return stage_capture(self._objects, capture.source, capture.open, typed)

    def absorb(self, captures: Sequence[Capture], typed: Typing) -> Future[Sequence[Staged | Declined]]:
        """Stage and keep portable captures in a second process while the caller goes on."""
        return self._absorber.absorb(captures, typed)

    def keep(self, staged: Sequence[Staged]) -> None:
        """Make staged bytes durable under their digests."""
        self._objects.keep(staged)

    def discard(self, staged: Iterable[Staged]) -> None:
        """Drop staged bytes that are not to be kept."""
        self._objects.discard(staged)

    def has(self, digest: Digest) -> bool:
        """Whether the bytes lie here."""
        return self._objects.has(digest)

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes, after all of them have been checked against `digest`."""
        return self._objects.open(digest)

    def path_of(self, digest: Digest) -> Path:
        """Where the bytes lie, unchecked."""
        return self._objects.path_of(digest)

    def remove(self, digest: Digest) -> None:
        """Destroy bytes whose erasure is on record."""
        self._objects.remove(digest)

    def object_names(self) -> Iterator[Digest]:
        """The digest of every object that lies here, named by the log or not."""
        return self._objects.names()

    def object_faults(self, digests: Sequence[Digest]) -> Iterator[tuple[Digest, str | None]]:
        """Each object hashed again on every core: None if it is unchanged, else what is wrong."""
        return object_faults(self._objects, digests)

    # --- writing

    @contextmanager
    def transaction(self) -> Iterator[FolderTransaction]:
        """One transaction; it is durable when the block has been left without an error."""
        with writing(self.root, self._engine) as connection:
            self._catch_up(connection)
            frontier = self._frontier.copy()
            transaction = FolderTransaction(connection, frontier, self._required_vault())
            yield transaction
            transaction.finish()
        self._frontier = frontier
        if transaction.has_forgotten:
            self._write_back()

    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint, or the same one with further cosignatures."""
        values = {"size": checkpoint.size, "signed": checkpoint.signed, "note": checkpoint.note}
        longer = func.length(checkpoint.note) > func.length(tables.checkpoint.c.note)
        statement = insert_or_ignore(tables.checkpoint).on_conflict_do_update(
            index_elements=["size"], set_={"note": checkpoint.note}, where=longer
        )
        self._write(statement, values)

    def keep_token(self, token: Token) -> None:
        """Keep a token."""
        values = {name: getattr(token, name) for name in Token.__slots__}
        values["expires_at"] = token.expires_at and token.expires_at.isoformat()
        self._write(insert(tables.token), values)

    def rebuild(self) -> int:
        """Drop the catalog and make it again from the log, the records and the vault."""
        with writing(self.root, self._engine) as connection:
            return catalog.rebuild(connection, self.actions(), self._source_key)

    # --- the log

    def head(self) -> Head:
        """The committed head of the log."""
        with self._reading() as connection:
            return head_of(connection)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Log entries by index, as their canonical bytes."""
        column = tables.entry.c
        query = select(column.idx, column.data).where(column.idx >= start).order_by(column.idx)
        if stop is not None:
            query = query.where(column.idx < stop)
        with self._reading() as connection:
            yield from connection.execution_options(yield_per=2000).execute(query)

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
        column = tables.tile.c
        query = select(column.hashes).where(column.level == level, column.idx == index)
        with self._reading() as connection:
            hashes: bytes | None = connection.execute(query).scalar()
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

    # --- records and the vault

    def record(self, digest: Digest) -> bytes | None:
        """The written form of a record, checked against `digest`; None if it does not lie here."""
        query = select(tables.record.c.body).where(tables.record.c.digest == digest)
        with self._reading() as connection:
            body = connection.execute(query).scalar()
        if body is not None and Digest.of(body) != digest:
            raise IntegrityError(f"the record {digest} has changed: its SHA-256 is no longer its name")
        return body

    def noun(self, digest: Digest) -> Noun:
        """The record named `digest`; IntegrityError if it is missing."""
        body = self.record(digest)
        if body is None:
            raise IntegrityError(f"the record {digest} is missing")
        return decode(body)

    def records(self) -> Iterator[tuple[Digest, bytes]]:
        """Every record that lies here under its name, unchecked."""
        with self._reading() as connection:
            query = select(tables.record).order_by(tables.record.c.digest)
            for name, body in connection.execution_options(yield_per=2000).execute(query):
                yield Digest(name), body

    def reveal(self, commitment: Sealed) -> str | None:
        """The personal value behind a commitment; None if it was erased."""
        query = select(tables.vault.c.box).where(tables.vault.c.commitment == commitment)
        with self._reading() as connection:
            box = connection.execute(query).scalar()
        return None if box is None else self._required_vault().reveal(commitment, box)

    def commitments(self) -> Iterator[Sealed]:
        """Every commitment whose value still lies in the vault."""
        with self._reading() as connection:
            for (name,) in connection.execute(select(tables.vault.c.commitment)):
                yield Sealed(name)

    # --- questions to the catalog

    def exhibits(self) -> Iterator[tuple[str, Digest]]:
        """Every exhibit number with the digest of its original, in order of number."""
        column = tables.catalog_object.c
        query = (
            select(column.exhibit, column.digest).where(column.exhibit.is_not(None)).order_by(column.entry)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        yield from ((exhibit, Digest(digest)) for exhibit, digest in rows)

    def digest_of_exhibit(self, exhibit: str) -> Digest:
        """The bytes behind an exhibit number; UsageError if there is none."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            digest = connection.execute(select(column.digest).where(column.exhibit == exhibit)).scalar()
        if digest is None:
            raise UsageError(f"this case has no exhibit {exhibit}", advice="`witnessmark show` lists them")
        return Digest(digest)

    def exhibit_of(self, digest: Digest) -> str | None:
        """The exhibit number of these bytes, if they are an exhibit."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            return connection.execute(select(column.exhibit).where(column.digest == digest)).scalar()

    def item(self, digest: Digest) -> Item:
        """The item record of an exhibit's original."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            name = connection.execute(select(column.item).where(column.digest == digest)).scalar()
        if name is None:
            raise UsageError(f"{digest} is not an exhibit of this case")
        return _as(Item, self.noun(Digest(name)))

    def acquisitions(self, digest: Digest) -> Sequence[tuple[int, Acquisition]]:
        """How these bytes came in, each time, with the index of the log entry."""
        column = tables.catalog_acquisition.c
        query = select(column.entry, column.record).where(column.digest == digest).order_by(column.entry)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [(entry, _as(Acquisition, self.noun(Digest(name)))) for entry, name in rows]

    def acquired_in(self, run: str) -> Sequence[Acquisition]:
        """Everything that one run acquired, in the order of the log."""
        column = tables.catalog_acquisition.c
        query = select(column.record).where(column.run == run).order_by(column.entry)
        with self._reading() as connection:
            names = [Digest(name) for name in connection.execute(query).scalars()]
        bodies = self._bodies(names)
        return [_as(Acquisition, bodies[name]) for name in names]

    def find(self, kind: type[N], about: Digest | None = None) -> Sequence[tuple[Digest, N]]:
        """Every record of a kind, or those about one thing, in the order of the log."""
        record, mention = tables.catalog_record.c, tables.catalog_mention.c
        word = kind.__name__.lower()
        query = select(record.record).where(record.kind == word)
        if about is not None:
            names_about = select(mention.record).where(mention.about == about, mention.kind == word)
            query = query.where(record.record.in_(names_about))
        query = query.group_by(record.record).order_by(func.min(record.entry), record.record)
        with self._reading() as connection:
            names = [Digest(name) for name in connection.execute(query).scalars()]
        bodies = self._bodies(names)
        return [(name, _as(kind, bodies[name])) for name in names]

    def action(self, index: int) -> Action:
        """One log entry, decoded."""
        for found, written in self.entries(index, index + 1):
            return _action(found, written)
        raise UsageError(f"the log has no entry {index}")

    def lookup_key(self, value: str) -> str:
        """A keyed name for a personal value, by which equal ones are found without being held."""
        return self._required_vault().lookup(value).hex()

    def by_handle(self, kind: str, handle: str) -> Digest | None:
        """The record of a kind that people last called so."""
        column = tables.catalog_record.c
        query = select(column.record).where(column.handle == handle, column.kind == kind)
        with self._reading() as connection:
            name = connection.execute(query.order_by(column.entry.desc()).limit(1)).scalar()
        return None if name is None else Digest(name)

    def entry_of(self, record: Digest) -> int | None:
        """The index of the first log entry that generated a record other than an item or acquisition."""
        column = tables.catalog_record.c
        with self._reading() as connection:
            return connection.execute(select(func.min(column.entry)).where(column.record == record)).scalar()

    def acts(self, kind: str, run: str | None = None, used: Digest | None = None) -> Sequence[int]:
        """The indexes of log entries of a type, of one run or on one object if wished."""
        column = tables.catalog_action.c
        query = select(column.entry).where(column.type == kind).order_by(column.entry)
        if run is not None:
            query = query.where(column.run == run)
        if used is not None:
            query = query.where(column.used == used)
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def members_of(self, digest: Digest) -> Sequence[Digest]:
        """The exhibits that came out of an archive, a message or a saved page, in the order of the log."""
        column = tables.catalog_acquisition.c
        query = select(column.digest).where(column.within == digest).order_by(column.entry)
        with self._reading() as connection:
            return [Digest(name) for name in dict.fromkeys(connection.execute(query).scalars())]

    def taken_in_run(self, run: str, source: str) -> Digest | None:
        """What an earlier part of the same run acquired from `source`."""
        column = tables.catalog_acquisition.c
        key = self._required_vault().lookup(source)
        query = select(column.digest).where(column.run == run, column.source_key == key)
        with self._reading() as connection:
            digest = connection.execute(query).scalar()
        return None if digest is None else Digest(digest)

    def origin(self) -> tuple[str, str]:
        """The name of this case's log and the key that verifies it, as the case itself says."""
        with self._reading() as connection:
            return meta_of(connection, "origin"), meta_of(connection, "vkey")

    def catalog_fingerprint(self) -> str:
        """The whole catalog as text: equal before and after a rebuild."""
        with self._reading() as connection:
            return catalog.fingerprint(connection)

    def catalog_holds(self) -> bool:
        """Whether the catalog is just what the log and the records make it."""
        with open_scratch() as scratch, scratch.begin():
            tables.projection.create_all(scratch)
            catalog.rebuild(scratch, self.actions(), self._source_key)
            return catalog.fingerprint(scratch) == self.catalog_fingerprint()

    def database_faults(self) -> Sequence[str]:
        """What the database says of its own pages; nothing if they are sound."""
        with self._reading() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            is_ours = schema_of(connection) == _own_schema()
        faults = [] if said == ["ok"] else [str(line) for line in said]
        return faults if is_ours else [*faults, "its schema is not that of its format"]

    def close(self) -> None:
        """Let go of the case."""
        self._absorber.close()
        self._engine.dispose()
        self._objects.close()

    # --- inner

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection of this thread on which each question sees what is committed by then."""
        with explaining(self.root):
            if not hasattr(self._readers, "connection"):
                connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._readers.connection = connection
            yield self._readers.connection

    def _bodies(self, names: Sequence[Digest]) -> dict[Digest, Noun]:
        """The records of these names that lie here, checked and decoded."""
        table, found = tables.record.c, {}
        with self._reading() as connection:
            for start in range(0, len(names), 500):
                query = select(table.digest, table.body).where(table.digest.in_(names[start : start + 500]))
                for name, body in connection.execute(query):
                    if Digest.of(body) != name:
                        raise IntegrityError(
                            f"the record {name} has changed: its SHA-256 is no longer its name"
                        )
                    found[Digest(name)] = decode(body)
        return found

    def _write(self, statement: Any, values: dict[str, Any]) -> None:
        with writing(self.root, self._engine) as connection:
            connection.execute(statement, values)

    def _write_back(self) -> None:
        """Empty the write-ahead log: until then it and the pages behind it hold what was destroyed."""
        with self._reading() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _catch_up(self, connection: Connection) -> None:
        """Bring the remembered right edge of the log up to what other processes have committed."""
        head = head_of(connection)
        if head.size != self._frontier.size:
            column = tables.tile.c

            def get(level: int, index: int) -> bytes:
                query = select(column.hashes).where(column.level == level, column.idx == index)
                return connection.execute(query).scalar() or b""

            self._frontier = Frontier.from_tiles(head.size, get)
        if self._frontier.root() != head.root:
            raise IntegrityError(f"the log of {self.root} does not fit its own head at {head.size} entries")

    def _required_vault(self) -> Vault:
        if self._vault is None:
            raise RefusedError(
                f"the vault key of {self.root} is not at hand",
                advice="give the folder that holds the keys of this case with --keys",
            )
        return self._vault

    def _source_key(self, commitment: Sealed) -> bytes | None:
        source = self.reveal(commitment)
        return None if source is None else self._required_vault().lookup(source)


def _as(kind: type[N], noun: Noun) -> N:
    if not isinstance(noun, kind):
        raise IntegrityError(f"a {kind.__name__.lower()} was expected, not a {type(noun).__name__.lower()}")
    return noun


def _action(index: int, written: bytes) -> Action:
    action = decode(written)
    if not isinstance(action, Action):
        raise IntegrityError(f"log entry {index} is a {type(action).__name__.lower()}, not an action")
    return action


def _handfuls(lines: Iterator[T]) -> Iterator[list[T]]:
    while handful := list(islice(lines, 500)):
        yield handful


def _own_schema() -> frozenset[tuple[str, str]]:
    with open_scratch() as scratch:
        tables.primary.create_all(scratch)
        tables.projection.create_all(scratch)
        return schema_of(scratch)


def create_case(root: Path, origin: str, vkey: str, vault_key: bytes) -> CaseFolder:
    """A new, empty case in the folder `root`, which must not hold one already."""
    if (root / DATABASE).exists():
        raise UsageError(f"{root} holds a case already", advice="give a new folder, or leave out `new`")
    try:
        _make_folders(root)
        if any(entry.name != "witnessmark.toml" for entry in root.iterdir()):
            raise UsageError(f"{root} is not empty", advice="a case needs a folder of its own")
        objects = open_objects(root, create=True)
    except OSError as error:
        raise RefusedError(f"{root} cannot hold a case: {error.strerror}") from error
    engine, vault = open_engine(root), Vault(vault_key)
    stated = {"format": str(tables.FORMAT), "origin": origin, "vkey": vkey, "vault": vault.name}
    with writing(root, engine) as connection:
        tables.primary.create_all(connection)
        tables.projection.create_all(connection)
        connection.execute(
            insert(tables.meta), [{"name": name, "value": value} for name, value in stated.items()]
        )
        connection.execute(insert(tables.head), {"id": 0, "size": 0, "root": EMPTY_ROOT})
    sync_folder(root)
    return CaseFolder(root, engine, objects, vault)


def _make_folders(root: Path) -> None:
    """Make `root` and the folders above it that are missing, past a power cut."""
    for folder in (*reversed(root.parents), root):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)


def open_case(root: Path, vault_key: bytes | None) -> CaseFolder:
    """The case in the folder `root`; without its vault key it can be read but not written."""
    if not (root / DATABASE).is_file():
        raise UsageError(
            f"{root} holds no case", advice="`witnessmark new` begins one; --case DIR points at one"
        )
    engine, vault = open_engine(root), None if vault_key is None else Vault(vault_key)
    with ExitStack() as unless_opened:
        unless_opened.callback(engine.dispose)
        with explaining(root), engine.connect() as connection:
            check_format(root, connection)
            if vault is not None and vault.name != meta_of(connection, "vault"):
                raise RefusedError(
                    f"the vault key at hand is not that of {root}",
                    advice="give the folder that holds the keys of this case with --keys",
                )
        unless_opened.pop_all()
    return CaseFolder(root, engine, open_objects(root), vault)
