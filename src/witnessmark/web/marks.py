"""Marks: a picture from close, what people marked on it, and a mark of one's own put on record.

Regions come and go as W3C selectors; what is entered is what `witnessmark observe` would enter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import has_cover, kind_of
from witnessmark.desk.previews import is_recording
from witnessmark.desk.seen import Seen
from witnessmark.desk.sidecar import (
    Line,
    moment_of_words,
    range_of_words,
    selector_at,
    selector_of_words,
)
from witnessmark.desk.upright import upright_size
from witnessmark.errors import UsageError
from witnessmark.model import Digest, Facts, Observation, Purpose, Range, Rating, Region, Shape
from witnessmark.publish.annotation import annotation_page
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go

LEVEL = "level"
SORTS = (*(one.value for one in Purpose), LEVEL)
"""What a mark can be: one of the purposes, or how graphic the region or the whole picture is."""
LONGEST_TEXT = 2_000
_LONGEST_REGION = 8_000


def close(visit: Visit) -> Response:
    """The picture or the frame, still covered, with all marks and the form for one more."""
    return _page(visit, seen=None)


def look_close(visit: Visit) -> Response:
    """Leave to see the picture in full detail: for a script where it lies, else the page that shows it."""
    digest, at_ms = _looked_at(visit)
    if at_ms is None:
        copy = visit.desk.uncover(digest, closely=True)
    else:
        copy = visit.desk.previews().frame(digest, at_ms, covered=False)
        visit.desk.looked(digest, Facts(closely=True, at_ms=at_ms))
    path = f"/seen/{visit.office.sessions.grant(visit.required, 'seen', copy.digest)}.jpg"
    if _wants_json(visit):
        return JSONResponse({"path": path})
    return _page(visit, seen=path)


def marks(visit: Visit) -> Response:
    """The marks as a W3C annotation page."""
    case = visit.desk.case
    found = [mark for _, mark in case.find(Observation, case.digest_of_exhibit(visit.path("exhibit")))]
    return Response(annotation_page(found), media_type="application/ld+json")


def mark(visit: Visit) -> Response:
    """A mark on record, if nobody marked this picture since the page was opened."""
    case, number, fields = visit.desk.case, visit.path("exhibit"), visit.fields
    digest = case.digest_of_exhibit(number)
    is_played = is_recording(case.item(digest).original.media_type)
    if not is_played:
        _picture(visit)
    sort, text, region = (fields.get(name, "").strip() for name in ("sort", "text", "region"))
    moment = moment_of_words(fields.get("moment", "")[:60])
    if sort not in SORTS:
        raise UsageError("say what you marked", advice=f"one of {', '.join(SORTS)}")
    if len(text) > LONGEST_TEXT or len(region) > _LONGEST_REGION:
        raise UsageError(f"a mark has at most {LONGEST_TEXT:,} signs")
    table: dict[str, Any] = {"exhibit": number, "selector": selector_of_words(region)}
    if sort == LEVEL and is_played:
        table["selector"] = None  # a level is for the whole recording
    else:
        table["selector"] = selector_at(moment, table["selector"])
    if sort == LEVEL:
        table |= {"kind": "rating", "level": _level(fields.get("level", ""))}
    else:
        count = range_of_words(fields.get("count", "").strip() or None)
        body = {"purpose": sort, "value": text, "count": _plain(count)}
        table |= {"kind": "observation", "body": body}
    ((name, noun),) = visit.desk.enter([Line("the form", table)], Seen((digest,), fields.get("seen", "")))
    if not _wants_json(visit):
        at = f"?at={moment.start_ms}" if moment is not None else ""
        return go(f"/exhibits/{number}/{'play' if is_played else 'close'}{at}")
    assert isinstance(noun, Observation | Rating)  # noqa: S101 - for the type checker
    return JSONResponse({"seen": Seen.now(visit.desk.case, digest).revision, "mark": _told(name, noun)})


def _level(words: str) -> int:
    if words not in tuple("01234"):
        raise UsageError("say how graphic it is, from 0 (none) to 4 (extreme)")
    return int(words)


def _plain(count: Range | None) -> dict[str, Any] | None:
    if count is None:
        return None
    return {"low": count.low, "best": count.best, "high": count.high, "qualifier": count.qualifier.value}


def _wants_json(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


def _picture(visit: Visit) -> tuple[Digest, tuple[int, int]]:
    """The picture of the address and its upright size; UsageError if there is none to be marked."""
    case, number = visit.desk.case, visit.path("exhibit")
    digest = case.digest_of_exhibit(number)
    media_type = case.item(digest).original.media_type
    if kind_of(media_type) != "picture" or not has_cover(media_type):
        raise UsageError(f"{number} is no picture, so nothing can be marked on it")
    size = upright_size(case, digest)
    if size is None:
        raise UsageError(
            f"nobody could measure how large {number} is, so nothing can be marked on it",
            advice="its page says which examination did not work",
        )
    return digest, size


def _looked_at(visit: Visit) -> tuple[Digest, int | None]:
    """The picture of the address, or the video and the time of its frame."""
    if not visit.asked("at"):
        return _picture(visit)[0], None
    digest = visit.desk.case.digest_of_exhibit(visit.path("exhibit"))
    if kind_of(visit.desk.case.item(digest).original.media_type) != "video":
        raise UsageError("only a video has frames")
    return digest, visit.number("at")


def _page(visit: Visit, seen: str | None) -> Response:
    desk, (digest, at_ms) = visit.desk, _looked_at(visit)
    frame = None
    if at_ms is None:
        _, size = _picture(visit)
    else:
        frame = desk.previews().frame(digest, at_ms, covered=True).parameters
        size = frame["upright_width"], frame["upright_height"]
    about: dict[str, Any] = {
        "exhibit": visit.path("exhibit"),
        "size": size,
        "level": desk.opened(digest),
        "is_rated": any(one.region is None for _, one in desk.case.find(Rating, digest)),
        "marks": [one for one in told_marks(visit, digest) if frame is None or _is_on(one, frame)],
        "frame": frame,
        "clock": clock,
        "seen": seen,
        "revision": Seen.now(desk.case, digest).revision,
        "sorts": SORTS,
        "longest": LONGEST_TEXT,
    }
    return draw(visit, "close.html", **about)


def _is_on(told: dict[str, Any], frame: Facts) -> bool:
    """Whether a mark holds while a frame is shown: it overlaps it, or is for the whole recording."""
    if told["start_ms"] is None:
        return True
    return bool(told["start_ms"] < frame["until_ms"] and frame["at_ms"] < told["end_ms"])


def told_marks(visit: Visit, digest: Digest) -> Iterator[dict[str, Any]]:
    """The marks on an exhibit as pages draw and list them, in the order in which they were put on record."""
    case = visit.desk.case
    found: list[tuple[Digest, Observation | Rating]] = [*case.find(Observation, digest)]
    found += case.find(Rating, digest)
    for name, noun in sorted(found, key=lambda one: (case.entry_of(one[0]) or 0, one[0])):
        yield _told(name, noun)


def _told(name: Digest, noun: Observation | Rating) -> dict[str, Any]:
    """A mark as the page draws and lists it."""
    region = noun.region
    told: dict[str, Any] = {
        "name": name.hex[:16],
        "by": noun.author.name,
        "region": None if region is None else region.shape.value,
        "points": [] if region is None else _corners(region),
        "start_ms": None,
        "end_ms": None,
        "clock": None,
    }
    if isinstance(noun, Rating):
        return {**told, "sort": LEVEL, "text": str(noun.level), "amount": None, "at": _at(noun.rated_at)}
    if noun.moment is not None:
        start, end = noun.moment.start_ms, noun.moment.end_ms
        told |= {"start_ms": start, "end_ms": end, "clock": f"{clock(start)}–{clock(end)}"}
    amount = None if noun.amount is None else str(noun.amount)
    said = {"sort": noun.purpose.value, "text": noun.text, "amount": amount}
    return {**told, **said, "at": _at(noun.observed_at)}


def clock(milliseconds: int) -> str:
    """A time since the beginning of a recording, to the millisecond."""
    seconds, rest = divmod(milliseconds, 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    before = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{before}:{seconds % 60:02}.{rest:03}"


def _at(moment: datetime) -> str:
    return moment.isoformat()


def _corners(region: Region) -> Sequence[tuple[float, float]]:
    """The corners in the order in which they are drawn."""
    if region.shape is not Shape.BOX:
        return region.points
    (left, top), (right, bottom) = region.points
    return ((left, top), (right, top), (right, bottom), (left, bottom))
