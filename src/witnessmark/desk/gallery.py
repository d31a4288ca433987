"""The gallery: which exhibits have everything that was asked, in the order in which they came in.

Those that are one picture can be folded into one viewing: whoever looks need not look at each copy.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from witnessmark.desk.searching import Hits
from witnessmark.ports import Case, Sieve, Sifted

T = TypeVar("T")
_MOST_KEPT = 40
_FEW = 1_000


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

    def page(self, case: Case, start: int, count: int, sieve: Sieve) -> Sequence[Sifted]:
        """Some of the exhibits that are shown, from one on; what does not count in `sieve` is not counted."""
        places = self.order[start : start + count]
        shown = Sieve(at=frozenset(places), but=sieve.but)
        sifted = {one.place: one for one in case.sift(shown, 0, len(places))} if places else {}
        return [sifted[place] for place in places if place in sifted]

    def index_of(self, place: int) -> int | None:
        """Where an exhibit is shown, or what stands for it."""
        if place in self.order:
            return self.order.index(place)
        return next((self.order.index(head) for head, rest in self.behind.items() if place in rest), None)


def view(hits: Hits, places: Sequence[int], *, folds: bool, unfolded: frozenset[int]) -> View:
    """Some of the hits, by their places; folded, the first of one picture stands for all."""
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
    """The views that were asked for last, each made once, and what comes through the sieves asked for."""

    _kept: OrderedDict[Hashable, View] = field(default_factory=OrderedDict)
    _masks: OrderedDict[Hashable, NDArray[np.bool_] | None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _making: Lock = field(default_factory=Lock)

    def once(self, question: Hashable, make: Callable[[], View]) -> View:
        """The answer to a question, as it was made before or is made now."""
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
        made = make()
        with self._lock:
            _keep(self._kept, question, made)
        return made

    def through(self, case: Case, now: Hashable, sieve: Sieve, places: Sequence[int]) -> Sequence[int]:
        """Those of some places that come through a sieve; `now` is another one after each change of the case.

        Few are looked up one by one; for many, or if a sieve is asked for again, all that come through it
        are worked out once.
        """
        if sieve == Sieve(but=sieve.but) or not places:
            return places
        with self._lock:
            was_asked, mask = (now, sieve) in self._masks, self._masks.get((now, sieve))
        if mask is None and len(places) <= _FEW and not was_asked:
            with self._lock:
                _keep(self._masks, (now, sieve), None)
            return array("q", case.places(replace(sieve, at=frozenset(places)), 1)[1])
        if mask is None:
            mask = self._mask(case, now, sieve)
        asked = np.fromiter(places, np.int64, len(places))
        return array("q", asked[mask[np.minimum(asked, len(mask) - 1)] & (asked < len(mask))].tobytes())

    def _mask(self, case: Case, now: Hashable, sieve: Sieve) -> NDArray[np.bool_]:
        """Which places come through a sieve, worked out by one for all who wait for it."""
        with self._making:
            with self._lock:
                mask = self._masks.get((now, sieve))
            if mask is None:
                found = np.fromiter(case.places(sieve, 1)[1], np.int64)
                mask = np.zeros(found.max(initial=0) + 1, np.bool_)
                mask[found] = True
                with self._lock:
                    _keep(self._masks, (now, sieve), mask)
            return mask


def _keep(kept: OrderedDict[Hashable, T], name: Hashable, made: T) -> None:
    """Keep something, and what was kept longest no longer."""
    kept[name] = made
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
