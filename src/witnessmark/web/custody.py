"""The custody log, the newest entries first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.browsing import AUDITED, audit_page, log_page
from witnessmark.web.drawing import cast, draw_once, when
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
            "entries": [_entry(visit, one) for one in entries],
            "start": start,
            "size": found,
            "page": PAGE,
            "kind": kind,
            "kinds": AUDITED,
        }

    return draw_once(visit, "log.html", (kind, first, size), told)


def _entry(visit: Visit, one: Mapping[str, Any]) -> Markup:
    """An entry as a row; most of them differ in their texts alone."""
    told, exhibits = one["told"], one["exhibits"]
    shape = {
        "exhibits": len(exhibits),
        "told": tuple((name, isinstance(value, str)) for name, value in told.items()),
    }
    texts = {"entry": str(one["entry"]), "at": when(one["at"])}
    texts |= {name: one[name] for name in ("by", "what", "outcome", "error") if one[name]}
    texts |= {f"exhibit_{place}": number for place, number in enumerate(exhibits)}
    texts |= {f"told_{name}": _said(value) for name, value in told.items()}
    return cast(visit, "log_entry.html", shape, texts)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
