"""Lists of victims on a real run: from files, in a case, ruled on, erased; no name where none may be."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.integration import test_review
from tests.integration.test_groups import EXERCISE, Desk

pytest.importorskip("splink", reason="lists are linked with the extra `link`")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")

INCOMING = EXERCISE / "incoming/lists"
COMMITTEE, REGISTRY, CLINIC = "families-committee.csv", "defence-registry.xlsx", "clinic-tall-wesn.csv"
FILES = (COMMITTEE, REGISTRY, CLINIC)
TRUTH = {
    Path(one["file"]).name: one["row_persons"]
    for one in json.loads((EXERCISE / "truth/lists.json").read_text("utf-8"))["lists"].values()
}
Side = tuple[str, int]
MADE_UP = "Zorvath Quellbrunn"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """What is said of the three lists of the exercise, as files and without a case; and where all lies."""
    folder = tmp_path_factory.mktemp("files")
    desk = Desk(folder)
    words = ("--table", folder / "table.csv", "--draws", 20, "--show", "age")
    return folder, desk.run("lists", "link", *(INCOMING / name for name in FILES), *words)


def side(one: dict[str, Any]) -> Side:
    return one["list"], one["row"]


def true_pairs() -> set[frozenset[Side]]:
    rows = [(name, row) for name in FILES for row in range(1, len(TRUTH[name]) + 1)]
    return {
        frozenset(pair)
        for pair in combinations(rows, 2)
        if len({TRUTH[name][row - 1] for name, row in pair}) == 1
    }


def test_the_lists_of_the_exercise_are_linked_right_and_what_is_wrong_is_in_the_queue(
    told: tuple[Path, list[dict[str, Any]]],
) -> None:
    answers = told[1]
    found = {
        frozenset(pair)
        for one in answers
        if "person" in one
        for pair in combinations(map(side, one["rows"]), 2)
    }
    true = true_pairs()
    assert 2 * len(found & true) / (len(found) + len(true)) >= 0.95
    queue = {frozenset(map(side, one["pair"])) for one in answers if "pair" in one and one["review"]}
    assert found - true <= queue
    assert len(queue) < 40


def test_every_pair_says_what_speaks_for_it_and_tells_only_what_may_be_told(
    told: tuple[Path, list[dict[str, Any]]],
) -> None:
    pairs = [one for one in told[1] if "pair" in one]
    assert [one["probability"] for one in pairs] == sorted(
        (one["probability"] for one in pairs), reverse=True
    )
    first = pairs[0]
    assert first["linked"]
    features = {one["feature"]: one for one in first["features"]}
    assert features["given name"]["weight"] > 0
    assert {tuple(each["cells"]) for one in pairs for each in one["pair"]} <= {("Age",), ("العمر",), ()}
    assert "Talmoury" not in json.dumps(told[1])


def test_each_list_says_how_it_was_understood(told: tuple[Path, list[dict[str, Any]]]) -> None:
    committee, registry, clinic = (one for one in told[1] if "columns" in one)
    assert (committee["rows"], registry["rows"], clinic["rows"]) == (116, 90, 69)
    meant = {one["header"]: one["meaning"] for one in registry["columns"]}
    assert meant["Year of birth"] == "birth"
    assert meant["Reported"] == "not used"
    assert clinic["script"] == "arabic"


def test_the_table_for_the_estimate_has_each_draw_near_the_truth(
    told: tuple[Path, list[dict[str, Any]]],
) -> None:
    rows = list(csv.DictReader((told[0] / "table.csv").read_text("utf-8").splitlines()))
    names = [Path(name).stem for name in FILES]
    assert list(rows[0]) == ["draw", *names, "count"]
    people = [sum(int(row["count"]) for row in rows if row["draw"] == str(draw)) for draw in range(1, 21)]
    assert all(abs(count - 163) <= 8 for count in people)
    assert len(set(people)) > 1
    assert told[1][-1]["people"] == sum(one["people"] for one in told[1][-1]["patterns"])


def test_lists_in_a_case_are_ruled_on_and_the_word_survives_a_rebuild_until_the_list_is_erased(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    desk.run("new", desk.case, "--name", "Lists")
    rows = [f"{given} {father} Kesmarani,{age}" for given, father, age in _people()]
    (tmp_path / "one.csv").write_text("\n".join(["name,age", *rows, f"{MADE_UP},31"]) + "\n", "utf-8")
    (tmp_path / "other.csv").write_text("\n".join(["name,age", *rows[::-1], f"{MADE_UP},33"]) + "\n", "utf-8")
    desk.run("take", tmp_path / "one.csv", tmp_path / "other.csv")
    one, other = desk.number("one.csv"), desk.number("other.csv")
    last = len(rows) + 1
    mine, theirs = f"{one}:{last}", f"{other}:{last}"

    desk.run("lists", "rule", mine, theirs, "--verdict", "different", "--reason", "father and son")
    assert (one, other, last) not in _linked(desk, one, other)
    desk.run("lists", "rule", mine, theirs, "--verdict", "same", "--reason", "the families say so")
    assert (one, other, last) in _linked(desk, one, other)
    desk.run("rebuild")
    desk.run("verify")
    assert (one, other, last) in _linked(desk, one, other)

    assert _estimated_and_told(desk) == ([one, other], last, True)

    log = json.dumps(desk.run("log"))
    assert "lists.linked" in log
    assert "person.identified" in log
    assert "Quellbrunn" not in log
    database = b"".join(path.read_bytes() for path in desk.case.glob("case.db*"))
    assert database
    assert b"Quellbrunn" not in database

    desk.run("erase", one, "--reason", "the family asked")
    desk.run("lists", "link", one, other, code=2)
    assert "erased" in desk.said
    assert all(check["state"] != "BROKEN" for check in desk.run("verify"))
    assert _linked(desk, other) == set()


def test_doubtful_pairs_are_decided_at_the_keyboard_and_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_review, "PATIENCE_S", 300.0)
    desk = Desk(tmp_path)
    desk.run("new", desk.case, "--name", "Review")
    desk.run("take", *(INCOMING / name for name in (COMMITTEE, CLINIC)))
    lists = [desk.number(name) for name in (COMMITTEE, CLINIC)]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(desk.case)
        hand = {"WITNESSMARK_KEYS": str(tmp_path / "keys"), "WITNESSMARK_PERSON": "Ada", "TERM": "dumb"}
        words = [sys.executable, "-m", "witnessmark", "lists", "review", *lists]
        os.execve(sys.executable, words, {**os.environ, **hand})  # noqa: S606
    screen = test_review.Screen(terminal)
    screen.wait_for("1 of", "same person")
    os.write(terminal, b"d")
    screen.wait_for("Why?")
    os.write(terminal, b"another father\n")
    screen.wait_for("2 of")
    os.write(terminal, b"kq")
    screen.wait_for_end()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, screen.text
    (said,) = [one for one in desk.run("log") if one["type"] == "person.identified"]
    assert said["performer"]["name"] == "Ada"
    first = re.search(rf"({lists[0]}|{lists[1]}) (\d+) = ({lists[0]}|{lists[1]}) (\d+)", screen.text)
    assert first is not None
    shown = {(first[1], int(first[2])), (first[3], int(first[4]))}
    pairs = [one for one in desk.run("lists", "link", *lists) if "pair" in one]
    assert not [one for one in pairs if one["linked"] and set(map(side, one["pair"])) == shown]


def _estimated_and_told(desk: Desk) -> tuple[list[str], int, bool]:
    """What is estimated from the lists of the case, after it was put on record and told in the brief."""
    found, entered = desk.run("estimate", desk.case, "--quick", "--enter", "named by the lists")
    assert entered["kind"] == "estimate"
    desk.run("brief", desk.folder / "brief")
    assert "no number is printed: “there are" in (desk.folder / "brief/brief.md").read_text("utf-8")
    return found["lists"], found["observed"], found["refused"]


def _people() -> list[tuple[str, str, int]]:
    given = ("Ahmad", "Khalid", "Omar", "Yusuf", "Hasan", "Tariq", "Salim", "Walid")
    return [(given[n % 8], given[(n * 3 + n // 8 + 1) % 8], 18 + n) for n in range(24)]


def _linked(desk: Desk, *names: str) -> set[tuple[str, str, int]]:
    """Pairs of equal row numbers that are linked."""
    return {
        (a["list"], b["list"], a["row"])
        for one in desk.run("lists", "link", *names)
        if one.get("linked") is True
        for a, b in [one["pair"]]
        if a["row"] == b["row"] and a["list"] != b["list"]
    }


BAD = {
    "no list at all": (("lists", "link", "absent.csv"), 2, "case"),
    "no names": (("lists", "link", "ages.csv"), 5, "no column holds the names of people"),
    "an empty file": (("lists", "link", "empty.csv"), 5, "empty"),
    "a picture": (("lists", "link", "picture.csv"), 5, "no column holds the names"),
    "the same list twice": (("lists", "link", "good.csv", "good.csv"), 2, "the same name"),
    "one list that names nobody twice": (
        ("lists", "link", "good.csv", "--unique", "good.csv"),
        2,
        "nothing to link",
    ),
    "a stranger": (("lists", "link", "good.csv", "--unique", "x.csv"), 2, "none of the lists"),
    "no such column": (("lists", "link", "good.csv", "--show", "shoes"), 2, "no column is called"),
    "no such day": (("lists", "link", "good.csv", "--on", "soon"), 2, "no day"),
    "draws without a table": (("lists", "link", "good.csv", "--draws", "3"), 2, "--table"),
    "a table that is there": (("lists", "link", "good.csv", "--table", "good.csv"), 4, "exists already"),
    "no such act": (("lists", "burn", "good.csv"), 2, "link, review, rule"),
    "no rows to rule": (("lists", "rule", "E1:1"), 2, "two rows"),
    "a review without a terminal": (("lists", "review", "E00001"), 2, "terminal"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_gets_one_sentence_and_leaves_nothing_behind(bad: str, tmp_path: Path) -> None:
    words, code, said = BAD[bad]
    (tmp_path / "good.csv").write_text("name,age\nAli Hasan,20\nOmar Said,30\n", "utf-8")
    (tmp_path / "ages.csv").write_text("age,sex\n20,m\n", "utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "picture.csv").write_bytes((EXERCISE / "incoming/pictures/gate-lorry.jpg").read_bytes())
    room = tmp_path / "tmp"
    room.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "witnessmark", *words],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(room)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(room.iterdir())
