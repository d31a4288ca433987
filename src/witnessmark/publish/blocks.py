"""The brief as a tree of blocks, before it becomes a page or a plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from witnessmark.model.weighing import Bounds
from witnessmark.publish.dossier import Preview
from witnessmark.publish.sentences import Label, Line, Own, Reference, Sentence


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that follow one another; `is_own` where a person of the desk wrote them."""

    lines: tuple[Line, ...]
    is_own: bool = False

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return self.lines


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list, with entries below it."""

    lines: tuple[Line, ...]
    below: tuple[Entry, ...] = ()
    anchor: str | None = None

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return (*self.lines, *(line for entry in self.below for line in entry.told))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of entries."""

    entries: tuple[Entry, ...]

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return tuple(line for entry in self.entries for line in entry.told)


@dataclass(frozen=True, slots=True)
class Bar:
    """A number drawn on a scale from 0 to `top`: bounds where stated, else the bare point named."""

    bounds: Bounds | None
    point: int | None
    top: int


Cell = tuple[Line, ...] | Bar

NOTHING: tuple[Line, ...] = (Label(("—",)),)
"""The cell in which nothing stands."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows; a wide one scrolls, others stack on narrow screens."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        cells = (cell for row in self.rows for cell in row if not isinstance(cell, Bar))
        return tuple(line for cell in cells for line in cell)


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture behind its warning: what stands on the cover, what is behind, and the words for it."""

    exhibit: str
    warning: str
    action: str
    alternative: str
    preview: Preview | None
    caption: tuple[Line, ...]

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return self.caption


@dataclass(frozen=True, slots=True)
class Fields:
    """Named values under one title, such as an exhibit or a reference in the appendix."""

    title: tuple[Line, ...]
    pairs: tuple[tuple[str, tuple[Line, ...]], ...]
    anchor: str | None = None
    reference: Reference | None = None
    back: str | None = None

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return (*self.title, *(line for _, values in self.pairs for line in values))


@dataclass(frozen=True, slots=True)
class Command:
    """A command to type, with what it shows."""

    text: str

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section; `kicker` is the small line above it."""

    line: Line
    anchor: str
    kicker: str = ""
    level: int = 3

    @property
    def told(self) -> tuple[Line, ...]:
        """The lines in the order of reading."""
        return (self.line,)


Block = Paragraph | Listing | Table | Cover | Fields | Command | Heading


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the brief, named by the key of its heading; one of an editor's own has a `title`."""

    key: str
    blocks: tuple[Block, ...]
    title: str = ""

    def heading(self, words: Mapping[str, str]) -> str:
        """What stands above it."""
        return self.title or words[self.key]


@dataclass(frozen=True, slots=True)
class Document:
    """The brief: its title, what stands under it, and its sections."""

    title: str
    standfirst: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    language: str = "en"


def lines(sections: Iterable[Section]) -> Iterator[Line]:
    """Every line in the order of reading."""
    for section in sections:
        for block in section.blocks:
            yield from block.told


def numbered(found: Iterable[Line]) -> dict[Reference, int]:
    """The references in order of their first use, numbered from 1."""
    numbers: dict[Reference, int] = {}
    for line in found:
        if isinstance(line, Sentence | Own):
            for reference in line.references:
                numbers.setdefault(reference, len(numbers) + 1)
    return numbers
