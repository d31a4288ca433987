"""The house stands as it says: its contracts hold, and each forbidden door is found shut when it is tried."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "witnessmark"

FORBIDDEN = {
    "witnessmark.weigh.tally -> witnessmark.store.tables": "weighing sees no store",
    "witnessmark.weigh.ranges -> time": "weighing has no clock",
    "witnessmark.collect.names -> witnessmark.preserve.keys": "stages are deaf to each other",
    "witnessmark.examine.extent -> witnessmark.match.exact": "stages are deaf to each other, all of them",
    "witnessmark.model.values -> subprocess": "nouns start nothing",
    "witnessmark.tlog.merkle -> sqlite3": "the log's mathematics keep nothing",
    "witnessmark.preserve.scrub -> witnessmark.store.folder": "only the wiring builds a store",
    "witnessmark.cli.screen -> witnessmark.testing.misbehaviour": "the product does not know its test kit",
    "witnessmark.errors -> witnessmark.model.values": "nothing lies below the errors",
    "witnessmark.desk.texts -> witnessmark.cli.screen": "the desk does not know its faces",
    "witnessmark.web.gate -> witnessmark.cli.screen": "faces do not know each other",
    "witnessmark.web.board -> witnessmark.store.tables": "no SQL in the browser's face",
    "witnessmark.witness.ledger -> witnessmark.cli.screen": "faces do not know each other",
}
"""What some module must never import, as `importer -> imported`."""

VAGUE = re.compile(r"(utils?|helpers?|common|misc|manager|base|core|stuff)")


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, in which a test may break what it likes."""
    shutil.copytree(SOURCE, tmp_path / "witnessmark", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def contracts_of(house: Path) -> subprocess.CompletedProcess[str]:
    """What the import linter says of a house."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=house,
        env={"PYTHONPATH": str(house), "PATH": "/usr/bin:/bin", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_contracts_hold_as_the_house_stands(copy_of_the_house: Path) -> None:
    said = contracts_of(copy_of_the_house)
    assert said.returncode == 0, said.stdout
    assert "6 kept, 0 broken" in said.stdout


def test_every_forbidden_import_is_caught(copy_of_the_house: Path) -> None:
    for line in FORBIDDEN:
        importer, _, imported = line.partition(" -> ")
        path = copy_of_the_house / (importer.replace(".", "/") + ".py")
        path.write_text(path.read_text("utf-8") + f"\nimport {imported}\n", "utf-8")
    said = contracts_of(copy_of_the_house)
    assert said.returncode != 0
    missed = {line: why for line, why in FORBIDDEN.items() if line not in said.stdout}
    assert not missed, said.stdout


def test_a_room_that_was_never_declared_is_caught(copy_of_the_house: Path) -> None:
    room = copy_of_the_house / "witnessmark" / "attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""Attic."""\n')
    said = contracts_of(copy_of_the_house)
    assert said.returncode != 0
    assert "attic" in said.stdout


def test_a_circle_is_caught_at_any_depth(copy_of_the_house: Path) -> None:
    lower = copy_of_the_house / "witnessmark" / "tlog" / "merkle.py"
    lower.write_text(lower.read_text("utf-8") + "\nimport witnessmark.tlog.checkpoint\n", "utf-8")
    said = contracts_of(copy_of_the_house)
    assert "No circles at any depth BROKEN" in said.stdout


def test_no_module_is_named_for_nothing_in_particular() -> None:
    names = {path: path.stem for path in SOURCE.rglob("*.py")} | {
        path: path.name for path in SOURCE.rglob("*") if path.is_dir()
    }
    assert not [path for path, name in names.items() if VAGUE.fullmatch(name)]


def test_every_test_folder_is_one_that_the_house_knows() -> None:
    known = {"unit", "property", "contract", "golden", "integration", "interop", "story", "fixtures"}
    known |= {"browser", "conformance", "campaigns", "servers", "__pycache__"}
    assert {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} <= known


def test_the_unit_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir()}
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= rooms


def test_nothing_copyleft_runs_inside_the_process() -> None:
    """Names that are GPL or AGPL stay programs that are started, or judges in tests."""
    wanted = (ROOT / "pyproject.toml").read_text("utf-8").partition("[dependency-groups]")[0].lower()
    assert not [name for name in ("pywb", "pymerkle", "pyexiv2", "warcprox", "gallery-dl") if name in wanted]
