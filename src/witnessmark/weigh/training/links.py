"""Learning which parts belong together: a logistic regression over signs, by gradient descent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from witnessmark.weigh.tagging.linking import Around
from witnessmark.weigh.training.annotated import Lesson

_ROUNDS = 300
_SHRINKING = 3e-6
_LEAST = 3
"""How often a sign must be seen to be learned."""


def links(lessons: Sequence[Lesson]) -> dict[str, dict[str, float]]:
    """For sources and for contents, how much each sign speaks for a pair."""
    return {role: _weights(list(_pairs(lessons, role))) for role in ("source", "content")}


def _pairs(lessons: Sequence[Lesson], role: str) -> Iterator[tuple[list[str], bool]]:
    """The signs of every pair that stands near, and whether it belongs together."""
    for one in lessons:
        spans = {span for attribution in one.attributions for span in attribution}
        around = Around(one.words, sorted(spans, key=lambda span: span.start))
        for attribution in one.attributions:
            for cue in [span for span in attribution if span.role == "cue"][:1]:
                for other in around.near(cue, role):
                    yield around.signs(cue, other), other in attribution


def _weights(pairs: Sequence[tuple[list[str], bool]]) -> dict[str, float]:
    import numpy as np  # noqa: PLC0415 - heavy

    counts: dict[str, int] = {}
    for signs, _ in pairs:
        for sign in signs:
            counts[sign] = counts.get(sign, 0) + 1
    names = [sign for sign, count in counts.items() if count >= _LEAST]
    numbers: Mapping[str, int] = {name: at for at, name in enumerate(names)}
    width = max((len(signs) for signs, _ in pairs), default=1)
    rows = np.full((len(pairs), width), len(names))
    for at, (signs, _) in enumerate(pairs):
        known = [numbers[sign] for sign in signs if sign in numbers]
        rows[at, : len(known)] = known
    true = np.array([is_pair for _, is_pair in pairs], np.float64)
    weights, speed = np.zeros(len(names) + 1), np.zeros(len(names) + 1)
    scale = np.sqrt(np.maximum(1, np.bincount(rows.ravel(), minlength=len(names) + 1)))
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-weights[rows].sum(1)))
        pull = np.bincount(rows.ravel(), np.repeat(true - likely, width), minlength=len(names) + 1) / (
            scale * np.sqrt(len(pairs))
        )
        speed = 0.9 * speed + pull - _SHRINKING * weights
        weights += speed
        weights[-1] = 0.0  # an unknown sign speaks for nothing
    return {name: round(float(weight), 3) for name, weight in zip(names, weights[:-1], strict=True)}
