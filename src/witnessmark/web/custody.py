"""The custody log, the newest entries first."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.browsing import AUDITED, audit_page, log_page
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit

PAGE = 100
"""How many entries are shown at once."""


def log(visit: Visit) -> Response:
    """Who did what, when, with what: openings, looks at what is graphic, and exports among it."""
    case, kind = visit.desk.case, visit.asked("kind")
    if kind:
        first = visit.number("from")
        entries, size = audit_page(case, kind, first, PAGE)
        return draw(
            visit, "log.html", entries=entries, start=first, size=size, page=PAGE, kind=kind, kinds=AUDITED
        )
    size = case.head().size
    start = min(visit.number("from", size - 1), size - 1)
    entries = log_page(case, start, PAGE)
    return draw(visit, "log.html", entries=entries, start=start, size=size, page=PAGE, kind="", kinds=AUDITED)
