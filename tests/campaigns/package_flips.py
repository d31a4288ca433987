"""Random bit flips over a package: each must be found, and blamed on the file that was flipped.

    python -m tests.campaigns.bitflip --flips 0 --package N

A flip is made in place and undone, and both verifiers look at the whole package each time.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns.powercut import MEMORY
from tests.conformance.exercise import exercise_case
from tests.conformance.packing import AUTHORITY, good_package
from tests.conformance.verifiers import VERIFIERS, Blamer
from tests.servers.tsa import local_tsa

from witnessmark.tlog import Verifier


@dataclass(slots=True)
class Tally:
    """How a campaign went: flips by folder, and those that were missed or blamed on something else."""

    flips: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    misblamed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = sum(self.flips.values())
        return f"{total} flips, {len(self.missed)} missed, {len(self.misblamed)} blamed on the wrong thing"


def flip_bits(root: Path, log: Verifier, blamed_by: Blamer, flips: int, seed: int) -> Tally:
    """Flip one random bit after another, in files picked evenly, and see what `blamed_by` says of each."""
    chance, tally = random.Random(seed), Tally()  # a campaign is repeated by its seed
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    for _ in range(flips):
        path = chance.choice(paths)
        name = path.relative_to(root).as_posix()
        with _flipped(path, chance) as place:
            blamed = {what for what, _ in blamed_by(root, log)}
        tally.flips[name.rpartition("/")[0]] += 1
        if not blamed:
            tally.missed.append(f"{name} {place}")
        elif blamed != {name}:
            tally.misblamed.append(f"{name} {place}: {sorted(blamed)}")
    return tally


def flip_package(flips: int, seed: int) -> dict[str, Tally]:
    """Half of so many flips in one good package for each of the two verifiers."""
    with tempfile.TemporaryDirectory(prefix="bitflip-", dir=MEMORY) as folder:
        base = Path(folder)
        with local_tsa(AUTHORITY, base) as authority:
            bench = good_package(base / "good", exercise_case(base), authority)
        return {
            name: flip_bits(bench.root, bench.case.log, blamed_by, flips // 2, seed)
            for name, blamed_by in VERIFIERS.items()
        }


@contextmanager
def _flipped(path: Path, chance: random.Random) -> Iterator[str]:
    good = path.read_bytes()
    at, bit = chance.randrange(len(good)), chance.randrange(8)
    path.write_bytes(good[:at] + bytes((good[at] ^ 1 << bit,)) + good[at + 1 :])
    try:
        yield f"byte {at} bit {bit}"
    finally:
        path.write_bytes(good)
