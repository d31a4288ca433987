"""The locked room, seen from the house: hand in a file and a task, carry out what was found.

Nothing that happens inside can end the house. A decoder that crashes, swells, hangs or talks nonsense
becomes a MalformedError with one sentence of reason, about that file alone.
"""

from __future__ import annotations

import io
import json
import os
import re
import selectors
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from witnessmark.confine import frames
from witnessmark.confine.limits import Limits, in_words
from witnessmark.errors import (
    MalformedError,
    RefusedError,
    UnavailableError,
    UsageError,
    WitnessmarkError,
)
from witnessmark.model import Facts
from witnessmark.ports import Part

_TASK = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_BEGIN = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from witnessmark.confine.keeper import keep; keep(int(sys.argv[2]))"
)
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_FAMILIES: dict[str, type[WitnessmarkError]] = {
    "unavailable": UnavailableError,
    "refused": RefusedError,
    "usage": UsageError,
}
_PIPE = 1 << 20
_SET_UP_S = 120
_REAPED_S = 30


class Room:
    """Runs tasks on hostile files (ports.LockedRoom); one room serves any number of threads.

    A task is addressed as `package.module:function`, lies under `witnessmark.`, takes the opened
    file and a table of plain parameters, and yields `(facts, bytes)` or `(facts, iterable of bytes)`.
    Three parameters are the room's own: `limits`, a table that sets `Limits` anew for this one visit,
    `programs`, the names of those that the task may start, and `waiting`, the words of a Perl program that
    can be loaded beforehand (see `waiting`), with which the task need not start anything.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._keeper: _Keeper | None = None

    def run(self, task: str, untrusted: Path, parameters: Mapping[str, object]) -> Iterator[Part]:
        """The parts that the task yields for the file; MalformedError with the reason if it came to grief."""
        if not _TASK.fullmatch(task) or not task.startswith("witnessmark."):
            raise UsageError(f"{task!r} is not a task of the form witnessmark.module:function")
        limits = self._limits
        wishes = dict(parameters)
        if "limits" in wishes:
            limits = limits.changed_by(wishes.pop("limits"))
        programs = wishes.pop("programs", ())
        wanted = {"task": task, "programs": programs, "waiting": wishes.pop("waiting", None)}
        order = _order({**wanted, "parameters": wishes}, limits)
        file = _open_regular(untrusted)
        try:
            visit = self._begin(order, file, limits)
        finally:
            os.close(file)
        return visit.parts()

    def protections(self) -> tuple[str, ...]:
        """What is in force in the room on this machine, for the custody log."""
        with self._lock:
            return self._awake().protections

    def close(self) -> None:
        """Send the keeper home; the next task starts a new one."""
        with self._lock:
            self._dismiss()

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, order: bytes, file: int, limits: Limits) -> _Visit:
        with ExitStack() as open_here:
            reader, writer = os.pipe()
            open_here.callback(os.close, writer)
            ours, theirs = socket.socketpair()
            open_here.callback(theirs.close)
            visit = _Visit(reader, ours, limits)
            paper = os.memfd_create("order")
            open_here.callback(os.close, paper)
            with os.fdopen(os.dup(paper), "wb") as stream:
                stream.write(order)
            try:
                self._hand_over([file, paper, writer, theirs.fileno()])
            except BaseException:
                visit.leave()
                raise
            return visit

    def _hand_over(self, descriptors: list[int]) -> None:
        with self._lock:
            try:
                self._awake().hand_over(descriptors)
            except OSError:  # the keeper was ended from outside: one new one is worth a try
                self._dismiss()
                self._awake().hand_over(descriptors)

    def _awake(self) -> _Keeper:
        if self._keeper is None or self._keeper.pid_of_house != os.getpid():
            self._keeper = _Keeper()
            self._farewell = weakref.finalize(self, self._keeper.end)
        return self._keeper

    def _dismiss(self) -> None:
        if self._keeper is not None:
            self._farewell()
            self._keeper = None


class _Keeper:
    """The keeper process and the line to it."""

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise UnavailableError("the locked room for hostile files needs Linux")
        self.pid_of_house = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start(theirs.fileno())
        self.protections = self._greeted()

    def _greeted(self) -> tuple[str, ...]:
        """What the keeper says when it is ready."""
        self._control.settimeout(_SET_UP_S)
        try:
            answer = self._control.recv(1 << 16)
        except TimeoutError:
            answer = b""
        self._control.settimeout(None)
        errors = self._process.stderr
        assert errors is not None  # noqa: S101 - it was asked for
        with errors:
            if answer:
                return tuple(json.loads(answer))
            self._process.kill()
            lines = errors.read().decode("utf-8", "replace").strip().split("\n")
        self.end()
        raise UnavailableError(f"the locked room for hostile files could not be set up: {lines[-1]}")

    def hand_over(self, descriptors: list[int]) -> None:
        """Give the keeper the descriptors of one visit."""
        socket.send_fds(self._control, [b"visit"], descriptors)

    def end(self) -> None:
        """Hang up; the keeper ends by itself, and its children with it."""
        self._control.close()
        if self.pid_of_house != os.getpid():
            return  # a fork of the house has no children here
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start(control: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter without the house's memory, open files or surroundings."""
    quiet = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    path = [str(Path(entry).resolve()) for entry in sys.path if entry]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-I", "-c", _BEGIN, json.dumps(path), str(control)],
        pass_fds=(control,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
        env={**quiet, **dict.fromkeys(_ONE_THREAD, "1")},
    )


def _order(wanted: dict[str, object], limits: Limits) -> bytes:
    try:
        return json.dumps({**wanted, "limits": asdict(limits)}).encode()
    except (TypeError, ValueError) as error:
        raise UsageError(f"the parameters of {wanted['task']} are not plain values: {error}") from error


def _open_regular(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise MalformedError(f"{path} is not a regular file")
    return file


class _Visit:
    """One file in the room: its frames as they come, its end, and its limits kept from outside."""

    def __init__(self, output: int, line: socket.socket, limits: Limits) -> None:
        self._output = output
        self._line = line
        self._limits = limits
        self._waited_s = 0.0
        self._came = 0
        self._left = False
        os.set_blocking(output, False)
        self._wait_for_output = selectors.DefaultSelector()
        self._wait_for_output.register(output, selectors.EVENT_READ)
        with suppress(OSError, AttributeError):
            _widen(output)

    def parts(self) -> Iterator[Part]:
        """The parts in their order; what the visitor did not read of one is passed over."""
        try:
            letter, length = self.frame()
            while letter == frames.FACTS:
                facts = Facts(frames.read_facts(self._facts(length)))
                content = _Content(self)
                yield Part(facts, cast("Any", io.BufferedReader(content, _PIPE)))
                letter, length = content.following()
            if letter != frames.END:
                raise MalformedError("the room gave no readable answer: its parts are out of order")
        except RecursionError as error:
            raise MalformedError("the room gave no readable answer: it is nested too deeply") from error
        finally:
            self.leave()

    def leave(self) -> None:
        """Turn away: whatever still runs for this visit is ended."""
        if not self._left:
            self._left = True
            self._wait_for_output.close()
            os.close(self._output)
            self._line.close()

    def __del__(self) -> None:
        self.leave()  # parts that nobody ever asked for

    def _facts(self, length: int) -> bytes:
        if length > self._limits.facts_bytes:
            raise MalformedError(f"gave a table of more than {in_words(self._limits.facts_bytes)}")
        return self.exactly(length)

    def frame(self) -> tuple[bytes, int]:
        """The next frame's letter and length; failures are raised here."""
        header = self.exactly(frames.HEADER)
        letter, length = header[:1], int.from_bytes(header[1:], "big")
        if letter == frames.FAILURE:
            raise self._failure(frames.read_facts(self._facts(length)))
        if letter == frames.BYTES:
            self._came += length
            if self._came > self._limits.output_bytes:
                raise MalformedError(f"holds more than {in_words(self._limits.output_bytes)}")
        return letter, length

    def exactly(self, length: int) -> bytes:
        """The next `length` bytes from the room."""
        pieces = bytearray()
        while len(pieces) < length:
            pieces += self.some(length - len(pieces))
        return bytes(pieces)

    def some(self, most: int) -> bytes:
        """At least one byte from the room, at most `most`."""
        while True:
            try:
                piece = os.read(self._output, min(most, _PIPE))
            except BlockingIOError:
                self._wait()
                continue
            except OSError as error:
                raise UnavailableError(
                    f"the answer of the locked room cannot be read: {error.strerror}"
                ) from error
            if not piece:
                raise self._death()
            return piece

    def _wait(self) -> None:
        before = time.monotonic()
        self._wait_for_output.select(self._limits.wall_s - self._waited_s)
        self._waited_s += time.monotonic() - before
        if self._waited_s >= self._limits.wall_s:
            raise MalformedError(f"took more than {self._limits.wall_s} s")

    def _failure(self, told: Mapping[str, object]) -> WitnessmarkError:
        reason = frames.harmless(str(told.get("reason", "")))
        if reason == "ran out of memory":
            reason = f"ran out of memory ({in_words(self._limits.memory_bytes)})"
        return _FAMILIES.get(str(told.get("family")), MalformedError)(reason or "failed without a reason")

    def _death(self) -> WitnessmarkError:
        """Why the room fell silent, by what the keeper says of the child's end."""
        self._line.settimeout(_REAPED_S)
        try:
            told = self._line.recv(4)
        except OSError:
            told = b""
        if len(told) < 4:
            return UnavailableError("the keeper of the locked room was ended from outside")
        status = int.from_bytes(told, "big")
        if not os.WIFSIGNALED(status):
            return MalformedError(f"ended without an answer (code {os.waitstatus_to_exitcode(status)})")
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return MalformedError(f"took more than {self._limits.cpu_s} s of processor time")
        if number == signal.SIGKILL:
            return MalformedError("was ended by the system (memory or time used up)")
        return MalformedError(f"the decoder crashed (signal {number})")


class _Content(io.RawIOBase):
    """The content of one part, as it comes out of the room."""

    def __init__(self, visit: _Visit) -> None:
        self._visit = visit
        self._left_in_frame = 0
        self._next: tuple[bytes, int] | None = None
        self._is_passed_over = False

    def readable(self) -> bool:
        """It can be read, once."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as bytes are there."""
        if self._is_passed_over:
            raise UsageError("a part has to be read before the next one is asked for")
        while self._left_in_frame == 0 and self._next is None:
            letter, length = self._visit.frame()
            if letter == frames.BYTES:
                self._left_in_frame = length
            else:
                self._next = (letter, length)
        if self._left_in_frame == 0:
            return 0
        piece = self._visit.some(min(len(buffer), self._left_in_frame))
        buffer[: len(piece)] = piece
        self._left_in_frame -= len(piece)
        return len(piece)

    def following(self) -> tuple[bytes, int]:
        """The frame after this content, which is passed over if nobody read it."""
        scratch, was_read = bytearray(_PIPE), True
        while self.readinto(scratch):
            was_read = False
        self._is_passed_over = not was_read
        return self._next or (frames.END, 0)


def _widen(output: int) -> None:
    import fcntl  # noqa: PLC0415 - not on every system

    fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, _PIPE)
