"""Five wrong orders of writes, each of which loses evidence in a power cut and looks fine without one.

They are planted into the real classes to prove that the simulator can see: a simulator that
finds nothing wrong with them would find nothing wrong with anything.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event

from witnessmark.ports import Staged
from witnessmark.store import folder, objects, sqlite
from witnessmark.store.folder import CaseFolder
from witnessmark.store.transaction import FolderTransaction


def _no_file_sync() -> None:
    """The content of files is never synced, neither singly nor in a batch."""
    _replace(objects, "_sync_file", lambda _: None)
    _replace(objects, "_syncfs", lambda _: 0)


def _no_folder_sync() -> None:
    """New names are never made durable."""
    _replace(objects, "sync_folder", lambda _: None)
    _replace(folder, "sync_folder", lambda _: None)
    _replace(objects, "_syncfs", None)


def _commit_before_rename() -> None:
    """Row and entry are committed while the object still lies in staging."""
    keep, transaction = CaseFolder.keep, CaseFolder.transaction
    waiting: list[Staged] = []

    def keep_later(self: CaseFolder, staged: Sequence[Staged]) -> None:
        waiting.extend(staged)

    @contextmanager
    def transaction_then_keep(self: CaseFolder) -> Iterator[FolderTransaction]:
        with transaction(self) as opened:
            yield opened
        keep(self, tuple(waiting))
        waiting.clear()

    _replace(CaseFolder, "keep", keep_later)
    _replace(CaseFolder, "transaction", transaction_then_keep)


def _wal_synchronous_normal() -> None:
    """A commit comes back before it is on the disk."""
    open_engine = sqlite.open_engine

    def open_relaxed(root: Path) -> Engine:
        engine = open_engine(root)

        @event.listens_for(engine, "connect")
        def _relax(connection: sqlite3.Connection, _: object) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")

        return engine

    _replace(sqlite, "open_engine", open_relaxed)


def _publish_before_commit() -> None:
    """The new head leaves the machine while its transaction is still open."""
    finish = FolderTransaction.finish

    def finish_and_publish(self: FolderTransaction) -> None:
        finish(self)
        frontier = self._frontier
        os.write(1, f"CP {frontier.size} {frontier.root().hex()}\n".encode())

    _replace(FolderTransaction, "finish", finish_and_publish)


WRONG_ORDERS: Mapping[str, Callable[[], None]] = {
    "no-file-sync": _no_file_sync,
    "no-folder-sync": _no_folder_sync,
    "commit-before-rename": _commit_before_rename,
    "wal-synchronous-normal": _wal_synchronous_normal,
    "publish-before-commit": _publish_before_commit,
}


def plant(name: str | None) -> None:
    """Plant the wrong order called `name` into this process; nothing if there is no name."""
    if name:
        WRONG_ORDERS[name]()


def _replace(owner: object, name: str, value: object) -> None:
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: the wrong order would plant nothing")
    setattr(owner, name, value)
