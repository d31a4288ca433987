"""Texts that are nearly the same: one story in two papers, one post put up again with a word changed.

A text is the set of its runs of three words, folded. How much two sets share (Jaccard) is guessed from 120
smallest hashes of each (MinHash: Broder 1997); those that are equal in three that lie together (LSH) are
compared run by run, and only what was counted is told. Texts that share half of their runs are found in all
but one of two hundred cases; a passage of one in another, longer text is not looked for here.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Digest, Facts, Match
from witnessmark.model.readings import Correspondence

METHOD = "text 1"
LIMITS = (
    "The two texts share many runs of three words. Who wrote them first, and whether one copied the other or "
    "both a third, it does not say; forms, notices and legal wording are alike without being copied. Texts "
    "that were translated, retold in other words, or are a passage of a longer one are not found, nor texts "
    "of less than some fourteen words. That nothing was found says that this method did not find it."
)
RUN, LEAST_RUNS = 3, 12
ALIKE = 0.5
"""Of all runs that either text has, so many must be in both."""
_BANDS, _ROWS = 40, 3
_TOGETHER = 4096
_SHOWN, _LEAST_SHOWN = 8, 4
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts that put no spaces between words: each of their letters counts as one."""
_WITHIN = r"\u0300-\u036f\u064b-\u065f\u0670\u0640\u200b-\u200d"
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}](?:[^\W{_ALONE}]|[{_WITHIN}])*")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

Runs = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, folded, with where each stands (code points)."""

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, content: str) -> Words:
        """Without punctuation, case, and accents of Arabic script."""
        words, places = [], []
        for found in _WORD.finditer(content):
            folded = _MARKS.sub("", unicodedata.normalize("NFKC", found[0])).casefold()
            if folded:
                words.append(folded)
                places.append(found.span())
        return cls(tuple(words), tuple(places))

    def runs(self) -> Runs:
        """The different runs of three words as numbers, in order."""
        each = np.fromiter((zlib.crc32(word.encode()) for word in self.words), np.uint64, len(self.words))
        if len(each) < RUN:
            return np.zeros(0, np.uint64)
        mixed = each[: len(each) - RUN + 1].copy()
        for step in range(1, RUN):
            mixed = _mixed(mixed ^ np.roll(each, -step)[: len(mixed)] << np.uint64(7 * step))
        return np.unique(mixed)


@dataclass(slots=True)
class Texts:
    """The texts of a case. `text_of` gives the readable text of an exhibit, None if it is no longer there."""

    text_of: Callable[[Digest], str | None]
    _known: set[Digest] = field(default_factory=set)
    _bands: dict[int, list[Digest]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, digest: Digest, content: str) -> None:
        """Have a text among those that are asked; one that says too little is left out."""
        runs = Words.of(content).runs()
        if digest not in self._known and len(runs) >= LEAST_RUNS:
            self._known.add(digest)
            for band in _banded(runs):
                self._bands.setdefault(band, []).append(digest)

    def match(self, digest: Digest, content: str) -> tuple[Match, ...]:
        """The texts that are nearly the same as this one, the likest first."""
        mine = Words.of(content)
        runs = mine.runs()
        if len(runs) < LEAST_RUNS:
            return ()
        near = {one for band in _banded(runs) for one in self._bands.get(band, ()) if one != digest}
        found = []
        for candidate in near:
            theirs = self.text_of(candidate)
            if theirs is not None:
                found.append(_compared(digest, candidate, mine, runs, Words.of(theirs)))
        return tuple(sorted(filter(None, found), key=lambda one: (one.distance, one.candidate.hex)))


def says_enough(content: str) -> bool:
    """Whether a text has words enough to be compared."""
    return len(Words.of(content).runs()) >= LEAST_RUNS


def _compared(query: Digest, candidate: Digest, mine: Words, runs: Runs, theirs: Words) -> Match | None:
    """The match of two texts, if they share enough."""
    others = theirs.runs()
    shared = len(np.intersect1d(runs, others, assume_unique=True))
    every = len(runs) + len(others) - shared
    if shared < ALIKE * every:
        return None
    is_same = mine.words == theirs.words
    of_both = f"{shared} of the {every} runs of three words that either has are in both"
    return Match(
        query=query,
        candidate=candidate,
        method=METHOD,
        distance=round(100 * (1 - shared / every)),
        transform="identity" if is_same else "edited",
        reason=f"the same words from beginning to end; {of_both}" if is_same else of_both,
        limits=LIMITS,
        correspondences=_passages(mine, theirs),
        measured=Facts(
            jaccard=round(shared / every, 4),
            of_query=round(shared / len(runs), 4),
            overlap=round(shared / len(others), 4),
            unit="hundredths of the runs of three words that only one of the two has",
        ),
    )


def _passages(mine: Words, theirs: Words) -> tuple[Correspondence, ...]:
    """The longest passages that both have word by word, in the order of the first: from where to where."""
    places: dict[tuple[str, ...], int] = {}
    for start in range(len(theirs.words) - RUN + 1):
        places.setdefault(theirs.words[start : start + RUN], start)
    found: list[tuple[int, int, int]] = []
    start = 0
    while start <= len(mine.words) - RUN:
        there = places.get(mine.words[start : start + RUN])
        length = 0 if there is None else _grown(mine.words[start:], theirs.words[there:])
        if there is not None and length >= _LEAST_SHOWN:
            found.append((length, start, there))
        start += max(1, length)
    longest = sorted(sorted(found, reverse=True)[:_SHOWN], key=lambda one: one[1])
    return tuple(
        Correspondence(_span(mine, start, length), _span(theirs, there, length))
        for length, start, there in longest
    )


def _grown(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _span(text: Words, start: int, length: int) -> tuple[float, float]:
    return text.places[start][0], text.places[start + length - 1][1]


def _banded(runs: Runs) -> list[int]:
    """For each band its three smallest hashes as one number; equal ones are of texts that share much."""
    factors, shifts = _functions()
    least = np.full(len(factors), np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(runs), _TOGETHER):
        hashed = _mixed(runs[start : start + _TOGETHER] ^ shifts[:, None]) * factors[:, None]
        least = np.minimum(least, hashed.min(axis=1))
    bands = least.reshape(_BANDS, _ROWS)
    key = np.arange(_BANDS, dtype=np.uint64)
    for row in range(_ROWS):
        key = _mixed(key ^ bands[:, row])
    return [int(one) for one in key]


@cache
def _functions() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """What makes 120 hash functions of one: odd factors, and what is mixed in."""
    numbers = _mixed(np.arange(1, 2 * _BANDS * _ROWS + 1, dtype=np.uint64))
    return numbers[::2] | np.uint64(1), numbers[1::2]


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number with its bits spread over all 64 (SplitMix64's last step: Steele, Lea and Flood 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


__all__ = ["ALIKE", "LIMITS", "METHOD", "Texts", "Words", "says_enough"]
