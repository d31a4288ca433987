"""A case in PostgreSQL: the same way through the house, the same damage found, several at work at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from tests.fixtures.postgres import MISSING, Server, moved, rows

from witnessmark.model import Finding
from witnessmark.store import open_case, tables
from witnessmark.store.postgres import DRIVER, PostgresSchema, schema_of

pytestmark = [
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux"),
]


@dataclass(frozen=True)
class Desk:
    """The real command on a case of the server."""

    work: Path
    server: Server
    database: str

    @property
    def case(self) -> Path:
        return self.work / "case"

    @property
    def schema(self) -> str:
        told = tomllib.loads((self.case / "case.toml").read_text())
        return str(told["schema"])

    def start(self, *words: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "WITNESSMARK_PERSON": "tester",
            "WITNESSMARK_KEYS": str(self.work / "keys"),
        }
        given = words if words[0] == "new" else (*words, "--case", "case")
        command = [sys.executable, "-m", "witnessmark", *given, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.work, env=environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, *words: str, code: int = 0) -> list[dict[str, Any]]:
        process = self.start(*words)
        out, said = process.communicate()
        assert process.returncode == code, said
        return [json.loads(line) for line in out.splitlines()] or [{"said": " ".join(said.split())}]

    def broken(self) -> list[str]:
        """What `verify` finds broken."""
        process = self.start("verify")
        out, said = process.communicate()
        lines = [json.loads(line) for line in out.splitlines()]
        assert lines, said
        found = [line["what"] for line in lines if line["state"] == "broken"]
        assert process.returncode == (6 if found else 0)
        return found

    def alter(self, *statements: str) -> Sequence[str]:
        """Ask the tables, or write into them, behind our back."""
        return rows(self.server, self.database, f"SET search_path TO {self.schema}", *statements)


@pytest.fixture(scope="module")
def first(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    postgres.create("first")
    desk = Desk(tmp_path_factory.mktemp("first"), postgres, "first")
    sources = desk.work / "sources"
    sources.mkdir()
    for number in range(6):
        (sources / f"{number}.txt").write_text(f"Report {number}: the gate was shut at noon.")
    desk.run("new", "case", "--name", "Gate", "--database", postgres.url("first"))
    assert len(desk.run("take", "sources")) == 6
    return desk


@pytest.fixture
def desk(first: Desk, tmp_path: Path) -> Desk:
    """A copy of the first case, keys, folder and database, that a test may spoil."""
    name = tmp_path.name.lower()
    shutil.copytree(first.work, tmp_path, dirs_exist_ok=True)
    moved(tmp_path / "case" / "case.toml", name)
    return Desk(tmp_path, first.server, name)


def test_a_case_goes_the_whole_way(desk: Desk) -> None:
    assert sorted(path.name for path in desk.case.iterdir()) == ["case.toml", "objects", "tmp"]
    assert desk.broken() == []
    desk.run("observe", "E00001", "--text", "the gate")
    assert [line["exhibit"] for line in desk.run("find", "gate")] == [
        f"E0000{number}" for number in range(1, 7)
    ]
    desk.run("brief", "brief")
    desk.run("package", "package")
    (vkey,) = (line["vkey"] for line in desk.run("log", "--key"))
    alone = [sys.executable, "package/verify_package.py", "package", "--vkey", vkey]
    assert subprocess.run(alone, cwd=desk.work, check=False, capture_output=True).returncode == 0
    asked = "SELECT * FROM catalog_record ORDER BY entry, record"
    before = desk.alter(asked)
    desk.run("rebuild")
    assert desk.alter(asked) == before
    desk.run("erase", "E00002", "--reason", "asked")
    assert desk.broken() == []
    again = desk.run("take", "sources")
    assert [line["outcome"] for line in again].count("declined") == 1


def test_what_is_asked_for_at_once_is_what_is_told_one_by_one(desk: Desk) -> None:
    with closing(open_case(desk.case, None)) as case:
        digests = [digest for _, digest in case.exhibits()]
        alone = {one: case.find(Finding, one) for one in digests}
        arrivals = {one: case.acquisitions(one) for one in digests}
        assert all(alone.values())
        assert case.find_of(Finding, digests) == alone
        assert case.acquisitions_of(digests) == arrivals
        with case.remembering():
            assert {one: case.find(Finding, one) for one in digests} == alone
            assert case.acts_on(digests[0]) == case.acts("examine", used=digests[0])
        size = case.head().size
        assert case.actions_at(range(size)) == case.actions_of(0, size)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entry SET data = data || '\\x20' WHERE idx = 2", "log entry 2"),
        ("UPDATE tile SET hashes = substr(hashes, 1, 32)", "tile"),
        ("UPDATE head SET size = size - 1", "head"),
        ("DELETE FROM vault WHERE ctid = (SELECT min(ctid) FROM vault)", "personal value"),
        (
            "DELETE FROM catalog_acquisition WHERE entry = (SELECT max(entry) FROM catalog_acquisition)",
            "the catalog",
        ),
        ("DELETE FROM checkpoint", "the checkpoint last published"),
        ("CREATE RULE hush AS ON INSERT TO entry DO ALSO DELETE FROM vault", "the database file"),
    ],
)
def test_what_was_changed_in_the_tables_is_found(desk: Desk, statement: str, what: str) -> None:
    desk.alter(statement)
    found = desk.broken()
    assert any(what in one for one in found), found


def test_several_processes_write_at_once_and_nothing_is_lost_or_doubled(desk: Desk) -> None:
    for person in range(4):
        folder = desk.work / f"from {person}"
        folder.mkdir()
        for number in range(5):
            (folder / f"{number}.txt").write_text(f"{person} saw {number}")
    with ThreadPoolExecutor(4) as people:
        taken = list(people.map(lambda person: desk.run("take", f"from {person}"), range(4)))
    numbers = [line["exhibit"] for lines in taken for line in lines]
    assert sorted(numbers) == [f"E{number:05d}" for number in range(7, 27)]
    assert desk.broken() == []


def test_a_server_that_falls_over_loses_nothing_that_was_acknowledged(desk: Desk) -> None:
    folder = desk.work / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"line {number}")
    taking = desk.start("take", "many")
    assert taking.stdout is not None
    first = json.loads(taking.stdout.readline())
    desk.server.stop("immediate")
    out, said = taking.communicate()
    try:
        refused = desk.run("show", code=3)
        assert "cannot be used" in refused[0]["said"]
    finally:
        desk.server.start()
    acknowledged = [first, *map(json.loads, out.splitlines())]
    assert taking.returncode in (0, 3), said
    held = {line["sha256"] for line in desk.run("show")}
    assert {line["sha256"] for line in acknowledged} <= held
    desk.run("take", "many")
    assert desk.broken() == []
    assert len(desk.run("show")) == 66


def test_addresses_that_cannot_be_used_are_refused_and_leave_nothing(desk: Desk) -> None:
    for url, code, said in (
        ("postgresql://x:secret@/desk", 2, "a password in the address"),
        ("mysql://x/desk", 2, "is not like postgresql://"),
        ("nonsense", 2, "no address of a database"),
        (desk.server.url("nowhere"), 3, "cannot be used"),
    ):
        (answer,) = desk.run("new", "fresh", "--name", "x", "--database", url, code=code)
        assert said in answer["said"], answer
        assert not (desk.work / "fresh").exists()
    assert len(list((desk.work / "keys").iterdir())) == 1


def test_a_server_that_may_lose_what_it_confirmed_is_refused(desk: Desk) -> None:
    rows(desk.server, desk.database, "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    try:
        (answer,) = desk.run(
            "new", "fresh", "--name", "x", "--database", desk.server.url(desk.database), code=4
        )
        assert "full_page_writes off" in answer["said"]
    finally:
        rows(desk.server, desk.database, "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")


def test_the_steps_make_the_tables_that_the_store_asks_and_compare_text_by_its_bytes(desk: Desk) -> None:
    address = make_url(desk.server.url(desk.database)).set(drivername=DRIVER)
    case = PostgresSchema(desk.case, address, "asked")
    with closing(case.engine.connect()) as connection:
        connection.exec_driver_sql("CREATE SCHEMA asked")
        tables.primary.create_all(connection)
        tables.projection.create_all(connection)
        asked = schema_of(connection)
        connection.exec_driver_sql(f"SET LOCAL search_path TO {desk.schema}")
        made = {
            one for one in schema_of(connection) if not {"alembic_version", "alembic_version_pkc"} & {*one}
        }
    case.engine.dispose()
    texts = {one for one in made if one[3] == "character varying"}
    assert {one[4] for one in texts} == {"C"}
    assert made - texts | {(*one[:4], "", *one[5:]) for one in texts} == asked
