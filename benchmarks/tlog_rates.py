"""How fast the log is, as ratios to what bounds it and to Go's x/mod doing the same.

    python benchmarks/tlog_rates.py [--entries 1000000]

Three questions: how near building a log comes to hashing alone; what a proof costs beyond the one
signature check in it; and whether verifying a whole log from its bundles is slower than with x/mod
(only where Go and Debian's golang-golang-x-mod-dev are installed).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from witnessmark.tlog import (
    Checkpoint,
    Frontier,
    Signer,
    TileReader,
    TlogProof,
    encode_bundle,
    leaf_hashes,
    parse_note,
    sign,
    tile_path,
    verify_log,
)

ENTRY_BYTES = 234
BLOCK = 65_536
ORIGIN = "desk.example/log"
SOME_HASH = sha256(b"some").digest()


def cpu_seconds() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def best(work: Callable[[], object], rounds: int = 5) -> tuple[float, float]:
    """Return the least wall and the least cpu seconds of several rounds."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), cpu_seconds()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return min(walls), min(cpus)


def entries(start: int, stop: int) -> list[bytes]:
    return [b"%d " % number + b"x" * (ENTRY_BYTES - 8) for number in range(start, stop)]


def building() -> None:
    sample, batch = entries(0, 200_000), 1_000

    def hash_alone() -> None:
        for entry in sample:
            sha256(b"\x00" + entry).digest()
        for _ in sample:
            sha256(b"\x01" + SOME_HASH + SOME_HASH).digest()

    def build() -> None:
        frontier = Frontier.empty()
        for start in range(0, len(sample), batch):
            frontier.extend(leaf_hashes(sample[start : start + batch]))
            frontier.take_changed()
            frontier.root()

    (_, alone), (_, built) = best(hash_alone), best(build)
    print(
        f"build, batches of {batch} with root and tiles: {len(sample) / built:,.0f} entries per cpu-second; "
        f"{alone / built:.2f} of the rate of hashing alone (bar: 900,000 per cpu-second)"
    )


def proving() -> None:
    size, index, signer = 1_000_000, 777_777, Signer.from_private_bytes(ORIGIN, b"l" * 32)
    sample = entries(0, size)
    frontier = Frontier.empty()
    frontier.extend(leaf_hashes(sample))
    tiles = {(tile.level, tile.index): tile.hashes for tile in frontier.take_changed()}
    text = Checkpoint(ORIGIN, size, frontier.root()).text()
    proof = TlogProof(index, TileReader(lambda *at: tiles[at[:2]], size).inclusion(index), sign(text, signer))
    written, known, entry = proof.encode(), (signer.verifier,), sample[index]
    key = Ed25519PublicKey.from_public_bytes(signer.verifier.public_key)
    signature = parse_note(proof.checkpoint_note).lines[0].signature

    def repeat(work: Callable[[], object]) -> float:
        return best(lambda: [work() for _ in range(1_000)])[1] * 1_000

    bare = repeat(lambda: key.verify(signature, text.encode()))
    check = repeat(lambda: proof.check(entry, known, ORIGIN))
    whole = repeat(lambda: TlogProof.parse(written).check(entry, known, ORIGIN))
    print(
        f"proof and note in a log of {size:,}: {check:.0f} µs of cpu, with reading the file {whole:.0f} µs; "
        f"the bare Ed25519 check in it {bare:.0f} µs, so {check / bare:.2f} and {whole / bare:.2f} of it "
        "(bar: 100 µs)"
    )


def publish(folder: Path, count: int) -> bytes:
    """Write the bundles of a log of `count` entries into `folder` and return its root."""
    frontier = Frontier.empty()
    for start in range(0, count, 256):
        bundle = entries(start, min(start + 256, count))
        path = folder / tile_path("entries", start // 256, len(bundle))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_bundle(bundle))
        frontier.extend(leaf_hashes(bundle))
        frontier.take_changed()
    return frontier.root()


def bundles(folder: Path, start: int, stop: int) -> Iterator[bytes]:
    for first in range(start, stop, 256):
        yield (folder / tile_path("entries", first // 256, min(256, stop - first))).read_bytes()


def verify(folder: Path, span: tuple[int, int]) -> tuple[int, bytes]:
    return verify_log(bundles(folder, *span))


def verify_in_two(folder: Path, count: int) -> tuple[int, bytes]:
    """Verify blocks of 256 tiles in two processes; the tree over their roots is the tree."""
    spans = [(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    above = Frontier.empty()
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(partial(verify, folder), spans))
    above.extend([root for _, root in results])
    return sum(size for size, _ in results), above.root()


def verifying(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = publish(folder / "log", count)
        ours = best(partial(_expect, (count, root), lambda: verify(folder / "log", (0, count))), 3)
        both = best(partial(_expect, (count, root), lambda: verify_in_two(folder / "log", count)), 3)
        print(f"whole log of {count:,}, one process: {ours[0]:.2f} s wall, {ours[1]:.2f} s cpu")
        print(f"whole log of {count:,}, two processes: {both[0]:.2f} s wall, {both[1]:.2f} s cpu")
        checker = build_checker(folder)
        if checker is None:
            print("not compared: Go or Debian's golang-golang-x-mod-dev is not installed")
            return
        theirs = best(partial(_expect, (count, root), lambda: go_rebuilds(checker, folder / "log")), 3)
        print(f"Go x/mod, the same bundles: {theirs[0]:.2f} s wall, {theirs[1]:.2f} s cpu")
        print(
            f"ours / Go: {ours[0] / theirs[0]:.2f} wall and {ours[1] / theirs[1]:.2f} cpu in one process, "
            f"{both[0] / theirs[0]:.2f} wall in two (bar: 1.00)"
        )


def _expect(wanted: tuple[int, bytes], work: Callable[[], tuple[int, bytes]]) -> None:
    found = work()
    assert found == wanted, f"{found} is not {wanted}"


def build_checker(folder: Path) -> Path | None:
    if shutil.which("go") is None or not Path("/usr/share/gocode/src/golang.org/x/mod").is_dir():
        return None
    sources = Path(__file__).parents[1] / "tests/interop/go"
    environment = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache")}
    command = ["go", "build", "-o", str(folder / "checker"), "."]
    subprocess.run(command, cwd=sources, env={**os.environ, **environment}, check=True)
    return folder / "checker"


def go_rebuilds(checker: Path, folder: Path) -> tuple[int, bytes]:
    answer = subprocess.run([checker, "rebuild", folder], check=True, capture_output=True)
    found = json.loads(answer.stdout)
    return found["size"], bytes.fromhex(found["root"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    count = parser.parse_args().entries
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    building()
    proving()
    verifying(count)


if __name__ == "__main__":
    main()
