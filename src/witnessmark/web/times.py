"""Times: every time in the case, in lanes by where it comes from."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.timeline import timeline_facts
from witnessmark.web.drawing import draw_once
from witnessmark.web.office import Visit


def times(visit: Visit) -> Response:
    """Events, appearances and captures, each kind along a line of its own."""
    desk = visit.desk
    told = visit.office.dated.now(lambda: timeline_facts(desk.case, desk.stamped()), visit.since)
    drawn = [Markup(one["drawn"]) for one in told["lanes"]]  # noqa: S704 - escaped where it was drawn
    return draw_once(visit, "times.html", None, lambda: {"told": told, "drawn": drawn})
