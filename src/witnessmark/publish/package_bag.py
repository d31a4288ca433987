"""Writing a bag: files hashed on their way in, and a folder that appears whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from witnessmark.errors import RefusedError, UnavailableError, UsageError, WitnessmarkError
from witnessmark.publish.package_layout import TAG_MANIFESTS, is_safe_name

CHUNK = 1 << 20


@dataclass(slots=True)
class BagWriter:
    """A bag in the making; it remembers the digests that its manifests will list."""

    root: Path
    payload: dict[str, str] = field(default_factory=dict)
    tags: dict[str, Mapping[str, str]] = field(default_factory=dict)
    octets: int = 0

    def put(self, path: str, content: bytes) -> str:
        """Write a small file; its SHA-256."""
        return self.pour(path, BytesIO(content))["sha256"]

    def pour(self, path: str, source: BinaryIO, also: tuple[str, ...] = ()) -> Mapping[str, str]:
        """Write whatever `source` gives; its size and its digests by every algorithm that is asked for."""
        if not is_safe_name(path):
            raise UsageError(
                f"{path!r} cannot be the name of a file in a package",
                advice="use letters, digits, dots, hyphens and underscores",
            )
        if path in self.payload or path in self.tags:
            raise UsageError(f"{path} would be written twice")
        is_payload = path.startswith("data/")
        algorithms = ("sha256", *also) if is_payload else tuple(TAG_MANIFESTS.values())
        size, digests = _pour(source, self.root / path, algorithms)
        if is_payload:
            self.payload[path] = digests["sha256"]
            self.octets += size
        else:
            self.tags[path] = digests
        return {**digests, "bytes": str(size)}

    def write_tag_manifests(self) -> None:
        """List every file outside `data/` in both tag manifests; nothing may be written after."""
        listed = dict(self.tags)
        for name, algorithm in TAG_MANIFESTS.items():
            lines = manifest({path: digests[algorithm] for path, digests in listed.items()})
            _pour(BytesIO(lines), self.root / name, ())


def manifest(digests: Mapping[str, str]) -> bytes:
    """A manifest as `sha256sum -c` reads it, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode("ascii")


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` that becomes it when all has gone well, and vanishes if not."""
    if os.path.lexists(target):
        raise UsageError(
            f"{target} exists already", advice="a package never overwrites anything; give a new name"
        )
    staging = target.with_name(f".{target.name}.partial")
    with explaining(target):
        lock = _claim(staging)
    try:
        with explaining(target):
            yield staging
            _sync_tree(staging)
            _move(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(lock)


@contextmanager
def explaining(target: Path) -> Iterator[None]:
    """Say what an operating system's error means to the person at the desk."""
    try:
        yield
    except OSError as error:
        raise _explained(error, target) from error


def require_room(target: Path, octets: int) -> None:
    """Refuse before anything is sealed if the package cannot fit on the disk."""
    with explaining(target):
        free = shutil.disk_usage(target.parent).free
    if free < octets:
        raise UnavailableError(
            f"the disk that holds {target.parent} has {free:,} bytes free; the package needs {octets:,}",
            advice="free some room or give another place; nothing was written",
        )


def _pour(source: BinaryIO, path: Path, algorithms: Iterable[str]) -> tuple[int, dict[str, str]]:
    hashers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with path.open("xb") as file:
        while chunk := source.read(CHUNK):
            file.write(chunk)
            size += len(chunk)
            for hasher in hashers.values():
                hasher.update(chunk)
    return size, {name: hasher.hexdigest() for name, hasher in hashers.items()}


def _claim(staging: Path) -> int:
    """The staging folder, empty and locked; what a dead process left in it is swept out."""
    staging.mkdir(exist_ok=True)
    lock = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in staging.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    except BlockingIOError as error:
        os.close(lock)
        raise RefusedError(
            f"another process is writing a package beside {staging}", advice="wait until it has ended"
        ) from error
    except BaseException:
        os.close(lock)
        raise
    return lock


def _sync_tree(root: Path) -> None:
    """Bring every file and folder past a power cut; a failed sync raises."""
    if _syncfs is not None:
        _sync(root, _flush_all)
        return
    for folder, _, files in os.walk(root, topdown=False):
        for path in (*(Path(folder, name) for name in files), Path(folder)):
            _sync(path, os.fsync)


def _sync(path: Path, flush: Callable[[int], object]) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def _find_syncfs() -> Callable[[int], object] | None:
    """One call for thousands of files, where the kernel has it and reports errors (Linux 5.8 and later)."""
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    if not sys.platform.startswith("linux") or release is None or tuple(map(int, release.groups())) < (5, 8):
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def _flush_all(descriptor: int) -> None:
    """Write out the whole file system that the folder lies on."""
    if _syncfs is not None and _syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


_syncfs = _find_syncfs()


def _move(staging: Path, target: Path) -> None:
    try:
        staging.rename(target)  # refused by the system itself if anything but an empty folder lies there
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{target} came to be while the package was written; it was left alone") from error
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise UsageError(f"{target} was filled while the package was written") from error
        raise
    _sync(target.parent, os.fsync)


def _explained(error: OSError, target: Path) -> WitnessmarkError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UnavailableError(
            f"the disk that holds {target.parent} is full",
            advice="free some room; no package was left behind",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR):
        return RefusedError(
            f"no package can be written to {target}: {error.strerror}",
            advice="check the folder and its permissions",
        )
    return UnavailableError(f"writing the package {target} failed: {error.strerror or error}")
