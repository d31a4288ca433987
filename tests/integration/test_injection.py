"""A file system call fails, once, anywhere: the case stays sound, nothing is claimed that is not so."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import pytest
from tests.campaigns.inject import PROGRAMS, Campaign, Point
from tests.campaigns.kill9 import campaign as kill_writers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

_PROGRAMS = {program.name: program for program in PROGRAMS}


@pytest.mark.parametrize("name", ["files, in batches", "erase in the store", "take"])
def test_a_case_bears_any_call_that_fails(name: str, tmp_path: Path) -> None:
    campaign = Campaign(_PROGRAMS[name], tmp_path)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(campaign.run, _one_of_each_call(campaign.points)))
    assert len(results) >= 10
    assert any(result.exit_code for result in results), "no fault was felt"
    assert [result for result in results if result.wrong] == []


def test_what_four_writers_said_before_they_were_killed_holds(tmp_path: Path) -> None:
    tally = kill_writers(8, tmp_path)
    assert tally.faults == ()
    assert tally.kills == 8
    assert tally.acknowledged


def _one_of_each_call(points: list[Point]) -> list[Point]:
    chance = random.Random(3)  # noqa: S311 - a slice that is the same each time
    ordered = sorted(points, key=lambda point: point.call)
    return [chance.choice(list(same)) for _, same in groupby(ordered, key=lambda point: point.call)]
