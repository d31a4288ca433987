"""Waiting: a Perl program that is loaded once and looks at each file in a locked process of its own.

To start exiftool takes far longer than to let it read a picture. So the keeper starts it once; it compiles
itself and waits, before its first line, for files (`waiting.pm`). For each file it forks, and the fork locks
itself as `lock.lock_in` does for a task that may start nothing: no network, no files but the system's, no
further processes, the same limits. The task that asked reads its answer through a pipe and is itself
locked without any program. The process that waits never looks at a file.
"""

from __future__ import annotations

import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from witnessmark.confine import lock, seccomp
from witnessmark.confine.limits import Limits
from witnessmark.errors import MalformedError, UnavailableError

SURROUNDINGS = {"PATH": "/bin:/usr/bin:/usr/local/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
"""The whole environment of a program that looks at files."""

_LOADED_S, _FORKED_S = 60, 20
_LARGEST, _LAST_WORDS = 32 << 20, 1 << 12
_NOT_LOCKED = 125


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it said."""

    code: int
    answer: bytes
    errors: bytes


@dataclass(frozen=True, slots=True)
class Running:
    """A fork at work on one file: where its answer, its complaints, and the way that it ended come out."""

    pid: int
    answer: int
    errors: int
    ended: int

    def close(self) -> None:
        """Let go of the descriptors."""
        for fd in (self.answer, self.errors, self.ended):
            os.close(fd)


@dataclass(slots=True)
class _Here:
    """What runs for the visit that this process is; a process is one visit."""

    running: Running | None = None


here = _Here()


def run(words: Sequence[str], untrusted: int) -> Ran:
    """What a program says about the file on its standard input: the one that was waiting, or a new one."""
    if here.running is not None:
        return _outcome_of(here.running)
    ran = subprocess.run(  # noqa: S603 - fixed words, inside the locked room
        words, stdin=untrusted, capture_output=True, check=False, env=SURROUNDINGS
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def _outcome_of(running: Running) -> Ran:
    answer, errors = bytearray(), bytearray()
    still_open = {running.answer, running.errors}
    while still_open:
        for fd in select.select(still_open, [], [])[0]:
            piece = os.read(fd, 1 << 20)
            if not piece:
                still_open.remove(fd)
            elif fd == running.answer:
                answer += piece
            else:
                errors = (errors + piece)[-_LAST_WORDS:]
        if len(answer) > _LARGEST:
            raise MalformedError(f"the answer about it is larger than {_LARGEST >> 20} MiB")
    status = os.read(running.ended, 4)  # the keeper writes it when the fork has ended
    code = os.waitstatus_to_exitcode(int.from_bytes(status, "big")) if len(status) == 4 else -signal.SIGKILL
    if code == _NOT_LOCKED:
        raise UnavailableError("the program could not be locked as the room was before")
    return Ran(code, bytes(answer), bytes(errors))


class Waiting:
    """One Perl program that has been loaded and waits, seen from the keeper."""

    def __init__(self, program: Sequence[str], modules: Sequence[str], protections: frozenset[str]) -> None:
        """Start it; UnavailableError if it cannot be loaded to wait, here or at all."""
        numbers = seccomp.numbers_of_waiting()
        if not numbers:
            raise UnavailableError(f"no table of system calls for {platform.machine()}")
        script, perl = lock.found(program[0]), lock.found("perl")
        self._is_hidden = lock.HIDDEN in protections
        calls = seccomp.usual(may_launch=False) if lock.FILTERED in protections else b""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            told = (theirs.fileno(), int(self._is_hidden), calls.hex(), *numbers, *modules)
            door = f"-Mwaiting={','.join(map(str, told))}"
            self._process = subprocess.Popen(  # noqa: S603 - a program of the system, and our own words
                [perl, f"-I{Path(__file__).parent}", door, script, *program[1:]],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=SURROUNDINGS,
            )
        if self._number(_LOADED_S) is None:
            self.end()
            raise UnavailableError(f"{program[0]} cannot be loaded beforehand")

    def begin(self, untrusted: int, limits: Limits) -> tuple[Running, int] | None:
        """A fork at work on the file, and where to write how it ended; None if the program has gone."""
        answer, answering = os.pipe()
        errors, complaining = os.pipe()
        ended, ending = os.pipe()
        wanted = lock.rlimits(limits, may_launch=False)
        paper = b"".join(struct.pack("=LQQ", kind, *pair) for kind, pair in wanted.items())
        handed = [untrusted, answering, complaining]
        view = lock.view_for((), untrusted) if self._is_hidden else None
        if view is not None:
            handed.append(view)
        try:
            socket.send_fds(self._control, [paper], handed)
            pid = self._number(_FORKED_S)
        except OSError:
            pid = None
        for fd in handed[1:]:
            os.close(fd)
        running = Running(pid or 0, answer, errors, ended)
        if not pid:
            running.close()
            os.close(ending)
            return None
        return running, ending

    def end(self) -> None:
        """Send it away."""
        self._control.close()
        self._process.kill()
        with suppress(ChildProcessError):
            self._process.wait()

    def _number(self, patience_s: int) -> int | None:
        self._control.settimeout(patience_s)
        try:
            told = self._control.recv(4)
        except OSError:
            return None
        return int.from_bytes(told, sys.byteorder) if len(told) == 4 else None


class Waiters:
    """The programs that wait, each started when it is first asked for, and their forks at work."""

    def __init__(self, protections: frozenset[str]) -> None:
        self._protections = protections
        self._waiting: dict[tuple[str, ...], Waiting | None] = {}
        self._endings: dict[int, int] = {}
        self._beside: dict[int, int] = {}

    def begin(self, wish: Mapping[str, Sequence[str]], untrusted: int, limits: Limits) -> Running | None:
        """A fork at work on the file; None if the program cannot wait, and the task has to start it."""
        program = tuple(wish["program"])
        for _ in range(2):  # one that went away is worth a second try
            if program not in self._waiting:
                self._waiting[program] = self._loaded(program, wish.get("modules", ()))
            waiting = self._waiting[program]
            if waiting is None:
                return None
            begun = waiting.begin(untrusted, limits)
            if begun is not None:
                running, self._endings[running.pid] = begun
                return running
            waiting.end()
            del self._waiting[program]
        return None

    def goes_with(self, visit: int, running: Running | None) -> None:
        """The process `visit` reads what runs; the keeper itself lets go of it."""
        if running is not None:
            running.close()
            self._beside[visit] = running.pid
            if visit == -1:
                self.end_of(visit)

    def reaped(self, pid: int, status: int) -> None:
        """Tell whoever waits for the fork `pid` how it ended."""
        ending = self._endings.pop(pid, None)
        if ending is not None:  # else it was a program that waited: the next visit starts it again
            with suppress(OSError):
                os.write(ending, status.to_bytes(4, "big"))
            os.close(ending)

    def end_of(self, visit: int) -> None:
        """End the fork that worked for a visit, if it still runs."""
        pid = self._beside.pop(visit, None)
        if pid in self._endings:
            os.kill(pid, signal.SIGKILL)  # not reaped yet, so that the number is still its own

    def close(self) -> None:
        """End everything."""
        for pid in self._endings:
            os.kill(pid, signal.SIGKILL)
        for waiting in self._waiting.values():
            if waiting is not None:
                waiting.end()

    def _loaded(self, program: tuple[str, ...], modules: Sequence[str]) -> Waiting | None:
        try:
            return Waiting(program, modules, self._protections)
        except (UnavailableError, OSError):
            return None
