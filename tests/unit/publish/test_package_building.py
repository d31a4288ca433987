"""Building a package: it appears whole or not at all, and says no more than it was told to."""

from __future__ import annotations

import csv
import errno
import fcntl
import io
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from tests.conformance.exercise import ExerciseCase, exercise_case, take

from witnessmark.errors import (
    IntegrityError,
    RefusedError,
    UnavailableError,
    UsageError,
    WitnessmarkError,
)
from witnessmark.model import Acquisition, CheckState, Facts
from witnessmark.model.wire import decode
from witnessmark.publish import package_layout as layout
from witnessmark.publish import package_revealed, standalone
from witnessmark.publish.package import Contents, SealedAt, build_package
from witnessmark.publish.package_bag import explaining


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExerciseCase]:
    made = exercise_case(tmp_path_factory.mktemp("exercise"))
    yield made
    made.store.close()


def _never(_detail: Facts) -> SealedAt:
    raise AssertionError("nothing was to be sealed")


def _rows(package: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((package / layout.ITEMS).read_text("utf-8"), newline="")))


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _seals_of(case: ExerciseCase) -> int:
    return sum(b'"package.sealed"' in entry for _, entry in case.store.entries())


# --- whole or not at all


def test_a_package_appears_with_every_check_made_and_none_broken(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    assert packaged.path == tmp_path / "out"
    assert {check.state for check in packaged.checks} == {CheckState.HOLDS, CheckState.NOT_CHECKABLE}
    assert packaged.files == sum(path.is_file() for path in packaged.path.rglob("*"))
    assert _names(tmp_path) == ["out"]


def test_the_seal_is_the_last_word_and_is_over_both_lists(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    seal = decode((packaged.path / layout.entry_path(packaged.seal)).read_bytes())
    detail = seal.detail  # type: ignore[union-attr]
    assert detail["payload_files"] == sum(path.is_file() for path in (packaged.path / "data").rglob("*"))
    assert detail["payload_bytes"] == packaged.octets
    assert packaged.seal == case.store.head().size - 1


@pytest.mark.parametrize("kind", ["a file", "an empty folder", "a full folder", "a dangling link"])
def test_nothing_that_exists_is_overwritten(kind: str, case: ExerciseCase, tmp_path: Path) -> None:
    target = tmp_path / "out"
    if "folder" in kind:
        target.mkdir()
    if kind == "a full folder":
        (target / "mine").write_text("mine")
    if kind == "a file":
        target.write_text("mine")
    if kind == "a dangling link":
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists already"):
        build_package(target, case.contents(), _never)
    assert _names(tmp_path) == ["out"]


def test_a_target_that_comes_to_be_meanwhile_is_left_alone(case: ExerciseCase, tmp_path: Path) -> None:
    target = tmp_path / "out"

    def seal(detail: Facts) -> SealedAt:
        target.mkdir()
        (target / "theirs").write_text("theirs")
        return case.seal(detail)

    with pytest.raises(UsageError, match="filled while"):
        build_package(target, case.contents(), seal)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "theirs"]


def test_a_seal_that_fails_leaves_nothing_behind(case: ExerciseCase, tmp_path: Path) -> None:
    def seal(_detail: Facts) -> SealedAt:
        raise UnavailableError("the log is busy")

    with pytest.raises(UnavailableError, match="busy"):
        build_package(tmp_path / "out", case.contents(), seal)
    assert _names(tmp_path) == []


def test_an_object_that_has_changed_stops_the_package_before_the_seal(
    case: ExerciseCase, tmp_path: Path
) -> None:
    contents = replace(case.contents(), open=lambda _digest: BytesIO(b"something else"))
    with pytest.raises(IntegrityError, match="has changed"):
        build_package(tmp_path / "out", contents, _never)
    assert _names(tmp_path) == []


def test_a_record_that_has_changed_stops_the_package_before_the_seal(
    case: ExerciseCase, tmp_path: Path
) -> None:
    contents = case.contents()
    name = next(iter(contents.records))
    with pytest.raises(IntegrityError, match="has changed"):
        build_package(tmp_path / "out", replace(contents, records={name: b"{}"}), _never)


@pytest.mark.parametrize(
    "path", ["../up", "/etc/passwd", "a b", "é.html", ".hidden", "a//b", "x\n", "items.csv"]
)
def test_a_writing_cannot_take_a_name_that_is_unsafe_or_taken(
    path: str, case: ExerciseCase, tmp_path: Path
) -> None:
    with pytest.raises(UsageError):
        build_package(tmp_path / "out", replace(case.contents(), files={path: b"x"}), _never)
    assert _names(tmp_path) == []


def test_a_brief_that_points_nowhere_is_not_let_out(case: ExerciseCase, tmp_path: Path) -> None:
    contents = replace(case.contents(), files={"brief.html": b'<a href="objects/none">'})
    with pytest.raises(IntegrityError, match=r"brief\.html: dangling"):
        build_package(tmp_path / "out", contents, case.seal)
    assert _names(tmp_path) == []


def test_an_object_that_no_disclosed_entry_leads_to_is_not_let_out(
    case: ExerciseCase, tmp_path: Path
) -> None:
    contents = case.contents()
    without = {index: entry for index, entry in contents.entries.items() if index > 1}
    with pytest.raises(IntegrityError, match="not entered"):
        build_package(tmp_path / "out", replace(contents, entries=without), case.seal)


def test_a_seal_below_what_it_covers_is_refused(case: ExerciseCase, tmp_path: Path) -> None:
    def seal(detail: Facts) -> SealedAt:
        return replace(case.seal(detail), index=0)

    with pytest.raises(UsageError, match="must follow"):
        build_package(tmp_path / "out", case.contents(), seal)


def test_what_a_dead_process_left_is_swept_out(case: ExerciseCase, tmp_path: Path) -> None:
    left = tmp_path / ".out.partial"
    (left / "data").mkdir(parents=True)
    (left / "data/old").write_text("old")
    (left / "link").symlink_to(tmp_path)
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    assert not (packaged.path / "data/old").exists()
    assert _names(tmp_path) == ["out"]


def test_two_processes_cannot_write_one_package(case: ExerciseCase, tmp_path: Path) -> None:
    staging = tmp_path / ".out.partial"
    staging.mkdir()
    holder = os.open(staging, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(RefusedError, match="another process"):
            build_package(tmp_path / "out", case.contents(), _never)
    finally:
        os.close(holder)
    assert staging.is_dir()


def test_a_package_that_cannot_fit_is_refused_before_anything_is_sealed(
    case: ExerciseCase, tmp_path: Path
) -> None:
    contents = case.contents()
    huge = dict.fromkeys(contents.objects, 2**60)
    with pytest.raises(UnavailableError, match="bytes free"):
        build_package(tmp_path / "out", replace(contents, objects=huge), _never)
    assert _names(tmp_path) == []


_STOPPED = """
import os, resource, signal, sys
from dataclasses import replace
from pathlib import Path
from tests.conformance.exercise import exercise_case
from witnessmark.errors import UnavailableError
from witnessmark.publish.package import build_package
folder = Path(sys.argv[1])
case = exercise_case(folder)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    build_package(folder / "out" / "package", case.contents(), case.seal)
except UnavailableError as error:
    print("refused:", error)
"""


def test_a_disk_that_takes_no_more_leaves_nothing_half_visible(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", _STOPPED, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path.cwd(),
    )
    assert ran.stdout.startswith("refused: writing the package"), ran.stderr
    assert _names(tmp_path / "out") == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("number", "family"),
    [
        (errno.ENOSPC, UnavailableError),
        (errno.EDQUOT, UnavailableError),
        (errno.EROFS, RefusedError),
        (errno.EACCES, RefusedError),
        (errno.EIO, UnavailableError),
    ],
)
def test_what_the_system_says_is_told_by_who_can_mend_it(
    number: int, family: type[WitnessmarkError], tmp_path: Path
) -> None:
    with pytest.raises(family), explaining(tmp_path / "out"):
        raise OSError(number, os.strerror(number))


def test_a_place_that_is_not_there_is_refused(case: ExerciseCase, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="No such file"):
        build_package(tmp_path / "none" / "out", case.contents(), _never)


# --- no more than it was told to say


def test_only_the_revealed_source_stands_in_the_index(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    sources = [row["source"] for row in _rows(packaged.path)]
    assert [source for source in sources if source] == ["notes/0.txt"]
    written = b"".join(path.read_bytes() for path in packaged.path.rglob("*") if path.is_file())
    assert b"notes/1.txt" not in written
    assert b"as found" not in written


def test_what_is_withheld_or_erased_is_said_and_not_enclosed(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    presence = {row["sha256"]: row["presence"] for row in _rows(packaged.path)}
    assert case.withheld is not None
    assert case.erased is not None
    assert presence[case.withheld.hex] == "withheld"
    assert presence[case.erased.hex] == "erased"
    enclosed = {name for name, state in presence.items() if state == "enclosed"}
    assert enclosed == {path.name for path in (packaged.path / layout.OBJECTS).iterdir()}


def test_the_same_bytes_taken_in_twice_have_two_rows_and_one_object(
    case: ExerciseCase, tmp_path: Path
) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    rows = [row for row in _rows(packaged.path) if row["sha256"] == case.objects[0].hex]
    assert [row["exhibit"] for row in rows] == ["E00001", "E00001"]
    assert len({row["log_entry"] for row in rows}) == 2


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", _revealing(case, "=HYPERLINK(1)"), case.seal)
    assert "'=HYPERLINK(1)" in {row["source"] for row in _rows(packaged.path)}
    assert standalone.main([str(packaged.path), "--vkey", case.log.vkey()]) == 0


def test_a_package_may_hold_no_object_at_all(case: ExerciseCase, tmp_path: Path) -> None:
    empty = replace(case.contents(), objects={}, files={})
    packaged = build_package(tmp_path / "out", empty, case.seal)
    assert not (packaged.path / "data/objects").exists()


def test_a_large_object_is_never_in_memory_as_a_whole(case: ExerciseCase, tmp_path: Path) -> None:
    contents: Contents = case.contents()
    largest: list[int] = []

    class Watched(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            largest.append(-1 if size is None else size)
            return super().read(size)

    def watched(digest: object) -> BytesIO:
        return Watched(case.store.path_of(digest).read_bytes())  # type: ignore[arg-type]

    build_package(tmp_path / "out", replace(contents, open=watched), case.seal)
    assert set(largest) == {1 << 20}


def test_each_attempt_that_was_sealed_stays_on_record(case: ExerciseCase, tmp_path: Path) -> None:
    before = _seals_of(case)
    broken = replace(case.contents(), files={"brief.md": b"[x](objects/none)"})
    with pytest.raises(IntegrityError):
        build_package(tmp_path / "out", broken, case.seal)
    assert _seals_of(case) == before + 1


def test_what_a_file_declares_may_be_long(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", _revealing(case, "a very long address " * 20_000), case.seal)
    assert standalone.main([str(packaged.path), "--vkey", case.log.vkey()]) == 0


@pytest.mark.parametrize(
    "source", ['two\nlines, and "quotes"', os.fsdecode(b"photo-\xff.jpg"), "\u2028صورة\x85"]
)
def test_whatever_a_source_is_called_both_verifiers_see_that_it_was_committed_to(
    case: ExerciseCase, tmp_path: Path, source: str
) -> None:
    packaged = build_package(tmp_path / "out", _revealing(case, source), case.seal)
    assert standalone.main([str(packaged.path), "--vkey", case.log.vkey()]) == 0
    (opening,) = package_revealed.read((packaged.path / layout.REVEALED).read_bytes()).values()
    assert opening.value == source


def test_openssl_alone_can_see_that_a_source_was_committed_to(case: ExerciseCase, tmp_path: Path) -> None:
    packaged = build_package(tmp_path / "out", case.contents(), case.seal)
    ((commitment, opening),) = package_revealed.read((packaged.path / layout.REVEALED).read_bytes()).items()
    words = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{opening.key.hex()}"]
    said = subprocess.run(words, input=opening.value.encode(), capture_output=True, check=True).stdout
    assert said.decode().split()[-1] == commitment.removeprefix("hmac-sha256:")


def test_a_value_that_was_not_committed_to_is_not_packaged(case: ExerciseCase, tmp_path: Path) -> None:
    contents = case.contents()
    revealed = {name: replace(one, value="elsewhere") for name, one in contents.revealed.items()}
    with pytest.raises(IntegrityError, match="do not open"):
        build_package(tmp_path / "out", replace(contents, revealed=revealed), case.seal)


def _revealing(case: ExerciseCase, source: str) -> Contents:
    """The contents with one more exhibit that came from `source`, which is revealed."""
    take(case, {source: b"One more note.\n"})
    contents = case.contents()
    *_, last = (noun for noun in map(decode, contents.records.values()) if isinstance(noun, Acquisition))
    opening = case.store.opening(last.source)
    assert opening is not None
    return replace(contents, revealed={last.source: opening})
