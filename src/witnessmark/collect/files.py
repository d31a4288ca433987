"""Files and folders: everything that lies there, in the same order on every run.

Nothing is skipped without a word. Hidden files and the droppings of operating systems are taken
like any other file: what is noise is for a person to say. What cannot be taken (links, pipes,
sockets, devices) or could not be read is given as `Declined` with its reason.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from witnessmark.collect.names import written
from witnessmark.errors import RefusedError, UnavailableError
from witnessmark.model import Outcome
from witnessmark.ports import Capture, Declined, Lead

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_NOT_FILES = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a block device",
    stat.S_IFCHR: "a character device",
}
_CAREFULLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


def lead_to(path: Path) -> Lead:
    """The lead to a file or folder at hand; its source is the absolute path, links left as they are."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    return Lead(absolute, written(os.fsencode(absolute)))


class FileCollector:
    """Takes a file, or every file under a folder; `keep_out` names folders that it never enters.

    The case itself belongs into `keep_out`, so that a case inside the folder cannot be taken into itself.
    """

    name = "files"
    version = "1"

    def __init__(self, keep_out: tuple[Path, ...] = ()) -> None:
        self._keep_out = {_identity(os.stat(path)) for path in keep_out if path.exists()}  # noqa: PTH116

    def accepts(self, lead: Lead) -> bool:
        """Any lead: it always has a path."""
        return bool(lead.path)

    def collect(self, lead: Lead, quarantine: Path) -> Iterator[Capture | Declined]:  # noqa: ARG002
        """The captures of `lead`, each opened only when it is read; the path given may be a link."""
        try:
            status = lead.path.stat()
            is_kept_out = self._keeps_out(lead.path)
        except (OSError, ValueError) as error:
            yield Declined(lead.source, f"cannot be reached: {_why(error)}", Outcome.FAILED)
            return
        if is_kept_out:
            yield Declined(lead.source, "this is the case itself or a part of it")
        elif stat.S_ISDIR(status.st_mode):
            yield from self._walk(lead, status)
        else:
            yield _taken(lead, os.path.realpath(lead.path), lead.source, status)

    def _keeps_out(self, path: Path) -> bool:
        """Whether `path` is kept out, or lies in a folder that is."""
        real = Path(os.path.realpath(path))
        return any(_identity(above.stat()) in self._keep_out for above in (real, *real.parents))

    def _walk(self, lead: Lead, status: os.stat_result) -> Iterator[Capture | Declined]:
        top = os.path.realpath(lead.path)
        waiting = [_Listing.of(top, lead.source.rstrip("/"), status)]
        while waiting:
            listing = waiting[-1]
            if not listing.names:
                waiting.pop()
                if listing.problem:
                    yield Declined(listing.source, listing.problem, Outcome.FAILED)
                continue
            name = listing.names.pop()
            path, source = f"{listing.path}/{name}", listing.source_of(name)
            try:
                status = os.lstat(path)
            except OSError as error:
                yield Declined(source, f"was listed and cannot be reached: {_why(error)}", Outcome.FAILED)
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield _taken(lead, path, source, status, top)
            elif _identity(status) in self._keep_out:
                yield Declined(source, "this folder is the case itself")
            else:
                waiting.append(_Listing.of(path, source, status))


@dataclass(frozen=True, slots=True)
class _Listing:
    """The names of one folder that are still to come, the next one last."""

    path: str
    source: str
    names: list[str]
    problem: str | None = None

    @classmethod
    def of(cls, path: str, source: str, before: os.stat_result) -> _Listing:
        try:
            # O_NOFOLLOW: a folder that became a link since it was seen must not lead out of the tree
            folder = os.open(path, _CAREFULLY | os.O_DIRECTORY)
        except OSError as error:
            return cls(path, source, [], f"this folder cannot be opened: {_why(error)}")
        try:
            if _identity(os.fstat(folder)) != _identity(before):
                return cls(path, source, [], "this folder was exchanged for another while it was read")
            with os.scandir(folder) as entries:
                names = sorted((entry.name for entry in entries), key=os.fsencode, reverse=True)
        except OSError as error:
            return cls(path, source, [], f"this folder cannot be listed: {_why(error)}")
        finally:
            os.close(folder)
        return cls(path, source, names)

    def source_of(self, name: str) -> str:
        # written() looks at the border to the next name, so the slash belongs to the one before it
        return f"{self.source}/{written(os.fsencode(name) + b'/')[:-1]}"


def _taken(
    lead: Lead, path: str, source: str, status: os.stat_result, top: str | None = None
) -> Capture | Declined:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFLNK:
        return Declined(source, _link_reason(top or "/", path))
    if kind != stat.S_IFREG:
        return Declined(source, f"{_NOT_FILES.get(kind, 'something that is no file')} holds no bytes to keep")
    return Capture(
        open=partial(OpenedFile, path),
        source=source,
        method="read from the file system",
        source_url=lead.source_url,
        legal_basis=lead.legal_basis,
        note=lead.note,
        file_modified_at=_modified_at(status),
        declared=lead.declared,
        portable=True,
        size=status.st_size,
    )


class OpenedFile(io.FileIO):
    """A file read up to the size that it had when it was opened, so that a growing one has an end."""

    def __init__(self, path: str | Path) -> None:
        descriptor, self._status = _open_carefully(path)
        super().__init__(descriptor, "rb")
        self._left = self._status.st_size

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        try:
            content = super().read(wanted) or b""
        except OSError as error:
            raise UnavailableError(f"it cannot be read: {_why(error)}") from error
        self._left -= len(content)
        return content

    def readall(self) -> bytes:
        """All bytes that are left."""
        return b"".join(iter(partial(self.read, 1 << 20), b""))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` with the next bytes; how many there were."""
        if not self._left:
            return 0
        try:
            count = super().readinto(memoryview(buffer).cast("B")[: self._left]) or 0
        except OSError as error:
            raise UnavailableError(f"it cannot be read: {_why(error)}") from error
        self._left -= count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; the end is where it was when the file was opened."""
        if whence == os.SEEK_END:
            offset, whence = self._status.st_size + offset, os.SEEK_SET
        position = super().seek(offset, whence)
        self._left = max(0, self._status.st_size - position)
        return position

    def remark(self) -> str | None:
        """What happened to the file since it was opened, if anything did; ask before closing it."""
        before, now = self._status, os.fstat(self.fileno())
        if now.st_size > before.st_size:
            return (
                f"the file grew from {before.st_size} to {now.st_size} bytes while it was read;"
                f" the first {before.st_size} were taken"
            )
        if now.st_size < before.st_size:
            return f"the file shrank from {before.st_size} to {now.st_size} bytes while it was read"
        if now.st_mtime_ns != before.st_mtime_ns:
            return "the file was written to while it was read"
        return None


def _open_carefully(path: str | Path) -> tuple[int, os.stat_result]:
    """A file that no link led to, and what the file system says of it."""
    try:
        descriptor = os.open(path, _CAREFULLY)
    except FileNotFoundError as error:
        raise UnavailableError("it was there when its folder was listed and is gone now") from error
    except OSError as error:
        raise UnavailableError(f"it cannot be opened: {_why(error)}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise RefusedError("it was a file when its folder was listed and is none now")
    return descriptor, status


def _link_reason(top: str, link: str) -> str:
    # reasons stand in the log for good, so they name nobody's files: not even where the link leads
    inside = Path(os.path.realpath(link)).is_relative_to(top)
    fate = "its target lies in this folder and is taken under its own name" if inside else "it leads out"
    return f"a symbolic link is not followed; {fate}"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _modified_at(status: os.stat_result) -> datetime | None:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
