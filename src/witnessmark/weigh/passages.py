"""Passages that stand in two texts: who copies whom, shown word by word.

Words are compared folded, without punctuation and accents of Arabic script. Every run of eight words of a
later text is looked for among those of the earlier ones; what agrees is grown to its full length, and runs
that lie close together in both texts are one passage, so that a changed word or name hides nothing. Each
run is followed to the earliest text that has it: forty papers with one wire story give thirty-nine passages
and not eight hundred. The index is a table of runs, so that the time grows with the texts and not with
their pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from witnessmark.model import Digest, TextSpan
from witnessmark.model.weighing import Copied

RUN = 8
"""How many words must agree in a row before anything is looked at."""
FEWEST = 12
"""How many words a passage must have in common; less is a turn of phrase."""
GAP = 6
"""How many words may differ between two runs of one passage, in either text."""

_WORD = re.compile(r"\w[\w\u0300-\u036f\u064b-\u065f\u0670\u0640\u200b-\u200d]*")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

_BITS = 32
"""Where a run was first seen is one number: that of the text, and behind it that of the word."""

Pair = tuple[int, int, int]
"""A run of words: where it begins in the earlier text and in the later one, and how many words it has."""


@dataclass(frozen=True, slots=True)
class _Text:
    digest: Digest
    words: Sequence[str]
    places: Sequence[tuple[int, int]]


def passages(texts: Mapping[Digest, str]) -> tuple[Copied, ...]:
    """The passages that later texts share with earlier ones; `texts` stand in their order of time."""
    known: dict[int, int] = {}
    read: list[_Text] = []
    found: list[Copied] = []
    for digest, content in texts.items():
        text = _words(digest, content)
        pairs = sorted(_runs(text, known, read))
        for number, several in groupby(pairs, key=lambda pair: pair[0]):
            found += _joined(read[number], text, [pair for _, pair in several])
        for start in range(len(text.words) - RUN + 1):
            known.setdefault(hash(tuple(text.words[start : start + RUN])), len(read) << _BITS | start)
        read.append(text)
    return tuple(found)


def _words(digest: Digest, content: str) -> _Text:
    words, places = [], []
    for found in _WORD.finditer(content):
        folded = _MARKS.sub("", unicodedata.normalize("NFKC", found[0])).casefold()
        if folded:
            words.append(folded)
            places.append(found.span())
    return _Text(digest, words, places)


def _runs(text: _Text, known: Mapping[int, int], read: Sequence[_Text]) -> Iterator[tuple[int, Pair]]:
    """The longest runs of `text` that stand in an earlier text, with the number of that text."""
    start = 0
    while start <= len(text.words) - RUN:
        run = tuple(text.words[start : start + RUN])
        number, before = divmod(known.get(hash(run), -1), 1 << _BITS)
        if number < 0 or tuple(read[number].words[before : before + RUN]) != run:  # hashes can be alike
            start += 1
            continue
        length, earlier = RUN, read[number].words
        while (
            start + length < len(text.words)
            and before + length < len(earlier)
            and text.words[start + length] == earlier[before + length]
        ):
            length += 1
        yield number, (before, start, length)
        start += length


def _joined(one: _Text, other: _Text, pairs: Sequence[Pair]) -> Iterator[Copied]:
    """The passages that runs make together: runs in the same order, close to each other in both texts."""
    group: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: pair[1]):
        if group and not _continues(group[-1], pair):
            yield from _passage(one, other, group)
            group = []
        group.append(pair)
    yield from _passage(one, other, group)


def _continues(last: Pair, pair: Pair) -> bool:
    in_one, in_other = pair[0] - last[0] - last[2], pair[1] - last[1] - last[2]
    return 0 <= in_one <= GAP and 0 <= in_other <= GAP


def _passage(one: _Text, other: _Text, group: Sequence[Pair]) -> Iterator[Copied]:
    words = sum(length for _, _, length in group)
    if words >= FEWEST:
        runs = tuple(
            (_span(one, before, length), _span(other, start, length)) for before, start, length in group
        )
        yield Copied(one.digest, other.digest, runs, words)


def _span(text: _Text, start: int, length: int) -> TextSpan:
    return TextSpan(text.places[start][0], text.places[start + length - 1][1])
