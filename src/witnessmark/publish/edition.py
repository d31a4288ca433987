"""What people wrote into the brief themselves: at the head of its sections, and as sections of their own.

Their words are told apart from all that is made from records: each sentence has its author, its time and
its references, and readers are told which sections somebody left out, who, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from witnessmark.model import Chapter, Edited, Edition
from witnessmark.publish.blocks import Block, Paragraph, Section
from witnessmark.publish.index import Index
from witnessmark.publish.sentences import Mark, Own, Part, Sentence, Term, listed, name, note, time
from witnessmark.publish.times import moment
from witnessmark.publish.words import ENGLISH


def edited(case: Index, made: Sequence[Section]) -> tuple[Section, ...]:
    """The sections `made` from records as the latest edition has them; as they are if nobody edited any."""
    edition = case.dossier.edition
    if edition is None:
        return tuple(made)
    by_key = {section.key: section for section in made}
    return tuple(_sections(case, edition, by_key))


def _sections(case: Index, edition: Edition, made: Mapping[str, Section]) -> Iterator[Section]:
    for place, part in enumerate(edition.sections):
        written = tuple(_paragraphs(case, part, place))
        if part.chapter is Chapter.OWN:
            yield Section(f"own-{place}", written, part.title)
        elif part.chapter in made:  # the references are made later, from all that is told
            section = made[part.chapter]
            told = (*_told_first(edition), *written) if part.chapter is Chapter.WARNING else written
            after = _edited_by(case, edition) if part.chapter is Chapter.METHOD else ()
            yield replace(section, blocks=(*told, *section.blocks, *after))


def _told_first(edition: Edition) -> tuple[Block, ...]:
    """How readers tell a person's words from what is made from records."""
    if not any(one.paragraphs for one in edition.sections):
        return ()
    said = (
        "Paragraphs with a double line beside them are a person's own words, with name and time. "
        "All else is made from records by fixed rules."
    )
    return (Paragraph((note(said),)),)


def _paragraphs(case: Index, part: Edited, place: int) -> Iterator[Block]:
    for row, paragraph in enumerate(part.paragraphs):
        lines = [
            Own(
                one.text,
                tuple(dict.fromkeys(case.reference(digest) for digest in one.rests_on)),
                one.author.name,
                moment(one.written_at),
                f"{place}.{row}.{number}",
            )
            for number, one in enumerate(paragraph.sentences)
        ]
        hands = [(one.author, one.written) for one in lines]
        signed = (*(one != other for one, other in pairwise(hands)), True)
        yield Paragraph(
            tuple(replace(one, is_signed=last) for one, last in zip(lines, signed, strict=True)), is_own=True
        )


def _edited_by(case: Index, edition: Edition) -> tuple[Block, ...]:
    """Who chose what the brief has, when, and what was left out for which reason."""
    by: tuple[Part, ...] = (
        "The order of the sections, and what is marked as a person's own words, were last saved by ",
        name(edition.author.name),
        " (",
        time(moment(edition.saved_at)),
        ").",
    )
    told = [Sentence(by, (case.record(edition),))]
    if edition.left_out:
        titles = listed(ENGLISH[one.value] for one in edition.left_out)
        told.append(
            Sentence(
                (
                    "These sections were left out: ",
                    *titles,
                    ", because: “",
                    Term(Mark.WORDS, edition.reason),
                    "”",
                ),
                (case.record(edition),),
            )
        )
    return (Paragraph(tuple(told)),)
