"""The brief's editor: sections in order, sentences of one's own, what is wrong beside each, and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import JSONResponse, Response

from witnessmark.desk.claims import Claims
from witnessmark.desk.editions import (
    Changed,
    Editing,
    Typed,
    Unfit,
    between,
    changes,
    latest_edition,
    may_leave_out,
    may_move,
    merged,
    typed_of,
    versions,
)
from witnessmark.desk.facets import Asked
from witnessmark.desk.references import MOST_CANDIDATES, REFERENCES, Candidate, exhibit_behind, said_of
from witnessmark.desk.wording import shortened
from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import Chapter, Claim, Digest, Edition, OwnSentence, Statement
from witnessmark.model.editions import LAST, LONGEST_TITLE, MADE
from witnessmark.publish.lint import Fault
from witnessmark.publish.words import LANGUAGES as BRIEFS
from witnessmark.publish.words import words_in as brief_words
from witnessmark.web.board import claims_now
from witnessmark.web.drawing import draw
from witnessmark.web.gate import COLLECTED
from witnessmark.web.office import Visit, go

MOST_ROWS, LONGEST_TEXT, LONGEST_REASON = 60, 40_000, 500
_HERE = "/brief/edit"


@dataclass(frozen=True, slots=True)
class Row:
    """A section in the form: as it is typed, and whether it is kept in the brief."""

    typed: Typed
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody has before them: the version that they began from, the sections, and why."""

    follows: str
    rows: tuple[Row, ...]
    reason: str = ""

    @property
    def typed(self) -> tuple[Typed, ...]:
        """The sections that are kept."""
        return tuple(row.typed for row in self.rows if row.is_kept)


def edit_page(visit: Visit) -> Response:
    """The editor with the latest version, or with an earlier one to go on from."""
    case = visit.desk.case
    found = versions(case)
    latest = found[-1] if found else None
    begun = latest[1] if latest else None
    if visit.asked("from"):
        begun = next((one for name, one in found if name.hex == visit.asked("from")), None)
        if begun is None:
            raise UsageError("there is no such version")
    rows = _rows(typed_of(case, begun))
    return _drawn(visit, Form(latest[0].hex if latest else "", rows), begun)


def edit(visit: Visit) -> Response:
    """What was pressed in the editor: move, leave out, add, check, or save."""
    form, act = _form(visit), visit.fields.get("act", "check")
    word, _, place = act.partition("-")
    if word in ("up", "down") and place.isascii() and place.isdecimal() and len(place) < 4:
        return _drawn(visit, _moved(form, int(place), -1 if word == "up" else 1), None, moved=act)
    if act == "add":
        return _drawn(visit, _with_own(form), None, moved="title")
    if act == "save":
        return _saved(visit, form)
    return _checked(visit, form)


def references(visit: Visit) -> Response:
    """What a sentence can rest on that holds some words, with the name to write in braces."""
    words, kind = visit.asked("q")[:200], visit.asked("kind")
    if kind and kind not in REFERENCES:
        raise UsageError(f"{kind[:40]!r} is no kind of thing that a sentence can rest on")
    found = found_references(visit, words, kind)
    told = [
        {"name": one.name, "kind": one.kind, "says": one.says[:300], "address": _address(visit, one)}
        for one in found
    ]
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse(told)
    return draw(visit, "brief_references.html", found=told, asked=words, kind=kind, kinds=REFERENCES)


def found_references(visit: Visit, words: str, kind: str) -> list[Candidate]:
    """What a sentence can rest on that holds some words; exhibits with the words in their text come first."""
    found = list(_with_words(visit, words, kind))
    found += visit.office.references.find(words, kind) if words or kind else ()
    return list({one.digest: one for one in reversed(found)}.values())[::-1][:MOST_CANDIDATES]


def _with_words(visit: Visit, words: str, kind: str) -> list[Candidate]:
    """The exhibits in which the words stand, by their titles."""
    if not words.strip() or kind not in ("", "exhibit"):
        return []
    index, case = visit.office.words, visit.desk.case
    by_place = index.digests(index.find(Asked(words=words)).places[:MOST_CANDIDATES])
    titles, numbers = index.titles(list(by_place)), case.exhibits_of(tuple(by_place.values()))
    return [
        Candidate(numbers[digest], "exhibit", titles.get(place) or said_of(case, digest).says, digest)
        for place, digest in sorted(by_place.items())
        if digest in numbers
    ]


def versions_page(visit: Visit) -> Response:
    """Every saved version, and what changed between two of them."""
    case = visit.desk.case
    found = versions(case)
    later = visit.number("later", len(found))
    earlier = visit.number("earlier", max(0, later - 1))
    if later > len(found) or earlier > len(found):
        raise UsageError("there is no such version")
    numbered: list[Edition | None] = [None, *(one for _, one in found)]
    return draw(
        visit,
        "brief_versions.html",
        found=[(number, name.hex, one) for number, (name, one) in enumerate(found, 1)][::-1],
        earlier=earlier,
        later=later,
        changed=_told(visit, changes(case, numbered[earlier], numbered[later])) if found else [],
        titles=_titles(visit),
    )


# --- inner


def _rows(typed: Sequence[Typed]) -> tuple[Row, ...]:
    """The sections as they are typed, and before the last ones those that are left out."""
    kept = [Row(one) for one in typed]
    there = {one.chapter for one in typed}
    out = [Row(Typed(one), is_kept=False) for one in MADE if one not in there]
    end = len(kept) - len(LAST)
    return (*kept[:end], *out, *kept[end:])


def _form(visit: Visit) -> Form:
    fields = visit.fields
    rows: list[Row] = []
    for place in range(MOST_ROWS):
        chapter = fields.get(f"chapter-{place}")
        if chapter is None:
            break
        if chapter not in tuple(Chapter):
            raise UsageError(f"{chapter[:40]!r} is no section of a brief")
        text = fields.get(f"text-{place}", "").replace("\r\n", "\n")
        if len(text) > LONGEST_TEXT:
            raise UsageError(f"a section has at most {LONGEST_TEXT:,} signs")
        typed = Typed(Chapter(chapter), text.strip("\n"), " ".join(fields.get(f"title-{place}", "").split()))
        rows.append(Row(typed, fields.get(f"kept-{place}") == "yes" or not may_leave_out(typed.chapter)))
    if f"chapter-{MOST_ROWS}" in fields:
        raise UsageError(f"a brief has at most {MOST_ROWS} sections here", advice="leave out what is empty")
    if not rows:
        raise UsageError("the form says nothing of the brief", advice="load the page again")
    reason = fields.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise UsageError(
            f"a reason has at most {LONGEST_REASON} signs, and this one has {len(reason):,}",
            advice="go back and say it more shortly; what belongs to a sentence stands in the brief",
        )
    return Form(fields.get("follows", ""), tuple(rows), reason)


def _moved(form: Form, place: int, by: int) -> Form:
    rows, other = list(form.rows), place + by
    for one in (place, other):
        if not 0 <= one < len(rows) or not may_move(rows[one].typed.chapter):
            return form
    rows[place], rows[other] = rows[other], rows[place]
    return replace(form, rows=tuple(rows))


def _with_own(form: Form) -> Form:
    """The form with a further section of one's own, before what a brief ends with."""
    end = len(form.rows) - len(LAST)
    return replace(form, rows=(*form.rows[:end], Row(Typed(Chapter.OWN)), *form.rows[end:]))


def _saved(visit: Visit, form: Form) -> Response:
    try:
        visit.desk.edit_brief(form.typed, form.reason, _follows(visit, form))
    except OutdatedError:
        return _conflict(visit, form)
    except UsageError as error:
        return _checked(visit, form, 422, trouble=str(error))
    return go("/brief/versions")


def _checked(visit: Visit, form: Form, status: int = 200, **more: Any) -> Response:
    """The form with what is wrong beside each sentence, and the brief as readers would have it."""
    editing = Editing(visit.desk.case, visit.desk.custodian)
    try:
        edition = editing.made(form.typed, form.reason, _follows(visit, form))
    except UsageError as error:
        more.setdefault("trouble", str(error))
        return _drawn(visit, form, None, status=422, **more)
    return _drawn(visit, form, edition, status=status, unfit=editing.unfit, is_new=True, **more)


def _conflict(visit: Visit, form: Form) -> Response:
    """Both versions: what the other person changed is taken over where only they did, and shown elsewhere."""
    case = visit.desk.case
    name, theirs = versions(case)[-1]
    begun = _begun(visit, form)
    ours, clashes = merged(typed_of(case, begun), form.typed, typed_of(case, theirs))
    told = {
        "by": theirs.author.name,
        "theirs": _told(visit, changes(case, begun, theirs)),
        "mine": _told(visit, between(typed_of(case, begun), form.typed)),
        "clashes": [_title(visit, one) for one in clashes],
    }
    merged_form = replace(form, follows=name.hex, rows=_rows(ours))
    return _checked(visit, merged_form, 409, conflict=told)


def _follows(visit: Visit, form: Form) -> Digest | None:
    found = {name.hex: name for name, _ in versions(visit.desk.case)}
    if form.follows and form.follows not in found:
        raise UsageError("the version that you began from is not on record", advice="load the page again")
    return found.get(form.follows)


def _begun(visit: Visit, form: Form) -> Edition | None:
    return next((one for name, one in versions(visit.desk.case) if name.hex == form.follows), None)


def _drawn(visit: Visit, form: Form, edition: Edition | None, status: int = 200, **more: Any) -> Response:
    language = visit.language if visit.language in BRIEFS else "en"
    faults: Sequence[Fault] = ()
    frame, is_drafted = "", True
    if edition is not None and more.get("is_new"):
        files, faults = visit.desk.drafted_brief(language, edition)
        visit.required.drafts[language] = files
        token = visit.office.sessions.grant(visit.required, "brief", None, language)
        frame = f"http://{COLLECTED}:{visit.office.port}/kept/{token}/brief.html"
    elif edition is not None and edition == latest_edition(visit.desk.case):
        draft = visit.office.drafted(language, lambda: visit.desk.drafted_brief(language))
        faults, is_drafted = ((), False) if draft is None else (draft[1], True)
    beside = _beside(visit, form, edition, faults, more.get("unfit", ()))
    facts: dict[str, Any] = {
        "here": _HERE,
        "news_word": "edited_by",
        "form_rows": list(zip(form.rows, beside, strict=True)),
        "follows": form.follows,
        "reason": form.reason,
        "names": [_title(visit, row.typed) for row in form.rows],
        "may_move": [may_move(row.typed.chapter) for row in form.rows],
        "may_leave_out": [may_leave_out(row.typed.chapter) for row in form.rows],
        "faults": [fault for fault in faults if not fault.own],
        "is_judged": bool(frame),
        "is_drafted": is_drafted,
        "frame": frame,
        "kinds": REFERENCES,
        "longest_text": LONGEST_TEXT,
        "longest_title": LONGEST_TITLE,
        "longest_reason": LONGEST_REASON,
        "trouble": "",
        "conflict": None,
        "moved": "",
        "own": Chapter.OWN,
    }
    return draw(visit, "brief_edit.html", status, **(facts | more))


def _beside(
    visit: Visit, form: Form, edition: Edition | None, faults: Sequence[Fault], unfit: Sequence[Unfit]
) -> list[list[dict[str, Any]]]:
    """For each section in the form its sentences, each with its references and with what is wrong with it."""
    kept = [place for place, row in enumerate(form.rows) if row.is_kept]
    beside: list[list[dict[str, Any]]] = [[] for _ in form.rows]
    for one in unfit:
        beside[kept[one.section]].append({"text": one.line, "faults": [one.trouble], "refs": [], "by": None})
    by_place: dict[str, list[str]] = {}
    for fault in faults:
        by_place.setdefault(fault.own, []).append(fault.rule)
    for section, part in enumerate(edition.sections if edition is not None else ()):
        for paragraph, lines in enumerate(part.paragraphs):
            for number, sentence in enumerate(lines.sentences):
                wrong = by_place.get(f"{section}.{paragraph}.{number}", [])
                beside[kept[section]].append(_sentence(visit, sentence, list(dict.fromkeys(wrong))))
    return beside


def _sentence(visit: Visit, sentence: OwnSentence, wrong: Sequence[str]) -> dict[str, Any]:
    found = [said_of(visit.desk.case, digest) for digest in sentence.rests_on]
    return {
        "text": sentence.text,
        "faults": wrong,
        "refs": [(one.name, one.says[:120], _address(visit, one)) for one in found],
        "by": (sentence.author.name, sentence.written_at),
    }


def _address(visit: Visit, one: Candidate) -> str:
    """The page on which what a sentence rests on can be seen."""
    case = visit.desk.case
    number = one.name if one.kind == "exhibit" else exhibit_behind(case, one.digest)
    if number is not None:
        return f"/exhibits/{number}"
    noun = case.noun(one.digest) if case.entry_of(one.digest) is not None else None
    if isinstance(noun, Statement):
        return f"/statements/{one.digest.hex}"
    claim: Digest | None = one.digest if isinstance(noun, Claim) else getattr(noun, "claim", None)
    if claim is not None:
        pages: Mapping[Digest, int] = visit.answered("pages of claims", lambda: _pages(claims_now(visit)))
        return f"/claims/{pages[claim]}" if claim in pages else "/claims"
    return "/numbers"


def _pages(claims: Claims) -> Mapping[Digest, int]:
    """The numbers of the claims, by their names and those of the claims that they absorbed."""
    pages: dict[Digest, int] = {}
    for number, one in claims.called(None):
        for name in (one.digest, *one.absorbed):
            pages.setdefault(name, number)
    return pages


def _titles(visit: Visit) -> Mapping[str, str]:
    return brief_words(visit.language if visit.language in BRIEFS else "en")


def _title(visit: Visit, typed: Typed) -> str:
    return typed.title or _titles(visit).get(typed.chapter.value, visit.words["own_section"])


def _told(visit: Visit, found: Iterator[Changed]) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title or _titles(visit).get(one.chapter.value, ""),
            "stands": one.stands.replace(" ", "_"),
            "pieces": shortened(one.pieces),
        }
        for one in found
    ]
