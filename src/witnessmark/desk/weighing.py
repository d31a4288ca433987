"""Weighing a case: everything on record that bears on its claims, as it stands or as it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from witnessmark.desk.groups import ONE_PIECE, standing
from witnessmark.desk.texts import KeptText, text_by
from witnessmark.model import (
    Affiliation,
    Bearing,
    Claim,
    Decision,
    Digest,
    Filing,
    Finding,
    Hypothesis,
    Match,
    Statement,
    Tie,
)
from witnessmark.model.weighing import Carried, Rulings, Surroundings, Weighing
from witnessmark.ports import Case, N, Sieve
from witnessmark.weigh import weigh

_SAID = (
    *("statement.", "claim.", "assessment.", "rereading.", "decision.", "observation.", "rating."),
    *("hypothesis.", "bearing.", "tie.", "filing.", "grade.", "affiliation.", "review."),
    *("exhibit.", "session.", "desk.", "checkpoint", "brief.", "account.", "token.", "factor."),
    *("comment.", "assignment.", "release.", "package.", "edition."),
)
"""How the types of entries begin that say nothing of what came in, or of the texts of it."""


_AT_ONCE = 500
"""Of how many exhibits the findings are held at once."""
Stands = tuple[tuple[Digest, str] | None, Carried | None]
"""What a statement stands in: the text of its exhibit by its name, and the pictures that came with it."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a case, all of them or those that the log held before one of its entries."""

    case: Case
    before: int | None = None
    entries: dict[Digest, int] = field(default_factory=dict)

    def named(self, kind: type[N]) -> tuple[tuple[Digest, N], ...]:
        """Every record of a kind with its name, in the order of the log."""
        found = self.case.find(kind)
        if self.before is None:
            return tuple(found)
        return tuple((digest, noun) for digest, noun in found if self.entry_of(digest) < self.before)

    def every(self, kind: type[N]) -> tuple[N, ...]:
        """Every record of a kind, in the order of the log."""
        return tuple(noun for _, noun in self.named(kind))

    def entry_of(self, record: Digest) -> int:
        """The log entry that a record came in with."""
        if record not in self.entries:
            self.entries[record] = self.case.entry_of(record) or 0
        return self.entries[record]


@dataclass(slots=True)
class Around:
    """What statements stand in, exhibit by exhibit, kept from one weighing of a case to the next.

    Texts of more than `most` signs together are read anew each time.
    """

    most: int = 50_000_000
    _known: dict[Digest, Stands] = field(default_factory=dict)
    _signs: int = 0
    _size: int = 0

    def renew(self, case: Case) -> None:
        """Forget everything if something came in, was examined or erased since the last weighing."""
        size = case.head().size
        if not all(case.action(index).type.startswith(_SAID) for index in range(self._size, size)):
            self._known.clear()
            self._signs = 0
        self._size = size

    def of(self, case: Case, exhibits: Sequence[Digest]) -> Iterator[tuple[Digest, Stands]]:
        """Of each exhibit its text by its name, and the pictures that came with it."""
        for start in range(0, len(exhibits), _AT_ONCE):
            yield from self._some(case, exhibits[start : start + _AT_ONCE])

    def _some(self, case: Case, exhibits: Sequence[Digest]) -> Iterator[tuple[Digest, Stands]]:
        unknown = [one for one in exhibits if one not in self._known]
        findings, beside = case.find_of(Finding, unknown), _beside(case, unknown)
        for exhibit in exhibits:
            found = self._known.get(exhibit)
            if found is None:
                text = text_by(case, (one for _, one in findings.get(exhibit, ())))
                pictures = [digest for digest in beside.get(exhibit, ()) if _is_picture(case, digest)]
                found = _stands(text, pictures)
                length = 0 if text is None else len(text.content)
                if self._signs + length <= self.most:
                    self._known[exhibit] = found
                    self._signs += length
            yield exhibit, found


def _stands(text: KeptText | None, pictures: Sequence[Digest]) -> Stands:
    """What a statement stands in, of an exhibit with this text and these pictures beside it."""
    authors = (text.facts.get(name) for name in ("byline", "outlet")) if text is not None else ()
    carried = Carried(tuple(name for name in authors if name), tuple(pictures)) if pictures else None
    return None if text is None else (text.digest, text.content), carried


def weighing_of(case: Case, before: int | None = None, around: Around | None = None) -> Weighing:
    """All claims weighed; with `before`, as the case stood when that entry of the log was not yet made."""
    records = Records(case, before)
    statements = dict(records.named(Statement))
    around = around or Around()
    around.renew(case)
    surroundings = _surroundings(records, statements, around)
    return weigh(records.every(Claim), statements, _rulings(records), surroundings)


def _rulings(records: Records) -> Rulings:
    return Rulings(
        decisions=records.every(Decision),
        filings=records.every(Filing),
        ties=records.every(Tie),
        affiliations=records.every(Affiliation),
        hypotheses=records.every(Hypothesis),
        bearings=records.every(Bearing),
    )


def _surroundings(records: Records, statements: Mapping[Digest, Statement], around: Around) -> Surroundings:
    """The texts that statements stand in, the pictures that came with them, and what is alike."""
    exhibits = dict.fromkeys(statement.appearance.digest for statement in statements.values())
    texts: dict[Digest, str] = {}
    carried: dict[Digest, Carried] = {}
    for exhibit, (text, pictures) in around.of(records.case, tuple(exhibits)):
        if text is not None:
            texts[text[0]] = text[1]
        if pictures is not None:
            carried[exhibit] = pictures
    alike = standing(records.named(Match), records.named(Decision))
    return Surroundings(texts, carried, tuple(alike))


def _beside(case: Case, exhibits: Sequence[Digest]) -> dict[Digest, dict[Digest, None]]:
    """What came out of each exhibit, and what came out of the message or page that it was part of."""
    arrivals = case.acquisitions_of(exhibits)
    wholes = {
        exhibit: {exhibit} | {one.within for _, one in arrivals.get(exhibit, ()) if one.within is not None}
        for exhibit in exhibits
    }
    every = frozenset[Digest]().union(*wholes.values())
    in_one_piece = {one.digest for one in case.sift(Sieve(media=ONE_PIECE, among=every), 0, len(every))}
    members = {whole: case.members_of(whole) for whole in in_one_piece}
    return {
        exhibit: dict.fromkeys(member for whole in sorted(those & in_one_piece) for member in members[whole])
        for exhibit, those in wholes.items()
        if those & in_one_piece
    }


def _is_picture(case: Case, digest: Digest) -> bool:
    return case.exhibit_of(digest) is not None and case.item(digest).original.media_type.startswith("image/")
