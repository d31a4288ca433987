"""Erasing: what has to go when an exhibit or a record goes, and what of it is left elsewhere in the case.

Bytes are known by their digest alone, so that two exhibits can share a working copy, or one can be
the readable text of another. What an exhibit that stays still needs is not destroyed with another.
What people and programs said of an erased thing goes with it, and what was said of that in turn.
Assessments and versions of the brief stay, since they are somebody's words from much else: they are named,
to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from witnessmark.desk.readings import find_exhibit
from witnessmark.desk.texts import copies_of
from witnessmark.errors import UsageError
from witnessmark.model import (
    Acquisition,
    Affiliation,
    Assessment,
    Assignment,
    Bearing,
    Claim,
    Comment,
    Copy,
    Counting,
    Decision,
    Digest,
    Edition,
    Erasure,
    Estimate,
    Event,
    Facts,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Identification,
    Match,
    Observation,
    PersonRecord,
    Rating,
    Rereading,
    Sealed,
    Statement,
    Tie,
)
from witnessmark.ports import Case

SAYINGS = (
    *(Finding, Match, Observation, Rating, Statement, Decision, Grade, Claim, Hypothesis),
    *(Filing, Tie, Bearing, Rereading, Counting, PersonRecord, Identification, Estimate),
    *(Comment, Assignment),
)
"""What is said of a thing and goes with it."""

ERASABLE = (*SAYINGS, Event, Assessment, Affiliation, Edition)
"""The kinds of records that can be erased by themselves; what custody rests on cannot."""

_SHORTEST_NAME = 8
SHEET = "witnessmark.examine.sheet:sheet"
"""What makes a working copy that shows two exhibits; it goes with either."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """What an erasure destroys: bytes, bodies of records, personal values; and what rests on it and stays.

    `editions` are versions of the brief by their number from 1 on, each with how many of its sentences do.
    """

    originals: tuple[Digest, ...]
    objects: tuple[Digest, ...]
    commitments: tuple[Sealed, ...]
    assessments: tuple[Digest, ...]
    editions: tuple[tuple[int, Digest, int], ...]


def doomed_by(case: Case, names: Collection[str]) -> Doomed:
    """What goes with the exhibits and records that `names` stand for."""
    originals: list[Digest] = []
    records: list[Digest] = []
    for name in names:
        record = _record_called(case, name)
        (originals if record is None else records).append(record or find_exhibit(case, name))
    needed = _needed_by_others(case, originals)
    made = [copy for one in originals for copy in (*copies_of(case, one), *_sheets_with(case, one))]
    copies = [copy.digest for copy in made if copy.digest not in needed]
    objects = dict.fromkeys((*originals, *copies, *records))
    said = list(objects)
    for name in said:  # it grows while it is walked: of what is said, something may be said in turn
        said += [record for record in _said_of(case, name) if record not in objects]
        objects |= dict.fromkeys(said)
    resting = (digest for name in objects for digest, _ in case.find(Assessment, name))
    return Doomed(
        tuple(dict.fromkeys(originals)),
        tuple(objects),
        tuple(
            dict.fromkeys(
                (*_sources_of(case, originals), *_handles_of(case, objects), *_rows_in(case, objects))
            )
        ),
        tuple(dict.fromkeys(digest for digest in resting if digest not in objects)),
        tuple(one for one in _editions_on(case, objects) if one[1] not in objects),
    )


def called(case: Case, name: str) -> Digest:
    """The record or the exhibit that people call so."""
    return _record_called(case, name) or find_exhibit(case, name)


def held_elsewhere(case: Case, originals: Collection[Digest]) -> tuple[str, ...]:
    """The exhibits that stay and hold the same content: what it came out of, and what came out of it."""
    kin = {digest for original in originals for digest in case.members_of(original)}
    kin |= {
        acquisition.within
        for original in originals
        for _, acquisition in case.acquisitions(original)
        if acquisition.within is not None
    }
    numbers = (case.exhibit_of(digest) for digest in kin.difference(originals) if case.has(digest))
    return tuple(sorted(number for number in numbers if number is not None))


def _editions_on(case: Case, objects: Collection[Digest]) -> Iterator[tuple[int, Digest, int]]:
    """The versions of the brief with sentences that rest on something of this."""
    gone = frozenset(objects)
    for number, (name, edition) in enumerate(case.find(Edition), 1):
        resting = sum(not gone.isdisjoint(one.rests_on) for one in edition.sentences.values())
        if resting:
            yield number, name, resting


def _record_called(case: Case, name: str) -> Digest | None:
    """The record that a digest or the beginning of one stands for; None if it stands for none."""
    wanted = name.removeprefix("sha256:")
    if len(wanted) < _SHORTEST_NAME:
        return None
    found = {
        digest for kind in ERASABLE for digest, _ in case.find(kind) if digest.hex.startswith(wanted.lower())
    }
    if len(found) > 1:
        raise UsageError(f"{name!r} stands for {len(found)} records", advice="give more of its digits")
    return next(iter(found), None)


def _said_of(case: Case, name: Digest) -> Iterator[Digest]:
    """The records about one thing; of assessments only those of a claim that goes."""
    for kind in SAYINGS:
        yield from (digest for digest, _ in case.find(kind, name))
    yield from (digest for digest, one in case.find(Assessment, name) if one.claim == name)


def _sheets_with(case: Case, original: Digest) -> Iterator[Copy]:
    """The sheets of other exhibits on which this one is shown too."""
    for _, copy in case.find(Copy):
        if copy.method == SHEET and copy.parameters["asked"]["shown_with"] == original:
            yield copy


def _needed_by_others(case: Case, originals: Collection[Digest]) -> set[Digest]:
    erased = {name for _, tombstone in case.find(Erasure) for name in tombstone.objects}
    staying = {digest for _, digest in case.exhibits()} - erased - set(originals)
    shown = {copy.digest for one in originals for copy in _sheets_with(case, one)}
    return staying | {copy.digest for _, copy in case.find(Copy) if copy.derived_from in staying} - shown


def _sources_of(case: Case, originals: Collection[Digest]) -> Iterator[Sealed]:
    """Everything personal that was said of where the originals came from, also when they were not taken."""
    sources: set[str] = set()
    for digest in originals:
        for _, acquisition in case.acquisitions(digest):
            yield from _sealed_in(acquisition)
            source = case.reveal(acquisition.source)
            sources |= {source} if source is not None else set()
    for index in (*case.acts("take.declined"), *case.acts("take.failed")):
        detail = case.action(index).detail
        source = case.reveal(Sealed(detail["source"])) if "source" in detail else None
        if source is not None and any(source == one or source.startswith(f"{one}!/") for one in sources):
            yield Sealed(detail["source"])


def _handles_of(case: Case, records: Collection[Digest]) -> Iterator[Sealed]:
    """What people called the records."""
    for kind in ERASABLE:
        for index in case.acts(f"{kind.__name__.lower()}.entered"):
            act = case.action(index)
            if "handle" in act.detail and not set(act.generated).isdisjoint(records):
                yield Sealed(act.detail["handle"])


def _rows_in(case: Case, records: Collection[Digest]) -> Iterator[Sealed]:
    """What stood in the rows of lists."""
    yield from (one.fields for digest, one in case.find(PersonRecord) if digest in records)


def _sealed_in(acquisition: Acquisition) -> Iterator[Sealed]:
    for value in (acquisition.source, acquisition.source_url, acquisition.note):
        if value is not None:
            yield value
    yield from _sealed_within(acquisition.declared)


def _sealed_within(declared: Facts) -> Iterator[Sealed]:
    """The commitments that stand for the personal part of what was declared."""
    for name, value in declared.items():
        if name == "personal":
            yield Sealed(value)
        elif isinstance(value, Facts):
            yield from _sealed_within(value)
