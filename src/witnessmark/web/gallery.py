"""The gallery: every exhibit, covered, by pages of which each begins where the one before ended."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import MEDIA, OTHER, RECORDS, sieve_for, tile
from witnessmark.desk.facets import DATES, FIELDS, asked_of
from witnessmark.desk.gallery import View, view
from witnessmark.desk.labels import levels_of, not_counted
from witnessmark.errors import UsageError
from witnessmark.ports import Sieve, Sifted
from witnessmark.publish.dossier import UNKNOWN_LEVEL
from witnessmark.publish.sentences import visible
from witnessmark.web.drawing import cast, draw_once, part
from witnessmark.web.office import Visit, go
from witnessmark.web.tagging import LONGEST_TEXT, SORTS
from witnessmark.web.words import LANGUAGES

PAGE = 60
"""How many exhibits are given at once."""
ASKED = (*("words", "kind", "has", "lacks"), *(name for name in FIELDS if name != "words"), "fold")
"""What can be asked of the gallery, by the names of fields; a kept search is made of these."""
MOST_UNFOLDED = 40
_CHOSEN = ("kind", "has", "lacks", "level", "fold")
_WRITTEN = tuple(name for name in ASKED if name not in (*_CHOSEN, "lang"))
"""What is chosen of a few in the form, and what is written into it."""
_GRAPHIC = ("picture", "video", "sound")
_FURTHER = ("lang", "place", "within_km", *(f"{kind}_{end}" for kind in DATES for end in ("from", "to")))


def gallery(visit: Visit) -> Response:
    """Exhibits from a place on, with the places where the other pages begin."""
    asked, number, at = asked_for(visit), visit.number("page"), visit.asked("at")
    key = ("gallery", visit.language, visit.works, number, at, _question(visit, asked))
    inner = visit.answered(key, lambda: _inner(visit, asked, number))
    kept_of_it = {name: value for name, value in asked.items() if name in ASKED}
    own = {"inner": inner, "kept": _kept(visit, kept_of_it), "back": urlencode(kept_of_it)}
    facts = {"sorts": SORTS, "longest": LONGEST_TEXT}
    return draw_once(visit, "gallery.html", None, lambda: facts, **own)


def _kept(visit: Visit, asked: Mapping[str, str]) -> Markup:
    """What the visitor kept, and how they keep what they ask now."""
    session = visit.required
    kept = visit.office.searches.of(session.account.name)
    if not (kept or asked):
        return Markup()
    return part(visit, "gallery_kept.html", asked=asked, kept=kept, form=session.form_token)


def tiles(visit: Visit) -> Response:
    """The exhibits of one page, for whoever scrolls."""
    asked, start = asked_for(visit), visit.number("from")
    key = ("tiles", start, visit.works, _question(visit, asked))
    return JSONResponse(visit.answered(key, lambda: _written(visit, asked, start)))


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
    """What was asked of the gallery, in the order in which it asks; `open` are groups that are unfolded."""
    asked = {name: visit.asked(name).strip() for name in (*ASKED, "open")}
    if asked["fold"] != "yes":
        asked["fold"] = asked["open"] = ""
    if not asked["place"]:
        asked["within_km"] = ""
    return {name: value for name, value in asked.items() if value}


def _question(visit: Visit, asked: Mapping[str, str]) -> tuple[object, ...]:
    """By what an answer is known again: words are still being read while a large case is new."""
    words = visit.office.words
    if _is_of_index(asked):
        words.refresh(is_asked=True)
    return (words.version if _is_of_index(asked) else 0, *asked.items())


def _is_of_index(asked: Mapping[str, str]) -> bool:
    return any(name in asked for name in (*FIELDS, "fold"))


def _inner(visit: Visit, asked: Mapping[str, str], number: int) -> Markup:
    """The part of the page that is the same for everyone who asks the same in the same language."""
    at = None
    if _is_of_index(asked):
        found = _view(visit, asked)
        places: Sequence[int] = range(0, len(found.order), PAGE)
        begins = ",".join(map(str, places))
        count, exhibits, hits = len(found.order), found.exhibits, found.hits
        if visit.asked("at"):
            at = found.index_of(_place_of(visit, visit.asked("at")))
    else:
        hits = None
        count, places, begins = _places(visit, sieve_of(visit, asked))
        exhibits = count
    page = min(number if at is None else at // PAGE, max(0, len(places) - 1))
    question = urlencode(asked)
    facts = {
        "tiles": _drawn(visit, _tiles(visit, asked, places[page])) if places else "",
        "count": count,
        "exhibits": exhibits,
        "total": _places(visit, Sieve())[0],
        "places": places,
        "begins": begins,
        "page": page,
        "at": at,
        "size": PAGE,
        "question": question,
        "kinds": (*MEDIA, OTHER),
        "hits": hits,
        "works": visit.works,
    }
    return _filters(visit, asked) + part(visit, "gallery_inner.html", **facts)


def _filters(visit: Visit, asked: Mapping[str, str]) -> Markup:
    """The form in which it is asked, with what was asked in it."""
    words = visit.office.words
    tongues = visit.answered(("tongues", words.version), words.languages)

    shape: dict[str, Hashable] = {name: asked.get(name, "") for name in _CHOSEN}
    shape |= {"lang": asked.get("lang") if asked.get("lang") in tongues else "", "works": visit.works}
    shape |= {"further": sum(name in asked for name in _FURTHER), "kinds": (*MEDIA, OTHER)}
    shape |= {"records": RECORDS, "dates": tuple(DATES)}
    shape["tongues"] = tuple((code, LANGUAGES[code]["name"] if code in LANGUAGES else "") for code in tongues)
    texts = {name: asked.get(name, "") for name in _WRITTEN}
    return cast(visit, "gallery_filters.html", shape, texts)


def _places(visit: Visit, sieve: Sieve) -> tuple[int, Sequence[int], str]:
    """How many exhibits come through a sieve, where each page of them begins, and the same in writing."""

    def look() -> tuple[int, Sequence[int], str]:
        count, places = visit.desk.case.places(sieve, PAGE)
        return count, places, ",".join(map(str, places))

    return visit.answered(("places", sieve), look)


def _drawn(visit: Visit, tiles: Sequence[Mapping[str, Any]]) -> Markup:
    """Tiles as they stand in the page."""
    return Markup("\n".join(_drawn_one(visit, one) for one in tiles))  # noqa: S704 - escaped each


def _drawn_one(visit: Visit, one: Mapping[str, Any]) -> Markup:
    shape = {name: one[name] for name in ("kind", "has_cover", "level", "rated", "is_open", "is_behind")}
    shape |= {"works": visit.works, "has_others": bool(one["folded"])}
    texts = {"exhibit": one["exhibit"], "title": one["title"] or one["media_type"]}
    if one["folded"]:
        texts |= {"unfold": one["unfold"], "folded": f"{one['folded']:,}"}
    return cast(visit, "gallery_tile.html", shape, texts)


def _written(visit: Visit, asked: Mapping[str, str], start: int) -> list[dict[str, Any]]:
    return [
        {name: visible(value) if isinstance(value, str) else value for name, value in one.items()}
        for one in _tiles(visit, asked, start)
    ]


def _tiles(visit: Visit, asked: Mapping[str, str], start: int) -> list[dict[str, Any]]:
    if not _is_of_index(asked):
        return tiles_of(visit, sieve_of(visit, asked), start)
    found, words = _view(visit, asked), visit.office.words
    shown_behind = {place for head in found.unfolded for place in found.behind[head]}
    told = _told(visit, found.page(visit.desk.case, start, PAGE, sieve_of(visit, asked)))
    for facts in told:
        place, rest = facts["place"], found.behind.get(facts["place"], ())
        facts |= {"is_open": place in found.unfolded, "is_behind": place in shown_behind}
        if rest:
            facts |= {"folded": len(rest), "unfold": _unfold(asked, facts["exhibit"])}
        if rest and not facts["is_open"]:  # as graphic as the most graphic of all
            levels = words.levels(rest)
            facts["rated"] = facts["rated"] and None not in levels
            facts["level"] = max(facts["level"], *(UNKNOWN_LEVEL if one is None else one for one in levels))
    return told


def _unfold(asked: Mapping[str, str], exhibit: str) -> str:
    """The question with one more group unfolded, or with it folded again."""
    now = [one for one in asked.get("open", "").split(",") if one]
    then = [one for one in now if one != exhibit] if exhibit in now else [*now, exhibit]
    question = {**asked, "open": ",".join(then[-MOST_UNFOLDED:]), "at": exhibit}
    return urlencode({name: value for name, value in question.items() if value})


def _view(visit: Visit, asked: Mapping[str, str]) -> View:
    office, case = visit.office, visit.desk.case
    wanted = asked_of(asked, whole=visit.works)

    def make() -> View:
        opened = frozenset(_place_of(visit, one) for one in asked.get("open", "").split(",") if one)
        hits = office.words.find(wanted)
        through = office.views.through(case, now, sieve_of(visit, asked), hits.places)
        return view(hits, through, folds="fold" in asked, unfolded=opened)

    now = visit.answered("generation", object)  # another one as soon as something came in
    return office.views.once((now, office.words.version, *asked.items()), make)


def _place_of(visit: Visit, exhibit: str) -> int:
    case = visit.desk.case
    (one,) = case.sift(Sieve(among=frozenset((case.digest_of_exhibit(exhibit),))), 0, 1)
    return one.place


def sieve_of(visit: Visit, asked: Mapping[str, Any]) -> Sieve:
    """The sieve that somebody asks for; labels that were taken back are none."""
    but = visit.answered("taken back", lambda: not_counted(visit.desk.case))
    return sieve_for(*(asked.get(name, "") for name in ("kind", "has", "lacks")), but=but)


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


def tiles_of(visit: Visit, sieve: Sieve, start: int, count: int = PAGE) -> list[dict[str, Any]]:
    """Some exhibits that come through a sieve, from a place on, each with how graphic it is."""
    return _told(visit, visit.desk.case.sift(sieve, start, count))


def _told(visit: Visit, sifted: Iterable[Sifted]) -> list[dict[str, Any]]:
    desk = visit.desk
    told = []
    sifted = list(sifted)
    titles = visit.office.words.titles([one.place for one in sifted])
    levels = levels_of(desk.case, [one.digest for one in sifted if one.records.get("rating")])
    for one in sifted:
        facts = tile(desk.case, one, titles)
        is_graphic = facts["kind"] in _GRAPHIC
        facts["level"] = levels.get(one.digest, UNKNOWN_LEVEL if is_graphic else 0)
        facts["rated"] = bool(one.records.get("rating")) or not is_graphic
        facts |= {"folded": 0, "unfold": "", "is_open": False, "is_behind": False}
        told.append(facts)
    return told
