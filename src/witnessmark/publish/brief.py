"""The brief: what is claimed, by whom, what is known and what is not, every sentence leading to sealed bytes.

It is made as a tree of sentences, written as a page and as plain text, and then read again from the
page by rules that do not know how it was made. A brief that breaks one is not handed out.
"""

from __future__ import annotations

from dataclasses import dataclass

from witnessmark.publish import appendix, method
from witnessmark.publish.blocks import Document, Section, lines, numbered
from witnessmark.publish.claimed import claimed
from witnessmark.publish.counted import counted
from witnessmark.publish.dossier import Dossier
from witnessmark.publish.edition import edited
from witnessmark.publish.index import Index, index
from witnessmark.publish.lint import insist
from witnessmark.publish.matrix import matrix
from witnessmark.publish.page import page
from witnessmark.publish.pictures import pictures
from witnessmark.publish.plain_text import markdown
from witnessmark.publish.sentences import (
    Line,
    Mark,
    Own,
    Part,
    Reference,
    Sentence,
    Term,
    name,
    note,
    some,
    time,
)
from witnessmark.publish.times import moment, stretch
from witnessmark.publish.unverified import unverified
from witnessmark.publish.words import words_in


@dataclass(frozen=True, slots=True)
class Brief:
    """The brief as page and as plain text, and its references in the order of their numbers, from 1."""

    html: bytes
    markdown: bytes
    references: tuple[Reference, ...]


def brief(dossier: Dossier, language: str = "en") -> Brief:
    """The brief of `dossier`, re-read and found in order; RefusedError says where it is not."""
    made = draft(dossier, language)
    insist(made.html, made.markdown, dossier)
    return made


def draft(dossier: Dossier, language: str = "en") -> Brief:
    """The brief of `dossier` as it is made, not yet re-read by the rules."""
    document, numbers = _document(index(dossier), language)
    return Brief(page(document, numbers), markdown(document, numbers), tuple(numbers))


def _document(case: Index, language: str) -> tuple[Document, dict[Reference, int]]:
    sections = _sections(case)
    standfirst = _standfirst(case)
    told = (*standfirst, *lines(sections))
    numbers = numbered(told)
    facts = [line for line in told if isinstance(line, Sentence | Own)]
    cited: dict[Reference, int] = {}
    for place, fact in enumerate(facts, start=1):
        for reference in fact.references:
            cited.setdefault(reference, place)
    found = appendix.references(case, numbers, cited)
    at = next(place for place, one in enumerate(sections) if one.key == "exhibits") + 1
    document = Document(
        case.dossier.investigation.name,
        standfirst,
        _particulars(case, language),
        (*sections[:at], found, *sections[at:]),
        language,
    )
    return document, numbers


def _sections(case: Index) -> tuple[Section, ...]:
    return edited(case, _made(case))


def _made(case: Index) -> tuple[Section, ...]:
    return (
        method.warning(case),
        claimed(case),
        counted(case),
        matrix(case),
        unverified(case),
        pictures(case),
        method.undone(case),
        method.method(case),
        method.limits(case),
        appendix.exhibits(case),
        method.check(),
    )


def _standfirst(case: Index) -> tuple[Line, ...]:
    """What the brief is about: the events as the desk entered them."""
    told: list[Line] = []
    for event in case.dossier.events:
        parts: list[Part] = [name(event.name)]
        if event.when is not None:
            parts += [", ", time(stretch(event.when))]
        if event.where is not None and event.where.name:
            parts += [", ", name(event.where.name)]
        parts += [". ", Term(Mark.WORDS, event.summary)] if event.summary else ["."]
        told.append(Sentence(tuple(parts), (case.record(event),)))
    return tuple(told) or (note("No event has been entered in this case yet."),)


def _particulars(case: Index, language: str) -> tuple[tuple[str, str], ...]:
    words = words_in(language)
    dossier = case.dossier
    custody = dossier.custody
    pairs = [
        (words["made"], moment(dossier.made_at)),
        (words["opened"], moment(dossier.investigation.opened_at)),
        (words["authorization"], dossier.investigation.authorization),
        (words["counts"], _holdings(case)),
        (words["log"], custody.origin),
        (words["checkpoint"], f"{custody.checkpoint_size:,}"),
        (words["fingerprint"], custody.fingerprint),
        (words["verifier_key"], custody.verifier_key),
        (words["witnesses"], ", ".join(custody.witnesses) or words["no_witness"]),
        (words["time_stamps"], ", ".join(custody.time_stamps) or words["no_time_stamp"]),
    ]
    return tuple(pair for pair in pairs if pair[1])


def _holdings(case: Index) -> str:
    held = (
        (len(case.dossier.exhibits), "exhibit", "exhibits"),
        (len(case.claims), "claim", "claims"),
        (len(case.statements), "statement", "statements"),
    )
    return ", ".join(some(*one) for one in held)
