"""Claims and sources: who stands how to which claim, and the exact words behind each cell."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.browsing import matrix_facts, statement_facts
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Digest
from witnessmark.publish.words import LEVELS, STANCES, STATUSES
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit

ROWS, COLUMNS = 20, 24
"""How many claims are shown at once, and of how many lineages."""


def matrix(visit: Visit) -> Response:
    """The table of claims and lineages."""
    claims = claims_now(visit)
    first = visit.number("from")
    table = matrix_facts(claims, first, ROWS, COLUMNS)
    return draw(visit, "matrix.html", table=table, first=first, rows=ROWS, stances=STANCE_WORDS)


def claim(visit: Visit) -> Response:
    """Everything on one claim."""
    claims = claims_now(visit)
    ((number, one),) = claims.called(visit.path("number"))
    return draw(visit, "claim.html", claim=claims.facts(number, one), stances=STANCE_WORDS)


def statement(visit: Visit) -> Response:
    """The words of a statement at their place in the text."""
    try:
        name = Digest.from_hex(visit.path("name"))
    except MalformedError as error:
        raise UsageError("there is no such statement") from error
    return draw(visit, "statement.html", said=statement_facts(visit.desk.case, name), stances=STANCE_WORDS)


STANCE_WORDS = {stance.value: words for stance, words in STANCES.items()}
"""What a stance is called."""
STATUS_WORDS = {status.value: words for status, words in STATUSES.items()}
"""What a status is called."""
LEVEL_WORDS = LEVELS
