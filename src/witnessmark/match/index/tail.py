"""What came in since the index was last merged: a small list of codes, scanned beside the image.

In memory it is eight columns with room to grow. On disk it is a file that is only appended to. Its header
says how many codes it holds and their checksum, and is written after they have reached the disk: what a
crash leaves half written was never promised, and what is missing is noticed.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from witnessmark.errors import MalformedError
from witnessmark.match.index.archive import CODE_BYTES, COLUMNS, REBUILD, Archive
from witnessmark.match.index.found import Codes, Numbers

MAGIC, VERSION, HEADER_BYTES = b"wmtail\n\0", 1, 64
_HEAD = struct.Struct("<8sI4x16sQQI8x")
_CRC = struct.Struct("<I")
_LEAST_ROOM = 1024
_TRIES, _PAUSE_S = 10, 0.001


@dataclass(frozen=True, slots=True)
class Tail:
    """Codes in memory, as columns; those that are added later go into the same room."""

    room: Numbers
    count: int

    @classmethod
    def empty(cls) -> Tail:
        """No codes yet."""
        return cls(np.zeros((COLUMNS, _LEAST_ROOM), np.uint32), 0)

    def plus(self, codes: Codes) -> Tail:
        """These codes and more. Of each tail only one may be continued in this way."""
        count, room = self.count + len(codes), self.room
        if count > room.shape[1]:
            room = np.zeros((COLUMNS, -(-(count + count // 2) // 16) * 16), np.uint32)
            room[:, : self.count] = self.room[:, : self.count]
        room[:, self.count : count] = codes.view(np.uint32).T
        return Tail(room, count)

    def archive(self) -> Archive:
        """The codes as something that can be searched."""
        content = self.room.reshape(-1).view(np.uint8)
        return Archive("the tail of the index", content, self.count, stride=self.room.shape[1])

    def codes(self) -> Codes:
        """The codes, one after the other."""
        return self.archive().rows()


@dataclass(frozen=True, slots=True)
class Form:
    """What kind of tail a file is: how it begins, and how many bytes each of its entries has."""

    magic: bytes
    version: int
    entry_bytes: int
    of: str


CODES = Form(MAGIC, VERSION, CODE_BYTES, "an index of codes")


@dataclass(frozen=True, slots=True)
class TailHead:
    """What the header of the file says: whose tail it is, and which records it holds."""

    identity: bytes
    first: int
    count: int
    crc: int

    def pack(self, form: Form = CODES) -> bytes:
        """The header's bytes."""
        filled = _HEAD.pack(form.magic, form.version, self.identity, self.first, self.count, self.crc)
        return filled + _CRC.pack(zlib.crc32(filled))

    @classmethod
    def unpack(cls, header: bytes, path: Path, form: Form = CODES) -> TailHead:
        """The header that some bytes hold."""
        if len(header) < HEADER_BYTES:
            raise MalformedError(f"{path} is cut: its header is not whole", advice=REBUILD)
        magic, version, *fields = _HEAD.unpack(header[: _HEAD.size])
        if magic != form.magic:
            raise MalformedError(f"{path} is not the tail of {form.of}", advice=REBUILD)
        if version != form.version:
            raise MalformedError(
                f"{path} is written in version {version} of its format; "
                f"this program reads version {form.version}",
                advice="use the program that wrote it, or build the index again from the records",
            )
        if zlib.crc32(header[: _HEAD.size]) != _CRC.unpack(header[_HEAD.size :])[0]:
            raise MalformedError(f"{path} is damaged: its header has changed", advice=REBUILD)
        return cls(*fields)


def new_tail(identity: bytes, first: int, codes: Codes, form: Form = CODES) -> bytes:
    """The bytes of a tail file that begins with the record of a number."""
    written = codes.tobytes()
    return TailHead(identity, first, len(codes), zlib.crc32(written)).pack(form) + written


def read_tail(path: Path, form: Form = CODES) -> tuple[TailHead, Codes]:
    """What a tail file holds; refused if anything of it is missing or has changed."""
    with path.open("rb", buffering=0) as file:
        head = _settled_head(file.fileno(), path, form)
        wanted = head.count * form.entry_bytes
        file.seek(0, os.SEEK_END)
        if file.tell() < HEADER_BYTES + wanted:
            raise MalformedError(
                f"{path} is cut: {head.count} entries were added, and fewer are there", advice=REBUILD
            )
        written = os.pread(file.fileno(), wanted, HEADER_BYTES) if wanted else b""
    if zlib.crc32(written) != head.crc:
        raise MalformedError(f"{path} is damaged: some of its entries have changed", advice=REBUILD)
    return head, np.frombuffer(written, np.uint8).reshape(-1, form.entry_bytes)


def append_to_tail(path: Path, codes: Codes, form: Form = CODES) -> None:
    """Add codes to a tail file; when this returns they are on the disk. One writer at a time."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        head = _settled_head(descriptor, path, form)
        written = codes.tobytes()
        _write_all(descriptor, written, HEADER_BYTES + head.count * form.entry_bytes)
        os.fsync(descriptor)
        grown = TailHead(
            head.identity, head.first, head.count + len(codes), zlib.crc32(written, head.crc)
        ).pack(form)
        _write_all(descriptor, grown, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settled_head(descriptor: int, path: Path, form: Form) -> TailHead:
    """The header; read again if a writer was just at it."""
    for _ in range(_TRIES):
        try:
            return TailHead.unpack(os.pread(descriptor, HEADER_BYTES, 0), path, form)
        except MalformedError:
            time.sleep(_PAUSE_S)
    return TailHead.unpack(os.pread(descriptor, HEADER_BYTES, 0), path, form)


def _write_all(descriptor: int, content: bytes, at: int) -> None:
    """Write all of it, however often the system takes only a part."""
    left = memoryview(content)
    while left:
        done = os.pwrite(descriptor, left, at)
        left, at = left[done:], at + done
