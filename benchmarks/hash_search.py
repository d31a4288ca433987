"""How fast the index of codes answers beside its peers and beside what the memory of this machine allows.

Every engine gets the same codes and queries (`hash_codes.py`) in one process on one core, in turns; each
figure is the best of several rounds of cpu time. What is found is compared with FAISS's flat search, which
compares everything. Peers that are not installed are left out and said; to have them:

    python -m venv peers && peers/bin/pip install faiss-cpu threatexchange
    taskset -c 1 python benchmarks/hash_search.py --codes 1e7 --folder DIR --growth \
        --peers peers/lib/python3.11/site-packages

Bars, radius 31 at 10 million codes: 100 x FAISS BinaryFlat, 100 x python-threatexchange, 300 x FAISS
MultiHash; at most 130 bytes a code, 10 s to build, 50 ms to open; growth below N^0.6; radius 64 at least 7 x
FAISS BinaryFlat; 1.5 memory latencies for each probe and candidate; a scan at 90 % of streaming.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hash_codes
import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index import HashIndex
from witnessmark.match.index.engine import Native

Codes = NDArray[np.uint8]
RADIUS, FAR = 31, 64
QUERIES = 2_000

LIMITS = r"""
#include <stdint.h>
#include <stddef.h>
uint64_t streamed(const uint64_t *p, size_t n)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i + 4 <= n; i += 4) { a ^= p[i]; b ^= p[i + 1]; c ^= p[i + 2]; d ^= p[i + 3]; }
    return a ^ b ^ c ^ d;
}
uint64_t fetched(const uint64_t *p, const uint32_t *at, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + 16 < n) __builtin_prefetch(p + 4 * (size_t)at[i + 16]);
        sum += p[4 * (size_t)at[i]];
    }
    return sum;
}
uint64_t chased(const uint64_t *p, size_t steps)
{
    uint64_t at = 0;
    while (steps--) at = p[4 * at];
    return at;
}
"""


def main() -> None:
    """Print every figure with its bar."""
    options = read_options()
    if options.peers:
        sys.path.append(str(options.peers))
    count = int(options.codes)
    shape = hash_codes.shape_of(hash_codes.PICTURES)
    codes = hash_codes.archive(count, options.folder, hash_codes.PICTURES)
    queries = hash_codes.queries_for(codes, QUERIES, shape)
    print(f"{count:,} codes, {QUERIES:,} queries; load {os.getloadavg()[0]:.1f}", flush=True)
    began, real = time.process_time(), time.perf_counter()
    index = HashIndex.build(codes)
    print(
        f"build {time.process_time() - began:.1f} cpu-seconds, {time.perf_counter() - real:.1f} s (bar 10); "
        f"{index.bytes_on_disk / count:.1f} bytes a code (bar 130); kernel {index.kernel}",
        flush=True,
    )
    rates = ours(index, queries)
    memory(index, codes, queries, rates)
    on_disk(codes, queries, options.folder)
    peers(codes, queries, index)
    if options.growth:
        growth(codes, shape)


def ours(index: HashIndex, queries: Codes) -> dict[str, float]:
    """Queries a second by the way taken."""
    rates = {}
    for name, radius, some in (("near", RADIUS, queries), ("far", FAR, queries[:200])):
        rates[name] = len(some) / best(lambda s=some, r=radius: index.search(s, r), 5)
        found = index.search(some, radius)
        print(
            f"  radius {radius}: {rates[name]:,.0f} queries a second, {1e6 / rates[name]:.1f} µs each, "
            f"{len(found.ids) / len(some):.1f} found",
            flush=True,
        )
    single = best(lambda: [index.search(queries[i : i + 1], RADIUS) for i in range(200)], 3) / 200
    print(f"  radius {RADIUS}, one query a call: {1e6 * single:.1f} µs")
    return rates


def memory(index: HashIndex, codes: Codes, queries: Codes, rates: dict[str, float]) -> None:
    """The same beside what the memory allows."""
    limits = compiled_limits()
    if limits is None:
        print("  no compiler: the memory is not measured")
        return
    fetch, latency, stream = limits(codes)
    engine = index._engine  # noqa: SLF001 - its counters
    if isinstance(engine, Native) and index._state[0].archive.slots:  # noqa: SLF001
        index.search(queries, RADIUS, method="slots")
        probes, postings, fetched = (int(each) / QUERIES for each in engine.work)
        each = 1e9 / rates["near"] / (probes + postings)
        touched = 1e9 / rates["near"] / (probes + fetched)
        print(
            f"  {probes:.0f} probes, {postings:.0f} candidates of which {fetched:.0f} fetched a query: "
            f"{each:.2f} ns for each probe and candidate, {touched:.1f} for each probe and code fetched; a "
            f"random line costs {fetch:.1f} ns fetched ahead, {latency:.1f} waited for (bar 1.5 of one)"
        )
    flat = HashIndex.build(codes, slots=0)
    for name, used in (("one query", 1), ("200 queries together", 200)):
        spent = best(lambda some=queries[:used]: flat.search(some, RADIUS), 7) / used
        read = len(codes) * 12 / spent / 1e9
        print(
            f"  scan, {name}: {1 / spent:,.1f} a second, {len(codes) / spent / 1e9:.2f} G codes a second, "
            f"{read:.1f} GB/s of three columns; streaming reads {stream:.1f} GB/s"
        )


def on_disk(codes: Codes, queries: Codes, folder: Path) -> None:
    """Building into files, opening them, the first and the later searches."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "codes"
        began, real = time.process_time(), time.perf_counter()
        HashIndex.build(codes, path)
        print(
            f"build on disk: {time.process_time() - began:.1f} cpu-seconds, "
            f"{time.perf_counter() - real:.1f} s with waiting for the disk"
        )
        opened = []
        for _ in range(5):
            began = time.perf_counter()
            index = HashIndex.open(path)
            opened.append(time.perf_counter() - began)
        began = time.perf_counter()
        index.search(queries[:1], RADIUS)
        first = time.perf_counter() - began
        rate = len(queries) / best(lambda: index.search(queries, RADIUS), 3)
        print(
            f"  open {1e3 * min(opened):.1f} to {1e3 * max(opened):.1f} ms (bar 50); first query "
            f"{1e3 * first:.1f} ms with its checksums; then {rate:,.0f} queries a second, mapped",
            flush=True,
        )


def peers(codes: Codes, queries: Codes, index: HashIndex) -> None:
    """FAISS and python-threatexchange on the same codes; ours is measured again next to each."""
    try:
        import faiss  # noqa: PLC0415
    except ImportError:
        print("  FAISS is not installed: not compared")
        return
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(codes)
    for radius, some, bar in ((RADIUS, 100, 100), (FAR, 50, 7)):
        spent = best(lambda f=flat, s=some, r=radius: f.range_search(queries[:s], r + 1), 3) / some
        expected = flat.range_search(queries[:some], radius + 1)
        ratio(f"FAISS BinaryFlat, radius {radius}", spent, index, queries, radius, bar)
        agree(index, queries[:some], radius, expected)
    del flat
    multi(faiss, codes, queries, index)
    threatexchange(codes, queries, index)


def multi(faiss: Any, codes: Codes, queries: Codes, index: HashIndex) -> None:
    """FAISS's multi-index hashing: 16 slots of 16 bits, one flip."""
    hashed = faiss.IndexBinaryMultiHash(256, 16, 16)
    hashed.add(codes)
    hashed.nflip = 1
    spent = best(lambda: hashed.range_search(queries[:50], RADIUS + 1), 2) / 50
    ratio("FAISS MultiHash 16 x 16, 1 flip", spent, index, queries, RADIUS, 300)


def threatexchange(codes: Codes, queries: Codes, index: HashIndex) -> None:
    """The index of python-threatexchange."""
    try:
        from threatexchange.signal_type.pdq.pdq_index import PDQIndex  # noqa: PLC0415
    except ImportError:
        print("  python-threatexchange is not installed: not compared")
        return
    peer = PDQIndex(entries=((bytes(code).hex(), number) for number, code in enumerate(codes)))
    asked = [bytes(query).hex() for query in queries[:50]]
    spent = best(lambda: [peer.query(one) for one in asked], 2) / len(asked)
    ratio("python-threatexchange PDQIndex", spent, index, queries, RADIUS, 100)


def ratio(name: str, spent: float, index: HashIndex, queries: Codes, radius: int, bar: int) -> None:
    """Print how many times faster ours is, measured right beside it."""
    some = queries if radius == RADIUS else queries[:200]
    rate = len(some) / best(lambda: index.search(some, radius), 5)
    times = rate * spent
    print(
        f"{name}: {1 / spent:,.1f} queries a second; ours {rate:,.0f}: {times:,.0f} x (bar {bar})", flush=True
    )


def agree(index: HashIndex, queries: Codes, radius: int, expected: tuple[Any, Any, Any]) -> None:
    """Stop if anything is missing or too much."""
    limits, distances, ids = expected
    found = index.search(queries, radius)
    assert np.array_equal(found.offsets, limits.astype(np.int64)), "another number of records"
    for query in range(len(queries)):
        here = slice(int(limits[query]), int(limits[query + 1]))
        order = np.argsort(ids[here])
        assert np.array_equal(found.of(query)[0], ids[here][order])
        assert np.array_equal(found.of(query)[1], distances[here][order])
    print(f"  the same {len(ids):,} records and distances for {len(queries)} queries: recall 1")


def growth(codes: Codes, shape: NDArray[np.float32]) -> None:
    """The time of a query by the number of codes, and its slope; the largest holds mirrored pictures too."""
    points = []
    for count in (1_000_000, 3_000_000, 10_000_000, 50_000_000):
        if count > 5 * len(codes):
            break
        some = codes[:count] if count <= len(codes) else hash_codes.enlarged(codes, count // len(codes))
        index = HashIndex.build(some)
        queries = hash_codes.queries_for(some, QUERIES, shape)
        points.append((count, best(lambda i=index, q=queries: i.search(q, RADIUS), 7) / QUERIES))
        found = len(index.search(queries, RADIUS).ids) / QUERIES
        slots = len(index._state[0].archive.slots)  # noqa: SLF001 - to be said
        print(
            f"  {count:>10,}: {1e6 * points[-1][1]:.1f} µs a query, {found:.0f} found, {slots} slots",
            flush=True,
        )
    if len(points) > 1:
        slope = math.log(points[-1][1] / points[0][1]) / math.log(points[-1][0] / points[0][0])
        print(f"growth from {points[0][0]:,} to {points[-1][0]:,}: N^{slope:.2f} (bar 0.6)")


def compiled_limits() -> Callable[[Codes], tuple[float, float, float]] | None:
    """What measures the memory: ns for a line fetched ahead, ns for one waited for, GB/s streamed."""
    import ctypes  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as scratch:
        source, library = Path(scratch) / "limits.c", Path(scratch) / "limits.so"
        source.write_text(LIMITS)
        command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library)]
        if subprocess.run(command, check=False).returncode:
            return None
        loaded = ctypes.CDLL(str(library))

    def measured(codes: Codes) -> tuple[float, float, float]:
        rng = np.random.default_rng(0)
        lines = len(codes)
        held = HashIndex.build(codes)._state[0].archive.content[: lines * 32]  # noqa: SLF001 - in large pages
        words = held.view(np.uint64)
        at = rng.integers(0, lines, 5_000_000).astype(np.uint32)
        size = ctypes.c_size_t
        place, many = ctypes.c_void_p(words.ctypes.data), ctypes.c_void_p(at.ctypes.data)
        fetch = best(lambda: loaded.fetched(place, many, size(len(at))), 5) / len(at)
        stream = best(lambda: loaded.streamed(place, size(len(words))), 7)
        ring = words.reshape(-1, 4)
        round_trip = rng.permutation(lines)
        ring[round_trip, 0] = np.roll(round_trip, -1)
        wait = best(lambda: loaded.chased(place, size(1_000_000)), 3) / 1_000_000
        return fetch * 1e9, wait * 1e9, len(words) * 8 / stream / 1e9

    return measured


def best(what: Callable[[], object], rounds: int) -> float:
    """The least cpu time of several rounds."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        what()
        spent.append(time.process_time() - began)
    return min(spent)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--codes", type=float, default=1e6)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="where codes are kept"
    )
    parser.add_argument("--peers", type=Path, default=None, help="site-packages that have the peers")
    parser.add_argument("--growth", action="store_true", help="search parts of the codes too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
