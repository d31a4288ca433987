"""Whatever may not be read or written by who is at work: one sentence, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(
        os.geteuid() == 0 and shutil.which("setpriv") is None,
        reason="root may read everything, and there is no setpriv to take that away",
    ),
]
NO_POWERS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root without the powers to pass over permissions is held to them as everybody is."""

CLOSED: dict[str, tuple[str, int, str, int, str]] = {
    "the keys": ("keys/*", 0, "take one.bin", 4, "log.key cannot be read: Permission denied check the perm"),
    "the log's key": ("keys/*/log.key", 0, "verify", 4, "cannot be read: Permission denied"),
    "the vault's key": ("keys/*/vault.key", 0, "show", 4, "vault.key cannot be read: Permission denied"),
    "what was published": ("keys/*/published.json", 0, "take one.bin", 3, "published.json cannot be read"),
    "the database": ("case/case.db", 0, "show", 4, "case.db cannot be opened"),
    "the case for writing": ("case", 0o555, "take one.bin", 4, "case cannot be written"),
    "the case": ("case", 0, "show", 4, "may not be read or written by you"),
    "the staging area": ("case/tmp", 0, "take one.bin", 4, "cannot be written"),
    "the place of a brief": ("shelf", 0o555, "brief shelf/out", 3, "out cannot be written: Permission"),
    "the place of a package": ("shelf", 0o555, "package shelf/out", 4, "Permission denied"),
}


@dataclass(frozen=True)
class Desk:
    """The real command on one case, run by someone who is held to permissions."""

    work: Path

    def run(self, *words: str) -> tuple[int, str, str]:
        """How it ended and what it said; it never shows a traceback."""
        surroundings = {"WITNESSMARK_PERSON": "tester", "WITNESSMARK_KEYS": str(self.work / "keys")}
        ran = subprocess.run(
            [*NO_POWERS, sys.executable, "-m", "witnessmark", *words],
            cwd=self.work,
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ran.stderr
        return ran.returncode, ran.stdout, " ".join(ran.stderr.split())

    def checks(self) -> dict[str, str]:
        """The state of every check of the case."""
        code, out, said = self.run("verify", "--case", "case", "--json")
        assert code == 0, out + said
        return {line["what"]: line["state"] for line in map(json.loads, out.splitlines())}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case of four exhibits, of which only one could be read at first."""
    made = Desk(tmp_path_factory.mktemp("permissions"))
    assert made.run("new", "case", "--name", "Permissions")[0] == 0
    sources = made.work / "sources"
    (sources / "closed").mkdir(parents=True)
    (made.work / "shelf").mkdir()
    (made.work / "one.bin").write_bytes(bytes(range(256)))
    for name in ("a.txt", "b.txt", "closed/c.txt"):
        (sources / name).write_text(f"This is {name}.")
    with closed(sources / "b.txt"), closed(sources / "closed"), closed(made.work / "one.bin"):
        code, out, _ = made.run("take", "sources", "one.bin", "--case", "case", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    outcomes = {str(line["source"]).rpartition("/")[2]: line["outcome"] for line in lines}
    assert (code, outcomes.pop("a.txt")) == (5, "done")
    assert outcomes == dict.fromkeys(("b.txt", "closed", "one.bin"), "failed")
    assert all("Permission denied" in line["reason"] for line in lines if line["outcome"] == "failed")
    assert made.run("take", "sources", "one.bin", "--case", "case")[0] == 0
    return made


@contextmanager
def closed(path: Path, mode: int = 0) -> Iterator[None]:
    """A file or folder that nobody may read, for a while."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_is_named(desk: Desk, name: str) -> None:
    place, mode, words, code, expected = CLOSED[name]
    with closed(next(desk.work.glob(place)), mode):
        ended, _, said = desk.run(*words.split(), "--case", "case")
    assert (ended, expected in said) == (code, True), said


def test_nothing_was_changed_by_what_was_refused(desk: Desk) -> None:
    listed = desk.run("show", "--case", "case", "--json")[1].splitlines()
    assert [json.loads(line)["exhibit"] for line in listed] == ["E00001", "E00002", "E00003", "E00004"]
    assert "broken" not in desk.checks().values()
    assert not list((desk.work / "shelf").iterdir())


def test_an_object_that_may_not_be_read_is_not_checkable_and_not_called_broken(desk: Desk) -> None:
    listed = desk.run("show", "--case", "case", "--json")[1].splitlines()
    digest = json.loads(listed[0])["sha256"]
    with closed(desk.work / "case/objects" / digest[:2] / digest):
        assert desk.checks()[f"object sha256:{digest}"] == "not checkable"
        code, _, said = desk.run("show", "E00001", "--out", "copy", "--case", "case")
        assert (code, "may not be read or written by you" in said) == (4, True), said
        assert not (desk.work / "copy").exists()
        code, out, _ = desk.run("scrub", "--case", "case", "--json")
        states = {line["what"]: line["state"] for line in map(json.loads, out.splitlines())}
        assert (code, set(states.values())) == (0, {"not checkable"})
        assert set(states) == {f"object sha256:{digest}", "scrub"}
    with closed(desk.work / "case/objects"):
        assert desk.checks()["the objects"] == "not checkable"


def test_a_case_that_may_only_be_read_is_read_and_verified(desk: Desk) -> None:
    with closed(desk.work / "case/case.db", 0o444), closed(desk.work / "case", 0o555):
        assert "E00001" in desk.run("show", "--case", "case")[1]
        assert desk.checks()["the catalog"] == "holds"
