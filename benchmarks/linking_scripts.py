"""Names across scripts: Latin against Arabic letters; PyICU and anyascii beside our keys and consonants.

Invented names, written in Latin letters by ear (an own noise model: other vowels, lost digraphs, doubled
letters) and cut to two to four words, against the full names in Arabic letters. For each method: the share of
true pairs found when one random pair in a thousand is (recall at 0.1 % false positives), the area under the
curve, and the time for a name. The peers romanise the Arabic name; both sides are then compared by the
token_set_ratio of rapidfuzz.

    pip install rapidfuzz anyascii PyICU      # the peers; PyICU needs libicu-dev and a compiler
    python benchmarks/linking_scripts.py
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import log2

import numpy as np
from linking_people import World, romanised, world

from witnessmark.weigh.linking.naming import Name, Word, name

PAIRS, RANDOM = 3000, 60_000


def spoken(made: World, chance: random.Random) -> list[tuple[str, str]]:
    """Names in Latin letters and in Arabic ones, of the same person."""
    found = []
    for person in chance.sample(made.people, PAIRS):
        given, father, grandfather, family = person.words
        length = chance.choices((2, 3, 4), (0.3, 0.4, 0.3))[0]
        words = [*(given, father, grandfather)[: length - 1], family]
        found.append((romanised(words, made, chance), " ".join(person.words)))
    return found


@dataclass(frozen=True, slots=True)
class Own:
    """How much two names share, by what each word is worth: rare ones more, known names more than bones."""

    names: int
    count: Counter[str]

    def score(self, one: Name, other: Name) -> float:
        """The larger the likelier that they are one name; less than 0 if the first words differ."""
        short, long = sorted((one.words, other.words), key=len)
        left, total = list(long), 0.0
        for place, word in enumerate(short):
            best = max(left, key=lambda each: likeness(word, each), default=None)
            if best is not None and likeness(word, best) > 0:
                total += likeness(word, best) * self._worth(word)
                left.remove(best)
            elif place == 0:
                total -= 4.0
        whole = sum(map(self._worth, short))
        return total / max(whole, 1e-9) * min(1.0, total / 20) if total > 0 else total

    def _worth(self, word: Word) -> float:
        return log2(self.names / self.count[word.bones])


def likeness(one: Word, other: Word) -> float:
    """How alike two words are, from 0 to 1."""
    if one.key == other.key:
        return 1.0
    if one.is_known and other.is_known:
        return 0.0
    if one.bones == other.bones:
        return 0.9
    near = _apart(one.bones, other.bones)
    return 0.6 if near == 1 and min(len(one.bones), len(other.bones)) >= 3 else 0.0


def _apart(one: str, other: str) -> int:
    """How many letters two words differ in; 2 stands for more than one."""
    if abs(len(one) - len(other)) > 1:
        return 2
    steps = enumerate(zip(one, other, strict=False))
    before = next((n for n, (a, b) in steps if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        return int(before < len(one)) + int(one[before + 1 :] != other[before + 1 :])
    long, short = (one, other) if len(one) > len(other) else (other, one)
    return 1 if long[before + 1 :] == short[before:] else 2


def report(what: str, true: list[float], false: list[float], microseconds: float) -> None:
    """One line of the table."""
    threshold = float(np.quantile(false, 0.999))
    recall = float(np.mean(np.array(true) > threshold))
    both = np.argsort(np.argsort(np.concatenate([false, true]), kind="stable"), kind="stable") + 1
    ranks = both[len(false) :].sum() - len(true) * (len(true) + 1) / 2
    area = f"AUC {ranks / len(true) / len(false):.4f}"
    print(f"{what:24} recall {recall:.3f} at 0.1 %   {area}   {microseconds:.0f} us a name")


def main() -> None:
    """Compare true and random pairs by each method."""
    chance = random.Random(77)  # noqa: S311 - reproducible fiction
    pairs = spoken(world(40_000, 77), chance)
    strangers = [(chance.randrange(PAIRS), chance.randrange(PAIRS)) for _ in range(RANDOM)]
    strangers = [(one, other) for one, other in strangers if one != other]
    start = time.perf_counter()
    names = [(name(latin), name(arabic)) for latin, arabic in pairs]
    each = (time.perf_counter() - start) / (2 * PAIRS) * 1e6
    counted = Counter(bones for pair in names for one in pair for bones in {word.bones for word in one.words})
    score = Own(2 * len(names), counted).score
    true = [score(*pair) for pair in names]
    report("witnessmark", true, [score(names[one][0], names[other][1]) for one, other in strangers], each)
    for what, romanise in peers():
        _beside(what, romanise, pairs, strangers)


def peers() -> list[tuple[str, Callable[[str], str]]]:
    """What else turns Arabic letters into Latin ones, as far as it is installed."""
    found: list[tuple[str, Callable[[str], str]]] = []
    try:
        from anyascii import anyascii  # noqa: PLC0415

        found.append(("anyascii", anyascii))
    except ImportError:
        print("anyascii is not installed")
    try:
        from icu import Transliterator  # noqa: PLC0415

        latin = Transliterator.createInstance("Any-Latin; NFD; [:Nonspacing Mark:] Remove; NFC")
        found.append(("PyICU Any-Latin", latin.transliterate))
    except ImportError:
        print("PyICU is not installed")
    return found


def _beside(
    what: str, romanise: Callable[[str], str], pairs: list[tuple[str, str]], strangers: list[tuple[int, int]]
) -> None:
    from rapidfuzz.fuzz import token_set_ratio  # noqa: PLC0415

    start = time.perf_counter()
    told = [(latin.lower(), romanise(arabic).lower()) for latin, arabic in pairs]
    each = (time.perf_counter() - start) / PAIRS * 1e6
    true = [token_set_ratio(*pair) for pair in told]
    report(what, true, [token_set_ratio(told[one][0], told[other][1]) for one, other in strangers], each)


if __name__ == "__main__":
    main()
