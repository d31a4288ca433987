"""Who says how many: numbers with their first voices, in texts that the rules were not tuned on.

    python benchmarks/statements_numbers.py [FILE [CORPUS]]

A file may hold names instead of texts: those of articles that `tools/annotation.py collect CORPUS` fetched.
One that ends in .jsonl holds addresses, digests and places: with PYTHONPATH=. its texts are fetched, or read
from the clone CORPUS.
A pair is right if the number has the bounds of the gold one, stands at its place where that is marked, and
the first voice has a word that begins with the gold one; each proposal can be right once. Only numbers of
people count; sets with places leave out one person, told or not, and so does the count. The single
errors are not shown, so that the file stays blind.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.model import Qualifier, Range
from witnessmark.weigh.reading import Proposed, statements

BLIND = Path(__file__).parents[1] / "tests" / "fixtures" / "statements" / "numbers-blind.txt"
SIGNS = {
    ">=": Qualifier.AT_LEAST,
    "<=": Qualifier.UP_TO,
    ">": Qualifier.MORE_THAN,
    "<": Qualifier.LESS_THAN,
    "~": Qualifier.ABOUT,
    "!": Qualifier.VAGUE,
    "": Qualifier.EXACTLY,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A number, and a word of whoever says it; empty if the text names nobody."""

    source: str
    amount: Range
    place: tuple[int, int] | None = None


def main(path: Path = BLIND, corpus: Path | None = None) -> None:
    texts = placed(path, corpus) if path.suffix == ".jsonl" else read(path)
    if corpus is not None and path.suffix != ".jsonl":
        texts = [
            (next(corpus.glob(f"data/*/text/{name}.txt")).read_text("utf-8"), pairs) for name, pairs in texts
        ]
    gold = found = right = number_only = 0
    for text, pairs in texts:
        given = [pair for one in statements(text) for pair in pairs_of(one)]
        if path.suffix == ".jsonl":
            given = [pair for pair in given if pair.amount.low != 1]
        gold, found = gold + len(pairs), found + len(given)
        right += matched(pairs, given, is_same)
        number_only += matched(pairs, given, is_number)
    print(f"{len(texts)} texts, {gold} numbers with their sources; {found} proposed")
    print(f"number alone: recall {number_only / gold:.3f}")
    print(f"number and source: recall {right / gold:.3f}, precision {right / found:.3f}")


def matched(gold: Sequence[Pair], given: Sequence[Pair], fits: Callable[[Pair, Pair], bool]) -> int:
    """How many of the gold pairs have a proposal of their own."""
    left = list(given)
    count = 0
    for pair in gold:
        at = next((at for at, other in enumerate(left) if fits(pair, other)), None)
        if at is not None:
            del left[at]
            count += 1
    return count


def pairs_of(one: Proposed) -> list[Pair]:
    """The numbers of people that a proposed statement gives, with its first voice."""
    source = one.source.text if one.source else ""
    return [
        Pair(source, counted.amount, (counted.passage.start, counted.passage.end))
        for counted in one.quantities
        if counted.unit in {"persons", None}
    ]


def is_number(gold: Pair, other: Pair) -> bool:
    """Whether the number is the same, at the same place if both have one."""
    is_there = (
        gold.place is None
        or other.place is None
        or (gold.place[0] < other.place[1] and other.place[0] < gold.place[1])
    )
    return is_there and gold.amount == other.amount


def is_same(gold: Pair, other: Pair) -> bool:
    """Whether the number is the same and its voice the right one."""
    if not is_number(gold, other):
        return False
    if not gold.source:
        return other.source.lower() in {"", "i", "we"}  # a text that says “we” speaks for itself
    names = "|".join(map(re.escape, gold.source.split("/")))  # one voice may be written in two ways
    return re.search(rf"(?<!\w)(?:{names})", other.source, re.IGNORECASE) is not None


def read(path: Path) -> list[tuple[str, list[Pair]]]:
    """The texts of a file with their pairs."""
    found: list[tuple[str, list[Pair]]] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            source, number, _ = (part.strip() for part in line[2:].split("|"))
            found[-1][1].append(Pair("" if source == "-" else source, _amount(number)))
        elif line.strip() and not line.startswith("#"):
            found.append((line, []))
    return found


def placed(path: Path, clone: Path | None) -> list[tuple[str, list[Pair]]]:
    """The texts of a stand-off file with their pairs; SystemExit if one is not what was marked."""
    from tools.annotation import rows_at, text_at  # noqa: PLC0415 - only whoever fetches texts needs it

    found = []
    for line in path.read_text("utf-8").splitlines():
        facts = json.loads(line)
        source = facts["address"], [clone] if clone else [], facts["sha256"]
        text = rows_at(*source, tuple(facts["sentences"])) if "sentences" in facts else text_at(*source)
        pairs = [
            Pair(one["source"], _amount(one["amount"]), (one["place"][0], one["place"][1]))
            for one in facts["numbers"]
        ]
        found.append((text, pairs))
    return found


def _amount(written: str) -> Range:
    """The range of ">=40", "~170", "160-190", "212"."""
    match = re.fullmatch(r"(>=|<=|>|<|~|!)?(\d+)(?:-(\d+))?", written)
    assert match, written
    value, qualifier = int(match[2]), SIGNS[match[1] or ""]
    if match[3]:
        return Range(low=value, high=int(match[3]), qualifier=Qualifier.BETWEEN)
    if qualifier is Qualifier.EXACTLY:
        return Range(value, value, value)
    if qualifier is Qualifier.ABOUT:
        return Range(best=value, qualifier=qualifier)
    if qualifier in {Qualifier.UP_TO, Qualifier.LESS_THAN}:
        return Range(high=value, qualifier=qualifier)
    return Range(low=value, qualifier=qualifier)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
