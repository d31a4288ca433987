"""Whatever is asked of the command: one sentence, the right exit code, nothing lost, nothing half-visible."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from witnessmark.preserve.seal import BATCH_FILES

pytestmark = pytest.mark.xdist_group("cli_bad_input")

USAGE, UNAVAILABLE, REFUSED, MALFORMED, INTEGRITY = 2, 3, 4, 5, 6


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    said: str

    def lines(self) -> list[dict[str, object]]:
        """The answers, as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Shell:
    """The real command on one case."""

    folder: Path

    @property
    def case(self) -> Path:
        """The case folder."""
        return self.folder / "case"

    def words(self, *words: str) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-m", "witnessmark", *words]

    def environment(self, **others: str) -> dict[str, str]:
        """Someone is at work, and the keys lie beside the case."""
        return {
            **os.environ,
            "WITNESSMARK_PERSON": "stranger",
            "WITNESSMARK_KEYS": str(self.folder / "keys"),
            **others,
        }

    def run(self, *words: str, at: Path | None = None, **others: str) -> Answer:
        """What the command says, within the case unless told otherwise; it never shows a traceback."""
        ended = subprocess.run(
            self.words(*words),
            cwd=at or self.case,
            env=self.environment(**others),
            capture_output=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        answer = Answer(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert "Traceback" not in answer.said
        return answer

    def entries(self, kind: str) -> int:
        """How many log entries of a type there are."""
        with closing(sqlite3.connect(self.case / "case.db")) as connection:
            query = "SELECT count(*) FROM entry WHERE instr(data, ?)"
            return int(connection.execute(query, (f'"type":"{kind}"'.encode(),)).fetchone()[0])


def new_shell(folder: Path) -> Shell:
    """A new case in `folder`."""
    shell = Shell(folder)
    assert shell.run("new", "case", "--name", "Bad input", at=folder).code == 0
    return shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A case that holds a text, a page and an archive."""
    shell = new_shell(tmp_path_factory.mktemp("shared"))
    sources = shell.folder / "sources"
    sources.mkdir()
    (sources / "note.txt").write_text("Die Straße am Hafen ist gesperrt.\n")
    (sources / "page.html").write_text(
        "<html><body><article><p>The harbour was closed on Monday, said the speaker of the port.</p>"
        "<p>Nobody was let in before the evening, the speaker said.</p></article></body></html>"
    )
    with zipfile.ZipFile(sources / "folder.zip", "w") as archive:
        archive.writestr("inside.txt", "What lies within an archive.")
    assert shell.run("take", str(sources)).code == 0
    return shell


def test_an_archive_whose_opening_was_killed_is_opened_again_and_each_member_is_taken_once(
    tmp_path: Path,
) -> None:
    shell, names = new_shell(tmp_path), [f"m{number:03}.bin" for number in range(280)]
    with tarfile.open(tmp_path / "many.tar", "w") as archive:
        for number, name in enumerate(names):
            member = tarfile.TarInfo(name)
            member.size = 48 << 20 if number == BATCH_FILES else 10  # the second batch takes its time
            content = bytes(member.size) if number == BATCH_FILES else name.encode().ljust(10)
            archive.addfile(member, io.BytesIO(content))
    taking = subprocess.Popen(
        shell.words("take", "--json", str(tmp_path / "many.tar")),
        cwd=shell.case,
        env=shell.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while shell.entries("take.acquired") <= BATCH_FILES:  # the archive and its first batch
        assert taking.poll() is None
        time.sleep(0.002)
    taking.send_signal(signal.SIGKILL)
    taking.wait()
    assert shell.entries("take.acquired") == 1 + BATCH_FILES
    again = shell.run("take", "--json", str(tmp_path / "many.tar"))
    assert again.code == 0
    settled = sorted(str(line["source"]) for line in again.lines())
    assert settled == [f"{tmp_path}/many.tar", *(f"{tmp_path}/many.tar!/{name}" for name in names)]
    assert shell.entries("take.acquired") == 1 + len(names)
    assert shell.run("verify").code == 0
