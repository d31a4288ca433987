"""Labels of words: whether a word begins or goes on a source, a cue or a content, and the spans they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

ROLES = ("source", "cue", "content")
LABELS = ("", *(f"{first} {role}" for role in ROLES for first in ("begins", "goes on")))
"""Every label; its place is its number. The first is of words that belong to nothing."""

_PAINTED = ("content", "source", "cue")
"""Where two overlap, the later one covers the earlier: a cue within a content stays a cue."""


class Span(NamedTuple):
    """Words `start` to `end` (not included) that have one role."""

    role: str
    start: int
    end: int


def painted(spans: Iterable[Sequence[Span]], size: int) -> list[int]:
    """The labels of `size` words from the spans of each attribution; the later cover the earlier."""
    owner: list[tuple[int, str] | None] = [None] * size
    for number, attribution in enumerate(spans):
        for role in _PAINTED:
            for span in attribution:
                if span.role == role:
                    owner[span.start : span.end] = [(number, role)] * (span.end - span.start)
    before: tuple[int, str] | None = None
    labels = []
    for now in owner:
        labels.append(0 if now is None else 1 + 2 * ROLES.index(now[1]) + (now == before))
        before = now
    return labels


def spans_of(labels: Sequence[int]) -> list[Span]:
    """The spans that a row of labels says; one that goes on from nothing begins there."""
    spans: list[Span] = []
    is_open = False
    for at, label in enumerate(labels):
        role = ROLES[(label - 1) // 2] if label else ""
        if label and is_open and label % 2 == 0 and spans[-1].role == role:
            spans[-1] = spans[-1]._replace(end=at + 1)
        elif label:
            spans.append(Span(role, at, at + 1))
        is_open = bool(label)
    return spans
