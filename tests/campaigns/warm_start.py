"""How a fork of a warm process becomes the program of a run, or a further interpreter that it starts.

A program of ours starts three kinds of interpreters: the keeper of the locked room, and, for the store's
second process, the server that it is forked from and the tracker of its semaphores. For each that it will
start, a fork waits beside it from the beginning; a second one of a kind starts as it always does.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import importlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path
from typing import Any, BinaryIO, cast

from witnessmark.confine import room

MAIN, ROOM, SECOND, TRACKER = "main", "room", "second", "tracker"
"""The program itself, the keeper of its locked room, the store's second process, and its tracker."""

HELPERS = {"confine.keeper": ROOM, "multiprocessing.forkserver": SECOND, "resource_tracker": TRACKER}
"""Which interpreter is which, by what stands in its code."""

_SUBREAPER = 36
_HIGH = 500
_RUN_UP = 64


@dataclass(frozen=True, slots=True)
class Tracing:
    """strace with these options over one process of a run."""

    process: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One run: what to start, where its words go, and which helpers shall wait beside it."""

    program: str
    words: tuple[str, ...]
    stdout: str
    stderr: str
    learnt: str | None
    helpers: tuple[str, ...]
    tracing: Tracing | None


def take_in_orphans() -> None:
    """From now on the orphans of this process's children are its own."""
    if ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("the kernel refused to make this process a reaper")


def outlast() -> None:
    """Wait for every child, the orphans among them."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


@contextmanager
def said_to(file: Path) -> Iterator[None]:
    """What this process says goes to `file`."""
    kept, target = os.dup(1), os.open(file, os.O_WRONLY | os.O_CREAT)
    os.dup2(target, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(target)


def be_the_program(order: Order, pids: int) -> None:
    """This process becomes the program, once somebody lets it go on; it ends as an interpreter does.

    The process numbers of its helpers are written to the descriptor `pids`.
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for fd, name in ((1, order.stdout), (2, order.stderr)):
        target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.dup2(target, fd)
        os.close(target)
    _waiting.update({role: Spare() for role in order.helpers})
    os.write(pids, (json.dumps({name: spare.pid for name, spare in _waiting.items()}) + "\n").encode())
    os.close(pids)
    os.kill(os.getpid(), signal.SIGSTOP)
    _run_up()
    module = importlib.import_module(order.program)
    sys.argv = [str(module.__file__), *order.words]
    sys.modules["__main__"] = module
    code = _code_of(module)
    if order.learnt is not None:
        helpers = [role for role in order.helpers if role not in _waiting]
        Path(order.learnt).write_text(json.dumps({"modules": list(sys.modules), "helpers": helpers}))
    _leave(code)


def _run_up() -> None:
    """Calls of the kinds that all threads make, so that those of the first have numbers of their own.

    strace counts by thread. In a fresh interpreter the imports have this effect.
    """
    for _ in range(_RUN_UP):
        fd = os.open(os.devnull, os.O_RDWR)
        os.read(fd, 1)
        os.write(fd, b".")
        Path(os.devnull).stat()
        os.close(fd)


def _code_of(module: types.ModuleType) -> int:
    try:
        code = module.main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
        return 1
    return code if isinstance(code, int) else 0


def _leave(code: int) -> None:
    """What an interpreter does at its end, as far as it reaches a file; its memory is not taken down."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


# --- the interpreters that it starts


class Spare:
    """A fork that waits to be another interpreter of this program."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _be_somebody(theirs)
        theirs.close()
        self._line = ours

    def become(self, code: str, words: Sequence[str], fds: dict[int, int], **surroundings: Any) -> int:
        """Let it run `code` with the descriptors `fds` (number there: number here); its process number."""
        order = {"code": code, "words": list(words), "fds": list(fds), **surroundings}
        socket.send_fds(self._line, [json.dumps(order).encode()], list(fds.values()))
        self._line.close()
        return self.pid


_waiting: dict[str, Spare] = {}


def _be_somebody(line: socket.socket) -> None:
    message, received, _, _ = socket.recv_fds(line, 1 << 16, 16)
    if not message:
        os._exit(0)  # nobody was needed
    order = json.loads(message)
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, _HIGH) for fd in received]
    os.closerange(3, _HIGH)
    for number, fd in zip(order["fds"], high, strict=True):
        os.dup2(fd, number)
        os.close(fd)
    if "environment" in order:
        os.setsid()
        os.chdir("/")
        os.environ.clear()
        os.environ.update(order["environment"])
    _waiting.clear()
    _run_up()  # its own children count from the beginning
    sys.argv = ["-c", *order["words"]]
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    with suppress(SystemExit):
        exec(order["code"], main.__dict__)  # noqa: S102 - as `python -c` would
    os._exit(0)


def _spawn(path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:
    """In place of `multiprocessing.util.spawnv_passfds`."""
    code, words = _told(args)
    spare = _waiting.pop(_role(code), None)
    if spare is None:
        return _spawn_afresh(path, args, passfds)
    return spare.become(code, words, {fd: fd for fd in passfds})


_spawn_afresh = util.spawnv_passfds


def _told(args: Sequence[Any]) -> tuple[str, list[str]]:
    words = [os.fsdecode(one) for one in args]
    at = words.index("-c")
    return words[at + 1], words[at + 2 :]


def _role(code: str) -> str:
    return next((role for module, role in HELPERS.items() if module in code), "")


def _start_keeper(control: int) -> subprocess.Popen[bytes]:
    """In place of `room._start`."""
    spare = _waiting.pop(ROOM, None)
    if spare is None:
        return _start_keeper_afresh(control)
    quiet = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    reader, writer = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    pid = spare.become(
        room._BEGIN,
        [json.dumps(sys.path), str(control)],
        {0: null, 1: null, 2: writer, control: control},
        environment=quiet,
    )
    os.close(null)
    os.close(writer)
    return cast("subprocess.Popen[bytes]", _Started(pid, os.fdopen(reader, "rb")))


@dataclass(frozen=True, slots=True)
class _Started:
    """What the room asks of `subprocess.Popen`, for a process that was already there."""

    pid: int
    stderr: BinaryIO

    def wait(self, timeout: float = math.inf) -> None:
        """Until the process has ended."""
        until = time.monotonic() + timeout
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("the keeper", timeout)
            time.sleep(0.0005)

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)


_start_keeper_afresh = room._start


def take_over_starts() -> None:
    """From now on programs of this process find their interpreters waiting."""
    util.spawnv_passfds = _spawn
    room._start = _start_keeper
