"""How fast material is sealed, beside the barest thing that could be called keeping it.

The peer copies each file, hashes it with hashlib's SHA-256 on the way, and asks the disk once a batch
(syncfs) to have it all. We do that and make the exhibit, the acquisition, the vault's box, the log
entry and the tiles durable too. Both know beforehand what there is to take: the peer the names, we the
captures. Interleaved, both with the same batch, on the same disk. What was written stays, to be deleted by
hand: ext4 makes new files several times more slowly for minutes after many were deleted, whoever did that.
A file system of its own (`--folder` on one made for this) keeps that out.

    python benchmarks/seal_rates.py [--files 20000] [--size 20000] [--rounds 4] [--folder DIR]
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import statistics
import tempfile
import time
from pathlib import Path

from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.examine.signature import media_type_of
from witnessmark.model import person
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.keys import create_keys
from witnessmark.preserve.seal import BATCH_BYTES, BATCH_FILES, Intake
from witnessmark.store import create_case

ORIGIN = "bench.invalid/seal"
_LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Print the rates of both sides and their ratio, round by round."""
    options = read_options()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    names = make_files(folder / "source", options.files, options.size)
    warm(names)
    ratios = []
    for number in range(options.rounds):
        bare = bare_copy(names, folder / f"bare-{number}")
        ours, cpu = seal(folder, number, len(names))
        ratios.append(bare / ours)
        print(
            f"bare {rate(names, bare)}  sealed {rate(names, ours)}  "
            f"(cpu {cpu / len(names) * 1e6:.0f} µs a file)  ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f}, best {max(ratios):.2f}; delete {folder} later")


def bare_copy(names: list[Path], target: Path) -> float:
    """Seconds to copy and hash every file, with one syncfs a batch."""
    target.mkdir()
    settle()
    began = time.perf_counter()
    root, buffer, batch, weight = os.open(target, os.O_RDONLY), bytearray(1 << 20), 0, 0
    view = memoryview(buffer)
    for name in names:
        hasher = hashlib.sha256()
        with name.open("rb", buffering=0) as source, (target / name.name).open("wb", buffering=0) as copy:
            while count := source.readinto(buffer):
                hasher.update(view[:count])
                copy.write(view[:count])
                weight += count
        hasher.hexdigest()
        batch += 1
        if batch == BATCH_FILES or weight >= BATCH_BYTES:
            _LIBC.syncfs(root)
            batch = weight = 0
    _LIBC.syncfs(root)
    os.close(root)
    return time.perf_counter() - began


def seal(folder: Path, number: int, count: int, first: str = "0") -> tuple[float, float]:
    """Seconds to seal every file of `folder`/source into a new case, and seconds of this process's CPU."""
    keys = create_keys(folder / f"keys-{number}", ORIGIN)
    case = create_case(folder / f"case-{number}", ORIGIN, keys.signer.verifier.vkey(), keys.vault_key)
    custodian = Custodian(SystemClock(), person("bench"), "bench", new_session())
    intake = Intake(case, custodian, "run", media_type_of)
    few = [folder / "source" / first] * (3 * BATCH_FILES)
    list(intake.seal(seen for one in few for seen in FileCollector().collect(lead_to(one), folder)))  # warm
    captures = list(FileCollector().collect(lead_to(folder / "source"), folder))
    settle()
    began, cpu = time.perf_counter(), time.process_time()
    taken = sum(1 for _ in intake.seal(captures))
    sign_head(case, keys)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    case.close()
    assert taken == count, (taken, count)
    return wall, cpu


def make_files(folder: Path, count: int, size: int) -> list[Path]:
    """Files of random bytes."""
    folder.mkdir()
    for number in range(count):
        (folder / str(number)).write_bytes(os.urandom(size))
    return [folder / str(number) for number in range(count)]


def warm(names: list[Path]) -> None:
    """Have every file in the page cache, so that both sides only write."""
    for name in names:
        name.read_bytes()


def settle() -> None:
    """Let the disk finish what the other side left."""
    os.sync()


def rate(names: list[Path], seconds: float) -> str:
    """Files and bytes a second."""
    octets = sum(name.stat().st_size for name in names)
    return f"{len(names) / seconds:7,.0f} files/s {octets / seconds / 1e6:6.0f} MB/s"


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--folder", type=Path, default=None, help="where to write (a real disk)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
