"""Names taken apart: the words that count, in the order given, father, grandfather, family; and the kunya.

Articles, titles and `son of` go; one name in two words becomes one word (عبد الرحمن, صلاح الدين).
A kunya, `father of Ahmad`, in front of a name says nothing of the given name and is kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from witnessmark.weigh.linking.letters import Script, folded, script_of, skeleton
from witnessmark.weigh.linking.lexicon import lexicon, name_of

_SIGN = re.compile(r"[^\W\d_]+(?:['’ʼ`´ʻʿʾ][^\W\d_]+)*")
_MARKS = re.compile(r"['’ʼ`´ʻʿʾ]")
_ASIDE = re.compile(r"[(\[{«\"]([^)\]}»\"]*)[)\]}»\"]")
_GLUED_SERVANT = re.compile(r"abd(?:[aeou]{1,2}[lrszntd]|[aeou])?(.{3,})")
_AL = "ال"
_LONGEST = 12
"""Words of a name that are looked at: more are no name."""


@dataclass(frozen=True, slots=True)
class Word:
    """One name: as written (`form`, folded), what it is known as (`key`), and its consonants (`bones`).

    Words of one `key` are one name where `is_known`; else they only have the same consonants.
    """

    form: str
    key: str
    bones: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A name: its words in order, the kunya, and whether the first word is the given name."""

    words: tuple[Word, ...]
    kunya: Word | None = None
    has_given: bool = True

    @property
    def given(self) -> Word | None:
        """The given name, if it is told."""
        return self.words[0] if self.words and self.has_given else None

    @property
    def family(self) -> Word | None:
        """The last word, if it is not the given name."""
        return self.words[-1] if len(self.words) > self.has_given else None

    @property
    def inner(self) -> tuple[Word, ...]:
        """The words between: father, grandfather."""
        return self.words[1:-1] if self.has_given else self.words[:-1]


NOBODY = Name(())
"""The name of someone whose name is not told."""


def name_of_parts(parts: Sequence[str]) -> Name:
    """The name whose parts are told one by one, given name first."""
    first = name(parts[0]) if parts and parts[0].strip() else Name((), has_given=False)
    rest = tuple(word for part in parts[1:] for word in _words(_tokens(part), is_first=False))
    return Name((*first.words, *rest)[:_LONGEST], first.kunya, first.has_given)


@lru_cache(maxsize=1 << 14)
def name(text: str) -> Name:
    """The name in a text: `Family, Given` is turned round, brackets are looked into for a kunya."""
    asides = _ASIDE.findall(text)
    text = _ASIDE.sub(" ", text) if asides else text
    family, comma, given = text.partition(",")
    if comma and given.strip() and family.strip():
        text = f"{given} {family}"
    tokens = _without_titles(_tokens(text))
    tokens, kunya = _without_kunya(tokens)
    has_given = not (kunya and tokens)
    for aside in asides:
        kunya = kunya or _without_kunya(_tokens(aside))[1]
    if len(tokens) > 1 and tokens[0] in lexicon().child_first | lexicon().wife_first:
        tokens, has_given = tokens[1:], False
    return Name(tuple(_words(tokens, is_first=has_given))[:_LONGEST], kunya, has_given)


def _tokens(text: str) -> list[str]:
    text = text[:400]
    words = _SIGN.findall(text)
    if _MARKS.search(text):
        words = [_MARKS.sub("", word) for word in words]
    return [word for word in map(folded, words) if word]


def _without_titles(tokens: list[str]) -> list[str]:
    words = lexicon()
    while len(tokens) > 1 and tokens[0] in words.drop:
        tokens = tokens[1:]
    while len(tokens) > 2 and tokens[-1] in words.ending:
        tokens = tokens[:-1]
    return tokens


def _without_kunya(tokens: list[str]) -> tuple[list[str], Word | None]:
    """The words behind a kunya, and the name of the child in it."""
    words = lexicon()
    if len(tokens) < 2 or tokens[0] not in words.abu | words.umm:
        return tokens, None
    joined = _joined(tokens[1:])
    return tokens[1 + joined[0][1] :], word(joined[0][0])


def _words(tokens: Sequence[str], *, is_first: bool) -> list[Word]:
    return [word(form) for form, _ in _joined(tokens, is_first=is_first)]


def _joined(tokens: Sequence[str], *, is_first: bool = True) -> list[tuple[str, int]]:
    """The names that words make, each with the number of words that it took."""
    words, found, place = lexicon(), list[tuple[str, int]](), 0
    while place < len(tokens):
        token, left = tokens[place], len(tokens) - place
        starts = is_first and not found
        if left > 1 and not starts and (token in words.article or token in words.child_of):
            place += 1
        elif found and (token in words.of_faith or token in words.of_god):
            form, taken = found.pop()
            found.append((form + _tail(token), taken + 1))
            place += 1
        elif left > 1 and (token in words.servant or (not starts and token in words.abu)):
            step = 2 if tokens[place + 1] in words.article and left > 2 else 1
            head = "عبد" if token in words.servant else "ابو"
            if script_of(token) is not Script.ARABIC:
                head = "abd" if token in words.servant else "abu"
            found.append((head + _bare(tokens[place + step]), step + 1))
            place += step + 1
        else:
            if len(token) > 1 or script_of(token) is not Script.LATIN or left == len(tokens) == 1:
                found.append((token, 1))
            place += 1
    return found


def _tail(token: str) -> str:
    is_arabic = script_of(token) is Script.ARABIC
    if token in lexicon().of_god:
        return "له" if is_arabic else "la"
    return token.removeprefix(_AL) if is_arabic else "din"


@lru_cache(maxsize=1 << 17)
def word(form: str) -> Word:
    """One name from its folded spelling."""
    known = name_of(form)
    if known is not None:
        return Word(form, known, skeleton(known), is_known=True)
    form = _bare(form)
    known = name_of(form)
    if known is not None and len(form) > 3:
        return Word(form, known, skeleton(known), is_known=True)
    bones = skeleton(form)
    return Word(form, f"~{bones}", bones, is_known=False)


def _bare(form: str) -> str:
    """A name without the article that is written onto it, and a servant of God as it is always written."""
    if script_of(form) is Script.ARABIC:
        return _bare_arabic(form)
    if name_of(form) is not None:
        return form
    glued = _GLUED_SERVANT.fullmatch(form)
    if glued:
        return f"abd{glued[1]}"
    if len(form) >= 6 and form[:2] in ("al", "el"):
        return form[2:]
    return "la" if form in ("allah", "ullah") else form


def _bare_arabic(form: str) -> str:
    if form == "الله":
        return "له"
    if form.startswith("عبدال") and len(form) > 6:
        return "عبد" + ("له" if form == "عبدالله" else form[5:])
    if form.endswith("الله") and len(form) > 5:
        return form[:-4] + "له"
    return form[2:] if form.startswith(_AL) and len(form) > 4 else form
