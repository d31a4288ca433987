"""Which marks can be told apart, and why: within one picture, by geometry, or by a person's word.

A word can only make marks less distinct, with one exception: that nothing marked on one picture is marked on
the other. That one is not believed where the two pictures are registered, since then they show one place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Match, Region
from witnessmark.model.counting import Counting, Ground, Manner, Mark
from witnessmark.weigh.counting.geometry import Between, Spots, between, laid_over

REACH = 12 / 1024
"""How far from where it belongs a mark was hardly ever set, in parts of the longer side, if nobody says."""
SAME_PICTURE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_GROUNDS = {ground: number for number, ground in enumerate(Ground, start=1)}
Pair = frozenset[Digest]


@dataclass(frozen=True, slots=True)
class Words:
    """The latest word of people on each mark, and on each pair of marks or pictures."""

    by_pair: Mapping[Pair, Counting]

    @classmethod
    def of(cls, countings: Iterable[Counting]) -> Words:
        """What people said, given in the order of the log."""
        return cls({frozenset(filter(None, (one.about, one.other))): one for one in countings})

    def on(self, one: Digest, other: Digest | None = None) -> Manner | None:
        """How one is, or two are, to be counted."""
        said = self.by_pair.get(frozenset(filter(None, (one, other))))
        return said.manner if said is not None else None


@dataclass(frozen=True, slots=True)
class Told:
    """Marks held against each other.

    `why` (int8[n, n]) is 0 where two marks may be one thing, else the number of the ground; `apart`
    (float64[n, n]) how far two marks on different pictures lie from each other when the one picture is laid
    over the other, in parts of how far they may, infinite where that is not known.
    """

    marks: tuple[Mark, ...]
    why: NDArray[np.int8]
    apart: NDArray[np.float64]

    def may_be_one(self) -> list[set[int]]:
        """For each mark those that it may be one with."""
        unclear = self.why == 0
        np.fill_diagonal(unclear, val=False)
        return [set(np.flatnonzero(row).tolist()) for row in unclear]

    def grounds(self, members: Sequence[int]) -> dict[Ground, int]:
        """For how many pairs of some marks it is which ground."""
        numbers = self.why[np.ix_(members, members)][np.triu_indices(len(members), 1)]
        counted = {ground: int((numbers == number).sum()) for ground, number in _GROUNDS.items()}
        return {ground: number for ground, number in counted.items() if number}

    def among(self, chosen: Sequence[int]) -> Told:
        """The same for some of the marks."""
        square = np.ix_(chosen, chosen)
        return Told(tuple(self.marks[one] for one in chosen), self.why[square], self.apart[square])


@dataclass(slots=True)
class Telling:
    """Holds marks against each other; `matches` are registered views and copies that nobody overruled."""

    matches: Sequence[Match]
    words: Words
    reach: float = REACH
    _between: dict[Pair, Match] = field(init=False)

    def __post_init__(self) -> None:
        self._between = {frozenset((one.query, one.candidate)): one for one in self.matches}

    def told(self, marks: Sequence[Mark]) -> Told:
        """Which of `marks` can be told apart; words and geometry are asked for every pair."""
        count = len(marks)
        why, apart = np.zeros((count, count), np.int8), np.full((count, count), np.inf)
        by_picture: dict[Digest, list[int]] = defaultdict(list)
        for place, mark in enumerate(marks):
            by_picture[mark.picture].append(place)
        for here in by_picture.values():
            self._on_one(marks, here, why, apart)
        for one, other in combinations(by_picture, 2):
            self._on_two(marks, by_picture[one], by_picture[other], why, apart)
        places = {mark.record: place for place, mark in enumerate(marks)}
        for pair, said in self.words.by_pair.items():
            if said.manner is Manner.MAY_BE_ONE and pair <= places.keys():
                i, j = (places[record] for record in pair)
                why[i, j] = why[j, i] = 0
        return Told(tuple(marks), why, apart)

    def registered(self, one: Digest, other: Digest) -> bool:
        """Whether two pictures are registered to each other."""
        return frozenset((one, other)) in self._between

    def not_believed(self) -> tuple[Counting, ...]:
        """Words that two pictures are apart, though the one could be laid over the other."""
        return tuple(
            said
            for pair, said in self.words.by_pair.items()
            if said.manner is Manner.APART and pair in self._between
        )

    # --- inner

    def _on_one(
        self,
        marks: Sequence[Mark],
        here: Sequence[int],
        why: NDArray[np.int8],
        apart: NDArray[np.float64],
    ) -> None:
        """On one picture, one person's are distinct unless they hold each other; two persons' by place."""
        spots = _spots([marks[one] for one in here], self.reach)
        laid = laid_over(SAME_PICTURE, spots, spots)
        for (row, i), (column, j) in combinations(enumerate(here), 2):
            if marks[i].author == marks[j].author:
                is_distinct = not _hold_each_other(marks[i], marks[j])
            else:
                is_distinct = bool(laid.forbidden[row, column])
                apart[i, j] = apart[j, i] = laid.apart[row, column]
            if is_distinct:
                why[i, j] = why[j, i] = _GROUNDS[Ground.ONE_PICTURE]

    def _on_two(
        self,
        marks: Sequence[Mark],
        here: Sequence[int],
        there: Sequence[int],
        why: NDArray[np.int8],
        apart: NDArray[np.float64],
    ) -> None:
        one, other = marks[here[0]].picture, marks[there[0]].picture
        match, word = self._between.get(frozenset((one, other))), self.words.on(one, other)
        if match is None:
            if word is Manner.APART:
                why[np.ix_(here, there)] = why[np.ix_(there, here)] = _GROUNDS[Ground.WORD]
            return
        if match.query != one:
            here, there = there, here
        found = _found(match, [marks[i] for i in here], [marks[j] for j in there], self.reach)
        apart[np.ix_(here, there)] = found.apart
        apart[np.ix_(there, here)] = found.apart.T
        if word is Manner.MOVED:
            return
        grounds = np.where(found.off_place, _GROUNDS[Ground.PLACE], 0)
        grounds = np.where(found.off_line, _GROUNDS[Ground.LINE], grounds).astype(np.int8)
        why[np.ix_(here, there)] = grounds
        why[np.ix_(there, here)] = grounds.T


def _found(match: Match, ours: Sequence[Mark], theirs: Sequence[Mark], reach: float) -> Between:
    here, there = _spots(ours, reach), _spots(theirs, reach)
    return (
        between(match, here, there)
        if "fundamental" in match.measured
        else laid_over(match.matrix, here, there)
    )


def _spots(marks: Sequence[Mark], reach: float) -> Spots:
    side = marks[0].side
    edges = [_edges(one.region) for one in marks]
    places = [
        (0.0, 0.0) if edge is None else ((edge[0] + edge[2]) / 2, (edge[1] + edge[3]) / 2) for edge in edges
    ]
    radii = [
        np.inf if edge is None else float(np.hypot(edge[2] - edge[0], edge[3] - edge[1])) / 2
        for edge in edges
    ]
    return Spots(np.array(places, np.float64), np.array(radii, np.float64), reach * side, side)


def _edges(region: Region | None) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of a region."""
    if region is None:
        return None
    across, down = zip(*region.points, strict=True)
    return min(across), min(down), max(across), max(down)


def _hold_each_other(one: Mark, other: Mark) -> bool:
    """Whether two marks of one person may stand for the same: one made twice, or a group and its parts."""
    if one.region == other.region:
        return True
    if one.amount.best == other.amount.best == 1:
        return False
    ours, theirs = _edges(one.region), _edges(other.region)
    if ours is None or theirs is None:
        return True
    is_beside = ours[2] < theirs[0] or theirs[2] < ours[0] or ours[3] < theirs[1] or theirs[3] < ours[1]
    return not is_beside
