"""Posts saved as JSON: the words of the post, whichever platform's export they come in.

No schema is asked for. Platforms rename their fields more often than they change what they call a
text, so the strings under the usual names are taken, in their order, and the rest is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from witnessmark.collect.markup import add_to, blocks
from witnessmark.collect.names import as_text
from witnessmark.collect.trace import Trace
from witnessmark.errors import MalformedError

_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_COLON = re.compile(r"\s*:\s*")
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,9})?")
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\.|[^\\]", re.DOTALL)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")

_TEXT = {
    *("full_text", "text", "message", "caption", "content", "contents", "body", "description", "title"),
    *("selftext", "story", "post", "comment", "tweet", "rawcontent", "articlebody", "headline"),
}
_AUTHOR = ("screen_name", "username", "author", "author_name", "from", "owner", "name")
_DATE = (
    "created_at",
    "createdat",
    "datepublished",
    "published",
    "published_at",
    "date",
    "taken_at",
    "timestamp",
)


@dataclass(slots=True)
class Post:
    """What was read of a post: its paragraphs, their traces, and what it says of itself."""

    paragraphs: list[str] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    told: dict[str, str] = field(default_factory=dict)

    def first_told(self, keys: tuple[str, ...]) -> tuple[str, str] | None:
        """The first of `keys` that the post has a value for, and the value as given."""
        return next(((key, self.told[key]) for key in keys if key in self.told), None)

    def facts(self) -> dict[str, object]:
        """Author and date as given, with the field that each was read from."""
        author, date = self.first_told(_AUTHOR), self.first_told(_DATE)
        return {
            **({"byline": author[1]} if author else {}),
            **({"published": {"given": date[1], "from": f"the field {date[0]}"}} if date else {}),
        }


def read_post(source: str) -> Post:
    """The texts in a JSON document or in lines of JSON; MalformedError if it is neither."""
    _check(source)
    post, seen = Post(), set()
    for key, start, end in _values(source):
        raw = source[start:end]
        if key in _TEXT and raw not in seen:
            seen.add(raw)
            _take(post, source, start, end)
        elif key in _AUTHOR or key in _DATE:
            post.told.setdefault(key, _meant(raw, start)[0][:1000])
    return post


def _check(source: str) -> None:
    try:
        json.loads(source)
    except RecursionError as error:
        raise MalformedError("this JSON is nested too deep") from error
    except ValueError as whole:
        try:
            for line in filter(str.strip, source.splitlines()):
                json.loads(line)
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"this is not JSON: {whole}") from error


def _values(source: str) -> Iterator[tuple[str, int, int]]:
    """Each string, and each number under a name of a date, with the name it stands under."""
    key = ""
    for string in _STRING.finditer(source):
        colon = _COLON.match(source, string.end())
        if colon is None:
            yield key, string.start(1), string.end(1)
            continue
        key = string[1].lower()
        number = _NUMBER.match(source, colon.end())
        if number is not None and key in _DATE:
            yield key, number.start(), number.end()


def _take(post: Post, source: str, start: int, end: int) -> None:
    raw = source[start:end]
    meant, places = _meant(raw, start)
    if _TAG.search(meant):
        post.paragraphs += blocks(meant)
        add_to(post.trace, meant, places)
        return
    post.paragraphs += filter(None, map(str.strip, meant.splitlines()))
    if "\\" not in raw:
        post.trace.literal(source, start, end)
        return
    for place, character in enumerate(meant):
        post.trace.written_as(character, places[place], places[place + 1])


def _meant(raw: str, start: int) -> tuple[str, list[int]]:
    """What a JSON string says, and where each of its characters is written, with the end as last."""
    if "\\" not in raw:
        return as_text(raw), list(range(start, start + len(raw) + 1))
    characters: list[str] = []
    places: list[int] = []
    for written in _ESCAPE.finditer(raw):
        character = _character(written[0])
        if characters and _PAIR.fullmatch(characters[-1] + character):
            pair = characters[-1] + character
            characters[-1] = pair.encode("utf-16", "surrogatepass").decode("utf-16")
            continue
        characters.append(character)
        places.append(start + written.start())
    return as_text("".join(characters)), [*places, start + len(raw)]


def _character(written: str) -> str:
    if written.startswith("\\u") and len(written) == 6:
        return chr(int(written.removeprefix("\\u"), base=16))
    return {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f"}.get(written, written[-1])
