"""PDF: how many pages there are, and the text that they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from witnessmark.errors import MalformedError, RefusedError, UnavailableError, UsageError
from witnessmark.model import Copy, Facts, Finding
from witnessmark.pixels.raster import Raster

if TYPE_CHECKING:
    from PIL import Image

_MOST_PAGES = 500
_MOST_SIGNS = 2_000_000
_PER_POINT, _MOST_PX = 2, 6000

_Result = TypeVar("_Result")


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
        value = _with_document(untrusted, _read)
        yield Finding(copy.digest, f"{self.name} {self.version}", "pages", Facts(value), self.limits)


def first_page(untrusted: BinaryIO) -> Raster:
    """The first page as a picture; a page of vast size is drawn coarser."""
    return one_page(untrusted, 1)


def one_page(untrusted: BinaryIO, number: int) -> Raster:
    """A page as a picture, by its number from 1 on; UsageError if there is none of that number."""
    return Raster(_with_document(untrusted, lambda document: _drawn(document, number)), 1, complete=True)


def _with_document(untrusted: BinaryIO, use: Callable[[Any], _Result]) -> _Result:
    """What `use` gets out of the PDF; MalformedError if PDFium cannot read it."""
    try:
        import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise UnavailableError("PDF needs pypdfium2; pip install 'witnessmark[pdf]'") from error
    try:
        return use(pypdfium2.PdfDocument(untrusted.read()))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("the PDF is encrypted; a password is needed") from error
        raise MalformedError("no PDF that can be read: it is broken, incomplete, or none") from error


def _drawn(document: Any, number: int) -> Image.Image:
    if number > len(document):
        raise UsageError(f"there is no page {number}: there are {len(document)}")
    page = document[number - 1]
    longest = max(page.get_width(), page.get_height(), 1)
    image: Image.Image = page.render(scale=min(_PER_POINT, _MOST_PX / longest)).to_pil()
    return image


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
