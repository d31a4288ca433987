"""What comes through a sieve among hits: few asked one by one, many at once, with the same answer."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import pytest

from witnessmark.desk.gallery import Views
from witnessmark.ports import Sieve

COUNT = 5_000


class Exhibits:
    """A case in which every third exhibit comes through each sieve, and which counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[int | None] = []

    def places(self, sieve: Sieve, every: int) -> tuple[int, Sequence[int]]:
        self.asked.append(None if sieve.at is None else len(sieve.at))
        known = range(COUNT) if sieve.at is None else sorted(sieve.at)
        found = [place for place in known if place % 3 == 0]
        return len(found), found[::every]


def through(views: Views, case: Any, places: Sequence[int], now: int = 0) -> list[int]:
    return list(views.through(case, now, Sieve(lacks=("rating",)), array("q", places)))


@pytest.mark.parametrize("places", [[], [1], [0, 1, 2, 3, 4_999], range(COUNT), range(3, 4_000)])
def test_those_that_come_through_are_the_same_however_they_are_looked_up(places: Sequence[int]) -> None:
    views, case = Views(), Exhibits()
    wanted = [place for place in places if place % 3 == 0]
    assert through(views, case, places) == wanted
    assert through(views, case, places) == wanted  # this time worked out at once, or known


def test_what_is_asked_again_is_worked_out_once() -> None:
    views, case = Views(), Exhibits()
    for _ in range(4):
        through(views, case, [3, 4])
    assert case.asked == [2, None]
    through(views, case, [3, 4], now=1)  # something came in
    assert case.asked == [2, None, 2]
