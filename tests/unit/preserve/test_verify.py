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
