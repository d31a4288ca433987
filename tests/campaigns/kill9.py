"""The kill campaign: four writers on one case are killed again and again, and what they said holds.

    python -m tests.campaigns.kill9 [--kills N] [--seed N]

Each round starts four processes that take in different files, kills them one after another at
random moments, and then has the case judged by everything that any of them ever acknowledged.
The next round goes on with the same case; staging folders of the dead must be swept by then.
A kill is gentler than a cut of power: it finds wrong orders within the program, not missing syncs.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns import driver
from tests.campaigns.judge import Promises, judge
from tests.campaigns.powercut import MEMORY, ROOT

WRITERS = 4
FILES = 400


@dataclass(slots=True)
class Tally:
    """How a campaign went."""

    kills: int = 0
    acknowledged: int = 0
    faults: tuple[str, ...] = ()


def campaign(kills: int, base: Path, *, seed: int = 0, patience_s: float = 1.0) -> Tally:
    """Kill at least so many writers of one case under `base`; it stops at the first fault."""
    chance, tally, promises = random.Random(seed), Tally(), Promises()
    work, sources = base / "work", base / "sources"
    work.mkdir()
    promises = promises.hear(_driver("new", str(work)).communicate()[0])
    while tally.kills < kills and not tally.faults:
        for number in range(WRITERS):
            _fill(sources / str(number), chance)
        told = list(_round(work, sources, chance, patience_s))
        tally.kills += len(told)
        for text in told:
            promises = promises.hear(text)
        copy = base / "copy"
        shutil.copytree(work, copy, ignore_dangling_symlinks=True)
        tally.faults = (*judge(copy, promises), *_swept(copy))
        shutil.rmtree(copy)
    tally.acknowledged = len(promises.acknowledged)
    return tally


def _round(work: Path, sources: Path, chance: random.Random, patience_s: float) -> Iterator[str]:
    """What each of four writers said before it was killed."""
    writers = [
        _driver("take", str(work), str(sources / str(number)), "--batch", "5", *["--streams"] * (number % 2))
        for number in range(WRITERS)
    ]
    first = writers[0].stdout
    heard = first.readline() if first is not None else ""  # let them get under way
    for number, writer in enumerate(writers):
        time.sleep(chance.uniform(0, patience_s))
        writer.kill()
        text, _ = writer.communicate()
        yield heard + text if number == 0 else text


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


def _driver(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.campaigns.driver", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kill9-", dir=MEMORY) as base:
        tally = campaign(chosen.kills, Path(base), seed=chosen.seed)
    print(f"{tally.kills:,} kills, {tally.acknowledged:,} acknowledged, faults: {tally.faults or 'none'}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
