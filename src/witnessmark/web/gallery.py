"""The gallery: every exhibit, covered, by pages of which each begins where the one before ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import MEDIA, OTHER, RECORDS, sieve_for, tile
from witnessmark.desk.searching import Hits
from witnessmark.errors import UsageError
from witnessmark.model import Digest, Rating
from witnessmark.ports import Sieve
from witnessmark.publish.dossier import UNKNOWN_LEVEL
from witnessmark.publish.sentences import visible
from witnessmark.web.drawing import draw, part
from witnessmark.web.office import Visit, go

PAGE = 60
"""How many exhibits are given at once."""
ASKED = ("words", "kind", "has", "lacks", "level")
_GRAPHIC = ("picture", "video", "sound")


def gallery(visit: Visit) -> Response:
    """Exhibits from a place on, with the places where the other pages begin."""
    asked, number = asked_for(visit), visit.number("page")
    key = ("gallery", visit.language, number, _question(visit, asked))
    inner = visit.office.answered(key, lambda: _inner(visit, asked, number))
    question = urlencode(asked)
    kept = visit.office.searches.of(visit.required.account.name)
    return draw(visit, "gallery.html", inner=inner, question=question, asked=asked, kept=kept)


def tiles(visit: Visit) -> Response:
    """The exhibits of one page, for whoever scrolls."""
    asked, start = asked_for(visit), visit.number("from")
    key = ("tiles", start, _question(visit, asked))
    return JSONResponse(visit.office.answered(key, lambda: _written(visit, asked, start)))


def keep(visit: Visit) -> Response:
    """Keep the question of the gallery for oneself."""
    question = urlencode({name: visit.fields[name] for name in ASKED if visit.fields.get(name)})
    visit.office.searches.keep(visit.required.account.name, visit.fields.get("name", ""), question)
    return go(f"/gallery?{question}")


def forget(visit: Visit) -> Response:
    """Keep a search no longer."""
    visit.office.searches.forget(visit.required.account.name, visit.fields.get("name", ""))
    return go("/gallery")


def asked_for(visit: Visit) -> dict[str, str]:
    """What was asked of the gallery, in the order in which it asks."""
    return {name: visit.asked(name).strip() for name in ASKED if visit.asked(name).strip()}


def _question(visit: Visit, asked: Mapping[str, str]) -> tuple[object, ...]:
    """By what an answer is known again: words are still being read while a large case is new."""
    words = visit.office.words
    if "words" in asked:
        words.refresh(is_asked=True)
    return (words.version if "words" in asked else 0, *asked.items())


def _inner(visit: Visit, asked: Mapping[str, str], number: int) -> Markup:
    """The part of the page that is the same for everyone who asks the same in the same language."""
    sieve, hits = _sieve(visit, asked)
    case = visit.desk.case
    count, places = visit.office.answered(
        ("places", _question(visit, asked)), lambda: case.places(sieve, PAGE)
    )
    page = min(number, max(0, len(places) - 1))
    facts = {
        "tiles": tiles_of(visit, sieve, places[page]) if places else [],
        "count": count,
        "total": visit.office.answered("total", lambda: case.places(Sieve(), 1)[0]),
        "places": places,
        "page": page,
        "size": PAGE,
        "asked": {name: asked.get(name, "") for name in ASKED},
        "question": urlencode(asked),
        "kinds": (*MEDIA, OTHER),
        "records": RECORDS,
        "hits": hits,
    }
    return part(visit, "gallery_inner.html", **facts)


def _written(visit: Visit, asked: Mapping[str, str], start: int) -> list[dict[str, Any]]:
    return [
        {name: visible(value) if isinstance(value, str) else value for name, value in one.items()}
        for one in tiles_of(visit, _sieve(visit, asked)[0], start)
    ]


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


def _sieve(visit: Visit, asked: Mapping[str, str]) -> tuple[Sieve, Hits | None]:
    """The sieve for what was asked, and what the search for words found if any were asked for."""
    sieve = sieve_for(*(asked.get(name, "") for name in ("kind", "has", "lacks")))
    among, hits = [], None
    if asked.get("words"):
        hits = visit.office.words.find(asked["words"])
        among.append(hits.digests)
    if asked.get("level"):
        among.append(_rated(visit, asked["level"]))
    return replace(sieve, among=frozenset.intersection(*among)) if among else sieve, hits


def _rated(visit: Visit, level: str) -> frozenset[Digest]:
    """The exhibits whose latest rating as a whole is a level."""
    if level not in tuple("01234"):
        raise UsageError(f"{level[:10]!r} is no level", advice="levels are 0 (none) to 4 (extreme)")

    def rated() -> dict[Digest, int]:
        ratings = (one for _, one in visit.desk.case.find(Rating))
        return {one.about: one.level for one in ratings if one.region is None}

    latest = visit.office.answered("rated", rated)
    return frozenset(digest for digest, one in latest.items() if one == int(level))


def tiles_of(visit: Visit, sieve: Sieve, start: int, count: int = PAGE) -> list[dict[str, Any]]:
    """Some exhibits that come through a sieve, from a place on, each with how graphic it is."""
    desk = visit.desk
    told = []
    sifted = desk.case.sift(sieve, start, count)
    titles = visit.office.words.titles([one.digest for one in sifted])
    for one in sifted:
        facts = tile(desk.case, one, titles)
        is_graphic = facts["kind"] in _GRAPHIC
        facts["level"] = (
            desk.level_of(one.digest) if one.records.get("rating") else UNKNOWN_LEVEL if is_graphic else 0
        )
        facts["rated"] = bool(one.records.get("rating")) or not is_graphic
        told.append(facts)
    return told
