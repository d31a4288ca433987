"""Linking on lists that others made: FEBRL 3 and 4 (synthetic Australian), and two lists of police killings.

FEBRL comes with the package `recordlinkage`; it is saturated, so this is a smoke test. The Guardian's and the
Washington Post's lists of 2015 are real people: nothing of them is kept here but the numbers that the lists
give their rows. There is no truth about them; `by rule` are pairs of one state, at most four days apart, with
names alike (token_set_ratio 85), and `hard` are pairs that this rule misses and a person labelled.

    pip install recordlinkage rapidfuzz
    python benchmarks/linking_known.py [FOLDER with guardian.csv and wapo.csv]
"""

from __future__ import annotations

import csv
import sys
import time
from calendar import month_name
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from witnessmark.weigh.linking import Linked, Wish, linked, read_roll

Pairs = set[tuple[int, int]]
Rows = list[list[str]]


def link(*lists: Rows, unique: bool) -> tuple[Linked, float]:
    """The lists linked, and the seconds that it took."""
    start = time.perf_counter()
    with TemporaryDirectory() as spill:
        wish = Wish(frozenset(range(len(lists))) if unique else frozenset())
        found = linked([read_roll(f"list {n}", rows) for n, rows in enumerate(lists)], wish, spill)
    return found, time.perf_counter() - start


def told(what: str, found: Pairs, true: Pairs, seconds: float) -> None:
    """Precision, recall and F1 in a line."""
    good = len(found & true)
    f1 = 2 * good / (len(found) + len(true))
    print(
        f"{what:10} P {good / len(found):.4f} R {good / len(true):.4f} F1 {f1:.4f}  {seconds:.1f} s",
        flush=True,
    )


def pairs_of(found: Linked) -> Pairs:
    """The linked pairs as rows from 0 of the list (or lists) that they stand on."""
    rows = found.people.rows
    return {(int(rows[left]) - 1, int(rows[right]) - 1) for left, right in found.links}


def febrl() -> None:
    """FEBRL 4 (two lists, each person once on each) and 3 (one list with doubles)."""
    from recordlinkage.datasets import load_febrl3, load_febrl4  # noqa: PLC0415

    one, other, links = load_febrl4(return_links=True)
    where = [{name: n for n, name in enumerate(frame.index)} for frame in (one, other)]
    found, seconds = link(_rows(one), _rows(other), unique=True)
    told("febrl4", pairs_of(found), {(where[0][a], where[1][b]) for a, b in links}, seconds)

    alone, links = load_febrl3(return_links=True)
    at = {name: n for n, name in enumerate(alone.index)}
    found, seconds = link(_rows(alone), unique=False)
    joined = {
        (one, other)
        for person in found.persons()
        for n, one in enumerate(sorted(row["row"] - 1 for row in person["rows"]))
        for other in sorted(row["row"] - 1 for row in person["rows"])[n + 1 :]
    }
    told("febrl3", joined, {(min(at[a], at[b]), max(at[a], at[b])) for a, b in links}, seconds)


def _rows(frame: object) -> Rows:
    table = frame.fillna("")  # type: ignore[attr-defined]
    return [list(table.columns), *([str(cell) for cell in row] for row in table.itertuples(index=False))]


def police(folder: Path) -> None:
    """The two lists of 2015: how far we agree with the rule, and what became of the hard pairs."""
    from rapidfuzz.fuzz import token_set_ratio  # noqa: PLC0415

    guardian, post = (_read(folder / name) for name in ("guardian.csv", "wapo.csv"))
    months = [month_name[n] for n in range(13)]
    first = [
        [row["name"], row["age"], row["gender"], row["city"], row["state"],
         f"{row['year']}-{months.index(row['month']):02}-{int(row['day']):02}"]
        for row in guardian
    ]  # fmt: skip
    second = [
        [row["name"], row["age"], row["gender"], row["city"], row["state"], row["date"]] for row in post
    ]
    header = ["name", "age", "sex", "city", "state", "date"]
    found, seconds = link([header, *first], [header, *second], unique=True)
    ours = pairs_of(found)
    by_rule = {
        (a, b)
        for a, one in enumerate(first)
        for b, other in enumerate(second)
        if one[4][:2] == other[4][:2]
        and abs((_day(one[5]) - _day(other[5])).days) <= 4
        and token_set_ratio(one[0].lower(), other[0].lower()) >= 85
    }
    print(
        f"police: {len(ours)} linked, {len(by_rule)} by rule, {len(ours & by_rule)} by both; {seconds:.1f} s"
    )
    where = [{row["uid"]: n for n, row in enumerate(guardian)}, {row["id"]: n for n, row in enumerate(post)}]
    hard = {(where[0][a], where[1][b]) for a, b in HARD}
    print(f"police: {len(hard & ours)} of {len(hard)} hard pairs linked")


HARD: tuple[tuple[str, str], ...] = (
    *(("136", "156"), ("144", "165"), ("174", "194"), ("203", "581"), ("317", "357"), ("556", "603")),
    *(("706", "722"), ("720", "729"), ("727", "742"), ("777", "787"), ("797", "805"), ("809", "813")),
    *(("860", "856"), ("936", "913"), ("947", "945"), ("1041", "1026"), ("1057", "1041")),
)
"""Pairs that are one person and that the rule misses, by `uid` and `id`: nicknames, other spellings."""


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as rows:
        return list(csv.DictReader(rows))


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


if __name__ == "__main__":
    febrl()
    for folder in sys.argv[1:]:
        police(Path(folder))
