"""Laws of reading: every passage stands where it says, whatever the text is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.weigh.reading import Passage, Proposed, statements
from witnessmark.weigh.reading.sentences import sentences, tokens_of

WRITTEN = (
    "said |told |denied |that |“|”|\"|'|’|«|»|according to |the ministry |Ana Torv |, |. |? |: |\n\n|"
    "\n|40 |"
    "at least |no one |killed |men |reportedly |citing |declined to say |could not |confirm |"
    "who |and |if true |was |he |I |قالت |الوزارة |أن |٦٤٠ |أسيرا |نفى |сказав |що |міністр |не |"
    "\u200f|\u202e|\u200b|\u0301|"
    "\U0001f480|￼|\r\n|\t|(|)|— |; |n't |''|``|#|@a "
)
PIECES = st.sampled_from(WRITTEN.split("|"))
made_up = st.lists(PIECES, max_size=60).map("".join)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def passages(one: Proposed) -> Iterator[Passage]:
    yield from one.chain
    yield from one.content
    for passage in (one.cue, one.mention, one.when, one.where):
        if passage is not None:
            yield passage
    if one.certainty is not None:
        yield one.certainty.passage
    for number in one.quantities:
        yield from (passage for passage in (number.passage, number.victims, number.action) if passage)


@given(made_up | anything)
def test_every_passage_is_the_text_at_its_place(text: str) -> None:
    for one in statements(text):
        for passage in passages(one):
            assert text[passage.start : passage.end] == passage.text
            assert passage.text


@given(made_up | anything)
def test_tokens_are_the_text_without_its_gaps(text: str) -> None:
    tokens = [token for sentence in sentences(text) for token in sentence.tokens]
    assert tokens == tokens_of(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    covered = {place for token in tokens for place in range(token.start, token.end)}
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


@given(made_up)
def test_nesting_has_no_circles_and_names_are_unique(text: str) -> None:
    found = {one.name: one for one in statements(text)}
    assert len(found) == len(list(statements(text)))
    for one in found.values():
        seen = set()
        outer: str | None = one.name
        while outer is not None:
            assert outer not in seen
            seen.add(outer)
            outer = found[outer].nested_in


@given(made_up, st.integers(0, 5))
def test_what_stands_before_a_text_only_moves_it(text: str, blank: int) -> None:
    moved = "\n" * blank + text
    here = [(one.stance, [passage.text for passage in passages(one)]) for one in statements(text)]
    there = [(one.stance, [passage.text for passage in passages(one)]) for one in statements(moved)]
    assert here == there


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "word ",
            "a",
            '"',
            "“",
            "' ",
            "he said that ",
            "“no,” he said. ",
            "40 ",
            "no one ",
            ", who said ",
            "( ",
        ),
        *("قالت الوزارة أن ", "\u202e\u200b", "сказав, що "),
    ],
)
def test_time_grows_with_the_length_and_not_faster(piece: str) -> None:
    def seconds(letters: int) -> float:
        text = piece * (letters // len(piece))
        started = time.process_time()
        for _ in statements(text):
            pass
        return time.process_time() - started

    seconds(2_000)
    small, large = seconds(20_000), seconds(80_000)
    assert large < 8 * small + 1.0
