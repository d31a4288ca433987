"""The brief's versions for programs: listed, read as typed, and written as the editor writes them."""

from __future__ import annotations

from typing import Any

from witnessmark.desk.editions import Typed, line_of, name_of, typed_of, versions
from witnessmark.errors import UsageError
from witnessmark.model import Chapter, Digest, Edited, Edition, OwnSentence
from witnessmark.model.editions import MADE
from witnessmark.ports import Case
from witnessmark.web.api.looking import part_of
from witnessmark.web.editing import found_references
from witnessmark.web.office import Visit

Facts = dict[str, Any]


def editions(visit: Visit) -> Facts:
    """The saved versions, the first one first."""
    case = visit.desk.case
    return part_of(visit, "editions", [_head(number, *each) for number, each in _numbered(case)])


def edition(visit: Visit) -> Facts:
    """One version as it is typed; 0 is the brief as it is made while nobody has edited it."""
    number, case = int(visit.path("version")), visit.desk.case
    if number == 0:
        return {**_head(0, None, None), "sections": _sections(case, None)}
    found = dict(_numbered(case)).get(number)
    if found is None:
        raise UsageError(f"there is no version {number} of the brief")
    return {**_head(number, *found), "sections": _sections(case, found[1])}


def edited(visit: Visit) -> Facts:
    """A version put on record, if nobody saved another one since the one that it follows."""
    typed = [
        Typed(Chapter(one["chapter"]), one["text"].strip("\n"), " ".join(one.get("title", "").split()))
        for one in visit.body["sections"]
    ]
    seen = visit.body["seen"]
    follows = Digest(seen) if seen else None
    record = visit.desk.edit_brief(typed, visit.body.get("reason", ""), follows)
    return next(_head(number, *each) for number, each in _numbered(visit.desk.case) if each[0] == record)


def references(visit: Visit) -> Facts:
    """What a sentence can rest on that holds some words."""
    found = found_references(visit, visit.question.get("words", ""), visit.question.get("kind", ""))
    told = [{"name": one.name, "kind": one.kind, "says": one.says, "record": one.digest} for one in found]
    return {"references": told}


# --- inner


def _numbered(case: Case) -> list[tuple[int, tuple[Digest, Edition]]]:
    return list(enumerate(versions(case), start=1))


def _head(number: int, name: Digest | None, one: Edition | None) -> Facts:
    return {
        "version": number,
        "edition": name,
        "author": None if one is None else one.author.name,
        "saved_at": None if one is None else one.saved_at,
        "reason": "" if one is None else one.reason,
        "follows": None if one is None else one.follows,
        "left_out": () if one is None else one.left_out,
    }


def _sections(case: Case, one: Edition | None) -> list[Facts]:
    sections = tuple(map(Edited, MADE)) if one is None else one.sections
    return [
        {
            "chapter": typed.chapter,
            "title": typed.title,
            "text": typed.text,
            "sentences": [
                _sentence(case, sentence) for part in section.paragraphs for sentence in part.sentences
            ],
        }
        for typed, section in zip(typed_of(case, one), sections, strict=True)
    ]


def _sentence(case: Case, one: OwnSentence) -> Facts:
    return {
        "line": line_of(case, one),
        "text": one.text,
        "rests_on": [{"name": name_of(case, each), "record": each} for each in one.rests_on],
        "author": one.author.name,
        "written_at": one.written_at,
    }
