"""The gallery: every exhibit, covered, by pages of which each begins where the one before ended."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import MEDIA, OTHER, RECORDS, sieve_for, tile
from witnessmark.errors import UsageError
from witnessmark.ports import Sieve
from witnessmark.publish.dossier import UNKNOWN_LEVEL
from witnessmark.publish.sentences import visible
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit

PAGE = 60
"""How many exhibits are given at once."""
_ASKED = ("kind", "has", "lacks")
_GRAPHIC = ("picture", "video", "sound")


def gallery(visit: Visit) -> Response:
    """Exhibits from a place on, with the places where the other pages begin."""
    sieve = _sieve(visit)
    count, places = visit.desk.case.places(sieve, PAGE)
    page = min(visit.number("page"), max(0, len(places) - 1))
    asked = {name: visit.asked(name) for name in _ASKED}
    return draw(
        visit,
        "gallery.html",
        tiles=tiles_of(visit, sieve, places[page]) if places else [],
        count=count,
        total=visit.desk.case.places(Sieve(), 1)[0],
        places=places,
        page=page,
        size=PAGE,
        asked=asked,
        question=urlencode({name: value for name, value in asked.items() if value}),
        kinds=(*MEDIA, OTHER),
        records=RECORDS,
    )


def tiles(visit: Visit) -> Response:
    """The exhibits of one page, for whoever scrolls."""
    written = [
        {name: visible(value) if isinstance(value, str) else value for name, value in one.items()}
        for one in tiles_of(visit, _sieve(visit), visit.number("from"))
    ]
    return JSONResponse(written)


def cover(visit: Visit) -> Response:
    """The covered preview of an exhibit: small, grey, blurred in its pixels, with its masks."""
    case = visit.desk.case
    preview = visit.desk.covered(case.digest_of_exhibit(visit.path("exhibit")))
    if preview is None:
        raise UsageError("there is no preview of this exhibit")
    with case.open(preview.digest) as stream:
        return picture(stream.read())


def picture(content: bytes) -> Response:
    """A derivative as browsers may have it."""
    return Response(
        content,
        media_type="image/jpeg",
        headers={"content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'"},
    )


def _sieve(visit: Visit) -> Sieve:
    return sieve_for(*(visit.asked(name) for name in _ASKED))


def tiles_of(visit: Visit, sieve: Sieve, start: int, count: int = PAGE) -> list[dict[str, Any]]:
    """Some exhibits that come through a sieve, from a place on, each with how graphic it is."""
    desk = visit.desk
    told = []
    for one in desk.case.sift(sieve, start, count):
        facts = tile(desk.case, one)
        is_graphic = facts["kind"] in _GRAPHIC
        facts["level"] = (
            desk.level_of(one.digest) if one.records.get("rating") else UNKNOWN_LEVEL if is_graphic else 0
        )
        facts["rated"] = bool(one.records.get("rating")) or not is_graphic
        told.append(facts)
    return told
