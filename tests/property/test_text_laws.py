"""Laws of near texts: order does not matter, what is told is what is there, noise is no match."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.match.texts import ALIKE, RUN, Texts, Words
from witnessmark.model import Digest, Match

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "and", "or", "not")
CONTENT = st.lists(st.sampled_from(WORDS), max_size=60)
ANYTHING = st.text(max_size=200)


def asked(query: str, other: str) -> tuple[Match, ...]:
    texts = Texts({Digest.of(b"other"): other}.get)
    texts.add(Digest.of(b"other"), other)
    return texts.match(Digest.of(b"query"), query)


@settings(max_examples=60, deadline=None)
@given(CONTENT, CONTENT)
def test_two_texts_are_as_like_as_their_runs(one: list[str], other: list[str]) -> None:
    runs = [{tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)} for words in (one, other)]
    share = len(runs[0] & runs[1]) / max(1, len(runs[0] | runs[1]))
    there, back = asked(" ".join(one), " ".join(other)), asked(" ".join(other), " ".join(one))
    assert len(there) == len(back)
    for match in there:
        assert share >= ALIKE
        assert match.distance == round(100 * (1 - share))
    if share >= 0.9 and min(map(len, runs)) >= 12:
        assert len(there) == 1


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_any_text_has_words_that_stand_where_they_are_said_to(content: str) -> None:
    words = Words.of(content)
    assert all(content[start:end] for start, end in words.places)
    assert list(words.places) == sorted(words.places)
    assert asked(content, content) == () or len(words.words) > RUN
