"""Readable text of pages, posts, plain files and PDF, with the place of every paragraph in the sealed bytes.

A quotation is worth what it can be checked against. So the text comes with a table of segments:
which stretch of it (in code points) stands where in the original (in bytes). A stretch that could
not be found again is listed as unlocated and must not be quoted by place. The text of a PDF has no place
in its bytes, which are packed: it has the page instead.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from witnessmark.collect.charset import Charset, detect
from witnessmark.collect.leaves import leaves_of
from witnessmark.collect.limits import Yielded
from witnessmark.collect.markup import blocks, trace_of
from witnessmark.collect.masthead import language, stated, stated_language
from witnessmark.collect.posts import read_post
from witnessmark.collect.trace import Run, locate
from witnessmark.errors import MalformedError

WARM = ("lxml.html", "trafilatura", "htmldate")
LARGEST = 32 << 20
MOST_SEGMENTS = 50_000

_PAGES = ("text/html", "application/xhtml+xml")
_PDF = "application/pdf"
_BYTE_ORDER_MARK = "\ufeff"
_BETWEEN = "\n\n"
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*[^\s][^\n]*)*")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_EMBEDDED = re.compile(r"""data:[a-z]+/[^"'()\s<>]{200,}""")
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_DECLARED_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.-]{2,40})""")
_BLOCKS = {"p", "head", "item", "quote", "cell", "code", "ab"}
_BREAKS_OFF = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError)
"""What the extractor has been seen or may be feared to raise; the page is then read without it."""


@dataclass(slots=True)
class _Reading:
    """Paragraphs, where they stand in the decoded source, and what is known of the whole."""

    paragraphs: Sequence[str] = ()
    runs: Sequence[Run] = ()
    missing: Sequence[tuple[int, int]] = ()
    method: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    stated_language: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        return _BETWEEN.join(self.paragraphs)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each paragraph stands in the text."""
        spans, start = [], 0
        for paragraph in self.paragraphs:
            spans.append((start, start + len(paragraph)))
            start += len(paragraph) + len(_BETWEEN)
        return spans


def readable(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:
    """One part: the facts of the text, and the text itself in UTF-8.

    `media_type` says how to read (pages, PDF, JSON, anything else as plain text); `charset` is what the
    server or the message declared.
    """
    untrusted.seek(0)
    content = untrusted.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise MalformedError(f"a text of more than {LARGEST >> 20} MiB is not read")
    media_type = str(parameters.get("media_type") or "text/plain")
    if media_type == _PDF:
        yield _read_leaves(content)
        return
    label = parameters.get("charset") or (_declared(content) if media_type in _PAGES else None)
    charset = detect(content, str(label) if label else None)
    source = _decoded(content, charset)
    with _quietly():
        reading = _read(_NOT_TEXT.sub("\ufffd", source), media_type)
    segments, unlocated = _in_bytes(reading, source, content, charset)
    facts = {
        **reading.facts,
        "method": reading.method,
        "charset": charset.facts(),
        "language": language(reading.text, reading.stated_language),
        "characters": len(reading.text),
        "paragraphs": len(reading.paragraphs),
        "segments": segments,
        "unlocated": unlocated,
    }
    yield {name: value for name, value in facts.items() if value is not None}, reading.text.encode()


def _read_leaves(content: bytes) -> Yielded:
    """The facts and the text of a PDF: where each page stands in it, and how many were not read."""
    leaves = leaves_of(content)
    reading = _Reading(leaves.texts)
    facts = {
        "method": leaves.method,
        "language": language(reading.text, None),
        "characters": len(reading.text),
        "page_spans": tuple(reading.spans),
        "pages_not_read": leaves.count - len(leaves.texts),
    }
    return {name: value for name, value in facts.items() if value is not None}, reading.text.encode()


def _read(source: str, media_type: str) -> _Reading:
    if media_type in _PAGES:
        return _read_page(source)
    if media_type.endswith(("/json", "+json", "ndjson")):
        post = read_post(source)
        reading = _Reading(
            post.paragraphs, method="strings under the usual names of a post", facts=post.facts()
        )
        reading.runs, reading.missing = locate(reading.text, reading.spans, post.trace)
        return reading
    return _read_plain(source)


def _read_plain(source: str) -> _Reading:
    found = list(_PARAGRAPH.finditer(source, source.startswith(_BYTE_ORDER_MARK)))
    reading = _Reading([match[0].rstrip() for match in found], method="the whole text")
    reading.runs = [
        Run(start, end, match.start(), match.start() + end - start)
        for (start, end), match in zip(reading.spans, found, strict=True)
    ]
    return reading


def _read_page(source: str) -> _Reading:
    import trafilatura  # noqa: PLC0415 - it takes half a second to load

    slim = _EMBEDDED.sub("data:,", source)
    tree = _tree(slim)
    document = None if tree is None else _extracted(tree)
    paragraphs = [] if document is None else _paragraphs(document.body)
    method = f"main text by trafilatura {trafilatura.__version__}"
    if not paragraphs:
        paragraphs, method = blocks(source), "all visible text of the page; no main text was found"
    reading = _Reading(paragraphs, method=method)
    if tree is not None:
        reading.facts, reading.stated_language = stated(document, tree), stated_language(tree)
    reading.runs, reading.missing = locate(reading.text, reading.spans, trace_of(source))
    return reading


def _tree(source: str) -> Any:
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # noqa: PLC0415
    from trafilatura import load_html  # noqa: PLC0415

    try:
        return load_html(source)
    except (LxmlError, *_BREAKS_OFF):
        return None


def _extracted(tree: Any) -> Any:
    from lxml.etree import LxmlError  # noqa: PLC0415
    from trafilatura import bare_extraction  # noqa: PLC0415

    try:
        return bare_extraction(
            tree,
            with_metadata=True,
            include_comments=False,
            # a fixed last day: the same page gives the same facts in every year
            date_extraction_params={
                "extensive_search": False,
                "original_date": True,
                "max_date": "2100-12-31",
            },
        )
    except (LxmlError, *_BREAKS_OFF):
        return None


def _paragraphs(body: Any) -> list[str]:
    """The blocks of the extracted text; a block within a block comes by itself."""
    lines: list[list[str]] = [[]]
    for event, element in _walk(body):
        if event == "text":
            lines[-1].append(element)
        elif element in _BLOCKS or element == "lb":
            lines.append([])
    joined = (" ".join("".join(line).split()) for line in lines)
    return [_NOT_TEXT.sub("\ufffd", line) for line in joined if line]


def _walk(body: Any) -> Iterator[tuple[str, str]]:
    from lxml.etree import iterwalk  # noqa: PLC0415

    for event, element in iterwalk(body, events=("start", "end")):
        yield "border", str(element.tag)
        words = element.text if event == "start" else element.tail
        if words:
            yield "text", words


def _declared(content: bytes) -> str | None:
    head = content[:4096]
    match = _DECLARED.search(head) or _DECLARED_XML.search(head)
    return match[1].decode("ascii") if match else None


def _decoded(content: bytes, charset: Charset) -> str:
    """The content as text from which each of its bytes can be found again."""
    if charset.name.startswith("utf-16"):
        return content[: len(content) & ~1].decode(charset.name, "surrogatepass")
    return content.decode(charset.name, "surrogateescape")


def _in_bytes(
    reading: _Reading, source: str, content: bytes, charset: Charset
) -> tuple[tuple[tuple[int, int, int, int], ...], tuple[tuple[int, int], ...]]:
    """The segments with their places in the bytes, and the stretches that have none."""
    runs = reading.runs[:MOST_SEGMENTS]
    unlocated = [*reading.missing, *((run.text_start, run.text_end) for run in reading.runs[MOST_SEGMENTS:])]
    wanted = sorted({place for run in runs for place in (run.source_start, run.source_end)})
    places = _byte_places(source, content, charset.name, wanted)
    if places is None:
        return (), tuple(reading.spans[:MOST_SEGMENTS])
    segments = tuple(
        (run.text_start, run.text_end, places[run.source_start], places[run.source_end]) for run in runs
    )
    return segments, tuple(sorted(unlocated)[:MOST_SEGMENTS])


def _byte_places(source: str, content: bytes, charset: str, wanted: list[int]) -> dict[int, int] | None:
    """The byte at which each wanted character begins; None if the encoding cannot tell."""
    if len(source) == len(content):
        return {place: place for place in wanted}
    faithful = "surrogatepass" if charset.startswith("utf-16") else "surrogateescape"
    try:
        whole = source.encode(charset, faithful)
    except UnicodeEncodeError:
        return None
    if charset == "iso2022_jp" or whole != content[: len(whole)]:
        return None  # what was read cannot be written back byte for byte, so no place is sure
    places, reached, at = {}, 0, 0
    for place in wanted:
        at += len(source[reached:place].encode(charset, faithful))
        reached = place
        places[place] = at
    return places


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the log lines and warnings of the libraries: what matters is in the facts."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
