"""What a network sees of each word: a row of small numbers, made from the word, its marks and the rules."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from witnessmark.weigh.tagging.units import Words

HASHED = 4000
"""Places for endings and beginnings of words; they are not looked up, so that unknown words have them too."""

COLUMNS = ("word", "ending", "beginning", "shape", "cue", "source", "quotation", "hint", "depth")
_QUOTATION = 9
_LIKELY = 8
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What was learned of words: their numbers; how likely each is part of a cue or a source, in sixths."""

    words: Mapping[str, int]
    shapes: Mapping[str, int]
    cues: Mapping[str, int]
    sources: Mapping[str, int]

    def sizes(self) -> tuple[int, ...]:
        """How many different numbers each column can hold."""
        sizes = (len(self.words) + 2, HASHED, HASHED, len(self.shapes) + 2)
        return (*sizes, _LIKELY, _LIKELY, _QUOTATION, 7, DEEPEST + 1)

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "words": list(self.words),
            "shapes": list(self.shapes),
            "cues": dict(self.cues),
            "sources": dict(self.sources),
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Lexicon:
        """From what JSON has."""
        numbered = [{word: at + 2 for at, word in enumerate(facts[name])} for name in ("words", "shapes")]
        return cls(numbered[0], numbered[1], facts["cues"], facts["sources"])


def columns(words: Words, unit: tuple[int, int], lexicon: Lexicon) -> list[Sequence[int]]:
    """The columns of one unit, in the order of `COLUMNS`."""
    start, end = unit
    tokens = words.tokens[start:end]
    low = [token.low for token in tokens]
    return [
        [lexicon.words.get(word, 0) or lexicon.words.get(_DIGIT.sub("0", word), 1) for word in low],
        [_hashed("s" + token.text[-3:]) for token in tokens],
        [_hashed("p" + token.text[:3]) for token in tokens],
        [lexicon.shapes.get(shape(token.text), 1) for token in tokens],
        [lexicon.cues.get(word, -1) + 2 for word in low],
        [lexicon.sources.get(word, -1) + 2 for word in low],
        _quotation(words.quoted[start:end]),
        words.hints[start:end],
        [min(DEEPEST, depth) for depth in words.depth[start:end]],
    ]


_DIGIT = re.compile(r"\d")
_CAPITAL, _SMALL, _RUN = re.compile(r"[^\W\d_a-z]"), re.compile(r"[a-z]"), re.compile(r"(.)\1{2,}")


def shape(word: str) -> str:
    """The shape of a word: its capitals, small letters and digits, with long runs cut short."""
    return _RUN.sub(r"\1\1", _DIGIT.sub("d", _SMALL.sub("x", _CAPITAL.sub("X", word[:40]))))


def _hashed(letters: str) -> int:
    return 1 + zlib.crc32(letters.encode()) % (HASHED - 1)


def _quotation(quoted: Sequence[int]) -> list[int]:
    """Whether a word stands in a quotation, and how far from where that began or ended."""
    row, since = [], 0
    for at, number in enumerate(quoted):
        since = 0 if at == 0 or bool(number) != bool(quoted[at - 1]) else since + 1
        row.append(1 + 4 * bool(number) + (0 if since == 0 else 1 if since < 4 else 2 if since < 12 else 3))
    return row
