"""Estimates through the command line: one object, strata, draws of a linkage, a page, and bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.test_groups import Desk

WITNESSMARK = [sys.executable, "-m", "witnessmark"]
COUNTS = {"100": 300, "010": 300, "001": 300, "110": 100, "101": 100, "011": 100, "111": 33}
"""Three independent lists, each with a quarter of some 2,100 persons."""


def run(*words: object, at: Path, code: int = 0) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [*WITNESSMARK, *map(str, words), "--json"], cwd=at, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def rows(before: str = "", times: float = 1.0) -> str:
    return "".join(
        f"{before}{','.join(pattern)},{round(count * times)}\n" for pattern, count in COUNTS.items()
    )


def test_a_table_gives_the_one_object_and_a_page(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(f"<b>,B,C,Count\n0,0,0,77\n{rows()}", "utf-8")
    (told,), aside = run("estimate", "table.csv", "--quick", "--out", "page", at=tmp_path)
    assert (told["observed"], told["lists"], told["refused"]) == (1233, ["<b>", "B", "C"], False)
    assert (told["reasons"], told["linkage_draws"]) == ([], 1)
    headline = told["headline"]
    assert set(headline) == {"method", "median", "mean", "intervals", "assumes"}
    assert [one["level"] for one in headline["intervals"]] == [0.5, 0.8, 0.95]
    assert headline["intervals"][-1]["low"] < 2100 < headline["intervals"][-1]["high"]
    for method in told["methods"]:
        assert {"method", "median", "mean", "intervals", "failed", "assumes"} <= set(method)
    main = told["methods"][0]
    assert main["rhat"] <= 1.01
    assert min(main["ess_bulk"], main["ess_tail"]) >= 400
    assert set(main["mcse"]) >= {"0.025", "0.5", "0.975"}
    assert told["fit"]["holds"]
    page = (tmp_path / "page/estimates.html").read_text("utf-8")
    assert page.count("<svg ") == 2
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "page/estimates.html" in aside
    run("estimate", "table.csv", "--out", "page", at=tmp_path, code=4)


def test_strata_are_told_apart_and_draws_of_a_linkage_are_put_together(tmp_path: Path) -> None:
    both = "".join(rows(f"{where},") for where in ("north", "south")).replace(
        "north,1,1,1,33", "north,1,1,1,0"
    )
    (tmp_path / "strata.csv").write_text(f"where,A,B,C,n\n{both}", "utf-8")
    north, south = run("estimate", "strata.csv", "--by", "where", "--quick", at=tmp_path)[0]
    assert (north["stratum"], north["observed"]) == ("north", 1200)
    assert (south["stratum"], south["observed"]) == ("south", 1233)
    drawn = rows("1,") + rows("2,", 1.2)
    (tmp_path / "draws.csv").write_text(f"draw,A,B,C,count\n{drawn}", "utf-8")
    (told,), _ = run("estimate", "draws.csv", "--quick", at=tmp_path)
    assert told["linkage_draws"] == 2
    assert len(told["methods"][0]["of_draws"]) == 2
    low, high = sorted(told["methods"][0]["of_draws"])
    assert low < told["headline"]["median"] < high


def test_an_exhibit_is_read_as_it_was_sealed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("new", desk.case, "--name", "Estimate")
    (tmp_path / "table.csv").write_text(f"A,B,C,count\n{rows()}", "utf-8")
    desk.run("take", tmp_path / "table.csv")
    number = desk.number("table.csv")
    told, entered = desk.run("estimate", number, "--quick", "--enter", "killed")
    assert (told["observed"], told["refused"]) == (1233, False)
    assert entered["kind"] == "estimate"
    desk.run("rebuild")
    desk.run("brief", tmp_path / "brief")
    brief = (tmp_path / "brief/brief.md").read_text("utf-8")
    assert "A 533; B 533; C 533; linked to each other, together 1,233 persons." in brief
    assert f"an estimate of about {round(told['headline']['median']):,} persons in all" in brief
    desk.run("erase", number, "--reason", "asked to")
    desk.run("brief", tmp_path / "without")
    assert "an estimate of" not in (tmp_path / "without/brief.md").read_text("utf-8")


def test_what_is_no_exhibit_is_not_put_on_record(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(f"A,B,C,count\n{rows()}", "utf-8")
    answers, aside = run("estimate", "table.csv", "--enter", "killed", at=tmp_path, code=2)
    assert answers == []
    assert "is no exhibit" in aside
    (tmp_path / "empty").mkdir()
    _, aside = run("estimate", "empty", at=tmp_path, code=2)
    assert "holds no case" in aside


def test_a_refusal_is_an_answer_in_words_too(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("A,B,freq\n1,0,80\n0,1,60\n1,1,40\n", "utf-8")
    (told,), _ = run("estimate", "two.csv", at=tmp_path)
    assert (told["refused"], told["headline"]) == (True, None)
    assert told["methods"][0]["method"] == "two lists (Chapman)"
    assert "independent" in told["methods"][0]["assumes"]
    done = subprocess.run(
        [*WITNESSMARK, "estimate", "two.csv"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "No number is printed:" in done.stdout
    assert "there are 2 usable lists" in done.stdout


@pytest.mark.parametrize(
    ("content", "words", "code", "told"),
    [
        ("A,B\n1,2\n", (), 5, "should be 0 or 1"),
        ("", (), 5, "this table is empty"),
        ("A,B\n1,1\n", ("--classes", "1"), 2, "2 to 64 classes"),
        ("PK\x03\x04", (), 2, "is a workbook"),
    ],
)
def test_bad_input_gets_one_sentence(
    tmp_path: Path, content: str, words: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "table.csv").write_text(content, "utf-8")
    answers, aside = run("estimate", "table.csv", *words, at=tmp_path, code=code)
    assert answers == []
    assert told in aside
    assert "Traceback" not in aside


def test_a_table_that_is_not_there_is_a_wrong_request(tmp_path: Path) -> None:
    _, aside = run("estimate", "nothing.csv", at=tmp_path, code=2)
    assert "nothing.csv is no table that can be read" in aside
