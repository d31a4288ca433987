"""The filter of system calls, run here step by step as the kernel would."""

from __future__ import annotations

import errno
import struct

import pytest

from witnessmark.confine import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
X86, ARM = 0xC000003E, 0xC00000B7
PID = 4711


def judged(
    machine: str, number: int, *arguments: int, may_launch: bool = False, architecture: int | None = None
) -> str:
    """What the filter answers to one call: `allow`, `kill` or the name of an error."""
    code = seccomp.program(machine, PID, may_launch=may_launch)
    own = {"x86_64": X86, "aarch64": ARM}[machine]
    call = struct.pack("<IIQ6Q", number, architecture or own, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    at = loaded = 0
    while True:
        operation, yes, no, value = steps[at]
        at += 1
        if operation == 0x20:
            (loaded,) = struct.unpack_from("<I", call, value)
        elif operation == 0x06:
            named = {ALLOW: "allow", KILL: "kill"}
            return named.get(value) or errno.errorcode[value & 0xFFFF]
        else:
            holds = {0x15: loaded == value, 0x25: loaded > value, 0x45: bool(loaded & value)}[operation]
            at += yes if holds else no


EVERYDAY = {
    "x86_64": {"read": 0, "write": 1, "mmap": 9, "brk": 12, "exit_group": 231},
    "aarch64": {"read": 63, "mmap": 222},
}


@pytest.mark.parametrize(
    ("machine", "number"), [(m, n) for m, calls in EVERYDAY.items() for n in calls.values()]
)
def test_everyday_calls_are_allowed(machine: str, number: int) -> None:
    assert judged(machine, number) == "allow"


@pytest.mark.parametrize("name", seccomp._REFUSED)
@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_what_is_refused_is_refused_on_both_machines(name: str, machine: str, column: int) -> None:
    number = seccomp._REFUSED[name][column]
    for may_launch in (False, True):
        assert number is None or judged(machine, number, may_launch=may_launch) == "EPERM"


@pytest.mark.parametrize(("machine", "execve", "clone"), [("x86_64", 59, 56), ("aarch64", 221, 220)])
def test_processes_are_started_only_where_programs_may_run(machine: str, execve: int, clone: int) -> None:
    fork, thread, namespace = 0x11, 0x00010000 | 0x100, 0x10000000
    assert judged(machine, execve) == "EPERM"
    assert judged(machine, execve, may_launch=True) == "allow"
    assert judged(machine, clone, fork) == "EPERM"
    assert judged(machine, clone, fork, may_launch=True) == "allow"
    assert judged(machine, clone, thread) == "allow"
    assert judged(machine, clone, thread | namespace) == "EPERM"
    assert judged(machine, clone, namespace, may_launch=True) == "EPERM"


@pytest.mark.parametrize(("machine", "openat"), [("x86_64", 257), ("aarch64", 56)])
@pytest.mark.parametrize(
    ("flags", "answer"),
    [(0, "allow"), (0o2000000, "allow"), (1, "EACCES"), (2, "EACCES"), (0o100, "EACCES"), (0o1000, "EACCES")],
)
def test_files_are_opened_for_reading_only(machine: str, openat: int, flags: int, answer: str) -> None:
    assert judged(machine, openat, 0, 0, flags) == answer


@pytest.mark.parametrize(("machine", "tgkill"), [("x86_64", 234), ("aarch64", 131)])
def test_signals_reach_only_the_process_itself(machine: str, tgkill: int) -> None:
    assert judged(machine, tgkill, PID, PID, 6) == "allow"
    assert judged(machine, tgkill, PID + 1, PID + 1, 0) == "EPERM"


@pytest.mark.parametrize(("machine", "prlimit"), [("x86_64", 302), ("aarch64", 261)])
def test_limits_are_read_and_never_set(machine: str, prlimit: int) -> None:
    assert judged(machine, prlimit, 0, 0, 0) == "allow"
    assert judged(machine, prlimit, 0, 0, 0x7FFF_0000_1000) == "EPERM"
    assert judged(machine, prlimit, 0, 0, 0x7FFF_0000_0000_0000) == "EPERM"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("number", [463, 500, 0x40000000 | 41, 435, 437])
def test_calls_that_the_table_cannot_judge_do_not_exist(machine: str, number: int) -> None:
    assert judged(machine, number) == "ENOSYS"


def test_calls_of_another_machine_end_the_process() -> None:
    assert judged("x86_64", 0, architecture=0x40000003) == "kill"
    assert judged("aarch64", 63, architecture=X86) == "kill"
