"""Which statements are about one claim? A proposal, by topic, number and words, for a person to decide.

Words count by how rare they are among all that is compared: that a name occurs in every statement of a
case says nothing. Two statements on one question may give numbers that exclude each other, so that numbers
which differ speak against nothing; equal ones speak for it, also where the languages differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from witnessmark.model import Digest, Range, Topic
from witnessmark.weigh.ranges import bounds

ENOUGH = 0.34
"""From this likeness on, a statement is proposed for a claim that exists rather than for a new one."""

_WORD = re.compile(r"\w[\w\u064b-\u065f\u0670\u0640]{2,}")
_ENDINGS = re.compile(r"(?:ings?|ed|es|s|ly|'s)$")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_OF_WORDS, _OF_TOPIC, _OF_NUMBER = 0.6, 0.2, 0.2


@dataclass(frozen=True, slots=True)
class Gist:
    """What a statement or a claim is about: its topic, the numbers in it, and its words."""

    topic: Topic
    numbers: tuple[Range, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that a statement may be about, and how alike they are, from 0 to 1."""

    claim: Digest
    likeness: float


def gist(topic: Topic, text: str, numbers: Iterable[Range] = ()) -> Gist:
    """The gist of a text."""
    return Gist(topic, tuple(numbers), frozenset(map(_stem, _WORD.findall(text))))


def candidates(
    wanted: Gist, claims: Mapping[Digest, Sequence[Gist]], fewest: float = 0.0
) -> tuple[Candidate, ...]:
    """The claims that `wanted` may be about, the likeliest first; a claim has the gist of all said on it."""
    rarity = _rarity([wanted, *(one for several in claims.values() for one in several)])
    found = (
        Candidate(claim, max((_likeness(wanted, one, rarity) for one in several), default=0.0))
        for claim, several in claims.items()
    )
    likely = (one for one in found if one.likeness >= fewest)
    return tuple(sorted(likely, key=lambda one: (-one.likeness, one.claim)))


def groups(gists: Sequence[Gist], fewest: float = ENOUGH) -> tuple[tuple[int, ...], ...]:
    """Statements that belong to no claim yet, put together by likeness: their places, in groups."""
    rarity = _rarity(gists)
    found: list[list[int]] = []
    for place, one in enumerate(gists):
        best = max(
            found,
            key=lambda group: max(_likeness(one, gists[other], rarity) for other in group),
            default=None,
        )
        if best is not None and any(_likeness(one, gists[other], rarity) >= fewest for other in best):
            best.append(place)
        else:
            found.append([place])
    return tuple(map(tuple, found))


def alike(claims: Mapping[Digest, Gist], fewest: float = 0.5) -> tuple[tuple[Digest, Digest, float], ...]:
    """Pairs of claims that may be one, the likeliest first."""
    rarity = _rarity(claims.values())
    names = sorted(claims)
    pairs = (
        (one, other, _likeness(claims[one], claims[other], rarity))
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    )
    return tuple(sorted((pair for pair in pairs if pair[2] >= fewest), key=lambda pair: -pair[2]))


def _likeness(one: Gist, other: Gist, rarity: Mapping[str, float]) -> float:
    common = sum(rarity[word] ** 2 for word in one.words & other.words)
    size = sqrt(sum(rarity[word] ** 2 for word in one.words) * sum(rarity[word] ** 2 for word in other.words))
    words = common / size if size else 0.0
    topic = 1.0 if one.topic is other.topic else 0.0
    return _OF_WORDS * words + _OF_TOPIC * topic + _OF_NUMBER * _numbers(one, other)


def _numbers(one: Gist, other: Gist) -> float:
    mine, theirs = ({bounds(number) for number in gist.numbers} - {None} for gist in (one, other))
    return 1.0 if mine & theirs else 0.0


def _rarity(gists: Iterable[Gist]) -> Mapping[str, float]:
    gists = tuple(gists)
    times = Counter(word for one in gists for word in one.words)
    return {word: log(1 + len(gists) / count) for word, count in times.items()}


def _stem(word: str) -> str:
    folded = _MARKS.sub("", unicodedata.normalize("NFKC", word)).casefold().removeprefix("ال")
    stem = _ENDINGS.sub("", folded)
    return stem if len(stem) >= 3 else folded
