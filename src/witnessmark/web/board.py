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
    """What came in, what waits for people, what is open, and how the case is kept.

    It does not wait for the first weighing after a start, which takes seconds in a large case.
    """
    claims = None if visit.office.weighed.is_first_made else claims_now(visit)
    mine = waits_for(visit.desk.case, visit.required.account.name, claims) if visit.works else None
    return draw(visit, "board.html", board=at_a_glance(visit, claims), mine=mine)


def at_a_glance(visit: Visit, claims: Claims | None) -> dict[str, Any]:
    """The case at a glance, worked out by one visitor for all, and how its log is kept now."""
    desk = visit.desk
    told = visit.answered(("board", claims is None), lambda: board_facts(desk.case, claims))
    health = health_facts(desk.case, desk.stamped())
    return {**told, "log": {**health, "failed": told["failed"]}}


def claims_now(visit: Visit) -> Claims:
    """The claims as they stand, weighed by one visitor for all."""
    since = visit.since if visit.request.method in ("GET", "HEAD") else None  # else they entered something
    return visit.office.claims(since or None)
