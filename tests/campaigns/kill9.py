"""The kill campaign: four writers on one case are killed again and again, and what they said holds.

    python -m tests.campaigns.kill9 [--kills N] [--seed N]

Each round starts four processes that take in different files, kills them one after another at
random moments, and then has the case judged by everything that any of them ever acknowledged.
The next round goes on with the same case; staging folders of the dead must be swept by then. After a
hundred kills a new case is begun, since the whole of it is judged each time.
A kill is gentler than a cut of power: it finds wrong orders within the program, not missing syncs.
Writers are forks of a process that has loaded everything (`warm_start`).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns import driver
from tests.campaigns.judge import Promises, judge, share_compiled_statements
from tests.campaigns.powercut import MEMORY
from tests.campaigns.warm_start import (
    SECOND,
    TRACKER,
    Order,
    be_the_program,
    outlast,
    said_to,
    take_in_orphans,
    take_over_starts,
)

WRITERS = 4
KILLS_OF_A_CASE = 100
_UNDER_WAY_S = 60
FILES = 400


@dataclass(slots=True)
class Tally:
    """How a campaign went."""

    kills: int = 0
    acknowledged: int = 0
    faults: tuple[str, ...] = ()


def campaign(kills: int, base: Path, *, seed: int = 0, patience_s: float = 1.0) -> Tally:
    """Kill at least so many writers of cases under `base`; it stops at the first fault."""
    chance, tally = random.Random(seed), Tally()
    while tally.kills < kills and not tally.faults:
        work = base / f"work-{tally.kills}"
        _kill_writers_of(work, min(kills - tally.kills, KILLS_OF_A_CASE), tally, chance, patience_s)
        shutil.rmtree(work)
    return tally


def _kill_writers_of(work: Path, kills: int, tally: Tally, chance: random.Random, patience_s: float) -> None:
    """One case, from its beginning; what happens is added to `tally`."""
    work.mkdir()
    sources, copy = work.with_name("sources"), work.with_name("copy")
    with said_to(Path(os.devnull)):
        driver.new(work)
    promises = Promises(is_begun=True)
    until = tally.kills + kills
    while tally.kills < until and not tally.faults:
        for number in range(WRITERS):
            _fill(sources / str(number), chance)
        told = list(_round(work, sources, chance, patience_s))
        tally.kills += len(told)
        for text in told:
            promises = promises.hear(text)
        shutil.copytree(work, copy, ignore_dangling_symlinks=True)
        tally.faults = (*judge(copy, promises), *_swept(copy))
        shutil.rmtree(copy)
    tally.acknowledged += len(promises.acknowledged)


def _round(work: Path, sources: Path, chance: random.Random, patience_s: float) -> Iterator[str]:
    """What each of four writers said before it was killed."""
    told = [work.with_name(f"told-{number}") for number in range(WRITERS)]
    writers = [
        _start(
            ("take", str(work), str(sources / str(number)), "--batch", "5", *["--streams"] * (number % 2)),
            told[number],
        )
        for number in range(WRITERS)
    ]
    until = time.monotonic() + _UNDER_WAY_S
    while not told[0].stat().st_size and time.monotonic() < until:  # let them get under way
        time.sleep(0.01)
    for writer in writers:
        time.sleep(chance.uniform(0, patience_s))
        with suppress(ProcessLookupError):
            os.kill(writer, signal.SIGKILL)
    outlast()
    for path in told:
        yield path.read_text()
        path.unlink()


def _start(words: tuple[str, ...], told: Path) -> int:
    """A writer at work; its process number."""
    told.touch()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            helpers = (SECOND, TRACKER)
            order = Order("tests.campaigns.driver", words, str(told), os.devnull, None, helpers, None)
            be_the_program(order, writer)
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as line:
        line.readline()  # its helpers are there
    os.waitid(os.P_PID, pid, os.WSTOPPED)
    os.kill(pid, signal.SIGCONT)
    return pid


def _swept(work: Path) -> list[str]:
    """Whether staging folders outlive their process once the case has been opened again."""
    case, _ = driver.opened(work)
    case.close()
    left = list((work / "case" / "tmp").iterdir())
    return [f"{len(left)} staging folders of dead processes are left"] if left else []


def _fill(folder: Path, chance: random.Random) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number:04}").write_bytes(chance.randbytes(chance.choice((17, 900, 5000))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    take_in_orphans()
    take_over_starts()
    share_compiled_statements()
    base = Path(tempfile.mkdtemp(prefix="kill9-", dir=MEMORY))  # no finalizer, which each fork would run
    try:
        tally = campaign(chosen.kills, base, seed=chosen.seed)
    finally:
        shutil.rmtree(base)
    print(f"{tally.kills:,} kills, {tally.acknowledged:,} acknowledged, faults: {tally.faults or 'none'}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
