"""The lock: everything that a process gives up before it looks at hostile bytes."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sys
from functools import cache
from pathlib import Path

from witnessmark.confine import landlock, seccomp
from witnessmark.confine.limits import Limits, in_words
from witnessmark.errors import UnavailableError

_PARENT_DEATH_SIGNAL, _DUMPABLE = 1, 4
_NEW_USER, _NEW_NETWORK, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000
_OPEN_FILES = 64

_PACKAGES = {"exiftool": "libimage-exiftool-perl", "fpcalc": "libchromaprint-tools"}
"""Where Debian and Ubuntu have a program from."""

FILTERED = "system calls filtered (seccomp)"
HIDDEN = "files hidden (Landlock)"
OFFLINE = "no network (namespace of its own)"


def leave_the_network() -> tuple[str, ...]:
    """Move this process to namespaces of its own, as far as the system allows; what was reached."""
    libc = ctypes.CDLL(None, use_errno=True)
    alone = _NEW_NETWORK | _NEW_IPC | _NEW_UTS
    if sys.platform == "linux" and (libc.unshare(_NEW_USER | alone) == 0 or libc.unshare(alone) == 0):
        return (OFFLINE,)
    return ()


def prepare() -> tuple[int, ...]:
    """Do once, before any fork, what each child would do again; the descriptors that children need for it."""
    seccomp.prepare()
    ruleset = _usual_view()
    return () if ruleset is None else (ruleset,)


def lock_in(limits: Limits, programs: tuple[str, ...], shown: int | None) -> tuple[str, ...]:
    """Close every way out of this process, for good; what is now in force.

    `programs` are those that it may start; `shown` is the open file that they may open again.
    """
    _die_with_the_keeper()
    _set_limits(limits, may_launch=bool(programs))
    in_force = [_limits_in_words(limits)]
    ruleset = view_for(programs, shown) if programs else _usual_view()
    if ruleset is not None and landlock.enter(ruleset):
        in_force.append(HIDDEN)
    if seccomp.filter_calls(may_launch=bool(programs)):
        in_force.append(FILTERED)
    return tuple(in_force)


@cache
def _usual_view() -> int | None:
    return landlock.view(_readable())


def view_for(programs: tuple[str, ...], shown: int | None) -> int | None:
    """A view of its own for one child, since it holds the child's file."""
    loaders = (*Path("/lib64").glob("ld-*"), *Path("/lib").glob("ld-*")) if programs else ()
    ruleset = landlock.view(_readable(), [path.resolve() for path in (*map(found, programs), *loaders)])
    if ruleset is not None and shown is not None:
        landlock.add(ruleset, shown)
    return ruleset


def _die_with_the_keeper() -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_DUMPABLE, 0, 0, 0, 0)


def _set_limits(limits: Limits, *, may_launch: bool) -> None:
    for kind, pair in rlimits(limits, may_launch=may_launch).items():
        resource.setrlimit(kind, pair)


def rlimits(limits: Limits, *, may_launch: bool) -> dict[int, tuple[int, int]]:
    """Soft and hard by kind: the limits that every system has, so that they are never left out."""
    wanted = {
        resource.RLIMIT_AS: (limits.memory_bytes, limits.memory_bytes),
        resource.RLIMIT_CPU: (limits.cpu_s, limits.cpu_s + 2),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
    }
    if not may_launch:
        wanted[resource.RLIMIT_NPROC] = (0, 0)
    for kind, (soft, hard) in wanted.items():
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            wanted[kind] = min(soft, ceiling), min(hard, ceiling)
    return wanted


def _limits_in_words(limits: Limits) -> str:
    return (
        f"limits: {in_words(limits.memory_bytes)} of memory, {limits.cpu_s} s of processor time, "
        f"no written files, {_OPEN_FILES} open files"
    )


def _readable() -> tuple[Path, ...]:
    """Where the interpreter, its packages and the system's libraries lie."""
    system = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/perl", "/dev/urandom")
    own = (sys.prefix, sys.base_prefix, *(entry for entry in sys.path if entry))
    return tuple(Path(name) for name in dict.fromkeys((*system, *own)))


def found(program: str) -> Path:
    """Where `program` is installed; UnavailableError if it is not."""
    place = shutil.which(program, path=os.defpath + ":/usr/local/bin")
    if place is None:
        hint = f"; apt install {_PACKAGES[program]}" if program in _PACKAGES else ""
        raise UnavailableError(f"{program} is not installed{hint}")
    return Path(place)
