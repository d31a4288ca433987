"""Addresses: what was taken of one address at several times, in the order of time, and what changed.

An address is what the material came from, as it was said when it was taken in or as what held it says. Two
are one if they differ in nothing but what stands behind `#`. Whether a page was changed, or is shown to
others in another way, is not told by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from witnessmark.collect.replaying import TASK
from witnessmark.desk.groups import moment_of
from witnessmark.desk.previews import is_capture
from witnessmark.desk.texts import READABLE, copies_of, kept_text
from witnessmark.desk.wording import Piece, wording
from witnessmark.errors import UsageError
from witnessmark.model import Acquisition, Digest, Finding
from witnessmark.ports import Case


@dataclass(frozen=True, slots=True)
class Version:
    """What was taken of an address: the exhibit, when it came in, and when its capture says it was made."""

    exhibit: str
    digest: Digest
    address: str
    taken_at: datetime
    captured: str | None
    is_here: bool
    is_capture: bool
    has_text: bool

    @property
    def at(self) -> datetime:
        """By which time it is ordered: that of its capture as far as it can be read, else when it came in."""
        read = moment_of(self.captured)
        return read[0] if read is not None else self.taken_at


@dataclass(slots=True)
class Addresses:
    """The addresses of a case by short names that tell nothing; what came in since is read when asked."""

    case: Case
    _by_name: dict[str, dict[Digest, None]] = field(default_factory=dict)
    _over: set[int] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def versions(self, digest: Digest) -> list[tuple[str, Sequence[Version]]]:
        """Each address of an exhibit of which there is more than this once, with all that was taken of it."""
        mine = dict.fromkeys(
            address for _, one in self.case.acquisitions(digest) if (address := _address(self.case, one))
        )
        if not mine:
            return []
        with self._lock:
            self._read_on()
        told = ((address, self._of(address)) for address in mine)
        return [(address, found) for address, found in told if len(found) > 1]

    def _read_on(self) -> None:
        """Read what runs of intake acquired that were not over when they were last read."""
        for index in self.case.acts("take.started"):
            run = self.case.action(index).detail["run"] if index not in self._over else None
            if run is None:
                continue
            if self.case.acts("take.finished", run=run):
                self._over.add(index)
            for one in self.case.acquired_in(run):
                address = _address(self.case, one)
                if address is not None:
                    self._by_name.setdefault(self.case.lookup_key(address), {})[one.digest] = None

    def _of(self, address: str) -> Sequence[Version]:
        found = [
            _version(self.case, digest, address, one)
            for digest in self._by_name.get(self.case.lookup_key(address), ())
            for _, one in self.case.acquisitions(digest)
            if _address(self.case, one) == address
        ]
        return sorted(found, key=lambda one: (one.at, one.taken_at, one.exhibit))


def changed(case: Case, earlier: Digest, later: Digest) -> list[Piece] | None:
    """What of the text changed from one version to another, word by word; None if one of them has no text."""
    before, after = kept_text(case, earlier), kept_text(case, later)
    return None if before is None or after is None else list(wording(before.content, after.content))


def two_versions(addresses: Addresses, one: Digest, other: Digest) -> tuple[Version, Version]:
    """Two exhibits as versions of one address, the earlier first; UsageError if they have none in common."""
    for _, found in addresses.versions(one):
        mine = next((each for each in found if each.digest == one), None)
        theirs = next((each for each in found if each.digest == other), None)
        if mine is not None and theirs is not None and one != other:
            first, second = sorted((mine, theirs), key=found.index)
            return first, second
    raise UsageError("these two were not taken of one address", advice="`show` lists the versions of each")


def versions_told(case: Case, digest: Digest) -> Iterator[tuple[dict[str, Any], str]]:
    """The versions of each address of an exhibit, each with what changed since the one before, in lines."""
    for address, found in Addresses(case).versions(digest):
        before: Version | None = None
        for one in found:
            pieces = None
            if before is not None and before.digest != one.digest:
                pieces = changed(case, before.digest, one.digest)
            told = [(piece.kind, piece.text) for piece in pieces or () if piece.kind != "same"]
            facts: dict[str, Any] = {
                "address": address,
                "exhibit": one.exhibit,
                "taken_at": one.taken_at.isoformat(),
                "captured": one.captured,
                "changed": None if pieces is None else told,
            }
            lines = [f"{one.exhibit}  taken in {one.taken_at.isoformat(timespec='seconds')}  {address}"]
            lines += [f"  {_SIGNS[kind]} {' '.join(text.split())}" for kind, text in told if text.strip()]
            yield facts, "\n".join(lines)
            before = one


_SIGNS = {"gone": "-", "new": "+"}


def _version(case: Case, digest: Digest, address: str, one: Acquisition) -> Version:
    is_here = case.has(digest)
    replayed = (copy.parameters for copy in copies_of(case, digest) if copy.method == TASK)
    said = (told["captured_at"] for told in replayed if told.get("captured_at"))
    readable = (finding for _, finding in case.find(Finding, digest) if finding.property == READABLE)
    return Version(
        exhibit=one.exhibit,
        digest=digest,
        address=address,
        taken_at=one.collected_at,
        captured=next(said, None),
        is_here=is_here,
        is_capture=is_here and is_capture(case.item(digest).original.media_type),
        has_text=is_here and any("text" in finding.value for finding in readable),
    )


def _address(case: Case, one: Acquisition) -> str | None:
    """The address that something was taken from, without what stands behind `#`; None if it is not known."""
    said = case.reveal(one.source_url) if one.source_url is not None else None
    return said.partition("#")[0].strip() or None if said else None
