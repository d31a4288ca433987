"""What verify says of damage that no digest shows."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from witnessmark.model import CheckState, person
from witnessmark.ports import Capture
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.keys import KeyFolder, create_keys
from witnessmark.preserve.seal import Intake
from witnessmark.preserve.verify import verify
from witnessmark.preserve.verify_outside import Trust
from witnessmark.store import CaseFolder, create_case

ORIGIN = "desk.example/tests"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    return create_keys(tmp_path / "keys", ORIGIN)


@pytest.fixture
def case(tmp_path: Path, keys: KeyFolder) -> Iterator[CaseFolder]:
    vkey = keys.signer.verifier.vkey()
    with closing(create_case(tmp_path / "case", ORIGIN, vkey, keys.vault_key)) as opened:
        custodian = Custodian(SystemClock(), person("tester"), "tests 1", "s")
        capture = Capture(lambda: io.BytesIO(b"bytes"), "a friend", "test")
        list(Intake(opened, custodian, "run", lambda _: "text/plain").seal([capture]))
        sign_head(opened, keys)
        yield opened


@pytest.mark.parametrize(("table", "what"), [("record", "record sha256:"), ("vault", "personal value hmac-")])
def test_a_row_that_lies_there_twice_is_damage(
    case: CaseFolder, keys: KeyFolder, table: str, what: str
) -> None:
    trust = Trust(keys.signer.verifier, datetime.now(UTC))
    assert not [check for check in verify(case, trust) if check.state is CheckState.BROKEN]
    with closing(sqlite3.connect(case.root / "case.db")) as database, database:
        database.execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")  # noqa: S608
    broken = [check for check in verify(case, trust) if check.state is CheckState.BROKEN]
    assert [(check.what[: len(what)], check.detail) for check in broken] == [(what, "it lies here twice")]


def broken(case: CaseFolder, keys: KeyFolder) -> list[tuple[str, str]]:
    """What is broken, and why."""
    checks = verify(case, Trust(keys.signer.verifier, datetime.now(UTC)))
    return [(check.what, check.detail) for check in checks if check.state is CheckState.BROKEN]


def change(case: CaseFolder, statement: str, *values: object) -> None:
    """Do to the database what nobody should."""
    with closing(sqlite3.connect(case.root / "case.db")) as database, database:
        database.execute("PRAGMA writable_schema=ON")
        assert database.execute(statement, values).rowcount == 1


@pytest.mark.parametrize("digit", [7, 70])
def test_a_record_under_another_name_is_named_and_nothing_that_it_says_is_blamed(
    case: CaseFolder, keys: KeyFolder, digit: int
) -> None:
    for name in [str(digest) for digest, _ in case.records()]:
        other = f"{name[:digit]}{'0' if name[digit] != '0' else '1'}{name[digit + 1 :]}"
        change(case, "UPDATE record SET digest = ? WHERE digest = ?", other, name)
        fault = f"it lies under the name {other}, where nobody finds it"
        assert broken(case, keys) == [(f"record {name}", fault)]
        change(case, "UPDATE record SET digest = ? WHERE digest = ?", name, other)
    assert not broken(case, keys)


def test_of_records_that_are_missing_each_is_named_and_no_personal_value_is_blamed(
    case: CaseFolder, keys: KeyFolder
) -> None:
    names = [str(digest) for digest, _ in case.records()]
    for name in names:
        change(case, "DELETE FROM record WHERE digest = ?", name)
    assert len(names) == 2
    assert sorted(what for what, _ in broken(case, keys)) == sorted(f"record {name}" for name in names)


@pytest.mark.parametrize(
    "changed",
    [
        "type = type || ' '",
        "tbl_name = tbl_name || ' '",
        "sql = sql || ' '",
        "sql = replace(sql, 'sub', 'rub')",
    ],
)
def test_a_schema_that_is_not_ours_is_damage(case: CaseFolder, keys: KeyFolder, changed: str) -> None:
    change(case, f"UPDATE sqlite_master SET {changed} WHERE name = 'record_digest'")  # noqa: S608
    with closing(CaseFolder(case._database, case._objects, case._vault)) as again:
        assert {what for what, _ in broken(again, keys)} >= {"the database file"}
