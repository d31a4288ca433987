"""How fast all pairs within 31 bits are found, beside the prototype, FAISS, and counting everything.

On a slice the pairs are compared with those of a scan that looks at every pair. The prototype (16 slots of
16 bits, `bench_selfjoin.py` of the folder given) runs beside it on the same codes, if it is there and
compiles. FAISS BinaryFlat is measured on some queries of the slice and extrapolated with the square.

    taskset -c 1 python benchmarks/self_join.py --codes 1e7 --folder DIR --prototype FOLDER --peers DIR
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hash_codes
import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index import HashIndex

Codes = NDArray[np.uint8]
RADIUS, SLICE, EXACT = 31, 1_000_000, 1_000_000


def main() -> None:
    """Print the times, the ratios and the growth."""
    options = read_options()
    if options.peers:
        sys.path.append(str(options.peers))
    count = int(options.codes)
    codes = hash_codes.archive(count, options.folder)
    print(f"{count:,} codes; load {os.getloadavg()[0]:.1f}", flush=True)
    small, small_pairs = joined(codes[:SLICE])
    exact(codes[: min(count, options.exact)])
    whole, pairs = joined(codes) if count > SLICE else (small, small_pairs)
    if count > SLICE:
        print(
            f"growth from {SLICE:,} to {count:,}: {whole / small:.1f} x, "
            f"N^{math.log(whole / small, count / SLICE):.2f}"
        )
    faiss(codes[:SLICE], count, whole)
    prototype(codes, options.prototype, whole, pairs)


def joined(codes: Codes) -> tuple[float, int]:
    """Cpu-seconds of a join, with the building of what it needs, and the number of pairs."""
    began = time.process_time()
    index = HashIndex.build(codes, slots=16)
    built = time.process_time() - began
    pairs = sum(len(some.first) for some in index.self_join(RADIUS))
    spent = time.process_time() - began
    print(
        f"{len(codes):,} codes: {pairs:,} pairs, {spent:.1f} cpu-seconds, {built:.1f} of them to build",
        flush=True,
    )
    return spent, pairs


def exact(codes: Codes) -> None:
    """Compare the pairs with those of a scan that looks at all of them."""
    joins = HashIndex.build(codes, slots=16).self_join(RADIUS)
    keys = np.concatenate([some.first.astype(np.uint64) << np.uint64(32) | some.second for some in joins])
    flat = HashIndex.build(codes, slots=0)
    scanned = []
    for start in range(0, len(codes), 1024):
        found = flat.search(codes[start : start + 1024], RADIUS)
        second = (found.queries() + start).astype(np.uint64)
        kept = found.ids < second
        scanned.append(found.ids[kept].astype(np.uint64) << np.uint64(32) | second[kept])
    expected = np.concatenate(scanned)
    keys.sort()
    expected.sort()
    assert np.array_equal(keys, expected), "not the pairs that a scan finds"
    print(f"the same {len(keys):,} pairs as a scan of all {len(codes):,} codes with each other", flush=True)


def faiss(codes: Codes, count: int, ours: float) -> None:
    """FAISS flat on some queries, extrapolated to all pairs of all codes."""
    try:
        import faiss  # noqa: PLC0415
    except ImportError:
        print("FAISS is not installed: not compared")
        return
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(codes)
    began = time.process_time()
    flat.range_search(codes[:1000], RADIUS + 1)
    each = (time.process_time() - began) / 1000
    whole = each * count * count / len(codes)
    print(
        f"FAISS BinaryFlat: {whole / 3600:.1f} hours extrapolated, {whole / ours:,.0f} x ours (bar 500)",
        flush=True,
    )


def prototype(codes: Codes, folder: Path | None, ours: float, pairs: int) -> None:
    """The prototype's join with its 16 slots on the same codes."""
    if folder is None or not (folder / "mih.c").exists():
        print("the prototype is not there: not compared")
        return
    with tempfile.TemporaryDirectory() as scratch:
        library = Path(scratch) / "prototype.so"
        command = [
            "cc",
            "-O3",
            "-march=native",
            "-shared",
            "-fPIC",
            str(folder / "mih.c"),
            "-o",
            str(library),
        ]
        subprocess.run(command, check=True)
        loaded = ctypes.CDLL(str(library))
    loaded.selfjoin_slot_v.restype = ctypes.c_long
    rows, size, long = codes.view(np.uint64), len(codes), ctypes.c_long
    bits, widths, allowed = (np.array(each, np.int32) for each in (range(0, 256, 16), [16] * 16, [1] * 16))
    first, second = np.empty(1 << 20, np.uint32), np.empty(1 << 20, np.uint32)
    found, compared = 0, long()
    began = time.process_time()
    for slot in range(16):
        starts, ids = np.empty((1 << 16) + 1, np.uint32), np.empty(size, np.uint32)
        loaded.mih_build(*at(rows), long(size), 16 * slot, 16, *at(starts, ids))
        turned = rows[ids]
        words = turned.view(np.uint32)
        columns = [np.ascontiguousarray(words[:, (slot // 2 + 2 + column) % 8]) for column in range(3)]
        found += loaded.selfjoin_slot_v(
            *at(turned, *columns, ids, starts),
            slot,
            16,
            *at(bits, widths, allowed),
            RADIUS,
            *at(first, second),
            long(len(first)),
            ctypes.byref(compared),
        )
    spent = time.process_time() - began
    print(
        f"prototype: {found:,} pairs (ours {pairs:,}), {spent:.1f} cpu-seconds: "
        f"{spent / ours:.2f} x ours (bar 1)"
    )


def at(*arrays: NDArray[np.generic]) -> list[ctypes.c_void_p]:
    """Where arrays lie in memory."""
    return [ctypes.c_void_p(array.ctypes.data) for array in arrays]


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--codes", type=float, default=1e6)
    parser.add_argument("--exact", type=int, default=EXACT, help="how many of them are compared with a scan")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="where codes are kept"
    )
    parser.add_argument("--prototype", type=Path, default=None)
    parser.add_argument("--peers", type=Path, default=None, help="site-packages that have the peers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
