"""Every page is driven on a case in a folder and on one in PostgreSQL."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.postgres import Server


@pytest.fixture(scope="session", params=["in a folder", "in PostgreSQL"])
def hostile_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose every text wants to run in a browser, made once for all tests of the pages."""
    from tests.servers.desks import hostile_case

    folder = tmp_path_factory.mktemp("hostile")
    if request.param == "in a folder":
        return hostile_case(folder)
    server: Server = request.getfixturevalue("postgres")
    database = f"hostile_{secrets.token_hex(8)}"
    server.create(database)
    return hostile_case(folder, server.url(database))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL each page is driven once, in English: looks and escapes do not come from the database."""
    twice = [item for item in items if _is_told_already(getattr(item, "callspec", None))]
    config.hook.pytest_deselected(items=twice)
    left_out = set(twice)
    items[:] = [item for item in items if item not in left_out]


def _is_told_already(spec: Any) -> bool:
    given = {} if spec is None else spec.params
    return given.get("hostile_desk") == "in PostgreSQL" and (
        given.get("language") == "ar" or "trusting" in given
    )
