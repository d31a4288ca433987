"""Which source and which contents belong to which cue, once the words are labelled.

A source may serve several cues; a content has one. Each pair that stands near enough is judged by itself,
by a logistic regression over what lies between the two and what the rules say of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from witnessmark.weigh.tagging.labels import Span
from witnessmark.weigh.tagging.units import Words

_NEAREST = 8
_SENTENCES = 3
_LIKELY = {"source": 0.35, "content": 0.3}
_MARKS = frozenset({",", ";", ":", "—", "–", "--", "and", "but", "that", "“", "”", '"', ".", "who", "while"})

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cue with its source and its contents, in spans of words."""

    cue: Span
    source: tuple[Span, ...]
    content: tuple[Span, ...]


def linked(words: Words, spans: Sequence[Span], weights: Mapping[str, Weights]) -> Iterator[Attribution]:
    """The attributions that labelled spans make."""
    cues = [span for span in spans if span.role == "cue"]
    around = Around(words, spans)
    sources: dict[Span, Span] = {}
    holders: dict[Span, list[tuple[float, Span]]] = defaultdict(list)
    for cue in cues:
        judged = [(_likely(around, cue, one, weights["source"]), one) for one in around.near(cue, "source")]
        if judged and max(judged)[0] > _LIKELY["source"]:
            sources[cue] = max(judged)[1]
        for one in around.near(cue, "content"):
            holders[one].append((_likely(around, cue, one, weights["content"]), cue))
    contents: dict[Span, list[Span]] = defaultdict(list)
    for one, judges in holders.items():
        if max(judges)[0] > _LIKELY["content"]:
            contents[max(judges)[1]].append(one)
    for cue in cues:
        source = (sources[cue],) if cue in sources else ()
        yield Attribution(cue, source, tuple(sorted(contents[cue])))


def _likely(around: Around, cue: Span, other: Span, weights: Weights) -> float:
    total = sum(weights.get(sign, 0.0) for sign in around.signs(cue, other))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


class Around:
    """The spans of a text by their places, and what can be said of two of them."""

    def __init__(self, words: Words, spans: Iterable[Span]) -> None:
        self._words = words
        self._by_sentence: dict[int, list[Span]] = defaultdict(list)
        for span in spans:
            self._by_sentence[words.sentence[span.start]].append(span)
        self._ruled: dict[int, list[Span]] = {}
        for attribution in words.ruled:
            for span in attribution:
                if span.role == "cue":
                    self._ruled |= dict.fromkeys(range(span.start, span.end), attribution)

    def near(self, cue: Span, role: str) -> list[Span]:
        """The spans of a role that may belong to a cue, the nearest first."""
        here = self._words.sentence[cue.start]
        paragraph = self._words.paragraph[cue.start]
        reach = 0 if role == "source" else 1
        found = [
            span
            for sentence in range(here - _SENTENCES, here + _SENTENCES + 1)
            for span in self._by_sentence.get(sentence, ())
            if span.role == role and abs(self._words.paragraph[span.start] - paragraph) <= reach
        ]
        return sorted(found, key=lambda span: _gap(cue, span))[:_NEAREST]

    def signs(self, cue: Span, other: Span) -> list[str]:
        """What speaks for and against that `other` belongs to `cue`."""
        words = self._words
        tokens = words.tokens
        is_before = other.end <= cue.start
        way = "<" if is_before else ">"
        first, last = (other.end, cue.start) if is_before else (cue.end, other.start)
        between = [
            span
            for sentence in range(
                words.sentence[min(first, last)], words.sentence[max(first - 1, last - 1, 0)] + 1
            )
            for span in self._by_sentence.get(sentence, ())
            if span.start >= first and span.end <= last
        ]
        counts = {
            role: sum(1 for span in between if span.role == role) for role in ("source", "cue", "content")
        }
        apart = words.sentence[other.start] - words.sentence[cue.start]
        head, behind = tokens[cue.end - 1].low, tokens[cue.end].low if cue.end < len(tokens) else ""
        gap = [tokens[at].low for at in range(first, min(last, first + 30))]
        quoted = f"{bool(words.quoted[cue.start])}{bool(words.quoted[other.start])}"
        is_same_quotation = words.quoted[cue.start] == words.quoted[other.start]
        ruled = self._rule_says(cue, other)
        nearest = f"{way}{counts[other.role]}"
        return [
            "",
            way,
            f"{way}gap{_bucket(_gap(cue, other))}",
            f"{way}apart{max(-3, min(3, apart))}",
            f"{way}same paragraph{words.paragraph[other.start] == words.paragraph[cue.start]}",
            f"{way}cues{min(3, counts['cue'])}",
            f"{way}sources{min(2, counts['source'])}",
            f"{way}contents{min(2, counts['content'])}",
            f"{nearest}cues{min(2, counts['cue'])}apart{min(1, abs(apart))}",
            f"{way}quoted{quoted}{is_same_quotation}",
            f"{way}head {head}",
            f"{way}behind {behind}",
            f"{way}first {tokens[other.start].low}",
            f"{way}gap {' '.join(gap) if len(gap) < 3 else 'long'}",
            *(f"{way}has {word}" for word in _MARKS.intersection(gap)),
            f"rules {ruled}",
            f"rules {ruled}{nearest}",
            f"{way}length{_bucket(other.end - other.start)}",
        ]

    def _rule_says(self, cue: Span, other: Span) -> str:
        """Whether the rules tie the two: "yes", "other", "none" (no such part), "unknown" (no such cue)."""
        ruled = next((self._ruled[at] for at in range(cue.start, cue.end) if at in self._ruled), None)
        if ruled is None:
            return "unknown"
        parts = [span for span in ruled if span.role == other.role]
        if any(span.start < other.end and other.start < span.end for span in parts):
            return "yes"
        return "other" if parts else "none"


def _gap(cue: Span, other: Span) -> int:
    return cue.start - other.end if other.end <= cue.start else other.start - cue.end


def _bucket(size: int) -> int:
    return size if size < 5 else 5 + min(5, size // 8)
