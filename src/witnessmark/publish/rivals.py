"""Rival explanations of a claim side by side, with how each piece of evidence lies to each of them."""

from __future__ import annotations

from collections.abc import Iterator

from witnessmark.model import Bearing, Digest, Hypothesis
from witnessmark.model.weighing import Rivals
from witnessmark.publish.blocks import NOTHING, Block, Cell, Heading, Paragraph, Table
from witnessmark.publish.index import Index
from witnessmark.publish.sentences import Mark, Sentence, Term, label, name, note, time
from witnessmark.publish.times import moment


def rivals(case: Index, table: Rivals, anchor: str) -> Iterator[Block]:
    """The heading, who put which explanation forward, and the table; nothing if there is none."""
    if not table.hypotheses:
        return
    yield Heading(label("Rival explanations"), anchor, level=4)
    yield Paragraph(
        (
            note(
                "Evidence that fits all explanations alike tells nothing; what tells them apart stands "
                "first. Nothing is added up, and none of them is the desk's conclusion."
            ),
            *(put_forward(case, one) for _, one in table.hypotheses),
        )
    )
    if table.rows:
        yield Table(
            "How each piece of evidence lies to each explanation, in whose judgement",
            ("Evidence", *(one.text for _, one in table.hypotheses), "Does it tell them apart?"),
            tuple(
                (
                    _evidence(case, row.evidence),
                    *(_cell(case, cell) for cell in row.bearings),
                    (label(row.diagnosticity.value, Mark.VALUE),),
                )
                for row in table.rows
            ),
            wide=True,
        )


def _evidence(case: Index, evidence: Digest) -> Cell:
    """What the evidence is: exact words of a speaker, an exhibit, or a record."""
    if evidence in case.statements:
        return (Sentence((name(case.statements[evidence].speaker), " says so."), (case.words(evidence),)),)
    kind = "" if case.exhibit(evidence) else f"the {case.kinds.get(evidence, 'record')} "
    return (Sentence((kind, case.shown(evidence)), (case.reference(evidence),)),)


def _cell(case: Index, said: tuple[tuple[Digest, Bearing], ...]) -> Cell:
    told = tuple(
        Sentence(
            (
                Term(Mark.VALUE, one.consistency.value),
                ", says ",
                name(one.author.name),
                ": “",
                Term(Mark.WORDS, one.reason),
                "”",
            ),
            (case.record(one),),
        )
        for _, one in said
    )
    return told or NOTHING


def put_forward(case: Index, explanation: Hypothesis) -> Sentence:
    """Who put an explanation forward, when, and in which words."""
    return Sentence(
        (
            name(explanation.author.name),
            " put forward (",
            time(moment(explanation.proposed_at)),
            "): “",
            Term(Mark.WORDS, explanation.text),
            "”",
        ),
        (case.record(explanation),),
    )
