"""Rulings on a real case: entered by command and sidecar, seen at once, rebuilt, refused by reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WITNESSMARK = [sys.executable, "-m", "witnessmark"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")

UNION = "The union of dockers said that 40 men died in the hall."
OFFICE = "The harbour office said that 12 men died in the hall."
POST = "The Post has it from the union that 40 men died."
DEATHS, FIRE = "How many men died in the hall", "There was a fire in the hall"


class Desk:
    """A case in a folder of its own, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.case = folder, folder / "case"
        self.environment = {
            **os.environ,
            "WITNESSMARK_KEYS": str(folder / "keys"),
            "WITNESSMARK_PERSON": "Ada",
        }

    def run(self, *words: object, code: int = 0, who: str = "Ada") -> list[dict[str, Any]]:
        """The answers of a command; `said` keeps what it said on stderr."""
        done = subprocess.run(
            [*WITNESSMARK, *map(str, words), "--json"],
            cwd=self.case if self.case.exists() else self.folder,
            env={**self.environment, "WITNESSMARK_PERSON": who},
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stderr
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def enter(self, *lines: dict[str, Any]) -> list[str]:
        """The records of the lines of a sidecar."""
        sidecar = self.folder / "sidecar.jsonl"
        sidecar.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        return [answer["record"] for answer in self.run("assess", "--from", sidecar)]

    def claim(self, text: str) -> dict[str, Any]:
        """One claim as it stands."""
        return next(one for one in self.run("claims") if one["text"] == text)

    def lineages(self) -> list[list[str]]:
        """The sources of each lineage."""
        return [sorted(one["sources"]) for one in self.run("lineages") if "lineage" in one]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case: three texts, two claims, three statements with handles."""
    folder = tmp_path_factory.mktemp("begun")
    desk = Desk(folder)
    desk.run("new", desk.case, "--name", "Hall")
    for name, text in (("union.txt", UNION), ("office.txt", OFFICE), ("post.txt", POST)):
        (folder / name).write_text(text, "utf-8")
        desk.run("take", folder / name)

    def said(handle: str, speaker: str, text: str, count: int) -> dict[str, Any]:
        return {
            "kind": "statement",
            "id": handle,
            "file": f"{handle}.txt",
            "speaker": speaker,
            "stance": "asserts",
            "claim": "deaths",
            "quote": text,
            "amount": {"best": count, "unit": "men"},
        }

    desk.enter(
        {"kind": "event", "id": "hall", "name": "The hall"},
        {"kind": "claim", "id": "deaths", "event": "hall", "topic": "number", "text": DEATHS},
        {"kind": "claim", "id": "fire", "event": "hall", "topic": "other", "text": FIRE},
        said("union", "the union", UNION, 40),
        said("office", "the harbour office", OFFICE, 12),
        {**said("post", "the Post", POST, 40), "relays": "union", "stance": "reports"},
    )
    return folder


@pytest.fixture
def desk(begun: Path, tmp_path: Path) -> Desk:
    """The case, copied."""
    for name in ("case", "keys"):
        shutil.copytree(begun / name, tmp_path / name)
    return Desk(tmp_path)


def test_a_statement_is_moved_with_its_relays_and_back_and_a_rebuild_changes_nothing(desk: Desk) -> None:
    desk.run("claims", "--move", "union", "--to", FIRE, "--reason", "it is about the fire")
    moved = desk.run("claims")
    assert {one["text"]: len(one["cells"]) for one in moved} == {DEATHS: 1, FIRE: 1}
    assert desk.claim(FIRE)["cells"][0]["relayed_by"][0]["speaker"] == "the Post"
    desk.run("rebuild")
    assert desk.run("claims") == moved
    desk.run("claims", "--move", "union", "--to", "deaths", "--reason", "no, about the dead")
    assert len(desk.claim(DEATHS)["cells"]) == 2


def test_claims_are_merged_and_split_again(desk: Desk) -> None:
    desk.run("claims", "--move", "fire", "--to", "deaths", "--reason", "one question")
    (only,) = desk.run("claims")
    assert len(only["merged_into_it"]) == 1
    desk.run("claims", "--move", "deaths", "--to", "fire", "--reason", "the other way", code=2)
    assert "was itself merged" in desk.said
    desk.run("claims", "--move", "fire", "--to", "fire", "--reason", "two questions after all")
    assert len(desk.run("claims")) == 2


def test_what_was_ruled_is_told_with_its_reason_since_then(desk: Desk) -> None:
    entry = len(desk.run("log"))
    assert desk.run("claims", "--since", entry) == []
    desk.run("lineages", "office", "union", "--tie", "--reason", "the office read the union's note")
    (change,) = desk.run("claims", "--since", entry)
    assert change["text"] == DEATHS
    assert [why["reason"] for why in change["why"]] == ["the office read the union's note"]
    assert change["why"][0]["by"] == "Ada"
    (new, *_) = desk.run("claims", "--since", 0)
    assert new["was"] is None
    assert desk.run("claims", "--since", "2999-01-01") == []
    for wrong in ("yesterday", "99999"):
        desk.run("claims", "--since", wrong, code=2)


def test_lineages_are_ruled_and_overruled(desk: Desk) -> None:
    assert desk.lineages() == [["the Post", "the union"], ["the harbour office"]]
    desk.run("lineages", "post", "union", "--apart", "--reason", "the Post had its own man there")
    assert len(desk.lineages()) == 3
    desk.run("lineages", "post", "union", "--tie", "--reason", "he was not")
    assert len(desk.lineages()) == 2
    (edge, *_) = (edge for one in desk.run("lineages") for edge in one["edges"] if edge["reason"])
    assert edge["reason"] == "Ada: he was not"
    desk.enter(
        {
            "kind": "affiliation",
            "source": "the harbour office",
            "body": "the union",
            "bond": "speaks for",
            "reason": "its letterhead",
        }
    )
    assert len(desk.lineages()) == 1


def test_statuses_follow_from_what_is_on_record(desk: Desk) -> None:
    assert (desk.claim(DEATHS)["draft"], desk.claim(FIRE)["draft"]) == ("contested", "not checkable")
    desk.enter(
        {
            "kind": "bearing",
            "on": "deaths",
            "evidence": "E00001",
            "consistency": "inconsistent",
            "reason": "the hall holds thirty",
        }
    )
    assert desk.claim(DEATHS)["draft"] == "contradicted by evidence"


def test_rival_explanations_are_weighed_side_by_side(desk: Desk) -> None:
    one, two = desk.enter(
        {"kind": "hypothesis", "id": "accident", "claim": "deaths", "text": "An accident"},
        {"kind": "hypothesis", "id": "arson", "claim": "deaths", "text": "Arson"},
    )
    desk.enter(
        *(
            {"kind": "bearing", "on": name, "evidence": "union", "consistency": word, "reason": "as it burnt"}
            for name, word in (("accident", "strongly inconsistent"), ("arson", "consistent"))
        )
    )
    rivals = desk.claim(DEATHS)["rivals"]
    assert [found["hypothesis"] for found in rivals["hypotheses"]] == [one, two]
    (row,) = rivals["evidence"]
    assert row["diagnosticity"] == "tells them apart"
    shown = subprocess.run(
        [*WITNESSMARK, "claims", "1"],
        cwd=desk.case,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Rival explanations" in shown.stdout
    assert "tells them apart" in shown.stdout


def test_an_assessment_has_a_likelihood_a_grade_its_reason_and_a_second_reader_who_is_another(
    desk: Desk,
) -> None:
    words = ("--reasons", "one origin", "--rests-on", "union", "--likelihood", "very unlikely")
    (made,) = desk.run("assess", DEATHS, "--status", "unsupported", *words)
    desk.run("assess", "union", "--grade", "B3", "--reasons", "it was there before")
    desk.run("assess", "union", "--grade", "B3", code=2)
    desk.run("assess", made["record"], "--second", "concurs", "--reasons", "my own work", code=2)
    assert "cannot be its second reader" in desk.said
    desk.run("assess", made["record"], "--second", "dissents", "--reasons", "too harsh", who="Lior")
    (claim,) = [one for one in desk.run("claims") if one["text"] == DEATHS]
    (assessment,) = claim["assessments"]
    assert assessment["percent"] == [5, 20]
    assert assessment["second_readers"] == [
        {"reader": "Lior", "concurrence": "dissents", "reasons": "too harsh"}
    ]
    grades = [cell["grades"] for cell in claim["cells"] if cell["speaker"] == "the union"]
    assert grades == [[{"grade": "B3", "reason": "it was there before", "author": "Ada"}]]


SENSELESS: list[tuple[tuple[str, ...], str]] = [
    (("claims", "--move", "union"), "does not say its 'claim'"),
    (("claims", "--move", "union", "--to", FIRE), "does not say its 'reason'"),
    (("claims", "--move", "nothing", "--to", FIRE, "--reason", "x"), "names no claim"),
    (("claims", "--move", "post", "--to", FIRE, "--reason", "x"), "goes where that one goes"),
    (("claims", "no such claim"), "names no claim"),
    (("lineages", "union"), "--tie or --apart"),
    (("lineages", "--tie"), "--tie or --apart"),
    (("lineages", "union", "office", "--tie", "--apart", "--reason", "x"), "--tie or --apart"),
    (("lineages", "union", "union", "--tie", "--reason", "x"), "cannot depend on itself"),
    (
        (
            "assess",
            DEATHS,
            "--status",
            "supported",
            "--reasons",
            "x",
            "--rests-on",
            "union",
            "--likelihood",
            "maybe",
        ),
        "none of",
    ),
    (("assess", "union", "--grade", "Z9", "--reasons", "x"), "not a pair"),
]


def test_what_makes_no_sense_is_refused_in_one_sentence(desk: Desk) -> None:
    for words, said in SENSELESS:
        desk.run(*words, code=2)
        assert said in desk.said, words
        assert "Traceback" not in desk.said
    types = [line["type"] for line in desk.run("log")]
    assert not {"filing.entered", "tie.entered", "grade.entered", "assessment.entered"} & set(types)


def test_a_ruling_goes_with_what_it_is_about_when_that_is_erased(desk: Desk) -> None:
    desk.run("lineages", "office", "union", "--tie", "--reason", "a name that must not stay")
    desk.run("erase", "E00002", "--reason", "withdrawn")
    assert [one["sources"] for one in desk.run("lineages")] == [["the union", "the Post"]]
    database = (desk.case / "case.db").read_bytes()
    assert b"a name that must not stay" not in database
