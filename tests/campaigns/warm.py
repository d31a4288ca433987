"""Programs started out of a process that has loaded them already: a start costs a fork, not seconds.

A server imports the product once. For each run it forks a process which takes the place of a fresh
interpreter (`warm_start`), attaches strace to one of the run's processes before that does anything,
and lets it go. Nothing else is changed: the calls that reach the kernel are those of the program.

The server has no threads, takes in all orphans, and answers only when every process of a run is gone.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer.main
from tests.campaigns.judge import share_compiled_statements
from tests.campaigns.powercut import ROOT, make_sources
from tests.campaigns.warm_start import (
    HELPERS,
    MAIN,
    TRACKER,
    Order,
    Tracing,
    be_the_program,
    outlast,
    said_to,
    take_in_orphans,
    take_over_starts,
)

_WAIT_S = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Warm:
    """A server of its own, tied to one processor; `run` may be called by one thread at a time.

    Program and strace take turns, so that on two processors they only wait for each other.
    """

    def __init__(self, folder: Path, processor: int = 0) -> None:
        self._folder = folder
        self._helpers = tuple(HELPERS.values())
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.warm", str(processor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "WITNESSMARK_PERSON": "tester", "OPENBLAS_NUM_THREADS": "1"},
        )

    def run(
        self, program: str, words: Sequence[str], tracing: Tracing | None = None, *, learn: bool = False
    ) -> Ran:
        """One run of the module `program`; with `learn` the server loads for good what it loads."""
        stdin, stdout = self._server.stdin, self._server.stdout
        assert stdin is not None
        assert stdout is not None
        told = self._folder / "stdout", self._folder / "stderr"
        learnt = self._folder / "learnt"
        helpers = tuple(HELPERS.values()) if learn else self._helpers
        to_learn = str(learnt) if learn else None
        order = Order(program, tuple(words), str(told[0]), str(told[1]), to_learn, helpers, tracing)
        stdin.write(json.dumps(asdict(order)) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "fault" in answer:
            raise TimeoutError(f"{program} {words}: {answer['fault']}")
        if learn:
            self._helpers = tuple(json.loads(learnt.read_text())["helpers"])
        return Ran(answer["code"], *(path.read_text("utf-8", "replace") for path in told))

    @property
    def processes(self) -> tuple[str, ...]:
        """Those that the last learnt run had and strace can be attached to."""
        return MAIN, *(role for role in self._helpers if role != TRACKER)

    def close(self) -> None:
        """Send the server home."""
        self._server.communicate()


# --- the server


def serve() -> None:
    """Read orders from stdin and answer each on stdout; the forks leave through here with SystemExit."""
    orders, answers = os.fdopen(os.dup(0)), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[int(sys.argv[1]) % len(processors)]})
    take_in_orphans()
    signal.signal(signal.SIGALRM, _too_late)
    _load_everything()
    for line in iter(orders.readline, ""):
        said = json.loads(line)
        tracing = said["tracing"] and Tracing(said["tracing"]["process"], tuple(said["tracing"]["options"]))
        order = Order(**{**said, "words": tuple(said["words"]), "tracing": tracing})
        reader, writer = os.pipe()
        program = os.fork()
        if program == 0:
            for fd in (orders.fileno(), answers, reader):
                os.close(fd)
            be_the_program(order, writer)
        os.close(writer)
        answer = _attend(program, reader, order)
        os.write(answers, (json.dumps(answer) + "\n").encode())
        if order.learnt is not None:
            _load(json.loads(Path(order.learnt).read_text())["modules"])


def _load_everything() -> None:
    """Every module of the product, and the campaigns' driver."""
    package = importlib.import_module("witnessmark")
    for found in pkgutil.walk_packages(package.__path__, "witnessmark."):
        if ".migrations." in found.name:  # scripts that Alembic runs, no modules
            continue
        module = importlib.import_module(found.name)
        getattr(module, "warm", int)()  # what the keeper of the room would do for each task
    take_over_starts()
    command = functools.cache(typer.main.get_command)
    command(importlib.import_module("witnessmark.cli.app").app)
    typer.main.get_command = command
    _rehearse()


def _rehearse() -> None:
    """Let the driver go once over a case of its own, so that its statements are compiled already."""
    driver = importlib.import_module("tests.campaigns.driver")
    share_compiled_statements()
    with tempfile.TemporaryDirectory() as base, said_to(Path(os.devnull)):
        work, sources = Path(base, "work"), Path(base, "sources")
        work.mkdir()
        make_sources(sources, 2)
        for words in (["new"], ["take", str(sources / "a"), "--streams"], ["assess"], ["erase"], ["rebuild"]):
            _must(driver.main([words[0], str(work), *words[1:]]) == 0, f"the driver failed at {words[0]}")
    gc.collect()
    gc.freeze()


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        if name not in sys.modules:
            with suppress(ImportError):  # a name that only looks like a module's
                importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _attend(program: int, reader: int, order: Order) -> dict[str, Any]:
    """Attach strace, let the program go, and wait until nothing of it is left."""
    signal.alarm(_WAIT_S)
    strace = None
    try:
        with os.fdopen(reader) as stream:
            pids = {MAIN: program, **json.loads(stream.readline())}
        os.waitid(os.P_PID, program, os.WSTOPPED | os.WNOWAIT)
        if order.tracing is not None:
            strace = _attached(pids[order.tracing.process], order.tracing.options)
        os.kill(program, signal.SIGCONT)
        status = _ended(program)
        if strace is not None:
            strace.communicate()
            strace = None
        outlast()
        return {"code": os.waitstatus_to_exitcode(status)}
    except _TooLateError:
        return {"fault": f"did not end within {_WAIT_S} s"}
    finally:
        signal.alarm(0)
        if strace is not None:
            strace.kill()
            strace.communicate()
        for child in _children():
            os.kill(child, signal.SIGKILL)
        outlast()


def _attached(pid: int, options: Sequence[str]) -> subprocess.Popen[str]:
    command = ["strace", "-f", "-p", str(pid), *options]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert strace.stderr is not None
    said = strace.stderr.readline()
    _must("attached" in said, said)
    return strace


def _ended(pid: int) -> int:
    """The status with which a child ended."""
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return status


def _children() -> Iterator[int]:
    yield from map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


class _TooLateError(Exception):
    """A run took too long."""


def _too_late(*_: object) -> None:
    raise _TooLateError


def _must(holds: object, why: str) -> None:
    if not holds:
        raise RuntimeError(why)


if __name__ == "__main__":
    serve()
