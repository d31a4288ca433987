"""The gallery: which exhibits have everything that was asked, in the order in which they came in.

Those that are one picture can be folded into one viewing: whoever looks need not look at each copy.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from witnessmark.desk.searching import Hits, Words
from witnessmark.ports import Case, Sieve, Sifted

_MOST_KEPT = 40


@dataclass(frozen=True, slots=True)
class View:
    """Places of exhibits in the order in which they are shown, and which others are folded behind one.

    `behind` has a key for whatever stands for several, also while it is unfolded (`unfolded`).
    """

    order: Sequence[int]
    behind: Mapping[int, Sequence[int]]
    unfolded: frozenset[int]
    hits: Hits

    @property
    def exhibits(self) -> int:
        """How many exhibits are in it, those behind others among them."""
        return len(self.order) + sum(
            len(others) for head, others in self.behind.items() if head not in self.unfolded
        )

    def page(self, case: Case, words: Words, start: int, count: int) -> Sequence[Sifted]:
        """Some of the exhibits that are shown, from one on."""
        places = self.order[start : start + count]
        wanted = frozenset(words.digests(places).values())
        sifted = {one.place: one for one in case.sift(Sieve(among=wanted), 0, len(wanted))} if wanted else {}
        return [sifted[place] for place in places if place in sifted]

    def index_of(self, place: int) -> int | None:
        """Where an exhibit is shown, or what stands for it."""
        if place in self.order:
            return self.order.index(place)
        return next((self.order.index(head) for head, rest in self.behind.items() if place in rest), None)


def view(case: Case, hits: Hits, sieve: Sieve, *, folds: bool, unfolded: frozenset[int]) -> View:
    """What comes through a sieve among hits; folded, the first of one picture stands for all."""
    places = hits.places
    if sieve != Sieve():
        through = frozenset(case.places(sieve, 1)[1])
        places = array("q", (place for place in places if place in through))
    if not folds:
        return View(places, {}, frozenset(), hits)
    heads: dict[str, int] = {}
    behind: dict[int, list[int]] = {}
    for place in places:
        name = hits.kin.get(place)
        if name is not None:
            head = heads.setdefault(name, place)
            if head != place:
                behind.setdefault(head, []).append(place)
    hidden = {place for head, rest in behind.items() if head not in unfolded for place in rest}
    moved = {place for head, rest in behind.items() if head in unfolded for place in rest}
    order = array("q")
    for place in places:
        if place not in hidden and place not in moved:
            order.append(place)
            order.extend(behind[place] if place in unfolded and place in behind else ())
    return View(order, behind, unfolded & behind.keys(), hits)


@dataclass(slots=True)
class Views:
    """The views that were asked for last, each made once."""

    _kept: OrderedDict[Hashable, View] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def once(self, question: Hashable, make: Callable[[], View]) -> View:
        """The answer to a question, as it was made before or is made now."""
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
        made = make()
        with self._lock:
            self._kept[question] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made
