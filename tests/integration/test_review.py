"""Review at a real terminal: what each key does is on record, and a review goes on where it was left."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

WITNESSMARK = [sys.executable, "-m", "witnessmark"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")

TEXT = (
    "The union of dockers said that at least 40 men died in the hall.\n\n"
    "The harbour office denied that anybody was inside.\n\n"
    "وقال المتحدث باسم البلدية إن ١٢ شخصا قتلوا في القاعة.\n\n"
    "Mira Olt doubts the number of 40.\n"
)
PATIENCE_S = 60.0


class Desk:
    """A small case, the command line, and a keyboard."""

    def __init__(self, folder: Path) -> None:
        self.case = folder / "case"
        self.environment = {
            **os.environ,
            "WITNESSMARK_KEYS": str(folder / "keys"),
            "WITNESSMARK_PERSON": "Ada",
        }

    def begin(self, folder: Path) -> None:
        """Make the case: one text, one event, two claims."""
        self.run("new", self.case, "--name", "Hall", cwd=folder)
        (folder / "page.txt").write_text(TEXT, "utf-8")
        self.run("take", folder / "page.txt")
        lines = (
            {"kind": "event", "id": "hall", "name": "The hall"},
            {"kind": "claim", "event": "hall", "topic": "number", "text": "How many men died in the hall"},
            {"kind": "claim", "event": "hall", "topic": "other", "text": "Somebody was inside the hall"},
        )
        sidecar = folder / "claims.jsonl"
        sidecar.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        self.run("assess", "--from", sidecar)

    def run(self, *words: object, cwd: Path | None = None, code: int = 0) -> list[dict[str, Any]]:
        done = subprocess.run(
            [*WITNESSMARK, *map(str, words), "--json"],
            cwd=cwd or self.case,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def review(self, *keys: str) -> str:
        """What stands on the screen after these keys; each is pressed when the screen has come to rest."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.case)
            os.execve(sys.executable, [*WITNESSMARK, "review"], {**self.environment, "TERM": "dumb"})  # noqa: S606
        screen = Screen(terminal)
        screen.wait_for("wait", "?")
        for key in keys:
            before = len(screen.text)
            os.write(terminal, key.encode())
            screen.wait_for_more(before)
        screen.wait_for_end()
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        assert os.waitstatus_to_exitcode(status) == 0, screen.text
        return screen.text

    def log(self) -> list[str]:
        """The types of entries that people's review left."""
        types = [line["type"] for line in self.run("log")]
        return [one for one in types if one.startswith(("statement.", "review."))]

    def statements(self) -> list[tuple[str, str]]:
        """Who stands how, over all claims."""
        return [(cell["speaker"], cell["stance"]) for claim in self.run("claims") for cell in claim["cells"]]


class Screen:
    """What a terminal shows."""

    def __init__(self, terminal: int) -> None:
        self.terminal, self.written = terminal, b""

    @property
    def text(self) -> str:
        return self.written.decode("utf-8", "replace").replace("\r\n", "\n")

    def _read(self, seconds: float) -> bool:
        """Read what comes; False at the end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            found = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.written += found
        return bool(found)

    def wait_for(self, *words: str) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not all(word in self.text for word in words):
            assert self._read(0.2), self.text
            assert time.monotonic() < ends, self.text

    def wait_for_more(self, before: int) -> None:
        """Until something more is shown and nothing further comes for a while."""
        ends = time.monotonic() + PATIENCE_S
        while len(self.text) <= before:
            if not self._read(0.2):
                return
            assert time.monotonic() < ends, self.text
        known = -1
        while known != len(self.written):
            known = len(self.written)
            if not self._read(0.4):
                return

    def wait_for_end(self) -> None:
        ends = time.monotonic() + PATIENCE_S
        while self._read(0.5):
            assert time.monotonic() < ends, self.text


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small case and its keys."""
    folder = tmp_path_factory.mktemp("begun")
    Desk(folder).begin(folder)
    return folder


@pytest.fixture
def desk(begun: Path, tmp_path: Path) -> Desk:
    """The small case, copied."""
    for name in ("case", "keys"):
        shutil.copytree(begun / name, tmp_path / name)
    return Desk(tmp_path)


def test_confirm_skip_reject_and_quit_and_go_on_later(desk: Desk) -> None:
    screen = desk.review("c", "s", "r", "a slip of the reader\n", "q")
    assert "4 proposed statements wait" in screen
    assert "2 decided and on record; 2 wait still" in screen
    assert desk.log() == ["statement.confirmed", "statement.rejected"]
    assert desk.statements() == [("The union of dockers", "asserts")]
    screen = desk.review("q")
    assert "2 proposed statements wait" in screen
    assert "harbour office" in screen
    assert "The union of dockers said" not in screen


def test_the_words_are_shown_in_their_text_and_arabic_keeps_its_direction(desk: Desk) -> None:
    screen = desk.review("s", "s", "s", "s")
    assert "The union of dockers said" in screen.replace("\u2068", "")
    arabic = next(line for line in screen.split("\n") if "البلدية" in line)
    assert arabic.strip().startswith("\u2068")
    assert arabic.strip().endswith("\u2069")


def test_an_edit_is_entered_as_an_edit_with_the_mended_fields(desk: Desk) -> None:
    edit = (
        "e",
        "The Post > The union of dockers\n",
        "\n",
        "at least 40 men died\n",
        "at least 40\n",
        "men\n",
    )
    desk.review(*edit, "c", "q")
    assert desk.log() == ["statement.edited"]
    (claim,) = [one for one in desk.run("claims") if one["cells"]]
    (cell,) = claim["cells"]
    assert cell["quote"] == "at least 40 men died"
    assert cell["amount"]["text"] == "at least 40"
    assert cell["unit"] == "men"
    assert [relay["speaker"] for relay in cell["relayed_by"]] == ["The Post"]


def test_an_edit_with_words_that_do_not_stand_there_changes_nothing(desk: Desk) -> None:
    screen = desk.review("e", "\n", "\n", "at least 50 men died\n", "\n", "\n", "q")
    assert "the text does not have the words" in screen
    assert not desk.log()


def test_undo_takes_the_last_decision_back_and_both_stay_on_the_log(desk: Desk) -> None:
    screen = desk.review("u", "c", "s", "u", "2", "c", "q")
    assert "nothing was decided in this sitting" in screen
    assert "undone" in screen
    assert desk.log() == ["statement.confirmed", "review.undone", "statement.confirmed"]
    assert desk.statements() == [("The union of dockers", "asserts")]


def test_a_new_claim_is_entered_with_the_statement(desk: Desk) -> None:
    desk.review("s", "n", "The harbour office knew who was inside\n", "c", "q")
    found = {one["text"]: one["cells"] for one in desk.run("claims")}
    (cell,) = found["The harbour office knew who was inside"]
    assert (cell["speaker"], cell["stance"]) == ("The harbour office", "denies")


def test_arrows_and_letters_of_other_alphabets_decide_nothing(desk: Desk) -> None:
    desk.review("\x1b[C", "\x1b[A", "с", "ش", "q")
    assert not desk.log()


def test_what_was_reviewed_survives_a_rebuild_and_holds(desk: Desk) -> None:
    desk.review("c", "r", "\n", "q")
    before = desk.run("claims")
    desk.run("rebuild")
    assert desk.run("claims") == before
    assert {check["state"] for check in desk.run("verify")} <= {"holds", "not checkable"}
    assert "2 proposed statements wait" in desk.review("q")


def test_without_a_terminal_it_says_so(desk: Desk) -> None:
    done = subprocess.run(
        [*WITNESSMARK, "review"],
        cwd=desk.case,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "a review needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_waits_is_put_together_by_claim_until_it_is_reviewed(desk: Desk) -> None:
    waiting = desk.run("claims", "--proposed")
    by_claim = {one["text"]: [said["quote"] for said in one["statements"]] for one in waiting}
    assert any("at least 40 men died" in quote for quote in by_claim["How many men died in the hall"])
    assert sum(len(one["statements"]) for one in waiting) == 4
    desk.review("c", "q")
    waiting = desk.run("claims", "--proposed")
    assert sum(len(one["statements"]) for one in waiting) == 3


def test_claims_that_are_alike_are_named_until_they_are_merged(desk: Desk) -> None:
    sidecar = desk.case.parent / "alike.jsonl"
    alike = {
        "kind": "claim",
        "event": "hall",
        "topic": "number",
        "text": "How many men have died in the hall",
    }
    sidecar.write_text(json.dumps(alike), "utf-8")
    desk.run("assess", "--from", sidecar)
    (pair,) = [one for one in desk.run("claims", "--proposed") if "alike" in one]
    assert len(pair["texts"]) == 2
    one, other = pair["alike"]
    desk.run("claims", "--move", one, "--to", other, "--reason", "the same question")
    assert not [one for one in desk.run("claims", "--proposed") if "alike" in one]
