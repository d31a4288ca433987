"""Populations of a known size: how often the printed 95 % interval holds it, and how often none is printed.

Well-specified: two or three kinds of persons, 3 to 8 lists that are independent within a kind, 500 to 100,000
persons; in `level` a kind is as a whole easy or hard to reach, in `free` each list reaches it as it may.
`low` are the kinds of the published simulations, of which two thirds of all are on no list.
Wrong: lists that copy from each other, or that avoid each other (a person whom one list has is taken off
another), persons who all differ (the log odds to be listed are spread, `tails` with heavy ones), links that
were missed (a person on two lists becomes two), and a fifth of all whom no list can see.

    python benchmarks/estimate_simulation.py --runs 400 --wrong 100 --write runs.jsonl

A run takes 1 to 15 s of cpu with `--least 4000`; `--flags` alone a twentieth of a second. What is in the file
already is not run again, so that it can be stopped and go on; several processes take slices with `--first`.
`--told FILE…` only sums up.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from witnessmark.weigh.estimating import Settings, Table, estimate, kinds
from witnessmark.weigh.estimating.judged import FACTOR
from witnessmark.weigh.estimating.latent import Effort

WRONG = ("copying", "avoiding", "all differ", "tails", "missed links", "out of sight")
WELL = ("level", "free")
LOW = (
    ((0.9, 0.1), ((0.033, 0.099, 0.132), (0.825, 0.759, 0.99))),
    ((0.9, 0.1), ((0.033, 0.099, 0.132, 0.033), (0.825, 0.759, 0.99, 0.693))),
    ((0.9, 0.1), ((0.033, 0.033, 0.099, 0.132, 0.033), (0.66, 0.825, 0.759, 0.99, 0.693))),
    ((0.7, 0.2, 0.1), ((0.033, 0.099, 0.132), (0.25, 0.2, 0.3), (0.825, 0.759, 0.99))),
)
"""Shares and probabilities of Manrique-Vallier (2016), as Aleshin-Guendel and others took them up."""


def by_class(random: np.random.Generator, people: int, lists: int, classes: int) -> np.ndarray:
    """Marks [person, list] of so many kinds of persons."""
    weights = random.dirichlet(np.full(classes, 4.0))
    level = np.sort(random.uniform(0.08, 0.6, classes))
    rates = np.clip(level[:, None] * random.uniform(0.5, 1.5, (classes, lists)), 0.02, 0.9)
    return random.random((people, lists)) < rates[random.choice(classes, people, p=weights)]


def well(random: np.random.Generator, people: int, lists: int, classes: int, kind: str) -> np.ndarray:
    """Marks [person, list] of so many kinds of persons."""
    if kind == "level":
        return by_class(random, people, lists, classes)
    weights, rates = random.dirichlet(np.full(classes, 4.0)), random.uniform(0.05, 0.6, (classes, lists))
    if kind == "low":
        known, given = LOW[int(random.integers(len(LOW)))]
        weights, rates = np.array(known), np.array(given)
    return random.random((people, rates.shape[1])) < rates[random.choice(len(weights), people, p=weights)]


def wrong(random: np.random.Generator, people: int, lists: int, how: str) -> np.ndarray:
    """Marks that no mixture of a few independent kinds explains."""
    if how in ("all differ", "tails"):
        spread = random.standard_t(2, people) if how == "tails" else random.normal(0, 1.5, people)
        odds = -2.0 + spread[:, None] + random.normal(0, 0.3, lists)
        return random.random((people, lists)) < 1 / (1 + np.exp(-odds))
    marks = by_class(random, people, lists, 2)
    if how == "out of sight":
        marks[random.random(people) < 0.2] = False
    elif how == "missed links":
        missed = (marks.sum(axis=1) > 1) & (random.random(people) < 0.15)
        first = np.arange(lists) == marks.argmax(axis=1)[:, None]
        return np.concatenate([marks[~missed], marks[missed] & first[missed], marks[missed] & ~first[missed]])
    else:
        for one in range(0, lists - 1, 2):
            moved = marks[:, one] & (random.random(people) < 0.7)
            marks[moved, one + 1] = how == "copying"
    return marks


def table_of(marks: np.ndarray) -> Table:
    lists = marks.shape[1]
    patterns, counts = np.unique(marks @ (1 << np.arange(lists)), return_counts=True)
    names = [chr(ord("A") + j) for j in range(lists)]
    return Table.of(names, dict(zip(patterns.tolist(), counts.tolist(), strict=True)))


def made(number: int, kind: str, seed: int) -> tuple[Table, int, int]:
    """A table, how many persons there are in truth, and of how many kinds."""
    random = np.random.default_rng([seed, number])
    people = int(np.exp(random.uniform(np.log(500), np.log(100_000))))
    lists, classes = int(random.integers(3, 9)), int(random.integers(2, 4))
    if kind in WRONG:
        return table_of(wrong(random, people, max(lists, 4), kind)), people, classes
    return table_of(well(random, people, lists, classes, kind)), people, classes


def flagged(plan: list[tuple[str, int]], seed: int) -> None:
    """Of each kind of population the share in which another description is told; no chain is run."""
    found: dict[str, list[bool]] = {}
    for kind, number in plan:
        table, _, _ = made(number, kind, seed)
        found.setdefault(kind, []).append(bool(kinds.told(kinds.descriptions(table), table, FACTOR)))
    for kind, each in found.items():
        print(f"{kind}: told in {sum(each)} of {len(each)} ({sum(each) / len(each):.1%})")


def run(number: int, kind: str, seed: int, effort: Effort) -> dict[str, object]:
    begun = time.process_time()
    table, people, classes = made(number, kind, seed)
    resamples = 100 if len(table.lists) < 7 else 20  # the interval of one method beside
    settings = Settings(effort=effort, resamples=resamples, beside=False, seed=number + 1)
    found = estimate([table], settings)
    facts = found.facts()
    return {
        "kind": kind,
        "N": people,
        "number": number,
        "lists": len(table.lists),
        "classes": classes,
        "cpu_s": round(time.process_time() - begun, 1),
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
        one_kind(kind, [row for row in rows if row["kind"] == kind])
    both = [row for row in rows if row["kind"] in WELL]
    one_kind("level and free", both)
    one_kind("wrong", [row for row in rows if row["kind"] in WRONG])


def one_kind(kind: str, some: list[dict[str, object]]) -> None:
    printed = [row for row in some if row["headline"]]
    held = sum(row["headline"][0] <= row["N"] <= row["headline"][2] for row in printed)
    alone = [row["methods"][0] for row in printed]
    narrow = sum(one["low"] <= row["N"] <= one["high"] for one, row in zip(alone, printed, strict=True))
    flagged = sum(bool(row["reasons"] or row["warnings"]) for row in some)
    late = sum(
        all("do not agree" in reason for reason in row["reasons"]) and not row["headline"] for row in some
    )
    of, shown = max(len(some), 1), max(len(printed), 1)
    print(
        f"{kind}: {len(some)} runs, printed {len(printed) / of:.1%} (not for want of time {late / of:.1%});"
        f" the printed 95 % interval holds N {held / shown:.1%} (the first prior's {narrow / shown:.1%});"
        f" refused or flagged {flagged / of:.1%}; {sum(row['cpu_s'] for row in some) / of:.0f} s of cpu each"
    )


def read(paths: list[Path]) -> list[dict[str, object]]:
    return [
        json.loads(line) for path in paths if path.exists() for line in path.read_text("utf-8").splitlines()
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=40)
    asked.add_argument("--low", type=int, default=0)
    asked.add_argument("--wrong", type=int, default=12)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--least", type=int, default=Effort().least, help="sweeps of each chain, at least")
    asked.add_argument("--most", type=int, default=Effort().most, help="sweeps of each chain, at most")
    asked.add_argument("--seconds", type=float, default=1e9, help="begin no run after so long")
    asked.add_argument("--write", type=Path, default=Path("estimate-simulation.jsonl"))
    asked.add_argument("--flags", action="store_true", help="only what other descriptions tell; no chains")
    asked.add_argument("--told", type=Path, nargs="*", default=[])
    given = asked.parse_args()
    if given.told:
        told(read(given.told))
        return
    plan = [(WELL[number % 2], number) for number in range(given.first, given.first + given.runs)]
    plan += [("low", 50_000 + number) for number in range(given.first, given.first + given.low)]
    plan += [
        (WRONG[number % len(WRONG)], 100_000 + number)
        for number in range(given.first, given.first + given.wrong)
    ]
    if given.flags:
        flagged(plan, given.seed)
        return
    done = {(row["kind"], row["number"]) for row in read([given.write])}
    end = time.monotonic() + given.seconds
    effort = Effort(exact=None, least=given.least, most=given.most)
    for kind, number in plan:
        if (kind, number) not in done and time.monotonic() < end:
            with given.write.open("a", encoding="utf-8") as file:
                file.write(json.dumps(run(number, kind, given.seed, effort)) + "\n")
    told(read([given.write]))


if __name__ == "__main__":
    main()
