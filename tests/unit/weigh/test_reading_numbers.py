"""Who says how many, on texts that have been looked at: a guard against steps back."""

from __future__ import annotations

from pathlib import Path

from benchmarks.statements_numbers import is_same, pairs_of, read

from witnessmark.weigh.reading import statements

USED = Path(__file__).parents[2] / "fixtures" / "statements" / "numbers-used.txt"


def test_numbers_keep_their_sources_on_texts_that_were_used_up() -> None:
    gold = found = right = 0
    for text, pairs in read(USED):
        given = [pair for one in statements(text) for pair in pairs_of(one)]
        gold, found = gold + len(pairs), found + len(given)
        right += sum(1 for pair in pairs if any(is_same(pair, other) for other in given))
    assert gold >= 80
    assert right / gold >= 0.9
    assert right / found >= 0.88
