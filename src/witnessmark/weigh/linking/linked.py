"""Lists linked: the whole way from rows to people, with every pair explained and every doubt kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from witnessmark.errors import UsageError
from witnessmark.weigh.linking.engine import Compared, People, engine
from witnessmark.weigh.linking.intake import Roll, settle
from witnessmark.weigh.linking.matching import DOUBTFUL, LINKED, Joined, Pair, draws, joined, pairs_of
from witnessmark.weigh.linking.posterior import Likely, by_chance, likely_pairs

SHOWN = 0.01
"""From which probability a pair is told at all."""
Place = tuple[int, int]
"""A row of a list: the place of the list, and the number of the row from 1 below its header."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How lists are to be linked.

    `unique` are the lists, by place, in which nobody stands twice; `ruled` are rows that a person said to be
    one person or not; `reference` is the day on which ages are reckoned where births are told.
    """

    unique: frozenset[int] = frozenset()
    ruled: tuple[tuple[Place, Place, bool], ...] = ()
    reference: date | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Lists with who is one person on them."""

    rolls: tuple[Roll, ...]
    people: People
    compared: Compared
    likely: tuple[Likely, ...]
    pairs: tuple[Pair, ...]
    links: frozenset[tuple[int, int]]
    groups: Joined
    ruled: Mapping[tuple[int, int], bool]

    def where(self, number: int) -> dict[str, Any]:
        """The list and the row of one by number."""
        return {"list": self.rolls[self.people.lists[number]].called, "row": int(self.people.rows[number])}

    def lists(self) -> Iterator[dict[str, Any]]:
        """Each list: how it was understood, its rows, and how many people they are."""
        for place, roll in enumerate(self.rolls):
            mine = (self.people.lists == place).nonzero()[0].tolist()
            people = len({self.groups.find(number) for number in mine})
            yield {"list": roll.called, "rows": len(mine), "people": people, **roll.facts()}

    def told(self) -> Iterator[dict[str, Any]]:
        """Each pair that may be one person, the likeliest first, with what speaks for it and against it.

        Weights are bits: one more doubles the odds. `alone` are the odds that remain before the rows compete.
        """
        for pair in self.pairs:
            likely = self.likely[pair.likely]
            is_linked = (pair.left, pair.right) in self.links
            yield {
                "pair": [self.where(pair.left), self.where(pair.right)],
                "probability": round(pair.probability, 4),
                "linked": is_linked,
                "review": _is_doubtful(pair.probability, is_linked=is_linked),
                "within": likely.one == likely.other,
                "features": self._features(likely, pair.place),
                "together": round(float(likely.together[pair.place]), 2),
                "prior": round(likely.prior, 2),
                "alone": float(f"{likely.odds[pair.place]:.4g}"),
            }

    def counts(self) -> dict[str, int]:
        """How many pairs are told, how many are linked, and how many a person should look at."""
        linked = [((pair.left, pair.right) in self.links, pair.probability) for pair in self.pairs]
        return {
            "pairs": len(linked),
            "linked": sum(is_linked for is_linked, _ in linked),
            "review": sum(
                _is_doubtful(probability, is_linked=is_linked) for is_linked, probability in linked
            ),
        }

    def persons(self) -> Iterator[dict[str, Any]]:
        """Each person who stands in several rows, with the rows, in the order of the lists."""
        numbers = range(len(self.people.lists))
        leaders = [number for number in numbers if self.groups.find(number) == number]
        groups = [
            sorted(self.groups.group(number)) for number in leaders if len(self.groups.group(number)) > 1
        ]
        for count, group in enumerate(sorted(groups), 1):
            yield {"person": count, "rows": [self.where(number) for number in group]}

    def table(self) -> dict[tuple[int, ...], int]:
        """How many people are on which of the lists."""
        return self.groups.patterns(len(self.rolls))

    def drawn_tables(self, count: int) -> Iterator[dict[tuple[int, ...], int]]:
        """The same, for so many ways in which the rows may be people, drawn by their odds."""
        for groups in draws(self.people, self.likely, self.ruled, count):
            yield groups.patterns(len(self.rolls))

    def _features(self, likely: Likely, place: int) -> list[dict[str, Any]]:
        return [
            {
                "feature": feature.name,
                "met": feature.levels[level].words,
                "weight": round(float(likely.weights[place, number]), 2),
            }
            for number, feature in enumerate(self.compared.features)
            if (level := int(likely.levels[place, number])) >= 0
        ]


def _is_doubtful(probability: float, *, is_linked: bool) -> bool:
    return DOUBTFUL[0] <= probability <= DOUBTFUL[1] or is_linked != (probability >= LINKED)


def linked(rolls: Sequence[Roll], wish: Wish, spill: str) -> Linked:
    """The lists linked; the database may spill to the folder `spill`, which is the caller's to remove."""
    within = frozenset(range(len(rolls))) - wish.unique
    if not rolls or (len(rolls) == 1 and not within):
        raise UsageError("there is nothing to link: give two lists, or one in which people may stand twice")
    reference = settle(rolls, wish.reference)
    with engine([roll.entries(reference) for roll in rolls], within, spill) as found:
        people = found.people
        drawn = found.at_random()
        compared = found.likely(by_chance(drawn))
    ruled = _by_number(people, wish.ruled)
    likely = tuple(likely_pairs(people, compared, drawn, ruled))
    pairs = tuple(pairs_of(likely, SHOWN))
    groups, links = joined(people, pairs, ruled)
    return Linked(tuple(rolls), people, compared, likely, pairs, links, groups, ruled)


def _by_number(people: People, ruled: Sequence[tuple[Place, Place, bool]]) -> Mapping[tuple[int, int], bool]:
    if not ruled:
        return {}
    where = {
        place: n for n, place in enumerate(zip(people.lists.tolist(), people.rows.tolist(), strict=True))
    }
    found = {}
    for one, other, is_one in ruled:
        if one in where and other in where:
            low, high = sorted((where[one], where[other]))
            found[low, high] = is_one
    return found
