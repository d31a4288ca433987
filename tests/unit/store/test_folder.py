"""The case folder: what was committed is seen, by everyone, at once."""

from __future__ import annotations

import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from tests.fixtures.behind import behind, in_a_folder

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.model import Copy, Digest, Event, Facts, Item, Role
from witnessmark.model.wire import digest_of, encode
from witnessmark.ports import Capture, Head, KeptCheckpoint
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import Intake
from witnessmark.store import CaseFolder, create_case, open_case
from witnessmark.tlog import Frontier, leaf_hash

VAULT_KEY = bytes(range(32))


def test_a_head_that_was_read_before_a_commit_is_not_read_again_after_it(
    case: CaseFolder, custodian: Custodian
) -> None:
    for size in range(3):
        assert case.head().size == size
        with case.transaction() as transaction:
            transaction.append(custodian.act("test.happened"))
    assert case.head().size == 3


def test_a_reader_sees_what_another_opening_of_the_case_has_committed(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    other = open_case(root, VAULT_KEY)
    assert other.head().size == 0
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"))
    assert other.head() == case.head()
    assert [index for index, _ in other.entries()] == [0]
    other.close()


def test_the_vault_key_of_another_case_is_refused_and_changes_nothing(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    before = case.head()
    with pytest.raises(RefusedError, match="not that of"):
        open_case(root, bytes(32))
    assert case.head() == before


def test_without_the_vault_key_a_case_can_be_read_but_not_written(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    with case.transaction() as transaction:
        sealed = transaction.seal("a name")
        transaction.append(custodian.act("test.happened", detail=Facts(source=sealed)))
    reading = open_case(root, None)
    assert reading.head() == case.head()
    with pytest.raises(RefusedError, match="vault key"), reading.transaction():
        pass
    with pytest.raises(RefusedError, match="vault key"):
        reading.reveal(sealed)
    reading.close()


@in_a_folder
def test_a_case_of_a_newer_format_is_refused_and_not_changed(case: CaseFolder, root: Path) -> None:
    case.close()
    with behind(root) as tables:
        tables.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
    before = (root / "case.db").read_bytes()
    with pytest.raises(UsageError, match="newer Witnessmark"):
        open_case(root, VAULT_KEY)
    assert (root / "case.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be looked at" * 20])
def test_a_database_that_is_no_case_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "case.db").write_bytes(content)
    with pytest.raises((UsageError, IntegrityError)):
        open_case(tmp_path, VAULT_KEY)


def test_a_new_case_needs_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        create_case(tmp_path, "a.example/b", "a.example/b+00000000+AAAA", VAULT_KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_a_case_is_not_begun_twice(case: CaseFolder, root: Path) -> None:
    with pytest.raises(UsageError, match="holds a case already"):
        create_case(root, "a.example/b", "a.example/b+00000000+AAAA", VAULT_KEY)


def test_nothing_is_kept_of_a_transaction_that_failed(case: CaseFolder, custodian: Custodian) -> None:
    with pytest.raises(RuntimeError), case.transaction() as transaction:
        transaction.seal("a name")
        transaction.append(custodian.act("test.happened"))
        raise RuntimeError
    assert case.head().size == 0
    assert list(case.entries()) == []
    assert list(case.commitments()) == []


def test_two_openings_of_a_case_write_in_turn_into_one_log(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    other = open_case(root, VAULT_KEY)
    for number in range(300):
        writer = (case, other)[number % 2]
        with writer.transaction() as transaction:
            assert transaction.append(custodian.act("test.happened")) == number
    leaves = [leaf_hash(written) for _, written in case.entries()]
    derived = Frontier.empty()
    derived.extend(leaves)
    assert case.head() == other.head() == Head(300, derived.root())
    other.close()


def test_a_log_that_does_not_fit_its_head_is_not_continued(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"))
    with behind(root) as tables:
        tables.execute("UPDATE head SET root = ?", (bytes(32),))
    other = open_case(root, VAULT_KEY)
    with pytest.raises(IntegrityError, match="does not fit its own head"), other.transaction():
        pass
    other.close()


def test_a_checkpoint_gains_cosignatures_and_never_loses_them(case: CaseFolder) -> None:
    case.keep_checkpoint(KeptCheckpoint(1, b"signed\n", b"signed\n"))
    case.keep_checkpoint(KeptCheckpoint(1, b"signed\n", b"signed\nand cosigned\n"))
    case.keep_checkpoint(KeptCheckpoint(1, b"signed\n", b"signed\n"))
    assert [kept.note for kept in case.checkpoints()] == [b"signed\nand cosigned\n"]


def test_a_record_that_changed_is_not_given_out(case: CaseFolder, root: Path, custodian: Custodian) -> None:
    event = Event("The bridge")
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"), [event])
    with behind(root) as tables:
        tables.execute("UPDATE record SET body = ?", [encode(Event("The tunnel"))])
    with pytest.raises(IntegrityError, match="has changed"):
        case.record(digest_of(event))
    with pytest.raises(IntegrityError, match="is missing"):
        case.noun(Digest.of(b"never written"))


def test_a_working_copy_whose_bytes_come_in_later_is_an_exhibit_too(
    case: CaseFolder, custodian: Custodian
) -> None:
    text, page = Digest.of(b"text"), Digest.of(b"page")
    copy = Copy(text, 4, "text/plain; charset=utf-8", Role.WORKING, page, "readable")
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"), [copy])
    with case.transaction() as transaction:
        item = Item(transaction.next_exhibit(), Copy(text, 4, "text/plain"))
        transaction.append(custodian.act("test.happened"), [item])
    with case.transaction() as transaction:
        assert transaction.exhibits_of([text]) == {text: "E00001"}
        assert transaction.next_exhibit() == "E00002"
    assert case.item(text) == item
    before = case.catalog_fingerprint()
    case.rebuild()
    assert case.catalog_fingerprint() == before


@in_a_folder
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("entry", "data", "text"), ("entry", "data", 7), ("head", "size", "many"), ("tile", "hashes", "text")],
)
def test_a_value_that_became_another_kind_is_damage_and_no_crash(
    case: CaseFolder, root: Path, custodian: Custodian, table: str, column: str, value: object
) -> None:
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"))
    with behind(root) as tables:
        tables.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608 - a case of the table
    other = open_case(root, VAULT_KEY)
    with pytest.raises(IntegrityError, match="has become"):
        (list(other.entries()), other.head(), other.tile(0, 0, 1))
    other.close()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
def test_a_closed_case_holds_no_file_open_in_any_thread(root: Path) -> None:
    case = create_case(root, "desk.example/tests", "desk.example/tests+00000000+AAAA", VAULT_KEY)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: case.origin(), range(8)))
        case.origin()
        case.close()
        held = [os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir()]
    assert [path for path in held if path.startswith(f"{root}/")] == []


def test_a_catalog_made_again_numbers_objects_as_they_first_came(
    case: CaseFolder, custodian: Custodian
) -> None:
    def seal(*contents: bytes) -> None:
        captures = [Capture(partial(io.BytesIO, content), "a friend", "test") for content in contents]
        list(Intake(case, custodian, "run", lambda _: "text/plain").seal(captures))

    seal(b"page")
    text = Copy(Digest.of(b"text"), 4, "text/plain", Role.WORKING, Digest.of(b"page"), "read")
    with case.transaction() as transaction:
        transaction.append(custodian.act("derive", used=(Digest.of(b"page"),)), [text])
    with case.transaction() as transaction:
        transaction.append(custodian.act("examine", used=(text.digest,)))
    seal(b"other", b"text")  # the very bytes of the working copy
    with case.transaction() as transaction:
        transaction.append(custodian.act("examine", used=(text.digest,)))
    assert case.acts("examine", used=text.digest) == [2, 5]
    assert case.exhibit_of(text.digest) == "E00003"
    assert case.catalog_holds()
    case.rebuild()
    assert case.acts("examine", used=text.digest) == [2, 5]


def test_a_question_that_was_interrupted_spoils_no_later_one(case: CaseFolder) -> None:
    with pytest.raises(KeyboardInterrupt), case._reading() as connection:
        event.listen(connection, "before_cursor_execute", _interrupt)
        connection.exec_driver_sql("SELECT 1")
    assert connection.invalidated
    assert case.head().size == 0


def _interrupt(connection: Connection, *_: object) -> None:
    connection.invalidate()  # as it is left by an interruption of the driver
    raise KeyboardInterrupt
