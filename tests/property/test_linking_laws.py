"""Laws of linking: whatever stands in a list, reading it ends, and what is said of rows are probabilities."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.weigh.linking.ages import OLDEST, sex_of, years_of
from witnessmark.weigh.linking.calendars import days_of, hijri_ordinal
from witnessmark.weigh.linking.columns import columns_of, meaning_of
from witnessmark.weigh.linking.letters import folded, skeleton
from witnessmark.weigh.linking.naming import name
from witnessmark.weigh.linking.posterior import _matched

ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآؤئءـًٌَُِّ ", max_size=40)
LATIN = st.text("abcdefghijklmnopqrstuvwxyzABCéüñ'’- ", max_size=40)
ANY = st.text(max_size=60) | ARABIC | LATIN
VOWEL_SIGNS = st.sampled_from("ًٌٍَُِّْـ")
EDGES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(6, 11), st.floats(1e-6, 1e6)), min_size=1, max_size=25
)


@given(ANY)
def test_folding_a_folded_word_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(ARABIC, VOWEL_SIGNS, st.integers(0, 40))
def test_vowel_signs_and_stretching_say_nothing(text: str, sign: str, place: int) -> None:
    assert folded(text[:place] + sign + text[place:]) == folded(text)


@given(LATIN)
def test_the_case_of_letters_says_nothing(text: str) -> None:
    assert folded(text.upper()) == folded(text.lower()) == folded(text)


@given(ANY)
def test_a_skeleton_is_never_empty_for_a_word_and_a_name_is_read_to_its_end(text: str) -> None:
    found = name(text)
    assert len(found.words) <= 12
    for word in found.words:
        assert word.bones
        assert word.key
        assert skeleton(word.form) or not word.form


@given(
    st.lists(
        st.sampled_from(["محمد", "خالد", "الزنكاوي", "عبد الله", "Khaled", "al-Halsani"]),
        min_size=1,
        max_size=5,
    )
)
def test_spaces_between_words_say_nothing(words: list[str]) -> None:
    assert name(" ".join(words)) == name(f"  {'   '.join(words)} ")


@given(ANY)
def test_an_age_is_a_range_within_a_life(text: str) -> None:
    found = years_of(text)
    assert found is None or 0 <= found[0] <= found[1] <= OLDEST
    assert sex_of(text) in (None, "m", "f")


@given(ANY | st.text("0123456789٠١٢٣/-. ", max_size=14), st.booleans())
def test_a_date_begins_before_it_ends(text: str, day_first: bool) -> None:
    found = days_of(text, day_first=day_first)
    assert found is None or 1 <= found.first <= found.last


@given(st.integers(1250, 1499), st.integers(1, 12), st.integers(1, 29))
def test_a_later_islamic_day_is_a_later_day(year: int, month: int, day: int) -> None:
    assert hijri_ordinal(year, month, day + 1) == hijri_ordinal(year, month, day) + 1
    length = hijri_ordinal(year + 1, 1, 1) - hijri_ordinal(year, 1, 1)
    assert length in (354, 355)
    assert hijri_ordinal(year, month, 1) < hijri_ordinal(year, month + 1, 1)


@given(st.lists(st.lists(ANY, max_size=5).map(tuple), max_size=8))
def test_any_table_has_columns_or_none(rows: list[tuple[str, ...]]) -> None:
    found = columns_of(rows)
    assert all(0 <= place < max(map(len, rows)) for place in found.meanings)


@given(ANY)
def test_any_header_means_something_or_nothing(text: str) -> None:
    meaning_of(text)


@given(EDGES)
def test_what_is_said_of_a_row_adds_up_to_at_most_one(edges: list[tuple[int, int, float]]) -> None:
    unique = {(left, right): odds for left, right, odds in edges}
    left, right = (np.array([pair[side] for pair in unique]) for side in (0, 1))
    found = _matched(left, right, np.array(list(unique.values())))
    assert ((found >= 0) & (found <= 1)).all()
    for side in (left, right):
        assert np.bincount(side, found).max() <= 1 + 1e-9
