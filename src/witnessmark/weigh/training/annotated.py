"""An annotated text: who says what, by places; and the same in words, labels and pairs to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from witnessmark.weigh.reading.heard import Place
from witnessmark.weigh.tagging.columns import Lexicon, shape
from witnessmark.weigh.tagging.labels import ROLES, Span, painted
from witnessmark.weigh.tagging.units import Words, words_of

_SHAPES = 120
_LEAST_WORD, _LEAST_CUE, _LEAST_SOURCE = 2, 3, 5
_RARELY_CUE, _RARELY_SOURCE = 0.03, 0.08


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with its attributions: of each the places of its source, its cue and its content."""

    text: str
    attributions: Sequence[tuple[Sequence[Place], Sequence[Place], Sequence[Place]]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """An annotated text as it is learned from."""

    words: Words
    attributions: Sequence[Sequence[Span]]
    labels: Sequence[int]


def lesson(annotated: Annotated) -> Lesson:
    """The words of an annotated text with their labels."""
    words = words_of(annotated.text)
    attributions = [
        [span for role, places in zip(ROLES, one, strict=True) for span in words.spans(role, places)]
        for one in annotated.attributions
    ]
    return Lesson(words, attributions, painted(attributions, len(words.tokens)))


def lexicon(lessons: Sequence[Lesson]) -> Lexicon:
    """What the lessons teach of words."""
    all_words, shapes = Counter[str](), Counter[str]()
    parts: dict[str, Counter[str]] = {role: Counter() for role in ROLES}
    for one in lessons:
        for token, label in zip(one.words.tokens, one.labels, strict=True):
            all_words[token.low] += 1
            shapes[shape(token.text)] += 1
            if label:
                parts[ROLES[(label - 1) // 2]][token.low] += 1
    known = [word for word, count in all_words.most_common() if count >= _LEAST_WORD]

    def sixths(role: str, least: int, rarely: float) -> dict[str, int]:
        return {
            word: min(5, 6 * count // all_words[word])
            for word, count in parts[role].items()
            if count >= least and count / all_words[word] > rarely
        }

    return Lexicon(
        {word: at + 2 for at, word in enumerate(known)},
        {written: at + 2 for at, (written, _) in enumerate(shapes.most_common(_SHAPES))},
        sixths("cue", _LEAST_CUE, _RARELY_CUE),
        sixths("source", _LEAST_SOURCE, _RARELY_SOURCE),
    )
