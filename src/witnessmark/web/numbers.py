"""Numbers: reported counts over time by lineage, the least that marks on pictures prove, and estimates."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.numbers import numbers_facts
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import draw_once
from witnessmark.web.office import Visit, go


def numbers(visit: Visit) -> Response:
    """Every series, drawn and as a table; every counted minimum with the marks behind it; every estimate."""
    claims = claims_now(visit)

    def facts() -> dict[str, Any]:
        told = visit.office.counted.now(lambda: numbers_facts(visit.desk.case, claims))
        drawn = [Markup(one["drawn"]) for one in told["series"]]  # noqa: S704 - escaped where it was drawn
        return {"told": told, "drawn": drawn}

    return draw_once(visit, "numbers.html", "numbers", facts)


def register(visit: Visit) -> Response:
    """Register the marked pictures that wait for it, which is entered in the log."""
    visit.desk.register_views(lambda _what, _count: None)
    return go("/numbers")
