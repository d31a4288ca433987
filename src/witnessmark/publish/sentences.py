"""Sentences of fact, each with the references that it rests on; without one it cannot be made.

Numbers, names, quotes and times are marked parts of a sentence, never loose digits in prose. So a page
that was made from sentences can be re-read and checked: which words are whose, and whose number it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Range, Region, Stance, TextSpan


@dataclass(frozen=True, slots=True)
class Words:
    """Exact words in an exhibit: where they stand in its readable text and, if known, in its bytes.

    `pages` are the numbers of the pages of a document on which they stand.
    """

    exhibit: str
    digest: Digest
    quote: str
    text: Digest
    span: TextSpan
    statement: Digest
    source_span: TextSpan | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """An exhibit as a whole."""

    exhibit: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Area:
    """A region of a picture, and the record of the person who marked it."""

    exhibit: str
    digest: Digest
    region: Region
    record: Digest


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the case (an assessment, a finding, a match ...), named by its own digest."""

    kind: str
    digest: Digest
    exhibits: tuple[str, ...] = ()


Reference = Words | Whole | Area | Record


class Mark(StrEnum):
    """What a marked part of a sentence is."""

    NAME = "name"
    TIME = "time"
    COUNT = "count"
    VALUE = "value"
    WORDS = "words"
    TOOL = "tool"
    EXHIBIT = "exhibit"
    STANCE = "stance"
    STATUS = "status"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Term:
    """A marked part: a name, a time, the desk's count, a file's value, a person's or a tool's own words."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Exact words of a source, in its language."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as a range, with the voices who give it."""

    amount: Range
    owners: tuple[str, ...]
    unit: str | None = None

    def __post_init__(self) -> None:
        if not self.owners:
            raise MalformedError(f"the number {self.amount} has no owner")


Part = str | Term | Quoted | Amount


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of fact. `stance` is set where it tells what a voice does with a claim.

    It begins with a capital where it begins with an article; a name or pseudonym stays as it is.
    """

    parts: tuple[Part, ...]
    references: tuple[Reference, ...]
    stance: Stance | None = None

    def __post_init__(self) -> None:
        if not self.references:
            raise MalformedError(f"a sentence of fact without a reference: {plain(self.parts)[:90]!r}")
        loose = next((part for part in self.parts if isinstance(part, str) and re.search(r"\d", part)), None)
        if loose is not None:
            raise MalformedError(f"a sentence of fact with a number that is nobody's: {loose!r}")
        match self.parts:
            case (Term(Mark.NAME, text), *rest) if text.startswith(("the ", "a ", "an ")):
                first = Term(Mark.NAME, text[:1].upper() + text[1:])
                object.__setattr__(self, "parts", (first, *rest))


@dataclass(frozen=True, slots=True)
class Own:
    """A sentence in the own words of a person of the desk: whose they are, since when, and on what they rest.

    `place` is where it stands in the edition: section, paragraph and sentence, from 0. `is_signed` where
    name and time are printed behind it: behind the last of several in a row by one person at one time.
    """

    text: str
    references: tuple[Reference, ...]
    author: str
    written: str
    place: str
    is_signed: bool = True

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its words, those in quotation marks as exact words."""
        found = _QUOTATION.split(self.text)
        return tuple(Quoted(piece) if place % 4 == 2 else piece for place, piece in enumerate(found) if piece)


_QUOTATION = re.compile(r"([“«\"])([^“”«»\"]+)([”»\"])")


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about how the desk works or what a method cannot tell; it states no fact of the case."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """Words that name something: a row, a column, a value in a list."""

    parts: tuple[Part, ...]


Line = Sentence | Own | Note | Label


def note(text: str) -> Note:
    """A note of plain words."""
    return Note((text,))


def label(text: str, mark: Mark | None = None) -> Label:
    """A label of plain words, or of one marked part."""
    return Label((text if mark is None else Term(mark, text),))


def name(text: str) -> Term:
    """A name as a marked part."""
    return Term(Mark.NAME, text)


def time(text: str) -> Term:
    """A time as a marked part."""
    return Term(Mark.TIME, text)


def count(number: int, one: str, many: str) -> Term:
    """The desk's own count of something."""
    return Term(Mark.COUNT, some(number, one, many))


def some(number: int, one: str, many: str) -> str:
    """How many of something there are, in words that fit one as well: 1 claim, 2 claims."""
    return f"{number:,} {one if number == 1 else many}"


def listed(names: Iterable[str]) -> tuple[Part, ...]:
    """Names in a row: A, B and C."""
    several = tuple(dict.fromkeys(names))
    parts: list[Part] = []
    for place, one in enumerate(several):
        if place:
            parts.append(" and " if place == len(several) - 1 else ", ")
        parts.append(name(one))
    return tuple(parts)


def in_marks(quoted: Quoted) -> tuple[Part, ...]:
    """Exact words in quotation marks, single ones where the words hold double ones."""
    nested = any(mark in quoted.text for mark in '“”"')
    return ("‘", quoted, "’") if nested else ("“", quoted, "”")


def plain(parts: Iterable[Part]) -> str:
    """The parts as one plain text."""
    return "".join(_plain(part) for part in parts)


def _plain(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Amount):
        return amount_words(part)
    return part.text


def amount_words(part: Amount) -> str:
    """The number with its unit, as it is printed."""
    return f"{part.amount} {part.unit}" if part.unit else str(part.amount)


def anchor(text: str) -> str:
    """`text` as a part of the name of a place in the page."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text.lower()).split()) or "number"


_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    """`text` with control characters and direction overrides written out, so that nothing hides."""
    if type(text) is str and text.isprintable():  # which none of them is
        return text
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
