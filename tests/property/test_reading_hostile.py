"""Hostile texts: a clear error, or places that hold. Never a crash, and never a text that seems empty."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.desk import text_of_file
from witnessmark.errors import MalformedError, UsageError
from witnessmark.weigh.reading import Proposed, statements

ARTICLE = (
    "The ministry said on Monday that “at least 40 men” had died. Ana Torv, a nurse, denied it.\n\n"
    "وقالت الوزارة إن ٦٤٠ أسيرا قتلوا. Міністр сказав, що 12 людей загинули.\n"
)
HIDDEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\u0301\u20dd\ufe0f"
)


def holds(text: str, found: list[Proposed]) -> bool:
    passages = [
        passage for one in found for passage in (*one.chain, *one.content, *([one.cue] if one.cue else []))
    ]
    numbers = [number.passage for one in found for number in one.quantities]
    return all(text[one.start : one.end] == one.text for one in (*passages, *numbers))


@given(st.lists(st.tuples(st.integers(0, len(ARTICLE)), st.sampled_from(HIDDEN)), max_size=40))
def test_signs_that_nobody_sees_move_no_place(hidden: list[tuple[int, str]]) -> None:
    text = ARTICLE
    for at, sign in hidden:
        text = text[:at] + sign + text[at:]
    assert holds(text, list(statements(text)))


def test_directions_turned_around_whole_words_hide_no_statement() -> None:
    turned = ARTICLE.replace("The ministry", "\u202eThe ministry\u202c").replace(
        "Ana Torv", "\u2067Ana Torv\u2069"
    )
    found = list(statements(turned))
    assert holds(turned, found)
    assert len(found) >= 2
    assert {number.passage.text for one in found for number in one.quantities} >= {"at least 40"}


@pytest.mark.parametrize(
    "content",
    [
        ARTICLE.encode("utf-16"),
        ARTICLE.encode("utf-16-le"),
        ARTICLE.encode("utf-32"),
        "Ана said no.".encode("cp1251"),
        "José said no.".encode("latin-1"),
        ARTICLE.encode()[:-2] + b"\xd9",
        b"\xc0\xafsaid",
        b"\xed\xa0\x80said",
        b"\x1f\x8b\x08said\x00",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    ],
)
def test_a_broken_encoding_is_said_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    with pytest.raises(MalformedError, match=r"is not text in UTF-8|is no plain text"):
        text_of_file(path)


@pytest.mark.parametrize("name", ["\udcff", "a\nb", "x" * 300, "\0"])
def test_an_odd_name_is_the_callers_fault(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        text_of_file(tmp_path / name)


def test_a_byte_order_mark_moves_places_by_one_sign_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes(b"\xef\xbb\xbf" + ARTICLE.encode())
    text = text_of_file(path)
    assert text == "\ufeff" + ARTICLE
    assert holds(text, list(statements(text)))


def test_mutilated_bytes_are_refused_or_read_with_places_that_hold(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    refused = read = 0
    path = tmp_path / "mutilated.txt"
    for _ in range(300):
        content = bytearray(ARTICLE.encode())
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            text = text_of_file(path)
        except MalformedError:
            refused += 1
            continue
        read += 1
        assert holds(text, list(statements(text)))
    assert refused > 20
    assert read > 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "size"),
    [
        ("9" * 50, 10_000_000),
        ("The ministry said that at least 40 men had died, ", 1_000_000),
        ('“no ‘no "no ', 1_000_000),
        ("\u202e\u200bقالت الوزارة أن ٦٤٠ أسيرا ", 1_000_000),
    ],
)
def test_megabytes_in_one_line_are_read_to_the_end(piece: str, size: int) -> None:
    text = piece * (size // len(piece.encode())) + "Ana Torv said that forty men had died."
    assert "\n" not in text
    assert len(text.encode()) >= 0.99 * size
    found = list(statements(text))
    assert holds(text, found[:200] + found[-200:])
