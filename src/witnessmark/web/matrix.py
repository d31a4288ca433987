"""Claims and sources: who stands how to which claim, and the exact words behind each cell."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.browsing import matrix_facts, statement_facts
from witnessmark.desk.seen import Seen
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Concurrence, Digest, Likelihood, Status
from witnessmark.model.rulings import LIKELIHOODS
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit
from witnessmark.web.roles import REVIEWERS
from witnessmark.web.talk import talk_facts

LONGEST_ASSESSMENT = 8_000
ROWS, COLUMNS = 20, 24
"""How many claims are shown at once, and of how many lineages."""


def matrix(visit: Visit) -> Response:
    """The table of claims and lineages."""
    claims = claims_now(visit)
    first = visit.number("from")
    table = visit.answered(("matrix", first), lambda: matrix_facts(claims, first, ROWS, COLUMNS))
    return draw(visit, "matrix.html", table=table, first=first, rows=ROWS)


def claim(visit: Visit) -> Response:
    """Everything on one claim."""
    claims = claims_now(visit)
    ((number, one),) = claims.called(visit.path("number"))
    return draw(
        visit,
        "claim.html",
        claim=claims.facts(number, one),
        revision=Seen.now(visit.desk.case, one.digest, *one.absorbed).revision,
        statuses=tuple(Status),
        likelihoods=[(word.value, LIKELIHOODS[word]) for word in Likelihood],
        concurrences=tuple(Concurrence),
        reads_again=bool(visit.roles & REVIEWERS),
        me=visit.required.account.name.casefold(),
        longest=LONGEST_ASSESSMENT,
        **talk_facts(visit, one.digest, *one.absorbed),
    )


def statement(visit: Visit) -> Response:
    """The words of a statement at their place in the text."""
    try:
        name = Digest.from_hex(visit.path("name"))
    except MalformedError as error:
        raise UsageError("there is no such statement") from error
    return draw(visit, "statement.html", said=statement_facts(visit.desk.case, name))
