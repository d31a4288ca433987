"""Claims and sources: who stands how to which claim, and the exact words behind each cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from witnessmark.desk.browsing import matrix_facts, statement_facts
from witnessmark.desk.references import exhibit_behind, said_of
from witnessmark.desk.seen import Seen
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Concurrence, Consistency, Digest, Likelihood, Status
from witnessmark.model.rulings import LIKELIHOODS
from witnessmark.web.arrange import LONGEST_CLAIM, done_facts
from witnessmark.web.board import claims_now
from witnessmark.web.compare import LONGEST_REASON
from witnessmark.web.drawing import draw, draw_once
from witnessmark.web.office import Visit
from witnessmark.web.roles import REVIEWERS
from witnessmark.web.talk import talk_part

LONGEST_ASSESSMENT = 8_000
MOST_TARGETS = 1_000
"""Of how many claims one can be chosen at once."""
ROWS, COLUMNS = 20, 24
"""How many claims are shown at once, and of how many lineages."""


def matrix(visit: Visit) -> Response:
    """The table of claims and lineages."""
    claims = claims_now(visit)
    first = visit.number("from")

    def told() -> dict[str, Any]:
        numbered = claims.called(None)[:MOST_TARGETS]
        return {
            "table": matrix_facts(claims, first, ROWS, COLUMNS),
            "first": first,
            "rows": ROWS,
            "names": [(number, one.digest, one.claim.text) for number, one in numbered],
            "done": done,
            "is_back": is_back,
            "longest_reason": LONGEST_REASON,
            "longest_claim": LONGEST_CLAIM,
        }

    done, is_back = done_facts(visit), bool(visit.asked("back"))
    if done or is_back:  # what somebody did just now is told to them alone
        return draw(visit, "matrix.html", **told())
    return draw_once(visit, "matrix.html", first, told)


def claim(visit: Visit) -> Response:
    """Everything on one claim, drawn once for all, and what people say of it, which goes by without it."""
    ((_, asked),) = claims_now(visit).called(visit.path("number"))
    reads_again = bool(visit.roles & REVIEWERS)
    me = visit.required.account.name.casefold() if reads_again else None  # nobody reads their own again

    def told() -> dict[str, Any]:
        facts, revision = _as_seen(visit, asked.digest)
        return {
            "claim": facts,
            "revision": revision,
            "statuses": tuple(Status),
            "likelihoods": [(word.value, LIKELIHOODS[word]) for word in Likelihood],
            "concurrences": tuple(Concurrence),
            "consistencies": tuple(Consistency),
            "told": _evidence(visit, facts),
            "longest_claim": LONGEST_CLAIM,
            "reads_again": reads_again,
            "me": me,
            "longest": LONGEST_ASSESSMENT,
        }

    with visit.desk.case.remembering():
        talk = talk_part(visit, asked.digest, *asked.absorbed)
    return draw_once(visit, "claim.html", (asked.digest, me), told, talk=talk)


def _as_seen(visit: Visit, digest: Digest) -> tuple[dict[str, Any], str]:
    """A claim as it stands among all, and the revision that goes with just that."""
    while True:
        claims = claims_now(visit)
        ((number, one),) = claims.called(digest.hex)
        revision = Seen.now(visit.desk.case, one.digest, *one.absorbed).revision
        if claims_now(visit) is claims:
            return claims.facts(number, one), revision


def _evidence(visit: Visit, facts: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What each piece of evidence in the table of explanations is, and where it can be seen."""
    case = visit.desk.case
    found = {}
    for row in facts["rivals"]["evidence"]:
        digest = Digest(row["evidence"])
        one = said_of(case, digest)
        exhibit = case.exhibit_of(digest) or exhibit_behind(case, digest)
        path = f"/exhibits/{exhibit}" if exhibit else f"/statements/{digest.hex}"
        found[row["evidence"]] = (one.says or one.name if one.kind != "exhibit" else one.name, path)
    return found


def statement(visit: Visit) -> Response:
    """The words of a statement at their place in the text."""
    try:
        name = Digest.from_hex(visit.path("name"))
    except MalformedError as error:
        raise UsageError("there is no such statement") from error
    return draw(visit, "statement.html", said=statement_facts(visit.desk.case, name))
