"""A case of its own for each test, on a real disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture
def case(root: Path) -> Iterator[CaseFolder]:
    """A new case."""
    made = create_case(root, ORIGIN, VKEY, VAULT_KEY)
    yield made
    made.close()


@pytest.fixture
def custodian() -> Custodian:
    """Someone who acts."""
    return Custodian(SystemClock(), person("tester"), "tests 1", "session")
