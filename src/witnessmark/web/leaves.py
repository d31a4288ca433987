"""Pages of documents, drawn one by one: grey and blurred until asked, with the text that they carry."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import page_facts
from witnessmark.desk.presence import lies_here
from witnessmark.errors import UsageError
from witnessmark.model import Digest, Facts, Finding, Rating
from witnessmark.ports import Case
from witnessmark.web.drawing import draw
from witnessmark.web.gallery import picture
from witnessmark.web.office import Visit
from witnessmark.web.quoting import quoting_form

_PDF = "application/pdf"


def leaf(visit: Visit) -> Response:
    """One page of a document, still covered."""
    return _page(visit, seen=None)


def look_leaf(visit: Visit) -> Response:
    """Leave to see a page as it is: for a script where it lies, else the page that shows it."""
    digest, number = _leaf(visit)
    copy = visit.desk.previews().page(digest, number, covered=False)
    visit.desk.looked(digest, Facts(how="page", number=number))
    path = f"/seen/{visit.office.sessions.grant(visit.required, 'seen', copy.digest)}.jpg"
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse({"path": path})
    return _page(visit, seen=path)


def covered_leaf(visit: Visit) -> Response:
    """One page of a document, small, grey and blurred in its pixels."""
    digest, number = _leaf(visit)
    copy = visit.desk.previews().page(digest, number, covered=True)
    with visit.desk.case.open(copy.digest) as stream:
        return picture(stream.read())


def count_of_pages(case: Case, digest: Digest) -> int:
    """How many pages a document has, as far as they were counted and it still lies here."""
    told = _told(case, digest)
    return int(told["pages"]) if told is not None and lies_here(case, digest) else 0


def _told(case: Case, digest: Digest) -> Facts | None:
    if case.item(digest).original.media_type != _PDF:
        return None
    return next((one.value for _, one in case.find(Finding, digest) if one.property == "pages"), None)


def _leaf(visit: Visit) -> tuple[Digest, int]:
    """The document and the page of the address; UsageError if there is none."""
    digest, words = visit.desk.case.digest_of_exhibit(visit.path("exhibit")), visit.path("number")
    count = count_of_pages(visit.desk.case, digest)
    if not (words.isascii() and words.isdecimal() and len(words) < 7 and 1 <= int(words) <= count):
        raise UsageError(f"{visit.path('exhibit')} has no page {words[:8]}")
    return digest, int(words)


def _page(visit: Visit, seen: str | None) -> Response:
    case, (digest, number) = visit.desk.case, _leaf(visit)
    told = _told(case, digest) or Facts()
    about: dict[str, Any] = {
        "exhibit": visit.path("exhibit"),
        "number": number,
        "count": told["pages"],
        "text": _text(case, digest, number, told),
        "level": visit.desk.opened(digest),
        "is_rated": any(one.region is None for _, one in case.find(Rating, digest)),
        "seen": seen,
    }
    is_quotable = visit.works and about["text"] is not None and about["text"]["is_kept"]
    page = str(number)
    about["quoting"] = quoting_form(visit, about["exhibit"], number=page) if is_quotable else ""
    return draw(visit, "leaf.html", **about)


def _text(case: Case, digest: Digest, number: int, told: Facts) -> dict[str, Any] | None:
    """The text of a page in pieces: as it was kept to be quoted, else as it was found. None without any."""
    kept = page_facts(case, digest, number)
    if kept is not None:
        return {**kept, "is_kept": True} if kept["pieces"] else None
    texts = told.get("texts", ())
    text = texts[number - 1] if number <= len(texts) and lies_here(case, digest) else ""
    return {"pieces": [{"text": text, "statement": None}], "is_kept": False} if text.strip() else None
