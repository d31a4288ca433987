"""The keeper of the locked room: a small process that forks one locked child for each file.

It is started afresh (no memory of the desk's, no open files, no network), loads the code of a task once,
and from then on a visit costs a fork. It never looks at hostile bytes itself. When the house goes away,
so does the keeper; when a visitor of the house turns away, the keeper ends the child.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, BinaryIO

from witnessmark.confine import frames, lock, waiting
from witnessmark.confine.limits import Limits
from witnessmark.errors import MalformedError, RefusedError, UnavailableError, UsageError, WitnessmarkError

Task = Callable[[BinaryIO, Mapping[str, object]], Iterable[tuple[Mapping[str, object], Any]]]

FAMILIES: tuple[tuple[str, type[WitnessmarkError]], ...] = (
    ("unavailable", UnavailableError),
    ("refused", RefusedError),
    ("usage", UsageError),
    ("malformed", MalformedError),
)
OUT_OF_MEMORY = "ran out of memory"
_OWN = "witnessmark."


@dataclass(frozen=True, slots=True)
class Terms:
    """What every child keeps open for its lock, and which protections it must reach as the rehearsal did."""

    needed: tuple[int, ...]
    protections: frozenset[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """What the house hands over for one file: open descriptors, and what to do."""

    untrusted: int
    order: int
    output: int
    line: int

    def close(self) -> None:
        """Let go of the descriptors; the child has its own."""
        for fd in (self.untrusted, self.order, self.output):
            os.close(fd)


def keep(control_fd: int) -> None:
    """Serve the house on the socket `control_fd` until it hangs up."""
    control = socket.socket(fileno=control_fd)
    offline = lock.leave_the_network()
    needed = lock.prepare()
    reached = _rehearse()
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # from here on, words go out as frames only
    control.send(json.dumps([*offline, *reached]).encode())
    _Keeper(control, Terms(needed, frozenset(reached[1:]))).serve()


def _rehearse() -> tuple[str, ...]:
    """What the lock reaches on this machine, found out by a child that tries it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(lock.lock_in(Limits(), (), None)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return tuple(json.loads(answer))


class _Keeper:
    """The loop: new visits, children that ended, and visitors who turned away."""

    def __init__(self, control: socket.socket, terms: Terms) -> None:
        self._control = control
        self._terms = terms
        self._lines: dict[int, int] = {}
        self._beside = waiting.Waiters(terms.protections)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._bell, ringer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._bell, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the house hangs up.

        Visitors who turned away come first: a line that is reaped or opened after them may
        have the same number.
        """
        while True:
            ready = {key.fd for key, _ in self._selector.select()}
            for line in ready & set(self._lines.values()):
                self._turned_away(line)
            if self._bell in ready:
                os.read(self._bell, 4096)
                self._reap()
            if self._control.fileno() in ready and not self._receive():
                break
        for child in self._lines:
            _end(child)
        self._beside.close()

    def _receive(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 4)
        if not message:
            return False
        visit = Visit(*descriptors)
        order = _read_order(visit.order)
        with suppress(Exception):  # the child fails on it again, and says why
            _warm(str(order["task"]).partition(":")[0])
        gc.freeze()
        running = None
        if order["waiting"]:
            running = self._beside.begin(order["waiting"], visit.untrusted, Limits(**order["limits"]))
        try:
            child = os.fork()
        except OSError:  # no room for another process now: this visitor hears that nobody is there
            child = -1
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            waiting.here.running = running
            visit_locked(visit, self._terms)
        visit.close()
        self._beside.goes_with(child, running)
        if child == -1:
            os.close(visit.line)
            return True
        self._lines[child] = visit.line
        self._selector.register(visit.line, selectors.EVENT_READ)
        return True

    def _reap(self) -> None:
        """Tell each visitor how the child ended, and end whatever the child had started."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                child, status = ended
                if child not in self._lines:
                    self._beside.reaped(child, status)
                    continue
                _end(child)
                self._beside.end_of(child)
                line = self._lines.pop(child)
                with suppress(KeyError):
                    self._selector.unregister(line)
                with suppress(OSError):
                    os.write(line, status.to_bytes(4, "big"))
                os.close(line)

    def _turned_away(self, line: int) -> None:
        self._selector.unregister(line)
        child = next(child for child, its in self._lines.items() if its == line)
        _end(child)
        self._beside.end_of(child)


def _end(child: int) -> None:
    """End a child and all that it started (it leads a group as soon as it runs)."""
    for strike in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            strike(child, signal.SIGKILL)


def _read_order(fd: int) -> dict[str, Any]:
    order: dict[str, Any] = json.loads(os.pread(fd, os.fstat(fd).st_size, 0))
    return order


@cache
def _warm(module: str) -> None:
    """Load a module of ours before the fork, and call its `warm`, which does what is slow the first time."""
    if module.startswith(_OWN):
        getattr(importlib.import_module(module), "warm", int)()


def visit_locked(visit: Visit, terms: Terms) -> None:
    """Do the task in this process, locked; never returns."""
    try:
        os.setsid()
        _perform(visit, terms)
        frames.send_end(visit.output)
    except MemoryError:
        frames.send_failure(visit.output, "malformed", OUT_OF_MEMORY)
    except BaseException as error:  # noqa: BLE001 - whatever a decoder throws is a reason to report
        with suppress(BaseException):
            frames.send_failure(visit.output, *_reason(error))
    finally:
        os._exit(0)


def _perform(visit: Visit, terms: Terms) -> None:
    order = _read_order(visit.order)
    function = load(order["task"])
    running = waiting.here.running
    programs = tuple(order["programs"]) if running is None else ()
    limits = Limits(**order["limits"])
    beside = () if running is None else (running.answer, running.errors, running.ended)
    _close_all_but(visit.untrusted, visit.output, *terms.needed, *beside)
    if not terms.protections <= set(lock.lock_in(limits, programs, visit.untrusted)):
        raise UnavailableError("the room could not be locked as it was before")
    for fd in terms.needed if programs else ():
        os.close(fd)
    with os.fdopen(visit.untrusted, "rb") as stream:
        for facts, content in function(stream, order["parameters"]):
            frames.send_part(visit.output, facts, content)


def _close_all_but(*kept: int) -> None:
    edges = (2, *sorted(kept), 1 << 16)
    for lower, upper in pairwise(edges):
        os.closerange(lower + 1, upper)


def load(task: str) -> Task:
    """The function that `package.module:function` names."""
    module, _, name = task.partition(":")
    try:
        function: Task = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"there is no task {task}: {error}") from error
    return function


def _reason(error: BaseException) -> tuple[str, str]:
    for family, kind in FAMILIES:
        if isinstance(error, kind):
            return family, str(error)
    return "malformed", f"{type(error).__name__}: {error}"
