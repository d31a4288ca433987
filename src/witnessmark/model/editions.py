"""Editions: what people write into the brief themselves, and which of its sections it has, in which order.

Each saved version is a record of its own and names the one that it follows. The latest one counts; the
earlier ones stay on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent, must_be_a_person
from witnessmark.model.values import Digest

LONGEST_SENTENCE = 1_000
LONGEST_TITLE = 120
MOST_SENTENCES = 500


class Chapter(StrEnum):
    """A section of the brief: one that is made from records, or one of an editor's own."""

    WARNING = "warning"
    CLAIMS = "claims"
    NUMBERS = "numbers"
    MATRIX = "matrix"
    UNVERIFIED = "unverified"
    PICTURES = "pictures"
    UNDONE = "undone"
    METHOD = "method"
    LIMITS = "limits"
    EXHIBITS = "exhibits"
    REFERENCES = "references"
    CHECK = "check"
    OWN = "own"


MADE = tuple(one for one in Chapter if one is not Chapter.OWN)
"""The sections that are made from records, in their usual order."""
LAST = (Chapter.EXHIBITS, Chapter.REFERENCES, Chapter.CHECK)
"""What a brief ends with."""
OPTIONAL = (Chapter.CLAIMS, Chapter.NUMBERS, Chapter.MATRIX, Chapter.PICTURES)
"""What may be left out; all else tells readers what they cannot know without it."""


@dataclass(frozen=True, slots=True)
class OwnSentence:
    """A sentence in a person's own words, and the objects and records that it rests on."""

    text: str
    rests_on: tuple[Digest, ...]
    author: Agent
    written_at: datetime

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "write a sentence of the brief")
        if not self.text.strip() or len(self.text) > LONGEST_SENTENCE:
            raise MalformedError(f"a sentence of the brief has 1 to {LONGEST_SENTENCE:,} signs")


@dataclass(frozen=True, slots=True)
class OwnParagraph:
    """Sentences that follow one another."""

    sentences: tuple[OwnSentence, ...]

    def __post_init__(self) -> None:
        if not self.sentences:
            raise MalformedError("a paragraph has at least one sentence")


@dataclass(frozen=True, slots=True)
class Edited:
    """A section of the brief with the paragraphs that stand at its head; `title` is that of an own one."""

    chapter: Chapter
    paragraphs: tuple[OwnParagraph, ...] = ()
    title: str = ""

    def __post_init__(self) -> None:
        if (self.chapter is Chapter.OWN) != bool(self.title.strip()):
            raise MalformedError("a section of one's own has a title, and no other has one")
        if len(self.title) > LONGEST_TITLE:
            raise MalformedError(f"a title has at most {LONGEST_TITLE} signs")
        if self.chapter is Chapter.OWN and not self.paragraphs:
            raise MalformedError(f"nothing is written under the title {self.title!r}")


@dataclass(frozen=True, slots=True)
class Edition:
    """One saved version of what people write into the brief of an investigation.

    `reason` says what was changed and why; it has to be there where a section is left out. A brief begins
    with what readers should know before they read on, and ends with exhibits, references, and how to check.
    """

    investigation: Digest
    sections: tuple[Edited, ...]
    author: Agent
    saved_at: datetime
    reason: str = ""
    follows: Digest | None = None

    def __post_init__(self) -> None:
        must_be_a_person(self.author, "edit the brief")
        made = [one.chapter for one in self.sections if one.chapter is not Chapter.OWN]
        if len(set(made)) != len(made):
            raise MalformedError("a section that is made from records stands once in the brief")
        lacking = [one.value for one in MADE if one not in made and one not in OPTIONAL]
        if lacking:
            raise MalformedError(f"no brief goes without its section {lacking[0]!r}")
        order = [one.chapter for one in self.sections]
        if order[0] is not Chapter.WARNING or tuple(order[-len(LAST) :]) != LAST:
            raise MalformedError("a brief begins with its warning and ends with exhibits, references, check")
        if self.left_out and not self.reason.strip():
            raise MalformedError(f"say why the section {self.left_out[0].value!r} is left out")
        if sum(len(one.sentences) for part in self.sections for one in part.paragraphs) > MOST_SENTENCES:
            raise MalformedError(f"people write at most {MOST_SENTENCES} sentences into a brief")

    @property
    def sentences(self) -> Mapping[str, OwnSentence]:
        """Every sentence that people wrote, by its place: section, paragraph and sentence, from 0."""
        return {
            f"{section}.{paragraph}.{number}": sentence
            for section, part in enumerate(self.sections)
            for paragraph, lines in enumerate(part.paragraphs)
            for number, sentence in enumerate(lines.sentences)
        }

    @property
    def left_out(self) -> tuple[Chapter, ...]:
        """The sections that the brief goes without."""
        there = {one.chapter for one in self.sections}
        return tuple(one for one in MADE if one not in there)
