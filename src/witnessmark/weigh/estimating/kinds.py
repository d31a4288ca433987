"""Whether a few kinds of persons describe a table best, or something that the headline does not assume.

The headline takes lists for independent within a few kinds. Other descriptions are fitted beside, each with
its own idea of who is alike: two lists that depend on each other within kinds (Hagenaars 1988; Stanghellini
and van der Heijden 2004), persons who all differ by degrees (Lindsay, Clogg and Grego 1991; Darroch and
others 1993; Rivest and Baillargeon 2007), more persons on a single list than the overlaps explain (Chiu and
Chao 2016; Godwin and Böhning 2017), links that were missed, so that a record of somebody on several lists
stands by itself: a record of any of them, or of one list whose rows are hard to link. Where one of them
describes the table better with as many numbers, or as well, but with quite another total, that is told beside
the headline.

All are sums of log-linear models, fitted to the seen patterns alone by Fisher's scoring, and compared by the
Bayesian information criterion; that one list or pair of lists was chosen of many counts against it (Chen and
Chen 2008). What leaves no trace in a table none of them sees: of people whom no list could name the table is
that of a smaller population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from witnessmark.weigh.estimating.numbers import rounded
from witnessmark.weigh.estimating.tables import Table

Reals = NDArray[np.float64]

LEAST_LISTS = 4
"""Three lists have fewer patterns than two kinds have numbers, and nothing is left to judge by."""
MOST_LISTS = 10
STRONG = 6.0
"""How much less the criterion must be to speak strongly for a description (Kass and Raftery 1995)."""
ODDS = 2.0
"""A dependence is told if it makes the odds to be on the other list so many times larger or smaller."""
LEAST_MISSED = 0.02
"""The least share of missed links that is told: some always are."""
MISSED_FACTOR = 1.25
"""Missed links are told only if they move the total so many times: one number more is found to help often."""
MISSED_OF_FACTOR = 1.15
"""The same for missed links of one list, which kinds of persons rarely look like."""
LEAST_CHANCE = 0.01
"""That all differ is told only if a table as far from it as this one is no rarer than that."""

_MOST_KINDS = 3
_MOST_DEGREES = 4
_MOST_MISSED = 0.6
_STARTS = 4
_STEPS = 80
_UNBOUNDED = 100.0
"""So many times as many unseen as seen are no number any more."""


class Who(StrEnum):
    """What a description says of who is alike, and of lists."""

    KINDS = "a few kinds, lists independent within each"
    PAIR = "a few kinds, two lists depend on each other within each"
    DEGREES = "all differ by degrees, alike for all lists"
    SINGLES = "a few kinds, as those on two lists or more show; whoever is on one list left out"
    MISSED = "a few kinds, and some links between the lists were missed"
    MISSED_OF = "a few kinds, and some links of one list were missed"


_MISSED_FACTORS = {Who.MISSED: MISSED_FACTOR, Who.MISSED_OF: MISSED_OF_FACTOR}


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """A fitted description: what it leaves unexplained, how many numbers it needs, and the total it says."""

    who: Who
    misfit: float
    free: int
    criterion: float
    total: float
    """Infinite where the table does not bound it."""
    expected: Reals
    effects: Reals
    lists: tuple[int, ...] = ()
    """The pair of lists that depend on each other, or the list whose links were missed."""
    odds: float = 1.0
    singles: float = 0.0
    """How many persons on one list it expects."""
    missed: float = 0.0
    """The share of persons on several lists (and on this one) of whom a record counts as somebody else."""

    @property
    def fits(self) -> bool:
        """Whether what is left unexplained may be chance, by chi-squared (Wilson and Hilferty)."""
        if self.free <= 0:
            return True
        scale = 2 / (9 * self.free)
        far = ((max(self.misfit, 0.0) / self.free) ** (1 / 3) - (1 - scale)) / scale**0.5
        return 1 - NormalDist().cdf(far) >= LEAST_CHANCE

    def facts(self) -> dict[str, object]:
        """The description as it is written."""
        return {
            "description": self.who.value,
            "misfit": rounded(self.misfit),
            "free": self.free,
            "criterion": rounded(self.criterion),
            "total": rounded(self.total, 0),
        }


def descriptions(table: Table, *, seed: int = 1) -> tuple[Description, ...]:
    """The best description of each sort, kinds first; none with fewer than four lists or more than ten."""
    if not LEAST_LISTS <= len(table.lists) <= MOST_LISTS:
        return ()
    work = _Work.of(table, seed)
    kinds = [one for number in range(1, _MOST_KINDS + 1) if (one := work.kinds(number)) is not None]
    found: list[Description | None] = [
        min(kinds, key=_criterion),
        *(work.with_pair(number, one) for number, one in enumerate(kinds, start=1)),
        *(work.by_degrees(number) for number in range(2, _MOST_DEGREES + 1)),
        *(work.by_size(column) for column in _spreads(work.marks.sum(axis=1))),
        *(work.without_singles(number, one) for number, one in enumerate(kinds, start=1)),
        *(work.with_missed(number, one) for number, one in enumerate(kinds, start=1)),
        *(work.with_missed_of(number, one) for number, one in enumerate(kinds, start=1)),
    ]
    there = [one for one in found if one is not None and _is_worth_telling(one, work.on_one)]
    return tuple(
        min(sort, key=_criterion) for who in Who if (sort := [one for one in there if one.who is who])
    )


def told(found: Sequence[Description], table: Table, factor: float) -> list[str]:
    """What describes the table better than a few kinds do; or as well, with a total that many times apart."""
    if not found:
        return []
    kinds, *others = found
    said = []
    for other in others:
        gain = kinds.criterion - other.criterion
        apart = max(kinds.total, other.total) / min(kinds.total, other.total)
        by_total = _MISSED_FACTORS.get(other.who)
        is_far = apart > min(factor, by_total or factor)
        if gain > -STRONG and (is_far or (gain > STRONG and not by_total)):
            how = "better than" if gain > STRONG else "as well as"
            said.append(_said(other, table, f"{how} a few kinds of persons do"))
    return said


def _said(one: Description, table: Table, how: str) -> str:
    total = f"it says {one.total:,.0f}" if np.isfinite(one.total) else "it sets no upper limit"
    if one.who is Who.PAIR:
        names = " and ".join(table.lists[place] for place in one.lists)
        return (
            f"that the lists {names} depend on each other (odds times {one.odds:.2g}) describes the table"
            f" {how}; {total}; does one copy the other, or pass over whom the other has?"
        )
    if one.who is Who.DEGREES:
        return (
            f"that all persons differ by degrees in how easily lists reach them describes the table {how};"
            f" {total}; how many are hard to reach lists can hardly tell then"
        )
    if one.who is Who.MISSED:
        return (
            f"that of {one.missed:.0%} of the persons on several lists one record was not linked, so that"
            f" they are counted twice, describes the table {how}; {total}; look at pairs that were not linked"
        )
    if one.who is Who.MISSED_OF:
        name = table.lists[one.lists[0]]
        return (
            f"that of {one.missed:.0%} of the persons on the list {name} and others the record of {name} was"
            f" not linked, so that they are counted twice, describes the table {how}; {total}; look at pairs"
            f" with {name} that were not linked"
        )
    on_one = int(_on_one(table).sum())
    return (
        f"{on_one:,} persons are on one list alone, and the overlaps of the others explain"
        f" {one.singles:,.0f} of them; to leave the rest out describes the table {how}; {total}; links that"
        " were missed look like this, and so do persons whom lists hardly reach"
    )


def _on_one(table: Table) -> Reals:
    alone = [1 << place for place in range(len(table.lists))]
    return np.asarray(table.full()[np.array(alone) - 1], float)


def _criterion(one: Description) -> float:
    return one.criterion


def _is_worth_telling(one: Description, on_one: float) -> bool:
    if one.who is Who.PAIR:
        return max(one.odds, 1 / one.odds) >= ODDS
    if one.who is Who.DEGREES:
        return one.fits
    if one.who in _MISSED_FACTORS:
        return one.missed >= LEAST_MISSED
    return one.who is Who.KINDS or on_one > one.singles


def _spreads(sizes: Reals) -> tuple[Reals, Reals]:
    """What being on so many lists does to the logarithm: normal and gamma spread of the log odds."""
    return sizes**2 / 2, np.log(3.5) - np.log(3.5 + sizes)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """A table with all its patterns, the empty one first, and chance for where the fits begin."""

    marks: Reals
    counts: Reals
    random: np.random.Generator

    @classmethod
    def of(cls, table: Table, seed: int) -> _Work:
        lists = len(table.lists)
        marks = (np.arange(1 << lists)[:, None] >> np.arange(lists) & 1).astype(float)
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 3 << 20])))
        return cls(marks, np.append(0.0, table.full()), chance)

    @property
    def lists(self) -> int:
        return int(self.marks.shape[1])

    @property
    def on_one(self) -> float:
        return float(self.counts[self.marks.sum(axis=1) == 1].sum())

    def kinds(self, number: int) -> Description | None:
        """So many kinds; None if the table has fewer patterns than they have numbers."""
        designs = _of_kinds(self.marks, number)
        if designs.shape[2] >= len(self.counts):
            return None
        return self._described(Who.KINDS, designs, self._begun(number, _STARTS if number > 1 else 1))

    def with_pair(self, number: int, kinds: Description) -> Description | None:
        """So many kinds, and the pair of lists that they explain worst."""
        designs = _of_kinds(self.marks, number)
        if designs.shape[2] + 1 >= len(self.counts):
            return None
        pairs = list(combinations(range(self.lists), 2))
        on_both = [self.marks[:, one] * self.marks[:, other] for one, other in pairs]
        gains = self._gains(designs, kinds, [kinds.expected * both for both in on_both])
        pair = pairs[int(np.abs(gains).argmax())]
        both = self.marks[:, pair[0]] * self.marks[:, pair[1]]
        designs = np.concatenate([designs, np.tile(both[:, None], (number, 1, 1))], axis=2)
        begun = [np.append(one, 0.0) for one in (kinds.effects, *self._begun(number, 2))]
        return self._described(Who.PAIR, designs, begun, chosen=(pair, len(pairs)))

    def by_degrees(self, number: int) -> Description | None:
        """So many degrees of how easily a person is named, the same for all lists."""
        marks, own = self.marks, np.eye(number)
        sizes = marks.sum(axis=1, keepdims=True)
        designs = np.stack(
            [np.concatenate([marks, np.tile(one, (len(marks), 1)), sizes * one[1:]], axis=1) for one in own]
        )
        if designs.shape[2] >= len(self.counts):
            return None
        begun = []
        for spread in (1.0, 2.0, 3.0):
            shifts = np.linspace(-spread, spread, number)
            begun.append(np.concatenate([self._base() + shifts[0], np.zeros(number), shifts[1:] - shifts[0]]))
        return self._described(Who.DEGREES, designs, begun)

    def by_size(self, column: Reals) -> Description:
        """Degrees that are spread out smoothly, which shows in how many lists a person is on."""
        designs = np.concatenate([_of_kinds(self.marks, 1)[0], column[:, None]], axis=1)[None]
        return self._described(Who.DEGREES, designs, [np.concatenate([[0.0], self._base(), [0.0]])])

    def without_singles(self, number: int, kinds: Description) -> Description | None:
        """So many kinds by those on two lists or more; each list's own persons are a number of its own."""
        designs = _of_kinds(self.marks, number)
        if designs.shape[2] + self.lists >= len(self.counts):
            return None
        many = self.marks.sum(axis=1) > 1
        begun = [kinds.effects, *self._begun(number, 2)]
        return self._described(Who.SINGLES, designs, begun, kept=many)

    def with_missed(self, number: int, kinds: Description) -> Description | None:
        """So many kinds; of some on several lists one record, any as likely, is taken for somebody else."""
        designs = _of_kinds(self.marks, number)
        if designs.shape[2] + 1 >= len(self.counts):
            return None
        begun = [np.append(one, 0.1) for one in (kinds.effects, *self._begun(number, 2))]
        return self._described(Who.MISSED, designs, begun, parted=_parted(self.marks, range(self.lists)))

    def with_missed_of(self, number: int, kinds: Description) -> Description | None:
        """So many kinds; of some on one list and others the record of that list counts as somebody else."""
        designs = _of_kinds(self.marks, number)
        if designs.shape[2] + 1 >= len(self.counts):
            return None
        changes = [_parted(self.marks, [one]) @ kinds.expected for one in range(self.lists)]
        place = int(self._gains(designs, kinds, changes).argmax())
        begun, parted = [np.append(kinds.effects, 0.1)], _parted(self.marks, [place])
        chosen = ((place,), self.lists)
        return self._described(Who.MISSED_OF, designs, begun, parted=parted, chosen=chosen)

    def _described(
        self,
        who: Who,
        designs: Reals,
        begun: Sequence[Reals],
        *,
        kept: NDArray[np.bool_] | None = None,
        chosen: tuple[tuple[int, ...], int] = ((), 1),
        parted: Reals | None = None,
    ) -> Description:
        more = 0 if kept is None else self.lists  # each list's own persons, who are left out
        kept = np.arange(len(self.counts)) > 0 if kept is None else kept
        counts, numbers = self.counts[kept], len(begun[0]) + more
        effects = _fitted(designs, kept, counts, begun, parted)
        parts, expected = _expected(designs, effects, parted)
        held, mean = counts > 0, expected[kept]
        misfit = 2 * float((counts[held] * np.log(counts[held] / mean[held])).sum() - (counts - mean).sum())
        lists, of = chosen
        seen, total = self.counts.sum(), float(parts.sum() + (self.counts - expected)[1:].sum())
        return Description(
            who,
            misfit,
            len(self.counts) - 1 - numbers,
            misfit + numbers * float(np.log(seen)) + 2 * float(np.log(of)),
            total if total < _UNBOUNDED * seen else float("inf"),
            expected,
            effects,
            lists,
            float(np.exp(effects[-1])) if who is Who.PAIR else 1.0,
            float(expected[self.marks.sum(axis=1) == 1].sum()),
            float(effects[-1]) if parted is not None else 0.0,
        )

    def _base(self) -> Reals:
        rates = np.clip(self.counts @ self.marks / self.counts.sum(), 0.02, 0.98)
        return np.asarray(np.log(rates / (1 - rates)) - 1.0)

    def _begun(self, number: int, starts: int) -> list[Reals]:
        apart = self.random.normal
        return [
            np.concatenate(
                [
                    np.zeros((number, 1)),
                    self._base() + apart(0, 1.2, (number, 1)) + apart(0, 0.5, (number, self.lists)),
                ],
                axis=1,
            ).ravel()
            for _ in range(starts)
        ]

    def _gains(self, designs: Reals, kinds: Description, changes: Sequence[Reals]) -> Reals:
        """How much of what so many kinds leave unexplained one number more would explain, by its score.

        Each of the numbers changes what is expected by so much; the gain is below zero where the table asks
        for the opposite.
        """
        parts = np.exp(np.clip(designs @ kinds.effects, -60, 40))[:, 1:]
        mean = np.maximum(parts.sum(axis=0), 1e-12)
        slopes = np.einsum("kc,kcp->cp", parts, designs[:, 1:])
        known = np.linalg.pinv((slopes / mean[:, None]).T @ slopes, hermitian=True)
        more = np.stack(changes)[:, 1:]
        scores = more @ (self.counts[1:] / mean - 1)
        shared = (more / mean) @ slopes
        free = ((more / mean) * more).sum(axis=1) - ((shared @ known) * shared).sum(axis=1)
        return np.asarray(scores * np.abs(scores) / np.maximum(free, 1e-6))


def _of_kinds(marks: Reals, number: int) -> Reals:
    """[kind, pattern, number]: for each kind its size, and how much more each list makes it."""
    columns = np.concatenate([np.ones((len(marks), 1)), marks], axis=1)
    return np.stack([np.kron(one, columns) for one in np.eye(number)])


def _parted(marks: Reals, of: Sequence[int]) -> Reals:
    """What becomes of the patterns [to, from] when everyone on several lists is parted from one record.

    It is the record of one of these lists, any as likely; who is on none of them stays whole.
    """
    to_from = np.zeros((len(marks), len(marks)))
    numbers = marks @ (1 << np.arange(marks.shape[1]))
    place = {int(number): n for n, number in enumerate(numbers)}
    for n in np.flatnonzero(marks.sum(axis=1) > 1):
        lists = [one for one in of if marks[n, one]]
        to_from[n, n] = -1.0 if lists else 0.0
        for one in lists:
            for left in (1 << one, int(numbers[n]) - (1 << one)):
                to_from[place[left], n] += 1 / len(lists)
    return to_from


def _fitted(
    designs: Reals, kept: NDArray[np.bool_], counts: Reals, begun: Sequence[Reals], parted: Reals | None
) -> Reals:
    """The numbers that make the patterns that are kept likeliest, of several that fits begun apart end at.

    With `parted` the last number is the share of persons who are parted so.
    """
    some = None if parted is None else parted[np.ix_(kept, kept)]
    ended = [_climbed(designs[:, kept], counts, _scaled(designs, kept, counts, one), some) for one in begun]
    return max(ended, key=lambda one: one[0])[1]


def _scaled(designs: Reals, kept: NDArray[np.bool_], counts: Reals, effects: Reals) -> Reals:
    """Effects by which each part expects its share of the persons; its size is what the empty pattern has."""
    effects = effects.copy()
    if effects[designs[0, 0].argmax()] == 0.0:  # they were not fitted before
        parts = np.exp(np.clip(designs[:, kept] @ effects[: designs.shape[2]], -60, 40)).sum(axis=1)
        effects[designs[:, 0].argmax(axis=1)] += np.log(counts.sum() / len(parts) / parts)
    return effects


def _climbed(designs: Reals, counts: Reals, effects: Reals, parted: Reals | None) -> tuple[float, Reals]:
    """The likelihood and the effects at the top, by Fisher's scoring, damped (Levenberg, Marquardt)."""
    low, high = np.full(len(effects), -25.0), np.full(len(effects), 25.0)
    if parted is not None:
        low[-1], high[-1] = 0.0, _MOST_MISSED
    parts, mean = _expected(designs, effects, parted)
    standing, damping = _standing(counts, mean), 0.01
    for _ in range(_STEPS):
        slopes = _slopes(designs, effects, parts, parted)
        mean = np.maximum(mean, 1e-12)
        slope = slopes.T @ (counts / mean - 1)
        known = (slopes / mean[:, None]).T @ slopes
        for _ in range(8):
            step = np.linalg.solve(known + damping * np.diag(np.diag(known) + 1e-3), slope)
            tried = np.clip(effects + np.clip(step, -3, 3), low, high)
            then, expected = _expected(designs, tried, parted)
            reached = _standing(counts, expected)
            if reached > standing - 1e-12:
                break
            damping *= 6
        else:
            break
        gain, effects, parts, mean, standing = reached - standing, tried, then, expected, reached
        damping = max(damping / 8, 1e-9)
        if gain < 1e-4:
            break
    return standing, effects


def _expected(designs: Reals, effects: Reals, parted: Reals | None) -> tuple[Reals, Reals]:
    """How many persons of each kind have each pattern, and how many seem to have it."""
    parts = np.exp(np.clip(designs @ effects[: designs.shape[2]], -60, 40))
    mean = parts.sum(axis=0)
    return parts, mean if parted is None else mean + effects[-1] * (parted @ mean)


def _slopes(designs: Reals, effects: Reals, parts: Reals, parted: Reals | None) -> Reals:
    """How the expected patterns move with each number (of a composite link, Thompson and Baker 1981)."""
    slopes = np.asarray(np.einsum("kc,kcp->cp", parts, designs))
    if parted is None:
        return slopes
    moved = parted @ np.column_stack([slopes, parts.sum(axis=0)])
    return np.asarray(np.column_stack([slopes + effects[-1] * moved[:, :-1], moved[:, -1]]))


def _standing(counts: Reals, expected: Reals) -> float:
    mean = np.maximum(expected, 1e-300)
    return float(counts @ np.log(mean) - mean.sum())
