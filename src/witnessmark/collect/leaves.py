"""The text of a PDF, page after page: what the file carries, in the file's own order.

It may differ from what is printed, be hidden, or be missing where a page is a picture. So a quotation of it
names its page, and the page is shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from witnessmark.errors import MalformedError, RefusedError, UnavailableError

_MOST_PAGES = 500
_MOST_SIGNS = 2_000_000
_NEARLY_FULL = 0.7
"""From which share of the longest line of its page on a line is taken for one that was broken to fit."""
_UNSEEN = str.maketrans("", "", "\x00\ufffe")


@dataclass(frozen=True, slots=True)
class Leaves:
    """The texts of the pages that were read, how many pages there are, and what read them."""

    texts: tuple[str, ...]
    count: int
    method: str


def leaves_of(untrusted: bytes) -> Leaves:
    """The pages of a PDF up to a bound; MalformedError if PDFium cannot read it."""
    try:
        import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise UnavailableError("PDF needs pypdfium2; pip install 'witnessmark[pdf]'") from error
    try:
        document = pypdfium2.PdfDocument(untrusted)
        texts = tuple(_texts(document))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("the PDF is encrypted; a password is needed") from error
        raise MalformedError("no PDF that can be read: it is broken, incomplete, or none") from error
    return Leaves(texts, len(document), f"the text of each page by PDFium {pypdfium2.PDFIUM_INFO.build}")


def _texts(document: Any) -> list[str]:
    texts: list[str] = []
    for number in range(min(len(document), _MOST_PAGES)):
        texts.append(_clean(document[number].get_textpage().get_text_range()))
        if sum(map(len, texts)) > _MOST_SIGNS:
            break
    return texts


def _clean(text: str) -> str:
    """The text without signs that no text can hold, its accents with their letters, its lines run on."""
    lines = text.encode("utf-8", "replace").decode("utf-8").translate(_UNSEEN).splitlines()
    return normalize("NFC", _run_on([" ".join(line.split()) for line in lines]))


def _run_on(lines: Sequence[str]) -> str:
    """Lines that were broken to fit the page as one; one that ends well before the others does not."""
    full = max(map(len, lines), default=0) * _NEARLY_FULL
    text = "".join(line + (" " if line and len(line) >= full else "\n") for line in lines)
    return re.sub(r" ?\n\s*", "\n", text).strip()
