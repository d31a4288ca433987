"""The custody log, the newest entries first."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.desk.browsing import AUDITED, audit_page, log_page
from witnessmark.web.drawing import draw_once
from witnessmark.web.office import Visit

PAGE = 50
"""How many entries are shown at once."""


def log(visit: Visit) -> Response:
    """Who did what, when, with what: openings, looks at what is graphic, and exports among it."""
    case, kind = visit.desk.case, visit.asked("kind")
    size = visit.since
    first = visit.number("from", 0 if kind else size - 1)

    def told() -> dict[str, Any]:
        start = first if kind else min(first, size - 1)
        entries, found = audit_page(case, kind, start, PAGE) if kind else (log_page(case, start, PAGE), size)
        return {
            "entries": entries,
            "start": start,
            "size": found,
            "page": PAGE,
            "kind": kind,
            "kinds": AUDITED,
        }

    return draw_once(visit, "log.html", (kind, first, size), told)
