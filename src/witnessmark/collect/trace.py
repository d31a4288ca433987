"""Traces: where the words of a readable text stand in the source that they were read from.

Between source and text lie tags, entities and white space. A trace holds the visible characters of
the source without any of that, and the place of each; a text is found in it by its own characters.
Whatever is found is the same in both, by construction; whatever is not found is said to be so.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

# Neither white space nor the invisible signs that readers and extractors drop.
_VISIBLE = re.compile(
    "[^\\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\u2424]+"
)
_SEED = 24
_ANCHOR = 40
_UNLIKELY_TWICE = 8
_NEAR = 20_000
_SHORTEST_RUN = 4


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that stands unbroken in the source, tags and white space aside."""

    text_start: int
    text_end: int
    source_start: int
    source_end: int


class Trace:
    """The visible characters of a source in their order, each with its place."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._firsts: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int | None] = []
        self._length = 0
        self._joined: str | None = None

    def literal(self, source: str, start: int, end: int, shift: int = 0) -> None:
        """The characters of `source` from `start` to `end` stand for themselves, `shift` further on."""
        for word in _VISIBLE.finditer(source, start, end):
            self._add(word[0], word.start() + shift, None)

    def written_as(self, characters: str, start: int, end: int) -> None:
        """`characters` are written from `start` to `end` in another way: an entity, an escape."""
        for word in _VISIBLE.findall(characters):
            self._add(word, start, end)

    def _add(self, word: str, start: int, end: int | None) -> None:
        self._words.append(word)
        self._firsts.append(self._length)
        self._starts.append(start)
        self._ends.append(end)
        self._length += len(word)
        self._joined = None

    @property
    def characters(self) -> str:
        """All visible characters."""
        if self._joined is None:
            self._joined = "".join(self._words)
        return self._joined

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the visible characters from `start` to `end` stand."""
        first = bisect_right(self._firsts, start) - 1
        last = bisect_right(self._firsts, end - 1) - 1
        begins, ends = self._starts[first], self._ends[last]
        if self._ends[first] is None:
            begins += start - self._firsts[first]
        return begins, self._starts[last] + end - self._firsts[last] if ends is None else ends


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph by its visible characters, and their places in the text."""

    trace: Trace
    start: int
    end: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> _Paragraph:
        trace = Trace()
        trace.literal(text, start, end)
        return cls(trace, start, end)


def locate(
    text: str, paragraphs: Sequence[tuple[int, int]], source: Trace
) -> tuple[list[Run], list[tuple[int, int]]]:
    """Where each paragraph of `text` stands in the source, and the stretches that were not found."""
    traced = [_Paragraph.of(text, start, end) for start, end in paragraphs]
    wanted = [paragraph.trace.characters for paragraph in traced]
    anchors = _anchors(wanted, source.characters)
    following = _following(anchors, len(source.characters))
    runs: list[Run] = []
    missing: list[tuple[int, int]] = []
    cursor = 0
    for number, paragraph in enumerate(traced):
        found = _found(wanted[number], source.characters, anchors[number], (cursor, following[number]))
        reached = 0
        for start, end, at in found:
            if start > reached:
                missing.append(paragraph.trace.place(reached, start))
            runs.append(Run(*paragraph.trace.place(start, end), *source.place(at, at + end - start)))
            reached, cursor = end, max(cursor, at + end - start)
        if reached < len(wanted[number]):
            missing.append(paragraph.trace.place(reached, len(wanted[number])))
    return runs, missing


def _anchors(wanted: Sequence[str], source: str) -> list[int | None]:
    """The places of the long paragraphs that occur just once, as far as their order is that of the text."""
    anchors: list[int | None] = []
    reached = 0
    for characters in wanted:
        at = source.find(characters, reached) if len(characters) >= _ANCHOR else -1
        unique = at >= 0 and source.find(characters) == at and source.find(characters, at + 1) < 0
        anchors.append(at if unique else None)
        reached = at + len(characters) if unique else reached
    _lead_up_to_first(anchors, wanted, source)
    return anchors


def _lead_up_to_first(anchors: list[int | None], wanted: Sequence[str], source: str) -> None:
    """Ahead of the first anchor the nearest occurrence counts: menus repeat headlines, from above."""
    first = next((number for number, anchor in enumerate(anchors) if anchor is not None), 0)
    before = anchors[first] if first else None
    for number in range(first - 1, -1, -1):
        at = source.rfind(wanted[number], 0, before) if wanted[number] else -1
        if at >= 0:
            anchors[number] = before = at


def _following(anchors: Sequence[int | None], end: int) -> list[int]:
    """For each paragraph the place of the next anchor, before which it should stand."""
    following = []
    for anchor in reversed(anchors):
        following.append(end)
        end = end if anchor is None else anchor
    return following[::-1]


def _found(
    wanted: str, source: str, anchor: int | None, between: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """The pieces of a paragraph that stand in the source: from, to, and where."""
    if not wanted:
        return []
    if anchor is not None:
        return [(0, len(wanted), anchor)]
    after, before = between
    at = source.find(wanted, after, before)
    if at < 0:
        at = source.find(wanted, after)
    if at < 0 and len(wanted) >= _UNLIKELY_TWICE:
        at = source.find(wanted)
        if len(wanted) < _SEED and source.find(wanted, at + 1) >= 0:
            at = -1
    return [(0, len(wanted), at)] if at >= 0 else _pieces(wanted, source, after)


def _pieces(wanted: str, source: str, cursor: int) -> list[tuple[int, int, int]]:
    """A paragraph that the source interrupts, piece by piece, never going back."""
    pieces: list[tuple[int, int, int]] = []
    position = misses = 0
    while position <= len(wanted) - _SHORTEST_RUN:
        seed = wanted[position : position + _SEED]
        # far and wide only at first: a text that is not there would be looked for everywhere
        reach = cursor + _NEAR if pieces or misses > 16 else len(source)
        at = source.find(seed, cursor, reach)
        if at < 0:
            position, misses = position + _SHORTEST_RUN, misses + 1
            continue
        length = _common(wanted, position, source, at)
        pieces.append((position, position + length, at))
        position += length
        cursor = at + length
    return pieces


def _common(wanted: str, position: int, source: str, at: int) -> int:
    """How far both agree from the given places."""
    length, step = 0, 256
    while step:
        left = wanted[position + length : position + length + step]
        if left and len(left) == step and source.startswith(left, at + length):
            length += step
        else:
            step //= 2
    return length
