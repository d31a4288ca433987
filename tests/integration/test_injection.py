"""A file system call fails, once, anywhere: the case stays sound, nothing is claimed that is not so."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import pytest
from tests.campaigns.inject import PROGRAMS, Campaign, Point
from tests.campaigns.powercut import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

_PROGRAMS = {program.name: program for program in PROGRAMS}


@pytest.mark.parametrize("name", ["files, in batches", "erase in the store", "take"])
def test_a_case_bears_any_call_that_fails(name: str, tmp_path: Path) -> None:
    with Campaign(_PROGRAMS[name], tmp_path, jobs=2) as campaign, ThreadPoolExecutor(2) as pool:
        results = list(pool.map(campaign.run, _one_of_each_call(campaign.points)))
    assert len(results) >= 10
    assert sum(result.is_hit for result in results) > 0.8 * len(results), "other calls were hit"
    assert any(result.exit_code for result in results), "no fault was felt"
    assert [result for result in results if result.wrong] == []


def test_a_warm_start_asks_of_the_case_what_a_fresh_interpreter_does(tmp_path: Path) -> None:
    with Campaign(_PROGRAMS["files, in batches"], tmp_path) as campaign:
        cold, warm = (
            Counter(call for thread in calls for call in thread)
            for calls in (campaign.cold_calls(), campaign.warm_calls())
        )
    assert warm == cold


def test_a_wrong_order_of_writes_is_found_by_killing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_ORDER", "commit-before-rename")
    with Campaign(_PROGRAMS["streams, one by one"], tmp_path) as campaign:
        kills = [point for point in campaign.points if (point.call, point.fault) == ("rename", "signal=KILL")]
        wrong = [said for point in kills for said in campaign.run(point).wrong]
    assert any("dangling" in said for said in wrong), wrong


def test_what_four_writers_said_before_they_were_killed_holds() -> None:
    command = [sys.executable, "-m", "tests.campaigns.kill9", "--kills", "8"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert re.fullmatch(r"8 kills, [1-9][0-9,]* acknowledged, faults: none\n", ran.stdout), ran.stdout


def _one_of_each_call(points: list[Point]) -> list[Point]:
    chance = random.Random(3)  # noqa: S311 - a slice that is the same each time
    ordered = sorted(points, key=lambda point: point.call)
    return [chance.choice(list(same)) for _, same in groupby(ordered, key=lambda point: point.call)]
