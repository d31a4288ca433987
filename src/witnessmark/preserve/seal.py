"""Seal: untrusted captures become exhibits, known from then on by their digest alone.

Batches: while one batch is entered in the log, the next is copied and synced in a second
process. Nothing is given back before its batch has committed.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from witnessmark.errors import IntegrityError, NoRoomError
from witnessmark.model import Acquisition, Copy, Digest, Facts, Item, Outcome, Sealed, utc
from witnessmark.model.values import NO_FACTS
from witnessmark.model.wire import canonical, plain_of
from witnessmark.ports import Capture, Declined, Staged, Store, Transaction, Typing
from witnessmark.preserve.custody import Custodian

BATCH_FILES = 512
BATCH_BYTES = 256 << 20

_AHEAD = 4
"""How many batches may be copied while one is entered, so that neither side waits for the other."""

Batch = list["Capture | Declined | tuple[Capture, Staged]"]
Absorbed = Future[Sequence["Staged | Declined"]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One acquisition that is durable and on record. `is_new` is false for bytes known before."""

    copy: Copy
    exhibit: str
    source: str
    is_new: bool
    entry: int


@dataclass(frozen=True, slots=True)
class Intake:
    """Seals captures for one run."""

    store: Store
    custodian: Custodian
    run: str
    media_type_of: Typing

    def seal(self, captures: Iterable[Capture | Declined]) -> Iterator[Taken | Declined]:
        """What became of each capture, in their order, each once it is durable."""
        pending: deque[tuple[Batch, Absorbed]] = deque()
        for batch in self._batches(captures):
            absorbing = self.store.absorb(
                [seen for seen in batch if isinstance(seen, Capture)], self.media_type_of
            )
            pending.append((batch, absorbing))
            if len(pending) > _AHEAD:
                yield from self._commit(*pending.popleft())
        while pending:
            yield from self._commit(*pending.popleft())

    def _batches(self, captures: Iterable[Capture | Declined]) -> Iterator[Batch]:
        """Captures in handfuls; streams are staged at once, since they cannot be read again."""
        batch: Batch = []
        weight = 0
        for seen in captures:
            entry = seen if isinstance(seen, Declined) or seen.portable else self._stage(seen)
            batch.append(entry)
            weight += _weight(entry)
            if len(batch) == BATCH_FILES or weight >= BATCH_BYTES:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch

    def _stage(self, capture: Capture) -> tuple[Capture, Staged] | Declined:
        try:
            return _settled(capture, self.store.stage(capture, self.media_type_of))
        except NoRoomError as error:  # what is smaller may still fit
            return Declined(capture.source, str(error), Outcome.FAILED, lacks_room=True)

    def _commit(self, batch: Batch, absorbing: Absorbed) -> list[Taken | Declined]:
        absorbed = iter(absorbing.result())
        entries = [
            _settled(entry, next(absorbed)) if isinstance(entry, Capture) else entry for entry in batch
        ]
        self.store.keep([entry[1] for entry in batch if isinstance(entry, tuple)])
        with _without_collecting(), self.store.transaction() as transaction:
            digests = [entry[1].digest for entry in entries if isinstance(entry, tuple)]
            known, erased = transaction.exhibits_of(digests), transaction.erased_of(digests)
            settled = [_unless_erased(entry, erased) for entry in entries]
            entered = [
                self._enter_failure(transaction, entry)
                if isinstance(entry, Declined)
                else self._enter(transaction, *entry, known)
                for entry in settled
            ]
        for digest in erased:
            self.store.remove(digest)
        return entered

    def _enter(
        self, transaction: Transaction, capture: Capture, staged: Staged, known: dict[Digest, str]
    ) -> Taken:
        copy = Copy(staged.digest, staged.size, staged.media_type)
        exhibit = known.get(staged.digest)
        is_new = exhibit is None
        if exhibit is None:
            exhibit = known[staged.digest] = transaction.next_exhibit()
        acquisition = self._acquisition(transaction, capture, staged, exhibit)
        nouns = (Item(exhibit, copy), acquisition) if is_new else (acquisition,)
        entry = transaction.append(self.custodian.act("take.acquired", used=(staged.digest,)), nouns)
        return Taken(copy, exhibit, capture.source, is_new, entry)

    def _acquisition(
        self, transaction: Transaction, capture: Capture, staged: Staged, exhibit: str
    ) -> Acquisition:
        return Acquisition(
            exhibit=exhibit,
            digest=staged.digest,
            collected_at=self.custodian.clock.now(),
            collector=self.custodian.performer,
            method=capture.method,
            source=transaction.seal(capture.source),
            run=self.run,
            within=capture.within,
            source_url=_sealed(transaction, capture.source_url),
            legal_basis=capture.legal_basis,
            note=_sealed(transaction, capture.note),
            file_modified_at=capture.file_modified_at and utc(capture.file_modified_at),
            remark=staged.remark,
            declared=_without_names(transaction, capture.declared) if capture.declared else NO_FACTS,
        )

    def _enter_failure(self, transaction: Transaction, failure: Declined) -> Declined:
        used, detail = (failure.erased,) if failure.erased else (), Facts(run=self.run)
        if not used:
            detail = Facts(detail, source=transaction.seal(failure.source))
        action = self.custodian.act(
            f"take.{failure.outcome}", used=used, detail=detail, outcome=failure.outcome, error=failure.reason
        )
        transaction.append(action)
        return failure


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for garbage: what a batch makes lives until its end, so that none would be found."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_working_copy(store: Store, content: bytes, made: Copy) -> Copy:
    """`made` itself, once `content` lies in the store under its digest."""
    staged = store.stage(Capture(partial(BytesIO, content), "a working copy", "derived"), untyped)
    if not isinstance(staged, Staged) or staged.digest != made.digest:
        raise IntegrityError(f"the working copy {made.digest} was not written as it was made")
    store.keep([staged])
    return made


def untyped(head: bytes) -> str:  # noqa: ARG001 - the shape of ports.Typing
    """No type at all: for bytes whose type is on record already."""
    return "application/octet-stream"


def _settled(capture: Capture, staged: Staged | Declined) -> tuple[Capture, Staged] | Declined:
    return staged if isinstance(staged, Declined) else (capture, staged)


def _unless_erased(
    entry: tuple[Capture, Staged] | Declined, erased: frozenset[Digest]
) -> tuple[Capture, Staged] | Declined:
    """An erasure holds: the same bytes do not come in again by the way."""
    if isinstance(entry, Declined) or entry[1].digest not in erased:
        return entry
    digest = entry[1].digest
    return Declined(entry[0].source, f"{digest} was erased from this case, and stays erased", erased=digest)


def _weight(entry: Capture | Declined | tuple[Capture, Staged]) -> int:
    """How many bytes an entry adds to its batch, as far as can be told."""
    if isinstance(entry, tuple):
        return entry[1].size
    return 0 if isinstance(entry, Declined) else entry.size


def _without_names(transaction: Transaction, declared: Facts) -> Facts:
    """What was declared, each `personal` part of it replaced by a commitment."""

    def cleared(name: str, value: Any) -> Any:
        if name == "personal":
            return transaction.seal(canonical(plain_of(value)).decode())
        return _without_names(transaction, value) if isinstance(value, Facts) else value

    return Facts({name: cleared(name, value) for name, value in declared.items()})


def _sealed(transaction: Transaction, value: str | None) -> Sealed | None:
    return transaction.seal(value) if value else None
