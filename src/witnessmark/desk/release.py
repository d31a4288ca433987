"""Release: what of a case goes into a package, and how the package is sealed into the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.desk.presence import lies_here
from witnessmark.model import Copy, Digest, Facts, Finding, Sealed
from witnessmark.model.wire import Noun, digest_of, encode
from witnessmark.ports import Case, KeptCheckpoint, Opening
from witnessmark.preserve.custody import Custodian
from witnessmark.publish.dossier import Dossier, Exhibit
from witnessmark.publish.package import Contents, Packaged, SealedAt, Stamped, build_package
from witnessmark.tlog import Verifier

RAW_METADATA = ("metadata", "metadata personal")
"""Findings that repeat all that a file says of itself, places, serial numbers and names among it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about a package, by exhibit number.

    The sources of `disclosed` exhibits may be shown. The bytes of `withheld` ones and what was found
    in them stay at the desk, though the brief may speak of them and their digests are named. So do
    those of `redacted` ones, for which a copy goes that has their masks burned in. The frame of the brief
    within speaks `language`. With `comments`, what people said to each other goes as well.
    """

    disclosed: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    redacted: frozenset[str] = frozenset()
    whole_log: bool = False
    language: str = "en"
    comments: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """Packages what a dossier shows; `masked` are the copies that go for redacted exhibits."""

    case: Case
    custodian: Custodian
    desk_name: str
    policy: bytes
    authorities: tuple[str, ...]
    checkpoint: Callable[[], KeptCheckpoint]
    masked: frozenset[Digest] = frozenset()

    def package(self, target: Path, dossier: Dossier, files: Mapping[str, bytes], choice: Choice) -> Packaged:
        """The finished, re-opened and verified package at `target`."""
        shown = [noun for noun in _nouns_of(dossier) if _may_leave(noun, dossier, choice)]
        indexes = self._entries(dossier)
        entries = {index: written for index in indexes for _, written in self.case.entries(index, index + 1)}
        objects = {
            copy.digest: copy.size
            for exhibit in dossier.exhibits
            for copy in self._enclosed(exhibit, choice)
            if lies_here(self.case, copy.digest)
        }
        contents = Contents(
            desk=self.desk_name,
            case=dossier.investigation.name,
            instrument=self.custodian.instrument,
            packaged_at=self.custodian.clock.now(),
            log=Verifier.from_vkey(self.case.origin()[1]),
            policy=self.policy,
            entries=dict(sorted(entries.items())),
            records={digest_of(noun): encode(noun) for noun in shown},
            objects=objects,
            open=self.case.open,
            files=files,
            revealed=dict(self._revealed(dossier)),
            authorities=self.authorities,
            whole_log=choice.whole_log,
            earlier=tuple(self._stamped()),
        )
        return build_package(target, contents, self._seal)

    def _enclosed(self, exhibit: Exhibit, choice: Choice) -> Sequence[Copy]:
        """The copies of an exhibit whose bytes go out."""
        if exhibit.number in choice.redacted:
            return [copy for copy in exhibit.copies if copy.digest in self.masked]
        return () if exhibit.number in choice.withheld else (exhibit.item.original, *exhibit.copies)

    def _stamped(self) -> Iterator[Stamped]:
        """The states of the log that were stamped before now, with their tokens."""
        tokens = self.case.tokens()
        for checkpoint in self.case.checkpoints():
            over_it = tuple(token for token in tokens if token.checkpoint_size == checkpoint.size)
            if over_it:
                yield Stamped(checkpoint, over_it, self.case.tile)

    def _seal(self, detail: Facts) -> SealedAt:
        with self.case.transaction() as transaction:
            index = transaction.append(self.custodian.act("package.sealed", detail=detail))
        checkpoint = self.checkpoint()
        entry = next(written for _, written in self.case.entries(index, index + 1))
        tokens = tuple(token for token in self.case.tokens() if token.checkpoint_size == checkpoint.size)
        return SealedAt(index, entry, checkpoint, self.case.tile, tokens)

    def _revealed(self, dossier: Dossier) -> Iterator[tuple[Sealed, Opening]]:
        """Where the disclosed exhibits came from, with the keys by which others can see that it is so."""
        for exhibit in dossier.exhibits:
            for arrival in exhibit.arrivals if exhibit.number in dossier.disclosed else ():
                for commitment in (arrival.acquisition.source, arrival.acquisition.source_url):
                    opening = self.case.opening(commitment) if commitment is not None else None
                    if commitment is not None and opening is not None:
                        yield commitment, opening

    def _entries(self, dossier: Dossier) -> set[int]:
        """The log entries by which all that the brief speaks of came into the case."""
        arrivals = {
            arrival.log_index
            for exhibit in dossier.exhibits
            for arrival in exhibit.arrivals
            if arrival.log_index is not None
        }
        found = (self.case.entry_of(digest_of(noun)) for noun in _nouns_of(dossier))
        undone = set(self.case.acts("examine.failed"))
        return arrivals | undone | {index for index in found if index is not None}


def _may_leave(noun: Noun, dossier: Dossier, choice: Choice) -> bool:
    """Whether a record goes out; what a file says of people and places only if its source may be shown."""
    if not isinstance(noun, Finding):
        return True
    number = next((one.number for one in dossier.exhibits if one.digest == noun.about), None)
    is_personal = bool(noun.value.get("personal")) or noun.property in RAW_METADATA
    return number in choice.disclosed or not is_personal


def _nouns_of(dossier: Dossier) -> Sequence[Noun]:
    nouns: list[Noun] = [dossier.investigation]
    for exhibit in dossier.exhibits:
        nouns += [exhibit.item, *(arrival.acquisition for arrival in exhibit.arrivals), *exhibit.copies]
    nouns += [*dossier.events, *dossier.judged, *dossier.talk, *dossier.weighing.statements.values()]
    nouns += [one.claim for one in dossier.weighing.claims if one.claim not in dossier.claims]
    nouns += [*dossier.findings, *dossier.matches, *dossier.observations, *dossier.ratings, *dossier.erasures]
    return nouns
