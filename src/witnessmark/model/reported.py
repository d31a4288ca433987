"""Reported: numbers that sources give over time, as a ledger of attributed ranges; nothing is averaged.

These are no records: they follow from confirmed statements and from tables that people bring, and are read
again whenever they are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from witnessmark.model.claims import Stance
from witnessmark.model.values import NO_FACTS, Facts, Range
from witnessmark.model.weighing import Agreement


class Quantity(StrEnum):
    """What is counted; no two are ever added up or compared."""

    KILLED = "killed"
    INJURED = "injured"
    MISSING = "missing"
    DETAINED = "detained"
    EXHUMED = "exhumed"
    IDENTIFIED = "identified"
    OTHER = "other"


class Flag(StrEnum):
    """What an editor has to know of an entry before using its number."""

    VAGUE = "a vague word, no number"
    NOT_IN_ORDER = "low, best and high are not in order"
    NOT_A_NUMBER = "a number that cannot be read"
    RUNNING = "a running count, not final"
    OF_A_PART = "of a part only"
    NO_DATE = "no date: in no range at a date"
    NO_SOURCE = "nobody is named as source"
    NOT_SORTED = "what is counted is not said clearly"
    NOT_AT_HAND = "it names another entry that is not at hand"
    PARTS_DIFFER = "its parts do not add up to its best number"
    MAY_STAND_FOR_A_WORD = "this recorder writes 10, 12 or 100 for several, dozens or hundreds"
    SEVERAL_KINDS = "the words name several kinds of numbers"


@dataclass(frozen=True, slots=True)
class Reported:
    """One entry of the ledger: who says how many, of what, when, on what basis.

    `amount` is None where no number can be taken from what was given, which stands in `raw` in any case. With
    a stance that puts no number forward, the amount is one that is only spoken of. `supersedes` and
    `derived_from` are names of other entries. `lineage` is known for statements of a case. `reference` says
    where it stands: a row of a table, or the record of a statement; `address` where that has it from.
    """

    name: str
    source: str
    quantity: Quantity
    amount: Range | None
    reference: str
    stance: Stance = Stance.ASSERTS
    said_on: date | None = None
    event: str = ""
    place: str = ""
    scope: str = ""
    via: str = ""
    basis: str = ""
    grade: str = ""
    note: str = ""
    address: str = ""
    unit: str = ""
    supersedes: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    lineage: str | None = None
    flags: tuple[Flag, ...] = ()
    raw: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Descent:
    """One knowledge of things within a series: its name, its sources, and its entries, oldest first.

    An entry of the series that no lineage puts forward (a doubt, a refusal) is in none.
    """

    name: str
    sources: tuple[str, ...]
    entries: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """What is reported of one quantity, event, place and scope, by lineage; and who questions a number."""

    quantity: Quantity
    event: str
    place: str
    scope: str
    unit: str
    descents: tuple[Descent, ...]
    questioned: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class AtDate:
    """What stood on a date: for each lineage the entries that were then the latest and not withdrawn.

    `reported` is the smallest range that holds every number standing then, `ever` the one that holds every
    number given until then, `agreed` what all lineages with bounds allow, if they do not contradict each
    other.
    """

    on: date
    standing: tuple[tuple[Descent, tuple[Reported, ...]], ...]
    reported: Range | None
    ever: Range | None
    agreed: Range | None
    agreement: Agreement
    unbounded: tuple[Reported, ...] = ()
