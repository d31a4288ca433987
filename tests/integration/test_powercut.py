"""Power may fail at any moment: what was promised is kept, and a wrong order of writes is seen."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.campaigns.powercut import (
    MEMORY,
    SCENARIOS,
    Story,
    campaign,
    finds,
    lay_down,
    run_scenario,
)
from tests.campaigns.powercut_disk import EVERYTHING, NOTHING, Disk, Model
from tests.campaigns.powercut_trace import read_trace, trace
from tests.campaigns.powercut_wrong import WRONG_ORDERS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
    pytest.mark.skipif(not MEMORY.is_dir(), reason=f"{MEMORY} is not there to hold the states"),
]

TOLD = {
    "no-file-sync": ("an object has wrong bytes",),
    "no-folder-sync": ("dangling", "unopenable"),
    "commit-before-rename": ("dangling",),
    "wal-synchronous-normal": ("an acknowledged object is lost",),
    "publish-before-commit": ("a published checkpoint is ahead of the log",),
}


def test_no_cut_of_power_breaks_a_promise_in_three_thousand_states() -> None:
    stories = [run_scenario(scenario, files=5) for scenario in SCENARIOS]
    report = campaign(stories, variants=2, jobs=os.cpu_count() or 1)
    assert not report.bad, report.first
    assert len(report.images) >= 3000


@pytest.fixture(scope="module", params=WRONG_ORDERS)
def wrong(request: pytest.FixtureRequest) -> tuple[str, Story]:
    name = str(request.param)
    return name, run_scenario(SCENARIOS[0], files=3, wrong=name)


@pytest.mark.parametrize("model", Model)
def test_each_wrong_order_of_writes_is_found(wrong: tuple[str, Story], model: Model) -> None:
    name, story = wrong
    faults = finds(story, model).faults
    assert any(fault.startswith(TOLD[name]) for fault in faults), faults


def test_the_simulated_disk_ends_as_the_real_one(tmp_path: Path) -> None:
    program = """
import os, pathlib, sys, threading
root = pathlib.Path(sys.argv[1])
(root / "a").mkdir()
one = os.open(root / "a/one", os.O_CREAT | os.O_RDWR)
twin = os.dup(one)
thread = threading.Thread(target=lambda: os.write(twin, b"hello\\n\\0"))
thread.start(); thread.join()
os.rename(root / "a/one", root / "a/two")
os.write(one, b"after the rename")
os.ftruncate(one, 9)
os.pwrite(one, b"hole", 2000)
os.rename(root / "a", root / "b")
(root / "b/gone").write_bytes(b"x")
(root / "b/gone").unlink()
os.link(root / "b/two", root / "linked")
if os.fork() == 0:
    os.write(one, b"by a child")
    os._exit(0)
os.wait()
os.posix_fallocate(one, 0, 3000)
"""
    real, model = tmp_path / "real", tmp_path / "model"
    real.mkdir()
    events = trace([[sys.executable, "-c", program, str(real)]], real, tmp_path, tmp_path)
    for kind in Model:
        disk = Disk(str(real), kind)
        for event in events:
            disk.replay(event)
        lay_down(disk.image(EVERYTHING), model)
        assert _content(model) == _content(real)
        assert not disk.image(NOTHING).files


def test_what_was_synced_survives_and_what_was_not_may_not(tmp_path: Path) -> None:
    program = """
import os, sys
folder = sys.argv[1]
kept = os.open(folder + "/kept", os.O_CREAT | os.O_WRONLY)
os.write(kept, b"synced")
os.fsync(kept)
os.write(kept, b" and more")
os.write(os.open(folder + "/lost", os.O_CREAT | os.O_WRONLY), b"never synced")
"""
    named = program + "os.fsync(os.open(folder, os.O_RDONLY))\n"
    assert _durable(program, Model.STRICT, tmp_path / "1") == {}
    assert _durable(program, Model.ORDERED, tmp_path / "2") == {"kept": b"synced"}
    assert _durable(named, Model.STRICT, tmp_path / "3") == {"kept": b"synced", "lost": b""}


def test_a_sync_covers_only_what_was_written_before_it_began(tmp_path: Path) -> None:
    log = [
        '1 openat(AT_FDCWD<\\x2f>, "\\x2f\\x77\\x2f\\x66", O_WRONLY|O_CREAT, 0600) = 3<\\x2f\\x77\\x2f\\x66>',
        "1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES) = 2",
        "1 syncfs(3<\\x2f\\x77\\x2f\\x66> <unfinished ...>",
        '2 write(3<\\x2f\\x77\\x2f\\x66>, "\\x61", 1) = 1',
        "1 <... syncfs resumed>) = 0",
    ]
    disk = Disk("/w", Model.STRICT)
    for event in read_trace(log, "/w"):
        disk.replay(event)
    assert {name: content for name, (content, _) in disk.image(NOTHING).files.items()} == {"f": b""}
    assert {name: content for name, (content, _) in disk.image(EVERYTHING).files.items()} == {"f": b"a"}


def _durable(program: str, model: Model, root: Path) -> dict[str, bytes]:
    root.mkdir()
    disk = Disk(str(root), model)
    for event in trace([[sys.executable, "-c", program, str(root)]], root, root.parent, root.parent):
        disk.replay(event)
    return {name: content for name, (content, _) in disk.image(NOTHING).files.items()}


def _content(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }
