"""A text as a tagger looks at it: words in paragraphs, with what the rules found in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from witnessmark.weigh.reading.heard import Place, Said
from witnessmark.weigh.reading.marks import Heard
from witnessmark.weigh.reading.said import said
from witnessmark.weigh.reading.sentences import Token
from witnessmark.weigh.tagging.labels import Span, painted

LONGEST = 300
"""Words after which a paragraph is cut behind a sentence; a sentence has 400 at most."""


@dataclass(slots=True)
class Words:
    """The words of a text with everything that is known of each."""

    tokens: list[Token] = field(default_factory=list)
    quoted: list[int] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)
    units: list[tuple[int, int]] = field(default_factory=list)
    """The stretches that are labelled together."""
    ruled: list[list[Span]] = field(default_factory=list)
    """What the rules found: the spans of each of their attributions."""
    hints: list[int] = field(default_factory=list)
    """The labels that the rules would give."""
    depth: list[int] = field(default_factory=list)
    """In how many contents of the rules a word stands."""

    def within(self, place: Place) -> tuple[int, int]:
        """The first and the last (not included) word of a stretch of the text."""
        start = bisect_right(self.tokens, place[0], key=lambda token: token.end)
        return start, max(start, bisect_left(self.tokens, place[1], key=lambda token: token.start))

    def spans(self, role: str, places: Sequence[Place]) -> Iterator[Span]:
        """Places of the text as spans of words, cut where a unit ends."""
        for place in places:
            start, end = self.within(place)
            while start < end:
                unit = bisect_right(self.units, start, key=lambda one: one[0]) - 1
                stop = min(end, self.units[unit][1])
                yield Span(role, start, stop)
                start = stop


def words_of(text: str, heard: Iterable[Heard] | None = None) -> Words:
    """The words of a text, with what the rules heard in it; MalformedError if it holds half characters."""
    words = Words()
    found: list[Said] = []
    for number, (sentence, ones) in enumerate(said(text) if heard is None else heard):
        start = len(words.tokens)
        size = len(sentence.tokens)
        is_new = not words.units or words.paragraph[-1] != sentence.paragraph
        if is_new or start + size - words.units[-1][0] > LONGEST:
            words.units.append((start, start + size))
        else:
            words.units[-1] = (words.units[-1][0], start + size)
        words.tokens += sentence.tokens
        words.quoted += sentence.quoted
        words.sentence += [number] * size
        words.paragraph += [sentence.paragraph] * size
        found += ones
    words.ruled = [_spans(words, one) for one in found]
    words.hints = painted(words.ruled, len(words.tokens))
    words.depth = [0] * len(words.tokens)
    for spans in words.ruled:
        for span in spans:
            if span.role == "content":
                for at in range(span.start, span.end):
                    words.depth[at] += 1
    return words


def _spans(words: Words, one: Said) -> list[Span]:
    source = [one.source] if one.source else []
    return [
        *words.spans("source", source),
        *words.spans("cue", [one.cue]),
        *words.spans("content", one.contents),
    ]
