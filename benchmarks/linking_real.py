"""Two issues of a real list of the dead in Arabic, linked by name, age and sex; the truth is a number.

The Ministry of Health in Gaza published its list again and again, each time typed, corrected and taken out of
a PDF anew, with the identity number of each person. Two issues are linked without that number, and scored by
it. Rows whose number fails its check digit are left out: there nobody knows the truth. Half of the rows of
each issue are drawn by `--seeds`, so that most people have no counterpart. `latin` links the names of the
first issue in Latin letters, as the compilers' own program wrote them, with the second's in Arabic.

The lists name real people and are not kept here; they are in github.com/TechForPalestine/palestine-datasets,
site/static/sources. Columns: id, name, en_name, age, sex.

    python benchmarks/linking_real.py 20240413killed-in-gaza.csv 20240921killed-in-gaza.csv [--seeds 1 2 3]
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from linking_arabic import bands, exact, plain_splink, scored
from linking_people import Lists

from witnessmark.weigh.linking import Wish, linked, read_roll
from witnessmark.weigh.linking.letters import folded

Row = dict[str, str]


def is_whole(number: str) -> bool:
    """Whether an identity number of nine digits has the right last digit (ISO/IEC 7812, annex B)."""
    if not (number.isdigit() and len(number) == 9):
        return False
    weighed = (int(digit) * (1 + place % 2) for place, digit in enumerate(number))
    return sum(each // 10 + each % 10 for each in weighed) % 10 == 0


def issue(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if is_whole(row["id"])]


def lists(first: Sequence[Row], second: Sequence[Row], column: str) -> Lists:
    where = {row["id"]: place for place, row in enumerate(second, 1)}
    return Lists(
        [["name", "age", "sex"], *([row[column], row["age"], row["sex"]] for row in first)],
        [["name", "age", "sex"], *([row["name"], row["age"], row["sex"]] for row in second)],
        {place: where[row["id"]] for place, row in enumerate(first, 1) if row["id"] in where},
        [],
    )


def equal(made: Lists) -> tuple[float, float]:
    """The shares of true pairs whose names are equal letter by letter, and after normalisation."""
    names = [(made.first[one][0], made.second[other][0]) for one, other in made.links.items()]
    bare = [tuple(" ".join(map(folded, each.split())) for each in pair) for pair in names]
    return tuple(sum(one == other for one, other in pairs) / len(pairs) for pairs in (names, bare))


def main() -> None:
    """Link the two issues for each seed in both ways, and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("first", type=Path)
    asked.add_argument("second", type=Path)
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    given = asked.parse_args()
    issues = issue(given.first), issue(given.second)
    for column in ("name", "en_name"):
        said: list[float] = []
        true: list[bool] = []
        for seed in given.seeds:
            chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
            halves = [[row for row in each if chance.random() < 0.5] for each in issues]
            made = lists(halves[0], halves[1], column)
            with TemporaryDirectory() as spill:
                rolls = [read_roll("first", made.first), read_roll("second", made.second)]
                found = linked(rolls, Wish(frozenset({0, 1})), spill)
            rows = found.people.rows
            links = {(int(rows[left]), int(rows[right])) for left, right in found.links}
            said += [pair.probability for pair in found.pairs]
            true += [made.links.get(int(rows[pair.left])) == int(rows[pair.right]) for pair in found.pairs]
            sizes = f"{len(made.first) - 1:,} x {len(made.second) - 1:,} rows, {len(made.links):,} links"
            print("{} {}: {}; names equal {:.1%}, {:.1%}".format(column, seed, sizes, *equal(made)))
            for name, each in (
                ("exact", exact(made)),
                ("splink", plain_splink(found)),
                ("witnessmark", links),
            ):
                print("  {:12} P {:.4f} R {:.4f} F1 {:.4f}".format(name, *scored(each, made)), flush=True)
        bands(np.array(said), np.array(true))


if __name__ == "__main__":
    main()
