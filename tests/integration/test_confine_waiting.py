"""A program that waits for files, under attack: each file has a locked process, and the rest goes on."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from witnessmark.confine import Limits, Room, landlock
from witnessmark.errors import MalformedError
from witnessmark.examine import look
from witnessmark.examine.metadata import Metadata
from witnessmark.model import Copy, Digest

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux"),
    pytest.mark.skipif(
        platform.machine() not in ("x86_64", "aarch64"), reason="no table of system calls for this machine"
    ),
    pytest.mark.skipif(shutil.which("perl") is None, reason="perl is not installed"),
]

TASK = "witnessmark.testing.misbehaviour:ask"
SCRIPT = r"""#!/usr/bin/perl
use strict; use warnings; use POSIX (); use Socket;
my $loaded; BEGIN { $loaded = "$$" }
my ($how, $given) = split ' ', scalar(<STDIN>), 2;
$| = 1;
my %ways = (
    loaded => sub { print "$loaded $$" },
    echo   => sub { print $given, <STDIN> },
    open   => sub { print join ' ', grep { my @found = POSIX::fstat($_) } 0 .. 99 },
    spin   => sub { 1 while 1 },
    sleep  => sub { select undef, undef, undef, 600 },
    swell  => sub { my $all = 'x'; $all .= $all while 1 },
    flood  => sub { my $piece = 'x' x (1 << 20); print $piece while 1 },
    babble => sub { my $piece = 'x' x (1 << 20); print STDERR $piece for 1 .. 9; print 'done' },
    crash  => sub { unpack 'p', pack 'J', 1 },
    leave  => sub { POSIX::_exit(7) },
    die    => sub { die "an end with words\n" },
    fork   => sub { defined(my $pid = fork) or die "fork: $!\n"; print $pid },
    exec   => sub { exec '/usr/bin/true' or die "exec: $!\n" },
    read   => sub { open my $file, '<', $given =~ s/\n//r or die "read: $!\n"; print <$file> },
    write  => sub { open my $file, '>', $given =~ s/\n//r or die "write: $!\n"; print 'written' },
    net    => sub { socket(my $line, PF_INET, SOCK_STREAM, 0) or die "net: $!\n"; print 'open' },
    kill   => sub { kill 9, $given or die "kill: $!\n"; print 'killed' },
    raise  => sub {
        my $most = pack 'QQ', ~0, ~0;
        syscall(302, 0, 0, $most, 0) == 0 or die "raise: $!\n";
        print 'raised';
    },
);
$ways{$how}->();
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("program") / "misbehave"
    path.write_text(SCRIPT, "ascii")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room(Limits(cpu_s=1, wall_s=20)) as room:
        yield room


class Asking:
    """Asks the program that waits about a file that says how to misbehave."""

    def __init__(self, room: Room, program: str, folder: Path) -> None:
        self.room, self.program, self.folder = room, program, folder

    def __call__(self, how: str, **limits: int) -> tuple[Mapping[str, Any], bytes]:
        file = self.folder / f"file-{threading.get_ident()}"
        file.write_text(how + "\n", "utf-8")
        wishes: dict[str, object] = {"program": self.program, "waiting": {"program": [self.program]}}
        if limits:
            wishes["limits"] = limits
        ((facts, content),) = [
            (part.facts, part.content.read()) for part in self.room.run(TASK, file, wishes)
        ]
        assert facts["waited"]
        return facts, content

    def complaint(self, how: str) -> str:
        facts, content = self(how)
        assert (facts["code"], content) == (facts["code"] or "an end that is no success", b"")
        return str(facts["errors"])


@pytest.fixture
def ask(room: Room, program: str, tmp_path: Path) -> Iterator[Asking]:
    asking = Asking(room, program, tmp_path)
    yield asking
    assert asking("echo still here")[1] == b"still here\n", "the room has to serve others afterwards"
    assert at_work(room) == []


def keeper_of(room: Room) -> int:
    room.protections()
    assert room._keeper is not None
    return room._keeper._process.pid


def at_work(room: Room) -> list[int]:
    """The children of the keeper but for the programs that wait, when all has come to rest."""
    keeper = keeper_of(room)
    for _ in range(50):
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text("ascii").split()
        busy = [int(one) for one in children if not _waits(int(one))]
        if not busy:
            return []
        time.sleep(0.1)
    return busy


def _waits(pid: int) -> bool:
    """Whether a process is the one that was started, not a fork of it: only that one is unlocked."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return True  # gone
    return "Seccomp:\t0" in status


def test_the_program_is_loaded_once_and_each_file_has_a_process_of_its_own(ask: Asking) -> None:
    (loaded, one), (again, other) = (ask("loaded")[1].split() for _ in range(2))
    assert loaded == again
    assert len({loaded, one, other}) == 3


def test_a_file_can_be_read_whole(ask: Asking) -> None:
    assert ask("echo one\ntwo")[1] == b"one\ntwo\n"


def test_nothing_but_the_file_and_two_ways_out_is_open(ask: Asking) -> None:
    assert ask("open")[1] == b"0 1 2"


def test_an_endless_computation_meets_its_limit(ask: Asking) -> None:
    assert ask("spin")[0]["code"] == -signal.SIGXCPU


def test_waiting_without_end_meets_its_limit_and_the_fork_is_ended(ask: Asking) -> None:
    began = time.monotonic()
    with pytest.raises(MalformedError, match="took more than 1 s"):
        ask("sleep", wall_s=1)
    assert time.monotonic() - began < 60
    assert at_work(ask.room) == []


def test_a_swelling_program_runs_out_of_memory(ask: Asking) -> None:
    assert "Out of memory" in ask.complaint("swell")


def test_an_answer_without_end_is_cut_off(ask: Asking) -> None:
    with pytest.raises(MalformedError, match="larger than 32 MiB"):
        ask("flood", cpu_s=9)


def test_complaints_without_end_stop_nobody(ask: Asking) -> None:
    facts, content = ask("babble")
    assert content == b"done"
    assert len(facts["errors"]) <= 1 << 12


def test_a_crash_names_its_signal(ask: Asking) -> None:
    assert ask("crash")[0]["code"] == -signal.SIGSEGV


def test_how_a_program_ended_and_what_it_said_last_are_told(ask: Asking) -> None:
    assert ask("leave")[0]["code"] == 7
    assert ask.complaint("die") == "an end with words\n"


@pytest.mark.parametrize(
    "how", ["fork", "exec", "net", f"kill {os.getpid()}", "raise"], ids=lambda how: how.split()[0]
)
def test_the_program_has_no_way_out(ask: Asking, how: str) -> None:
    if how == "raise" and platform.machine() != "x86_64":
        pytest.skip("the number in the script is that of x86-64")
    assert "not permitted" in ask.complaint(how)


def test_nothing_can_be_written(ask: Asking) -> None:
    target = ask.folder / "new"
    assert "Permission denied" in ask.complaint(f"write {target}")
    assert not target.exists()


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_files_of_the_desk_are_out_of_sight(ask: Asking) -> None:
    (ask.folder / "secret").write_text("x")
    assert "Permission denied" in ask.complaint(f"read {ask.folder / 'secret'}")
    assert "Permission denied" in ask.complaint(f"read {ask.program}")
    assert "Permission denied" in ask.complaint("read /etc/hostname")


def test_a_program_that_was_ended_from_outside_is_loaded_again(ask: Asking) -> None:
    loaded = int(ask("loaded")[1].split()[0])
    os.kill(loaded, signal.SIGKILL)
    assert int(ask("loaded")[1].split()[0]) != loaded


def test_a_program_that_cannot_be_loaded_is_started_for_each_file(room: Room, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    wishes = {"program": "/usr/bin/true", "programs": ["true"], "waiting": {"program": ["true"]}}
    (facts,) = [part.facts for part in room.run(TASK, tmp_path / "file", wishes)]
    assert (facts["waited"], facts["code"]) == (False, 0)


def test_many_threads_ask_at_once(ask: Asking) -> None:
    answers: list[bool] = []

    def several() -> None:
        answers.extend(ask(f"echo {number}")[1] == b"%d\n" % number for number in range(40))

    threads = [threading.Thread(target=several) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 120


def test_nothing_stays_when_the_house_closes(program: str, tmp_path: Path) -> None:
    with Room() as room:
        loaded = int(Asking(room, program, tmp_path)("loaded")[1].split()[0])
    for _ in range(50):
        if not Path(f"/proc/{loaded}").exists():
            break
        time.sleep(0.1)
    assert not Path(f"/proc/{loaded}").exists()


class Started(Metadata):
    """The same examiner, which starts exiftool anew for each file."""

    waiting: ClassVar[Mapping[str, tuple[str, ...]]] = {}


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_a_length_that_no_file_has_costs_no_memory(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "untrusted"
    path.write_bytes(b"RIFF\xff\xff\xff\x7fWAVEjunk\xff\xff\xff\x7f")
    copy = Copy(Digest.of(path.read_bytes()), path.stat().st_size, "audio/wav")
    (whole, *_) = look(copy, path, Metadata(), room)
    assert whole.value["tags"]["File:FileType"] == "WAV"


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_finds_the_same_whether_it_waited_or_was_started(room: Room) -> None:
    folder = Path(__file__).parents[2] / "examples" / "exercise" / "incoming"
    pictures = sorted(folder.rglob("*.jpg"))[:6]
    assert pictures
    for path in pictures:
        copy = Copy(Digest.of(path.read_bytes()), path.stat().st_size, "image/jpeg")
        assert look(copy, path, Metadata(), room) == look(copy, path, Started(), room)
