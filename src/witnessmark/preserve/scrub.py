"""Scrub: hash what is kept, again and again, and mend what has rotted from a copy that hashes right."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from witnessmark.model import Check, CheckState, Digest, Facts, Outcome
from witnessmark.ports import Capture, Staged, Store
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import untyped


@dataclass(frozen=True, slots=True)
class Scrub:
    """One round over the objects of a case, or over a random sample of them."""

    store: Store
    custodian: Custodian
    sample: float = 1.0
    repair_from: Sequence[Path] = ()

    def run(self, digests: Sequence[Digest]) -> Iterator[Check]:
        """A check for each object that is not sound, and one that sums up; the round is on record."""
        chosen = self._chosen(digests)
        broken: list[Digest] = []
        mended: list[Digest] = []
        unread: list[Digest] = []
        for digest, fault in self.store.object_faults(chosen):
            if fault is None:
                continue
            if is_closed_to_us(self.store, digest):
                unread.append(digest)
                yield Check(f"object {digest}", CheckState.NOT_CHECKABLE, fault)
            elif (source := self._mend(digest)) is not None:
                mended.append(digest)
                yield Check(f"object {digest}", CheckState.HOLDS, f"{fault}; repaired from {source}")
            else:
                broken.append(digest)
                yield Check(f"object {digest}", CheckState.BROKEN, fault)
        hashed = len(chosen) - len(unread)
        self._record(hashed, broken, mended, unread)
        detail = f"{hashed:,} hashed, {len(broken):,} broken, {len(mended):,} repaired"
        if unread:
            detail += f"; {len(unread):,} may not be read"
        yield Check("scrub", _state(broken, unread), detail)

    def _chosen(self, digests: Sequence[Digest]) -> Sequence[Digest]:
        if self.sample >= 1:
            return digests
        count = max(1, round(len(digests) * self.sample)) if digests else 0
        return random.SystemRandom().sample(digests, count)

    def _mend(self, digest: Digest) -> Path | None:
        """Where a copy with the right hash was found and taken from."""
        for root in self.repair_from:
            for path in (root / "objects" / digest.hex[:2] / digest.hex, root / "data/objects" / digest.hex):
                if path.is_file() and _hashes_right(path, digest):
                    copy = Capture(partial(_reading, path), str(path), "repair")
                    staged = self.store.stage(copy, untyped)
                    if isinstance(staged, Staged) and staged.digest == digest:
                        self.store.keep([staged])
                        return path
        return None

    def _record(
        self, hashed: int, broken: Sequence[Digest], mended: Sequence[Digest], unread: Sequence[Digest]
    ) -> None:
        outcome = Outcome.FAILED if broken or unread else Outcome.DONE
        faults = [_counted(broken, "broken")] * bool(broken) + [_counted(unread, "closed to us")] * bool(
            unread
        )
        error = " and ".join(faults) or None
        detail = Facts(
            hashed=hashed,
            broken=tuple(broken[:500]),
            repaired=tuple(mended[:500]),
            unread=tuple(unread[:500]),
        )
        with self.store.transaction() as transaction:
            transaction.append(self.custodian.act("scrub", detail=detail, outcome=outcome, error=error))


def is_closed_to_us(store: Store, digest: Digest) -> bool:
    """Whether the object lies there and this account may not read it, so that nobody here can judge it."""
    path = store.path_of(digest)
    return path.exists() and not os.access(path, os.R_OK)


def _state(broken: Sequence[Digest], unread: Sequence[Digest]) -> CheckState:
    if broken:
        return CheckState.BROKEN
    return CheckState.NOT_CHECKABLE if unread else CheckState.HOLDS


def _counted(objects: Sequence[Digest], what: str) -> str:
    return f"1 object is {what}" if len(objects) == 1 else f"{len(objects):,} objects are {what}"


def _hashes_right(path: Path, digest: Digest) -> bool:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == digest.hex


def _reading(path: Path) -> BinaryIO:
    return path.open("rb")
