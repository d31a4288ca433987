"""The board: the case at a glance."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.desk.browsing import board_facts, health_facts
from witnessmark.desk.claims import Claims
from witnessmark.desk.talking import waits_for
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit


def board(visit: Visit) -> Response:
    """What came in, what waits for people, what is open, and how the case is kept."""
    desk, claims = visit.desk, claims_now(visit)
    mine = waits_for(desk.case, visit.required.account.name, claims) if visit.works else None
    return draw(visit, "board.html", board=at_a_glance(visit), mine=mine)


def at_a_glance(visit: Visit) -> dict[str, Any]:
    """The case at a glance, worked out by one visitor for all, and how its log is kept now."""
    desk, claims = visit.desk, claims_now(visit)
    told = visit.answered("board", lambda: board_facts(desk.case, claims))
    health = health_facts(desk.case, desk.stamped())
    return {**told, "log": {**health, "failed": told["failed"]}}


def claims_now(visit: Visit) -> Claims:
    """The claims as they stand, weighed by one visitor for all."""
    return visit.office.weighed.now(lambda: Claims.of(visit.desk.case, visit.office.around))
