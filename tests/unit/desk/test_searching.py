"""Words as they are compared, and questions as the index understands them."""

from __future__ import annotations

import sqlite3

import pytest

from witnessmark.desk.searching import asked_of_index, plain_words
from witnessmark.errors import UsageError

SAME = (
    ("قَتَلَ", "قتل"),
    ("أُصيب", "اصيب"),
    ("القاعة", "قاعه"),
    ("والقاعة", "قاعة"),
    ("للقاعة", "قاعة"),
    ("مستشفى", "مستشفي"),
    ("کودک", "كودك"),
    ("الكـــبير", "كبير"),
    ("١٢", "12"),
    ("۱۲", "12"),
    ("Zürich", "zurich"),
    ("STRASSE", "straße"),
    ("İzmir", "izmir"),
    ("Ёлка", "елка"),
    ("ﬁre", "fire"),
    ("北京", "北 京"),
)
OTHER = (("الله", "له"), ("قتل", "قاتل"), ("ولد", "لد"), ("بال", ""))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_writers_exchange_is_the_same_word(one: str, other: str) -> None:
    assert plain_words(one).split() == plain_words(other).split()


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_another_word_stays_another(one: str, other: str) -> None:
    assert plain_words(one).split() != plain_words(other).split()


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("forty men", '"forty" AND "men"'),
        ('"forty men"', '"forty men"'),
        ("hall*", '"hall" *'),
        ("hall -roof", '"hall" NOT "roof"'),
        ("it's", '"it s"'),
        ("NEAR(a b) OR said:x", '"near a" AND "b" AND "or" AND "said x"'),
    ],
)
def test_a_question_is_put_in_the_words_of_the_index(question: str, wanted: str) -> None:
    assert asked_of_index(question) == wanted


@pytest.mark.parametrize("question", ["", "   ", "-hall", '"', "***", "x" * 201])
def test_a_question_without_a_word_to_be_found_is_refused(question: str) -> None:
    with pytest.raises(UsageError):
        asked_of_index(question)


@pytest.mark.parametrize("question", ['a"b', "'; DROP TABLE known; --", "a AND", "(", '"a" "b', "a^2:{b}"])
def test_no_question_can_be_more_than_words(question: str) -> None:
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE words USING fts5 (said)")
    try:
        wanted = asked_of_index(question)
    except UsageError:
        return
    assert index.execute("SELECT * FROM words WHERE words MATCH ?", (wanted,)).fetchall() == []
