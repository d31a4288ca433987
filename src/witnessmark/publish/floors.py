"""Counted at least: what people marked on pictures, counted without counting anything twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from witnessmark.model import Digest, Observation, Qualifier, Range
from witnessmark.model.counting import ASSUMED, FloorOfKind
from witnessmark.model.wire import digest_of
from witnessmark.publish.blocks import Block, Entry, Heading, Listing, Paragraph
from witnessmark.publish.index import Index
from witnessmark.publish.sentences import (
    Amount,
    Area,
    Line,
    Mark,
    Part,
    Reference,
    Sentence,
    Term,
    anchor,
    count,
    label,
    listed,
    name,
    note,
)


def counted_at_least(case: Index) -> Iterator[Block]:
    """For each kind of thing the minimum that pictures prove, with the way back to each mark of it."""
    dossier = case.dossier
    marks = {digest_of(one): one for one in dossier.observations}
    for one in dossier.floors:
        if one.whole.least:
            yield Heading(
                label(f"Counted on pictures: {one.kind}"), f"floor-{anchor(one.kind)}", "Marks by people"
            )
            yield Paragraph(tuple(_summary(case, one, marks)))
            yield Listing(tuple(_by_picture(case, one, marks)))
    if dossier.floors:
        yield Paragraph((*_words(case, marks), *_waiting(case), note(ASSUMED)))


def _summary(case: Index, one: FloorOfKind, marks: Mapping[Digest, Observation]) -> Iterator[Line]:
    whole = one.whole
    authors = tuple(dict.fromkeys(marks[record].author.name for record in whole.members))
    areas = tuple(_where(case, marks[record], record) for record in whole.members)
    references: tuple[Reference, ...] = tuple(case.reference(picture) for picture in whole.pictures)
    by, shown = listed(authors), count(len(whole.pictures), "picture", "pictures")
    least = Amount(whole.amount, authors, one.kind)
    yield Sentence(
        ("By the marks of ", *by, " on ", shown, ", counting nothing twice: ", least, "."),
        references if len(areas) > _MOST_CITED else areas,
    )
    if whole.bound > whole.least:
        most = Amount(Range(best=whole.bound), authors, one.kind)
        yield Sentence(("The search ended early: no more than ", most, " could be proved so."), references)
    if len(whole.pictures) > 1:
        yield _beside(one, authors, references)
    if len(one.scenes) > 1:
        scenes = count(len(one.scenes), "scene", "scenes")
        why = "; they are added up only if a person said that they are apart."
        yield Sentence(("The pictures fall into ", scenes, why), references)


def _beside(one: FloorOfKind, authors: tuple[str, ...], references: tuple[Reference, ...]) -> Sentence:
    """What stands beside the minimum and proves nothing more."""
    whole = one.whole
    beside = (
        ("The best single picture alone shows ", whole.single, Qualifier.AT_LEAST),
        ("; by merging what is likely one thing it would be ", whole.merged, Qualifier.ABOUT),
        (", and all marks together ", whole.naive, Qualifier.EXACTLY),
    )
    parts = [
        part
        for words, number, qualifier in beside
        for part in (words, Amount(_range(number, qualifier), authors))
    ]
    return Sentence((*parts, "; the last two prove nothing."), references)


_MOST_CITED = 12
"""A sentence cites so many marks at most; beyond, the list below it has them picture by picture."""


def _range(number: int, qualifier: Qualifier) -> Range:
    return (
        Range(low=number, qualifier=qualifier)
        if qualifier is Qualifier.AT_LEAST
        else Range(best=number, qualifier=qualifier)
    )


def _by_picture(case: Index, one: FloorOfKind, marks: Mapping[Digest, Observation]) -> Iterator[Entry]:
    """The marks of the minimum, picture by picture."""
    for picture in one.whole.pictures:
        here = [record for record in one.whole.members if marks[record].about == picture]
        if here:
            parts = (case.shown(picture), ": ", count(len(here), "mark", "marks"), " of the minimum.")
            yield Entry((Sentence(parts, tuple(_where(case, marks[record], record) for record in here)),))


def _where(case: Index, mark: Observation, record: Digest) -> Reference:
    exhibit = case.exhibit(mark.about)
    if mark.region is None or exhibit is None:
        return case.record(mark, mark.about)
    return Area(exhibit.number, exhibit.digest, mark.region, record)


def _words(case: Index, marks: Mapping[Digest, Observation]) -> Iterator[Line]:
    """What people said on how it is counted."""
    unbelieved = {digest_of(word) for one in case.dossier.floors for word in one.not_believed}
    for word in case.dossier.countings:
        about = _named(case, marks, word.about)
        about += [" and ", *_named(case, marks, word.other)] if word.other is not None else []
        parts: list[Part] = [name(word.author.name), " said of ", *about, ": ", Term(Mark.VALUE, word.manner)]
        parts += [", “", Term(Mark.WORDS, word.reason), "”"]
        if digest_of(word) in unbelieved:
            parts += ["; not believed, since the pictures show one scene"]
        yield Sentence((*parts, "."), (case.record(word),))


def _named(case: Index, marks: Mapping[Digest, Observation], digest: Digest) -> list[Part]:
    mark = marks.get(digest)
    return [case.shown(digest)] if mark is None else ["a mark on ", case.shown(mark.about)]


def _waiting(case: Index) -> Iterator[Line]:
    waiting = case.dossier.not_registered
    if waiting:
        verb = " was marked and not yet" if len(waiting) == 1 else " were marked and not yet"
        parts: list[Part] = []
        for place, picture in enumerate(waiting):
            parts += [", " if place else "", case.shown(picture)]
        yield Sentence(
            (*parts, verb, " registered to the others, so that nothing is added up across it."),
            tuple(case.reference(picture) for picture in waiting),
        )
