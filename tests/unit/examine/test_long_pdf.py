"""A PDF of very many pages is read up to a bound, and the finding says how far."""

from __future__ import annotations

import io

import pypdfium2  # type: ignore[import-untyped]

from witnessmark.examine.pages import Pages
from witnessmark.model import Copy, Digest


def test_a_pdf_of_very_many_pages_is_read_up_to_a_bound_that_is_told() -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(520):
        document.new_page(100, 100)
    written = io.BytesIO()
    document.save(written)
    content = written.getvalue()
    copy = Copy(Digest.of(content), len(content), "application/pdf")
    (found,) = Pages().examine(copy, io.BytesIO(content))
    assert (found.value["pages"], found.value["read"], len(found.value["sizes_pt"])) == (520, 500, 500)
