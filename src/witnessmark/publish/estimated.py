"""Estimated: how many in all, from lists that partly overlap, as a person put it on record; or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from witnessmark.model import Estimate, Qualifier, Range
from witnessmark.publish.blocks import Block, Heading, Paragraph
from witnessmark.publish.index import Index
from witnessmark.publish.sentences import (
    Amount,
    Line,
    Mark,
    Part,
    Reference,
    Sentence,
    Term,
    anchor,
    label,
    name,
    note,
)


def estimated(case: Index) -> Iterator[Block]:
    """Of each group of persons the latest estimate: lists, links, the number and what it assumes."""
    latest = {(one.of, one.stratum): one for one in case.dossier.estimates}
    for one in latest.values():
        whom = f"{one.of}, {one.stratum}" if one.stratum else one.of
        yield Heading(label(f"Estimated: {whom}"), f"estimate-{anchor(whom)}", "Lists that overlap")
        yield Paragraph(tuple(_told(case, one)))
    if latest:
        yield Paragraph((note(_CHECKED),))


_CHECKED = (
    "An estimate says how many are on no list, from how lists overlap. The command `estimate` with the"
    " settings on record, on the same exhibits, gives the same numbers; the record holds all that each method"
    " said. A refusal is a result: the lists do not tell."
)


def _told(case: Index, one: Estimate) -> Iterator[Line]:
    record = case.record(one, *one.rests_on)
    references: tuple[Reference, ...] = (record, *map(case.reference, one.rests_on))
    whose, who = (one.author.name,), name(one.author.name)
    parts: list[Part] = ["By what ", who, " put on record, these lists name persons: "]
    for place, listed in enumerate(one.lists):
        named = Amount(Range(best=listed.persons), whose)
        parts += ["; " if place else "", Term(Mark.VALUE, listed.name), " ", named]
    linked = Amount(Range(best=one.linked), whose, "persons")
    yield Sentence((*parts, "; linked to each other, together ", linked, "."), references)
    if one.amount is None:
        refused = (who, " had an estimate made, and no number is printed: ", *_quoted(one.reasons), ".")
        yield Sentence(refused, references)
    else:
        best = Amount(Range(best=one.amount.best, qualifier=Qualifier.ABOUT), whose, "persons")
        ends = Amount(Range(one.amount.low, None, one.amount.high, Qualifier.BETWEEN), whose)
        number = (best, " in all (", Term(Mark.VALUE, "95 %"), ": ", ends, ")")
        assumed = (", by the method ", *_quoted((one.method,)), ", which assumes ", *_quoted((one.assumes,)))
        yield Sentence((who, " put on record an estimate of ", *number, *assumed, "."), references)
    for warning in one.told.get("warnings", ()):
        yield Sentence(("The method notes: ", *_quoted((warning,)), "."), (record,))
    beside = [
        _beside(method, whose) for method in one.told.get("methods", ()) if method["method"] != one.method
    ]
    if beside:
        each = [part for place, method in enumerate(beside) for part in (("; " if place else ""), *method)]
        yield Sentence(("Beside it, in the same record by ", who, ", stand: ", *each, "."), (record,))


def _quoted(words: Sequence[str]) -> tuple[Part, ...]:
    """What a method says of itself, in its own words."""
    return tuple(
        part
        for place, one in enumerate(words)
        for part in ("; “" if place else "“", Term(Mark.TOOL, one), "”")
    )


def _beside(method: Mapping[str, Any], whose: tuple[str, ...]) -> tuple[Part, ...]:
    """What another method says, and that it failed if it did."""
    named = Term(Mark.TOOL, str(method["method"]))
    if method.get("failed") or method.get("median") is None:
        return (named, " (failed)")
    return (named, " ", Amount(Range(best=round(method["median"]), qualifier=Qualifier.ABOUT), whose))
