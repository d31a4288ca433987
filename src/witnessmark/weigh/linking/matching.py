"""From likely pairs to people: who is linked, who stands twice on a list, who is one person on several.

Links are taken in the order of their probability. Where the rows of a list were found to be different people,
or are known to be, no chain of links may join two of them. Draws take links by their odds instead, so that
what is estimated from the lists can carry the doubt about who is who.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from witnessmark.weigh.linking.engine import Numbers, People
from witnessmark.weigh.linking.posterior import Likely

LINKED = 0.5
"""From which probability two rows are taken for one person."""
DOUBTFUL = (0.05, 0.95)
"""Between which probabilities a person should look."""
Ruled = Mapping[tuple[int, int], bool]
"""Pairs of rows by number, the lower first, that a person said to be one person or not."""
_SETTLED = 0.002
_SWEEPS = 25


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows by their numbers, how likely they are one person, and where that is told."""

    left: int
    right: int
    probability: float
    likely: int
    place: int


@dataclass(slots=True)
class Joined:
    """Everyone in the group of those who are one person, as links are taken.

    What people ruled comes first: nobody joins those who are said to be two, not even by way of others.
    """

    lists: Numbers
    ruled: Ruled
    leader: list[int] = field(default_factory=list)
    members: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.leader = list(range(len(self.lists)))
        for (one, other), is_one in self.ruled.items():
            if is_one:
                self._unite(self.find(one), self.find(other))

    def find(self, number: int) -> int:
        """Whoever stands for the group of this one."""
        leader = self.leader
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    def group(self, number: int) -> list[int]:
        """Everyone in the group of this one."""
        leader = self.find(number)
        return self.members.get(leader, [leader])

    def join(self, one: int, other: int) -> bool:
        """Make two groups one, unless that joins two people of one list; whether they are one now."""
        first, second = self.find(one), self.find(other)
        if first == second:
            return True
        ours, theirs = self.group(first), self.group(second)
        is_within = self.lists[one] == self.lists[other]
        if not is_within and self._lists(ours) & self._lists(theirs):
            return False
        if any(self._are_two(mine, yours) for mine in ours for yours in theirs):
            return False
        self._unite(first, second)
        return True

    def _unite(self, first: int, second: int) -> None:
        if first != second:
            self.members[first] = self.group(first) + self.group(second)
            self.leader[second] = first

    def _are_two(self, one: int, other: int) -> bool:
        return bool(self.ruled) and self.ruled.get((min(one, other), max(one, other))) is False

    def _lists(self, group: Sequence[int]) -> set[int]:
        return {int(self.lists[one]) for one in group}

    def patterns(self, count: int) -> dict[tuple[int, ...], int]:
        """How many people are on which of the lists: 1 for a list that names them, else 0."""
        found: dict[tuple[int, ...], int] = {}
        for number in range(len(self.lists)):
            if self.find(number) == number:
                on = self._lists(self.group(number))
                pattern = tuple(int(place in on) for place in range(count))
                found[pattern] = found.get(pattern, 0) + 1
        return dict(sorted(found.items(), reverse=True))


def pairs_of(found: Sequence[Likely], least: float) -> Iterator[Pair]:
    """Every pair of at least this probability, the likeliest first."""
    rows = [
        (float(likely.probability[place]), which, int(place))
        for which, likely in enumerate(found)
        for place in np.flatnonzero(likely.probability >= least)
    ]
    for probability, which, place in sorted(rows, key=lambda row: (-row[0], row[1:])):
        likely = found[which]
        yield Pair(int(likely.left[place]), int(likely.right[place]), probability, which, place)


def joined(people: People, pairs: Sequence[Pair], ruled: Ruled) -> tuple[Joined, frozenset[tuple[int, int]]]:
    """The groups that linked pairs make, those within a list first; and the pairs that are linked."""
    groups = Joined(people.lists, ruled)
    likely = [pair for pair in pairs if pair.probability >= LINKED]
    inside = [pair for pair in likely if people.lists[pair.left] == people.lists[pair.right]]
    across = [pair for pair in likely if people.lists[pair.left] != people.lists[pair.right]]
    taken = {(pair.left, pair.right) for pair in (*inside, *across) if groups.join(pair.left, pair.right)}
    return groups, frozenset(taken)


def draws(
    people: People, found: Sequence[Likely], ruled: Ruled, count: int, seed: int = 1
) -> Iterator[Joined]:
    """So many ways in which the rows may be people, each drawn by the odds of all pairs."""
    chance = np.random.default_rng(seed)
    doubtful = [_Matching(likely, chance) for likely in found]
    for _ in range(count):
        groups = Joined(people.lists, ruled)
        inside = [matching for matching in doubtful if matching.is_within]
        across = [matching for matching in doubtful if not matching.is_within]
        for matching in (*inside, *across):
            for left, right in matching.drawn():
                groups.join(left, right)
        yield groups


class _Matching:
    """The links between two lists, drawn by their odds: of each row at most one (Gibbs)."""

    def __init__(self, likely: Likely, chance: np.random.Generator) -> None:
        self.chance = chance
        self.is_within = likely.one == likely.other
        some = np.flatnonzero(likely.probability > _SETTLED)
        self.left, self.right = likely.left[some].tolist(), likely.right[some].tolist()
        odds = np.minimum(likely.odds[some], 1e9)
        self.taking = (odds / (1 + odds)).tolist()
        self.taken: dict[int, int] = {}
        for place in np.argsort(-likely.probability[some]):
            if likely.probability[some[place]] >= LINKED:
                self._take(int(place))

    def drawn(self) -> Iterator[tuple[int, int]]:
        """The links of one draw; within a list they do not compete."""
        if self.is_within:
            lots = self.chance.random(len(self.taking)).tolist()
            links = zip(self.left, self.right, self.taking, lots, strict=True)
            yield from ((left, right) for left, right, share, lot in links if lot < share)
            return
        for _ in range(_SWEEPS):
            order = self.chance.permutation(len(self.taking)).tolist()
            lots = self.chance.random(len(self.taking)).tolist()
            for place, lot in zip(order, lots, strict=True):
                self._turn(place, lot)
        for place in sorted(set(self.taken.values())):
            yield self.left[place], self.right[place]

    def _turn(self, place: int, lot: float) -> None:
        """Take a link or leave it; or let it take the place of the one link that is in its way."""
        left, right = self.left[place], self.right[place]
        held = {self.taken[each] for each in (left, right) if each in self.taken}
        if not held or held == {place}:
            if lot < self.taking[place]:
                self._take(place)
            else:
                self._leave(place)
        elif len(held) == 1:
            (other,) = held
            mine, theirs = _odds(self.taking[place]), _odds(self.taking[other])
            if lot < mine / (mine + theirs):
                self._leave(other)
                self._take(place)

    def _take(self, place: int) -> None:
        if self.left[place] not in self.taken and self.right[place] not in self.taken:
            self.taken[self.left[place]] = self.taken[self.right[place]] = place

    def _leave(self, place: int) -> None:
        for each in (self.left[place], self.right[place]):
            if self.taken.get(each) == place:
                del self.taken[each]


def _odds(share: float) -> float:
    return share / max(1e-12, 1 - share)
