"""PDF: how many pages there are, and the text that they carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.model import Copy, Facts, Finding

_MOST_PAGES = 500
_MOST_SIGNS = 2_000_000


class Pages:
    """Reads a PDF with PDFium, without running scripts or forms."""

    name = "pages"
    version = "1"
    limits = (
        "The text is what the file carries, in the file's own order: it may differ from what is printed, be "
        "hidden, or be missing where a page is a picture. Earlier versions inside the file are not looked at."
    )

    def accepts(self, copy: Copy) -> bool:
        """Whether the bytes are a PDF."""
        return copy.media_type == "application/pdf"

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterator[Finding]:
        """The number of pages, their sizes in points, and their text."""
        try:
            import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and an extra
        except ImportError as error:
            raise UnavailableError("PDF needs pypdfium2; pip install 'witnessmark[pdf]'") from error
        try:
            document = pypdfium2.PdfDocument(untrusted.read())
            value = _read(document)
        except pypdfium2.PdfiumError as error:
            raise MalformedError(f"no PDF that can be read: {error}") from error
        yield Finding(copy.digest, f"{self.name} {self.version}", "pages", Facts(value), self.limits)


def _read(document: Any) -> dict[str, object]:
    """The pages up to the cap; what was left out is said."""
    count = len(document)
    texts: list[str] = []
    sizes: list[tuple[float, float]] = []
    for number in range(min(count, _MOST_PAGES)):
        page = document[number]
        sizes.append((round(page.get_width(), 1), round(page.get_height(), 1)))
        texts.append(_clean(page.get_textpage().get_text_range()))
        if sum(map(len, texts)) > _MOST_SIGNS:
            break
    return {"pages": count, "read": len(texts), "sizes_pt": sizes, "texts": texts}


def _clean(text: str) -> str:
    """The text without signs that no text can hold."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").replace("\ufffe", "")
