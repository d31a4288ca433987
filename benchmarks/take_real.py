"""What `take` makes of real material, how fast, and whether anything was lost.

Any files and folders are taken into a new case by the real command, from an empty start to the
signed head. Then every given file must lie in the case under its own SHA-256, or its refusal must be on
record, and `verify` must find nothing broken.

    python benchmarks/take_real.py [--folder DIR] [--lines FILE] SOURCE …

The sources of docs/explanation/figures.md: ../shared/data, plain texts of the public repositories
amir-zeldes/gum and UniversalDependencies/UD_English-EWT, and hostile files (Exiv2/exiv2 test/data,
python-pillow/Pillow Tests/images, corkami/pocs, drewnoakes/metadata-extractor-images).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SHOWN = 40
SOME_FAILED = 5
"""How `take` ends when all went well and some things could not be taken."""


def main() -> None:
    """Take everything in, then print what became of it; exit 1 if anything was lost or is broken."""
    options = read_options()
    given = digests_of(options.sources)
    print(
        f"load {os.getloadavg()[0]:.1f}, {len(given):,} files given, {len(set(given.values())):,} different"
    )
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        desk = Desk(Path(scratch))
        desk.run("new", str(desk.case), "--name", "bench")
        began = time.perf_counter()
        lines = list(desk.answers("take", *map(str, options.sources), *desk.common))
        took = time.perf_counter() - began
        if options.lines:
            options.lines.write_text("".join(json.dumps(line) + "\n" for line in lines))
        print(
            f"{len(lines):,} things, {took:.1f} s, {len(lines) / took:.1f} a second, "
            f"load {os.getloadavg()[0]:.1f}"
        )
        report(lines)
        lost = missing(given, lines, desk.case)
        checks = list(desk.answers("verify", *desk.common))
    broken = [check for check in checks if check["state"] == "broken"]
    print(f"lost: {len(lost)}; verify: {Counter(check['state'] for check in checks)}")
    for name in [*lost[:SHOWN], *broken[:SHOWN]]:
        print(f"  {name}")
    sys.exit(1 if lost or broken else 0)


def digests_of(sources: Sequence[Path]) -> dict[str, str]:
    """The SHA-256 of every file at or below the sources."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for source in sources
        for path in (source.rglob("*") if source.is_dir() else [source])
        if path.is_file() and not path.is_symlink()
    }


class Desk:
    """The command line of a case and its keys in a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self.case = scratch / "case"
        self.common = ("--json", "--case", str(self.case))
        self.endings: set[int] = set()
        self._given = {"WITNESSMARK_KEYS": str(scratch / "keys"), "WITNESSMARK_PERSON": "bench"}

    def run(self, *words: str) -> str:
        """What a command answers; its end is told if it is not one of those that are foreseen."""
        command = [sys.executable, "-m", "witnessmark", *words]
        done = subprocess.run(
            command, env={**os.environ, **self._given}, stdout=subprocess.PIPE, check=False, text=True
        )
        self.endings.add(done.returncode)
        if done.returncode not in (0, SOME_FAILED):
            print(f"`{words[0]}` ended with {done.returncode}")
        return done.stdout

    def answers(self, *words: str) -> Iterator[dict[str, Any]]:
        """The JSON lines that a command answers."""
        return map(json.loads, self.run(*words).splitlines())


def report(lines: Sequence[dict[str, Any]]) -> None:
    """Print outcomes, media types and reasons by number."""
    print("outcomes:", dict(Counter(line["outcome"] for line in lines)))
    print(
        "findings:",
        sum(line["findings"] for line in lines),
        "matches:",
        sum(line["matches"] for line in lines),
    )
    print("media types:", dict(Counter(line["media_type"] for line in lines).most_common()))
    kinds = Counter(_kind(part) for line in lines for part in _parts(line["reason"] or ""))
    for reason, count in kinds.most_common(SHOWN):
        print(f"  {count:6,} {reason}")


def _parts(reasons: str) -> list[str]:
    """Each of the reasons that a line gives."""
    return [part for part in reasons.replace("exhibit; this", "exhibit, this").split("; ") if part]


def _kind(reason: str) -> str:
    """A reason without what differs from file to file."""
    return re.sub(r"\d[\d,.]*", "#", reason)[:120]


def missing(given: dict[str, str], lines: Sequence[dict[str, Any]], case: Path) -> list[str]:
    """Given files that neither lie in the case nor have a line that says why not."""
    refused = {line["source"] for line in lines if line["outcome"] != "done"}
    return [
        name
        for name, digest in given.items()
        if name not in refused and not _lies_in(case / "objects" / digest[:2] / digest, digest)
    ]


def _lies_in(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="+", help="files and folders to take in")
    parser.add_argument("--folder", type=Path, default=None, help="where to write")
    parser.add_argument("--lines", type=Path, default=None, help="keep what `take` answered in this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
