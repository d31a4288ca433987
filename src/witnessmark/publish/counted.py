"""Numbers side by side: every number with its owner, over time, on one scale, never averaged."""

from __future__ import annotations

from collections.abc import Iterator

from witnessmark.model import Digest, Range
from witnessmark.model.weighing import Agreement, Dispute, Given, Origin, Tally
from witnessmark.publish.blocks import Bar, Block, Cell, Heading, Paragraph, Section, Table
from witnessmark.publish.estimated import estimated
from witnessmark.publish.floors import counted_at_least
from witnessmark.publish.index import Index, NumberedClaim
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
    listed,
    note,
)
from witnessmark.publish.times import stretch
from witnessmark.publish.words import STANCES


def counted(case: Index) -> Section:
    """The section of numbers."""
    blocks: list[Block] = [
        Paragraph(
            (
                note(
                    "A number belongs to the voice who gave it, and one printed by many who had it from "
                    "one voice is one number. Nothing is added up or averaged."
                ),
            )
        )
    ]
    start = len(blocks)
    for claim in case.claims:
        for one in claim.weighed.tallies:
            blocks.extend(_tally(case, claim, one))
    if len(blocks) == start:
        blocks.append(Paragraph((note("No number has been entered in this case."),)))
    blocks.extend(counted_at_least(case))
    blocks.extend(estimated(case))
    return Section("numbers", tuple(blocks))


def _tally(case: Index, claim: NumberedClaim, one: Tally) -> Iterator[Block]:
    unit = one.unit or "unit not stated"
    kicker = f"{claim.short} · {unit}"
    yield Heading(label(claim.claim.text, Mark.NAME), f"numbers-{claim.number}-{anchor(unit)}", kicker)
    yield Paragraph(tuple(_summary(case, one)))
    top = _top(one)
    rows = [row for origin in one.origins for row in _origin_rows(case, origin, top)]
    rows += [_dispute_row(case, dispute, top) for dispute in one.disputes]
    yield Table(
        f"{claim.short}: numbers by the voice who gave them, oldest first; the scale runs from 0 to {top:,}",
        ("Voice", "Number", "Scale", "Said", "What became of it"),
        tuple(rows),
    )


def _summary(case: Index, one: Tally) -> Iterator[Line]:
    owners = tuple(origin.speaker for origin in one.origins)
    given = tuple(number for origin in one.origins for number in origin.numbers)
    references = tuple(case.words(number.statement) for number in given)
    if not owners:
        disputed = tuple(case.words(dispute.statement) for dispute in one.disputes)
        yield Sentence(("No voice puts a number forward; one is only questioned.",), disputed)
        return
    yield from _agreement(case, one, owners, references)
    if one.reported is not None and len({number.amount for number in given}) > 1:
        yield Sentence(_reach(one, one.reported, owners), references)


def _reach(one: Tally, reported: Range, owners: tuple[str, ...]) -> tuple[Part, ...]:
    """From where to where the numbers go, all of them together."""

    def edge(number: int) -> Amount:
        return Amount(Range(best=number), owners, one.unit)

    before = ("Of the numbers that ", *listed(owners), " gave, none ")
    if reported.low is not None and reported.high is not None:
        return (*before, "lies below ", edge(reported.low), " or above ", edge(reported.high), ".")
    if reported.low is not None:
        return (*before, "lies below ", edge(reported.low), "; at least one has no upper limit.")
    return (*before, "lies above ", edge(reported.high or 0), "; at least one has no lower limit.")


def _agreement(
    case: Index, one: Tally, owners: tuple[str, ...], references: tuple[Reference, ...]
) -> Iterator[Line]:
    left_out = one.not_compared
    compared = tuple(origin for origin in one.origins if origin not in left_out)
    speakers = tuple(origin.speaker for origin in compared)
    standing = tuple(case.words(number.statement) for origin in compared for number in origin.standing)
    match one.agreement:
        case Agreement.ONE_ORIGIN:
            yield Sentence(
                ("Every number on record goes back to one voice: ", *listed(owners), "."), references
            )
        case Agreement.CONTRADICT:
            yield Sentence(
                ("What ", *listed(speakers), " now give cannot all be so: no number fits them all."), standing
            )
        case Agreement.AGREE if one.agreed is not None:
            fits = Amount(one.agreed, speakers, one.unit)
            is_same = len({number.amount for origin in compared for number in origin.standing}) == 1
            everyone = "both" if len(speakers) == 2 else "all"
            words = f" {everyone} give the same number now: " if is_same else " now give numbers that allow "
            yield Sentence((*listed(speakers), words, fits, "."), standing)
        case _:
            yield Sentence(("The numbers on record cannot be compared exactly.",), references)
    for origin in left_out if len(owners) > 1 else ():
        why = " has withdrawn its number" if origin.withdrawn else " states no bounds"
        own = tuple(case.words(number.statement) for number in origin.standing)
        yield Sentence((*listed((origin.speaker,)), why, " and was left out of the comparison."), own)


def _origin_rows(case: Index, origin: Origin, top: int) -> Iterator[tuple[Cell, ...]]:
    """A row for each number; an echo that passes the number on unchanged has none of its own."""
    own = {number.amount for number in origin.numbers if number.is_own}
    for number in origin.numbers:
        if not number.is_own and number.amount in own:
            continue
        owner = (label(origin.speaker, Mark.NAME),)
        said = (label(stretch(number.said_at) if number.said_at else "not stated", Mark.TIME),)
        yield (
            owner,
            (_amount(case, number.statement, number.amount, origin.speaker),),
            _bar(number, top),
            said,
            (_fate(case, origin, number),),
        )


def _fate(case: Index, origin: Origin, number: Given) -> Line:
    if not number.is_own:
        return Sentence(("as passed on by ", *listed((number.speaker,))), (case.words(number.statement),))
    if origin.withdrawn:
        return label("withdrawn")
    relays = _unchanged(origin, number)
    passed_on: tuple[Part, ...] = (", passed on by ", *listed(relays)) if relays else ()
    if number in origin.standing:
        return Sentence(("stands", *passed_on), (case.words(number.statement),))
    is_the_same = number.amount in {one.amount for one in origin.standing}
    fate = "given again later" if is_the_same else "replaced by a later number"
    return Sentence((fate, *passed_on), (case.words(number.statement),))


def _unchanged(origin: Origin, number: Given) -> tuple[str, ...]:
    """Those who passed `number` on as it was given."""
    return tuple(
        echo.speaker
        for echo in origin.numbers
        if not echo.is_own and echo.amount == number.amount and echo.first == number.statement
    )


def _dispute_row(case: Index, dispute: Dispute, top: int) -> tuple[Cell, ...]:
    statement = case.statements[dispute.statement]
    said = stretch(statement.said_at) if statement.said_at else "not stated"
    stance = Term(Mark.STANCE, STANCES[dispute.stance])
    told: tuple[Part, ...] = ("named only to say: ", stance)
    references: tuple[Reference, ...] = (case.words(dispute.statement),)
    if statement.stance is not dispute.stance:  # someone passes the doubt on
        told = ("as passed on by ", *listed((statement.speaker,)), ": ", *told)
        references = (case.words(_first(case, dispute)), *references)
    return (
        (label(dispute.speaker, Mark.NAME),),
        (_amount(case, dispute.statement, dispute.amount, dispute.speaker),),
        _bar(dispute, top),
        (label(said, Mark.TIME),),
        (Sentence(told, references, stance=dispute.stance),),
    )


def _first(case: Index, dispute: Dispute) -> Digest:
    """The statement in which the voice itself questions the number."""
    digest = dispute.statement
    while case.statements[digest].stance is not dispute.stance:
        relays = case.statements[digest].relays
        if relays is None:
            return dispute.statement
        digest = relays
    return digest


def _amount(case: Index, statement: Digest, amount: Range, owner: str) -> Sentence:
    return Sentence((Amount(amount, (owner,)),), (case.words(statement),))


def _bar(given: Given | Dispute, top: int) -> Bar:
    amount = given.amount
    return Bar(given.bounds, amount.best if amount.best is not None else amount.low, top)


def _top(one: Tally) -> int:
    """A round number that no number exceeds."""
    amounts = [number.amount for origin in one.origins for number in origin.numbers]
    amounts += [dispute.amount for dispute in one.disputes]
    numbers = [number for one in amounts for number in (one.low, one.best, one.high) if number is not None]
    largest = max(numbers, default=1)
    step = 1
    while step * 10 <= largest:
        step *= 10
    rounds = (12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120)
    return next(-(-step * part // 10) for part in rounds if step * part > 10 * largest)
