"""The floor on the exercise case, where it is known which doll stands where.

    python benchmarks/floor_exercise.py [--draws N]

The men stand before a wall of blocks that look alike: what is paired lies on the wall, who is counted
does not. For every choice of two or three of the six pictures each doll is marked where it is seen, off by
two pixels, and the minimum is held against the number of dolls on those pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from witnessmark.examine.spots import described
from witnessmark.match.registering import match_of, register
from witnessmark.model import Digest, Match, Range, Region, Shape
from witnessmark.model.counting import Mark
from witnessmark.weigh.counting.floor import floors
from witnessmark.weigh.counting.loops import consistent

EXERCISE = Path(__file__).resolve().parents[1] / "examples/exercise"
FILES = tuple(f"pictures/halsan-front-0{number}.jpg" for number in range(2, 8))
NOISE_PX, LEAST_PIXELS = 2.0, 90


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--draws", type=int, default=5, help="of each choice of pictures")
    given = arguments.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one used")
    pictures = json.loads((EXERCISE / "truth/pictures.json").read_text("utf-8"))["pictures"]
    persons = {one["file"]: one["persons"] for one in pictures if one["file"] in FILES}
    matches = _matches()
    print(f"registered: {', '.join(_named(one) for one in matches)}")
    chance = np.random.default_rng(20261123)
    rows = []
    for count in (2, 3):
        for chosen in combinations(FILES, count):
            rows += [_draw(chance, chosen, persons, matches) for _ in range(given.draws)]
    truth, least, single, forbidden = np.array(rows).T
    print(f"{len(rows)} draws: minimum {least.sum() / truth.sum():.3f} of the truth, best single picture")
    print(f"  {single.sum() / truth.sum():.3f} of it; above the truth {int((least > truth).sum())} times;")
    print(f"  marks of one doll held apart: {int(forbidden.sum())}")


def _draw(
    chance: np.random.Generator, chosen: tuple[str, ...], persons: dict[str, Any], matches: list[Match]
) -> tuple[int, int, int, int]:
    marks, who = [], {}
    for file in chosen:
        for person in persons[file]:
            if person["pixels"] >= LEAST_PIXELS:
                x, y, width, height = person["box"]
                off = NOISE_PX * chance.standard_normal(2)
                record = Digest.of(f"{file} {person['id']}".encode())
                who[record] = person["id"]
                place = (float(x + width / 2 + off[0]), float(y + 0.3 * height + off[1]))
                region = Region(Shape.POINT, (place,))
                marks.append(Mark(record, _digest(file), "people", Range(best=1), "A", 1280.0, region))
    here = {_digest(file) for file in chosen}
    kept, _ = consistent([one for one in matches if {one.query, one.candidate} <= here])
    (found,) = floors(marks, kept)
    twice = len(found.whole.members) - len({who[one] for one in found.whole.members})
    return len(set(who.values())), found.whole.least, found.whole.single, twice


def _matches() -> list[Match]:
    spots = {}
    for file in FILES:
        with (EXERCISE / "incoming" / file).open("rb") as stream:
            spots[file] = described(stream)
    found = []
    for one, other in combinations(FILES, 2):
        views = register(spots[one], spots[other])
        if views is not None and views.holds:
            found.append(match_of(_digest(one), _digest(other), views))
    return found


def _named(match: Match) -> str:
    names = {_digest(file): file[-6:-4] for file in FILES}
    return f"{names[match.query]}–{names[match.candidate]}"


def _digest(file: str) -> Digest:
    return Digest.of(file.encode())


if __name__ == "__main__":
    main()
