"""Who says it, and how: one table for each language, and no stance ever turned round."""

from __future__ import annotations

from pathlib import Path

import pytest

from witnessmark.model import Stance
from witnessmark.weigh.reading import Proposed, statements

TABLES = Path(__file__).parents[2] / "fixtures" / "statements"
FOR = frozenset({Stance.ASSERTS, Stance.CONFIRMS, Stance.REPORTS})
AGAINST = frozenset({Stance.DENIES, Stance.DOUBTS, Stance.RETRACTS})


def table(name: str) -> list[tuple[str, str, str]]:
    lines = (TABLES / name).read_text("utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines if not line.startswith("#")]
    return [(stance, source, sentence) for stance, source, sentence in rows]


def of_source(proposed: list[Proposed], source: str) -> list[Proposed]:
    if source == "-":
        return [one for one in proposed if one.source is None]
    return [one for one in proposed if one.source is not None and source in one.source.text]


def is_flip(one: Stance, other: Stance) -> bool:
    return (one in FOR and other in AGAINST) or (one in AGAINST and other in FOR)


@pytest.mark.parametrize(("stance", "source", "sentence"), table("stances.tsv"))
def test_a_sentence_shows_its_stance_and_no_contrary_one(stance: str, source: str, sentence: str) -> None:
    found = of_source(list(statements(sentence)), source)
    assert Stance(stance) in {one.stance for one in found}
    assert not [one for one in found if is_flip(one.stance, Stance(stance))]


@pytest.mark.parametrize(
    ("name", "rows", "least"),
    [("stances.tsv", 120, 0.95), ("arabic.tsv", 60, 0.95), ("ukrainian.tsv", 20, 0.95)],
)
def test_source_and_stance_are_found_in_each_language(name: str, rows: int, least: float) -> None:
    right = proposed = 0
    cases = table(name)
    for stance, source, sentence in cases:
        found = [one for one in statements(sentence) if one.cue is not None]
        proposed += len(found)
        right += any(one.stance == stance for one in of_source(found, source))
    assert len(cases) >= rows
    assert 2 * right / (proposed + len(cases)) >= least


def test_the_table_holds_every_stance() -> None:
    assert {stance for stance, _, _ in table("stances.tsv")} == {str(stance) for stance in Stance}
