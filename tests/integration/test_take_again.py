"""Taking again: what failed is tried again, nothing is doubled or lost, and each run says what it saw."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from witnessmark.collect.files import FileCollector
from witnessmark.confine import Room
from witnessmark.desk.intake import Run, Settled, Wanted
from witnessmark.desk.like import Likeness
from witnessmark.desk.looking import undone
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Acquisition, Finding, Outcome, person
from witnessmark.plugins import Kit
from witnessmark.ports import Examiner
from witnessmark.preserve import seal
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.store import CaseFolder, create_case
from witnessmark.testing.misbehaviour import Absent, Present, Unwilling

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room() as room:
        yield room


class Table:
    """A case, taken into with chosen examiners."""

    def __init__(self, folder: Path, room: Room) -> None:
        self.folder, self.room = folder, room
        self.case: CaseFolder = create_case(
            folder / "case", "desk.example/tests", "desk.example/tests+00000000+AAAA", bytes(32)
        )

    def take(
        self, *sources: Path, by: Sequence[Examiner] = (), stop_at: int = 0, leads: bool = False
    ) -> list[Settled]:
        """What became of the sources; interrupted when the n-th thing is sealed, if `stop_at` says so."""

        def progress(what: str, count: int) -> None:
            if what == "sealed" and count == stop_at:
                raise KeyboardInterrupt

        custodian = Custodian(SystemClock(), person("tester"), "tests 1", os.urandom(8).hex())
        kit = Kit((FileCollector(),), tuple(by), ())
        likeness = Likeness(self.case, self.folder / "case")
        run = Run(self.case, custodian, kit, self.room, likeness, self.folder, media_type_of, progress)
        return list(run.take(Wanted(sources, as_leads=leads)))

    def acquisitions(self) -> list[Acquisition]:
        return [one for _, digest in self.case.exhibits() for _, one in self.case.acquisitions(digest)]

    def sources(self) -> Counter[tuple[str | None, Any]]:
        return Counter((self.case.reveal(one.source), one.declared.get("row")) for one in self.acquisitions())


@pytest.fixture
def table(tmp_path: Path, room: Room) -> Iterator[Table]:
    made = Table(tmp_path, room)
    yield made
    made.case.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(11)))
    return path


def test_who_could_not_look_is_asked_again_and_it_is_said(table: Table, file: Path) -> None:
    (first,) = table.take(file, by=[Absent()])
    assert (first.findings, first.reason) == (0, "moody 1 could not be examined: its tool is not installed")
    (again,) = table.take(file, by=[Present()])
    assert again.findings == 1
    assert again.reason is not None
    assert "moody 2, who could not look before, has looked now" in again.reason
    assert "not installed" not in again.reason
    ((_, digest),) = table.case.exhibits()
    assert undone(table.case, digest) == ()


def test_who_has_looked_is_not_asked_again(table: Table, file: Path) -> None:
    for _ in range(3):
        (last,) = table.take(file, by=[Present()])
    assert last.findings == 1
    assert len(table.case.acts("examine")) == 1
    assert len(table.case.find(Finding)) == 1


def test_who_fails_again_is_named_once(table: Table, file: Path) -> None:
    for _ in range(3):
        (last,) = table.take(file, by=[Absent()])
    assert str(last.reason).count("its tool is not installed") == 1
    assert len(table.case.acts("examine.failed")) == 3
    assert table.take(file, by=[Present()])[0].findings == 1


def test_what_was_declined_by_rule_stays_declined(table: Table, file: Path) -> None:
    table.take(file, by=[Unwilling()])
    (again,) = table.take(file, by=[Present()])
    assert again.findings == 0
    assert "files of this kind are not looked at" in str(again.reason)


def test_only_those_who_failed_are_asked_again(table: Table, file: Path) -> None:
    class Other(Present):
        name = "other"

    table.take(file, by=[Absent()])
    table.take(file, by=[Present(), Other()])
    assert {finding.examiner for _, finding in table.case.find(Finding)} == {"moody 2"}
    ((_, digest),) = table.case.exhibits()
    assert undone(table.case, digest) == (), "the other one could not have been built, and was not asked"


def test_an_archive_taken_again_says_the_same_of_its_members(table: Table, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("taken.txt", "one")
        bundle.writestr("../out.txt", "two")
        bundle.writestr("TAKEN.txt", "three")
    first, again = ([shape(one) for one in table.take(archive)] for _ in range(2))
    assert first == again
    refused = [(source, reason) for source, outcome, reason in first if outcome is Outcome.DECLINED]
    assert [reason for _, reason in refused] == [
        "its name leads out of the archive by `..`",
        "an earlier member has the same name, letter case and Unicode form aside",
    ]


def shape(one: Settled) -> tuple[str, Outcome, str | None]:
    reason = str(one.reason or "").removeprefix(
        "these bytes are a known exhibit; this is a further acquisition"
    )
    return one.source, one.outcome, reason.removeprefix("; ") or None


def sheet(folder: Path) -> Path:
    """Rows of which several name one file, two of them with the same words."""
    (folder / "one.txt").write_text("one")
    (folder / "two.txt").write_text("two")
    path = folder / "leads.csv"
    rows = ["one.txt,first seen", "two.txt,x", "one.txt,seen again", "one.txt,seen again", "two.txt,y"]
    path.write_text("\n".join(["file,note", *rows]) + "\n")
    return path


def test_only_the_later_of_two_new_files_with_the_same_bytes_is_a_known_exhibit(
    table: Table, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The gate was shut.", "utf-8")
    first, second = table.take(tmp_path / "a.txt", tmp_path / "b.txt", by=(Present(),))
    assert first.reason is None
    assert second.reason is not None
    assert "a known exhibit" in second.reason
    (again,) = table.take(tmp_path / "a.txt", by=(Present(),))
    assert again.reason is not None
    assert "a known exhibit" in again.reason


@pytest.mark.parametrize("others", [0, 6])
def test_bytes_that_replace_rotten_ones_say_so_on_record(table: Table, file: Path, others: int) -> None:
    table.take(file)
    ((_, digest),) = table.case.exhibits()
    kept = table.folder / "case" / "objects" / digest.hex[:2] / digest.hex
    kept.chmod(0o600)
    kept.write_bytes(b"something else")
    sources = [file]
    for number in range(others):  # a batch is kept in another way
        sources.append(file.with_name(f"other {number}.txt"))
        sources[-1].write_text(str(number))
    (again,) = [one for one in table.take(*sources) if one.copy and one.copy.digest == digest]
    assert kept.read_bytes() == file.read_bytes()
    assert "could not be read as these bytes; they replaced it" in str(again.reason)
    first, second = (one for _, one in table.case.acquisitions(digest))
    assert first.remark is None
    assert second.remark is not None
    assert "they replaced it" in second.remark


@pytest.mark.parametrize("stop_at", range(1, 7))
def test_rows_that_name_one_file_are_taken_once_each_wherever_a_run_was_interrupted(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    monkeypatch.setattr(seal, "BATCH_FILES", 1)
    leads = sheet(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        table.take(leads, leads=True, stop_at=stop_at)
    came = len(table.acquisitions())
    assert came >= stop_at
    lines = table.take(leads, leads=True)
    assert set(table.sources().values()) == {1}
    assert len(table.sources()) == 6
    assert len(lines) == 6


@pytest.mark.parametrize("stops", [(1, 1, 1), (3, 2, 1), (2, 1, 4)])
def test_a_run_may_be_interrupted_again_and_again(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: tuple[int, ...]
) -> None:
    monkeypatch.setattr(seal, "BATCH_FILES", 1)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(9):
        (folder / f"{number}.txt").write_text(f"{number}")
    for stop_at in stops:
        with pytest.raises(KeyboardInterrupt):
            table.take(folder, stop_at=stop_at)
    assert len(table.take(folder)) == 9
    assert sorted(table.sources().values()) == [1] * 9
    assert len(table.take(folder)) == 9  # finished: from here on it is a new run
    assert sorted(table.sources().values()) == [2] * 9


def test_a_file_that_changed_since_the_interruption_is_taken_as_it_now_is(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH_FILES", 1)
    folder = tmp_path / "many"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(name)
    with pytest.raises(KeyboardInterrupt):
        table.take(folder, stop_at=1)
    (folder / "a").write_text("changed")
    os.utime(folder / "a", (1, 1))
    lines = table.take(folder)
    assert len({line.copy.digest for line in lines if line.copy}) == 4
    assert table.sources()[str(folder / "a"), None] == 2


def test_a_container_that_was_half_open_is_opened_to_its_end_and_nothing_comes_twice(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w") as bundle:
        for name in ("same", "other", "same", "last"):  # a tar may hold a name twice; the second is declined
            path = tmp_path / name
            path.write_text(f"{name} {path.exists()} {os.urandom(4).hex()}")
            bundle.add(path, name)
    monkeypatch.setattr(seal, "BATCH_FILES", 1)
    original, count = seal.Intake._commit, 0

    def third_time_out(self: seal.Intake, *batch: Any) -> Any:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        return original(self, *batch)

    monkeypatch.setattr(seal.Intake, "_commit", third_time_out)
    with pytest.raises(KeyboardInterrupt):
        table.take(archive)
    monkeypatch.setattr(seal.Intake, "_commit", original)
    lines = table.take(archive)
    assert sorted(table.sources().values()) == [1] * 4
    assert [line.outcome for line in lines].count(Outcome.DECLINED) == 1


# --- real processes


@pytest.mark.slow
def test_two_processes_that_take_the_same_sources_lose_nothing_and_share_no_run(tmp_path: Path) -> None:
    desk, folder = commands(tmp_path), tmp_path / "folder"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"report {number} from the salt road\n")
    subprocess.run(desk("new", str(tmp_path / "case"), "--name", "x"), check=True, capture_output=True)
    both = [subprocess.Popen(desk("take", str(folder)), stdout=subprocess.PIPE) for _ in range(2)]
    for one in both:
        answer = one.communicate(timeout=300)[0]
        assert one.returncode == 0
        assert len({line.split(b'"sha256"')[1][:80] for line in answer.splitlines()}) == 30
    runs = acquired(tmp_path)
    assert all(set(count.values()) == {1} for count in runs.values()), "a run took one place twice"
    assert len(set().union(*runs.values())) == 30


@pytest.mark.slow
def test_a_process_that_was_killed_is_gone_on_with_by_two_at_once(tmp_path: Path) -> None:
    desk, folder = commands(tmp_path), tmp_path / "folder"
    folder.mkdir()
    for number in range(700):
        (folder / f"{number:03}.txt").write_text(f"report {number} from the salt road\n")
    subprocess.run(desk("new", str(tmp_path / "case"), "--name", "x"), check=True, capture_output=True)
    with subprocess.Popen(desk("take", str(folder)), stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()
        first.send_signal(signal.SIGKILL)
    both = [subprocess.Popen(desk("take", str(folder)), stdout=subprocess.PIPE) for _ in range(2)]
    for one in both:
        answer = one.communicate(timeout=600)[0]
        assert one.returncode == 0
        assert len({line.split(b'"sha256"')[1][:80] for line in answer.splitlines()}) == 700
    runs = acquired(tmp_path)
    assert [sum(count.values()) for count in runs.values()] == [700]
    assert set(next(iter(runs.values())).values()) == {1}


def commands(folder: Path) -> Any:
    def command(verb: str, *words: str) -> list[str]:
        case = [] if verb == "new" else ["--case", str(folder / "case")]
        given = ["--keys", str(folder / "keys"), "--as", "tester", "--json"]
        return [sys.executable, "-m", "witnessmark", verb, *words, *case, *given]

    return command


def acquired(folder: Path) -> dict[str, Counter[str | None]]:
    """What each run acquired, by source."""
    from witnessmark.wiring import Hand, open_desk

    desk = open_desk(folder / "case", Hand("tester", folder / "keys", "tests", print))
    runs: dict[str, Counter[str | None]] = {}
    for _, digest in desk.case.exhibits():
        for _, one in desk.case.acquisitions(digest):
            runs.setdefault(one.run, Counter())[desk.case.reveal(one.source)] += 1
    desk.close()
    return runs
