"""What several tests of the desk in the browser stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from witnessmark.web.office import Office


@pytest.fixture
def office(hostile_desk: Path, tmp_path: Path) -> Iterator[Office]:
    """A desk of its own for each test, with accounts of its own that cost nothing to check."""
    from argon2 import PasswordHasher
    from tests.servers.desks import copy_of, office_of

    from witnessmark.web.accounts import Accounts
    from witnessmark.web.factors import FactorBook
    from witnessmark.web.tokens import Tokens

    made = office_of(copy_of(hostile_desk, tmp_path / "desk"))
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    object.__setattr__(made, "accounts", Accounts(tmp_path / "accounts.json", quick))
    object.__setattr__(made, "factors", FactorBook(tmp_path / "factors.json"))
    object.__setattr__(made, "tokens", Tokens(tmp_path / "tokens.json"))
    yield made
    made.close()
    made.desk.close()
