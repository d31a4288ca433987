"""Tar archives, plain or compressed, read once from front to end; and lone compressed files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol, Self, cast

from witnessmark.collect.limits import CHUNK, Budget, Yielded, moment, not_taken
from witnessmark.collect.names import as_text, written
from witnessmark.errors import MalformedError
from witnessmark.model import Outcome


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


BLOCK = tarfile.BLOCKSIZE
_LONGEST_NAME = 1 << 20
_DECOMPRESSORS: dict[bytes, Callable[[BinaryIO], _Readable]] = {
    b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=packed),
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}
_NAMING = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_HOLDING_NOTHING = {
    tarfile.SYMTYPE: "a symbolic link is not followed",
    tarfile.LNKTYPE: "a hard link holds no bytes of its own",
    tarfile.CHRTYPE: "a character device holds no bytes to keep",
    tarfile.BLKTYPE: "a block device holds no bytes to keep",
    tarfile.FIFOTYPE: "a named pipe holds no bytes to keep",
}
_DAMAGED = (zlib.error, lzma.LZMAError, tarfile.TarError, EOFError, OSError, ValueError, OverflowError)


def decompressor(head: bytes) -> Callable[[BinaryIO], _Readable] | None:
    """What opens a compressed stream that begins with `head`."""
    return _DECOMPRESSORS.get(head[:2])


def is_header(head: bytes) -> bool:
    """Whether `head` is the first header of a tar archive, by its own check sum."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def members(packed: BinaryIO, unpacked: _Readable, budget: Budget) -> Iterator[Yielded]:
    """Each member of the tar archive in `unpacked`, or the one file in it if it is no archive.

    A break in the stream ends it: MalformedError, also in the middle of a member.
    """
    watched = _Watched(packed, unpacked, budget)
    head = watched.read(BLOCK)
    watched.give_back(head)
    try:
        if is_header(head):
            yield from _members(watched, budget)
        else:
            yield {"name": "content", "outcome": Outcome.DONE.value}, iter(lambda: watched.read(CHUNK), b"")
    except _DAMAGED as error:
        raise MalformedError(f"the archive breaks off after {watched.out:,} bytes: {error}") from error


def _members(watched: _Watched, budget: Budget) -> Iterator[Yielded]:
    count = 0
    with tarfile.open(
        fileobj=cast("BinaryIO", watched),
        mode="r|",
        tarinfo=_Header,
        ignore_zeros=True,  # archives laid end to end are one archive; anything else after the end is not tar
        encoding="utf-8",
        errors="surrogateescape",
    ) as archive:
        while (entry := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would remember every one
            if entry.isdir():
                continue
            count += 1
            if count > budget.entries:
                yield not_taken("", f"members beyond the first {budget.entries:,} were not taken")
                return
            yield _taken(archive, entry, budget)
    if any(watched.tail):
        yield not_taken("", "it has no end mark: it may have been cut between two members", Outcome.FAILED)


def _taken(archive: tarfile.TarFile, entry: tarfile.TarInfo, budget: Budget) -> Yielded:
    name = entry.name.encode("utf-8", "surrogateescape")
    reason = None
    if not entry.isreg():
        reason = _HOLDING_NOTHING.get(entry.type, f"members of the kind {entry.type!r} are not known")
    # what a compressed stream really gives is watched while it is read
    reason = reason or budget.objection_to_size(entry.size, entry.size) or budget.objection_to_name(name)
    if reason is not None:
        return not_taken(name, reason)
    budget.spent += entry.size
    facts: dict[str, object] = {"name": written(name), "outcome": Outcome.DONE.value}
    if modified := moment(entry.mtime):
        facts["modified"] = modified
    if entry.uname:
        facts["personal"] = {"owner": as_text(entry.uname)}
    return facts, _chunks(archive, entry)


def _chunks(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        member = archive.extractfile(entry)
        while member is not None and (chunk := member.read(CHUNK)):
            yield chunk
    except _DAMAGED as error:
        raise MalformedError(f"the archive breaks off within this member: {error}") from error


class _Header(tarfile.TarInfo):
    """A header that is either sound or the end; tarfile takes a broken one silently for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) in (0, BLOCK) and not any(buf):
                raise
            raise MalformedError(f"a header is broken and nothing after it can be read: {error}") from error
        if header.type in _NAMING and header.size > _LONGEST_NAME:
            raise MalformedError(f"a header announces a name of {header.size:,} bytes")
        return header


class _Watched:
    """A decompressed stream under watch: how much came out of how much, and how it ended."""

    def __init__(self, packed: BinaryIO, unpacked: _Readable, budget: Budget) -> None:
        self._packed, self._unpacked, self._budget = packed, unpacked, budget
        self._pending = b""
        self._ends_met = 0
        self.out = 0
        self.tail = b""

    def give_back(self, head: bytes) -> None:
        self._pending = head

    def read(self, size: int) -> bytes:
        if self._pending:
            chunk, self._pending = self._pending[:size], self._pending[size:]
            return chunk
        try:
            chunk = self._unpacked.read(size)
        except (*_DAMAGED, MemoryError) as error:
            raise MalformedError(f"the stream breaks off after {self.out:,} bytes: {error}") from error
        self._ends_met += not chunk
        if self._ends_met > 16:
            # tarfile would look for the rest of an announced member until the end of days
            raise MalformedError(f"it ends after {self.out:,} bytes, in the middle of a member")
        self.out += len(chunk)
        self.tail = (self.tail + chunk)[-BLOCK:]
        self._refuse_excess()
        return chunk

    def _refuse_excess(self) -> None:
        budget, packed = self._budget, max(self._packed.tell(), 1)
        if self.out > budget.ratio_from and self.out > budget.ratio * packed:
            raise MalformedError(
                f"it swells from {packed:,} to {self.out:,} bytes and on, more than {budget.ratio}-fold, "
                "as bombs do"
            )
        if self.out > 2 * budget.total_bytes + CHUNK:  # headers and members passed over count here too
            raise MalformedError(f"{self.out:,} bytes came out, and there is no end of it")
