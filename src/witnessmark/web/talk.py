"""Talk: comments and assignments on exhibits and claims, for those who work with the material."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.sidecar import Line
from witnessmark.desk.talking import NOTHING_SAID, SeenAssigned, Talk, talk_on
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Digest
from witnessmark.model.comments import LONGEST_COMMENT, LONGEST_TASK
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import part, part_once
from witnessmark.web.office import Visit, go
from witnessmark.web.roles import WORKERS


def comment(visit: Visit) -> Response:
    """A comment on what the address names, for whom it is for."""
    commented(visit)
    return go(f"{_page(visit)}#talk")


def assign(visit: Visit) -> Response:
    """Somebody is to see to what the address names, or nobody any more."""
    assigned(visit)
    return go(f"{_page(visit)}#talk")


def commented(visit: Visit) -> Digest:
    """The record of a comment."""
    about, *_ = about_of(visit)
    text = visit.fields.get("text", "").strip()
    if not 0 < len(text) <= LONGEST_COMMENT:
        raise UsageError(f"write something, in at most {LONGEST_COMMENT:,} signs")
    workers = people(visit)
    mentions = list(dict.fromkeys(visit.listed.get("mentions", ())))
    strangers = [name for name in mentions if name not in workers]
    if strangers:
        raise UsageError(f"{strangers[0][:60]!r} is nobody who works on this case")
    table = {"kind": "comment", "about": about, "text": text, "mentions": mentions,
             "answers": visit.fields.get("answers", "")}  # fmt: skip
    ((record, _),) = visit.desk.enter([Line("the form", table)])
    return record


def assigned(visit: Visit) -> Talk:
    """The talk after somebody was given work, or relieved of it."""
    about = about_of(visit)
    to, task = visit.fields.get("to", ""), " ".join(visit.fields.get("task", "").split())
    if not 0 < len(task) <= LONGEST_TASK:
        raise UsageError(f"say what is to be done, or how it ended, in at most {LONGEST_TASK} signs")
    if to and to not in people(visit):
        raise RefusedError(f"{to[:60]!r} is nobody who works on this case", advice="choose one of the list")
    table = {"kind": "assignment", "about": about[0], "task": task, "to": to}
    seen = SeenAssigned(about, visit.fields.get("seen", ""))
    visit.desk.enter([Line("the form", table)], seen)
    return talk_on(visit.desk.case, *about)


def talk_part(visit: Visit, *about: Digest) -> Markup:
    """The talk on a thing as its page shows it, to those who work with the material; nothing to others."""
    if not visit.works:
        return Markup()
    talk, workers = talk_on(visit.desk.case, *about), tuple(people(visit))
    form, path = visit.required.form_token, _page(visit)
    told = {"talk": talk, "people": workers, "longest_comment": LONGEST_COMMENT, "longest_task": LONGEST_TASK}
    if talk == NOTHING_SAID:
        return part_once(visit, "talk.html", workers, lambda: told, form=form, talk_path=path)
    return part(visit, "talk.html", form=form, talk_path=path, **told)


def people(visit: Visit) -> Sequence[str]:
    """Those who work with the material and can come in."""
    every = visit.office.accounts.all()
    return [one.name for one in every if one.is_open and WORKERS & frozenset(one.roles)]


def about_of(visit: Visit) -> tuple[Digest, ...]:
    """What the address names: an exhibit, or a claim with those that were merged into it."""
    if "exhibit" in visit.request.path_params:
        return (visit.desk.case.digest_of_exhibit(visit.path("exhibit")),)
    ((_, one),) = claims_now(visit).called(visit.path("number"))
    return (one.digest, *one.absorbed)


def _page(visit: Visit) -> str:
    exhibit = visit.request.path_params.get("exhibit")
    return f"/exhibits/{exhibit}" if exhibit else f"/claims/{visit.path('number')}"
