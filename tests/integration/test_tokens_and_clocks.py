"""Times on record: an authority's answers are named by the log, and a clock that was set back is said."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.servers.tsa import OPENSSL, local_tsa, serving

DAY_S = 86_400
SET_BACK = """
import sys
from datetime import timedelta
from witnessmark.preserve.custody import SystemClock
true, back = SystemClock.now, timedelta(seconds=int(sys.argv.pop(1)))
SystemClock.now = lambda self: true(self) - back
from witnessmark.__main__ import main
main()
"""


@dataclass(frozen=True)
class Desk:
    """The real command on one case."""

    work: Path

    def run(self, *words: str | Path, set_back_s: int = 0) -> subprocess.CompletedProcess[str]:
        """How a command ended, with the clock of the machine set back if wished."""
        command = [sys.executable, "-c", SET_BACK, str(set_back_s), *map(str, words)]
        environment = {
            **os.environ,
            "WITNESSMARK_PERSON": "tester",
            "WITNESSMARK_KEYS": str(self.work / "keys"),
        }
        return subprocess.run(
            command, cwd=self.work / "case", env=environment, capture_output=True, text=True, check=False
        )

    def answers(self, *words: str | Path, code: int = 0) -> list[dict[str, object]]:
        """The answers of a command."""
        ran = self.run(*words, "--json")
        assert ran.returncode == code, ran.stderr
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def checks(self, code: int = 0) -> dict[str, tuple[object, str]]:
        """Every check by what it is about."""
        return {
            str(line["what"]): (line["state"], str(line["detail"]))
            for line in self.answers("verify", code=code)
        }

    def take(self, name: str, set_back_s: int = 0) -> subprocess.CompletedProcess[str]:
        """Take in a new text."""
        (self.work / name).write_text(f"What {name} holds.")
        return self.run("take", self.work / name, set_back_s=set_back_s)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    (tmp_path / "case").mkdir()
    return made


@pytest.fixture
def stamped(desk: Desk) -> Iterator[Desk]:
    """A case whose authority answered three times."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    with local_tsa("harbour", desk.work) as tsa, serving(tsa.answer) as url:
        settings = f'[[authority]]\nname = "harbour"\nurl = "{url}"\nroots = ["../root.pem"]\n'
        (desk.work / "root.pem").write_bytes(tsa.root.pem)
        (desk.work / "case" / "witnessmark.toml").write_text(f"{settings}[network]\nlocal_allowed = true\n")
        assert desk.run("new", ".", "--name", "Times").returncode == 0
        assert desk.take("one.txt").returncode == 0
        assert desk.take("two.txt").returncode == 0
        yield desk


def test_each_answer_of_an_authority_is_named_by_the_log_once(stamped: Desk) -> None:
    kept = [line["detail"] for line in stamped.answers("log") if line["type"] == "token.kept"]
    with closing(sqlite3.connect(stamped.work / "case" / "case.db")) as connection:
        sizes = [size for (size,) in connection.execute("SELECT checkpoint_size FROM token ORDER BY 1")]
    assert [one["checkpoint_size"] for one in kept] == sizes[:-1]  # type: ignore[index]
    assert len(sizes) == 3
    assert all(state == "holds" for what, (state, _) in stamped.checks().items() if "time stamp" in what)


@pytest.mark.parametrize("column", ["request", "reply", "chain"])
def test_a_byte_that_no_signature_covers_is_missed_all_the_same(stamped: Desk, column: str) -> None:
    with closing(sqlite3.connect(stamped.work / "case" / "case.db")) as connection, connection:
        changed = {"request": "SET request =", "reply": "SET reply =", "chain": "SET chain ="}[column]
        connection.execute(
            f"UPDATE token {changed} CAST({column} || x'0a' AS BLOB)"  # noqa: S608 - one of three
            " WHERE checkpoint_size = (SELECT min(checkpoint_size) FROM token)"
        )
    broken = [detail for state, detail in stamped.checks(code=6).values() if state == "broken"]
    assert len(broken) == 1
    assert f"its {column} changed since log entry" in broken[0]


def test_an_answer_that_was_taken_away_is_missed(stamped: Desk) -> None:
    with closing(sqlite3.connect(stamped.work / "case" / "case.db")) as connection, connection:
        first = "(SELECT min(checkpoint_size) FROM token)"
        connection.execute(f"DELETE FROM token WHERE checkpoint_size = {first}")  # noqa: S608 - as above
    broken = [detail for state, detail in stamped.checks(code=6).values() if state == "broken"]
    assert len(broken) == 1
    assert broken[0].endswith("says that it was kept, but it is missing")


def test_a_clock_that_was_set_back_is_said_on_record_and_by_verify_and_nothing_is_lost(desk: Desk) -> None:
    assert desk.run("new", ".", "--name", "Clocks").returncode == 0
    assert desk.take("one.txt").returncode == 0
    assert desk.checks()["the clock"][0] == "holds"
    ran = desk.take("two.txt", set_back_s=DAY_S)
    assert ran.returncode == 0
    assert "behind the last entry of the log: check it" in " ".join(ran.stderr.split())
    sessions = [line["detail"] for line in desk.answers("log") if line["type"] == "session.opened"]
    behind = [one["clock_behind_log_s"] for one in sessions]  # type: ignore[index]
    assert behind[0] == 0
    assert DAY_S - 60 < behind[1] <= DAY_S
    assert desk.take("three.txt").returncode == 0
    assert [line["exhibit"] for line in desk.answers("show")] == ["E00001", "E00002", "E00003"]
    state, detail = desk.checks()["the clock"]
    assert state == "not checkable"
    assert "it was set back" in detail
    assert "their order is certain" in detail


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_stamps_that_could_not_be_renewed_are_counted_and_the_exit_code_says_so(desk: Desk) -> None:
    with local_tsa("harbour", desk.work, days=10) as tsa, serving(tsa.answer) as url:
        settings = f'[[authority]]\nname = "harbour"\nurl = "{url}"\nroots = ["../root.pem"]\n'
        (desk.work / "root.pem").write_bytes(tsa.root.pem)
        (desk.work / "case" / "witnessmark.toml").write_text(f"{settings}[network]\nlocal_allowed = true\n")
        assert desk.run("new", ".", "--name", "Quay").returncode == 0
        assert desk.take("one.txt").returncode == 0
        done = desk.run("renew", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 3
    assert told["renewed"] == 0
    assert told["left"] >= 1
    assert done.stderr.count("would end no later than the old one") == 1
    assert "will expire soon and could not be renewed" in done.stderr
