"""The locked room under attack: each way to misbehave ends as one sentence, and the house goes on."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from witnessmark.confine import Limits, Room, landlock
from witnessmark.errors import (
    MalformedError,
    RefusedError,
    UnavailableError,
    UsageError,
    WitnessmarkError,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")

TASKS = "witnessmark.testing.misbehaviour"
HIDDEN = pytest.mark.skipif(
    sys.platform == "linux" and landlock.version() == 0, reason="this kernel has no Landlock"
)
FILTERED = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "aarch64"), reason="no table of system calls for this machine"
)


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room(Limits(cpu_s=1, wall_s=20)) as room:
        yield room


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "untrusted"
    path.write_bytes(b"untrusted bytes")
    return path


def reason(room: Room, file: Path, how: str, given: str = "", **limits: int) -> str:
    """Why the room gave nothing; the house must still be served afterwards."""
    with pytest.raises(WitnessmarkError) as caught:
        attempt(room, file, how, given, **limits)
    assert [part.content.read() for part in room.run(f"{TASKS}:echo", file, {})] == [b"untrusted bytes."]
    assert isinstance(caught.value, MalformedError), caught.value
    return str(caught.value)


def attempt(room: Room, file: Path, how: str, given: str = "", **limits: int) -> object:
    wishes = {"how": how, "with": given, **({"limits": limits} if limits else {})}
    return [part.facts["possible"] for part in room.run(f"{TASKS}:misbehave", file, wishes)]


def test_what_a_task_finds_comes_out_in_its_order_with_its_bytes(room: Room, file: Path) -> None:
    parts = room.run(f"{TASKS}:echo", file, {"pieces": 3, "say": "é\n"})
    seen = [(part.facts["number"], part.facts["said"], part.content.read()) for part in parts]
    assert seen == [(number, "é\n", b"untrusted bytes.") for number in range(3)]


def test_a_part_that_nobody_read_is_passed_over(room: Room, file: Path) -> None:
    parts = room.run(f"{TASKS}:echo", file, {"pieces": 3})
    assert [part.facts["number"] for part in parts] == [0, 1, 2]


def test_a_part_that_was_passed_over_says_so_when_it_is_read_too_late(room: Room, file: Path) -> None:
    parts = list(room.run(f"{TASKS}:echo", file, {"pieces": 2}))
    with pytest.raises(UsageError, match="before the next one is asked for"):
        parts[0].content.read()


def test_parts_that_nobody_asks_for_cost_nothing(room: Room, file: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        room.run(f"{TASKS}:flood", file, {})
    time.sleep(0.5)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert children_of(keeper_of(room)) == []


def test_content_larger_than_any_pipe_comes_out_whole(room: Room, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1 << 20) * 9)
    (part,) = [(p.content.read(7), p.content.read()) for p in room.run(f"{TASKS}:echo", large, {})]
    assert b"".join(part) == large.read_bytes() + b"."


def test_a_swelling_decoder_runs_out_of_memory(room: Room, file: Path) -> None:
    assert reason(room, file, "swell") == "ran out of memory (1 GiB)"


def test_an_endless_computation_meets_its_limit(room: Room, file: Path) -> None:
    assert reason(room, file, "spin", wall_s=60) == "took more than 1 s of processor time"


def test_waiting_without_end_meets_its_limit(room: Room, file: Path) -> None:
    began = time.monotonic()
    assert reason(room, file, "sleep", wall_s=1) == "took more than 1 s"
    assert time.monotonic() - began < 5


def test_a_crash_names_its_signal(room: Room, file: Path) -> None:
    assert reason(room, file, "crash") == "the decoder crashed (signal 11)"
    assert reason(room, file, "abort") == "the decoder crashed (signal 6)"


def test_an_end_without_an_answer_is_told(room: Room, file: Path) -> None:
    assert reason(room, file, "leave") == "ended without an answer (code 7)"


def test_deep_recursion_is_a_reason(room: Room, file: Path) -> None:
    assert reason(room, file, "recurse").startswith("RecursionError: ")


@pytest.mark.parametrize(
    "kind",
    ["ValueError", "RuntimeError", "NotImplementedError", "SystemExit", "KeyboardInterrupt", "OSError"],
)
def test_whatever_is_thrown_becomes_a_clean_sentence(room: Room, file: Path, kind: str) -> None:
    assert reason(room, file, "throw", kind) == f"{kind}: a [31mred lie"


@pytest.mark.parametrize("family", [MalformedError, RefusedError, UnavailableError])
def test_an_error_of_ours_keeps_its_family(room: Room, file: Path, family: type[WitnessmarkError]) -> None:
    with pytest.raises(family, match=r"^a \[31mred lie$"):
        attempt(room, file, "throw", family.__name__)


@pytest.mark.parametrize(
    "nonsense",
    [
        *("hello, this is no frame at all", "F\x00\x00\x00\x02[]", "F\xff\xff\xff\xff", "F\x00"),
        *("B\x00\x00\x00\x01x", "F\x00\x00\x00\x03{\xff}", 'F\x00\x00\x00\x0b{"a": NaN} '),
        *("F\x00\x10\x00\x00" + "[" * (1 << 20), "X\x00\x00\x00\x02{}", "X\xff\xff\xff\xff"),
    ],
)
def test_nonsense_from_the_room_is_refused_before_it_costs_memory(
    room: Room, file: Path, nonsense: str
) -> None:
    assert reason(room, file, "write raw", nonsense)


def test_content_without_end_stops_at_the_cap(room: Room, file: Path) -> None:
    parts = room.run(f"{TASKS}:flood", file, {"limits": {"output_bytes": 5 << 20}})
    with pytest.raises(MalformedError, match="holds more than 5 MiB"):
        for part in parts:
            while part.content.read(1 << 16):
                pass


@FILTERED
@pytest.mark.parametrize(
    "how", ["connect", "execute", "fork", "change the evidence", "raise limits", "start thread"]
)
def test_the_room_has_no_way_out(room: Room, file: Path, how: str) -> None:
    if how == "start thread" and os.getuid() == 0:
        pytest.skip("the limit on processes does not bind root; threads alone can do no harm")
    assert any(word in reason(room, file, how) for word in ("not permitted", "not allowed", "start new"))


@FILTERED
@pytest.mark.parametrize("how", ["kill", "kill thread"])
def test_the_house_cannot_be_signalled(room: Room, file: Path, how: str) -> None:
    assert "Error" in reason(room, file, how, str(os.getpid()))


def test_nothing_can_be_written(room: Room, file: Path) -> None:
    assert "Permission denied" in reason(room, file, "write file", str(file.parent / "new"))
    assert "Permission denied" in reason(room, file, "write file", str(file))
    assert file.read_bytes() == b"untrusted bytes"


@HIDDEN
def test_files_of_the_desk_are_out_of_sight(room: Room, file: Path) -> None:
    assert "Permission denied" in reason(room, file, "read file", str(file))
    assert "Permission denied" in reason(room, file, "read file", "/etc/hostname")


def test_the_room_knows_nothing_of_the_house(room: Room, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", "x")
    with Room() as fresh:
        told = str(attempt(fresh, file, "look around"))
    count, own, _ = told.removeprefix("[").strip("'\"").split(" ", 2)
    assert (count, own) == ("5", "True")  # the three standard ones, the file, and the way out
    assert "DESK_SECRET" not in told


def test_a_task_may_start_only_the_programs_that_it_declares(room: Room, file: Path) -> None:
    may = {"programs": ["true"]}
    (part,) = list(room.run(f"{TASKS}:launch", file, {"program": "/usr/bin/true", **may}))
    assert part.facts["code"] == 0
    if landlock.version():
        with pytest.raises(MalformedError, match="PermissionError"):
            list(room.run(f"{TASKS}:launch", file, {"program": "/usr/bin/id", **may}))


def test_a_program_that_is_missing_is_said_to_be(room: Room, file: Path) -> None:
    with pytest.raises(UnavailableError, match="no-such-program is not installed"):
        list(room.run(f"{TASKS}:launch", file, {"program": "x", "programs": ["no-such-program"]}))


def test_two_threads_share_one_room(room: Room, file: Path) -> None:
    counts: list[int] = []

    def visit() -> None:
        parts = (part for _ in range(100) for part in room.run(f"{TASKS}:echo", file, {"pieces": 2}))
        counts.append(sum(part.content.read() == b"untrusted bytes." for part in parts))

    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [200, 200, 200]


def test_turning_away_ends_what_still_runs(room: Room, file: Path) -> None:
    parts = room.run(f"{TASKS}:flood", file, {})
    next(parts).content.read(10)
    parts.close()  # type: ignore[attr-defined]
    time.sleep(0.3)
    assert children_of(keeper_of(room)) == []


def test_the_keeper_that_was_ended_from_outside_is_replaced(file: Path) -> None:
    with Room() as room:
        list(room.run(f"{TASKS}:echo", file, {}))
        os.kill(keeper_of(room), 9)
        time.sleep(0.1)
        assert len(list(room.run(f"{TASKS}:echo", file, {}))) == 1


def test_the_keeper_goes_when_the_house_closes(file: Path) -> None:
    room = Room()
    list(room.run(f"{TASKS}:echo", file, {}))
    keeper = keeper_of(room)
    room.close()
    assert not Path(f"/proc/{keeper}").exists()


def test_a_room_that_cannot_be_set_up_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("witnessmark.confine.room._BEGIN", "raise SystemExit('no such interpreter')")
    with pytest.raises(UnavailableError, match="could not be set up: no such interpreter"):
        Room().protections()


def test_what_is_in_force_is_told(room: Room) -> None:
    in_force = " · ".join(room.protections())
    assert "limits: 1 GiB of memory, 10 s of processor time" in in_force


@pytest.mark.parametrize("task", ["os:system", "witnessmark.confine", "witnessmark.x:y z", "builtins:print"])
def test_only_tasks_of_the_house_are_run(room: Room, file: Path, task: str) -> None:
    with pytest.raises(UsageError, match="is not a task"):
        room.run(task, file, {})


def test_a_task_that_does_not_exist_is_a_usage_error(room: Room, file: Path) -> None:
    with pytest.raises(UsageError, match="there is no task"):
        list(room.run("witnessmark.examine:nothing", file, {}))


def test_an_unknown_limit_is_a_usage_error(room: Room, file: Path) -> None:
    with pytest.raises(UsageError, match="there is no limit 'seconds'"):
        room.run(f"{TASKS}:echo", file, {"limits": {"seconds": 3}})


def test_what_is_no_regular_file_is_not_handed_in(room: Room, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MalformedError, match="not a regular file"):
        room.run(f"{TASKS}:echo", tmp_path / "pipe", {})
    with pytest.raises(UnavailableError, match="cannot be read"):
        room.run(f"{TASKS}:echo", tmp_path / "gone", {})


def keeper_of(room: Room) -> int:
    room.protections()
    assert room._keeper is not None
    return room._keeper._process.pid


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()


def test_an_answer_that_cannot_be_read_is_told_as_that(room: Room, file: Path, tmp_path: Path) -> None:
    room.protections()  # from here on only the visit itself opens something
    before = _pipes()
    parts = room.run(f"{TASKS}:echo", file, {})
    (pipe,) = _pipes() - before
    folder = os.open(tmp_path, os.O_RDONLY)  # what nobody can read bytes from
    os.dup2(folder, pipe)
    os.close(folder)
    with pytest.raises(UnavailableError, match="the answer of the locked room cannot be read: Is a dir"):
        next(parts)
    assert [part.content.read() for part in room.run(f"{TASKS}:echo", file, {})] == [b"untrusted bytes."]


def _pipes() -> set[int]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that looks
            if os.readlink(entry).startswith("pipe:"):  # noqa: PTH115 - no path
                found.add(int(entry.name))
    return found
