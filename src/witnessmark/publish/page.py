"""The brief as one HTML page: no script, no outside request, everything escaped, every picture covered."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files

from witnessmark.publish.blocks import (
    NOTHING,
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
    Section,
    Table,
)
from witnessmark.publish.markup import tag, text_of
from witnessmark.publish.scale import bar
from witnessmark.publish.sentences import (
    Amount,
    Area,
    Label,
    Line,
    Mark,
    Note,
    Own,
    Part,
    Quoted,
    Record,
    Reference,
    Sentence,
    Term,
    Whole,
    Words,
    amount_words,
    visible,
)
from witnessmark.publish.words import words_in


def page(document: Document, numbers: Mapping[Reference, int]) -> bytes:
    """The page as UTF-8."""
    return _Page(document, numbers).whole().encode("utf-8")


def reference_label(reference: Reference) -> str:
    """What stands beside the number of a reference: the exhibit, or that it is a record."""
    match reference:
        case Words(exhibit=exhibit, pages=pages):
            return f"{exhibit}, p. {pages[0]}" if pages else f"{exhibit} ¶"
        case Whole(exhibit=exhibit) | Area(exhibit=exhibit):
            return exhibit
        case Record(kind=kind):
            return kind


@dataclass(slots=True)
class _Page:
    """One writing of one page; it only counts the sentences as they pass."""

    document: Document
    numbers: Mapping[Reference, int]
    facts: int = 0
    words: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = words_in(self.document.language)

    @property
    def prose(self) -> dict[str, str | None]:
        """Marks English prose on a page whose frame speaks another language."""
        return {} if self.document.language == "en" else {"lang": "en", "dir": "ltr"}

    def whole(self) -> str:
        style = files("witnessmark.publish").joinpath("brief.css").read_text(encoding="utf-8")
        allowed = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
        policy = (
            f"default-src 'none'; img-src 'self' file:; style-src 'sha256-{allowed}'; "
            "base-uri 'none'; form-action 'none'"
        )
        head = "\n".join(
            (
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                '<meta name="referrer" content="no-referrer">',
                '<meta name="robots" content="noindex, noimageindex">',
                tag("title", text_of(f"{self.document.title} · {self.words['kicker']}")),
                f"<style>{style}</style>",
            )
        )
        language = f'lang="{self.document.language}" dir="{self.words["dir"]}"'
        return f"<!DOCTYPE html>\n<html {language}>\n<head>\n{head}\n</head>\n{self._body()}\n</html>\n"

    def _body(self) -> str:
        sections = "\n".join(self._section(section) for section in self.document.sections)
        frame = tag(
            "div",
            f"\n{self._contents()}\n{tag('main', f'{chr(10)}{sections}{chr(10)}', id='brief')}\n",
            class_="frame",
        )
        footer = tag("footer", tag("p", text_of(self.words["footer"])))
        skip = tag("a", text_of(self.words["skip"]), class_="skip", href="#brief")
        sheet = tag("div", f"\n{self._masthead()}\n{frame}\n{footer}\n", class_="sheet")
        return f"<body>\n{skip}\n{sheet}\n</body>"

    def _masthead(self) -> str:
        kicker = tag("span", text_of(self.words["kicker"]), class_="kicker")
        title = tag("h1", text_of(self.document.title), dir="auto")
        standfirst = tag("p", self._lines(self.document.standfirst), class_="standfirst", **self.prose)
        pairs = "".join(
            tag("div", tag("dt", text_of(name)) + tag("dd", text_of(value), dir="auto"))
            for name, value in self.document.facts
        )
        return tag("header", f"\n{kicker}\n{title}\n{standfirst}\n{tag('dl', pairs, class_='particulars')}\n")

    def _contents(self) -> str:
        links = "".join(tag("li", self._link_to(section)) for section in self.document.sections)
        heading = tag("h2", text_of(self.words["contents"]), id="contents")
        return tag("nav", heading + tag("ol", links), aria_labelledby="contents")

    def _link_to(self, section: Section) -> str:
        title = text_of(section.heading(self.words))
        return tag("a", title, href=f"#{section.key}", **_whose(section))

    def _section(self, section: Section) -> str:
        title = text_of(section.heading(self.words))
        heading = tag("h2", title, id=f"{section.key}-heading", **_whose(section))
        blocks = "\n".join(self._block(block) for block in section.blocks)
        inside = tag("div", f"\n{blocks}\n", class_=section.key, **self.prose)
        return tag(
            "section",
            f"\n{heading}\n{inside}\n",
            id=section.key,
            class_=section.key if section.key == "warning" else None,
            aria_labelledby=f"{section.key}-heading",
        )

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph(lines=lines, is_own=is_own):
                written = tag("p", self._lines(lines), class_="by-hand" if is_own else None)
            case Listing(entries=entries):
                written = self._list(entries)
            case Table():
                written = self._table(block)
            case Cover():
                written = self._cover(block)
            case Fields():
                written = self._fields(block)
            case Command(text=text):
                written = tag("pre", tag("code", text_of(text)), tabindex="0", dir="ltr")
            case Heading():
                written = self._heading(block)
        return written

    def _heading(self, block: Heading) -> str:
        kicker = tag("span", text_of(block.kicker), class_="kicker") if block.kicker else ""
        level = f"h{block.level}"
        heading = tag(level, kicker + self._line(block.line), id=block.anchor)
        return heading if block.level > 3 else tag("div", heading, class_="block")

    def _list(self, entries: Iterable[Entry]) -> str:
        return tag("ul", "\n".join(self._entry(entry) for entry in entries))

    def _entry(self, entry: Entry) -> str:
        below = self._list(entry.below) if entry.below else ""
        lines = self._lines(entry.lines, leading=entry.anchor is not None)
        return tag("li", lines + (f"\n{below}" if below else ""), id=entry.anchor)

    def _table(self, table: Table) -> str:
        head = "".join(
            tag("th", text_of(column), scope="col", role="columnheader") for column in table.columns
        )
        rows = "\n".join(
            tag(
                "tr",
                "".join(
                    self._cell(cell, column, first=not place)
                    for place, (cell, column) in enumerate(zip(row, table.columns, strict=True))
                ),
                role="row",
            )
            for row in table.rows
        )
        inside = (
            tag("caption", text_of(table.caption))
            + tag("thead", tag("tr", head, role="row"), role="rowgroup")
            + tag("tbody", f"\n{rows}\n", role="rowgroup")
        )
        whole = tag("table", inside, class_="stack wide" if table.wide else "stack", role="table")
        return tag("div", whole, class_="scroll", role="region", aria_label=table.caption, tabindex="0")

    def _cell(self, cell: Cell, column: str, *, first: bool) -> str:
        if isinstance(cell, Bar):
            return tag("td", bar(cell), class_="bar", role="cell", data_column=column)
        inside = self._lines(cell)
        if first:
            return tag("th", inside, scope="row", role="rowheader")
        is_empty = cell == NOTHING
        return tag("td", inside, role="cell", class_="empty" if is_empty else None, data_column=column)

    def _cover(self, cover: Cover) -> str:
        caption = tag("figcaption", self._lines(cover.caption))
        warning = tag("span", text_of(cover.warning), class_="level")
        if cover.preview is None:
            return tag("figure", tag("div", warning, class_="bare") + caption)
        picture = (
            f'<img src="{escape(cover.preview.path)}" width="{cover.preview.width}" '
            f'height="{cover.preview.height}" alt="{escape(visible(cover.alternative))}" loading="lazy">'
        )
        action = tag("span", text_of(cover.action), class_="action")
        covered = tag("details", f"{tag('summary', warning + action)}\n{picture}")
        return tag("figure", f"\n{covered}\n{caption}\n")

    def _fields(self, fields: Fields) -> str:
        back = (
            tag("a", "↑", class_="back", href=f"#{fields.back}", aria_label="Back to the sentence")
            if fields.back
            else ""
        )
        number = f"[{self.numbers[fields.reference]}] " if fields.reference is not None else ""
        title = tag("h3", text_of(number) + self._lines(fields.title) + back)
        pairs = "".join(
            tag("dt", text_of(name)) + tag("dd", self._lines(lines), dir="auto")
            for name, lines in fields.pairs
        )
        span = fields.reference.span if isinstance(fields.reference, Words) else None
        return tag(
            "div",
            f"{title}\n{tag('dl', pairs)}",
            id=fields.anchor,
            class_="fields",
            data_digest=fields.reference.digest.hex if fields.reference is not None else None,
            data_text=fields.reference.text.hex if isinstance(fields.reference, Words) else None,
            data_span=f"{span.start}-{span.end}" if span is not None else None,
        )

    def _lines(self, lines: Iterable[Line], *, leading: bool = False) -> str:
        told = []
        for place, line in enumerate(lines):
            written = self._line(line)
            told.append(tag("span", written, class_="label-line") if leading and not place else written)
        return "\n".join(told)

    def _line(self, line: Line) -> str:
        inside = "".join(_part(part) for part in line.parts)
        match line:
            case Label():
                return inside
            case Note():
                return tag("span", inside, class_="note")
            case Own():
                return self._own(line, inside)
            case Sentence(references=references, stance=stance):
                self.facts += 1
                said = {"data_stance": stance.value} if stance is not None else {}
                refs = " ".join(self._reference(reference) for reference in references)
                return tag(
                    "span",
                    f"{inside} {tag('span', refs, class_='refs')}",
                    class_="fact",
                    id=f"fact-{self.facts}",
                    **said,
                )

    def _own(self, line: Own, inside: str) -> str:
        """A person's own words, with name and time behind the last of several by the same hand."""
        self.facts += 1
        refs = " ".join(self._reference(reference) for reference in line.references)
        whose = tag("span", text_of(f"{line.author}, {line.written}"), class_="by", dir="auto")
        return tag(
            "span",
            f"{tag('span', inside, class_='own-words', dir='auto')} {tag('span', refs, class_='refs')}"
            f"{f' {whose}' if line.is_signed else ''}",
            class_="fact own",
            id=f"fact-{self.facts}",
            data_own=line.place,
            data_author=line.author,
            data_written=line.written,
        )

    def _reference(self, reference: Reference) -> str:
        number = self.numbers[reference]
        return tag(
            "a",
            text_of(f"[{number} {reference_label(reference)}]"),
            href=f"#ref-{number}",
            aria_label=f"Reference {number}, {reference_label(reference).rstrip(' ¶')}",
        )


def _whose(section: Section) -> dict[str, str | None]:
    """Marks a heading that a person wrote: it has its own direction of writing."""
    return {"dir": "auto", "class_": "own-title"} if section.title else {}


def _part(part: Part) -> str:
    match part:
        case str():
            return text_of(part)
        case Quoted(text=text, language=language):
            return tag("q", text_of(text), lang=language, dir="auto")
        case Amount(owners=owners):
            return tag(
                "span",
                text_of(amount_words(part)),
                class_="amount",
                data_owners=json.dumps(owners, ensure_ascii=False),
            )
        case Term(mark=Mark.EXHIBIT, text=text):
            return tag("a", text_of(text), class_="term exhibit", href=f"#{text}")
        case Term(mark=Mark.STANCE | Mark.DESK as mark, text=text):
            return tag("span", text_of(text), class_=f"term tag {mark}")
        case Term(mark=mark, text=text):
            return tag("span", text_of(text), class_=f"term {mark}", dir="auto")
