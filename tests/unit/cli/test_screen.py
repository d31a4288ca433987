"""The screen: answers on one side, everything else on the other, and nothing that steers a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from witnessmark.cli.screen import MARKS, Screen, plain
from witnessmark.model import Check, CheckState

HOSTILE = "a\x1b[2J\x07b\u202ec\u200d[red]d[/red]\r\n\x9b31m"


def test_json_is_one_line_and_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(as_json=True)
    screen.answer({"exhibit": "E00001", "source": HOSTILE, "size": 5}, "ignored")
    screen.answer({"source": "ملح"}, "ignored")
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"exhibit": "E00001", "source": HOSTILE, "size": 5},
        {"source": "ملح"},
    ]
    assert "ملح" in out
    assert not err


def test_an_aside_never_stands_among_the_answers(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        Screen(as_json=as_json).aside("2 holds, 0 broken")
        out, err = capsys.readouterr()
        assert not out
        assert err == "2 holds, 0 broken\n"


@pytest.mark.parametrize("state", list(CheckState))
def test_a_check_says_its_state_in_both_ways(state: CheckState, capsys: pytest.CaptureFixture[str]) -> None:
    check = Check("object sha256:ab", state, "has [changed]")
    Screen(as_json=True).check(check)
    assert json.loads(capsys.readouterr().out) == {
        "what": "object sha256:ab",
        "state": state.value,
        "detail": "has [changed]",
    }
    Screen(as_json=False).check(check)
    said = capsys.readouterr().out
    assert said.casefold().startswith(state.value)
    assert said.endswith("object sha256:ab: has [changed]\n")


def test_every_state_has_its_mark() -> None:
    assert set(MARKS) == set(CheckState)
    assert len({Text.from_markup(mark).cell_len for mark in MARKS.values()}) == 1, "they stand in one column"


def test_a_sentence_is_not_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=False).answer({}, "word " * 200)
    assert capsys.readouterr().out.count("\n") == 1


def test_what_comes_from_outside_cannot_steer_the_terminal() -> None:
    assert plain(HOSTILE) == "a\\x1b[2J\\x07b\\x202ec\\x200d\\[red]d\\[/red]\\x0d\\x0a\\x9b31m"


@given(st.text())
def test_what_is_plain_prints_as_itself_and_nothing_else(text: str) -> None:
    printed = Text.from_markup(f"[dim]{plain(text)}[/]").plain
    assert printed.isprintable()
    assert printed == "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def test_no_part_of_a_digest_becomes_a_little_picture(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=False).answer({}, plain("object sha256:ab: is missing :smile:"))
    assert capsys.readouterr().out == "object sha256:ab: is missing :smile:\n"


def test_progress_is_shown_aside(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(as_json=True).progress("taking in") as progress:
        progress("sealed", 1)
        progress("examined", 2)
    assert not capsys.readouterr().out


def test_colour_is_left_out_where_nobody_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=False).answer({}, "[green]E00001[/]")
    assert capsys.readouterr().out == "E00001\n"
    assert not Console().is_terminal
