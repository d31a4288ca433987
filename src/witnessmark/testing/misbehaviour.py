"""A task that misbehaves in the locked room in every way that a decoder might, for tests of the room.

Each way tries something that hostile bytes could make a decoder do; the room has to survive all.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from witnessmark.confine import waiting
from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.model import Copy, Digest, Facts, Finding

Answer = Iterator[tuple[Mapping[str, object], bytes | Iterator[bytes]]]


def echo(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Answer:
    """Behave: give the file back, in one piece or (`pieces`) in several parts."""
    whole = untrusted.read()
    pieces = parameters.get("pieces", 1)
    assert isinstance(pieces, int)  # noqa: S101 - the test says it
    for number in range(pieces):
        yield {"number": number, "said": parameters.get("say", "")}, iter([whole, b"."])


def misbehave(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Answer:
    """Do what `how` names, and tell if it was possible."""
    yield {"possible": WAYS[str(parameters["how"])](untrusted, str(parameters.get("with", "")))}, b""


def flood(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Answer:
    """Give content without end."""
    del untrusted, parameters
    yield {}, iter(lambda: bytes(1 << 20), None)


def launch(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Answer:
    """Start a program."""
    del untrusted
    ran = subprocess.run([str(parameters["program"])], check=False, capture_output=True)  # noqa: S603 - a test
    yield {"code": ran.returncode}, ran.stdout


def ask(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Answer:
    """Ask a program about the file, the one that waits for it if there is one."""
    ran = waiting.run([str(parameters["program"])], untrusted.fileno())
    errors = ran.errors.decode("utf-8", "replace")
    yield {"code": ran.code, "errors": errors, "waited": waiting.here.running is not None}, ran.answer


def _swell(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    return str(len(bytearray(3 << 30)))


def _spin(untrusted: BinaryIO, _: str) -> str:
    while True:
        untrusted.tell()


def _sleep(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    time.sleep(600)
    return "slept"


def _crash(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    return str(ctypes.string_at(0))


def _leave(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    os._exit(7)


def _recurse(untrusted: BinaryIO, nest: str) -> str:
    return _recurse(untrusted, nest + "[")


def _throw(untrusted: BinaryIO, how: str) -> str:
    del untrusted
    kinds: tuple[type[BaseException], ...] = (
        *(MalformedError, RefusedError, UnavailableError, SystemExit, KeyboardInterrupt),
        *(ValueError, RuntimeError, KeyError, NotImplementedError, MemoryError, OSError),
    )
    raise next(kind for kind in kinds if kind.__name__ == how)("a \x1b[31mred\n\u202elie")


def _write_raw(untrusted: BinaryIO, content: str) -> str:
    for fd in range(3, 64):
        if fd != untrusted.fileno():
            try:
                os.write(fd, content.encode("latin-1"))
            except OSError:
                continue
    os._exit(0)


def _connect(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    with socket.create_connection(("127.0.0.1", 9), timeout=2):
        return "connected"


def _execute(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    os.execv(sys.executable, [sys.executable, "-c", "0"])  # noqa: S606 - a test


def _fork(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    return str(os.fork())


def _start_thread(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return "threads"


def _write_file(untrusted: BinaryIO, where: str) -> str:
    del untrusted
    return str(Path(where).write_text("x", encoding="utf-8"))


def _read_file(untrusted: BinaryIO, where: str) -> str:
    del untrusted
    return Path(where).read_text("utf-8")


def _change_the_evidence(untrusted: BinaryIO, _: str) -> str:
    os.fchmod(untrusted.fileno(), 0o777)
    return "changed"


def _kill(untrusted: BinaryIO, pid: str) -> str:
    del untrusted
    os.kill(int(pid), 0)
    return "signalled"


def _kill_thread(untrusted: BinaryIO, pid: str) -> str:
    del untrusted
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.tgkill(int(pid), int(pid), 0) != 0:
        raise OSError(ctypes.get_errno(), "tgkill")
    return "signalled"


def _abort(untrusted: BinaryIO, _: str) -> str:
    del untrusted
    os.abort()


def _raise_limits(untrusted: BinaryIO, _: str) -> str:
    import resource  # noqa: PLC0415 - not on every system

    del untrusted
    resource.setrlimit(resource.RLIMIT_CPU, (11, 12))
    return "raised"


def _look_around(untrusted: BinaryIO, _: str) -> str:
    """Every descriptor that is open here, and the surroundings."""
    live = []
    for fd in range(1024):
        try:
            os.fstat(fd)
        except OSError:
            continue
        live.append(fd)
    return f"{len(live)} {untrusted.fileno() in live} {sorted(os.environ)}"


WAYS: dict[str, Callable[[BinaryIO, str], str]] = {
    way.__name__.lstrip("_").replace("_", " "): way
    for way in (
        *(_swell, _spin, _sleep, _crash, _leave, _recurse, _throw, _write_raw, _connect, _execute, _fork),
        *(_start_thread, _write_file, _read_file, _change_the_evidence, _kill, _kill_thread, _abort),
        *(_raise_limits, _look_around),
    )
}


class Impostor:
    """An examiner that speaks about another object than the one it was given."""

    name = "impostor"
    version = "1"
    limits = "Everything that it says is about something else."

    def accepts(self, copy: Copy) -> bool:
        """Whatever it is."""
        return copy.size >= 0

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """A finding about bytes that nobody has."""
        del copy, untrusted
        yield Finding(Digest.of(b"another"), "impostor 1", "x", Facts(), self.limits)


class Silent(Impostor):
    """An examiner that looks and finds nothing."""

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """Nothing."""
        del copy, untrusted
        return ()


class Absent(Impostor):
    """An examiner whose tool is not installed."""

    name = "moody"

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """Never."""
        del copy, untrusted
        raise UnavailableError("its tool is not installed")


class Unwilling(Absent):
    """The same examiner, which declines by rule."""

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """Never."""
        del copy, untrusted
        raise RefusedError("files of this kind are not looked at")


class Present(Absent):
    """The same examiner with its tool."""

    version = "2"

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """How long the file is."""
        yield Finding(copy.digest, "moody 2", "length", Facts(bytes=len(untrusted.read())), self.limits)
