"""Erasing: what has to go when an exhibit goes, and what of it is left elsewhere in the case.

Bytes are known by their digest alone, so that two exhibits can share a working copy, or one can be
the readable text of another. What an exhibit that stays still needs is not destroyed with another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from witnessmark.desk.texts import copies_of
from witnessmark.model import Acquisition, Copy, Digest, Erasure, Facts, Finding, Sealed, Statement
from witnessmark.ports import Case


def traces_of(case: Case, originals: Collection[Digest]) -> Iterator[Digest]:
    """The originals, their working copies, and the records that repeat what they hold."""
    needed = _needed_by_others(case, originals)
    for digest in originals:
        yield digest
        yield from (copy.digest for copy in copies_of(case, digest) if copy.digest not in needed)
        yield from (name for name, _ in case.find(Finding, digest))
        yield from (name for name, _ in case.find(Statement, digest))


def personal_values_of(case: Case, originals: Collection[Digest]) -> Iterator[Sealed]:
    """Everything personal that was said of where the originals came from."""
    for digest in originals:
        for _, acquisition in case.acquisitions(digest):
            yield from _sealed_in(acquisition)


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


def _needed_by_others(case: Case, originals: Collection[Digest]) -> set[Digest]:
    erased = {name for _, tombstone in case.find(Erasure) for name in tombstone.objects}
    staying = {digest for _, digest in case.exhibits()} - erased - set(originals)
    return staying | {copy.digest for _, copy in case.find(Copy) if copy.derived_from in staying}


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
