"""The lexicon of names: which spellings are one name, and the small words that stand around names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from witnessmark.weigh.linking.letters import Script, folded, in_latin, script_of

_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = str.maketrans({"e": "i", "o": "u", "y": "i"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Known names and small words, all folded.

    `names` leads from each spelling to the name in Arabic letters. A spelling marked doubtful in the list
    leads there only if no other name is spelled so.
    """

    names: Mapping[str, str]
    drop: frozenset[str]
    child_of: frozenset[str]
    child_first: frozenset[str]
    wife_first: frozenset[str]
    article: frozenset[str]
    abu: frozenset[str]
    umm: frozenset[str]
    servant: frozenset[str]
    of_faith: frozenset[str]
    of_god: frozenset[str]
    ending: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon that comes with Witnessmark."""
    told = tomllib.loads(files("witnessmark.weigh.linking").joinpath("names.toml").read_text("utf-8"))
    words = {
        name: frozenset(folded(word) for word in text.split())
        for name, text in told.items()
        if name != "names"
    }
    return Lexicon(_names(told["names"]), **words)


def _names(text: str) -> Mapping[str, str]:
    sure: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for line in text.split("\n"):
        for word in (spellings := line.split()):
            name = folded(spellings[0])
            (doubtful if word.endswith("?") else sure).setdefault(folded(word.rstrip("?")), name)
    return doubtful | sure


@lru_cache(maxsize=1 << 17)
def name_of(word: str) -> str | None:
    """The known name that a folded word spells, also with vowels written in another way; None if none."""
    known = lexicon().names.get(word)
    if known is not None or script_of(word) in (Script.ARABIC, Script.OTHER):
        return known
    return _by_sound().get(_sound(in_latin(word)))


@cache
def _by_sound() -> Mapping[str, str]:
    """The names by how they sound, where only one sounds so."""
    found: dict[str, set[str]] = {}
    for spelling, name in lexicon().names.items():
        if script_of(spelling) is Script.LATIN:
            found.setdefault(_sound(spelling), set()).add(name)
    return {sound: min(names) for sound, names in found.items() if len(names) == 1}


def _sound(word: str) -> str:
    """A word in Latin letters with its vowels in three classes and its consonants in those of skeletons."""
    for written, vowel in (("ee", "i"), ("oo", "u"), ("ou", "u"), ("aa", "a")):
        word = word.replace(written, vowel)
    word = _DOUBLED.sub(r"\1", word).translate(_VOWELS).replace("kh", "x").removesuffix("h")
    return word.replace("q", "k").replace("x", "kh")
