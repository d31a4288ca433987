"""The appendix: every exhibit with its court fields, and every reference with its digest and span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from witnessmark.publish.blocks import Block, Fields, Paragraph, Section
from witnessmark.publish.dossier import Arrival, Exhibit
from witnessmark.publish.index import Index
from witnessmark.publish.pictures import is_media, region_words
from witnessmark.publish.sentences import (
    Area,
    Label,
    Line,
    Mark,
    Record,
    Reference,
    Term,
    Whole,
    Words,
    in_marks,
    label,
    note,
)
from witnessmark.publish.shown import level, shown_source
from witnessmark.publish.times import moment
from witnessmark.publish.words import LEVELS

Pair = tuple[str, tuple[Line, ...]]


def exhibits(case: Index) -> Section:
    """Every exhibit of the brief with the fields that a court asks for."""
    shown = sorted(case.dossier.exhibits, key=lambda one: one.number)
    blocks: list[Block] = [Fields(_title(one), tuple(_pairs(case, one)), one.number) for one in shown]
    return Section("exhibits", tuple(blocks) or (Paragraph((note("There is no exhibit."),)),))


def _title(exhibit: Exhibit) -> tuple[Line, ...]:
    told: list[Line] = [Label((Term(Mark.VALUE, exhibit.number),))]
    if exhibit.title:
        told.append(label(exhibit.title, Mark.NAME))
    return tuple(told)


def _pairs(case: Index, exhibit: Exhibit) -> Iterator[Pair]:
    original = exhibit.item.original
    if exhibit.outlet:
        yield "Outlet", (label(exhibit.outlet, Mark.NAME),)
    if exhibit.published:
        yield "Dated, as it says", (label(exhibit.published, Mark.VALUE),)
    yield "Type", (label(original.media_type, Mark.VALUE),)
    yield "SHA-256", (label(original.digest.hex, Mark.VALUE),)
    yield "Size", (label(f"{original.size:,} bytes", Mark.VALUE),)
    if is_media(exhibit):
        graphic = level(case.about.ratings.get(exhibit.digest, ()))
        treated = "" if graphic.ratings else ", not rated by a person"
        yield "Graphic level", (label(f"{graphic.number}, {LEVELS[graphic.number]}{treated}", Mark.VALUE),)
    for arrival in sorted(exhibit.arrivals, key=lambda one: one.acquisition.collected_at):
        yield from _arrival(case, exhibit, arrival)
    if exhibit.accessed_by:
        yield "Opened by", (label(", ".join(exhibit.accessed_by), Mark.VALUE),)


def _arrival(case: Index, exhibit: Exhibit, arrival: Arrival) -> Iterator[Pair]:
    acquisition = arrival.acquisition
    yield "Collected", (label(moment(acquisition.collected_at), Mark.TIME),)
    if arrival.not_later_than is not None:
        yield "Not later than", (label(moment(arrival.not_later_than), Mark.TIME),)
    yield "By", (label(f"{acquisition.collector.name}, {arrival.instrument}", Mark.VALUE),)
    yield "Source", (label(shown_source(case.dossier, exhibit, arrival.source), Mark.VALUE),)
    if arrival.source_url is not None:
        yield "Address", (label(shown_source(case.dossier, exhibit, arrival.source_url), Mark.VALUE),)
    yield "Method", (label(acquisition.method, Mark.VALUE),)
    if acquisition.within is not None:
        yield "Within", (Label((case.shown(acquisition.within),)),)
    if arrival.log_index is not None:
        yield "Log entry", (label(f"{arrival.log_index:,}", Mark.VALUE),)


def references(case: Index, numbers: Mapping[Reference, int], cited: Mapping[Reference, int]) -> Section:
    """Every reference by its number: what it names, with digest and span, and the way back."""
    blocks = tuple(
        Fields(
            _reference_title(reference),
            tuple(_reference_pairs(case, reference)),
            f"ref-{number}",
            reference,
            f"fact-{cited[reference]}",
        )
        for reference, number in numbers.items()
    )
    return Section("references", blocks)


def _reference_title(reference: Reference) -> tuple[Line, ...]:
    match reference:
        case Words(exhibit=exhibit, pages=pages):
            if pages:
                return (Label((Term(Mark.EXHIBIT, exhibit), ", p. ", Term(Mark.VALUE, str(pages[0])))),)
            return (Label((Term(Mark.EXHIBIT, exhibit), " ¶")),)
        case Whole(exhibit=exhibit):
            return (Label((Term(Mark.EXHIBIT, exhibit), ", whole")),)
        case Area(exhibit=exhibit, region=region):
            return (Label((Term(Mark.EXHIBIT, exhibit), ", ", Term(Mark.VALUE, region_words(region)))),)
        case Record(kind=kind):
            return (label(f"Record: {kind}"),)


def _reference_pairs(case: Index, reference: Reference) -> Iterator[Pair]:
    match reference:
        case Words():
            yield from _words_pairs(case, reference)
        case Whole(digest=digest):
            yield "SHA-256", (label(digest.hex, Mark.VALUE),)
        case Area(digest=digest, record=record):
            yield "SHA-256", (label(digest.hex, Mark.VALUE),)
            yield "Record", (label(record.hex, Mark.VALUE),)
        case Record(digest=digest, exhibits=numbers):
            yield "SHA-256", (label(digest.hex, Mark.VALUE),)
            if numbers:
                parts = [part for number in numbers for part in (", ", Term(Mark.EXHIBIT, number))]
                yield "About", (Label(tuple(parts[1:])),)


def _words_pairs(case: Index, words: Words) -> Iterator[Pair]:
    yield "Words", (Label(in_marks(case.quoted(words.statement))),)
    yield "SHA-256", (label(words.digest.hex, Mark.VALUE),)
    if words.source_span is not None:
        yield "Bytes", (label(f"{words.source_span.start}–{words.source_span.end}", Mark.VALUE),)
    if words.pages:
        yield "Page", (label(", ".join(map(str, words.pages)), Mark.VALUE),)
    yield "Text", (label(words.text.hex, Mark.VALUE),)
    yield "Code points", (label(f"{words.span.start}–{words.span.end}", Mark.VALUE),)
    statement = case.statements[words.statement]
    reader = f"{statement.read_by.name}, {moment(statement.read_at)}"
    yield "Read by", (label(reader, Mark.VALUE),)
    yield "Record", (label(words.statement.hex, Mark.VALUE),)
