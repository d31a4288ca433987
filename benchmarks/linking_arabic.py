"""Linking of invented Arabic lists with the error rates of real ones: F1 at the default, and calibration.

`exact` links names that are equal after normalisation and occur once on each list; `splink` takes splink's
own weights (the same features, no calibration, no competition) and for each row the best pair from 0.5
on. Calibration: pairs by the probability that was said, in bands; `off` is how far what was said lies
from what was true, weighed by pairs, over pairs from 0.01.

    python benchmarks/linking_arabic.py [--size small|large|few] [--seeds 1 2 3 4 5]

`few` are long lists with few people on both.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from itertools import pairwise
from tempfile import TemporaryDirectory

import numpy as np
from linking_people import Lists, arabic_lists, rates

from witnessmark.weigh.linking import Linked, Wish, linked, read_roll
from witnessmark.weigh.linking.letters import folded

BANDS = (0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 1.0001)
SIZES = {"small": (1400, 8600, 800), "large": (5569, 34344, 3181), "few": (5000, 30000, 500)}


def scored(found: set[tuple[int, int]], made: Lists) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    true = len(found & set(made.links.items()))
    precision, recall = true / max(1, len(found)), true / len(made.links)
    return precision, recall, 2 * true / max(1, len(found) + len(made.links))


def exact(made: Lists) -> set[tuple[int, int]]:
    """Names that are equal after normalisation and occur once on each list."""
    names = [
        [" ".join(map(folded, row[0].split())) for row in rows[1:]] for rows in (made.first, made.second)
    ]
    once = [{name for name, count in Counter(each).items() if count == 1} for each in names]
    where = {name: n for n, name in enumerate(names[1], 1) if name in once[1]}
    return {(n, where[name]) for n, name in enumerate(names[0], 1) if name in once[0] and name in where}


def plain_splink(found: Linked) -> set[tuple[int, int]]:
    """For each row the best pair by splink's independent weights, if it is at least as likely as not."""
    likely = found.likely[0]
    sizes = np.bincount(found.people.lists)
    bits = likely.weights.sum(axis=1) + np.log2(1 / sizes.max())
    best: dict[int, tuple[float, int]] = {}
    for left, right, weight in zip(likely.left.tolist(), likely.right.tolist(), bits.tolist(), strict=True):
        if weight >= 0:
            best[left] = max(best.get(left, (-1e9, 0)), (weight, right))
    return {
        (int(found.people.rows[left]), int(found.people.rows[right])) for left, (_, right) in best.items()
    }


def main() -> None:
    """Link lists of several seeds, and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--size", choices=SIZES, default="small")
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    given = asked.parse_args()
    said: list[float] = []
    true: list[bool] = []
    for seed in given.seeds:
        made = arabic_lists(*SIZES[given.size], seed=seed)
        start = time.perf_counter()
        with TemporaryDirectory() as spill:
            found = linked(
                [read_roll("first", made.first), read_roll("second", made.second)],
                Wish(frozenset({0, 1})),
                spill,
            )
        seconds = time.perf_counter() - start
        rows = found.people.rows
        links = {(int(rows[left]), int(rows[right])) for left, right in found.links}
        for pair in found.pairs:
            said.append(pair.probability)
            true.append(made.links.get(int(rows[pair.left])) == int(rows[pair.right]))
        print(f"seed {seed}: rates " + ", ".join(f"{share:.1%}" for share in rates(made).values()))
        for name, each in (("exact", exact(made)), ("splink", plain_splink(found)), ("witnessmark", links)):
            print("  {:12} P {:.3f} R {:.3f} F1 {:.4f}".format(name, *scored(each, made)))
        print(f"  {seconds:.1f} s, {len(found.pairs)} pairs told")
    bands(np.array(said), np.array(true))


def bands(said: np.ndarray, true: np.ndarray) -> None:
    """Print what was said against what was true."""
    off = 0.0
    for low, high in pairwise(BANDS):
        band = (said >= low) & (said < high)
        if band.any():
            gap = float(true[band].mean() - said[band].mean())
            off += abs(gap) * band.sum() / len(said)
            told = f"{low:.2f} to {min(high, 1):.2f}: {band.sum():6} pairs"
            print(f"  {told}, said {said[band].mean():.3f}, true {true[band].mean():.3f}")
    print(f"  off by {off:.3f} on the whole")


if __name__ == "__main__":
    main()
