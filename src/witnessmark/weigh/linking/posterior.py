"""How likely two rows are one person: calibrated, with what speaks for it feature by feature.

Splink's model takes features for independent. Among pairs of different people they are not: brothers share
father, family, town and often the day of death, and probabilities come out wrong by orders of magnitude.
So here, for each pair of lists,

- what pairs of *one* person look like is estimated by expectation-maximisation, the names together and every
  other feature by itself, held near the shares that real lists have shown: a name of two words has its family
  name elsewhere in a longer one, and then it is the rule that the second words agree;
- what pairs of *different* people look like is counted: how often their names agree so and so (everything
  found, less what is expected to be true), and for each such agreement how often age, place and the rest do;
- a rare name that both share counts for more than a common one (Fellegi-Sunter with frequencies);
- the rows of two lists compete: whoever is one person with this row is not one with another. So probabilities
  are marginals of all matchings, by belief propagation (Bethe's approximation of monomers and dimers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from witnessmark.weigh.linking.comparing import DIFFERENT, Feature
from witnessmark.weigh.linking.engine import Compared, Numbers, People

_HELD = 100.0
"""As many true pairs as the starting shares count for."""
_ROUNDS, _STILL = 60, 1e-3
_SWEEPS, _FEW_SWEEPS, _STILL_SWEEP = 200, 6, 1e-5
_FAINT = 1e-3
"""Odds below which a pair does not compete with others."""
_FEWEST_DRAWN = 20_000
_LEAST_SHARE = 1e-7
_TRUST_IN_RARITY: Mapping[str, float] = {
    "given": 1.0,
    "family": 0.8,
    "inner": 0.6,
    "kunya": 0.8,
    "mother": 0.8,
    "place": 0.5,
}
_RAREST = 12.0
_NAMES = ("given", "family", "inner")
_FIRST_ROUNDS = 4
"""Rounds in which features are taken for independent among pairs of different people: then it is counted."""
_UNSEEN = 0.5
_HELD_BY_NAMES = 4.0
_HELD_BY_CHANCE = 4.0
_NOBODY = 1e-12
SURE = 1e9


@dataclass(frozen=True, slots=True)
class Likely:
    """Pairs between two lists (or within one), with the odds of each by itself and its probability.

    `odds` are those before competition; `weights` has, for each pair and feature, the bits that it speaks for
    one person; `together` what is added since features go together, and `prior` what was before them all.
    """

    one: int
    other: int
    left: Numbers
    right: Numbers
    odds: Numbers
    probability: Numbers
    levels: Numbers
    weights: Numbers
    together: Numbers
    prior: float
    expected: float


def likely_pairs(
    people: People, found: Compared, drawn: Compared, ruled: Mapping[tuple[int, int], bool]
) -> Iterator[Likely]:
    """Each pair of lists with its pairs; first every list within itself, as far as it was compared.

    `ruled` are pairs of numbers that a person decided on.
    """
    lists = sorted(set(people.lists.tolist()))
    same = np.arange(len(people.lists), dtype=np.int32)
    for one, other in [*((each, each) for each in lists), *_two_of(lists)]:
        mine = _Between(people, found, drawn, one, other)
        if len(mine.places):
            result = mine.estimate(same, ruled)
            if one == other:
                same = _merged(same, result)
            yield result


def _two_of(lists: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, one in enumerate(lists):
        yield from ((one, other) for other in lists[place + 1 :])


def _merged(same: Numbers, within: Likely) -> Numbers:
    """Everyone with the number of whoever stands for them, after rows of one list were found to be one."""
    same = same.copy()
    for left, right in zip(
        *(side[within.probability >= 0.5].tolist() for side in (within.left, within.right)), strict=True
    ):
        low, high = sorted((same[left], same[right]))
        same[same == high] = low
    return same


class _Between:
    """The pairs between two lists, or within one, on the way to their probabilities."""

    def __init__(self, people: People, found: Compared, drawn: Compared, one: int, other: int) -> None:
        self.one, self.other, self.features = one, other, found.features
        self.people = people
        self.places = _between(people, found, one, other)
        self.left, self.right = found.left[self.places], found.right[self.places]
        self.levels = found.levels[self.places]
        self.by_chance = _by_chance(people, drawn, one, other)
        named = [n for n, feature in enumerate(self.features) if feature.column in _NAMES]
        _, first, self.outcome, self.met = _alike(self.levels, self.features, range(len(self.features)))
        self.outcomes = self.levels[first]
        _, _, self.naming, _ = _alike(self.outcomes, self.features, named)
        self.others, self.own = _Others(self, named), _Own(self, named)
        self.rarity = self._rarity()

    def estimate(self, same: Numbers, ruled: Mapping[tuple[int, int], bool]) -> Likely:
        """The pairs with their probabilities, after people's rulings."""
        sizes = [len(np.unique(same[self.people.lists == each])) for each in (self.one, self.other)]
        shares = [np.array(feature.shares) for feature in self.features]
        expected = 0.5 * min(sizes) if self.one != self.other else 0.02 * sizes[0]
        decided = _decided(self.left, self.right, ruled)
        odds = probability = np.zeros(len(self.left))
        chance = others = self.others.by_chance()
        jointly = np.ones(len(self.outcomes))
        for number in range(_ROUNDS):
            alone = np.prod([_at(shares[n], self.outcomes[:, n]) for n in range(len(self.features))], axis=0)
            own = alone * jointly
            odds = self._prior(expected, sizes) * (own / others)[self.outcome] * self.rarity
            odds = np.where(decided == 0, odds, np.where(decided > 0, SURE, 0.0))
            probability = self._matched(odds, same, _FEW_SWEEPS)
            shares = [self._shares(n, probability) for n in range(len(self.features))]
            most = 0.999 * min(sizes) if self.one != self.other else 5.0 * sizes[0]
            before, expected = expected, max(0.5, min(float(probability.sum()), most))
            if number >= _FIRST_ROUNDS:
                true = np.bincount(self.outcome, probability, len(self.met))
                sure = np.bincount(self.outcome, probability**2, len(self.met))
                others, jointly = self.others.counted(true), self.own.jointly(true, sure, shares)
                if number > _FIRST_ROUNDS + 1 and abs(expected - before) < _STILL * expected:
                    break
        probability = self._matched(odds, same, _SWEEPS)
        features = zip(shares, self.by_chance, self.levels.T, strict=True)
        return Likely(
            one=self.one,
            other=self.other,
            left=self.left,
            right=self.right,
            odds=odds,
            probability=probability,
            levels=self.levels,
            weights=np.column_stack(
                [np.log2(_at(own, met) / _at(usual, met)) for own, usual, met in features]
            ),
            together=np.log2(own / alone * chance / others)[self.outcome] + np.log2(self.rarity),
            prior=float(np.log2(self._prior(expected, sizes))),
            expected=expected,
        )

    def _matched(self, odds: Numbers, same: Numbers, sweeps: int) -> Numbers:
        if self.one == self.other:  # who stands twice on a list may stand there three times
            odds = np.minimum(odds, SURE)
            return np.asarray(odds / (1 + odds))
        return _matched(same[self.left], same[self.right], np.minimum(odds, SURE), sweeps)

    def _prior(self, expected: float, sizes: Sequence[int]) -> float:
        """The odds that two rows are one person, against both being alone, before anything is compared."""
        if self.one == self.other:
            return expected / max(1.0, sizes[0] * (sizes[0] - 1) / 2 - expected)
        return expected / max(1.0, sizes[0] - expected) / max(1.0, sizes[1] - expected)

    def _shares(self, place: int, probability: Numbers) -> Numbers:
        """How often true pairs meet each level of a feature."""
        feature = self.features[place]
        told = self.levels[:, place] >= 0
        levels, probability = self.levels[told, place], probability[told]
        seen, sure = (
            np.bincount(levels, each, len(feature.levels)) for each in (probability, probability**2)
        )
        speaks = told_apart(seen, sure)
        held = (_HELD * np.array(feature.shares) + speaks * seen) / (_HELD + speaks * seen.sum())
        return np.asarray(np.maximum(held / held.sum(), _LEAST_SHARE))

    def _rarity(self) -> Numbers:
        """How much more than a usual agreement each pair's agreements say; less, if it is of common names."""
        bits = np.zeros(len(self.left))
        given = next((n for n, feature in enumerate(self.features) if feature.column == "given"), None)
        is_namesake = (
            np.ones(len(self.left), bool)
            if given is None
            else self.levels[:, given] != _worst(self.features[given])
        )
        for place, feature in enumerate(self.features):
            for number, level in enumerate(feature.levels):
                if level.rarity is None:
                    continue
                met = self.levels[:, place] == number
                share = self.people.common[level.rarity][self.left[met]]
                usual = self.people.sames[level.rarity]
                said = np.log2(usual / np.maximum(share, 1e-9)) * _TRUST_IN_RARITY[feature.column]
                bits[met] += np.where(is_namesake[met] | (feature.column == "given"), said, 0.0)
        return np.asarray(np.exp2(np.clip(bits, -_RAREST, _RAREST)))


class _Own:
    """How much more often the names of one person come out together in some way than each part would."""

    def __init__(self, between: _Between, named: Sequence[int]) -> None:
        self.between, self.named = between, named
        first = np.zeros(int(between.naming.max(initial=-1)) + 1, dtype=np.int64)
        first[between.naming] = np.arange(len(between.naming))
        self.levels = between.outcomes[first]
        _, self.told = np.unique(self.levels[:, named] >= 0, axis=0, return_inverse=True)
        self.met = np.bincount(between.naming, between.met, len(first))

    def jointly(self, true: Numbers, sure: Numbers, shares: Sequence[Numbers]) -> Numbers:
        """For each outcome the factor, after as many pairs of each were found to be true.

        `sure` are the squares of their probabilities. The factor rests on the other pairs, as
        `_Others.counted` does, and is near one where there are hardly any, or none is told from strangers.
        """
        alone = np.ones(len(self.levels))
        for n in self.named:
            alone = alone * _at(shares[n], self.levels[:, n])
        mine, mine_sure = (np.bincount(self.between.naming, each, len(alone)) for each in (true, sure))
        return together(alone, mine, mine_sure, self.met, self.told)[self.between.naming]


def together(alone: Numbers, true: Numbers, sure: Numbers, met: Numbers, told: Numbers) -> Numbers:
    """How much more often each outcome is met than its parts `alone` say, by the other pairs that met it.

    `true` of the `met` pairs are found to be true, by probabilities whose squares add up to `sure`; outcomes
    of one number in `told` exclude each other.
    """
    others = true - true / met
    total = np.bincount(told, true)[told] - true / met
    speaks = told_apart(true, sure)
    return np.asarray((_HELD * alone + speaks * others) / (_HELD + speaks * total) / alone)


def told_apart(true: Numbers, sure: Numbers) -> Numbers:
    """How far a count of true pairs speaks: the share of what it would say if each were known.

    `true` are sums of probabilities, `sure` of their squares. A few true pairs among very many of strangers
    are guessed rather than counted, and a guess that is fed back from round to round drifts.
    """
    return np.asarray(sure / np.maximum(true, _NOBODY))


def strangers(left: Numbers, true: Numbers, usual: Numbers, naming: Numbers, own: Numbers) -> Numbers:
    """How many pairs of different people agree in their names as each outcome does, by the other pairs.

    Of those found `left` are of strangers and `true` are not; `own` is what an outcome's pair itself adds. If
    fewer were found than are `usual` by chance, the others were not compared. What is usual counts as a few
    pairs: where hardly any stranger is left that is all there is to go by.
    """
    least = _UNSEEN * np.minimum(usual, 1.0)[naming]
    found = np.maximum(np.maximum(left, usual - true)[naming] - own + least, least)
    held = (_HELD_BY_CHANCE + found) / (_HELD_BY_CHANCE / np.maximum(usual, _NOBODY)[naming] + 1)
    return np.asarray(np.maximum(found, held))


class _Others:
    """How often pairs of different people come out in each way: counted for names, and the rest by names."""

    def __init__(self, between: _Between, named: Sequence[int]) -> None:
        self.between, self.named = between, named
        self.rest = [n for n in range(len(between.features)) if n not in named]
        size = int(between.naming.max(initial=-1)) + 1
        first = np.zeros(size, dtype=np.int64)
        first[between.naming] = np.arange(len(between.naming))
        self.totals = self._totals(between.outcomes[first])
        shares = [_at(between.by_chance[n], between.outcomes[first][:, n]) for n in named]
        self.alone = np.prod(shares, axis=0) if shares else np.ones(size)
        self.met = np.bincount(between.naming, between.met, size)

    def by_chance(self) -> Numbers:
        """The share of each outcome if features were independent."""
        between = self.between
        rest = [_at(between.by_chance[n], between.outcomes[:, n]) for n in self.rest]
        return np.asarray(np.prod([self.alone[between.naming], *rest], axis=0))

    def counted(self, true: Numbers) -> Numbers:
        """The share of each outcome, after as many pairs of each were found to be true.

        What is said of a pair rests on the other pairs: what it is expected to add itself is left out.
        """
        between, size = self.between, len(self.totals)
        false = np.maximum(between.met - true, 0.0)
        own = false / between.met
        left = np.bincount(between.naming, false, size)
        usual, true = self.alone * self.totals, np.bincount(between.naming, true, size)
        share = strangers(left, true, usual, between.naming, own)
        found = np.maximum(share / self.totals[between.naming], _LEAST_SHARE**3)
        unseen = np.maximum(usual - left, 0.0)
        for n in self.rest:
            found = found * self._given_names(n, false, own, unseen)
        return np.asarray(found)

    def _given_names(self, place: int, false: Numbers, own: Numbers, unseen: Numbers) -> Numbers:
        """The share of a feature's level among pairs of different people whose names agree as much."""
        between, size = self.between, len(self.totals)
        level, width = between.outcomes[:, place], len(between.features[place].levels)
        told, at = level >= 0, np.maximum(level, 0)
        counts = np.bincount(between.naming[told] * width + level[told], false[told], size * width)
        held = counts.reshape(size, width) + np.outer(unseen + _HELD_BY_NAMES, between.by_chance[place])
        others = held.sum(axis=1)[between.naming] - own
        return np.where(told, (held[between.naming, at] - own) / others, 1.0)

    def _totals(self, outcomes: Numbers) -> Numbers:
        """How many pairs there are in all who tell the same parts of their names."""
        between = self.between
        told = between.people.told[:, self.named].astype(np.int64) @ (1 << np.arange(len(self.named)))
        lists = between.people.lists
        counts = [
            np.bincount(told[lists == each], minlength=1 << len(self.named))
            for each in (between.one, between.other)
        ]
        pairs = np.zeros(1 << len(self.named))
        for mine, theirs in np.ndindex(len(pairs), len(pairs)):
            pairs[mine & theirs] += counts[0][mine] * counts[1][theirs]
        if between.one == between.other:
            pairs /= 2
        both = (outcomes[:, self.named] >= 0).astype(np.int64) @ (1 << np.arange(len(self.named)))
        return np.maximum(pairs[both], 1.0)


def _alike(
    levels: Numbers, features: Sequence[Feature], places: Sequence[int]
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The different outcomes of some features: codes, where each is first, which each row has, how many."""
    codes = np.zeros(len(levels), dtype=np.int64)
    for place in places:
        codes = codes * (len(features[place].levels) + 1) + levels[:, place] + 1
    return np.unique(codes, return_index=True, return_inverse=True, return_counts=True)


def _worst(feature: Feature) -> int:
    return next(n for n, level in enumerate(feature.levels) if level.words == DIFFERENT)


def _between(people: People, found: Compared, one: int, other: int) -> Numbers:
    """The places of the pairs between two lists; they are numbered in the order of the lists."""
    return np.flatnonzero((people.lists[found.left] == one) & (people.lists[found.right] == other))


def by_chance(drawn: Compared) -> list[list[float]]:
    """How often pairs drawn at random meet each level of each feature, whatever their lists."""
    counts = [_met(drawn.levels[:, n], feature) + 0.5 for n, feature in enumerate(drawn.features)]
    return [(each / each.sum()).tolist() for each in counts]


def _by_chance(people: People, drawn: Compared, one: int, other: int) -> list[Numbers]:
    """How often pairs drawn at random meet each level: between these lists, if enough were drawn."""
    everywhere = [_met(drawn.levels[:, n], feature) for n, feature in enumerate(drawn.features)]
    here = drawn.levels[_between(people, drawn, one, other)]
    found = []
    for place, feature in enumerate(drawn.features):
        counts, usual = _met(here[:, place], feature), everywhere[place]
        held = 0.5 + 50 * usual / max(1.0, usual.sum()) if counts.sum() < _FEWEST_DRAWN else 0.5
        found.append((counts + held) / (counts + held).sum())
    return found


def _met(levels: Numbers, feature: Feature) -> Numbers:
    return np.bincount(levels[levels >= 0], minlength=len(feature.levels)).astype(float)


def _at(shares: Numbers, levels: Numbers) -> Numbers:
    """The share of each level; 1 where nothing is told."""
    return np.where(levels < 0, 1.0, shares[np.maximum(levels, 0)])


def _bits(own: Numbers, usual: Numbers, met: Numbers) -> Numbers:
    return np.asarray(np.log2(_at(own, met) / _at(usual, met)))


def _decided(left: Numbers, right: Numbers, ruled: Mapping[tuple[int, int], bool]) -> Numbers:
    """1 where a person said that they are one, -1 where that they are not, 0 else."""
    found = np.zeros(len(left), np.int8)
    if ruled:
        where = {pair: place for place, pair in enumerate(zip(left.tolist(), right.tolist(), strict=True))}
        for pair, is_one in ruled.items():
            if pair in where:
                found[where[pair]] = 1 if is_one else -1
    return found


def _matched(left: Numbers, right: Numbers, odds: Numbers, sweeps: int = _SWEEPS) -> Numbers:
    """The probability of each pair when nobody is one person with two others (Bethe)."""
    if not len(left):
        return odds
    order, left, right, odds = _strongest(left, right, odds)
    size = int(max(left.max(), right.max())) + 1
    some = odds > _FAINT
    found = np.zeros(len(odds))
    found[some], free = _competing(left[some], right[some], odds[some], size, sweeps)
    found[~some] = odds[~some] * free[left[~some]] * free[right[~some]]
    return found[order]


def _competing(
    left: Numbers, right: Numbers, odds: Numbers, size: int, sweeps: int
) -> tuple[Numbers, Numbers]:
    """The probability of each of these pairs, and of everyone that they are in none (belief propagation)."""
    from_left = from_right = np.ones(len(left))
    for _ in range(sweeps):
        to_left, to_right = odds * from_right, odds * from_left
        around = np.bincount(left, to_left, size) + np.bincount(right, to_right, size)
        new_left = 1 / (1 + np.maximum(around[left] - to_left, 0))
        new_right = 1 / (1 + np.maximum(around[right] - to_right, 0))
        moved = max(
            np.abs(new_left - from_left).max(initial=0), np.abs(new_right - from_right).max(initial=0)
        )
        from_left, from_right = new_left, new_right
        if moved < _STILL_SWEEP:
            break
    to_left, to_right = odds * from_right, odds * from_left
    around = 1 + np.bincount(left, to_left, size) + np.bincount(right, to_right, size)
    return np.minimum(to_left / around[left], to_right / around[right]), 1 / around


def _strongest(left: Numbers, right: Numbers, odds: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Of several pairs between the same two people the strongest; and where each of the pairs went."""
    codes = left.astype(np.int64) << 32 | right.astype(np.int64)
    names, order = np.unique(codes, return_inverse=True)
    if len(names) == len(codes):
        return np.arange(len(codes)), left, right, odds
    best = np.zeros(len(names))
    np.maximum.at(best, order, odds)
    return order, (names >> 32).astype(np.int64), (names & 0xFFFFFFFF).astype(np.int64), best
