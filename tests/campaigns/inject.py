"""The injection campaign: every file system call of a command fails once, and the case must bear it.

    python -m tests.campaigns.inject [--program NAME] [--sample N] [--jobs N]

A first run under strace counts the calls that touch the case or its keys, in each process of the
command: the program itself, the keeper of its locked room with every visit, the store's second process.
Then the command is run again from the same beginning for each of them, and that call fails with EIO,
with ENOSPC, or kills the process. After each run: the case is sound (`judge`), what was acknowledged is
there, the exit code is not 0 if anything is missing, a failure is told in a sentence, and the same
command, run again, ends well. That is known where no byte differs from the beginning, and taken as
known where names, modes and sizes of all files are those after an earlier fault. Calls are counted by
thread, as strace does, so one run may break several threads of a process; how a failure is told is
judged only where nothing but the case was hit.

Programs are started warm (`warm`); `--cold` shows that they make the same calls as fresh interpreters.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue

from tests.campaigns.judge import Promises, read
from tests.campaigns.powercut import MEMORY, ROOT, WORD, make_sources
from tests.campaigns.warm import Ran, Warm
from tests.campaigns.warm_start import Tracing

CALLS = (
    "openat,mkdir,rename,renameat,renameat2,link,unlink,unlinkat,rmdir,read,pread64,write,pwrite64,"
    "ftruncate,fallocate,fsync,fdatasync,syncfs,close,flock,getdents64,newfstatat"
)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
_TRIES = 4
_CALL = re.compile(r"(\d+) +(\w+)\((.*)")


@dataclass(frozen=True, slots=True)
class Program:
    """A command, what has to be done before it, and over how many files in each source."""

    name: str
    command: str
    before: tuple[str, ...] = ("driver new {work}", "driver take {work} {sources}/a --streams")
    again: str | None = None
    files: int = 4


_DESK = "--case {work}/case --keys {work}/keys --json"
_NEW = "witnessmark new {work}/case --name Exercise --origin desk.example/exercise --keys {work}/keys --json"
PROGRAMS = (
    Program("streams, one by one", "driver take {work} {sources}/b --streams --batch 1"),
    Program("files, in batches", "driver take {work} {sources}/b --batch 5"),
    Program("erase in the store", "driver erase {work}"),
    Program(
        "take", f"witnessmark take {{sources}}/b {_DESK}", (_NEW, f"witnessmark take {{sources}}/a {_DESK}")
    ),
    Program(
        "assess",
        f"witnessmark assess --from {{sources}}/word.jsonl {_DESK}",
        (_NEW, f"witnessmark take {{sources}}/a {_DESK}"),
        files=2,
    ),
    Program(
        "erase",
        f"witnessmark erase E00001 --reason asked {_DESK}",
        (_NEW, f"witnessmark take {{sources}}/a {_DESK}"),
        files=2,
    ),
    Program(
        "package",
        f"witnessmark package {{work}}/package {_DESK}",
        (_NEW, f"witnessmark take {{sources}}/a {_DESK}"),
        again=f"witnessmark package {{work}}/package-again {_DESK}",
        files=2,
    ),
)


@dataclass(frozen=True, slots=True)
class Point:
    """The `number`th call of a kind in a thread of one process of the command, and how it fails."""

    process: str
    call: str
    number: int
    fault: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one run with a fault in it; `wrong` is empty if the case bore it.

    `is_hit` is false if another call than one on the case was the `number`th this time.
    """

    point: Point
    exit_code: int
    wrong: tuple[str, ...]
    is_hit: bool = True


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where one job works: a server for warm starts, and a folder that is the same for every run."""

    warm: Warm
    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"


class Campaign:
    """One program, from one prepared beginning, under `base`; to be closed."""

    def __init__(self, program: Program, base: Path, *, jobs: int = 1) -> None:
        self.program = program
        self.base = base
        self._begin = base / "begin"
        self._sources = base / "sources"
        self._seats: Queue[_Seat] = Queue()
        self._went_on: set[int] = set()
        self._all = [self._seat(number) for number in range(jobs)]
        make_sources(self._sources, program.files)
        (self._sources / "word.jsonl").write_text(WORD)
        try:
            self._before = self._prepare(self._all[0])
            self.points, self._usual = self._dry_run(self._all[0])
            for seat in self._all:
                if seat is not self._all[0]:
                    self._begin_again(seat)
                    self._ran_well(seat, program.command, learn=True)
                self._seats.put(seat)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Campaign:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Send the servers home."""
        for seat in self._all:
            seat.warm.close()

    def run(self, point: Point) -> Result:
        """What comes of the program when `point` fails.

        How often a pipe is asked depends on the moment, so that the number may be that of another call
        this time; then it is tried again. So is what hung, since it may have been the machine.
        """
        seat = self._seats.get()
        result = hung = Result(point, -1, ("it hung",), is_hit=False)
        try:
            for _ in range(_TRIES):
                with suppress(TimeoutError):
                    result = self._run_with(point, seat)
                if result is not hung and (result.is_hit or result.wrong):
                    break
            return replace(hung, wrong=()) if result is hung and _leaves_a_lock(point) else result
        finally:
            self._seats.put(seat)

    def cold_calls(self) -> list[tuple[str, ...]]:
        """What a fresh interpreter and its children ask of the case: the calls of each thread."""
        seat, log = self._all[0], self.base / "cold-trace"
        self._begin_again(seat)
        strace = ["strace", "-f", "--seccomp-bpf", "-y", "-o", str(log), "-e", f"trace={CALLS}"]
        module, words = self._words(self.program.command, seat)
        environment = {**os.environ, "WITNESSMARK_PERSON": "tester"}
        subprocess.run(
            [*strace, sys.executable, "-m", module.removesuffix(".__main__"), *words],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=environment,
        )
        return _by_thread(log, seat.work)

    def warm_calls(self) -> list[tuple[str, ...]]:
        """The same of a warm start."""
        seat = self._all[0]
        return sorted(calls for process in seat.warm.processes for calls in self._traced(seat, process)[1])

    def _run_with(self, point: Point, seat: _Seat) -> Result:
        self._begin_again(seat)
        log = seat.folder / "trace"
        fault = f"inject={point.call}:{point.fault}:when={point.number}"
        options = ("-y", "-o", str(log), "-e", f"trace={point.call}", "-e", fault)
        ran = self._run(seat, self.program.command, Tracing(point.process, options))
        hits = _hits(log, point.number, str(seat.work))
        wrong = list(self._wrong(seat, ran, self._before.hear(ran.stdout)))
        if "Traceback" in ran.stderr and all(hits):
            wrong.append(f"told no sentence: {ran.stderr.strip().splitlines()[-1][:160]}")
        return Result(point, ran.returncode, tuple(wrong), any(hits))

    def _wrong(self, seat: _Seat, ran: Ran, promises: Promises) -> Iterator[str]:
        if ran.returncode == 0 and promises.count() < self._usual:
            yield "ended with 0 though something was not acknowledged"
        if promises == self._before and _content(seat.work) == self._content:
            return  # as it was at the beginning, where reading and running are known to go well
        shape = _shape(seat.work)
        yield from (f"then {fault}" for fault in read(seat.work, promises)[0])
        if shape in self._went_on:
            return
        again = self._run(seat, self.program.again or self.program.command)
        if again.returncode:
            yield f"could not be run again: {again.stderr.strip()[-200:]}"
        after = read(seat.work, promises.hear(again.stdout))[0]
        yield from (f"after another run {fault}" for fault in after)
        if not again.returncode and not after:
            self._went_on.add(shape)

    def _prepare(self, seat: _Seat) -> Promises:
        """Do what has to be done before the program, and keep how the case stands then."""
        promises = Promises()
        seat.work.mkdir()
        for command in self.program.before:
            promises = promises.hear(self._ran_well(seat, command).stdout)
        shutil.copytree(seat.work, self._begin)
        self._content = _content(self._begin)
        if faults := read(seat.work, promises)[0]:
            raise RuntimeError(f"{self.program.name} begins with a case that is not sound: {faults}")
        return promises

    def _dry_run(self, seat: _Seat) -> tuple[list[Point], int]:
        """Every point that touches the case, and how many promises a run without faults makes."""
        self._begin_again(seat)
        usual = self._before.hear(self._ran_well(seat, self.program.command, learn=True).stdout).count()
        points: list[Point] = []
        for process in seat.warm.processes:
            places, _ = self._traced(seat, process)
            points += [Point(process, *place, fault) for place in places for fault in FAULTS]
        return points, usual

    def _traced(self, seat: _Seat, process: str) -> tuple[list[tuple[str, int]], list[tuple[str, ...]]]:
        """Which calls of `process` touch the case, each by kind and number; and what they are, by thread."""
        self._begin_again(seat)
        log = seat.folder / "trace"
        tracing = Tracing(process, ("-y", "-o", str(log), "-e", f"trace={CALLS}"))
        self._ran_well(seat, self.program.command, tracing)
        places = [(name, number) for _, name, number, _ in _calls(log, str(seat.work))]
        return list(dict.fromkeys(places)), _by_thread(log, seat.work)

    def _ran_well(
        self, seat: _Seat, command: str, tracing: Tracing | None = None, *, learn: bool = False
    ) -> Ran:
        ran = self._run(seat, command, tracing, learn=learn)
        if ran.returncode:
            raise RuntimeError(f"{command} ended with {ran.returncode}: {ran.stderr}")
        return ran

    def _run(self, seat: _Seat, command: str, tracing: Tracing | None = None, *, learn: bool = False) -> Ran:
        module, words = self._words(command, seat)
        return seat.warm.run(module, words, tracing, learn=learn)

    def _words(self, command: str, seat: _Seat) -> tuple[str, list[str]]:
        program, *words = command.format(work=seat.work, sources=self._sources).split()
        return _MODULES[program], words

    def _begin_again(self, seat: _Seat) -> None:
        shutil.rmtree(seat.work, ignore_errors=True)
        shutil.copytree(self._begin, seat.work)

    def _seat(self, number: int) -> _Seat:
        folder = self.base / f"seat-{number}"
        folder.mkdir()
        return _Seat(Warm(folder, number), folder)


_MODULES = {"driver": "tests.campaigns.driver", "witnessmark": "witnessmark.__main__"}


def _leaves_a_lock(point: Point) -> bool:
    """A close that strace lets fail is never made, as on no real kernel: a lock may stay held for ever."""
    return point.call == "close" and point.fault.startswith("error")


def _content(work: Path) -> dict[str, tuple[int, bytes | None]]:
    """Mode and content of everything in a folder."""
    return {
        str(path.relative_to(work)): (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in sorted(work.rglob("*"))
    }


def _shape(work: Path) -> int:
    """A number for what lies in a folder: names without what chance named, modes and sizes."""
    lines = (
        (_BY_CHANCE.sub("…", f"/{path.relative_to(work)}"), path.stat().st_mode, path.stat().st_size)
        for path in work.rglob("*")
    )
    return hash(tuple(sorted(lines)))


def _calls(log: Path, root: str) -> Iterator[tuple[str, str, int, str]]:
    """Thread, kind, number and arguments of each call below `root`."""
    counts: Counter[tuple[str, str]] = Counter()
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if call := _CALL.match(line):
                thread, name, arguments = call.groups()
                counts[thread, name] += 1
                if root in arguments:
                    yield thread, name, counts[thread, name], arguments


def _by_thread(log: Path, work: Path) -> list[tuple[str, ...]]:
    """What each thread asked of the case, without what chance named."""
    threads: dict[str, list[str]] = {}
    below = re.compile(re.escape(str(work)) + r'([^">]*)')
    for thread, name, _, arguments in _calls(log, str(work)):
        paths = [_BY_CHANCE.sub("…", path) for path in below.findall(arguments)]
        threads.setdefault(thread, []).append(" ".join((name, *dict.fromkeys(paths))))
    return sorted(map(tuple, threads.values()))


_BY_CHANCE = re.compile(r"(?<=/)(?:\d+-[0-9a-f]{8}|[^/]*\.[0-9a-z_]{8}|\.[^/]*-[0-9a-f]+)(?=/|$)")
"""Staging folders and files that are written beside their place."""


def _hits(log: Path, number: int, root: str) -> list[bool]:
    """For each thread whose call of this number failed, whether that was one on the case."""
    counts: Counter[str] = Counter()
    found: list[bool] = []
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if call := _CALL.match(line):
            thread, _, arguments = call.groups()
            counts[thread] += 1
            if counts[thread] == number:
                found.append(root in arguments)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if the case did not bear something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", action="append", choices=[program.name for program in PROGRAMS])
    parser.add_argument("--sample", type=int, help="so many points of each program, drawn by chance")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--cold", action="store_true", help="only compare the calls of cold and warm starts")
    chosen = parser.parse_args(arguments)
    bad = 0
    for program in PROGRAMS:
        if chosen.program is None or program.name in chosen.program:
            with (
                tempfile.TemporaryDirectory(prefix="inject-", dir=MEMORY) as base,
                Campaign(program, Path(base), jobs=1 if chosen.cold else chosen.jobs) as campaign,
            ):
                bad += _compare(campaign) if chosen.cold else _campaign(campaign, chosen.sample, chosen.jobs)
    return 1 if bad else 0


def _campaign(campaign: Campaign, sample: int | None, jobs: int) -> int:
    points, began = campaign.points, time.monotonic()
    if sample is not None and sample < len(points):
        points = random.Random(7).sample(points, sample)
    failed = bad = missed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(campaign.run, points):
            failed += result.exit_code != 0
            missed += not result.is_hit
            bad += bool(result.wrong)
            if result.wrong:
                print(f"  {result.point}: exit {result.exit_code}: {'; '.join(result.wrong)}", flush=True)
    print(
        f"{campaign.program.name}: {len(campaign.points)} points, {len(points)} run, {failed} ended with an "
        f"error, {missed} hit something else, {bad} bad, in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return bad


def _compare(campaign: Campaign) -> int:
    """Print what only one of the two starts asks of the case; how many such calls there are."""
    cold, warm = (
        Counter(call for thread in calls for call in thread)
        for calls in (campaign.cold_calls(), campaign.warm_calls())
    )
    print(f"{campaign.program.name}: {cold.total()} calls cold, {warm.total()} warm", flush=True)
    for name, only in (("cold", cold - warm), ("warm", warm - cold)):
        for call, count in only.items():
            print(f"  only {name}: {count} × {call}", flush=True)
    return (cold - warm).total() + (warm - cold).total()


if __name__ == "__main__":
    sys.exit(main())
