"""The dossier: everything about a case that a brief may draw on, gathered once and never changed.

Whoever gathers it hands over what the case holds; what may be *shown* is decided here in publishing,
by allow-list: a source is withheld unless its exhibit stands in `disclosed`, and a picture of which
nobody has said how graphic it is counts as level 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType

from witnessmark.errors import MalformedError
from witnessmark.model import (
    Acquisition,
    Action,
    Affiliation,
    Assessment,
    Bearing,
    Claim,
    Copy,
    Decision,
    Digest,
    Edition,
    Erasure,
    Estimate,
    Event,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Investigation,
    Item,
    Match,
    Observation,
    Rating,
    Rereading,
    Tie,
)
from witnessmark.model.counting import Counting, FloorOfKind
from witnessmark.model.groups import Sighting, TimeEvidence, ToldGroup
from witnessmark.model.weighing import Weighing
from witnessmark.model.wire import Noun

UNKNOWN_LEVEL = 3
"""How graphic a picture is taken to be until a person has rated it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One acquisition with what the log and the vault say of it.

    `source` and `source_url` are the revealed personal values, None if erased or never given.
    `instrument` is the tool with its version, `log_index` the entry that recorded the arrival, and
    `not_later_than` the time of the first outside time-stamp over a checkpoint that covers it.
    """

    acquisition: Acquisition
    instrument: str
    source: str | None = None
    source_url: str | None = None
    log_index: int | None = None
    not_later_than: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An item with its arrivals, the working copies made from it, and what its findings call it.

    `published` is the date as the material itself gives it. `accessed_by` are the pseudonyms of
    those who read it, as the log has them. `page_spans` are the ends of each page in the text of a document.
    """

    item: Item
    arrivals: tuple[Arrival, ...]
    copies: tuple[Copy, ...] = ()
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    accessed_by: tuple[str, ...] = ()
    page_spans: tuple[tuple[int, int], ...] = ()

    @property
    def number(self) -> str:
        """The exhibit number."""
        return self.item.exhibit

    @property
    def digest(self) -> Digest:
        """The digest of the sealed original."""
        return self.item.original.digest


@dataclass(frozen=True, slots=True)
class Preview:
    """A small grey blurred JPEG made from an exhibit: where it lies beside the brief, and its digest."""

    path: str
    digest: Digest
    width: int
    height: int

    def __post_init__(self) -> None:
        inside = PurePosixPath(self.path)
        if inside.is_absolute() or ".." in inside.parts or ":" in self.path or not inside.name:
            raise MalformedError(f"the preview path {self.path!r} does not lie beside the brief")


@dataclass(frozen=True, slots=True)
class Custody:
    """What the log said when the dossier was gathered, and who outside stands behind it.

    `verifier_key` is the log's public key in C2SP vkey form, `fingerprint` what to compare by telephone.
    Empty `witnesses` or `time_stamps` are printed as "no outside witness", "no outside time-stamp".
    """

    origin: str
    verifier_key: str
    fingerprint: str
    checkpoint_size: int
    witnesses: tuple[str, ...] = ()
    time_stamps: tuple[str, ...] = ()


def _nothing() -> Mapping[Digest, str]:
    return MappingProxyType({})


def _no_previews() -> Mapping[Digest, Preview]:
    return MappingProxyType({})


def _nothing_weighed() -> Weighing:
    return Weighing((), MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that one brief is made from; see the fields of each part.

    `weighing` holds the claims in the order in which they are told, with their voices and numbers; `claims`
    are all that were ever entered, those that were merged into others too.
    `texts` are the readable texts by the digest of their working copy, at least those that a statement
    of `weighing` stands in. `previews` go by the digest of the exhibit's original, `sheets` (two previews
    side by side and laid over each other) by the record of the match. `undone` are
    the actions of examiners that were declined or failed. `floors` are what was counted on pictures, each
    kind by itself, `not_registered` the marked pictures that were not held against the others yet.
    `talk` is what people said to each other, if that goes out: no brief shows it.
    `edition` is what people wrote into the brief themselves, and which sections it has, if anybody edited it.
    `disclosed` are the exhibit numbers whose sources a person allowed to be shown, `held_back` those whose
    bytes are not given out, nor what checks found in them.
    """

    investigation: Investigation
    custody: Custody
    made_at: datetime
    events: tuple[Event, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    claims: tuple[Claim, ...] = ()
    weighing: Weighing = field(default_factory=_nothing_weighed)
    texts: Mapping[Digest, str] = field(default_factory=_nothing)
    assessments: tuple[Assessment, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    grades: tuple[Grade, ...] = ()
    findings: tuple[Finding, ...] = ()
    matches: tuple[Match, ...] = ()
    decisions: tuple[Decision, ...] = ()
    observations: tuple[Observation, ...] = ()
    ratings: tuple[Rating, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    filings: tuple[Filing, ...] = ()
    ties: tuple[Tie, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    bearings: tuple[Bearing, ...] = ()
    rereadings: tuple[Rereading, ...] = ()
    undone: tuple[Action, ...] = ()
    previews: Mapping[Digest, Preview] = field(default_factory=_no_previews)
    sheets: Mapping[Digest, Preview] = field(default_factory=_no_previews)
    groups: tuple[ToldGroup, ...] = ()
    countings: tuple[Counting, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    floors: tuple[FloorOfKind, ...] = ()
    not_registered: tuple[Digest, ...] = ()
    talk: tuple[Noun, ...] = ()
    edition: Edition | None = None
    disclosed: frozenset[str] = frozenset()
    held_back: frozenset[str] = frozenset()

    def holding_back(self, numbers: frozenset[str]) -> Dossier:
        """The same without what checks found in the exhibits `numbers`, the times in their files among it."""
        about = {one.digest for one in self.exhibits if one.number in numbers}
        groups = tuple(replace(one, sightings=tuple(_left(one.sightings, about))) for one in self.groups)
        findings = tuple(one for one in self.findings if one.about not in about)
        return replace(self, findings=findings, groups=groups, held_back=numbers)

    @property
    def judged(self) -> tuple[Noun, ...]:
        """What people put as claims, ruled, weighed and concluded, apart from the statements themselves."""
        return (
            *self.claims,
            *self.assessments,
            *self.rereadings,
            *self.hypotheses,
            *self.bearings,
            *self.grades,
            *self.decisions,
            *self.filings,
            *self.ties,
            *self.affiliations,
            *self.countings,
            *self.estimates,
            *((self.edition,) if self.edition is not None else ()),
        )


def _left(sightings: Iterable[Sighting], held_back: AbstractSet[Digest]) -> Iterator[Sighting]:
    """What is left of the times of a group without those that stand in files which are held back."""
    for one in sightings:
        if one.evidence is not TimeEvidence.IN_FILE or one.digest not in held_back:
            yield one
