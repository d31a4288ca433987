"""Many texts are looked for in a long one as if each were looked for by itself."""

from __future__ import annotations

import random

import pytest

from witnessmark.publish.occurring import occurring


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 80])
def test_a_word_is_found_wherever_it_stands(length: int) -> None:
    chance = random.Random(length)  # noqa: S311 - no secret
    word = "".join(chance.choices("abcde", k=length))
    for place in range(70):
        text = "-" * place + word + "-" * (70 - place)
        assert occurring({word, "not there at all", ""}, text) == {word}
    assert occurring({word + "x", "x" + word, word[:-1] + "y"}, "-" * 9 + word) == set()


def test_it_finds_what_looking_for_each_would_find() -> None:
    chance = random.Random(20_241_124)  # noqa: S311 - no secret
    for _ in range(300):
        text = "".join(chance.choices("ab", k=chance.randrange(200)))
        words = {"".join(chance.choices("ab", k=chance.randrange(1, 14))) for _ in range(40)}
        assert occurring(words, text) == {word for word in words if word in text}
