"""Labels: what people marked or rated, and which of it they took back.

A mark or a rating is taken back by a person's decision on its record (`reject`), and put in force again by
another one (`accept`); the latest counts, and everything stays on record. A mask is not taken back so: what
it hides would show again, so that only erasing it does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from witnessmark.desk.sidecar import Line
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Decision, Digest, Observation, Purpose, Rating, Verdict
from witnessmark.ports import Case

Label = Observation | Rating
UNSAID = "put there by mistake"


def word_on(case: Case, record: Digest) -> Decision | None:
    """The latest decision on a label, if it was taken back; None if it stands."""
    return _word(record, case.find(Decision, record))


def _word(record: Digest, found: Sequence[tuple[Digest, Decision]]) -> Decision | None:
    said = [one for _, one in found if one.about == record and one.other is None]
    return said[-1] if said and said[-1].verdict is Verdict.REJECT else None


def marks_on(case: Case, about: Digest) -> list[tuple[Digest, Observation]]:
    """The marks on an exhibit that stand; masks always do."""
    found = case.find(Observation, about)
    return [each for each in found if each[1].purpose is Purpose.MASK or word_on(case, each[0]) is None]


def ratings_on(case: Case, about: Digest) -> list[tuple[Digest, Rating]]:
    """The ratings of an exhibit that stand."""
    return [(name, one) for name, one in case.find(Rating, about) if word_on(case, name) is None]


def levels_of(case: Case, things: Sequence[Digest]) -> dict[Digest, int]:
    """How graphic exhibits were rated last as wholes, asked at once; what nobody rated is not in it."""
    rated = case.find_of(Rating, things)
    said = case.find_of(Decision, tuple({name for found in rated.values() for name, _ in found}))
    return {
        thing: rating.level
        for thing, found in rated.items()
        for name, rating in found
        if rating.region is None and _word(name, said.get(name, ())) is None
    }


def labels(case: Case, about: Digest | None = None) -> list[tuple[Digest, Label]]:
    """The marks and ratings that stand, on an exhibit or on all, in the order of the log; masks are none."""
    gone = all_taken_back(case)
    found: list[tuple[Digest, Label]] = []
    found += case.find(Observation) if about is None else case.find(Observation, about)
    found += case.find(Rating) if about is None else case.find(Rating, about)
    stand = [
        (name, one)
        for name, one in found
        if name not in gone and not (isinstance(one, Observation) and one.purpose is Purpose.MASK)
    ]
    return sorted(stand, key=lambda each: (case.entry_of(each[0]) or 0, each[0]))


def all_taken_back(case: Case) -> frozenset[Digest]:
    """The records of every case-wide label that was taken back, asked of the case once."""
    latest = {one.about: one.verdict for _, one in case.find(Decision) if one.other is None}
    return frozenset(name for name, verdict in latest.items() if verdict is Verdict.REJECT)


def not_counted(case: Case) -> frozenset[Digest]:
    """The marks and ratings of a case that were taken back, and so are none; a mask always is one."""
    found = ((name, case.noun(name)) for name in all_taken_back(case) if case.entry_of(name) is not None)
    return frozenset(
        name
        for name, noun in found
        if isinstance(noun, Rating) or (isinstance(noun, Observation) and noun.purpose is not Purpose.MASK)
    )


def taking_back(case: Case, records: Sequence[Digest], reason: str) -> list[Line]:
    """What takes labels back, each by a decision of its own; UsageError for what is no label that stands."""
    if not records:
        raise UsageError("say which labels are taken back")
    lines = []
    for record in dict.fromkeys(records):
        noun = case.noun(record) if case.entry_of(record) is not None else None
        if not isinstance(noun, Observation | Rating):
            raise UsageError(f"{record} is neither a mark nor a rating", advice="`show` lists them")
        if isinstance(noun, Observation) and noun.purpose is Purpose.MASK:
            raise RefusedError(
                "a mask is not taken back: what it hides would show again",
                advice=f"erase it if that is what you want: `witnessmark erase {record.hex} --reason …`",
            )
        if word_on(case, record) is not None:
            raise UsageError(f"{record} was taken back before")
        table = {"kind": "decision", "about": record, "verdict": "reject", "reason": reason.strip() or UNSAID}
        lines.append(Line("what is taken back", table))
    return lines


def labels_like(case: Case, about: Iterable[Digest], sort: str, text: str) -> Iterator[Digest]:
    """The labels on some exhibits that stand and say just this; for the sort `level`, the latest rating."""
    for digest in about:
        if sort == "level":
            rated = [name for name, one in ratings_on(case, digest) if one.region is None]
            yield from rated[-1:]
            continue
        yield from (name for name, one in marks_on(case, digest) if one.purpose == sort and one.text == text)
