"""Arrange: claims merged, statements moved or split off, each taken back; and rival explanations weighed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.desk.arranging import Unfiled, moved, split_off, taken_back
from witnessmark.desk.claims import Claims
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Claim, Digest, Filing, Statement
from witnessmark.model.wire import Noun
from witnessmark.web.compare import written
from witnessmark.web.office import Visit, go

ALONE, NEW = "alone", "new"
LONGEST_CLAIM = 400


def arrange(visit: Visit) -> Response:
    """What was dragged or chosen: a claim into another, a statement under another claim, or one split off."""
    about, to, reason = (
        _named(visit.fields.get("what", "")),
        visit.fields.get("to", ""),
        written(visit, "reason"),
    )
    case = visit.desk.case
    touched = [about]
    if to == NEW:
        lines = split_off(case, about, written(visit, "text", LONGEST_CLAIM), reason)
    else:
        claim = about if to == ALONE else _named(to)
        touched.append(claim)
        lines = moved(about, claim, reason)
    made = visit.desk.enter(lines, Unfiled(tuple(touched), _since(visit)))
    return go(f"/claims?done={made[-1][0].hex}{_page(visit)}#arranged")


def take_back(visit: Visit) -> Response:
    """A ruling taken back by a further one that puts in force what counted before."""
    undone(visit, visit.fields.get("record", ""))
    return go(f"/claims?back=yes{_page(visit)}#arranged")


def undone(visit: Visit, name: str) -> tuple[Digest, Noun]:
    """The further ruling that puts in force what counted before the one of a name."""
    return visit.desk.enter(*taken_back(visit.desk.case, _named(name), written(visit, "reason")))[-1]


def explain(visit: Visit) -> Response:
    """A rival explanation of a claim, in a person's words."""
    claims = Claims.of(visit.desk.case)
    ((number, one),) = claims.called(visit.path("number"))
    text = written(visit, "text", LONGEST_CLAIM)
    visit.desk.enter([Line("the form", {"kind": "hypothesis", "claim": one.digest, "text": text})])
    return go(f"/claims/{number}#rivals")


def weigh(visit: Visit) -> Response:
    """How a piece of evidence lies to one explanation, or to each of them, with one reason."""
    claims = Claims.of(visit.desk.case)
    ((number, one),) = claims.called(visit.path("number"))
    on = [name for name, _ in one.rivals.hypotheses]
    said = [(name, visit.fields.get(f"to-{place}", "")) for place, name in enumerate(on)]
    evidence = visit.fields.get("also", "").strip() or visit.fields.get("evidence", "")
    reason = written(visit, "reason")
    tables: list[dict[str, Any]] = [
        {"kind": "bearing", "on": name, "evidence": evidence, "consistency": word, "reason": reason}
        for name, word in said
        if word
    ]
    if not tables:
        raise UsageError("say how it lies to at least one of the explanations")
    visit.desk.enter([Line("the form", table) for table in tables])
    return go(f"/claims/{number}#rivals")


def done_facts(visit: Visit) -> dict[str, Any] | None:
    """What was just arranged, in words, so that it can be taken back; None if nothing was."""
    if not visit.asked("done"):
        return None
    record = _named(visit.asked("done"))
    noun = visit.desk.case.noun(record) if visit.desk.case.entry_of(record) is not None else None
    if not isinstance(noun, Filing):
        raise UsageError("there is no such ruling")
    return {"record": record, "what": _words(visit, noun.about), "to": _words(visit, noun.claim),
            "is_alone": noun.about == noun.claim, "reason": noun.reason}  # fmt: skip


def _words(visit: Visit, name: Digest) -> str:
    noun = visit.desk.case.noun(name)
    match noun:
        case Claim(text=text):
            return text
        case Statement(speaker=speaker, appearance=appearance):
            return f"{speaker}: {appearance.quote}"
    return name


def _named(written_name: str) -> Digest:
    try:
        return Digest(written_name) if written_name.startswith("sha256:") else Digest.from_hex(written_name)
    except MalformedError as error:
        raise UsageError("choose what is moved, and where it counts from now on") from error


def _since(visit: Visit) -> int:
    since = visit.fields.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) < 12):
        raise UsageError("this form does not say when its page was opened", advice="load the page again")
    return int(since)


def _page(visit: Visit) -> str:
    first = visit.fields.get("from", "")
    return f"&from={first}" if first.isascii() and first.isdecimal() and 0 < len(first) < 9 else ""
