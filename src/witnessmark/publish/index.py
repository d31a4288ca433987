"""The index of a dossier: from a digest to the exhibit, the statement or the record that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from witnessmark.errors import RefusedError
from witnessmark.model import (
    Assessment,
    Claim,
    Decision,
    Digest,
    Filing,
    Finding,
    Grade,
    Match,
    Observation,
    Rating,
    Rereading,
    Statement,
)
from witnessmark.model.groups import ToldGroup
from witnessmark.model.weighing import WeighedClaim
from witnessmark.model.wire import Noun, digest_of
from witnessmark.publish.dossier import Dossier, Exhibit
from witnessmark.publish.sentences import Mark, Quoted, Record, Reference, Term, Whole, Words


@dataclass(frozen=True, slots=True)
class NumberedClaim:
    """A claim as weighed, with its number in this brief."""

    number: int
    weighed: WeighedClaim

    @property
    def digest(self) -> Digest:
        """The digest of the claim."""
        return self.weighed.digest

    @property
    def claim(self) -> Claim:
        """The claim itself."""
        return self.weighed.claim

    @property
    def short(self) -> str:
        """What it is called in tables and links."""
        return f"Claim {self.number}"


N = TypeVar("N")
Found = Mapping[Digest, Sequence[N]]


@dataclass(frozen=True, slots=True)
class About:
    """What is on record by what it is about, in the order of the dossier; matches by both exhibits."""

    observations: Found[Observation]
    ratings: Found[Rating]
    findings: Found[Finding]
    matches: Found[Match]
    groups: Found[ToldGroup]
    decisions: Found[Decision]
    filings: Found[Filing]
    grades: Found[Grade]
    assessments: Found[Assessment]
    rereadings: Found[Rereading]

    @classmethod
    def of(cls, dossier: Dossier) -> About:
        """All of a dossier, looked through once."""
        return cls(
            observations=_by(dossier.observations, lambda one: (one.about,)),
            ratings=_by(dossier.ratings, lambda one: (one.about,)),
            findings=_by(dossier.findings, lambda one: (one.about,)),
            matches=_by(dossier.matches, lambda one: (one.query, one.candidate)),
            groups=_by(dossier.groups, lambda one: one.group.digests),
            decisions=_by(dossier.decisions, lambda one: (one.about,)),
            filings=_by(dossier.filings, lambda one: (one.about,)),
            grades=_by(dossier.grades, lambda one: (one.about,)),
            assessments=_by(dossier.assessments, lambda one: (one.claim,)),
            rereadings=_by(dossier.rereadings, lambda one: (one.assessment,)),
        )


def _by(nouns: Iterable[N], keys: Callable[[N], Iterable[Digest]]) -> Found[N]:
    found: dict[Digest, list[N]] = {}
    for noun in nouns:
        for key in dict.fromkeys(keys(noun)):
            found.setdefault(key, []).append(noun)
    return found


@dataclass(frozen=True, slots=True)
class Index:
    """A dossier with everything in it found by name, and by what it is about."""

    dossier: Dossier
    exhibits: Mapping[Digest, Exhibit]
    claims: tuple[NumberedClaim, ...]
    kinds: Mapping[Digest, str]
    matches: Mapping[Digest, Match]
    claim_texts: Mapping[Digest, str]
    about: About

    @property
    def statements(self) -> Mapping[Digest, Statement]:
        """The statements that count."""
        return self.dossier.weighing.statements

    def exhibit(self, digest: Digest) -> Exhibit | None:
        """The exhibit whose original or working copy `digest` names."""
        return self.exhibits.get(digest)

    def words(self, digest: Digest) -> Words:
        """The reference to the exact words of a statement."""
        statement = self.statements[digest]
        appearance = statement.appearance
        exhibit = self.exhibit(appearance.digest)
        if exhibit is None:
            raise RefusedError(
                f"the statement {digest} of {statement.speaker} stands in {appearance.digest}, "
                "which is no exhibit of this brief",
                advice="take the material in first, or leave the statement out",
            )
        return Words(
            exhibit=exhibit.number,
            digest=appearance.digest,
            quote=appearance.quote,
            text=appearance.text,
            span=appearance.span,
            statement=digest,
            source_span=appearance.source_span,
            pages=appearance.span.on(exhibit.page_spans),
        )

    def quoted(self, digest: Digest) -> Quoted:
        """The exact words of a statement, in their language."""
        appearance = self.statements[digest].appearance
        exhibit = self.exhibit(appearance.digest)
        return Quoted(appearance.quote, exhibit.language if exhibit else None)

    def record(self, noun: Noun, *about: Digest) -> Record:
        """The reference to a record, with the exhibits that it is about."""
        found = (self.exhibit(digest) for digest in about)
        numbers = dict.fromkeys(one.number for one in found if one is not None)
        return Record(type(noun).__name__.lower(), digest_of(noun), tuple(numbers))

    def reference(self, digest: Digest) -> Reference:
        """The best reference to whatever `digest` names: exact words, an exhibit, or a record."""
        if digest in self.statements:
            return self.words(digest)
        exhibit = self.exhibit(digest)
        if exhibit is not None:
            return Whole(exhibit.number, exhibit.digest)
        return Record(self.kinds.get(digest, "record"), digest)

    def shown(self, digest: Digest) -> Term:
        """How an object is named in a sentence: its exhibit number if it has one."""
        exhibit = self.exhibit(digest)
        if exhibit is None:
            return Term(Mark.VALUE, f"{digest.hex[:12]}…")
        return Term(Mark.EXHIBIT, exhibit.number)


def index(dossier: Dossier) -> Index:
    """The index of `dossier`; claims are numbered in the order of the dossier."""
    exhibits: dict[Digest, Exhibit] = {}
    for exhibit in dossier.exhibits:
        for copy in exhibit.copies:
            exhibits.setdefault(copy.digest, exhibit)
    exhibits |= {exhibit.digest: exhibit for exhibit in dossier.exhibits}
    claims = tuple(
        NumberedClaim(number, weighed) for number, weighed in enumerate(dossier.weighing.claims, start=1)
    )
    matches = {digest_of(one): one for one in dossier.matches}
    texts = {digest_of(one): one.text for one in dossier.claims}
    return Index(dossier, exhibits, claims, _kinds(dossier, matches), matches, texts, About.of(dossier))


def _kinds(dossier: Dossier, matches: Iterable[Digest]) -> dict[Digest, str]:
    kinds = dict.fromkeys(matches, "match")
    nouns: tuple[Noun, ...] = (
        *dossier.events,
        *dossier.judged,
        *dossier.findings,
        *dossier.observations,
        *dossier.ratings,
        *dossier.erasures,
        *dossier.undone,
    )
    kinds |= {digest_of(noun): type(noun).__name__.lower() for noun in nouns}
    kinds |= {weighed.digest: "claim" for weighed in dossier.weighing.claims}
    return {**kinds, **dict.fromkeys(dossier.weighing.statements, "statement")}
