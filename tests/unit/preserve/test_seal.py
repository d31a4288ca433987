"""The seal: every capture comes back once, in order, and only after it is durable and on record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Acquisition, Digest, Item, Outcome, person
from witnessmark.ports import Capture, Declined
from witnessmark.preserve import seal
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder, create_case

ORIGIN = "desk.example/tests"


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseFolder]:
    made = create_case(tmp_path / "case", ORIGIN, f"{ORIGIN}+00000000+AAAA", bytes(32))
    yield made
    made.close()


@pytest.fixture
def intake(case: CaseFolder) -> Intake:
    custodian = Custodian(SystemClock(), person("tester"), "tests 1", "session")
    return Intake(case, custodian, "run 1", media_type_of)


def stream(content: bytes, source: str = "somewhere") -> Capture:
    return Capture(lambda: io.BytesIO(content), source, "test")


def test_bytes_come_back_as_an_exhibit_that_is_on_record(case: CaseFolder, intake: Intake) -> None:
    (taken,) = intake.seal([stream(b"content", "a place")])
    assert isinstance(taken, Taken)
    assert (taken.exhibit, taken.source, taken.is_new, taken.entry) == ("E00001", "a place", True, 0)
    assert taken.copy.digest == Digest.of(b"content")
    with case.open(taken.copy.digest) as kept:
        assert kept.read() == b"content"
    assert isinstance(case.item(taken.copy.digest), Item)
    ((_, acquisition),) = case.acquisitions(taken.copy.digest)
    assert isinstance(acquisition, Acquisition)
    assert case.reveal(acquisition.source) == "a place"
    assert "a place" not in repr(list(case.entries()))


def test_known_bytes_are_a_second_acquisition_of_the_same_exhibit(case: CaseFolder, intake: Intake) -> None:
    first, second = intake.seal([stream(b"same", "here"), stream(b"same", "there")])
    (third,) = intake.seal([stream(b"same", "elsewhere")])
    assert isinstance(first, Taken)
    assert isinstance(second, Taken)
    assert isinstance(third, Taken)
    assert [first.is_new, second.is_new, third.is_new] == [True, False, False]
    assert {first.exhibit, second.exhibit, third.exhibit} == {"E00001"}
    assert len(case.acquisitions(first.copy.digest)) == 3
    assert [exhibit for exhibit, _ in case.exhibits()] == ["E00001"]


def test_the_order_of_captures_is_kept_over_batches_streams_and_the_second_process(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH_FILES", 7)
    captures: list[Capture | Declined] = []
    for number in range(40):
        path = tmp_path / f"{number}"
        path.write_bytes(b"%d" % number)
        captures.append(
            Declined(str(path), "not wanted")
            if number % 9 == 5
            else Capture(partial(io.FileIO, str(path)), str(path), "file", portable=number % 3 == 0)
        )
    settled = list(intake.seal(captures))
    assert [one.source for one in settled] == [one.source for one in captures]
    taken = [one for one in settled if isinstance(one, Taken)]
    assert [one.copy.digest for one in taken] == [Digest.of(Path(one.source).read_bytes()) for one in taken]
    assert [one.exhibit for one in taken] == [f"E{number:05d}" for number in range(1, len(taken) + 1)]


def test_what_was_declined_is_on_record_too(case: CaseFolder, intake: Intake) -> None:
    declined = Declined("a device", "a device is no file")
    failed = Declined("a gap", "cannot be read", Outcome.FAILED)
    assert list(intake.seal([declined, failed])) == [declined, failed]
    actions = [action for _, action, _ in case.actions()]
    assert [(one.type, one.outcome, one.error) for one in actions] == [
        ("take.declined", Outcome.DECLINED, "a device is no file"),
        ("take.failed", Outcome.FAILED, "cannot be read"),
    ]
    assert {case.reveal(name) for name in case.commitments()} == {"a device", "a gap"}


@pytest.mark.parametrize("portable", [False, True])
def test_a_source_that_cannot_be_opened_fails_alone(intake: Intake, tmp_path: Path, portable: bool) -> None:
    gone = Capture(partial(io.FileIO, str(tmp_path / "gone")), "gone", "file", portable=portable)
    first, second, third = intake.seal([stream(b"1"), gone, stream(b"3")])
    assert isinstance(first, Taken)
    assert isinstance(second, Declined)
    assert second.outcome is Outcome.FAILED
    assert "cannot be opened" in second.reason
    assert isinstance(third, Taken)


class Breaking(io.BytesIO):
    """A source that gives a little and then fails."""

    def readinto(self, _: object) -> int:
        raise OSError(5, "Input/output error")


def test_a_source_that_breaks_off_leaves_nothing_half_visible(case: CaseFolder, intake: Intake) -> None:
    (failed,) = intake.seal([Capture(Breaking, "a bad disk", "test")])
    assert isinstance(failed, Declined)
    assert failed.outcome is Outcome.FAILED
    assert list(case.object_names()) == []
    assert [path for path in (case.root / "tmp").rglob("*") if path.is_file()] == []


def test_nothing_is_given_back_of_a_batch_that_could_not_be_committed(
    case: CaseFolder, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UnavailableError("the disk is full")

    monkeypatch.setattr(CaseFolder, "keep", full)
    given: list[Taken | Declined] = []
    with pytest.raises(UnavailableError, match="is full"):
        given += intake.seal([stream(b"1"), stream(b"2")])
    assert given == []
    assert case.head().size == 0


def test_a_time_without_an_offset_is_refused(intake: Intake) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    capture = Capture(lambda: io.BytesIO(b"x"), "x", "test", file_modified_at=now)
    with pytest.raises(MalformedError, match="no UTC offset"):
        list(intake.seal([capture]))


def test_an_empty_file_is_an_exhibit_like_any_other(intake: Intake) -> None:
    (taken,) = intake.seal([stream(b"")])
    assert isinstance(taken, Taken)
    assert taken.copy.size == 0
