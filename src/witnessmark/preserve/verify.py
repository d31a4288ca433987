"""Verify: everything that a case claims of itself, checked again from the bytes up.

Three answers: holds, broken, not checkable. Each check names the very thing that it is about.
What only follows from a fault is not blamed: while an entry cannot be read, nobody can tell what
it named, so that is not checkable. Nothing here trusts the catalog, which is only a projection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from witnessmark.errors import IntegrityError, MalformedError, WitnessmarkError
from witnessmark.model import (
    Acquisition,
    Action,
    Check,
    CheckState,
    Copy,
    Digest,
    Erasure,
    Item,
    PersonRecord,
    Sealed,
)
from witnessmark.model.values import Facts
from witnessmark.model.wire import Noun, decode
from witnessmark.ports import Store
from witnessmark.preserve.scrub import is_closed_to_us
from witnessmark.preserve.timestamp import KEPT
from witnessmark.preserve.verify_log import THE_FILE, Damage, Dates, check_log
from witnessmark.preserve.verify_outside import Entered, Trust, check_outside, name_of


@dataclass(slots=True)
class _Named:
    """What the log names, gathered on one walk along its entries."""

    records: dict[Digest, int] = field(default_factory=dict)
    objects: dict[Digest, str] = field(default_factory=dict)
    commitments: dict[Sealed, int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    tokens: Entered = field(default_factory=dict)
    dates: Dates = field(default_factory=Dates)
    damage: Damage = field(default_factory=Damage)


def verify(store: Store, trust: Trust) -> Iterator[Check]:
    """Every check of a case, in order; a section that cannot go on says so and the next begins."""
    named = _Named()
    for section, checks in (
        (THE_FILE, _database(store, named.damage)),
        ("the log", check_log(store, trust.verifier, trust.published, named.damage)),
        ("the records", _records(store, named)),
        ("the objects", _objects(store, named)),
        ("the vault", _vault(store, named)),
        ("the witnesses and time stamps", check_outside(store, trust, named.tokens)),
        ("the catalog", _catalog(store, named.damage)),
    ):
        try:
            yield from checks
        except (IntegrityError, MalformedError) as error:  # what was written here was once well formed
            named.damage.doubts.append(section)
            yield Check(section, CheckState.BROKEN, str(error))
        except WitnessmarkError as error:
            yield Check(section, CheckState.NOT_CHECKABLE, str(error))
        except OSError as error:
            fault = f"{error.filename or 'the disk'}: {error.strerror or error}"
            yield Check(section, CheckState.NOT_CHECKABLE, fault)


def _database(store: Store, damage: Damage) -> Iterator[Check]:
    faults = store.database_faults()
    if faults:
        damage.doubts.append(THE_FILE)
    yield _judged(THE_FILE, not faults, "its pages are sound", "; ".join(faults[:5]))


# --- records, objects, vault


def _records(store: Store, named: _Named) -> Iterator[Check]:
    before = _Tally()
    for index, written in store.entries():
        if index not in named.damage.entries:
            yield from before.counted(_entry(index, written, named))
    yield named.dates.check()
    present = set()
    for given, body in store.records():
        digest = _right_name(given, body, named)
        if digest != given:
            fault = f"it lies under the name {given}, where nobody finds it"
            yield before.noted(named.damage.judged_as_read(f"record {digest}", fault))
            named.damage.doubts.append(f"record {digest}")
        elif digest in present:
            yield before.noted(Check(f"record {digest}", CheckState.BROKEN, "it lies here twice"))
        present.add(digest)
        yield from before.counted(_record(digest, body, named))
    missing = [digest for digest in named.records if digest not in present and digest not in named.erased]
    for digest in missing:
        fault = f"log entry {named.records[digest]} names it, but it is missing"
        yield before.noted(named.damage.judged(f"record {digest}", fault))
    named.damage.doubts += [f"record {digest}" for digest in missing]
    if not before.faults:
        erased = len(named.records.keys() - present)
        tail = f"; {erased:,} were erased and have their tombstone" if erased else ""
        yield Check("the records", CheckState.HOLDS, f"{len(present):,} are named by the log{tail}")


def _entry(index: int, written: bytes, named: _Named) -> Iterator[Check]:
    try:
        action = decode(written)
    except MalformedError as error:
        yield Check(f"log entry {index}", CheckState.BROKEN, str(error))
        named.damage.doubts.append(f"log entry {index}")
        return
    if not isinstance(action, Action):
        yield Check(f"log entry {index}", CheckState.BROKEN, "it is not an action")
        return
    named.dates.note(index, action.at)
    if action.type == KEPT:
        named.tokens[name_of(action.detail)] = index, action.detail
    for digest in action.generated:
        named.records.setdefault(digest, index)
    for commitment in _commitments_in(action.detail):
        named.commitments.setdefault(commitment, index)


def _right_name(given: Digest, body: bytes, named: _Named) -> Digest:
    """The name under which the log knows these bytes, if it does not know the one that they lie under."""
    if given in named.records:
        return given
    true = Digest.of(body)
    return true if true in named.records else given


def _record(digest: Digest, body: bytes, named: _Named) -> Iterator[Check]:
    if digest not in named.records:
        yield named.damage.judged(f"record {digest}", "no log entry names it")
        return
    fault = "its SHA-256 is no longer its name"
    if Digest.of(body) == digest:
        try:
            noun = decode(body)
        except MalformedError as error:
            fault = str(error)
        else:
            _gather(noun, named.records[digest], named)
            return
    yield Check(f"record {digest}", CheckState.BROKEN, fault)
    named.damage.doubts.append(f"record {digest}")


def _gather(noun: Noun, index: int, named: _Named) -> None:
    """Note which objects and commitments a record names."""
    if isinstance(noun, Item):
        named.objects[noun.original.digest] = f"exhibit {noun.exhibit}"
    elif isinstance(noun, Copy):
        named.objects.setdefault(noun.digest, f"working copy of {noun.derived_from}")
    elif isinstance(noun, Acquisition):
        for commitment in (noun.source, noun.source_url, noun.note, *_commitments_in(noun.declared)):
            if commitment is not None:
                named.commitments.setdefault(commitment, index)
    elif isinstance(noun, PersonRecord):
        named.commitments.setdefault(noun.fields, index)
    elif isinstance(noun, Erasure):
        named.erased.update(noun.objects, noun.commitments)


def _objects(store: Store, named: _Named) -> Iterator[Check]:
    tally = _Tally()
    present = set(store.object_names())
    for digest in sorted(present & named.erased):
        yield tally.broken(
            f"object {digest}",
            "its erasure is on record and it still lies here; the next command that writes ends it",
        )
    kept = [digest for digest in named.objects if digest not in named.erased]
    for digest, fault in store.object_faults(kept):
        if fault is not None:
            yield tally.noted(_faulty(store, digest, f"({named.objects[digest]}) {fault}", present, named))
    strays = present - named.objects.keys() - named.erased
    if strays:
        detail = f"{len(strays):,} lie here that no record names, as an interrupted run leaves them; harmless"
        yield Check("unnamed objects", CheckState.NOT_CHECKABLE, detail)
    if not tally.faults:
        yield Check("the objects", CheckState.HOLDS, f"{len(kept):,} have the SHA-256 that is their name")


def _faulty(store: Store, digest: Digest, fault: str, present: set[Digest], named: _Named) -> Check:
    """An object that is missing, may not be read, or has changed."""
    what = f"object {digest}"
    if digest not in present:  # a tombstone for it may stand in what cannot be read
        return named.damage.judged(what, fault)
    return Check(
        what, CheckState.NOT_CHECKABLE if is_closed_to_us(store, digest) else CheckState.BROKEN, fault
    )


def _vault(store: Store, named: _Named) -> Iterator[Check]:
    tally = _Tally()
    times = Counter(store.commitments())
    present = times.keys()
    for commitment in (one for one, count in times.items() if count > 1):
        yield tally.noted(Check(f"personal value {commitment}", CheckState.BROKEN, "it lies here twice"))
    for commitment, index in named.commitments.items():
        if commitment not in present and commitment not in named.erased:
            fault = f"log entry {index} commits to it, but it is missing"
            yield tally.noted(named.damage.judged(f"personal value {commitment}", fault))
    for commitment in sorted(present):
        if commitment not in named.commitments:
            yield tally.noted(named.damage.judged(f"personal value {commitment}", "no record commits to it"))
            continue
        try:
            store.reveal(commitment)
        except IntegrityError as error:
            yield tally.noted(named.damage.judged_as_read(f"personal value {commitment}", str(error)))
    if tally.faults:
        named.damage.doubts.append("the vault")
    else:
        yield Check("the vault", CheckState.HOLDS, f"{len(present):,} personal values are those committed to")


def _commitments_in(value: object) -> Iterator[Sealed]:
    if isinstance(value, Facts):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for part in value:
            yield from _commitments_in(part)
    elif isinstance(value, str) and value.startswith("hmac-sha256:"):
        yield Sealed(value)


# --- catalog


def _catalog(store: Store, damage: Damage) -> Iterator[Check]:
    try:
        holds = store.catalog_holds()
    except WitnessmarkError:
        if not damage.doubts:
            raise
        holds = False
    if holds:
        yield Check("the catalog", CheckState.HOLDS, "made again from log and records it is the same")
    else:
        fault = "it is not what log and records say; `witnessmark rebuild` makes it again"
        yield damage.judged("the catalog", fault)


def _judged(what: str, holds: bool, if_so: str, if_not: str) -> Check:
    return Check(what, CheckState.HOLDS if holds else CheckState.BROKEN, if_so if holds else if_not)


@dataclass(slots=True)
class _Tally:
    """How many checks of a section did not hold."""

    faults: int = 0

    def broken(self, what: str, detail: str) -> Check:
        """One fault more."""
        self.faults += 1
        return Check(what, CheckState.BROKEN, detail)

    def noted(self, check: Check) -> Check:
        """A check that did not hold."""
        self.faults += 1
        return check

    def counted(self, checks: Iterable[Check]) -> Iterator[Check]:
        """The checks themselves, their faults counted."""
        for check in checks:
            self.faults += check.state is not CheckState.HOLDS
            yield check
