"""The bit-flip campaign: one bit of a case at rest is flipped, and `verify` must find it and name it.

    python -m tests.campaigns.bitflip [--flips N] [--package N] [--seed N] [--jobs N]

Three kinds of flips are drawn in turn:

- in an object: the check that breaks must be that of this object and of nothing else;
- in the content of a row of `case.db`, found at its place in the file: the check that breaks must
  name that row (entry, record, tile, checkpoint, personal value) or its table (head, catalog);
- anywhere in `case.db`. A bit counts as *unused* if, with it flipped, SQLite's own integrity check
  is content and every row of every table reads as before: free space in pages, counters that
  nobody reads. Every other bit must be found, and nothing may be blamed but the tables whose rows
  changed, or the database file.

"Found" is a check that is broken, or a case that cannot be opened and says so. Flips in unused space
are counted apart and made up for by others. Flips in a package follow (`package_flips`).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from tests.campaigns.judge import share_compiled_statements
from tests.campaigns.package_flips import flip_package
from tests.campaigns.powercut import MEMORY, ROOT, make_sources

from witnessmark.errors import WitnessmarkError
from witnessmark.model import CheckState
from witnessmark.preserve.keys import load_keys
from witnessmark.preserve.verify import verify
from witnessmark.preserve.verify_outside import Trust
from witnessmark.store import open_case

Rows = Mapping[str, Mapping[tuple[Any, ...], tuple[Any, ...]]]
_LONGEST_INLINE = 3000
_SECTIONS = ("the log", "the records", "the vault", "the catalog", "the witnesses")


class Verdict(StrEnum):
    """What became of one flip."""

    FOUND = "found and named"
    UNUSED = "in unused space, nothing changed"
    MISSED = "MISSED"
    MISNAMED = "found, but something else was BLAMED"


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of one file, and what may be blamed for it (None: to be told by what changed)."""

    kind: str
    path: str
    bit: int
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A flip, its verdict, and what was blamed."""

    flip: Flip
    verdict: Verdict
    blamed: tuple[str, ...]


class Specimen:
    """A case at rest with something of everything in it."""

    def __init__(self, base: Path) -> None:
        self.work = base / "work"
        self.work.mkdir()
        make_sources(base / "sources", 6)
        for words in (
            ("new",),
            ("take", f"{base}/sources/a", "--batch", "3"),
            ("take", f"{base}/sources/b", "--streams"),
            ("assess",),
            ("erase",),
        ):
            verb, *more = words
            command = [sys.executable, "-m", "tests.campaigns.driver", verb, str(self.work), *more]
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.database = (self.work / "case/case.db").read_bytes()
        self.rows = _rows(self.work / "case/case.db")
        self._objects = sorted(path for path in (self.work / "case/objects").rglob("*") if path.is_file())
        self._contents = list(self._places())

    def draw(self, chance: random.Random) -> Flip:
        """A flip of one of the three kinds."""
        way = chance.randrange(3)
        if way == 0:
            path = chance.choice(self._objects)
            bit = chance.randrange(8 * path.stat().st_size)
            return Flip("object", str(path.relative_to(self.work)), bit, (f"object sha256:{path.name}",))
        if way == 1:
            start, length, names = chance.choice(self._contents)
            bit = 8 * start + chance.randrange(8 * length)
            return Flip("row", "case/case.db", bit, names)
        return Flip("page", "case/case.db", chance.randrange(8 * len(self.database)), None)

    def _places(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Where in the file the content of each row lies, and what is to be blamed for it."""
        for table, column in _CONTENT.items():
            for key, row in self.rows[table].items():
                content = row[column]
                written = content.encode() if isinstance(content, str) else bytes(content)
                if len(written) <= _LONGEST_INLINE and self.database.count(written) == 1:
                    yield self.database.index(written), len(written), names_of(table, key)


_CONTENT = {"entry": 1, "record": 1, "tile": 2, "vault": 1, "checkpoint": 2, "head": 2}


def names_of(table: str, key: tuple[Any, ...]) -> tuple[str, ...]:
    """How checks that are about a row begin."""
    if table.startswith("catalog"):
        return ("the catalog",)
    begin = _NAMED.get(table)
    return ("the case",) if begin is None else tuple(name.format(*key) for name in begin)


_NAMED = {
    "entry": ("log entry {0}",),
    "record": ("record {0}",),
    "tile": ("tile {0}/{1}",),
    "vault": ("personal value {0}",),
    "checkpoint": ("checkpoint {0}",),
    "head": ("the log's head",),
}


def judge_flip(work: Path, database: bytes, rows: Rows, flip: Flip) -> Outcome:
    """Flip the bit in the copy at `work`, look, and flip it back."""
    path = work / flip.path
    path.chmod(0o600)
    _flip(path, flip.bit)
    try:
        blamed = tuple(_blamed(work))
        if flip.names is not None:
            return Outcome(flip, _verdict(blamed, flip.names), blamed)
        names = _names_of_changes(path, rows)
        if names == () and not blamed:
            return Outcome(flip, Verdict.UNUSED, blamed)
        return Outcome(flip, _verdict(blamed, (*(names or ()), *_SECTIONS, "the case")), blamed)
    finally:
        for leftover in (work / "case").glob("case.db-*"):
            leftover.unlink()
        if flip.path.endswith("case.db"):
            path.write_bytes(database)
        else:
            _flip(path, flip.bit)


def _verdict(blamed: Sequence[str], names: tuple[str, ...]) -> Verdict:
    if not blamed:
        return Verdict.MISSED
    allowed = (*names, "the database file")
    return Verdict.FOUND if all(what.startswith(allowed) for what in blamed) else Verdict.MISNAMED


def _blamed(work: Path) -> Iterator[str]:
    """What the product says is broken."""
    try:
        with closing(open_case(work / "case", None)) as peek:
            origin, vkey = peek.origin()
        keys = load_keys(work / "keys", origin, vkey)
        case = open_case(work / "case", keys.vault_key)
    except WitnessmarkError as error:
        yield f"the case: {error}"
        return
    with closing(case):
        trust = Trust(keys.signer.verifier, datetime.now(UTC), keys.published())
        yield from (check.what for check in verify(case, trust) if check.state is CheckState.BROKEN)


def _names_of_changes(path: Path, rows: Rows) -> tuple[str, ...] | None:
    """What may be blamed for the rows that read differently now; None if they cannot all be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        now = _rows(path)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError):
        return None
    if said != "ok" or now.keys() != rows.keys():
        return None
    return tuple(
        name
        for table in rows
        for key in rows[table].keys() | now[table].keys()
        if rows[table].get(key) != now[table].get(key)
        for name in names_of(table, key)
    )


def _rows(database: Path) -> Rows:
    """Every row of every table by its primary key, or its name, read without any index."""
    with closing(sqlite3.connect(database)) as connection:
        ask = connection.execute
        tables = [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        keys = {
            table: [number for number, *_, place in ask(f"PRAGMA table_info({table})") if place] or [0]
            for table in tables
        }
        return {
            table: {
                tuple(row[number] for number in keys[table]): row
                for row in ask(f"SELECT * FROM {table} NOT INDEXED")  # noqa: S608 - names of the schema
            }
            for table in tables
        }


def _flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


# --- the whole campaign


def campaign(flips: int, *, seed: int = 0, jobs: int = 1) -> list[Outcome]:
    """The outcome of so many flips of one specimen."""
    with tempfile.TemporaryDirectory(prefix="bitflip-", dir=MEMORY) as folder:
        specimen = Specimen(Path(folder))
        chance = random.Random(seed)
        drawn = [specimen.draw(chance) for _ in range(flips)]
        shares = [drawn[start::jobs] for start in range(jobs)]
        if jobs == 1:
            return _judge_share(specimen, shares[0])
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            return [one for found in pool.imap(partial(_judge_share, specimen), shares) for one in found]


def _judge_share(specimen: Specimen, share: Sequence[Flip]) -> list[Outcome]:
    share_compiled_statements()
    with tempfile.TemporaryDirectory(prefix="bitflip-", dir=MEMORY) as folder:
        work = Path(folder) / "work"
        shutil.copytree(specimen.work, work)
        return [judge_flip(work, specimen.database, specimen.rows, flip) for flip in share]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if a flip was missed or misnamed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flips", type=int, default=10_000, help="that change something, in a case")
    parser.add_argument("--package", type=int, default=10_000, help="in a package")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    outcomes: list[Outcome] = []
    while wanted := chosen.flips - sum(one.verdict is not Verdict.UNUSED for one in outcomes):
        outcomes += campaign(wanted, seed=chosen.seed + len(outcomes), jobs=chosen.jobs)
    counts = Counter((outcome.flip.kind, outcome.verdict) for outcome in outcomes)
    for (kind, verdict), count in sorted(counts.items()):
        print(f"{kind}: {count:,} {verdict}")
    print(f"{len(outcomes):,} flips in {time.monotonic() - began:.0f} s")
    bad = [one for one in outcomes if one.verdict in (Verdict.MISSED, Verdict.MISNAMED)]
    for outcome in bad[:40]:
        print(f"  {outcome}")
    tallies = flip_package(chosen.package, chosen.seed) if chosen.package else {}
    for verifier, tally in tallies.items():
        print(f"package, {verifier}: {tally}", *tally.missed[:20], *tally.misblamed[:20], sep="\n  ")
    return 1 if bad or any(tally.missed or tally.misblamed for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
