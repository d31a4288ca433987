"""The brief as Markdown that reads well raw: the same sentences, the same reference numbers, no pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from witnessmark.publish.blocks import (
    Bar,
    Block,
    Cell,
    Command,
    Cover,
    Document,
    Entry,
    Fields,
    Heading,
    Listing,
    Paragraph,
    Table,
)
from witnessmark.publish.page import reference_label
from witnessmark.publish.sentences import Label, Line, Note, Own, Reference, Sentence, plain, visible
from witnessmark.publish.words import words_in

Numbers = Mapping[Reference, int]


def markdown(document: Document, numbers: Numbers) -> bytes:
    """The brief as UTF-8 Markdown."""
    words = words_in(document.language)
    parts = [f"# {_escaped(document.title)}", _lines(document.standfirst, numbers)]
    parts.append("\n".join(f"- {name}: {_escaped(value)}" for name, value in document.facts))
    for section in document.sections:
        parts.append(f"## {_escaped(section.heading(words))}")
        parts.extend(_block(block, numbers) for block in section.blocks)
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def _block(block: Block, numbers: Numbers) -> str:
    match block:
        case Paragraph(lines=lines):
            written = _lines(lines, numbers)
        case Listing(entries=entries):
            written = "\n".join(row for entry in entries for row in _entry(entry, numbers, ""))
        case Table():
            written = _table(block, numbers)
        case Cover():
            written = _cover(block, numbers)
        case Fields():
            written = _fields(block, numbers)
        case Command(text=text):
            written = f"    {text}"
        case Heading():
            kicker = f"{_escaped(block.kicker)}: " if block.kicker else ""
            written = f"{'#' * block.level} {kicker}{_line(block.line, numbers)}"
    return written


def _entry(entry: Entry, numbers: Numbers, indent: str) -> Iterator[str]:
    first, *others = entry.lines
    head = _line(first, numbers)
    if isinstance(first, Label) and others:
        head = f"**{head}** –"
    yield f"{indent}- {' '.join((head, _lines(others, numbers))).rstrip()}"
    for below in entry.below:
        yield from _entry(below, numbers, indent + "  ")


def _table(table: Table, numbers: Numbers) -> str:
    """The table without its drawings: the numbers that they draw stand beside them."""
    kept = [place for place in range(len(table.columns)) if not _is_drawn(table, place)]
    rows = [[_escaped(table.columns[place]) for place in kept], ["---"] * len(kept)]
    rows += [[_cell(row[place], numbers) for place in kept] for row in table.rows]
    written = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"*{_escaped(table.caption)}*\n\n{written}"


def _is_drawn(table: Table, place: int) -> bool:
    return bool(table.rows) and all(isinstance(row[place], Bar) for row in table.rows)


def _cell(cell: Cell, numbers: Numbers) -> str:
    return "" if isinstance(cell, Bar) else _lines(cell, numbers).replace("|", "\\|")


def _cover(cover: Cover, numbers: Numbers) -> str:
    where = f" Preview (grey, blurred, small): `{cover.preview.path}`" if cover.preview else ""
    return f"**{_escaped(cover.warning)}.**{where}\n\n{_lines(cover.caption, numbers)}"


def _fields(fields: Fields, numbers: Numbers) -> str:
    number = f"[{numbers[fields.reference]}] " if fields.reference is not None else ""
    title = f"{number}{_lines(fields.title, numbers)}"
    pairs = "\n".join(f"  - {name}: {_lines(lines, numbers)}" for name, lines in fields.pairs)
    return f"- {title}\n{pairs}"


def _lines(lines: Iterable[Line], numbers: Numbers) -> str:
    return " ".join(_line(line, numbers) for line in lines)


def _line(line: Line, numbers: Numbers) -> str:
    told = _escaped(plain(line.parts))
    if isinstance(line, Note):
        return f"*{told}*"
    if isinstance(line, Sentence):
        refs = ", ".join(f"{numbers[one]} {reference_label(one)}" for one in line.references)
        return f"{told} [{refs}]"
    if isinstance(line, Own):
        refs = ", ".join(f"{numbers[one]} {reference_label(one)}" for one in line.references)
        whose = f" — {_escaped(f'{line.author}, {line.written}')}" if line.is_signed else ""
        return f"{told} [{refs}]{whose}"
    return told


_SIGNS = re.compile(r"[\\`*\[\]<#]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")


def _escaped(text: str) -> str:
    """`text` on one line, with the signs of Markdown made harmless."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(visible(text).split()))
