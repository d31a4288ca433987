"""Bad days at the desk: a full disk, a disk that only reads, two at once, wrong keys, a newer format."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from tests.campaigns.judge import Promises, judge

pytestmark = pytest.mark.slow


Ran = subprocess.CompletedProcess[str]
ENVIRONMENT = {**os.environ, "WITNESSMARK_PERSON": "tester"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A case and its keys under `work`, worked on by the command line."""

    work: Path

    def run(self, verb: str, *words: str | Path, keys: Path | None = None) -> Ran:
        return subprocess.run(
            self.command(verb, *words, keys=keys),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
            env=ENVIRONMENT,
        )

    def command(self, verb: str, *words: str | Path, keys: Path | None = None) -> list[str]:
        folders = ["--case", str(self.work / "case"), "--keys", str(keys or self.work / "keys"), "--json"]
        return [sys.executable, "-m", "witnessmark", verb, *map(str, words), *folders]

    def new(self) -> Promises:
        words = ["new", str(self.work / "case"), "--name", "Exercise", "--origin", "desk.example/exercise"]
        command = [sys.executable, "-m", "witnessmark", *words, "--json", "--keys", str(self.work / "keys")]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT)
        return Promises().hear(ran.stdout)

    def state(self) -> dict[str, str]:
        """Everything that lies in the case, by hash; SQLite's own side files aside."""
        return {
            str(path.relative_to(self.work)): sha256(path.read_bytes()).hexdigest()
            for path in (self.work / "case").rglob("*")
            if path.is_file() and not path.name.startswith("case.db-")
        }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "work")
    made.work.mkdir()
    made.new()
    return made


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Text number {number}, which nobody has seen before.\n")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "disk"
    mount.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(mount)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    yield mount
    subprocess.run(["umount", "--lazy", str(mount)], check=True)


def one_sentence(ran: Ran) -> str:
    """What was said of the failure: a sentence and its advice, never a traceback."""
    assert "Traceback" not in ran.stderr
    assert ran.stderr.strip()
    return " ".join(ran.stderr.split())


def test_a_full_disk_is_said_and_the_same_command_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    desk = Desk(small_disk)
    promises = desk.new()
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.bin").write_bytes(os.urandom(1 << 20))
    ran = desk.run("take", folder)
    assert ran.returncode == 3
    assert "is full" in one_sentence(ran)
    promises = promises.hear(ran.stdout)
    assert len(promises.acknowledged) < 4
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    again = desk.run("take", folder)
    assert again.returncode == 0, again.stderr
    promises = promises.hear(again.stdout)
    assert len(promises.acknowledged) == 4
    assert judge(small_disk, promises) == []


def test_what_fits_is_sealed_and_what_is_too_large_for_the_disk_is_named(
    small_disk: Path, tmp_path: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    desk = Desk(small_disk)
    promises = desk.new()
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name in ("a.txt", "c.txt"):
        (folder / name).write_text(f"The text {name}.\n")
    with (folder / "b.bin").open("wb") as large:
        large.truncate(300 << 20)
    ran = desk.run("take", folder)
    assert (ran.returncode, "b.bin not taken in: " in one_sentence(ran)) == (3, True)
    told = {Path(line["source"]).name: line["outcome"] for line in map(json.loads, ran.stdout.splitlines())}
    assert told == {"a.txt": "done", "b.bin": "failed", "c.txt": "done"}
    promises = promises.hear(ran.stdout)
    (folder / "b.bin").write_bytes(b"now it is small")
    again = desk.run("take", folder)
    assert again.returncode == 0, again.stderr
    shown = [json.loads(line)["exhibit"] for line in desk.run("show").stdout.splitlines()]
    assert shown == ["E00001", "E00002", "E00003"]
    assert desk.run("log").stdout.count("take.acquired") == 3
    assert judge(small_disk, promises.hear(again.stdout)) == []


def test_a_disk_that_only_reads_is_said_and_can_still_be_looked_at(small_disk: Path, sources: Path) -> None:
    desk = Desk(small_disk)
    desk.new()
    assert desk.run("take", sources).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = desk.state()
    ran = desk.run("take", sources)
    assert ran.returncode == 4
    assert "cannot be written" in one_sentence(ran)
    assert desk.state() == before
    assert desk.run("verify").returncode == 0


def test_two_processes_take_in_at_once_and_neither_loses_anything(desk: Desk, tmp_path: Path) -> None:
    promises, folders = Promises(is_begun=True), [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        (folder / "shared.txt").write_text("Both have this one.\n")
        for number in range(20):
            (folder / f"{number}.txt").write_text(f"{folder.name} {number}\n")
    with ThreadPoolExecutor(2) as pool:
        for ran in pool.map(partial(desk.run, "take"), folders):
            assert ran.returncode == 0, ran.stderr
            promises = promises.hear(ran.stdout)
    assert len(promises.acknowledged) == 41
    shown = [json.loads(line) for line in desk.run("show").stdout.splitlines()]
    numbers = {one["exhibit"]: one["sha256"] for one in shown}
    assert set(numbers.values()) == promises.acknowledged
    assert len(numbers) == len(shown)
    assert judge(desk.work, promises) == []


def test_without_its_keys_a_case_is_read_and_not_written(desk: Desk, sources: Path, tmp_path: Path) -> None:
    assert desk.run("take", sources).returncode == 0
    before = desk.state()
    elsewhere = tmp_path / "no keys here"
    elsewhere.mkdir()
    ran = desk.run("take", sources, keys=elsewhere)
    assert ran.returncode == 4
    assert "keys" in one_sentence(ran)
    assert desk.run("log", keys=elsewhere).returncode == 0
    assert desk.state() == before


@pytest.mark.parametrize("name", ["log.key", "vault.key"])
def test_a_wrong_key_is_refused_and_nothing_is_changed(desk: Desk, sources: Path, name: str) -> None:
    (key,) = (desk.work / "keys").glob(f"*/{name}")
    before = desk.state()
    key.write_text("07" * 32)
    ran = desk.run("take", sources)
    assert ran.returncode == 4
    assert "key" in one_sentence(ran)
    assert desk.state() == before


def test_a_case_of_a_newer_format_is_refused_and_not_changed(desk: Desk, sources: Path) -> None:
    with closing(sqlite3.connect(desk.work / "case/case.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'format'")
    before = desk.state()
    ran = desk.run("take", sources)
    assert ran.returncode == 2
    assert "newer Witnessmark" in one_sentence(ran)
    assert desk.state() == before


@pytest.mark.parametrize(
    ("name", "value"), [("origin", "x.invalid/y"), ("vkey", "x.invalid/y+00000000+AAAA")]
)
def test_a_case_that_names_another_log_than_its_key_does_is_told_as_damage(
    desk: Desk, name: str, value: str
) -> None:
    with closing(sqlite3.connect(desk.work / "case/case.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
    for verb in ("verify", "show", "log"):
        ran = desk.run(verb)
        assert ran.returncode == 6
        assert "which is another log's" in one_sentence(ran)


def test_a_published_checkpoint_that_was_removed_is_missed(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.work / "case/case.db")) as connection, connection:
        connection.execute("DELETE FROM checkpoint")
    ran = desk.run("verify", "--json")
    assert ran.returncode == 6
    (broken,) = [line for line in map(json.loads, ran.stdout.splitlines()) if line["state"] == "broken"]
    assert broken["what"].startswith("the checkpoint last published from here")
    assert broken["detail"] == "it is not kept: someone removed it from the case"


def test_an_older_copy_of_a_case_is_not_written_to(desk: Desk, sources: Path, tmp_path: Path) -> None:
    shutil.copytree(desk.work / "case", tmp_path / "backup")
    assert desk.run("take", sources).returncode == 0
    shutil.rmtree(desk.work / "case")
    shutil.copytree(tmp_path / "backup", desk.work / "case")
    before = desk.state()
    ran = desk.run("take", sources)
    assert ran.returncode == 6
    assert "rolled back" in one_sentence(ran)
    assert desk.state() == before


def test_an_older_copy_is_noticed_though_the_memory_of_what_was_published_is_lost(
    desk: Desk, sources: Path, tmp_path: Path
) -> None:
    shutil.copytree(desk.work / "case", tmp_path / "backup")
    assert desk.run("take", sources / "0.txt").returncode == 0
    shutil.rmtree(desk.work / "case")
    shutil.copytree(tmp_path / "backup", desk.work / "case")
    shown, rebuilt = desk.run("show"), desk.run("rebuild")
    assert (shown.returncode, "rolled back" in one_sentence(shown)) == (0, True)
    assert (rebuilt.returncode, "rolled back" in one_sentence(rebuilt)) == (6, True)
    (memory,) = (desk.work / "keys").glob("*/published.json")
    memory.unlink()
    before = desk.state()
    for words in (("take", sources), ("rebuild",)):
        ran = desk.run(*words)
        assert (ran.returncode, "log --accept" in one_sentence(ran)) == (6, True)
    assert "published.json is missing" in one_sentence(desk.run("show"))
    assert desk.run("verify").returncode == 6
    assert desk.state() == before
    assert desk.run("log", "--accept").returncode == 0
    assert desk.run("take", sources).returncode == 0
    assert "log.accepted" in desk.run("log").stdout
    assert desk.run("verify").returncode == 0
    assert desk.run("log", "--accept").returncode == 2


def test_a_file_size_limit_of_the_system_is_said(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(3 << 20))
    command = ["bash", "-c", 'ulimit -f 2048; exec "$@"', "bash", *desk.command("take", large)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
    assert ran.returncode == 3
    assert "too large" in one_sentence(ran)
    assert judge(desk.work, Promises(is_begun=True)) == []
