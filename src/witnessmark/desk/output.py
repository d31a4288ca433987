"""Output: what leaves the desk appears under its name whole or not at all, and overwrites nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from witnessmark.errors import RefusedError, UnavailableError, UsageError
from witnessmark.ports import case_around

LARGEST = 256 << 20
"""Bytes of a brief that is read again; none is nearly as large."""


def must_be_new(target: Path) -> None:
    """Pass if nothing lies at `target` yet, and something can; asked before any work is done for it.

    A case folder holds the case and nothing else: whatever is given out lies beside it.
    """
    if os.path.lexists(target):
        raise RefusedError(f"{target} exists already", advice="give a new name; nothing is ever overwritten")
    if target.parent.exists() and not target.parent.is_dir():
        raise RefusedError(f"{target.parent} is no folder", advice="give a place in a folder")
    case = case_around(target.resolve().parent)
    if case is not None:
        raise RefusedError(f"{target} lies in the case folder {case}", advice="give a place outside of it")


def read_file(path: Path) -> bytes:
    """The bytes of a file that we once wrote; UsageError if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files into a new folder; how many there were."""
    must_be_new(folder)
    count = 0
    with _beside(folder) as fresh:
        fresh.mkdir(parents=True)
        for name, content in files:
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            count += 1
    return count


def write_file(target: Path, source: BinaryIO) -> None:
    """Write everything that `source` gives to a new file."""
    must_be_new(target)
    with _beside(target) as fresh, fresh.open("xb") as copy:
        shutil.copyfileobj(source, copy)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A hidden name beside `target` that becomes it when all has gone well, and vanishes if not."""
    fresh = target.absolute().with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _remove(fresh)
        yield fresh
        must_be_new(target)
        fresh.rename(target)
    except OSError as error:
        raise UnavailableError(
            f"{target} cannot be written: {error.strerror or error}",
            advice="check the place, its room and its permissions; nothing was left there",
        ) from error
    finally:
        _remove(fresh)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
