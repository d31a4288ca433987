"""Populations of a known size: how often the printed 95 % interval holds it, and how often none is printed.

Well-specified: two or three kinds of persons, 3 to 8 lists that are independent within a kind, 500 to 100,000
persons. Wrong: lists that copy from each other, or that avoid each other (a person whom one list has is taken
off another), and persons who all differ (a normal spread of the log odds to be listed).

    python benchmarks/estimate_simulation.py --runs 400 --wrong 100 --seed 1 --write runs.jsonl
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from witnessmark.weigh.estimating import Settings, Table, estimate
from witnessmark.weigh.estimating.latent import Effort

EFFORT = Effort(exact=None)
WRONG = ("copying", "avoiding", "all differ")


def by_class(random: np.random.Generator, people: int, lists: int, classes: int) -> np.ndarray:
    """Marks [person, list] of so many kinds of persons."""
    weights = random.dirichlet(np.full(classes, 4.0))
    level = np.sort(random.uniform(0.08, 0.6, classes))
    rates = np.clip(level[:, None] * random.uniform(0.5, 1.5, (classes, lists)), 0.02, 0.9)
    return random.random((people, lists)) < rates[random.choice(classes, people, p=weights)]


def wrong(random: np.random.Generator, people: int, lists: int, how: str) -> np.ndarray:
    """Marks that no mixture of a few independent kinds explains."""
    if how == "all differ":
        odds = random.normal(-2.0, 1.5, people)[:, None] + random.normal(0, 0.3, lists)
        return random.random((people, lists)) < 1 / (1 + np.exp(-odds))
    marks = by_class(random, people, lists, 2)
    for one in range(0, lists - 1, 2):
        moved = marks[:, one] & (random.random(people) < 0.7)
        marks[moved, one + 1] = how == "copying"
    return marks


def table_of(marks: np.ndarray) -> Table:
    lists = marks.shape[1]
    patterns, counts = np.unique(marks @ (1 << np.arange(lists)), return_counts=True)
    names = [chr(ord("A") + j) for j in range(lists)]
    return Table.of(names, dict(zip(patterns.tolist(), counts.tolist(), strict=True)))


def run(number: int, kind: str, seed: int) -> dict[str, object]:
    random = np.random.default_rng([seed, number])
    people = int(np.exp(random.uniform(np.log(500), np.log(100_000))))
    lists = int(random.integers(3, 9))
    if kind == "well":
        classes = int(random.integers(2, 4))
        marks = by_class(random, people, lists, classes)
    else:
        classes = 0
        lists = max(lists, 4)
        marks = wrong(random, people, lists, kind)
    table = table_of(marks)
    found = estimate([table], Settings(effort=EFFORT, resamples=200, beside=False, seed=number + 1))
    facts = found.facts()
    return {
        "kind": kind,
        "N": people,
        "lists": lists,
        "classes": classes,
        "observed": table.seen,
        "reasons": facts["reasons"],
        "warnings": facts["warnings"],
        "fit": found.fit.patterns if found.fit else None,
        "methods": [
            {
                "method": one.method,
                "median": one.median,
                "low": one.widest.low,
                "high": one.widest.high,
                "failed": one.failed,
                "rhat": one.measures.get("rhat"),
                "sweeps": one.measures.get("sweeps"),
            }
            for one in found.methods
        ],
        "headline": [found.headline.widest.low, found.headline.median, found.headline.widest.high]
        if found.headline
        else None,
    }


def told(rows: list[dict[str, object]]) -> None:
    for kind in dict.fromkeys(row["kind"] for row in rows):
        some = [row for row in rows if row["kind"] == kind]
        printed = [row for row in some if row["headline"]]
        held = sum(row["headline"][0] <= row["N"] <= row["headline"][2] for row in printed)
        flagged = sum(bool(row["reasons"] or row["warnings"]) for row in some)
        print(
            f"{kind}: {len(some)} runs, printed {len(printed) / len(some):.1%}, of these the 95 % interval"
            f" holds N {held / max(len(printed), 1):.1%}; refused or flagged {flagged / len(some):.1%}"
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=40)
    asked.add_argument("--wrong", type=int, default=12)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--write", type=Path)
    given = asked.parse_args()
    rows = []
    plan = [("well", number) for number in range(given.first, given.first + given.runs)]
    plan += [
        (WRONG[number % 3], 100_000 + number) for number in range(given.first, given.first + given.wrong)
    ]
    for kind, number in plan:
        rows.append(run(number, kind, given.seed))
        if given.write:
            with given.write.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    told(rows)


if __name__ == "__main__":
    main()
