"""The objects folder: bytes under their own SHA-256, so that `sha256sum` checks the store without us.

Order of writes: stream to `tmp/` while hashing; sync the file; rename it to
`objects/ab/<digest>`; sync the folder. A batch replaces the single syncs by one `syncfs` after
the renames, where the kernel has it. After a failed sync nothing is tried again: what was
staged is dropped and the writer stops, since the kernel may have thrown the pages away.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from witnessmark.errors import (
    IntegrityError,
    MalformedError,
    NoRoomError,
    RefusedError,
    UnavailableError,
    WitnessmarkError,
)
from witnessmark.model import Digest, Outcome
from witnessmark.ports import Declined, Staged, Typing

_CHUNK = 1 << 20
_OBJECT_NAME = re.compile("[0-9a-f]{64}")
HEAD_BYTES = 4096
REPLACED = "what lay in the store under this digest could not be read as these bytes; they replaced it"
"""The remark of an acquisition that mended the store: without it nobody could tell that it was damaged."""
_LARGE = 16 << 20
"""From this size on it is asked first whether a file fits, and as much is left over for the log."""
_BATCH = 4
"""From this many files on, one syncfs is cheaper than a sync for each file and folder."""


class Objects:
    """Staging and keeping of bytes for one process; create with `open_objects`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._staging: Path | None = None
        self._lock = -1
        self._serial = 0
        self._shards: set[str] = set()
        self._buffer = bytearray(_CHUNK)
        self._stopped = False

    def stage(self, untrusted: BinaryIO, typed: Typing) -> Staged:
        """Write everything that `untrusted` gives to the staging area, hashing it on the way."""
        self._must_go_on()
        name = self._next_staging_name()
        try:
            self._must_fit(untrusted)
            target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
            try:
                return self._copy(untrusted, target, name, typed)
            finally:
                os.close(target)  # a disk may report only now that it could not write
        except OSError as error:
            _drop(name)
            raise _explained(error, self.root) from error
        except BaseException:
            _drop(name)
            raise

    def keep(self, staged: Sequence[Staged]) -> None:
        """Make `staged` durable under their digests; on return they survive a power cut."""
        self._must_go_on()
        try:
            if len(staged) >= _BATCH and _syncfs is not None:
                self._keep_batch(staged)
            else:
                self._keep_singly(staged)
        except OSError as error:
            self._stopped = True
            self.discard(staged)
            raise _explained(error, self.root) from error

    def discard(self, staged: Iterable[Staged]) -> None:
        """Drop staged bytes."""
        for one in staged:
            _drop(one.path)

    def path_of(self, digest: Digest) -> Path:
        """Where the bytes named `digest` lie, if they do."""
        return Path(self._name_of(digest))

    def has(self, digest: Digest) -> bool:
        """Whether a file lies under the name `digest`."""
        return self.path_of(digest).is_file()

    def open(self, digest: Digest) -> BufferedReader:
        """The bytes named `digest`, all of them checked first."""
        path = self.path_of(digest)
        try:
            stream = path.open("rb")
        except FileNotFoundError as error:
            raise IntegrityError(f"the object {digest.hex} is missing from {path.parent}") from error
        try:
            _check(stream, digest, path)
            stream.seek(0)
        except BaseException:
            stream.close()
            raise
        return stream

    @contextmanager
    def checked(self, digest: Digest) -> Iterator[Path]:
        """Where to read the bytes named `digest` meanwhile, all of them checked first.

        It names the opened file, so that whatever is put in its place afterwards is not read. What is
        written into the file itself while it is read is noticed on leaving.
        """
        path = self.path_of(digest)
        with self.open(digest) as stream:
            before = os.fstat(stream.fileno())
            held = Path(f"/proc/self/fd/{stream.fileno()}")
            try:
                yield held if held.exists() else path
            finally:
                _check_untouched(stream, digest, path, before)

    def names(self) -> Iterator[Digest]:
        """The digest of every object that lies here."""
        for shard in sorted(os.scandir(self._objects), key=lambda entry: entry.name):
            if shard.is_dir(follow_symlinks=False):
                for entry in sorted(os.scandir(shard), key=lambda entry: entry.name):
                    if _OBJECT_NAME.fullmatch(entry.name):
                        yield Digest.from_hex(entry.name)

    def remove(self, digest: Digest) -> None:
        """Destroy the bytes named `digest` (an erasure that is already on record)."""
        path = self.path_of(digest)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def close(self) -> None:
        """Leave the staging area."""
        if self._staging is not None:
            shutil.rmtree(self._staging, ignore_errors=True)
            os.close(self._lock)
            self._staging, self._lock = None, -1

    def _must_fit(self, untrusted: BinaryIO) -> None:
        """Pass unless a large file cannot fit: the disk is not filled up in vain while others are written."""
        try:
            size = os.fstat(untrusted.fileno()).st_size
        except (AttributeError, OSError):  # no file
            return
        if size >= _LARGE:
            room = os.statvfs(self.root)
            if size + _LARGE > room.f_bavail * room.f_frsize:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _copy(self, untrusted: BinaryIO, target: int, name: str, typed: Typing) -> Staged:
        hasher, size, head = hashlib.sha256(), 0, b""
        view = memoryview(self._buffer)
        while count := _read(untrusted, self._buffer):
            chunk = view[:count]
            if not size:
                head = bytes(chunk[:HEAD_BYTES])
            hasher.update(chunk)
            while chunk:
                chunk = chunk[os.write(target, chunk) :]
            size += count
        digest = Digest.from_hex(hasher.hexdigest())
        remarks = (getattr(untrusted, "remark", _silent)(), self._rot_under(digest))
        return Staged(name, digest, size, typed(head), "; ".join(filter(None, remarks)) or None)

    def _rot_under(self, digest: Digest) -> str | None:
        """What is to be said of the bytes that lie here under `digest` already: they will be replaced."""
        try:
            with open(self._name_of(digest), "rb") as stream:  # noqa: PTH123 - the hot path
                _check(stream, digest, self.path_of(digest))
        except FileNotFoundError:
            return None
        except (IntegrityError, OSError):
            return REPLACED
        return None

    def _keep_batch(self, staged: Sequence[Staged]) -> None:
        with self._keeping(fcntl.LOCK_EX) as root:  # nobody else may keep the same bytes meanwhile
            if any(os.path.exists(self._name_of(one.digest)) for one in staged):  # noqa: PTH110 - the hot path
                _sync_all(root)  # bytes that others rely on are replaced by durable ones only
            for one in staged:
                self._make_shard(one.digest)
                os.replace(one.path, self._name_of(one.digest))  # noqa: PTH105 - the hot path
            _sync_all(root)

    def _keep_singly(self, staged: Sequence[Staged]) -> None:
        for one in staged:
            _sync_file(one.path)
        with self._keeping(fcntl.LOCK_SH):  # a batch that looked for these names must see them, or come first
            for one in staged:
                is_new = self._make_shard(one.digest)
                Path(one.path).replace(self.path_of(one.digest))
                sync_folder(self.path_of(one.digest).parent)
                if is_new:
                    sync_folder(self._objects)

    @contextmanager
    def _keeping(self, lock: int) -> Iterator[int]:
        """The case folder, locked: batches shut out everybody, single files only batches."""
        root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(root, lock)
            yield root
        finally:
            os.close(root)

    def _name_of(self, digest: Digest) -> str:
        return f"{self._objects}/{digest[7:9]}/{digest[7:]}"

    def _make_shard(self, digest: Digest) -> bool:
        """Whether the shard folder of `digest` may be new, and so not yet durable in its parent."""
        shard = digest.hex[:2]
        if shard in self._shards:
            return False
        self.path_of(digest).parent.mkdir(exist_ok=True)
        self._shards.add(shard)
        return True

    def _next_staging_name(self) -> str:
        if self._staging is None:
            try:
                self._staging, self._lock = _new_staging(self.root / "tmp")
            except OSError as error:
                raise _explained(error, self.root / "tmp") from error
        self._serial += 1
        return f"{self._staging}/{self._serial}"

    def _must_go_on(self) -> None:
        if self._stopped:
            raise UnavailableError(
                f"writing to {self.root} was stopped because the disk reported a fault",
                advice="check the disk and start again; nothing unconfirmed was acknowledged",
            )


def stage_capture(
    objects: Objects, source: str, opener: Callable[[], BinaryIO], typed: Typing
) -> Staged | Declined:
    """What became of one source on its way in; only a fault of our own disk is raised."""
    try:
        untrusted = opener()
    except RefusedError as error:
        return Declined(source, str(error))
    except WitnessmarkError as error:
        return Declined(source, str(error), Outcome.FAILED)
    except OSError as error:
        return Declined(source, f"it cannot be opened: {error.strerror or error}", Outcome.FAILED)
    with untrusted:
        try:
            return objects.stage(untrusted, typed)
        except MalformedError as error:
            return Declined(source, str(error), Outcome.FAILED)


def stage_what_fits(
    objects: Objects, source: str, opener: Callable[[], BinaryIO], typed: Typing
) -> Staged | Declined:
    """As `stage_capture`; what does not fit on the disk has failed by itself, and the rest goes on."""
    try:
        return stage_capture(objects, source, opener, typed)
    except NoRoomError as error:
        return Declined(source, str(error), Outcome.FAILED, lacks_room=True)


def open_objects(root: Path, *, create: bool = False) -> Objects:
    """The objects folder of the case at `root`; leftovers of dead processes are swept out."""
    if create:
        for name in ("objects", "tmp"):
            (root / name).mkdir()
        sync_folder(root)
    _sweep(root / "tmp")
    return Objects(root)


def _new_staging(tmp: Path) -> tuple[Path, int]:
    """A staging folder of this process's own, and the lock that says it is in use."""
    while True:
        folder = tmp / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists():  # another process may have swept it between the two lines above
            return folder, lock
        os.close(lock)


def _sweep(tmp: Path) -> None:
    """Remove staging folders whose process has gone."""
    with suppress(OSError):
        for folder in list(tmp.iterdir()):
            with suppress(OSError):
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)


def _check(stream: BufferedReader, digest: Digest, path: Path) -> None:
    if hashlib.file_digest(stream, "sha256").hexdigest() != digest.hex:
        raise IntegrityError(f"the object {path} has changed: its SHA-256 is no longer its name")


def _check_untouched(stream: BufferedReader, digest: Digest, path: Path, before: os.stat_result) -> None:
    """IntegrityError if bytes were written into an opened object meanwhile; whoever kept it never does."""
    now = os.fstat(stream.fileno())
    if (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
        raise IntegrityError(f"the object {path} was written to while it was read")
    if now.st_ctime_ns != before.st_ctime_ns:  # renamed, unlinked, or its times were set back
        stream.seek(0)
        _check(stream, digest, path)


def _read(untrusted: BinaryIO, buffer: bytearray) -> int:
    """How many bytes came; MalformedError if the source, not our own disk, is at fault."""
    try:
        return untrusted.readinto(buffer) or 0  # type: ignore[attr-defined]
    except OSError as error:
        raise MalformedError(f"it cannot be read: {error.strerror or error}") from error
    except UnavailableError as error:
        raise MalformedError(str(error)) from error


def _silent() -> None:
    return None


def _drop(name: str) -> None:
    with suppress(OSError):
        Path(name).unlink(missing_ok=True)


def _sync_all(descriptor: int) -> None:
    """Sync the whole file system that `descriptor` lies on."""
    if _syncfs is None or _syncfs(descriptor) != 0:
        raise OSError(ctypes.get_errno(), "syncfs failed")


def _sync_file(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, path: Path) -> WitnessmarkError:
    """What an operating system's error means to the person at the desk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoomError("the disk that holds the case is full")
    if error.errno == errno.EFBIG:
        return NoRoomError("it is too large for the disk that holds the case")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return RefusedError(
            f"{path} cannot be written: {error.strerror}", advice="check the disk's mount and its permissions"
        )
    if error.errno == errno.EIO:
        return UnavailableError(
            f"the disk that holds {path.parent} reported a fault",
            advice="check the disk; nothing unconfirmed was acknowledged",
        )
    return UnavailableError(f"{path} cannot be written: {error.strerror or error}")


def _find_syncfs() -> Any:
    """The kernel's syncfs, which reports errors since Linux 5.8."""
    if not sys.platform.startswith("linux"):
        return None
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2] if part.isdigit())
    if release < (5, 8):
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


_syncfs = _find_syncfs()
