"""Counted at least: the largest set of marks that are provably different things, scene by scene.

Nothing is counted twice: two marks add up only if they are on one picture, if geometry forbids that they are
one thing, or if a person said that the two pictures have nothing in common. What is not known lowers the
minimum and never raises it. Beside it stand two numbers that prove nothing: an estimate with what is likely
one thing merged, and the sum of all that was marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from witnessmark.model import Digest, Match, Qualifier, Range
from witnessmark.model.counting import Counting, Floor, FloorOfKind, Manner, Mark
from witnessmark.weigh.counting.clique import largest
from witnessmark.weigh.counting.telling import REACH, Telling, Told, Words
from witnessmark.weigh.ranges import bounds


def floors(
    marks: Iterable[Mark],
    matches: Sequence[Match] = (),
    countings: Iterable[Counting] = (),
    same_place: Iterable[frozenset[Digest]] = (),
    reach: float = REACH,
) -> tuple[FloorOfKind, ...]:
    """What can be counted of each kind, in the order of the kinds' names.

    `matches` are registered views and copies that nobody overruled, `countings` come in the order of the log,
    `same_place` are groups of pictures that a person or a program holds to show one place. `reach` says how
    far off a mark may be, in parts of the longer side of its picture.
    """
    telling = Telling(matches, Words.of(countings), reach)
    by_kind: dict[str, list[Mark]] = defaultdict(list)
    for mark in sorted(marks, key=lambda one: (one.picture, one.record)):
        by_kind[mark.kind].append(mark)
    together = tuple(same_place)
    return tuple(_of_kind(kind, by_kind[kind], telling, together) for kind in sorted(by_kind))


def least_of(mark: Mark, words: Words) -> int | None:
    """How many a mark stands for at least; None if its observer stated no bounds."""
    stated = bounds(mark.amount)
    if stated is None:
        return None
    return 0 if words.on(mark.record) is Manner.MAY_BE_NONE else stated.low or 0


def _of_kind(
    kind: str, marks: Sequence[Mark], telling: Telling, together: tuple[frozenset[Digest], ...]
) -> FloorOfKind:
    told = telling.told(marks)
    pictures = list(dict.fromkeys(mark.picture for mark in marks))
    scenes = _parts(pictures, [pair for pair in combinations(pictures, 2) if telling.registered(*pair)])
    joined = [pair for group in together for pair in combinations(sorted(group & set(pictures)), 2)]
    joined += [(scene[0], other) for scene in scenes for other in scene[1:]]
    places = _parts(pictures, joined)
    by_scene = [_floor(told, telling.words, scene) for scene in scenes]
    by_place = [_floor(told, telling.words, place, by_scene) for place in places]
    return FloorOfKind(
        kind,
        _floor(told, telling.words, pictures, by_scene),
        tuple(sorted(by_place, key=lambda one: (-one.least, one.pictures))),
        tuple(sorted(by_scene, key=lambda one: (-one.least, one.pictures))),
        tuple(mark.record for mark in marks if least_of(mark, telling.words) is None),
        telling.not_believed(),
    )


def _floor(told: Told, words: Words, pictures: Sequence[Digest], scenes: Sequence[Floor] = ()) -> Floor:
    """The floor on some pictures; with the floors of its scenes, whose estimates add up only if apart."""
    here = told.among([place for place, mark in enumerate(told.marks) if mark.picture in set(pictures)])
    least = [least_of(mark, words) or 0 for mark in here.marks]
    found = largest(least, here.may_be_one())
    singles = (
        largest(
            [
                weight if mark.picture == picture else 0
                for weight, mark in zip(least, here.marks, strict=True)
            ],
            here.may_be_one(),
        ).weight
        for picture in pictures
    )
    inside = [one for one in scenes if set(one.pictures) <= set(pictures)]
    return Floor(
        tuple(sorted(pictures)),
        tuple(here.marks[one].record for one in found.members),
        found.weight,
        found.bound,
        _given([here.marks[one].amount for one in found.members], found.weight),
        max(singles, default=0),
        _apart(inside, words) if len(inside) > 1 else _merged(here),
        sum(_best(mark.amount) for mark in here.marks),
        here.grounds(found.members),
    )


def _given(amounts: Sequence[Range], least: int) -> Range:
    """What the observers gave for some marks, added up: at least that, and no more is ruled out.

    A best number among them is left out, since it is not proved.
    """
    stated = [bounds(amount) for amount in amounts]
    high = sum(one.high or 0 for one in stated if one is not None)
    is_open = any(one is None or one.high is None for one in stated)
    if is_open or high == least:
        return Range(low=least, qualifier=Qualifier.AT_LEAST)
    return Range(low=least, high=high, qualifier=Qualifier.AT_LEAST)


def _best(amount: Range) -> int:
    """The number that stands for an amount in a sum that proves nothing."""
    return next((one for one in (amount.best, amount.low, amount.high) if one is not None), 0)


def _merged(told: Told) -> int:
    """What is left when marks that are likely one thing are merged, the nearest first."""
    group = {place: {place} for place in range(len(told.marks))}
    near = np.argwhere(np.triu(told.apart <= 1.0, 1) & (told.why == 0))
    for i, j in sorted(near.tolist(), key=lambda pair: (told.apart[pair[0], pair[1]], pair)):
        one, other = group[i], group[j]
        if one is not other and not told.why[np.ix_(sorted(one), sorted(other))].any():
            one |= other
            group.update(dict.fromkeys(other, one))
    several = {id(members): members for members in group.values()}
    return sum(max(_best(told.marks[one].amount) for one in members) for members in several.values())


def _apart(scenes: Sequence[Floor], words: Words) -> int:
    """The estimates of scenes, added up where a person said that they are apart, else the largest."""
    may_be_one = [
        {
            place
            for place, other in enumerate(scenes)
            if other is not one
            and not all(
                words.on(mine, theirs) is Manner.APART for mine in one.pictures for theirs in other.pictures
            )
        }
        for one in scenes
    ]
    return largest([one.merged for one in scenes], may_be_one).weight


def _parts(nodes: Sequence[Digest], pairs: Iterable[tuple[Digest, Digest]]) -> list[list[Digest]]:
    """What hangs together by pairs."""
    part = {node: [node] for node in nodes}
    for one, other in pairs:
        if part[one] is not part[other]:
            part[one] += part[other]
            part.update(dict.fromkeys(part[other], part[one]))
    return list({id(members): members for members in part.values()}.values())
