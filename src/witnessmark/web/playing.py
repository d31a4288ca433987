"""Recordings: a strip of frames and a waveform, a preview that is played, and marks at their moments.

What is seen and heard was made anew in the locked room; the browser has it from the host of collected bytes.
"""

from __future__ import annotations

import array
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import has_cover, kind_of
from witnessmark.desk.presence import lies_here
from witnessmark.desk.previews import is_recording
from witnessmark.desk.seen import Seen
from witnessmark.desk.upright import length_ms
from witnessmark.errors import MalformedError, RefusedError, UnavailableError, UsageError
from witnessmark.examine.playing import LONGEST_MS
from witnessmark.model import Copy, Digest, Facts, Rating
from witnessmark.web.drawing import draw
from witnessmark.web.gallery import picture
from witnessmark.web.gate import COLLECTED
from witnessmark.web.marks import LONGEST_TEXT, SORTS, clock, told_marks
from witnessmark.web.office import Visit, go

_MOST_PARTS = 200


def play(visit: Visit) -> Response:
    """The recording, still covered and silent, with its strip or waveform, its marks and the form for one."""
    return _page(visit, played=None)


def watch(visit: Visit) -> Response:
    """Leave to see and hear a prepared preview: for a script where it lies, else the page that plays it."""
    digest, from_ms = _recording(visit), _from(visit)
    copy = visit.desk.previews().prepared(digest, from_ms)
    if copy is None:
        raise UsageError("this part was not prepared to be played yet", advice="prepare it first")
    until_ms = copy.parameters["until_ms"]
    visit.desk.looked(digest, Facts(how="played", from_ms=from_ms, until_ms=until_ms))
    token = visit.office.sessions.grant(visit.required, "played", copy.digest, copy.media_type)
    path = f"http://{COLLECTED}:{visit.office.port}/kept/{token}/{visit.path('exhibit')}.webm"
    if _wants_json(visit):
        return JSONResponse({"path": path})
    return _page(visit, played=path)


def preparing(visit: Visit) -> Response:
    """How far a preview is: waiting for nobody, being made, ready, or why it cannot be made."""
    digest, from_ms = _recording(visit), _from(visit)
    is_ready = visit.desk.previews().prepared(digest, from_ms) is not None
    job = visit.office.preparing.of((digest, from_ms))
    state = "none" if job is None else "wrong" if job.trouble else "over" if job.is_over else "made"
    done = LONGEST_MS if is_ready else 0 if job is None else job.done
    told = {"state": "ready" if is_ready and state != "made" else state, "done_ms": done}
    return JSONResponse({**told, "trouble": "" if job is None else job.trouble})


def prepare(visit: Visit) -> Response:
    """Begin to make a preview, unless it is there already."""
    digest, from_ms = _recording(visit), _from(visit)
    desk = visit.desk
    if not lies_here(desk.case, digest):
        raise RefusedError(f"the original of {visit.path('exhibit')} was erased")
    if desk.previews().prepared(digest, from_ms) is None:
        visit.office.preparing.start(
            (digest, from_ms),
            lambda progress: desk.previews().prepare(digest, from_ms, progress),
            visit.office.long_threads,
        )
    if _wants_json(visit):
        return preparing(visit)
    return go(f"/exhibits/{visit.path('exhibit')}/play?at={from_ms}")


def strip(visit: Visit) -> Response:
    """Frames from all over a video on one sheet, grey and blurred in their pixels."""
    return _shown(visit, visit.desk.previews().strip(_recording(visit, "video"), covered=True))


def look_strip(visit: Visit) -> Response:
    """Leave to see the frames as they are: for a script where the sheet lies, else the sheet itself."""
    digest = _recording(visit, "video")
    copy = visit.desk.previews().strip(digest, covered=False)
    visit.desk.looked(digest, Facts(how="strip"))
    path = f"/seen/{visit.office.sessions.grant(visit.required, 'seen', copy.digest)}.jpg"
    return JSONResponse({"path": path}) if _wants_json(visit) else go(path)


def covered_frame(visit: Visit) -> Response:
    """A frame of a video near a time, small, grey and blurred in its pixels: the one of the strip before it.

    Whoever asks for each millisecond makes no more than the strip has.
    """
    at = visit.path("at")
    if not (at.isascii() and at.isdecimal() and len(at) < 12):
        raise UsageError("that is no time in a recording")
    previews, digest = visit.desk.previews(), _recording(visit, "video")
    times = previews.strip(digest, covered=True).parameters["times_ms"]
    near = max((one for one in times if one <= int(at)), default=times[0])
    return _shown(visit, previews.frame(digest, near, covered=True))


def strip_facts(visit: Visit, digest: Digest) -> dict[str, Any] | None:
    """The strip of a video as a page draws it: a sheet, and where each frame lies on it; None without one."""
    if kind_of(visit.desk.case.item(digest).original.media_type) != "video":
        return None
    if not lies_here(visit.desk.case, digest):
        return None
    try:
        told = visit.desk.previews().strip(digest, covered=True).parameters
    except (MalformedError, RefusedError, UnavailableError):
        return None
    wide, high, columns = told["tile_width"], told["tile_height"], told["columns"]
    return {
        "size": (told["width"], told["height"]),
        "tile": (wide, high),
        "frames": [
            {"at_ms": at, "clock": clock(at), "x": place % columns * wide, "y": place // columns * high}
            for place, at in enumerate(told["times_ms"])
        ],
    }


def _shown(visit: Visit, copy: Copy) -> Response:
    with visit.desk.case.open(copy.digest) as stream:
        return picture(stream.read())


def _wants_json(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


def _recording(visit: Visit, kind: str = "") -> Digest:
    """The recording of the address; UsageError if it is none, or none of a kind."""
    number = visit.path("exhibit")
    digest = visit.desk.case.digest_of_exhibit(number)
    media_type = visit.desk.case.item(digest).original.media_type
    if not is_recording(media_type) or kind not in ("", kind_of(media_type)):
        raise UsageError(f"{number} is no {kind or 'recording'}")
    return digest


def _from(visit: Visit) -> int:
    """Where the part begins in which the time of the address lies."""
    return visit.number("at") // LONGEST_MS * LONGEST_MS


def _page(visit: Visit, played: str | None) -> Response:
    desk, digest = visit.desk, _recording(visit)
    media_type = desk.case.item(digest).original.media_type
    at_ms, from_ms = visit.number("at"), _from(visit)
    previews = desk.previews()
    ready, waves = previews.prepared(digest, from_ms), previews.waves(digest)
    length = length_ms(desk.case, digest) or (0 if ready is None else ready.parameters["until_ms"])
    job = visit.office.preparing.of((digest, from_ms))
    about: dict[str, Any] = {
        "exhibit": visit.path("exhibit"),
        "kind": kind_of(media_type),
        "has_cover": has_cover(media_type),
        "is_here": lies_here(desk.case, digest),
        "level": desk.opened(digest),
        "is_rated": any(one.region is None for _, one in desk.case.find(Rating, digest)),
        "at_ms": at_ms,
        "from_ms": from_ms,
        "length_ms": length,
        "length": clock(length),
        "ready": None if ready is None else ready.parameters,
        "times": "" if ready is None else _spaced(ready.parameters["times_ms"]),
        "job": job if job is not None and (not job.is_over or job.trouble) else None,
        "played": played,
        "parts": _parts(length, from_ms),
        "strip": strip_facts(visit, digest),
        "waves": None if waves is None else _drawn_waves(*waves),
        "marks": list(told_marks(visit, digest)),
        "clock": clock,
        "sorts": SORTS,
        "longest": LONGEST_TEXT,
        "revision": Seen.now(desk.case, digest).revision,
    }
    return draw(visit, "play.html", **about)


def _spaced(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _parts(length: int, from_ms: int) -> list[dict[str, Any]]:
    """The parts in which a long recording is prepared; none for a short one."""
    starts = range(0, max(1, length), LONGEST_MS)[:_MOST_PARTS]
    if len(starts) < 2:
        return []
    return [{"from_ms": one, "clock": clock(one), "is_now": one == from_ms} for one in starts]


def _drawn_waves(copy: Copy, content: bytes) -> dict[str, Any]:
    """A waveform as one closed path: there along the highest values, back along the lowest."""
    values = array.array("b", content)
    lows, highs = values[0::2], values[1::2]
    there = [f"{place} {-high}" for place, high in enumerate(highs)]
    back = [f"{place} {-low}" for place, low in reversed(list(enumerate(lows)))]
    path = f"M{' L'.join([*there, *back])}Z"
    return {"path": path, "columns": len(lows), "duration_ms": copy.parameters["duration_ms"]}
