"""A case of its own for each test, on a real disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fixtures.postgres import Server

from witnessmark.model.agents import person
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.store import CaseFolder, create_case

VAULT_KEY = bytes(range(32))
ORIGIN = "desk.example/tests"
VKEY = "desk.example/tests+00000000+AAAA"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the case lies."""
    return tmp_path / "case"


@pytest.fixture(params=["in a folder", "in PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """The address of an empty database on a real server; None for a case that lies in its folder alone."""
    if request.param == "in a folder":
        return None
    server: Server = request.getfixturevalue("postgres")
    name = f"store_{secrets.token_hex(8)}"
    server.create(name)
    return server.url(name)


@pytest.fixture
def case(root: Path, database: str | None) -> Iterator[CaseFolder]:
    """A new case."""
    made = create_case(root, ORIGIN, VKEY, VAULT_KEY, database)
    yield made
    made.close()


@pytest.fixture
def custodian() -> Custodian:
    """Someone who acts."""
    return Custodian(SystemClock(), person("tester"), "tests 1", "session")
