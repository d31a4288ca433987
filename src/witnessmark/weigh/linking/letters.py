"""Letters: what a word of a name is once spelling habits are taken away, and its consonants in any script.

Arabic is written without short vowels, and in Latin or Cyrillic letters everyone writes them in their own
way. What stays the same are the consonants, in classes that no usual spelling keeps apart (ت and ط, ق and ك,
ذ and د; `g` for ج and غ). Long vowels are left out too, since و and ي are as often consonants.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from unicodedata import category, normalize


class Script(StrEnum):
    """The scripts whose letters are known; any other is compared by its letters as they are."""

    ARABIC = "arabic"
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    OTHER = "other"


_ARABIC_SAME = str.maketrans(
    {
        **dict.fromkeys("أإآٱٲٳ", "ا"),
        **dict.fromkeys("ىئیېے", "ي"),
        **dict.fromkeys("ؤۆۇ", "و"),
        **dict.fromkeys("ةۀہھەه", "ه"),
        "ک": "ك",
        "گ": "ك",
        "پ": "ب",
        "چ": "ج",
        "ڤ": "ف",
        "ژ": "ز",
        "ء": None,
        "\u0640": None,
    }
)
_ARABIC_SOUNDS = {
    **dict.fromkeys("ب", "b"),
    **dict.fromkeys("تطث", "t"),
    **dict.fromkeys("جغ", "g"),
    **dict.fromkeys("حه", "h"),
    "خ": "x",
    **dict.fromkeys("دذض", "d"),
    "ر": "r",
    **dict.fromkeys("زظ", "z"),
    **dict.fromkeys("سص", "s"),
    "ش": "S",
    "ف": "f",
    **dict.fromkeys("قك", "k"),
    "ل": "l",
    "م": "m",
    "ن": "n",
    "و": "w",
    "ي": "y",
}
_DIGRAPHS = (
    ("tch", "S"),
    ("sch", "S"),
    ("kh", "x"),
    ("sh", "S"),
    ("ch", "S"),
    ("gh", "g"),
    ("dj", "g"),
    ("th", "t"),
    ("dh", "d"),
    ("ph", "f"),
    ("ck", "k"),
    ("zh", "g"),
)
_LATIN_SOUNDS = {
    **{letter: letter for letter in "bdfghklmnrstwxyzS"},
    "p": "b",
    "v": "f",
    "q": "k",
    "c": "k",
    "j": "g",
}
_SPECIAL_LATIN = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
)
_CYRILLIC_LETTERS = "абвгґдеёжзиійклмнопрстуфхцчшщъыьэюяєїқғҳӯӣҷңәөүұһ"
_IN_LATIN = """a b v g g d e yo j z i i y k l m n o p r s t u f h ts ch sh sh - y - e yu ya ye yi
k g h u i j n a o u u h""".replace("-", "\0")
_CYRILLIC = str.maketrans(
    {one: sound.strip("\0") for one, sound in zip(_CYRILLIC_LETTERS, _IN_LATIN.split(), strict=True)}
)
_DOUBLED = re.compile(r"(.)\1+")
_WEAK_INSIDE = re.compile(r"(?<=.)[wy]")
_ARABIC_BLOCKS = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]")
_CYRILLIC_BLOCK = re.compile("[\u0400-\u052f]")
_TURNED_GOD, _TURNED_START = re.compile("(?:هللا|اهلل)$"), re.compile("^اال")
_LATIN_LETTER = re.compile("[a-z]")
_DIGITS = {ord(letter): str(place % 10) for place, letter in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}


def plain_digits(text: str) -> str:
    """The text with Arabic and Persian digits as 0 to 9."""
    return text.translate(_DIGITS)


@lru_cache(maxsize=1 << 17)
def folded(word: str) -> str:
    """A word without case, vowel signs, accents and the choices that Arabic keyboards leave open.

    Texts taken out of PDFs often have the two letters of the sign for lam and alef the wrong way round (هللا
    and اهلل for الله, االشقر for الاشقر): where no word is written so, they are put right. Folding a folded
    word changes nothing.
    """
    word = word.casefold().translate(_SPECIAL_LATIN)
    bare = "".join(sign for sign in normalize("NFKD", word) if category(sign) not in ("Mn", "Cf"))
    word = normalize("NFC", bare.casefold()).translate(_ARABIC_SAME)
    return _TURNED_START.sub("الا", _TURNED_GOD.sub("الله", word))


@lru_cache(maxsize=1 << 17)
def script_of(word: str) -> Script:
    """The script that a folded word is written in."""
    if _ARABIC_BLOCKS.search(word):
        return Script.ARABIC
    if _CYRILLIC_BLOCK.search(word):
        return Script.CYRILLIC
    return Script.LATIN if _LATIN_LETTER.search(word) else Script.OTHER


@lru_cache(maxsize=1 << 17)
def in_latin(word: str) -> str:
    """A folded Cyrillic word in Latin letters; other words as they are."""
    return word.translate(_CYRILLIC) if script_of(word) is Script.CYRILLIC else word


@lru_cache(maxsize=1 << 17)
def skeleton(word: str) -> str:
    """The consonants of a folded word, the same for the usual spellings of a name in three scripts.

    Words of other scripts are their own skeleton; a word of vowels alone gives its first letter.
    """
    script = script_of(word)
    if script is Script.OTHER:
        return word
    sounds = _arabic_sounds(word) if script is Script.ARABIC else _latin_sounds(in_latin(word))
    bare = _WEAK_INSIDE.sub("", sounds).replace("x", "h")
    return bare or ("a" if script is Script.ARABIC else in_latin(word)[:1] and "a")


def _arabic_sounds(word: str) -> str:
    sounds = "".join(_ARABIC_SOUNDS.get(letter, "") for letter in word)
    return sounds[:-1] if len(sounds) > 1 and word[-1] in "هح" else sounds


def _latin_sounds(word: str) -> str:
    word = _DOUBLED.sub(r"\1", word)
    if word[:2] == "ou" and word[2:3] in tuple("aei"):
        word = "w" + word[2:]
    for written, sound in _DIGRAPHS:
        word = word.replace(written, sound)
    word = _DOUBLED.sub(r"\1", word)
    sounds = "".join(_LATIN_SOUNDS.get(letter, "") for letter in word)
    return sounds[:-1] if len(sounds) > 1 and word[-1] == "h" else sounds
