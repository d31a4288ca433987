"""Rival explanations side by side: the analysis of competing hypotheses.

The method is Richards Heuer's (Psychology of Intelligence Analysis, chapter 8).

Evidence that fits all explanations alike tells nothing, however much of it there is; what counts is what
tells them apart. So the table shows for each piece of evidence how it lies to every explanation, in whose
judgement, and whether it tells them apart. Nothing is added up: which explanation stands is for a person.
"""

from __future__ import annotations

from collections.abc import Iterable

from witnessmark.model import Bearing, Consistency, Digest, Hypothesis
from witnessmark.model.weighing import Diagnosticity, Rivals, Weight
from witnessmark.model.wire import digest_of

_STEPS = {consistency: step for step, consistency in enumerate(Consistency)}
_APART = 2
"""From so many steps on between two judgements of one person, evidence tells explanations apart."""

Said = tuple[tuple[Digest, Bearing], ...]


def rivals(hypotheses: Iterable[Hypothesis], bearings: Iterable[Bearing]) -> Rivals:
    """The table of `hypotheses`, its rows those that tell most first."""
    named = tuple((digest_of(one), one) for one in sorted(hypotheses, key=lambda one: one.proposed_at))
    places = {digest: place for place, (digest, _) in enumerate(named)}
    latest = {
        (one.evidence, one.on, one.author.name): one
        for one in sorted(bearings, key=lambda one: one.judged_at)
        if one.on in places
    }
    said: dict[Digest, list[list[tuple[Digest, Bearing]]]] = {}
    for bearing in latest.values():
        row = said.setdefault(bearing.evidence, [[] for _ in named])
        row[places[bearing.on]].append((digest_of(bearing), bearing))
    rows = [_weight(evidence, tuple(map(tuple, cells))) for evidence, cells in said.items()]
    telling = list(Diagnosticity)
    return Rivals(
        named, tuple(sorted(rows, key=lambda row: (telling.index(row.diagnosticity), row.evidence)))
    )


def _weight(evidence: Digest, cells: tuple[Said, ...]) -> Weight:
    return Weight(evidence, cells, _diagnosticity(cells))


def _diagnosticity(cells: tuple[Said, ...]) -> Diagnosticity:
    """How far the judgements of one person lie apart, in the widest case."""
    by_person: dict[str, list[int]] = {}
    for cell in cells:
        for _, bearing in cell:
            by_person.setdefault(bearing.author.name, []).append(_STEPS[bearing.consistency])
    whole = [steps for steps in by_person.values() if len(steps) == len(cells) > 1]
    if not whole:
        return Diagnosticity.NOT_WEIGHED
    widest = max(max(steps) - min(steps) for steps in whole)
    if widest >= _APART:
        return Diagnosticity.TELLS_APART
    return Diagnosticity.HARDLY if widest else Diagnosticity.NOT_AT_ALL
