"""Texts: the readable text of an exhibit, as it was kept beside it, with where it stands in the original."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from witnessmark.errors import UsageError
from witnessmark.model import Copy, Digest, Erasure, Facts, Finding, TextSpan
from witnessmark.ports import Case

READABLE = "readable text"
"""The property of the finding that describes a kept text."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A readable text. Each segment is text start, text end, byte start, byte end in the original.

    `pages` are the ends of each page in the text of a document; a text that has none has no pages.
    """

    digest: Digest
    content: str
    facts: Facts
    segments: tuple[tuple[int, int, int, int], ...]

    @property
    def pages(self) -> tuple[tuple[int, int], ...]:
        """Where each page begins and ends, by its number from 1 on."""
        return tuple((start, end) for start, end in self.facts.get("page_spans", ()))

    def pages_at(self, span: TextSpan) -> tuple[int, ...]:
        """The numbers of the pages on which words stand: one, or several that follow each other."""
        return span.on(self.pages)

    def places_of(self, quote: str, page: int | None = None) -> list[TextSpan]:
        """Where words stand in the text or on one page: to the letter, or else but for white space."""
        start, end = (0, len(self.content)) if page is None else self.pages[page - 1]
        for pattern in (re.escape(quote), r"\s+".join(map(re.escape, quote.split()))):
            wanted = re.compile(pattern)
            found = [TextSpan(*one.span()) for one in wanted.finditer(self.content, start, end) if one[0]]
            if found:
                return found
        return []


def kept_text(case: Case, original: Digest) -> KeptText | None:
    """The readable text that was made from an exhibit; None if there is none."""
    return text_by(case, (finding for _, finding in case.find(Finding, original)))


def text_by(case: Case, findings: Iterable[Finding]) -> KeptText | None:
    """The readable text that the findings on one exhibit speak of; IntegrityError if it was lost."""
    for finding in findings:
        if finding.property == READABLE and "text" in finding.value:
            digest = Digest(finding.value["text"])
            if not case.has(digest) and case.find(Erasure, digest):
                return None
            with case.open(digest) as stream:
                content = stream.read().decode("utf-8")
            segments = tuple(sorted(tuple(one) for one in finding.value.get("segments", ())))
            return KeptText(digest, content, finding.value, segments)
    return None


def place_of_quote(text: KeptText, quote: str, page: int | None, where: str) -> TextSpan | None:
    """Where a quote stands; None if it does not stand there.

    In a document the place has to be the only one, so that a quote never leads to the wrong page: UsageError
    says on which pages it stands.
    """
    if page is not None and not 1 <= page <= len(text.pages):
        told = f"it has {len(text.pages)} with a text" if text.pages else "it has no pages"
        raise UsageError(f"{where}: there is no page {page}: {told}")
    found = text.places_of(quote, page)
    if text.pages and len(found) > 1:
        numbers = dict.fromkeys(number for one in found for number in text.pages_at(one))
        pages = ", ".join(map(str, numbers))
        raise UsageError(
            f"{where}: the quote {quote[:60]!r} stands {len(found)} times, on page {pages}",
            advice="say which page, or quote more of the words around it",
        )
    return found[0] if found else None


def copies_of(case: Case, original: Digest) -> tuple[Copy, ...]:
    """The working copies that were made from an exhibit."""
    return tuple(copy for _, copy in case.find(Copy, original))
