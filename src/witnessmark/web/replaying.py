"""Captured pages, replayed: in a frame of the other host that runs nothing and can ask for nothing."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.presence import lies_here
from witnessmark.desk.previews import is_capture
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Facts, Rating
from witnessmark.web.drawing import draw
from witnessmark.web.gate import COLLECTED
from witnessmark.web.office import Visit


def replay(visit: Visit) -> Response:
    """The page as it was captured, without its pictures, and what of it could not be replayed."""
    return _page(visit, covered=True)


def look_replay(visit: Visit) -> Response:
    """The same with its pictures."""
    return _page(visit, covered=False)


def _page(visit: Visit, *, covered: bool) -> Response:
    desk, number = visit.desk, visit.path("exhibit")
    digest = desk.case.digest_of_exhibit(number)
    if not is_capture(desk.case.item(digest).original.media_type):
        raise UsageError(f"{number} is no captured page")
    if not lies_here(desk.case, digest):
        raise RefusedError(f"the original of {number} was erased")
    copy = desk.previews().replay(digest, covered=covered)
    if not covered:
        desk.looked(digest, Facts(how="replayed"))
    level = desk.opened(digest)
    token = visit.office.sessions.grant(visit.required, "replayed", copy.digest)
    told = copy.parameters
    acquired = desk.case.acquisitions(digest)
    return draw(
        visit,
        "replay.html",
        exhibit=number,
        frame=f"http://{COLLECTED}:{visit.office.port}/kept/{token}/{number}.html",
        covered=covered,
        told=told,
        address=told.get("address") if visit.works else None,
        missing=told["missing"] if visit.works else (),
        taken_in=acquired[0][1].collected_at if acquired else None,
        level=level,
        is_rated=any(one.region is None for _, one in desk.case.find(Rating, digest)),
    )
