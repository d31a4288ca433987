"""Assess: what a person concludes about a claim and why, and what a second person makes of that."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.desk.seen import Seen
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Assessment, Digest
from witnessmark.web.board import claims_now
from witnessmark.web.compare import written
from witnessmark.web.matrix import LONGEST_ASSESSMENT
from witnessmark.web.office import Visit, go


def assess(visit: Visit) -> Response:
    """An assessment in the name of whoever is in, if nobody gave another word since the page was opened."""
    return go(f"/claims/{assessed(visit)}#assessed")


def assessed(visit: Visit) -> int:
    """The number of the claim on which an assessment was put on record."""
    claims = claims_now(visit)
    ((number, one),) = claims.called(visit.path("number"))
    supports = [*visit.listed.get("rests_on", ()), *visit.fields.get("also", "").split()]
    if not supports:
        raise UsageError("say what the assessment rests on", advice="choose statements, or name exhibits")
    table: dict[str, Any] = {
        "kind": "assessment",
        "claim": one.digest,
        "status": visit.fields.get("status", ""),
        "likelihood": visit.fields.get("likelihood", ""),
        "reasons": written(visit, "reasons", LONGEST_ASSESSMENT),
        "rests_on": list(dict.fromkeys(supports)),
    }
    seen = Seen((one.digest, *one.absorbed), visit.fields.get("seen", ""))
    visit.desk.enter([Line("the form", table)], seen)
    return number


def file(visit: Visit) -> Response:
    """A claim counted under another one, or by itself again; or a statement counted under another claim."""
    return go(f"/claims/{filed(visit)}")


def filed(visit: Visit) -> int:
    """The number of the claim under which something is filed from now on."""
    claims = claims_now(visit)
    ((number, one),) = claims.called(visit.path("number"))
    about, alone = visit.fields.get("about", ""), visit.fields.get("alone", "")
    if about not in (one.digest, *one.absorbed, *(voice.statement for voice in one.voices)):
        raise UsageError("choose what is filed: this claim, one that was merged into it, or a statement")
    if alone == "yes":
        target, shown = about, number
    else:
        ((shown, into),) = claims.called(visit.fields.get("to", "").strip() or "no number")
        target = into.digest
    reason = written(visit, "reason")
    table = {"kind": "filing", "about": about, "claim": target, "reason": reason}
    seen = Seen((one.digest, *one.absorbed), visit.fields.get("seen", ""))
    visit.desk.enter([Line("the form", table)], seen)
    return shown


def read_again(visit: Visit) -> Response:
    """A second reading of somebody else's assessment, with its reasons."""
    return go(f"/claims/{reread(visit)}#assessed")


def reread(visit: Visit) -> int:
    """The number of the claim whose assessment was read for the second time."""
    try:
        name = Digest.from_hex(visit.path("name"))
    except MalformedError as error:
        raise UsageError("there is no such assessment") from error
    case = visit.desk.case
    assessment = case.noun(name) if case.entry_of(name) is not None else None
    if not isinstance(assessment, Assessment):
        raise UsageError("there is no such assessment")
    table = {
        "kind": "rereading",
        "assessment": name,
        "concurrence": visit.fields.get("concurrence", ""),
        "reasons": written(visit, "reasons", LONGEST_ASSESSMENT),
    }
    claims = claims_now(visit)
    (number, one) = next(
        each for each in claims.called(None) if assessment.claim in (each[1].digest, *each[1].absorbed)
    )
    seen = Seen((one.digest, *one.absorbed), visit.fields.get("seen", ""))
    visit.desk.enter([Line("the form", table)], seen)
    return number
