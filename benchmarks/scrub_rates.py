"""How fast kept objects are hashed again, beside `sha256sum -c` and `openssl dgst` on the same files.

Everybody may use every core: the tools are run by `xargs -P` over handfuls of files, we by our own
processes, whose start is in the time. The files lie in a real case and in the page cache; rounds
are interleaved. Bars: 3 × sha256sum -c, 1.1 × openssl dgst -sha256.

    python benchmarks/scrub_rates.py [--small 3000] [--large 200] [--rounds 5] [--folder DIR]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.examine.signature import media_type_of
from witnessmark.model import person
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.keys import create_keys
from witnessmark.preserve.seal import Intake
from witnessmark.store import create_case, open_case

ORIGIN = "bench.invalid/scrub"
VAULT_KEY = b"v" * 32
SMALL_BYTES, LARGE_BYTES = 20_000, 4_000_000
HANDFUL = 32
CORES = len(os.sched_getaffinity(0))


def main() -> None:
    """Print seconds, bytes a second and ratios for the small, the large and all files."""
    options = read_options()
    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f}")
    for small, large in ((options.small, 0), (0, options.large), (options.small, options.large)):
        with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
            make_case(Path(scratch), small, large)
            compare(Path(scratch), f"{small:,} × 20 kB + {large:,} × 4 MB", options.rounds)


def compare(folder: Path, title: str, rounds: int) -> None:
    """Time the three on the objects of the case in `folder`, in turns."""
    names = sorted((folder / "case" / "objects").glob("*/*"))
    octets = sum(name.stat().st_size for name in names)
    sides: dict[str, Callable[[], float]] = {
        "ours": partial(ours, folder / "case"),
        "sha256sum": partial(sha256sum, folder, names),
        "openssl": partial(openssl, names),
    }
    for name in names:
        name.read_bytes()
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, work in sides.items():
            seconds[side].append(work())
    print(f"{title}, {octets / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}")
    for side, times in seconds.items():
        print(f"  {side:10} best {min(times):6.2f} s  {octets / min(times) / 1e6:6,.0f} MB/s")
    for side, bar in (("sha256sum", 3.0), ("openssl", 1.1)):
        each = [theirs / own for theirs, own in zip(seconds[side], seconds["ours"], strict=True)]
        best = min(seconds[side]) / min(seconds["ours"])
        print(f"  {side} / ours: median {statistics.median(each):.2f}, of the bests {best:.2f} (bar {bar})")


def ours(folder: Path) -> float:
    """Seconds of hashing the whole case again, in a process that has started no other before."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(hash_case, folder).result()


def hash_case(folder: Path) -> float:
    """Seconds that `object_faults` takes over all objects; none may have a fault."""
    case = open_case(folder, VAULT_KEY)
    digests = sorted(case.object_names())
    began = time.perf_counter()
    faults = [fault for _, fault in case.object_faults(digests) if fault is not None]
    took = time.perf_counter() - began
    assert not faults, faults
    return took


def sha256sum(folder: Path, names: Sequence[Path]) -> float:
    """Seconds of `sha256sum -c` over the same files, its lists written beforehand."""
    lists = []
    for start in range(0, len(names), HANDFUL):
        lists.append(folder / f"list-{start}")
        lines = [f"{name.name}  {name}\n" for name in names[start : start + HANDFUL]]
        lists[-1].write_text("".join(lines))
    return timed(["xargs", f"-P{CORES}", "-n1", "sha256sum", "--quiet", "-c"], lists)


def openssl(names: Sequence[Path]) -> float:
    """Seconds of `openssl dgst -sha256` over the same files; nobody compares what it prints."""
    return timed(["xargs", f"-P{CORES}", f"-n{HANDFUL}", "openssl", "dgst", "-sha256"], names)


def timed(command: list[str], names: Sequence[Path]) -> float:
    """Seconds that `command` takes with `names` on its standard input."""
    text = "".join(f"{name}\n" for name in names)
    began = time.perf_counter()
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def make_case(folder: Path, small: int, large: int) -> None:
    """A case of random files, sealed as `take` would."""
    source = folder / "source"
    source.mkdir()
    for number in range(small + large):
        (source / str(number)).write_bytes(os.urandom(SMALL_BYTES if number < small else LARGE_BYTES))
    keys = create_keys(folder / "keys", ORIGIN)
    case = create_case(folder / "case", ORIGIN, keys.signer.verifier.vkey(), VAULT_KEY)
    intake = Intake(
        case, Custodian(SystemClock(), person("bench"), "bench", new_session()), "run", media_type_of
    )
    taken = sum(1 for _ in intake.seal(FileCollector().collect(lead_to(source), folder)))
    assert taken == small + large, taken
    case.close()


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", type=int, default=3000, help="files of 20 kB")
    parser.add_argument("--large", type=int, default=200, help="files of 4 MB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="where to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
