"""Near-duplicate texts by way of the desk: taken, looked for from outside, grown, and erased."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")
STORY = (
    "Rescue workers in the port town of Halsan said on Tuesday that seventeen bodies had been recovered "
    "from the grain depot, which was struck shortly before dawn. A spokesman for the harbour office put the "
    "number of missing at nine. Residents described two explosions and a fire that lasted all day.\n"
)
OTHER = (
    "The council of the upper valley will meet on Friday to vote on the new bridge. Farmers have asked for a "
    "wider road, and the mayor promised to answer each of their letters before the end of the month.\n"
)
PAGE = (
    "<html><head><title>Depot struck</title></head>"
    "<body><article><h1>Depot struck</h1>{}</article></body></html>"
)


class Desk:
    """A case in a folder of its own, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, verb: str, *words: object, code: int = 0) -> list[dict[str, Any]]:
        """The answers of a command; `said` keeps what it said on stderr."""
        given = ["case"] if verb == "new" else ["--case", "case"]
        done = subprocess.run(
            [sys.executable, "-m", "witnessmark", verb, *given, *map(str, words), "--json"],
            cwd=self.folder,
            env={**os.environ, "WITNESSMARK_KEYS": str(self.folder / "keys"), "WITNESSMARK_PERSON": "tester"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stderr
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, "utf-8")
        return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case with a story, and one that is another."""
    made = Desk(tmp_path_factory.mktemp("texts"))
    made.run("new", "--name", "Texts")
    made.run("take", made.file("story.txt", STORY), made.file("other.txt", OTHER))
    return made


def test_a_story_that_was_printed_again_is_matched_when_it_is_taken_and_told_as_it_is(desk: Desk) -> None:
    paragraphs = "".join(f"<p>{one}.</p>" for one in STORY.replace("nine", "eleven").split(". "))
    (taken,) = desk.run("take", desk.file("page.html", PAGE.format(paragraphs)))
    (shown,) = desk.run("show", taken["exhibit"])
    (match,) = shown["match"]
    assert (match["method"], match["transform"]) == ("text 1", "edited")
    assert 0 < match["distance"] < 30
    assert shown["groups"] == []
    assert "whether one copied the other" in match["limits"]


def test_a_text_from_outside_is_looked_for_and_leaves_nothing(desk: Desk) -> None:
    before = len(desk.run("log"))
    hits = desk.run("find", "--like", desk.file("post.txt", STORY.replace("seventeen", "seventy")))
    assert hits
    assert hits[0]["method"] == "text 1"
    assert "runs of three words" in hits[0]["reason"]
    assert "readable texts" in desk.said
    assert len(desk.run("log")) == before
    (hit, *_) = desk.run("find", "--like", desk.folder / "other.txt")
    assert hit["method"] == "exact"


def test_nothing_found_and_too_few_words_are_told_apart(desk: Desk) -> None:
    told_anew = (
        "Nine people were still missing after the attack on a store of grain, as the office that runs the "
        "harbour let it be known; those who live nearby heard two blasts and saw flames for hours on end."
    )
    assert desk.run("find", "--like", desk.file("anew.txt", told_anew)) == []
    assert "does not say that it is new" in desk.said
    desk.run("find", "--like", desk.file("short.txt", "Depot struck before dawn"), code=5)
    assert "cannot be looked for" in desk.said


def test_what_was_erased_is_not_found(desk: Desk) -> None:
    (one,) = desk.run("take", desk.file("gone.txt", OTHER.replace("Friday", "Monday")))
    desk.run("erase", one["exhibit"], "--reason", "asked for")
    hits = desk.run("find", "--like", desk.file("again.txt", OTHER.replace("Friday", "Sunday")))
    assert one["exhibit"] not in {hit["exhibit"] for hit in hits}
    assert hits
