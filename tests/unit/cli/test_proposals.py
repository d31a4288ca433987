"""Statements proposed from a file: the lines of JSON, the lines for people, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from witnessmark.cli import run
from witnessmark.cli.proposals import proposed_in_a_line
from witnessmark.desk.proposing import propose_from_file
from witnessmark.errors import MalformedError, UsageError
from witnessmark.weigh.reading import statements

ARTICLE = "“At least 40 men are dead,” said Ana Torv.\n\nThe governor denied it.\n"


def test_each_statement_is_one_line_of_json_whose_offsets_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, "utf-8")
    assert not run(["statements", str(path), "--json"])
    said, denied = map(json.loads, capsys.readouterr().out.splitlines())
    assert (said["source"]["text"], said["stance"]) == ("Ana Torv", "asserts")
    assert said["quantities"][0]["low"] == 40
    assert (denied["source"]["text"], denied["stance"]) == ("The governor", "denies")
    for line in (said, denied):
        for passage in (line["source"], line["cue"], *line["chain"], *line["content"]):
            assert ARTICLE[passage["start"] : passage["end"]] == passage["text"]


def test_a_line_for_people_keeps_each_passage_in_its_direction() -> None:
    (one,) = statements("ونفت الجبهة احتجاز أي من الأهالي.")
    assert (
        proposed_in_a_line(one) == "s1 [bold]denies[/] \u2068الجبهة\u2069: \u2068احتجاز أي من الأهالي\u2069"
    )


def test_a_line_tells_nobody_from_the_text_itself() -> None:
    (hearsay,) = statements("The men were reportedly shot.")
    (own,) = statements("Forty men were shot.")
    assert "(nobody is named)" in proposed_in_a_line(hearsay)
    assert "(the text itself)" in proposed_in_a_line(own)
    assert proposed_in_a_line(own).endswith("[cyan]40 persons[/]")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"abc \xff said", "is not text in UTF-8: byte 4"),
        (b"<!DOCTYPE html><p>said</p>", "is no plain text"),
        (b"said\0", "is no plain text"),
    ],
)
def test_what_is_no_plain_text_is_refused_in_a_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    with pytest.raises(MalformedError, match=why):
        propose_from_file(path)


def test_a_file_that_is_not_there_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        propose_from_file(tmp_path / "none.txt")
