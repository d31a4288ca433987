"""Keys: the signing key of the log and the vault key, in a folder that is never inside the case.

Beside them lies what this machine last published of the log. A case that reaches less far than
that was rolled back, and nothing is signed for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, UnavailableError
from witnessmark.ports import Head
from witnessmark.tlog import EMPTY_ROOT, Signer

_KEY_BYTES = 32
_PUBLISHED = "published.json"


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The keys of one case."""

    folder: Path
    signer: Signer
    vault_key: bytes

    def published(self) -> Head | None:
        """How far the log reached when this machine last published a checkpoint; None if that was lost.

        Keys that were made and never used remember a log of no entries.
        """
        return published_in(self.folder)

    def remember(self, head: Head) -> None:
        """Keep, durably, that a checkpoint of `head` is about to leave this machine.

        What is remembered only grows: another process may have published a longer log meanwhile.
        """
        with _explaining(self.folder), _locked(self.folder):
            published = self.published()
            if published is None or published.size < head.size:
                write_durably(self.folder / _PUBLISHED, _remembered(head))


def create_keys(keys: Path, origin: str) -> KeyFolder:
    """New keys for the log `origin` in a folder of their own under `keys`."""
    folder = folder_of(keys, origin)
    signer, vault_key = Signer.generate(origin), secrets.token_bytes(_KEY_BYTES)
    try:
        _make_folder(folder)
        write_durably(folder / "log.key", signer.private_bytes().hex().encode("ascii"))
        write_durably(folder / "vault.key", vault_key.hex().encode("ascii"))
        write_durably(folder / _PUBLISHED, _remembered(Head(0, EMPTY_ROOT)))
    except FileExistsError as error:
        published = published_in(folder)
        is_unused = published is not None and not published.size
        unused = ", with which nothing was ever published" if is_unused else ""
        raise RefusedError(
            f"{folder} holds keys already{unused}",
            advice="keys are never overwritten: give the log another name with --origin, or move the folder"
            " away if no case has these keys, as after a `new` that was cut short",
        ) from error
    except OSError as error:
        raise RefusedError(f"keys cannot be written to {folder}: {error.strerror}") from error
    return KeyFolder(folder, signer, vault_key)


def load_keys(keys: Path, origin: str, vkey: str) -> KeyFolder:
    """The keys for the log `origin`; RefusedError if they are not there or not the right ones."""
    folder = folder_of(keys, origin)
    signer = Signer.from_private_bytes(origin, _read_key(folder / "log.key"))
    if signer.verifier.vkey() != vkey:
        raise RefusedError(
            f"the key in {folder} is not the key of this case",
            advice=f"give the folder with the key that belongs to {vkey} with --keys",
        )
    return KeyFolder(folder, signer, _read_key(folder / "vault.key"))


def folder_of(keys: Path, origin: str) -> Path:
    """The folder under `keys` that holds the keys of one log."""
    return keys / re.sub(r"[^A-Za-z0-9.-]", "_", origin)


def published_in(folder: Path) -> Head | None:
    """What the folder of one log's keys remembers of how far the log was published."""
    path = folder / _PUBLISHED
    try:
        with _explaining(path):
            remembered = json.loads(path.read_text("ascii"))
        return Head(int(remembered["size"]), bytes.fromhex(remembered["root"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{path} is damaged, so a rollback could not be noticed",
            advice="compare the case with its last package or with a witness, then mend the file",
        ) from error


def _remembered(head: Head) -> bytes:
    return json.dumps({"size": head.size, "root": head.root.hex()}).encode("ascii")


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, and past a power cut."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make a new folder, and those above it that are missing, past a power cut."""
    for above in reversed(folder.parents):
        if not above.exists():
            above.mkdir(exist_ok=True)
            _sync_folder(above.parent)
    folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Say what the disk's complaint means; a file that is not there is left to the caller."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read or written: {error.strerror}",
            advice="check the disk and the permissions of the folder that holds the keys",
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time into the block."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise RefusedError(
            f"the key {path} is not there",
            advice="give the folder with the keys of this case with --keys; without it nothing is written",
        ) from error
    except OSError as error:
        raise RefusedError(
            f"the key {path} cannot be read: {error.strerror or error}",
            advice="check the permissions of the folder that holds the keys, or give another with --keys",
        ) from error
    except ValueError as error:
        raise RefusedError(
            f"the key {path} cannot be read: it is not written in hexadecimal digits",
            advice="restore it from your copy of the keys",
        ) from error
    if len(key) != _KEY_BYTES:
        raise MalformedError(f"{path} holds {len(key)} bytes; a key has {_KEY_BYTES}")
    return key
