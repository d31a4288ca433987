"""The largest set of marks of which no two can be one thing: a heaviest clique, found exactly or bounded.

Marks that may be one thing are the edges of a sparse graph, and a set without such an edge is wanted (a
heaviest independent set, which is a clique in the graph of provable differences). What needs no choice is
decided first, parts that do not touch each other are solved by themselves, and the rest by branch and bound:
it is covered with groups in which any two may be one thing, since each group can give one mark at most. Every
set found on the way is proved; if the work runs out, the best of them is given with what none can exceed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

MOST_STEPS = 20_000
_DEEPEST = 400


@dataclass(frozen=True, slots=True)
class Largest:
    """A set (places in the sequence, in order), what it weighs, and what no such set can exceed."""

    members: tuple[int, ...]
    weight: int
    bound: int

    @property
    def is_exact(self) -> bool:
        """Whether no other set weighs more."""
        return self.weight == self.bound


def largest(weights: Sequence[int], may_be_one: Sequence[Set[int]], most_steps: int = MOST_STEPS) -> Largest:
    """The heaviest set of which no two may be one; `may_be_one[i]` are those that i may be one with.

    Weights are not negative; what weighs nothing is not taken. The answer is the same on every run.
    """
    masks = [0] * len(weights)
    for one, others in enumerate(may_be_one):
        for other in others:
            if one != other:
                masks[one] |= 1 << other
                masks[other] |= 1 << one
    search = _Search(tuple(weights), tuple(masks), most_steps)
    members, bound = 0, 0
    for part in search.parts(sum(1 << one for one, weight in enumerate(weights) if weight > 0)):
        found, most = search.best_of(part)
        members |= found
        bound += most
    chosen = tuple(_bits(members))
    return Largest(chosen, sum(weights[one] for one in chosen), bound)


@dataclass(slots=True)
class _Search:
    """The search; sets of marks are bits of a whole number, `steps` are left of the work that it may do."""

    weights: tuple[int, ...]
    masks: tuple[int, ...]
    steps: int
    is_cut_short: bool = False

    def best_of(self, part: int) -> tuple[int, int]:
        """The heaviest set in a part that hangs together, and what none can exceed."""
        self.is_cut_short = False
        at_once = self._greedy(part)
        weight = self._weight(at_once)
        found = self._heavier(part, weight, 0) or at_once
        weight = self._weight(found)
        return found, max(weight, self._cover(part)) if self.is_cut_short else weight

    def parts(self, left: int) -> Iterator[int]:
        """The parts of a set that do not touch each other."""
        while left:
            part = fresh = left & -left
            while fresh:
                around = 0
                for one in _bits(fresh):
                    around |= self.masks[one]
                fresh = around & left & ~part
                part |= fresh
            left &= ~part
            yield part

    def _heavier(self, left: int, need: int, depth: int) -> int | None:
        """The heaviest set within `left`, if it weighs more than `need`."""
        taken, left = self._decided(left)
        weight = self._weight(taken)
        if not left:
            return taken if weight > need else None
        parts = list(self.parts(left))
        could = [self._cover(part) for part in parts]
        if weight + sum(could) <= need:
            return None
        if self.steps <= 0 or depth > _DEEPEST:
            self.is_cut_short = True
            taken |= self._greedy(left)
            return taken if self._weight(taken) > need else None
        if len(parts) == 1:
            return self._branched(left, taken, need, depth)
        for place, part in enumerate(parts):
            found = self._heavier(part, need - weight - sum(could[place + 1 :]), depth + 1)
            if found is None:
                return None
            taken |= found
            weight += self._weight(found)
        return taken

    def _branched(self, left: int, taken: int, need: int, depth: int) -> int | None:
        """With the mark that may be one with most others, and without it."""
        self.steps -= 1
        chosen = max(_bits(left), key=lambda one: ((self.masks[one] & left).bit_count(), self.weights[one]))
        weight, best = self._weight(taken), None
        inside = self._heavier(
            left & ~self.masks[chosen] & ~(1 << chosen), need - weight - self.weights[chosen], depth + 1
        )
        if inside is not None:
            best = taken | inside | 1 << chosen
            need = self._weight(best)
        without = self._heavier(left & ~(1 << chosen), need - weight, depth + 1)
        return best if without is None else taken | without

    def _decided(self, left: int) -> tuple[int, int]:
        """What can be taken and left without a choice.

        A mark gives way to another that it may be one with, if that weighs no less and may be one with no
        mark but those that it may be one with itself. What then stands alone is taken.
        """
        taken, waiting = 0, left
        while waiting:
            one = (waiting & -waiting).bit_length() - 1
            waiting &= waiting - 1
            around = self.masks[one] & left
            if not left >> one & 1:
                continue
            if not around:
                taken |= 1 << one
                left &= ~(1 << one)
                continue
            here = around | 1 << one
            for other in _bits(around):
                if self.weights[one] >= self.weights[other] and not here & ~self.masks[other] & ~(1 << other):
                    left &= ~(1 << other)
                    waiting |= self.masks[other] & left
                    here &= ~(1 << other)
        return taken, left

    def _greedy(self, left: int) -> int:
        """A set that is found at once: always the mark that costs least of the others."""
        taken = 0
        while left:
            one = min(
                _bits(left),
                key=lambda one: self._weight(self.masks[one] & left) - self.weights[one],
            )
            taken |= 1 << one
            left &= ~self.masks[one] & ~(1 << one)
        return taken

    def _cover(self, left: int) -> int:
        """What no set can exceed: of marks that may all be one with each other, only one can be in it."""
        total = 0
        in_order = sorted(
            _bits(left), key=lambda one: (-self.weights[one], (self.masks[one] & left).bit_count())
        )
        while left:
            group, heaviest = left, 0
            for one in in_order:
                if left >> one & 1 and group >> one & 1:
                    heaviest = heaviest or self.weights[one]
                    group &= self.masks[one] | 1 << one
                    left &= ~(1 << one)
            total += heaviest
        return total

    def _weight(self, marks: int) -> int:
        return sum(self.weights[one] for one in _bits(marks))


def _bits(marks: int) -> Iterator[int]:
    while marks:
        yield (marks & -marks).bit_length() - 1
        marks &= marks - 1
