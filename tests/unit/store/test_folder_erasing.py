"""What was erased is gone from every file of the case, and does not come in again."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.fixtures.behind import in_a_folder

from witnessmark.model import Digest, Erasure, Outcome, Sealed, person
from witnessmark.ports import Capture, Declined
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.erase import erase
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder

CONTENT = b"what the source wants back" * 100


def intake(case: CaseFolder, custodian: Custodian) -> Intake:
    return Intake(case, custodian, "run", lambda _: "text/plain")


def capture(content: bytes = CONTENT) -> Capture:
    return Capture(lambda: io.BytesIO(content), "from a friend", "test")


@pytest.fixture
def taken(case: CaseFolder, custodian: Custodian) -> Taken:
    (one,) = intake(case, custodian).seal([capture()])
    assert isinstance(one, Taken)
    return one


def tombstone(case: CaseFolder, taken: Taken, custodian: Custodian) -> Erasure:
    (sealed,) = case.commitments()
    return Erasure((taken.copy.digest,), (sealed,), "asked for", person("tester"), custodian.clock.now())


@in_a_folder
def test_no_file_of_the_case_holds_an_erased_value_any_more(
    case: CaseFolder, root: Path, custodian: Custodian, taken: Taken
) -> None:
    (sealed,) = case.commitments()
    box = _box(root, sealed)
    assert _files_with(root, box)
    erase(case, custodian, tombstone(case, taken, custodian))
    assert _files_with(root, box) == []
    assert case.reveal(Sealed(sealed)) is None


def test_erased_bytes_are_gone(case: CaseFolder, root: Path, custodian: Custodian, taken: Taken) -> None:
    erase(case, custodian, tombstone(case, taken, custodian))
    assert not case.has(taken.copy.digest)
    assert _files_with(root, CONTENT[:100]) == []


def test_erased_bytes_do_not_come_in_again(case: CaseFolder, custodian: Custodian, taken: Taken) -> None:
    erase(case, custodian, tombstone(case, taken, custodian))
    again, other = intake(case, custodian).seal([capture(), capture(b"something else")])
    assert isinstance(again, Declined)
    assert again.outcome is Outcome.DECLINED
    assert "stays erased" in again.reason
    assert isinstance(other, Taken)
    assert not case.has(taken.copy.digest)
    assert case.acts("take.declined")


def test_the_log_and_the_catalog_still_hold_after_an_erasure(
    case: CaseFolder, custodian: Custodian, taken: Taken
) -> None:
    erase(case, custodian, tombstone(case, taken, custodian))
    before = case.catalog_fingerprint()
    case.rebuild()
    assert case.catalog_fingerprint() == before
    assert case.head().size == 2
    assert case.digest_of_exhibit(taken.exhibit) == Digest.of(CONTENT)


def _files_with(root: Path, content: bytes) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and content in path.read_bytes()]


def _box(root: Path, sealed: Sealed) -> bytes:
    with closing(sqlite3.connect(root / "case.db")) as connection:
        (box,) = connection.execute("SELECT box FROM vault WHERE commitment = ?", (sealed,)).fetchone()
    return bytes(box)
