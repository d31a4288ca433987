"""The map: every place and every time of the case, linked; who picks one sees what belongs to it in both."""

from __future__ import annotations

import math
from typing import Any

from starlette.responses import Response

from witnessmark.desk.places import chosen, map_facts, places_facts
from witnessmark.desk.timeline import timeline_facts
from witnessmark.web.assets import asset
from witnessmark.web.drawing import draw_once
from witnessmark.web.office import Visit

WORLD = "world.svg"
"""Natural Earth's land and borders, built with the scripts; without them there are places and no coasts."""
_WIDE = 720
_KM_OF_A_DEGREE = 111.32
_LONGEST_NAME = 40


def shown_on_map(visit: Visit) -> Response:
    """Places and times side by side, and those that belong to what was picked in the address."""
    desk, own = visit.desk, visit.asked("of")[:_LONGEST_NAME]
    dated = visit.office.dated.now(lambda: timeline_facts(desk.case, desk.stamped()), visit.since)
    told = visit.office.answered(
        ("map", visit.works),
        lambda: map_facts(places_facts(desk.case), dated["lanes"], whole=visit.works),
    )
    pixel = told["view"][2] / _WIDE

    def drawn() -> dict[str, Any]:
        return {
            "told": told,
            "asked": dated["asked"],
            "exhibits": dated["exhibits"],
            "own": own,
            "marked": chosen(told, own) if own else frozenset(),
            "world": f"/static/{WORLD}" if asset(WORLD) is not None else None,
            "pixel": pixel,
            "scale": _scale(told["view"], pixel),
        }

    return draw_once(visit, "map.html", own, drawn)


def _scale(view: tuple[float, float, float, float], pixel: float) -> tuple[float, float]:
    """A round number of kilometres that is some hundred pixels long amid the view, and how long it is."""
    degree_km = _KM_OF_A_DEGREE / math.cosh(math.radians(view[1] + view[3] / 2))
    most = 150 * pixel * degree_km
    round_km = 10 ** math.floor(math.log10(most))
    told_km = next(times * round_km for times in (5, 2, 1) if times * round_km <= most)
    return told_km, told_km / degree_km / pixel
