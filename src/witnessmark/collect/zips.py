"""Zip archives, read by their central directory; a damaged member does not keep the others back."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from witnessmark.collect.limits import CHUNK, Budget, Yielded, not_taken
from witnessmark.collect.names import written
from witnessmark.errors import MalformedError
from witnessmark.model import Outcome

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED = 0x1 | 0x40
_UTF_8 = 0x800
_LARGEST_DIRECTORY = 32 << 20
_WHOLE = 8 << 20
"""Up to this size a member is read once, into memory; a larger one is checked first and then streamed."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,
    MemoryError,
)


def members(untrusted: BinaryIO, budget: Budget) -> Iterator[Yielded]:
    """Each member of the zip archive in the order of its directory."""
    try:
        archive = zipfile.ZipFile(_Sparing(untrusted))
    except (*_DAMAGED, NotImplementedError) as error:
        raise MalformedError(f"this zip archive cannot be opened: {_said_of(error)}") from error
    with archive:
        entries = archive.infolist()
        shared = _overlapping(entries)
        for entry in entries[: budget.entries]:
            name = _raw_name(entry)
            if name.endswith(b"/") and not entry.file_size:
                continue
            reason = _objection(entry, name, budget, shared)
            if reason is None:
                yield _taken(archive, entry, name, budget)
            else:
                yield not_taken(name, reason)
    if len(entries) > budget.entries:
        rest = len(entries) - budget.entries
        yield not_taken("", f"{rest:,} members beyond the first {budget.entries:,} were not taken")


def _objection(entry: zipfile.ZipInfo, name: bytes, budget: Budget, shared: set[int]) -> str | None:
    if (entry.external_attr >> 28) == 0xA:
        return "a symbolic link is not followed"
    if entry.flag_bits & _ENCRYPTED:
        return "it is encrypted; a password is needed"
    if entry.header_offset in shared:
        return "it shares its bytes with another member, as no honest archive does"
    return budget.objection_to_size(entry.file_size, entry.compress_size) or budget.objection_to_name(name)


def _taken(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: bytes, budget: Budget) -> Yielded:
    try:
        if entry.file_size <= _WHOLE:
            content: bytes | Iterator[bytes] = b"".join(_chunks(archive, entry))
        else:
            for _ in _chunks(archive, entry):
                pass  # the first reading checks the sum, so that no damaged bytes are ever handed on
            content = _chunks(archive, entry)
    except NotImplementedError:
        way = _PACKED_BY.get(entry.compress_type, f"method {entry.compress_type}")
        return not_taken(name, f"it is packed by {way}, which cannot be unpacked here", Outcome.FAILED)
    except _DAMAGED as error:
        return not_taken(name, f"it is damaged: {_said_of(error)}", Outcome.FAILED)
    budget.spent += entry.file_size
    year, month, day, hour, minute, second = entry.date_time
    facts = {
        "name": written(name),
        "outcome": Outcome.DONE.value,
        # a zip archive keeps local time and does not say where
        "modified": f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}",
    }
    return facts, content


_PACKED_BY = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 97: "WavPack", 98: "PPMd"}
_SAID = (
    ("bad crc", "its bytes do not have the check sum that the archive gives"),
    ("file name in directory", "its own header gives another name than the archive's directory"),
    ("bad magic number", "its header is not where the archive's directory says"),
    ("not a zip file", "the directory at its end is missing or broken"),
    ("central directory", "the directory at its end is broken"),
    ("its directory is larger", "{}"),
    ("truncated", "it ends too early"),
    ("negative seek", "its directory points outside the file"),
    ("while decompressing", "its packed bytes are broken"),
    ("invalid data", "its packed bytes are broken"),
)


def _said_of(error: BaseException) -> str:
    """What zipfile and zlib complain of, in a person's words."""
    words = str(error)
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, MemoryError):
        return "it would take more memory than it may"
    told = next((told for key, told in _SAID if key in words.lower()), None)
    return told.format(words) if told else f"its structure is broken ({words[:120] or type(error).__name__})"


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as member:
        while chunk := member.read(CHUNK):
            yield chunk


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """The name as it stands in the archive; where its encoding is not declared it is not guessed."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8 else "cp437")


def _overlapping(entries: list[zipfile.ZipInfo]) -> set[int]:
    """Where members begin whose bytes belong to a neighbour too: the mark of a recursive bomb."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    shared: set[int] = set()
    reach, reacher = -1, -1
    for entry in ordered:
        if entry.header_offset < reach:
            shared |= {reacher, entry.header_offset}
        end = entry.header_offset + 30 + len(_raw_name(entry)) + entry.compress_size
        if end > reach:
            reach, reacher = end, entry.header_offset
    return shared


class _Sparing:
    """The untrusted stream, which refuses to give a central directory that would fill the memory."""

    def __init__(self, untrusted: BinaryIO) -> None:
        self._untrusted = untrusted
        self.seek, self.tell = untrusted.seek, untrusted.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._untrusted.read(min(size, _LARGEST_DIRECTORY + 1) if size >= 0 else size)
        if len(content) > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile(f"its directory is larger than {_LARGEST_DIRECTORY >> 20} MiB")
        return content
