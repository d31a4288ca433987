"""HTML as its reader sees it: the visible text, told apart from tags, scripts and comments.

This is no parser of documents. It answers one question for every character of the source: does it
stand on the page, and as what?
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from enum import Enum

from witnessmark.collect.trace import Trace

_SPECIAL = re.compile(r"[<&]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_OPENING = re.compile(r"<[A-Za-z!?/]")
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
# Possessive, so that no page can make it try twice; a quote counts only where a value may begin.
_TAG = re.compile(r"""<(?:[^>"'=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=|["'])*+>""")
_UNSEEN = {"script", "style", "template"}
_BREAKING = {
    *("address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "dialog"),
    *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
    *("h6", "header", "hr", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
}


class Mark(Enum):
    """What a tag does to the text around it."""

    BREAK = "a block begins or ends"
    BODY = "the body begins"


Token = tuple[int, int, str | Mark | None]
"""From, to, and what that is: None for text that stands for itself, else what is meant."""


def tokens(page: str) -> Iterator[Token]:
    """What is visible on the page, piece by piece."""
    position, last_tag, reader = 0, page.rfind(">"), _Tags(page)
    while (special := _SPECIAL.search(page, position)) is not None:
        start = special.start()
        if start > position:
            yield position, start, None
        if page[start] == "&":
            entity = _ENTITY.match(page, start)
            position = entity.end() if entity else start + 1
            yield start, position, html.unescape(page[start:position])
        elif not _OPENING.match(page, start):
            position = start + 1
            yield start, position, None
        elif start > last_tag:
            return  # a tag that never ends
        else:
            position, mark = reader.read(start)
            if mark is not None:
                yield start, position, mark
    if position < len(page):
        yield position, len(page), None


def trace_of(page: str) -> Trace:
    """The visible characters of the body with their places."""
    trace = Trace()
    for start, end, meant in tokens(page):
        if meant is None:
            trace.literal(page, start, end)
        elif meant is Mark.BODY:
            trace = Trace()
        elif isinstance(meant, str):
            trace.written_as(meant, start, end)
    return trace


def add_to(trace: Trace, fragment: str, places: Sequence[int]) -> None:
    """The visible characters of a fragment of markup whose characters begin at `places` in the source."""
    for start, end, meant in tokens(fragment):
        if meant is None:
            for place in range(start, end):
                trace.written_as(fragment[place], places[place], places[place + 1])
        elif isinstance(meant, str):
            trace.written_as(meant, places[start], places[end])


def blocks(page: str) -> list[str]:
    """The visible text of the body, a string for each block of it, white space evened out."""
    lines: list[list[str]] = [[]]
    for start, end, meant in tokens(page):
        if meant is Mark.BODY:
            lines = [[]]
        elif meant is Mark.BREAK:
            lines.append([])
        else:
            lines[-1].append(meant if isinstance(meant, str) else page[start:end])
    joined = (" ".join("".join(line).split()) for line in lines)
    return [line for line in joined if line]


class _Tags:
    """Finds where markup ends and what it does."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._quotes_match = True
        self._in_body = False

    def read(self, start: int) -> tuple[int, Mark | None]:
        """The end of the markup at `start`, with what must not be seen after it, and its mark."""
        page = self._page
        name = _NAME.match(page, start)
        if name is None:
            return _end_of_unnamed(page, start), None
        tag = _TAG.match(page, start) if self._quotes_match else None
        self._quotes_match = tag is not None  # else every further tag would be read to the end in vain
        end = tag.end() if tag else _end_of_unnamed(page, start)
        word = name[2].lower()
        if not name[1] and word in _UNSEEN:
            return _end_of_unseen(page, end, word), None
        if word == "body" and not name[1] and not self._in_body:
            self._in_body = True  # a second one is a mistake, and the first goes on
            return end, Mark.BODY
        return end, Mark.BREAK if word in _BREAKING else None


def _end_of_unnamed(page: str, start: int) -> int:
    """The end of a comment, a declaration, or a tag whose quotes do not match."""
    if page.startswith("<!--", start):
        end = page.find("-->", start + 2)
        return end + 3 if end >= 0 else len(page)
    end = page.find(">", start)
    return end + 1 if end >= 0 else len(page)


def _end_of_unseen(page: str, position: int, name: str) -> int:
    closing = re.compile(f"</{name}", re.IGNORECASE).search(page, position)
    return closing.start() if closing else len(page)
