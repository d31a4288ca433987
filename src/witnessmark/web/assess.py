"""Assess: what a person concludes about a claim and why, and what a second person makes of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from witnessmark.desk.arranging import moved, split_off
from witnessmark.desk.seen import Seen
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Assessment, Digest, Filing
from witnessmark.model.wire import Noun
from witnessmark.web.arrange import LONGEST_CLAIM
from witnessmark.web.board import claims_now
from witnessmark.web.compare import written
from witnessmark.web.matrix import LONGEST_ASSESSMENT
from witnessmark.web.office import Visit, go


@dataclass(frozen=True, slots=True)
class Said:
    """A word on a claim: the record that it is, and the claim under which what it is about counts now."""

    record: Digest
    claim: Digest


def number_of(visit: Visit, claim: Digest) -> int:
    """The number of a claim now: after a merger the claims behind it have other numbers than before."""
    return next(
        number for number, one in claims_now(visit).called(None) if claim in (one.digest, *one.absorbed)
    )


def assess(visit: Visit) -> Response:
    """An assessment in the name of whoever is in, if nobody gave another word since the page was opened."""
    return go(f"/claims/{number_of(visit, assessed(visit).claim)}#assessed")


def assessed(visit: Visit) -> Said:
    """The assessment that was put on record."""
    claims = claims_now(visit)
    ((_, one),) = claims.called(visit.path("number"))
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
    ((record, _),) = visit.desk.enter([Line("the form", table)], seen)
    return Said(record, one.digest)


def file(visit: Visit) -> Response:
    """A claim counted under another one, or by itself again; or a statement counted under another claim."""
    return go(f"/claims/{number_of(visit, filed(visit).claim)}")


def filed(visit: Visit) -> Said:
    """The ruling that was put on record, with the claim under which something counts from now on."""
    claims = claims_now(visit)
    ((_, one),) = claims.called(visit.path("number"))
    about, alone = visit.fields.get("about", ""), visit.fields.get("alone", "")
    if about not in (one.digest, *one.absorbed, *(voice.statement for voice in one.voices)):
        raise UsageError("choose what is filed: this claim, one that was merged into it, or a statement")
    reason = written(visit, "reason")
    if visit.fields.get("new_claim"):
        text = written(visit, "new_claim", LONGEST_CLAIM)
        lines = split_off(visit.desk.case, Digest(about), text, reason)
    elif alone == "yes":
        lines = moved(Digest(about), Digest(about), reason)
    else:
        ((_, into),) = claims.called(visit.fields.get("to", "").strip() or "no number")
        lines = moved(Digest(about), into.digest, reason)
    seen = Seen((one.digest, *one.absorbed), visit.fields.get("seen", ""))
    made = visit.desk.enter(lines, seen)
    return _ruled(made)


def _ruled(made: Sequence[tuple[Digest, Noun]]) -> Said:
    record, ruling = made[-1]
    assert isinstance(ruling, Filing)  # noqa: S101 - for the type checker
    return Said(record, ruling.claim)


def read_again(visit: Visit) -> Response:
    """A second reading of somebody else's assessment, with its reasons."""
    return go(f"/claims/{number_of(visit, reread(visit).claim)}#assessed")


def reread(visit: Visit) -> Said:
    """The second reading that was put on record."""
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
    one = next(one for _, one in claims.called(None) if assessment.claim in (one.digest, *one.absorbed))
    seen = Seen((one.digest, *one.absorbed), visit.fields.get("seen", ""))
    ((record, _),) = visit.desk.enter([Line("the form", table)], seen)
    return Said(record, one.digest)
