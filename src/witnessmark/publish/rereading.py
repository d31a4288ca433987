"""A finished page, read again as a tree of elements by one who did not write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from witnessmark.errors import MalformedError

_EMPTY = frozenset({"meta", "img", "br", "path", "link", "input", "hr", "source", "embed", "track"})


@dataclass(slots=True)
class Element:
    """One element: its name, attributes, text and elements inside, and the element around it."""

    name: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)
    around: Element | None = None

    @property
    def classes(self) -> frozenset[str]:
        """Its classes."""
        return _classes(self.attributes.get("class", ""))

    def every(self, name: str = "", classed: str = "") -> Iterator[Element]:
        """Each element inside, at any depth, with this name and class, in the order of the page."""
        waiting: list[Element | str] = self.inside[::-1]
        while waiting:
            part = waiting.pop()
            if not isinstance(part, Element):
                continue
            if (not name or part.name == name) and (not classed or classed in part.classes):
                yield part
            waiting.extend(reversed(part.inside))

    def text(self, without: frozenset[str] = frozenset()) -> str:
        """All text inside, apart from elements whose name or class is in `without`."""
        return "".join(
            part
            if isinstance(part, str)
            else ""
            if part.name in without or part.classes & without
            else part.text(without)
            for part in self.inside
        )

    def surroundings(self) -> Iterator[Element]:
        """The elements around it, from the inside out."""
        around = self.around
        while around is not None:
            yield around
            around = around.around


@lru_cache(maxsize=1_000)
def _classes(written: str) -> frozenset[str]:
    return frozenset(written.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, around=self.at)
        self.at.inside.append(element)
        if tag not in _EMPTY:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.at.name != tag or self.at.around is None:
            raise MalformedError(f"the page closes <{tag}> where <{self.at.name}> is open")
        self.at = self.at.around

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def reread(html: bytes) -> Element:
    """The tree of a page; MalformedError if its elements are not closed in order."""
    reader = _Reader()
    reader.feed(html.decode("utf-8"))
    reader.close()
    if reader.at is not reader.root:
        raise MalformedError(f"the page ends while <{reader.at.name}> is open")
    return reader.root
