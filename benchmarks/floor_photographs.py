"""The floor on real photographs with a known truth: how near the provable minimum comes, and if ever above.

    python benchmarks/floor_photographs.py PICTURES TRUTH [--draws N] [--things N]

PICTURES is a folder of overlapping photographs, TRUTH a reconstruction of them by another program, in the
text form of COLMAP (images.txt); it is used as truth only. Each draw takes a few pictures and some of the
points that at least four pictures see, no two of them within 15 pixels in any of the pictures. Each is a
thing that somebody marks on every picture that sees it, off by Gaussian noise. Pixels are those of a picture
1,024 pixels long; the reach is three times the noise. The pictures are registered as `floor` does, without
the reconstruction.

A public set that was used (nothing of it is kept here): openMVG/ImageDataset_SceauxCastle, 11 photographs,
reconstructed by pycolmap 4.2.1 (`incremental_mapping` on exhaustive matches).
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from witnessmark.examine.spots import described
from witnessmark.match.registering import match_of, register
from witnessmark.model import Digest, Match, Range, Region, Shape
from witnessmark.model.counting import Mark
from witnessmark.weigh.counting.floor import floors
from witnessmark.weigh.counting.loops import consistent

LONG, APART, LEAST_SEEN = 1024, 15, 4
CASES = tuple((noise, pictures) for noise in (2, 3, 4) for pictures in (2, 3, 5))
Place = NDArray[np.float64]
Seen = dict[int, dict[str, Place]]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("pictures", type=Path)
    arguments.add_argument("truth", type=Path)
    arguments.add_argument("--draws", type=int, default=60, help="of each of the nine settings")
    arguments.add_argument("--things", type=int, default=40)
    given = arguments.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one used")
    seen = _seen(given.truth / "images.txt")
    names = sorted({name for places in seen.values() for name in places})
    matches, side = _matches(given.pictures, names)
    pairs = len(names) * (len(names) - 1) // 2
    print(f"{len(names)} pictures, {len(matches)} of {pairs} pairs registered, {len(seen):,} points")
    chance = np.random.default_rng(20261123)
    total = above = 0
    for noise, count in CASES:
        started = time.process_time()
        rows = np.array(
            [_draw(chance, seen, matches, side, (noise, count, given.things)) for _ in range(given.draws)]
        )
        truth, least, bound, merged, single, naive = rows.T
        total, above = total + len(rows), above + int((least > truth).sum())
        print(
            f"{noise} px, {count} pictures: truth {truth.mean():.1f}, minimum {least.mean():.1f}"
            f" ({least.sum() / truth.sum():.3f} of it, above it {(least > truth).sum()} times,"
            f" exact {(least == bound).sum()}), best single {single.mean():.1f}, merged {merged.mean():.1f}"
            f" (off by {np.abs(merged - truth).mean():.1f}), all marks {naive.mean():.1f};"
            f" {(time.process_time() - started) / len(rows):.2f} s a draw",
            flush=True,
        )
    print(f"above the truth in {above} of {total} draws")


def _draw(
    chance: np.random.Generator,
    seen: Seen,
    matches: list[Match],
    side: float,
    case: tuple[float, int, int],
) -> tuple[int, int, int, int, int, int]:
    noise, count, things = case
    names = sorted({name for places in seen.values() for name in places})
    chosen = sorted(chance.choice(names, count, replace=False).tolist())
    points = [point for point in sorted(seen) if any(name in seen[point] for name in chosen)]
    chance.shuffle(points)
    taken: list[int] = []
    for point in points:
        if len(taken) < things and all(_beside(seen, point, other, chosen, side) for other in taken):
            taken.append(point)
    marks = []
    for point in taken:
        for name in chosen:
            if name in seen[point]:
                x, y = seen[point][name] + noise * side / LONG * chance.standard_normal(2)
                record = Digest.of(f"{point} {name}".encode())
                region = Region(Shape.POINT, ((float(x), float(y)),))
                marks.append(Mark(record, _digest(name), "people", Range(best=1), "A", side, region))
    here = {_digest(name) for name in chosen}
    between, _ = consistent([one for one in matches if {one.query, one.candidate} <= here])
    (found,) = floors(marks, between, (), (frozenset(here),), 3 * noise / LONG)
    whole = found.whole
    return len(taken), whole.least, whole.bound, whole.merged, whole.single, whole.naive


def _beside(seen: Seen, one: int, other: int, names: list[str], side: float) -> bool:
    both = [name for name in names if name in seen[one] and name in seen[other]]
    return all(np.hypot(*(seen[one][name] - seen[other][name])) * LONG / side >= APART for name in both)


def _matches(folder: Path, names: list[str]) -> tuple[list[Match], float]:
    spots = {}
    for name in names:
        with (folder / name).open("rb") as stream:
            spots[name] = described(stream)
    found = []
    for one, other in combinations(names, 2):
        views = register(spots[one], spots[other])
        if views is not None and views.holds:
            found.append(match_of(_digest(one), _digest(other), views))
    (side,) = {float(max(one.width, one.height)) for one in spots.values()}
    return found, side


def _seen(images: Path) -> Seen:
    """The places at which each point is seen, by picture."""
    lines = [line for line in images.read_text("utf-8").splitlines() if not line.startswith("#")]
    seen: Seen = defaultdict(dict)
    for head, row in zip(lines[::2], lines[1::2], strict=False):
        name, cells = head.split()[9], row.split()
        for x, y, point in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
            if point != "-1":
                seen[int(point)][name] = np.array([float(x), float(y)])
    return {point: places for point, places in seen.items() if len(places) >= LEAST_SEEN}


def _digest(name: str) -> Digest:
    return Digest.of(name.encode())


if __name__ == "__main__":
    main()
