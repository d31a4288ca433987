"""An exhibit: what is to be seen in it, what was found, what was done with it, and where else it appears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from witnessmark.desk.browsing import exhibit_facts, has_cover
from witnessmark.desk.presence import lies_here
from witnessmark.desk.previews import is_capture, is_recording
from witnessmark.desk.texts import copies_of
from witnessmark.desk.upright import upright_size
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Digest
from witnessmark.web.drawing import draw
from witnessmark.web.gallery import picture
from witnessmark.web.gate import COLLECTED
from witnessmark.web.leaves import count_of_pages
from witnessmark.web.marks import clock
from witnessmark.web.office import Visit, go
from witnessmark.web.playing import strip_facts
from witnessmark.web.quoting import quoting_form
from witnessmark.web.talk import talk_part
from witnessmark.web.versions import version_facts

DRAWN = {
    "readable text": "readable",
    "metadata times": "times",
}
"""Findings that are drawn in a way of their own, by their property; all others are drawn as they are."""
FIRST = (
    *("readable text", "pages", "table", "recording", "picture"),
    *("metadata times", "metadata position", "metadata device", "metadata personal"),
    *("formats", "thumbnail", "metadata", "pdq", "features", "film", "sound"),
)
"""Findings in the order in which a person wants them: what it is and shows, when and where it was made, what
else its file holds, and then what programs compare it by. What is not named comes last, as it was found."""
_LONGEST_PURPOSE = 300


def exhibit(visit: Visit) -> Response:
    """Everything on record of one exhibit."""
    return _page(visit, seen=None)


def uncover(visit: Visit) -> Response:
    """Leave to see an exhibit as it is: for a script where it lies, else the page that shows it."""
    digest = _digest(visit)
    copy = visit.desk.uncover(digest)
    path = f"/seen/{visit.office.sessions.grant(visit.required, 'seen', copy.digest)}.jpg"
    if "application/json" in visit.request.headers.get("accept", ""):
        width, height = copy.parameters["width"], copy.parameters["height"]
        return JSONResponse({"path": path, "width": width, "height": height})
    return _page(visit, seen=path)


def seen(visit: Visit) -> Response:
    """What was made to be seen, for the session that asked for it."""
    found = visit.office.sessions.granted(visit.path("token"))
    if found is None or found[0] is not visit.session or found[1].what != "seen" or found[1].digest is None:
        raise UsageError("there is nothing to be seen here any more")
    with visit.desk.case.open(found[1].digest) as stream:
        return picture(stream.read())


def take_out(visit: Visit) -> Response:
    """The original as an attachment from the other host, after the reading of it has been entered."""
    purpose = " ".join(visit.fields.get("purpose", "").split())
    if not 0 < len(purpose) <= _LONGEST_PURPOSE:
        raise UsageError("say what the original is taken out for", advice="a few words; they stay on record")
    number = visit.path("exhibit")
    if not lies_here(visit.desk.case, _digest(visit)):
        raise RefusedError(f"the original of {number} is not here: it was erased")
    digest = visit.desk.take_out(number, purpose)
    token = visit.office.sessions.grant(visit.required, "original", digest, number)
    return go(f"http://{COLLECTED}:{visit.office.port}/kept/{token}/{number}")


def _digest(visit: Visit) -> Digest:
    return visit.desk.case.digest_of_exhibit(visit.path("exhibit"))


def _order(finding: Mapping[str, Any]) -> int:
    return FIRST.index(finding["property"]) if finding["property"] in FIRST else len(FIRST)


def _page(visit: Visit, seen: str | None) -> Response:
    with visit.desk.case.remembering():
        digest = _digest(visit)
        level = visit.desk.opened(digest)
        return draw(visit, "exhibit.html", **_told(visit, digest), level=level, seen=seen)


def _told(visit: Visit, digest: Digest) -> dict[str, Any]:
    """What the page says of an exhibit."""
    desk = visit.desk
    facts = exhibit_facts(desk.case, digest, whole=visit.works)
    facts["finding"].sort(key=_order)
    is_quotable = visit.works and facts["text"] is not None
    return {
        "facts": facts,
        "is_here": desk.case.has(digest),
        "is_rated": bool([one for one in facts["rating"] if one.get("region") is None]),
        "has_cover": has_cover(facts["media_type"]),
        "is_measured": upright_size(desk.case, digest) is not None,
        "by_kind": DRAWN,
        "longest_purpose": _LONGEST_PURPOSE,
        "may_take_out": desk.may_take_out(digest),
        "clock": clock,
        "pages": count_of_pages(desk.case, digest),
        "copies": copies_of(desk.case, digest) if visit.works else (),
        "is_capture": is_capture(facts["media_type"]),
        "is_recording": is_recording(facts["media_type"]),
        "strip": strip_facts(visit, digest),
        "versions": version_facts(visit, digest) if visit.works else (),
        "quoting": quoting_form(visit, facts["exhibit"]) if is_quotable else "",
        "talk": talk_part(visit, digest),
    }
