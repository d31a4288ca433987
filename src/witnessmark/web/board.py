"""The board: the case at a glance."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.browsing import board_facts
from witnessmark.desk.claims import Claims
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit


def board(visit: Visit) -> Response:
    """What came in, what waits for people, what is open, and how the case is kept."""
    desk = visit.desk
    return draw(visit, "board.html", board=board_facts(desk.case, claims_now(visit), desk.stamped()))


def claims_now(visit: Visit) -> Claims:
    """The claims as they stand, weighed by one visitor for all."""
    return visit.office.weighed.now(lambda: Claims.of(visit.desk.case))
