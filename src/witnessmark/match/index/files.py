"""The files of an index on disk, and the order in which they are replaced.

`NAME` is the image, `NAME.tail` what came in since, `NAME.lock` and `NAME.merging` are held by whoever adds
or merges. A new image is written beside the old one, synced and renamed over it; only then is the tail begun
anew. A tail that overlaps the image is right (its first records are merged already), one that leaves a gap
is refused. So a crash at any step leaves an index that is whole, and a reader never sees half a merge.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np

from witnessmark.errors import MalformedError, UnavailableError, UsageError
from witnessmark.match.index.archive import REBUILD
from witnessmark.match.index.found import Codes
from witnessmark.match.index.tail import Form, append_to_tail, new_tail, read_tail

HEADER_BYTES = 4096
"""Every image begins with so many bytes that say what it is; the last four of them are their CRC-32."""
_CRC = struct.Struct("<I")
_TRIES, _PAUSE_S = 50, 0.005


class Imaged(Protocol):
    """An image, as far as its files have to know it."""

    @property
    def identity(self) -> bytes:
        """Which index it is of; every merge keeps it."""

    @property
    def count(self) -> int:
        """How many records it holds."""


I = TypeVar("I", bound=Imaged)  # noqa: E741 - an image
Read = Callable[[Codes, str], I]
"""Gives the image that some bytes hold; the second is what it is called in messages."""


class IndexFiles(Generic[I]):
    """Image and tail at a path; `read` reads an image, `form` says what the entries of the tail are."""

    def __init__(self, path: Path, read: Read[I], form: Form) -> None:
        self.path = path
        self._read_image, self._form = read, form
        self.tail_path = path.with_name(f"{path.name}.tail")
        self._new = path.with_name(f"{path.name}.new")
        self._new_tail = path.with_name(f"{path.name}.tail.new")

    def read(self) -> tuple[I, Codes]:
        """The image, and the codes of the tail that it does not hold yet."""
        for attempt in range(_TRIES):
            with _explained(f"the index {self.path} cannot be read"):
                image = self._read_image(mapped(self.path), f"the index {self.path}")
                head, codes = read_tail(self.tail_path, self._form)
            if head.identity == image.identity and head.first <= image.count:
                return image, codes[image.count - head.first :]
            if attempt + 1 < _TRIES:
                time.sleep(_PAUSE_S)  # somebody replaces both just now
        raise MalformedError(
            f"{self.tail_path} does not go with {self.path}: the records between them are missing",
            advice=REBUILD,
        )

    def stamp(self) -> tuple[object, ...]:
        """Something that changes whenever either file does."""
        with _explained(f"the index {self.path} cannot be read"):
            states = (self.path.stat(), self.tail_path.stat())
            return tuple((one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) for one in states)

    def append(self, codes: Codes) -> None:
        """Add codes to the tail; they are on the disk when this returns."""
        with _explained(f"the codes could not be added to {self.tail_path}"):
            append_to_tail(self.tail_path, codes, self._form)

    def replace(self, write: Callable[[Callable[[int], Codes]], I], *, is_new: bool) -> None:
        """Put the image that `write` writes into the place of the old, and begin the tail anew."""
        try:
            with _explained(f"the index {self.path} could not be written"):
                image = self._write_beside(write)
                with self.adding():
                    waiting = np.empty((0, self._form.entry_bytes), np.uint8)
                    if not is_new:
                        head, codes = read_tail(self.tail_path, self._form)
                        waiting = codes[image.count - head.first :]
                    tail = new_tail(image.identity, image.count, waiting, self._form)
                    _write_synced(self._new_tail, tail)
                    self._new.replace(self.path)
                    _sync_folder(self.path.parent)
                    self._new_tail.replace(self.tail_path)
                    _sync_folder(self.path.parent)
        finally:
            self._new.unlink(missing_ok=True)
            self._new_tail.unlink(missing_ok=True)

    def adding(self) -> AbstractContextManager[None]:
        """Held while the tail is written."""
        return _held(self.path.with_name(f"{self.path.name}.lock"))

    def merging(self) -> AbstractContextManager[None]:
        """Held while the image is replaced."""
        return _held(self.path.with_name(f"{self.path.name}.merging"))

    def _write_beside(self, write: Callable[[Callable[[int], Codes]], I]) -> I:
        """Write a new image into a file of its own and see it on the disk."""
        self._new.unlink(missing_ok=True)
        with self._new.open("w+b") as file:

            def room(size: int) -> Codes:
                _reserve(file.fileno(), size)
                return np.frombuffer(mmap.mmap(file.fileno(), size), np.uint8)

            image = write(room)
            os.fsync(file.fileno())  # of what was written to its mapped memory too
        return image


def sealed_header(head: bytes) -> Codes:
    """The header of an image: filled up, with its checksum."""
    filled = head.ljust(HEADER_BYTES - _CRC.size, b"\0")
    return np.frombuffer(filled + _CRC.pack(zlib.crc32(filled)), np.uint8)


def checked_header(content: Codes, name: str, kind: str, magic: bytes, version: int) -> bytes:
    """The header of an image of a kind, whole, unchanged and of the version that is read here.

    It begins with `magic` and the version in four bytes. MalformedError says what is wrong with it.
    """
    if len(content) < HEADER_BYTES:
        raise MalformedError(
            f"{name} is cut: it has {len(content)} bytes, less than its header", advice=REBUILD
        )
    header = content[:HEADER_BYTES].tobytes()
    if not header.startswith(magic):
        raise MalformedError(f"{name} is not {kind}", advice=REBUILD)
    (written,) = struct.unpack_from("<I", header, len(magic))
    if written != version:
        raise MalformedError(
            f"{name} is written in version {written} of its format; this program reads version {version}",
            advice="use the program that wrote it, or build the index again from the records",
        )
    if zlib.crc32(header[: -_CRC.size]) != _CRC.unpack(header[-_CRC.size :])[0]:
        raise MalformedError(f"{name} is damaged: its header has changed", advice=REBUILD)
    return header


def mapped(path: Path) -> Codes:
    """The bytes of a file, mapped into memory."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:  # nothing can be mapped
            return np.empty(0, np.uint8)
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def _reserve(descriptor: int, size: int) -> None:
    """Take the room on the disk now: a full disk has to be met here, not while writing to memory."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    zeros = bytes(1 << 20)
    for at in range(0, size, len(zeros)):
        os.pwrite(descriptor, zeros[: size - at], at)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """A lock between processes and threads; it ends with whoever holds it."""
    with _explained(f"{path} cannot be locked"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Say in our words what the system refused."""
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"{what}: there is no {error.filename}") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        advice = "make room on the disk and try again; the index is as it was" if full else None
        raise UnavailableError(f"{what}: {error.strerror}", advice=advice) from error
