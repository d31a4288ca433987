"""A case in a folder: objects by digest, and one database for the log, records, vault and catalog.

The database is a file of SQLite in the folder or, for a desk of several, a schema of PostgreSQL.

The log's tables are the truth together with the objects and the vault; the catalog can always
be made again from them. A row and its log entry are written in one transaction with
`synchronous=FULL`, and nothing is acknowledged, signed or published before it has committed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, func, insert, select

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.model import Digest
from witnessmark.ports import (
    POINTER,
    Capture,
    Declined,
    KeptCheckpoint,
    Staged,
    Token,
    Typing,
    holds_case,
)
from witnessmark.store import catalog, tables
from witnessmark.store.absorb import Absorber
from witnessmark.store.answering import Answering
from witnessmark.store.database import Database, check_format, cut_short, head_of, meta_of, upsert
from witnessmark.store.objects import Objects, open_objects, stage_capture, sync_folder
from witnessmark.store.postgres import PostgresSchema, database_at, point_at
from witnessmark.store.rehash import object_faults
from witnessmark.store.sqlite import SqliteFile
from witnessmark.store.transaction import FolderTransaction
from witnessmark.store.vault import Vault
from witnessmark.tlog import EMPTY_ROOT, Frontier


class CaseFolder(Answering):
    """One case on a local disk (implements `ports.Store`)."""

    def __init__(self, database: Database, objects: Objects, vault: Vault | None) -> None:
        super().__init__(database, vault)
        self._objects = objects
        self._frontier = Frontier.empty()
        self._absorber = Absorber(database.root)
        self._one_writer = threading.Lock()
        self._has_whole_catalog = False

    # --- objects

    def stage(self, capture: Capture, typed: Typing) -> Staged | Declined:
        """Write what a capture gives to the staging area, hashing it on the way."""
        return stage_capture(self._objects, capture.source, capture.open, typed)

    def absorb(self, captures: Sequence[Capture], typed: Typing) -> Future[Sequence[Staged | Declined]]:
        """Stage and keep portable captures in other processes while the caller goes on."""
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

    def checked(self, digest: Digest) -> AbstractContextManager[Path]:
        """Where to read the bytes meanwhile, after all of them have been checked against `digest`."""
        return self._objects.checked(digest)

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
        with (
            self.memory.aside(),
            self._one_writer,  # of this process: the edge of the log that is known is one thread's at a time
        ):
            with self._database.writing() as connection:
                self._catch_up(connection)
                frontier = self._frontier.copy()
                extent = self._extent(connection)
                transaction = FolderTransaction(connection, frontier, self._required_vault(), extent)
                yield transaction
                transaction.finish()
            self._frontier = frontier
        if transaction.has_forgotten:
            self._write_back()

    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint, or the same one with further cosignatures."""
        values = {"size": checkpoint.size, "signed": checkpoint.signed, "note": checkpoint.note}
        longer = func.length(checkpoint.note) > func.length(tables.checkpoint.c.note)
        statement = upsert(tables.checkpoint, self._database.engine.dialect).on_conflict_do_update(
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
        with self._database.writing() as connection:
            extent = catalog.rebuild(connection, self.actions(), self._key_of)
            catalog.state(connection, extent)
        return extent.size

    def close(self) -> None:
        """Let go of the case."""
        self._absorber.close()
        for reader in list(self._all_readers):
            reader.close()
        self._database.engine.dispose()
        self._objects.close()

    # --- inner

    def _write(self, statement: Any, values: dict[str, Any]) -> None:
        with self._database.writing() as connection:
            connection.execute(statement, values)

    def _write_back(self) -> None:
        """Let nothing be left of what was destroyed."""
        with self._reading() as reader:
            self._database.overwrite(reader)

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

    def _extent(self, connection: Connection) -> catalog.Extent:
        """The extent of the catalog; before the first entry its rows are counted."""
        stated = catalog.extent_of(connection) if self._has_whole_catalog else None
        if stated is None or stated.size != self._frontier.size:
            stated = catalog.checked_extent(self.root, connection)
            self._has_whole_catalog = True
        return stated


def create_case(
    root: Path, origin: str, vkey: str, vault_key: bytes, database_url: str | None = None
) -> CaseFolder:
    """A new, empty case in the folder `root`, which must not hold one already.

    With the address of a database of PostgreSQL all but the objects lies there, in a schema of its own.
    """
    if holds_case(root):
        raise UsageError(f"{root} holds a case already", advice="give a new folder, or leave out `new`")
    server = None if database_url is None else _server(root, database_url, origin)
    try:
        _make_folders(root)
        if any(entry.name != "witnessmark.toml" for entry in root.iterdir()):
            raise UsageError(f"{root} is not empty", advice="a case needs a folder of its own")
        objects = open_objects(root, create=True)
    except OSError as error:
        raise RefusedError(f"{root} cannot hold a case: {error.strerror}") from error
    database: Database
    if server is None:
        database = SqliteFile(root)
        with database.writing() as connection:
            tables.primary.create_all(connection)
            tables.projection.create_all(connection)
            _state(connection, origin, vkey, Vault(vault_key))
    else:
        database, pointer = server
        with database.creating() as connection:
            _state(connection, origin, vkey, Vault(vault_key))
        _write_durably(root / POINTER, pointer)
    sync_folder(root)
    return CaseFolder(database, objects, Vault(vault_key))


def _state(connection: Connection, origin: str, vkey: str, vault: Vault) -> None:
    """What a new case says of itself."""
    stated = {"format": str(tables.FORMAT), "origin": origin, "vkey": vkey, "vault": vault.name}
    connection.execute(
        insert(tables.meta), [{"name": name, "value": value} for name, value in stated.items()]
    )
    connection.execute(insert(tables.head), {"id": 0, "size": 0, "root": EMPTY_ROOT})


def _server(root: Path, url: str, origin: str) -> tuple[PostgresSchema, str]:
    """The schema that a new case is to have, which can be reached, and the pointer to it."""
    address, schema, pointer = point_at(url, origin)
    database = PostgresSchema(root, address, schema)
    database.require_durable()
    return database, pointer


def _write_durably(path: Path, content: str) -> None:
    with path.open("x", encoding="utf-8") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _make_folders(root: Path) -> None:
    """Make `root` and the folders above it that are missing, past a power cut."""
    for folder in (*reversed(root.parents), root):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)


def open_case(root: Path, vault_key: bytes | None) -> CaseFolder:
    """The case in the folder `root`; without its vault key it can be read but not written."""
    if not holds_case(root):
        if any(root.glob("objects/*/*")):
            raise cut_short(root)
        raise UsageError(
            f"{root} holds no case", advice="`witnessmark new` begins one; --case DIR points at one"
        )
    database = database_at(root) if (root / POINTER).exists() else SqliteFile(root)
    vault = None if vault_key is None else Vault(vault_key)
    with ExitStack() as unless_opened:
        unless_opened.callback(database.engine.dispose)
        with database.explaining(), database.engine.connect() as connection:
            check_format(root, connection)
            if vault is not None and vault.name != meta_of(connection, "vault"):
                raise RefusedError(
                    f"the vault key at hand is not that of {root}",
                    advice="give the folder that holds the keys of this case with --keys",
                )
        unless_opened.pop_all()
    return CaseFolder(database, open_objects(root), vault)
