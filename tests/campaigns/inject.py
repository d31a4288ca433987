"""The injection campaign: every file system call of a command fails once, and the case must bear it.

    python -m tests.campaigns.inject [--program NAME] [--sample N] [--jobs N]

A first run under strace counts the calls that touch the case or its keys. Then the command is run
again from the same beginning for each of them, and that call fails with EIO, with ENOSPC, or kills
the process. After each run: the case is sound (`judge`), what was acknowledged is there, the exit
code is not 0 if anything is missing, a failure is told in a sentence, and the same command, run
again, ends well. Calls are counted by thread, as strace does, so one run may break several threads;
how a failure is told is judged only where nothing but the case was hit.
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
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.judge import Promises, read
from tests.campaigns.powercut import MEMORY, ROOT, WORD, make_sources

CALLS = (
    "openat,mkdir,rename,renameat,renameat2,link,unlink,unlinkat,rmdir,read,pread64,write,pwrite64,"
    "ftruncate,fallocate,fsync,fdatasync,syncfs,close,flock,getdents64,newfstatat"
)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_WAIT_S = 180


@dataclass(frozen=True, slots=True)
class Program:
    """A command, what has to be done before it, and how many promises it makes if all goes well."""

    name: str
    command: str
    before: tuple[str, ...] = ("driver new {work}", "driver take {work} {sources}/a --streams")
    again: str | None = None


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
    ),
    Program(
        "erase",
        f"witnessmark erase E00001 --reason asked {_DESK}",
        (_NEW, f"witnessmark take {{sources}}/a {_DESK}"),
    ),
    Program(
        "package",
        f"witnessmark package {{work}}/package {_DESK}",
        (_NEW, f"witnessmark take {{sources}}/a {_DESK}"),
        again=f"witnessmark package {{work}}/package-again {_DESK}",
    ),
)


@dataclass(frozen=True, slots=True)
class Point:
    """The `number`th call of a kind in a thread, and how it fails."""

    call: str
    number: int
    fault: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one run with a fault in it; `wrong` is empty if the case bore it."""

    point: Point
    exit_code: int
    wrong: tuple[str, ...]


class Campaign:
    """One program, from one prepared beginning, under `base`."""

    def __init__(self, program: Program, base: Path, files: int = 4) -> None:
        self.program = program
        self.base = base
        self._begin = base / "begin"
        self._sources = base / "sources"
        make_sources(self._sources, files)
        (self._sources / "word.jsonl").write_text(WORD)
        self._begin.mkdir()
        self._before = Promises()
        for command in program.before:
            ran = self._run(command, self._begin)
            if ran.returncode:
                raise RuntimeError(f"{command} ended with {ran.returncode}: {ran.stderr}")
            self._before = self._before.hear(ran.stdout)
        self.points, self._usual = self._dry_run()

    def run(self, point: Point) -> Result:
        """What comes of the program when `point` fails."""
        work = Path(tempfile.mkdtemp(prefix="run-", dir=self.base))
        try:
            shutil.copytree(self._begin, work, dirs_exist_ok=True)
            fault = f"inject={point.call}:{point.fault}:when={point.number}"
            log = work.with_suffix(".trace")
            ran = self._run(
                self.program.command, work, "-y", "-e", f"trace={point.call}", "-e", fault, log=log
            )
            wrong = list(self._wrong(work, ran, self._before.hear(ran.stdout)))
            if "Traceback" in ran.stderr and _hit_only(log, str(work)):
                wrong.append(f"told no sentence: {ran.stderr.strip().splitlines()[-1][:160]}")
            return Result(point, ran.returncode, tuple(wrong))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _wrong(self, work: Path, ran: subprocess.CompletedProcess[str], promises: Promises) -> Iterator[str]:
        yield from (f"then {fault}" for fault in read(work, promises)[0])
        if ran.returncode == 0 and promises.count() < self._usual:
            yield "ended with 0 though something was not acknowledged"
        again = self._run(self.program.again or self.program.command, work)
        if again.returncode:
            yield f"could not be run again: {again.stderr.strip()[-200:]}"
        yield from (f"after another run {fault}" for fault in read(work, promises.hear(again.stdout))[0])

    def _dry_run(self) -> tuple[list[Point], int]:
        """Every point that touches the case, and how many promises a run without faults makes."""
        work, log = self.base / "dry", self.base / "trace"
        shutil.copytree(self._begin, work)
        ran = self._run(self.program.command, work, "-y", "-e", f"trace={CALLS}", log=log)
        if ran.returncode:
            raise RuntimeError(f"{self.program.command} ended with {ran.returncode}: {ran.stderr}")
        with log.open(encoding="utf-8", errors="replace") as lines:
            points = list(dict.fromkeys(_points(lines, str(work))))
        shutil.rmtree(work)
        log.unlink()
        return points, self._before.hear(ran.stdout).count()

    def _run(
        self, command: str, work: Path, *strace: str, log: Path = Path("/dev/null")
    ) -> subprocess.CompletedProcess[str]:
        program, *words = command.format(work=work, sources=self._sources).split()
        start = [sys.executable, "-m", "tests.campaigns.driver" if program == "driver" else "witnessmark"]
        traced = ["strace", "-f", "--seccomp-bpf", "-o", str(log), *strace] if strace else []
        return subprocess.run(
            [*traced, *start, *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=_WAIT_S,
            env={**os.environ, "WITNESSMARK_PERSON": "tester"},
        )


def _points(lines: Iterable[str], root: str) -> Iterator[Point]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if call := _CALL.match(line):
            thread, name, arguments = call.groups()
            counts[thread, name] += 1
            if root in arguments:
                yield from (Point(name, counts[thread, name], fault) for fault in FAULTS)


def _hit_only(log: Path, root: str) -> bool:
    """Whether every call that was made to fail was one on the case."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return all(root in line for line in lines if "(INJECTED)" in line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if the case did not bear something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", action="append", choices=[program.name for program in PROGRAMS])
    parser.add_argument("--sample", type=int, help="so many points of each program, drawn by chance")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    bad = 0
    for program in PROGRAMS:
        if chosen.program is None or program.name in chosen.program:
            with tempfile.TemporaryDirectory(prefix="inject-", dir=MEMORY) as base:
                bad += _campaign(Campaign(program, Path(base)), chosen.sample, chosen.jobs)
    return 1 if bad else 0


def _campaign(campaign: Campaign, sample: int | None, jobs: int) -> int:
    points, began = campaign.points, time.monotonic()
    if sample is not None and sample < len(points):
        points = random.Random(7).sample(points, sample)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(campaign.run, points))
    bad = [result for result in results if result.wrong]
    failed = sum(result.exit_code != 0 for result in results)
    print(
        f"{campaign.program.name}: {len(campaign.points)} points, {len(results)} run, {failed} ended with an "
        f"error, {len(bad)} bad, in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    for result in bad:
        print(f"  {result.point}: exit {result.exit_code}: {'; '.join(result.wrong)}", flush=True)
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
