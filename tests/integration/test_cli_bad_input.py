"""Whatever is asked of the command: one sentence, the right exit code, nothing lost, nothing half-visible."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from witnessmark.preserve.seal import BATCH_FILES

USAGE, UNAVAILABLE, REFUSED, DAMAGED, INTERRUPTED = 2, 3, 4, 6, 130


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
    shell, names = new_shell(tmp_path), [f"m{number:03}.bin" for number in range(BATCH_FILES + 24)]
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


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("nonsense", USAGE, "No such command"),
        ("take", USAGE, "Missing argument 'sources'"),
        ("erase E00001", USAGE, "Missing option '--reason'"),
        ("scrub --sample 2", USAGE, "Invalid value for '--sample'"),
        ("scrub --repair-from nowhere", USAGE, "nowhere is no folder"),
        ("brief ../brief --language xx", USAGE, "no brief can be made in 'xx'"),
        ("show --out copy.txt", USAGE, "needs an exhibit"),
        ("show E00001 --out /nowhere/at/all", UNAVAILABLE, "/nowhere/at/all cannot be written"),
        ("show E00001 --out ../sources/note.txt", REFUSED, "exists already"),
        ("show E00001 --out ../sources/note.txt/below", REFUSED, "is no folder"),
        ("show E00001 --out copy.txt", REFUSED, "lies in the case folder"),
        ("brief objects/brief", REFUSED, "lies in the case folder"),
        ("package package", REFUSED, "lies in the case folder"),
        ("log --export log", REFUSED, "lies in the case folder"),
        ("find", USAGE, "say either words or --like"),
        ("find ''", USAGE, "no words to look for"),
        ("find --like nowhere.jpg", USAGE, "is no file"),
        ("observe E00001", USAGE, "does not say what was seen"),
        ("observe E00001 --level 9", USAGE, "not a level"),
        ("observe E00001 --text x --point nan,inf", USAGE, "canonical JSON"),
        ("assess 'no such claim' --status refuted --reasons r", USAGE, "names no claim"),
        ("erase E00001 --reason ''", USAGE, "needs its reason"),
        ("log --start 99999999999999999999", USAGE, ""),
        ("log --export /proc/log", UNAVAILABLE, "cannot be written"),
        ("brief ../sources", REFUSED, "exists already"),
        ("brief ../brief --disclose E99999", USAGE, "is no exhibit of this case"),
        ("package ../package --withhold E99999", USAGE, "is no exhibit of this case"),
        ("verify nowhere", USAGE, "is no folder"),
        ("verify .", USAGE, "is a case, not a package"),
        ("verify ../sources --vkey nonsense", USAGE, "not a verifier key"),
        ("take ../sources --case nowhere", USAGE, "holds no case"),
        ("take ../sources --keys nowhere", REFUSED, "keys of this case are not at hand"),
        ("show --case ../sources/note.txt", USAGE, "holds no case"),
        ("new ../sources --name x", USAGE, "is not empty"),
        ("new ../sources/note.txt --name x", REFUSED, "cannot hold a case"),
        ("new ../fresh --name ''", USAGE, "needs a name"),
        ("new ../fresh --name x --origin 'two words'", USAGE, "cannot name a log"),
        ("new ../fresh --name x --as nobody", USAGE, "nobody has said who is at work"),
        ("new ../fresh --name x --as 'two\nlines'", USAGE, "not a name for an agent"),
        ("new . --name x", USAGE, "holds a case already"),
        ("new ../fresh --name x --keys ../fresh/keys", REFUSED, "inside the case"),
        (f"new ../{'n' * 300} --name x", REFUSED, "File name too long"),
    ],
)
def test_what_makes_no_sense_or_cannot_be_is_said_in_a_sentence(
    shell: Shell, words: str, code: int, said: str
) -> None:
    before = sorted(path.name for path in shell.folder.iterdir())
    answer = shell.run(*shlex.split(words))
    assert (answer.code, said in answer.said) == (code, True), answer.said
    assert sorted(path.name for path in shell.folder.iterdir()) == before


def test_words_are_found_whatever_folding_their_letters_does_to_the_length(shell: Shell) -> None:
    for words in ("straße", "STRASSE", "Hafen"):
        found = shell.run("find", words, "--json")
        assert [line["exhibit"] for line in found.lines()] == ["E00002"], words


def test_nothing_found_says_what_could_not_be_looked_into(shell: Shell) -> None:
    answer = shell.run("find", "zeppelin")
    assert answer.code == 0
    assert "0 places in 3 readable texts; 1 exhibit has none" in answer.said


def test_what_was_said_of_an_acquisition_is_shown_in_words(shell: Shell, tmp_path: Path) -> None:
    lead = tmp_path / "lead.txt"
    lead.write_text("A lead.\n")
    said = {
        "--note": "from the harbour office",
        "--source-url": "https://harbour.example/1",
        "--legal-basis": "consent",
    }
    words = (word for pair in said.items() for word in pair)
    (taken,) = shell.run("take", "--json", str(lead), *words).lines()
    number = str(taken["exhibit"])
    shown = shell.run("show", number)
    assert all(words in shown.out for words in said.values()), shown.out
    (line,) = json.loads(f"[{shell.run('show', '--json', number).out}]")
    (arrival,) = line["arrivals"]
    assert (arrival["note"], arrival["source_url"]) == (said["--note"], said["--source-url"])


def test_the_case_does_not_take_in_itself_from_within(shell: Shell) -> None:
    before = shell.entries("take.acquired")
    answer = shell.run("take", "--json", ".", at=shell.case / "objects")
    assert [line["outcome"] for line in answer.lines()] == ["declined"]
    assert shell.entries("take.acquired") == before


def test_without_the_keys_everything_but_the_sources_can_be_read(shell: Shell, tmp_path: Path) -> None:
    listed = shell.run("show", "--json", WITNESSMARK_KEYS=str(tmp_path))
    assert listed.code == 0
    assert {line["source"] for line in listed.lines()} == {"(sealed: its key is not at hand)"}
    assert shell.run("show", "E00001", WITNESSMARK_KEYS=str(tmp_path)).code == 0


def test_answers_that_nobody_reads_stop_the_taking_and_the_same_command_goes_on(tmp_path: Path) -> None:
    shell = new_shell(tmp_path)
    sources = tmp_path / "sources"
    sources.mkdir()
    for number in range(12):
        (sources / f"{number}.txt").write_text(f"text {number}")
    taking = subprocess.Popen(
        shell.words("take", "--json", str(sources)),
        cwd=shell.case,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert taking.stdout is not None
    assert taking.stderr is not None
    taking.stdout.readline()
    taking.stdout.close()
    said = taking.stderr.read().decode()
    assert taking.wait() == UNAVAILABLE
    assert "nobody reads the answers any more" in said
    assert "Traceback" not in said
    taking.stderr.close()
    again = shell.run("take", "--json", str(sources))
    assert (again.code, len(again.lines())) == (0, 12)
    assert shell.entries("take.acquired") == 12
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            shell.words("show"),
            cwd=shell.case,
            env=shell.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.returncode == UNAVAILABLE
    assert b"answers cannot be written" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_names_of_every_kind_are_told_apart_and_shown_in_any_locale(tmp_path: Path) -> None:
    shell = new_shell(tmp_path)
    sources = tmp_path / "sources"
    sources.mkdir()
    names = (b"two\nlines", b"\xff\xfe", "é".encode(), "e\u0301".encode(), b"A", b"a", "صورة".encode())
    for number, name in enumerate((*names, "\u202egpj.exe".encode(), b"[bold]", b"n" * 255)):
        Path(os.fsdecode(os.fsencode(sources) + b"/" + name)).write_bytes(b"%d" % number)
    os.mkfifo(sources / "pipe")
    (sources / "loop").symlink_to("loop")
    (sources / "empty").touch()
    taken = shell.run(
        "take", "--json", str(sources), LANG="C", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"
    )
    outcomes = [line["outcome"] for line in taken.lines()]
    assert (taken.code, outcomes.count("done"), outcomes.count("declined")) == (0, 11, 2)
    assert len({line["source"] for line in taken.lines()}) == 13
    for locale in ("C", "C.UTF-8", "en_US.ISO-8859-1"):
        shown = shell.run("show", LANG=locale, LC_ALL=locale, PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
        assert shown.code == 0
        assert len(shown.out.splitlines()) == 11
        assert "\u202e" not in shown.out


def test_erasing_destroys_nothing_that_another_exhibit_needs_and_says_what_is_left(tmp_path: Path) -> None:
    shell = new_shell(tmp_path)
    words = "The harbour was closed on Monday, said the speaker of the port, and nobody was let in."
    page = f"<html><body><article><p>{words}</p></article></body></html>"
    (tmp_path / "one.html").write_text(page)
    (tmp_path / "two.html").write_text(page.replace("<p>", "<p class='x'>"))
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.writestr("secret.txt", "Within a box.")
    assert shell.run("take", str(tmp_path / "one.html"), str(tmp_path / "two.html")).code == 0
    kept = shell.run("show", "E00001", "--text").out.removesuffix("\n")
    (tmp_path / "copy.txt").write_text(kept)  # the very bytes of the readable text
    assert shell.run("take", str(tmp_path / "copy.txt"), str(tmp_path / "box.zip")).code == 0
    assert [line["exhibit"] for line in shell.run("show", "--json").lines()] == [
        f"E{number:05}" for number in range(1, 6)
    ]
    assert shell.run("erase", "E00001", "--reason", "asked for").code == 0
    for staying in ("E00002", "E00003"):
        assert shell.run("show", staying, "--text").out.removesuffix("\n") == kept
    assert shell.run("show", "E00003", "--out", str(tmp_path / "out.txt")).code == 0
    assert (tmp_path / "out.txt").read_text() == kept
    erased = shell.run("erase", "E00005", "--reason", "asked for")
    assert "still lies in E00004" in erased.said
    assert shell.run("verify").code == 0


def test_an_interrupted_command_says_so_and_the_same_command_goes_on(tmp_path: Path) -> None:
    shell = new_shell(tmp_path)
    sources = tmp_path / "sources"
    sources.mkdir()
    for number in range(40):
        (sources / f"{number:02}.txt").write_text(f"text {number}")
    # tests that run in the background ignore it, and so would all that they start
    signal.signal(signal.SIGINT, signal.default_int_handler)
    taking = subprocess.Popen(
        shell.words("take", "--json", str(sources)),
        cwd=shell.case,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert taking.stdout is not None
    taking.stdout.readline()
    os.killpg(taking.pid, signal.SIGINT)  # as a terminal does: to all processes of the command
    _, said = taking.communicate()
    assert taking.returncode == INTERRUPTED
    assert b"Interrupted" in said
    assert b"Traceback" not in said
    again = shell.run("take", "--json", str(sources))
    assert (again.code, len(again.lines())) == (0, 40)
    assert shell.entries("take.acquired") == 40
    assert shell.run("verify").code == 0


def test_a_file_that_changed_since_the_interruption_is_taken_as_it_is_now(tmp_path: Path) -> None:
    shell, source = new_shell(tmp_path), tmp_path / "post.txt"
    source.write_text("before")
    taking = subprocess.Popen(
        shell.words("take", str(source)), cwd=shell.case, env=shell.environment(), stdout=subprocess.DEVNULL
    )
    while not shell.entries("take.acquired"):
        assert taking.poll() is None
        time.sleep(0.002)
    taking.kill()
    taking.wait()
    assert not shell.entries("take.finished")
    source.write_text("and after")
    assert shell.run("take", "--json", str(source)).code == 0
    assert {line["size"] for line in shell.run("show", "--json").lines()} == {6, 9}


def test_what_could_not_be_examined_is_not_shown_as_if_nothing_had_been_found(tmp_path: Path) -> None:
    shell = new_shell(tmp_path)
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40))
    (line,) = shell.run("take", "--json", str(tmp_path / "cut.jpg")).lines()
    assert line["outcome"] == "done"
    assert "could not be examined" in str(line["reason"])
    assert "could not be examined" in shell.run("show", "E00001").out


def test_what_a_missing_key_folder_leaves_unchecked_is_said(shell: Shell, tmp_path: Path) -> None:
    checks = shell.run("verify", "--json", WITNESSMARK_KEYS=str(tmp_path))
    states = {str(line["what"]): line["state"] for line in checks.lines()}
    assert checks.code == 0
    assert states["the checkpoint last published from here"] == "not checkable"
    assert "broken" not in states.values()


def signed(shell: Shell) -> tuple[int, int]:
    """How many entries the log has, and how many of them the newest checkpoint covers."""
    with closing(sqlite3.connect(shell.case / "case.db")) as connection:
        (size,) = connection.execute("SELECT size FROM head").fetchone()
        (covered,) = connection.execute("SELECT max(size) FROM checkpoint").fetchone()
    return int(size), int(covered)


def test_a_command_that_is_refused_leaves_no_entry_or_leaves_it_signed(shell: Shell) -> None:
    before = signed(shell)
    assert before[0] == before[1]
    assert shell.run("brief", "../sources").code == REFUSED
    assert signed(shell) == before
    assert shell.run("assess", "no such claim", "--status", "refuted", "--reasons", "r").code == USAGE
    size, covered = signed(shell)
    assert size == covered > before[0]


def test_nothing_is_begun_for_nobody(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    answer = shell.run("new", "case", "--name", "x", at=tmp_path, WITNESSMARK_PERSON="")
    assert answer.code == USAGE
    assert "--as NAME" in answer.said
    assert not list(tmp_path.iterdir())


def test_a_case_that_cannot_be_begun_leaves_no_keys(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.case.mkdir()
    (shell.case / "witnessmark.toml").write_text(
        '[[authority]]\nname = "one"\nurl = "ftp://tsa.example/"\nroots = []\n'
    )
    assert shell.run("new", "case", "--name", "x", at=tmp_path).code == USAGE
    assert [path.name for path in tmp_path.rglob("*")] == ["case", "witnessmark.toml"]


@pytest.mark.parametrize("left", ["folders", "database", "tables"])
def test_a_case_whose_beginning_was_cut_short_is_known_for_what_it_is(tmp_path: Path, left: str) -> None:
    shell = new_shell(tmp_path)
    shutil.rmtree(tmp_path / "keys")
    if left == "tables":
        with closing(sqlite3.connect(shell.case / "case.db")) as connection, connection:
            connection.executescript("DELETE FROM entry; DELETE FROM tile; DELETE FROM checkpoint")
            connection.execute("UPDATE head SET size = 0")
    else:
        (shell.case / "case.db").unlink()
    if left == "database":
        (shell.case / "case.db").touch()
    again = shell.run("new", "case", "--name", "x", at=tmp_path)
    assert (again.code, "cut short" in again.said) == (USAGE, True), again.said
    assert "remove the folder and begin again" in again.said
    if left != "folders":
        taken = shell.run("take", str(tmp_path))
        assert (taken.code, "cut short" in taken.said) == (USAGE, True), taken.said
    shutil.rmtree(shell.case)
    assert shell.run("new", "case", "--name", "x", at=tmp_path).code == 0


@pytest.mark.parametrize("left", ["nothing", "emptied", "head of zero"])
def test_a_database_that_was_lost_beside_its_objects_is_damage_and_nothing_is_to_be_removed(
    tmp_path: Path, left: str
) -> None:
    shell = new_shell(tmp_path)
    (tmp_path / "note.txt").write_text("A note.\n")
    assert shell.run("take", str(tmp_path / "note.txt")).code == 0
    database = shell.case / "case.db"
    if left == "head of zero":
        shutil.rmtree(shell.case / "objects")  # what was published is enough to know better
        (shell.case / "objects").mkdir()
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.executescript("DELETE FROM entry; DELETE FROM tile; UPDATE head SET size = 0")
    else:
        database.unlink()
    if left == "emptied":
        database.touch()
    for words in (["show"], ["verify"], ["take", str(tmp_path / "note.txt")]):
        answer = shell.run(*words, "--case", str(shell.case))
        assert answer.code == DAMAGED, answer.said
        assert "remove nothing" in " ".join(answer.said.split())
    again = shell.run("new", "case", "--name", "x", at=tmp_path)
    assert again.code == (USAGE if left == "nothing" else DAMAGED)
    assert "remove the folder" not in " ".join(again.said.split())


def test_keys_that_a_beginning_left_behind_are_known_for_what_they_are(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    words = ("--name", "x", "--origin", "desk.example/x")
    assert shell.run("new", "case", *words, at=tmp_path).code == 0
    assert "nothing was ever" not in shell.run("new", "other", *words, at=tmp_path).said
    empty = {"size": 0, "root": sha256(b"").hexdigest()}
    (tmp_path / "keys" / "desk.example_x" / "published.json").write_text(json.dumps(empty))
    answer = shell.run("new", "other", *words, at=tmp_path)
    assert (answer.code, "with which nothing was ever published" in answer.said) == (REFUSED, True)
    assert not (tmp_path / "other").exists()
