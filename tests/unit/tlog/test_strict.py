"""One value, one spelling."""

from __future__ import annotations

import pytest

from witnessmark.errors import MalformedError
from witnessmark.tlog.strict import base64, decimal, head_and_note, shown, unbase64

OTHER_NUMBERS = ("", "00", "01", "-1", "+1", "1_0", " 1", "1 ", "1\n", "1.0", "1e3", "0x1", "٣", "１", "²")
TOO_LARGE = ("9223372036854775808", "9999999999999999999", "1" * 20, "1" * 5000)
OTHER_PADDINGS = ("A", "AA", "AAA", "AA=", "AB==", "AAB=", "AAA==", "AAAA=", "AAAA====", "=AAA", "AA==AAAA")
OTHER_SIGNS = ("-_-_", "AAAA\n", "AAAA\r\n", " AAAA", "AA AA", "AAAé", "ＡAAA", "AAA\udc80", "AAA\0")


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("10", 10), ("9223372036854775807", 2**63 - 1)])
def test_plain_decimals_are_read(text: str, number: int) -> None:
    assert decimal(text, "it") == number


@pytest.mark.parametrize("text", [*OTHER_NUMBERS, *TOO_LARGE])
def test_any_other_number_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="it is not a plain decimal"):
        decimal(text, "it")


def test_canonical_base64_is_read() -> None:
    assert [unbase64(text, "it") for text in ("", "AA==", "AAA=", "AAAA", "+/+/")] == [
        b"",
        b"\0",
        b"\0\0",
        b"\0\0\0",
        b"\xfb\xff\xbf",
    ]
    assert unbase64(base64(b"x" * 32), "it", 32) == b"x" * 32


@pytest.mark.parametrize("text", [*OTHER_PADDINGS, *OTHER_SIGNS])
def test_base64_in_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="it is not base64"):
        unbase64(text, "it")


def test_base64_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedError, match="it has 31 bytes, not 32"):
        unbase64(base64(b"x" * 31), "it", 32)


def test_a_head_ends_at_the_first_blank_line_and_is_ascii() -> None:
    assert head_and_note(b"a\nb\n\nc\n\nd\n", "it") == (["a", "b"], b"c\n\nd\n")
    with pytest.raises(MalformedError, match="it has no blank line"):
        head_and_note(b"a\nb\n", "it")
    with pytest.raises(MalformedError, match="it is not ASCII at byte 1"):
        head_and_note(b"a\xc3\xa9\n\nb", "it")


def test_what_is_shown_is_short_and_has_nothing_invisible() -> None:
    assert shown("log é") == "'log é'"
    assert shown("a" * 61) == f"'{'a' * 60}'…"
    for sign in "\x1b\x9b\u202e\u2066\udc80\n":
        assert sign not in shown(f"a{sign}b")
