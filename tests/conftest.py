"""What every test shares: in CI the laws are tried with the same examples each time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings
from tests.fixtures.postgres import MISSING, Server, started

from witnessmark.publish.dossier import Dossier

settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real server of PostgreSQL that is empty but for what tests of this process put there."""
    if MISSING is not None:
        pytest.skip(MISSING)
    with started() as server:
        yield server


@pytest.fixture(scope="session")
def hostile_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose every text wants to run in a browser, made once for all tests of the pages."""
    from tests.servers.desks import hostile_case

    return hostile_case(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def fiction() -> ModuleType:
    """The module that the fictional dossier is built in."""
    from tests.fixtures.brief import fiction

    return fiction


@pytest.fixture(scope="session")
def dossier(fiction: ModuleType) -> Dossier:
    """The fictional dossier, for every test of publishing."""
    made = fiction.dossier()
    assert isinstance(made, Dossier)
    return made
