"""The ledger of reported numbers: series that are never mixed, lineages in them, and what stood on a date.

A series is one quantity of one event, place and scope. Within it, entries that go back to one knowledge of
things make one lineage: those of one source, those that are derived from another or supersede it, and what
the lineages of the case tie together. A lineage counts once, by what it says last. What was said before stays
in the ledger; nothing is averaged, and contradictions are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from witnessmark.model import Qualifier, Range, Stance
from witnessmark.model.reported import AtDate, Descent, Flag, Quantity, Reported, Series
from witnessmark.model.weighing import Agreement, Bounds
from witnessmark.weigh.counting.wording import superseded_in
from witnessmark.weigh.lineage import folded
from witnessmark.weigh.ranges import bounds, join, meet
from witnessmark.weigh.tally import GIVES

Key = tuple[Quantity, str, str, str, str]
_OPEN_ABOVE = (Qualifier.AT_LEAST, Qualifier.MORE_THAN)


def ledger(entries: Iterable[Reported]) -> tuple[Series, ...]:
    """Every series, those with the most entries first within a quantity."""
    entries = _resolved(tuple(entries))
    groups: dict[Key, list[Reported]] = defaultdict(list)
    for one in entries:
        groups[_key(one)].append(one)
    names = _lineages(entries)
    made = [_series(several, names) for several in groups.values()]
    order = list(Quantity)
    return tuple(
        sorted(made, key=lambda one: (order.index(one.quantity), one.scope != "", -_size(one), one.scope))
    )


def at_date(series: Series, on: date) -> AtDate:
    """What stood of a series at the end of a day; entries without a date stand in no range at a date."""
    standing, ever = [], []
    for descent in series.descents:
        known = [one for one in descent.entries if one.said_on is not None and one.said_on <= on]
        ever += [one.amount for one in known if one.stance in GIVES and one.amount is not None]
        left = _standing(known)
        if left:
            standing.append((descent, left))
    now = [one for _, several in standing for one in several]
    allowed = [
        _all_of([allows(one.amount) for one in several if one.amount is not None]) for _, several in standing
    ]
    comparable = [one for one in allowed if one is not None]
    agreed = meet(comparable) if len(comparable) > 1 else None
    return AtDate(
        on,
        tuple(standing),
        join(_stated(one.amount) for one in now if one.amount is not None),
        join(map(_stated, ever)),
        agreed,
        _agreement(len(standing), len(comparable), agreed),
        tuple(one for one in now if one.amount is not None and allows(one.amount) is None),
    )


def dates(series: Series) -> tuple[date, ...]:
    """Every day on which something was said in a series, oldest first."""
    entries = [*(one for descent in series.descents for one in descent.entries), *series.questioned]
    return tuple(sorted({one.said_on for one in entries if one.said_on is not None}))


def allows(amount: Range) -> Bounds | None:
    """The numbers that whoever gave an amount allows: "at least 160–190" allows more than 190.

    None if no bounds were stated.
    """
    stated = bounds(amount)
    if stated is None or amount.qualifier not in _OPEN_ABOVE:
        return stated
    return Bounds(stated.low, None)


# --- inner


def _key(one: Reported) -> Key:
    scope, place, event = (" ".join(text.split()).casefold() for text in (one.scope, one.place, one.event))
    return one.quantity, event, place, scope, one.unit.casefold() if one.quantity is Quantity.OTHER else ""


def _size(series: Series) -> int:
    return sum(len(one.entries) for one in series.descents) + len(series.questioned)


def _resolved(entries: tuple[Reported, ...]) -> tuple[Reported, ...]:
    """Entries whose `supersedes` names a number in words point at the entry that gave it; or are flagged."""
    known = {one.name for one in entries}
    return tuple(_pointed(one, entries, known) for one in entries)


def _pointed(one: Reported, entries: Sequence[Reported], known: set[str]) -> Reported:
    found: list[str] = []
    is_lost = False
    for name in one.supersedes:
        numbers = superseded_in(f"supersedes {name}")
        if name in known and name != one.name:
            found.append(name)
            continue
        meant = [other.name for other in entries if other is not one and _is_meant(other, one, numbers)]
        found += meant
        is_lost |= not meant
    is_lost |= any(name not in known for name in one.derived_from)
    flags = (*one.flags, Flag.NOT_AT_HAND) if is_lost and Flag.NOT_AT_HAND not in one.flags else one.flags
    kept = tuple(name for name in one.derived_from if name in known and name != one.name)
    return replace(one, supersedes=tuple(dict.fromkeys(found)), derived_from=kept, flags=flags)


def _is_meant(other: Reported, one: Reported, numbers: tuple[int, ...]) -> bool:
    """Whether an entry of the same source and quantity gives just these numbers."""
    if (
        not numbers
        or other.amount is None
        or _source(other) != _source(one)
        or other.quantity is not one.quantity
    ):
        return False
    amount = other.amount
    return {number for number in (amount.low, amount.best, amount.high) if number is not None} == set(numbers)


def _source(one: Reported) -> str:
    return folded(one.source)


def _lineages(entries: Sequence[Reported]) -> Mapping[str, str]:
    """For each entry by name the entry that stands for its lineage (union-find)."""
    heads: dict[str, str] = {one.name: one.name for one in entries}

    def head(name: str) -> str:
        while heads[name] != name:
            heads[name] = name = heads[heads[name]]
        return name

    for one, other in _ties(entries):
        first, second = sorted((head(one), head(other)))
        heads[second] = first
    return {name: head(name) for name in heads}


def _ties(entries: Sequence[Reported]) -> Iterator[tuple[str, str]]:
    """Entries that go back to one knowledge of things, two by two.

    Statements of a case are tied as the case ties them; rows of tables by their source, also to statements.
    """
    spoken = {_source(one): one.name for one in entries if one.lineage is not None}
    firsts: dict[tuple[str, str], str] = {}
    for one in entries:
        kind, name = ("source", _source(one)) if one.lineage is None else ("lineage", one.lineage)
        if name:
            yield one.name, firsts.setdefault((kind, name), one.name)
        if one.lineage is None and name in spoken:
            yield one.name, spoken[name]
        for other in (*one.supersedes, *one.derived_from):
            yield one.name, other


def _series(entries: Sequence[Reported], names: Mapping[str, str]) -> Series:
    first = entries[0]
    in_order = sorted(entries, key=_oldest_first)
    several: dict[str, list[Reported]] = defaultdict(list)
    for one in in_order:
        if one.stance in GIVES or one.stance is Stance.RETRACTS:
            several[names[one.name]].append(one)
    descents = tuple(
        Descent(_letters(place), tuple(dict.fromkeys(one.source for one in group)), tuple(group))
        for place, group in enumerate(several.values())
    )
    others = tuple(one for one in in_order if one.stance not in GIVES and one.stance is not Stance.RETRACTS)
    unit = first.unit if first.quantity is Quantity.OTHER else ""
    return Series(first.quantity, first.event, first.place, first.scope, unit, descents, others)


def _letters(place: int) -> str:
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _oldest_first(one: Reported) -> tuple[bool, date, str]:
    return one.said_on is None, one.said_on or date.max, one.name


def _standing(known: Sequence[Reported]) -> tuple[Reported, ...]:
    """What a lineage stands by: of each source its latest, unless superseded or taken back; no bare relay.

    An entry that is derived from another speaks only as long as that one is not at hand.
    """
    replaced = {name for one in known for name in one.supersedes}
    at_hand = {one.name for one in known}
    latest: dict[str, list[Reported]] = {}
    for one in known:  # oldest first
        key = _source(one)
        before = latest.get(key, [])
        same_day = [other for other in before if other.said_on == one.said_on]
        latest[key] = [*same_day, one] if one.stance in GIVES else []
    left = [one for several in latest.values() for one in several if one.name not in replaced]
    heads = [one for one in left if not at_hand.intersection(one.derived_from)]
    return tuple(one for one in heads if one.amount is not None)


def _all_of(stated: Sequence[Bounds | None]) -> Bounds | None:
    """The bounds that hold all that one lineage says; None if part of it states none."""
    known = [one for one in stated if one is not None]
    if not known or len(known) < len(stated):
        return None
    lows = [one.low for one in known if one.low is not None]
    highs = [one.high for one in known if one.high is not None]
    return Bounds(
        min(lows) if len(lows) == len(known) else None, max(highs) if len(highs) == len(known) else None
    )


def _stated(amount: Range) -> Range:
    """An amount as it goes into a range: with an open end where its giver left it open."""
    if amount.qualifier in _OPEN_ABOVE and amount.low is not None:
        return Range(low=amount.low, qualifier=amount.qualifier)
    return amount


def _agreement(lineages: int, comparable: int, agreed: Range | None) -> Agreement:
    if not lineages:
        return Agreement.NONE_GIVEN
    if lineages == 1:
        return Agreement.ONE_ORIGIN
    if comparable < 2:
        return Agreement.NOT_COMPARABLE
    return Agreement.CONTRADICT if agreed is None else Agreement.AGREE
