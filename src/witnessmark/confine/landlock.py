"""Which files can be seen at all: the interpreter's own, and nothing of the desk's (Linux Landlock)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_SET_NO_NEW_PRIVILEGES = 38

_EXECUTE, _READ_FILE, _READ_FOLDER, _WRITE_FILE = 1, 1 << 2, 1 << 3, 1 << 1
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_RIGHTS = 0b11
_SCOPES = 0b11


def version() -> int:
    """The Landlock version of this kernel; 0 where it has none."""
    answer = _libc().syscall(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    return max(int(answer), 0)


def view(readable: Iterable[Path], runnable: Iterable[Path] = ()) -> int | None:
    """What shall stay in reach, as a descriptor: `readable` trees and `runnable` programs, for reading.

    None where the kernel has no Landlock.
    """
    abi = version()
    if abi == 0:
        return None
    rights = struct.pack("=QQQ", _FILE_RIGHTS[min(abi, 5)], _NETWORK_RIGHTS, _SCOPES)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = int(_libc().syscall(_CREATE, rights, ctypes.c_size_t(size), 0))
    if ruleset < 0:
        return None
    for path in readable:
        _allow(ruleset, path, _READ_FILE | (_READ_FOLDER if path.is_dir() else 0))
    for path in runnable:
        _allow(ruleset, path, _READ_FILE | _EXECUTE)
    _allow(ruleset, Path(os.devnull), _READ_FILE | _WRITE_FILE)
    return ruleset


def add(ruleset: int, shown: int) -> None:
    """Let the open file `shown` be opened again."""
    _rule(ruleset, shown, _READ_FILE)


def enter(ruleset: int) -> bool:
    """Leave only what the view holds in reach of this process, for good; False if the kernel refuses."""
    libc = _libc()
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    reached = bool(libc.syscall(_RESTRICT, ruleset, 0) == 0)
    os.close(ruleset)
    return reached


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        anchor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what does not exist needs no rule
    try:
        _rule(ruleset, anchor, rights)
    finally:
        os.close(anchor)


def _rule(ruleset: int, anchor: int, rights: int) -> None:
    beneath = struct.pack("=Qi", rights, anchor)
    _libc().syscall(_ADD_RULE, ruleset, 1, beneath, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
