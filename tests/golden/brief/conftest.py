"""The fictional dossier, for every test of publishing."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from witnessmark.publish.dossier import Dossier

_FICTION = Path(__file__).parents[2] / "fixtures" / "brief" / "fiction.py"


@pytest.fixture(scope="session")
def fiction() -> ModuleType:
    """The module that the dossier is built in."""
    spec = spec_from_file_location("witnessmark_brief_fiction", _FICTION)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def dossier(fiction: ModuleType) -> Dossier:
    """The fictional dossier itself."""
    made = fiction.dossier()
    assert isinstance(made, Dossier)
    return made
