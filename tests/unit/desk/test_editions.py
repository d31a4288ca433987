"""What changed between two versions of the brief is told, within a bounded time however long they are."""

from __future__ import annotations

import random
import time

import pytest

from witnessmark.desk.editions import Typed, between
from witnessmark.model import Chapter


def said(one: str, other: str) -> list[tuple[str, str]]:
    """The pieces of one section that was changed."""
    (changed,) = between([Typed(Chapter.CLAIMS, one)], [Typed(Chapter.CLAIMS, other)])
    return [(piece.kind, piece.text) for piece in changed.pieces]


def test_a_changed_word_is_told_word_by_word() -> None:
    assert said("The gate was open.", "The gate was shut.") == [
        ("same", "The gate was "),
        ("gone", "open"),
        ("new", "shut"),
        ("same", "."),
    ]


def test_of_a_long_section_the_changed_line_is_told() -> None:
    lines = [f"Sentence {number} says what {number * 7} people saw." for number in range(500)]
    changed = [*lines[:250], "Something else.", *lines[251:]]
    told = said("\n".join(lines), "\n".join(changed))
    assert told[1:3] == [("gone", f"{lines[250]}\n"), ("new", "Something else.\n")]
    assert [kind for kind, _ in told] == ["same", "gone", "new", "same"]


def test_in_a_long_section_a_changed_word_is_told_by_itself_where_its_line_is_much_the_same() -> None:
    lines = [f"Sentence {number} says what {number * 7} people saw." for number in range(500)]
    changed = [*lines[:250], lines[250].replace("people", "men"), *lines[251:]]
    told = [piece for piece in said("\n".join(lines), "\n".join(changed)) if piece[0] != "same"]
    assert told == [("gone", "people"), ("new", "men")]


@pytest.mark.parametrize("separator", [" ", "\n"])
def test_long_passages_that_have_little_in_common_do_not_hold_anybody_up(separator: str) -> None:
    chance = random.Random(7)  # noqa: S311 - not for secrets
    words = ["".join(chance.choices("abcdefghij", k=5)) for _ in range(3_000)]
    for length in (900, 6_600):
        one, other = (separator.join(chance.choices(words, k=length)) for _ in range(2))
        began = time.process_time()
        pieces = said(one, other)
        assert time.process_time() - began < 10
        assert "".join(text for kind, text in pieces if kind != "new") == one
        assert "".join(text for kind, text in pieces if kind != "gone") == other
