"""Numbers: reported counts over time by lineage, the least that marks on pictures prove, and estimates."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.numbers import MOST_DRAWN, MOST_LISTED, numbers_facts
from witnessmark.errors import UsageError
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import draw_once
from witnessmark.web.office import Visit, go

Facts = dict[str, Any]
ROWS = 20
"""How many series, and how many of what was counted, are shown at once."""


def numbers(visit: Visit) -> Response:
    """Every series, drawn and as a table; every counted minimum with the marks behind it; every estimate."""
    claims, first = claims_now(visit), visit.number("from")

    def facts() -> dict[str, Any]:
        told = visit.office.counted.now(lambda: numbers_facts(visit.desk.case, claims), visit.since)
        most = max(len(told["series"]), len(told["floors"]))
        if first and first >= most:
            raise UsageError(f"there are {most} series of numbers or counts, and none after {first}")
        return {
            "told": told,
            "shown": [_shown(one) for one in told["series"][first : first + ROWS]],
            "floors": told["floors"][first : first + ROWS],
            "first": first,
            "most": most,
            "rows": ROWS,
            "most_drawn": MOST_DRAWN,
        }

    return draw_once(visit, "numbers.html", first, facts)


def _shown(one: Facts) -> Facts:
    """A series as the page shows it: of many entries the latest."""
    listed = one["entries"]
    if len(listed) > MOST_LISTED:
        latest = sorted(range(len(listed)), key=lambda place: listed[place]["said_on"] or "")[-MOST_LISTED:]
        listed = [listed[place] for place in sorted(latest)]
    drawn = Markup(one["drawn"])  # noqa: S704 - escaped where it was drawn
    on_a_day = sum(entry["said_on"] is not None for entry in one["entries"])
    return {**one, "drawn": drawn, "on_a_day": on_a_day, "listed": listed}


def register(visit: Visit) -> Response:
    """Register the marked pictures that wait for it, which is entered in the log."""
    visit.desk.register_views(lambda _what, _count: None)
    return go("/numbers")
