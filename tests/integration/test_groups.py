"""Groups on a real case: pictures are joined and told apart by people, also after a rebuild."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WITNESSMARK = [sys.executable, "-m", "witnessmark"]
EXERCISE = Path(__file__).resolve().parents[2] / "examples/exercise"
RECYCLED, OLD = "pebble-88093.jpg", "halsan-front-03.jpg"
MAILED, ARCHIVED = "IMG_20241120.jpg", "sumeil-0147.jpg"
FORWARDED, FIRST = "IMG-20241120-WA0031.jpg", "halsan-front-01.jpg"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")


class Desk:
    """A case in a folder of its own, and the command line; exhibits go by the names of their files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.case = folder, folder / "case"

    def run(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        """The answers of a command; `said` keeps what it said on stderr."""
        environment = {"WITNESSMARK_KEYS": str(self.folder / "keys"), "WITNESSMARK_PERSON": "Ada"}
        done = subprocess.run(
            [*WITNESSMARK, *map(str, words), "--json"],
            cwd=self.case if self.case.exists() else self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stderr
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def number(self, name: str) -> str:
        """The exhibit number of a file."""
        return next(str(one["exhibit"]) for one in self.run("show") if one["source"].endswith(name))

    def groups(self, kinship: str = "same picture") -> list[set[str]]:
        """The members of each group of a kind, by file name."""
        names = {one["exhibit"]: one["source"].rpartition("/")[2] for one in self.run("show")}
        return [
            {names[member["exhibit"]] for member in one["members"]}
            for one in self.run("alike")
            if one["kinship"] == kinship
        ]

    def rule(self, one: str, other: str, verdict: str, code: int = 0, reason: str = "looked at both") -> None:
        """A person's word on two files."""
        words = ("alike", self.number(one), self.number(other), "--verdict", verdict, "--reason", reason)
        self.run(*words, code=code)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case: two pictures and a copy of each, one page with the picture of a third."""
    folder = tmp_path_factory.mktemp("begun")
    desk = Desk(folder)
    desk.run("new", desk.case, "--name", "Halsan")
    pictures = EXERCISE / "incoming/pictures"
    texts = EXERCISE / "incoming/texts"
    desk.run("take", EXERCISE / "archive" / ARCHIVED, pictures / OLD, pictures / RECYCLED, pictures / FIRST)
    desk.run("take", pictures / FORWARDED, texts / "04-courier-official.mhtml", texts / "10-tipline.mbox")
    return folder


@pytest.fixture
def desk(begun: Path, tmp_path: Path) -> Desk:
    """The case, copied."""
    for name in ("case", "keys"):
        shutil.copytree(begun / name, tmp_path / name)
    return Desk(tmp_path)


def test_copies_are_found_and_people_overrule_it_for_good(desk: Desk) -> None:
    (mailed,) = [group for group in desk.groups() if MAILED in group]
    assert mailed == {MAILED, ARCHIVED}
    assert [group for group in desk.groups() if RECYCLED in group] == [{RECYCLED, OLD}]
    assert [group for group in desk.groups() if FIRST in group] == [{FORWARDED, FIRST}]
    desk.rule(RECYCLED, OLD, "same scene")
    desk.rule(FORWARDED, FIRST, "different")
    desk.rule(RECYCLED, FIRST, "derived")
    assert sorted(map(sorted, desk.groups())) == sorted(map(sorted, [{RECYCLED, FIRST}, mailed]))
    assert desk.groups("same scene") == [{RECYCLED, FIRST, OLD}]
    before = desk.run("alike")
    desk.run("rebuild")
    assert desk.run("alike") == before
    desk.rule(OLD, RECYCLED, "derived")
    assert {RECYCLED, OLD, FIRST} in desk.groups()
    (shown,) = desk.run("show", desk.number(FORWARDED))
    (match,) = shown["match"]
    assert (match["decision"]["verdict"], match["decision"]["author"]) == ("different", "Ada")
    assert shown["decision"][0]["verdict"] == "different"
    assert shown["groups"] == []


def test_what_a_search_finds_is_told_with_its_group_and_the_word_of_people(desk: Desk) -> None:
    hits = desk.run("find", "--like", EXERCISE / "incoming/pictures" / RECYCLED)
    assert {hit["exhibit"] for hit in hits} == {desk.number(RECYCLED), desk.number(OLD)}
    for hit in hits:
        (group,) = hit["groups"]
        assert {one["exhibit"] for one in group["members"]} == {desk.number(RECYCLED), desk.number(OLD)}
    desk.rule(RECYCLED, OLD, "different", reason="another wall")
    hits = desk.run("find", "--like", EXERCISE / "incoming/pictures" / RECYCLED)
    verdicts = {hit["exhibit"]: hit["decision"] and hit["decision"]["reason"] for hit in hits}
    assert verdicts == {desk.number(RECYCLED): None, desk.number(OLD): "another wall"}


def test_scenes_are_sought_once_and_no_link_is_no_word_on_the_place(desk: Desk) -> None:
    assert desk.run("scenes") == []
    assert "not that they show two places" in desk.said
    desk.run("take", EXERCISE / "incoming/pictures/halsan-front-04.jpg")
    (scene,) = desk.run("scenes", "--out", desk.folder / "drawn")
    new = desk.number("halsan-front-04.jpg")
    assert {one["exhibit"] for one in scene["members"]} == {new, desk.number(OLD), desk.number(RECYCLED)}
    assert scene["not_measured"] == ["shadows", "camera path"]
    times = [one["at"] for one in scene["order"]["time in the file"]]
    assert times == sorted(times)
    assert (desk.folder / "drawn/scenes.html").is_file()
    size = len(desk.run("log"))
    desk.run("scenes")
    assert len(desk.run("log")) == size


def test_the_oldest_is_told_by_each_kind_of_evidence_and_never_by_all_at_once(desk: Desk) -> None:
    (shown,) = desk.run("show", desk.number(MAILED))
    (group,) = shown["groups"]
    told = {one["evidence"]: one for one in group["oldest"]}
    assert told.keys() == {"sealed here", "time in the file"}
    assert told["time in the file"]["exhibit"] == desk.number(ARCHIVED)
    assert told["time in the file"]["written"].startswith("2017:03:14 09:26:55")
    assert told["time in the file"]["zoned"] is False
    assert "proves nothing by itself" in told["time in the file"]["proves"]
    entry = told["sealed here"]["log_entry"]
    (act,) = [one for one in desk.run("log") if one["index"] == entry]
    assert told["sealed here"]["source"] in act["generated"]
    assert told["sealed here"]["vouched_for_outside"] is None
    assert "does not prove" in told["sealed here"]["proves"]


def test_the_date_of_a_page_is_a_stated_time_of_its_pictures(desk: Desk) -> None:
    desk.rule("halsan-depot-gate.jpg", FIRST, "same scene")
    (group,) = [one for one in desk.run("alike") if one["kinship"] == "same scene"]
    (told,) = [one for one in group["oldest"] if one["evidence"] == "stated posting time"]
    assert told["exhibit"] == desk.number("halsan-depot-gate.jpg")
    assert told["written"] == "2024-11-20T18:20:00+04:00"


def test_rulings_come_by_sidecar_too_and_wrong_ones_are_refused_in_one_sentence(desk: Desk) -> None:
    one, other = desk.number(FIRST), desk.number(OLD)
    line = {"kind": "decision", "between": [one, other], "verdict": "same scene", "reason": "the same gate"}
    sidecar = desk.folder / "sidecar.jsonl"
    sidecar.write_text(json.dumps(line), "utf-8")
    desk.run("assess", "--from", sidecar)
    assert any({FIRST, OLD} <= group for group in desk.groups("same scene"))
    desk.rule(FIRST, OLD, "accept", code=2)
    assert "same, derived, same scene, different" in desk.said
    desk.rule(FIRST, FIRST, "same", code=2)
    desk.rule(FIRST, OLD, "alike", code=2)
    desk.run("alike", one, other, "--verdict", "same", code=2)
    assert "reason" in desk.said
    desk.run("alike", one, other, code=2)
    sidecar.write_text(json.dumps({**line, "between": [one]}), "utf-8")
    desk.run("assess", "--from", sidecar, code=2)
    assert "'between' names two exhibits" in desk.said


def test_a_decision_and_a_sheet_go_with_either_exhibit_that_is_erased(desk: Desk) -> None:
    desk.rule(RECYCLED, FIRST, "derived")
    first, forwarded = desk.number(FIRST), desk.number(FORWARDED)
    desk.run("brief", desk.folder / "brief")
    page = (desk.folder / "brief/brief.html").read_text("utf-8")
    covers = re.findall(
        r'src="previews/([0-9a-f]{64})[.]jpg"[^>]* alt="[^"]*previews of (E[0-9]+ and E[0-9]+) side', page
    )
    sheets = {name for name, pair in covers if {first, forwarded} == set(pair.split(" and "))}
    others = {name for name, pair in covers if first not in pair}
    assert len(sheets) == 1
    assert others
    desk.run("erase", first, "--reason", "asked for")
    kept = {path.name for path in (desk.case / "objects").rglob("*")}
    assert not sheets & kept
    assert others <= kept
    (shown,) = desk.run("show", desk.number(RECYCLED))
    assert shown["decision"] == []
    assert sorted(map(sorted, desk.groups())) == sorted(map(sorted, [{RECYCLED, OLD}, {MAILED, ARCHIVED}]))
