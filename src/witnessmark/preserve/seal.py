"""Seal: untrusted captures become exhibits, known from then on by their digest alone.

Batches: while one batch is being committed, the next is staged and synced. Nothing is given back
before its batch has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

from witnessmark.errors import MalformedError
from witnessmark.model import Acquisition, Copy, Digest, Facts, Item, Outcome, Sealed, utc
from witnessmark.ports import Capture, Staged, Store, Transaction
from witnessmark.preserve.custody import Custodian

BATCH_FILES = 128
BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something that was seen but not taken in, and why; it is on record all the same."""

    source: str
    outcome: Outcome
    reason: str


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
    media_type_of: Callable[[bytes], str]

    def seal(self, captures: Iterable[Capture | NotTaken]) -> Iterator[Taken | NotTaken]:
        """What became of each capture, in their order, each once it is durable."""
        with ThreadPoolExecutor(1, "commit") as committer:
            pending: Future[list[Taken | NotTaken]] | None = None
            for batch in self._staged_batches(captures):
                finished, pending = pending, committer.submit(self._commit, batch)
                if finished is not None:
                    yield from finished.result()
            if pending is not None:
                yield from pending.result()

    def _staged_batches(
        self, captures: Iterable[Capture | NotTaken]
    ) -> Iterator[list[tuple[Capture, Staged] | NotTaken]]:
        batch: list[tuple[Capture, Staged] | NotTaken] = []
        weight = 0
        for capture in captures:
            staged = capture if isinstance(capture, NotTaken) else self._stage(capture)
            batch.append(staged)
            weight += staged[1].size if isinstance(staged, tuple) else 0
            if len(batch) == BATCH_FILES or weight >= BATCH_BYTES:
                yield self._kept(batch)
                batch, weight = [], 0
        if batch:
            yield self._kept(batch)

    def _stage(self, capture: Capture) -> tuple[Capture, Staged] | NotTaken:
        try:
            with capture.open() as untrusted:
                return capture, self.store.stage(untrusted)
        except OSError as error:
            return NotTaken(capture.source, Outcome.FAILED, f"cannot be opened: {error.strerror or error}")
        except MalformedError as error:
            return NotTaken(capture.source, Outcome.FAILED, str(error))

    def _kept(
        self, batch: list[tuple[Capture, Staged] | NotTaken]
    ) -> list[tuple[Capture, Staged] | NotTaken]:
        self.store.keep(list(batch_files(batch)))
        return batch

    def _commit(self, batch: Sequence[tuple[Capture, Staged] | NotTaken]) -> list[Taken | NotTaken]:
        with self.store.transaction() as transaction:
            known = transaction.exhibits_of([staged.digest for staged in batch_files(batch)])
            return [
                self._enter_failure(transaction, entry)
                if isinstance(entry, NotTaken)
                else self._enter(transaction, *entry, known)
                for entry in batch
            ]

    def _enter(
        self, transaction: Transaction, capture: Capture, staged: Staged, known: dict[Digest, str]
    ) -> Taken:
        copy = Copy(staged.digest, staged.size, self.media_type_of(staged.head))
        exhibit = known.get(staged.digest)
        is_new = exhibit is None
        if exhibit is None:
            exhibit = known[staged.digest] = transaction.next_exhibit()
        acquisition = self._acquisition(transaction, capture, staged.digest, exhibit)
        nouns = (Item(exhibit, copy), acquisition) if is_new else (acquisition,)
        entry = transaction.append(self.custodian.act("take.acquired", used=(staged.digest,)), nouns)
        return Taken(copy, exhibit, capture.source, is_new, entry)

    def _acquisition(
        self, transaction: Transaction, capture: Capture, digest: Digest, exhibit: str
    ) -> Acquisition:
        return Acquisition(
            exhibit=exhibit,
            digest=digest,
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
            declared=capture.declared,
        )

    def _enter_failure(self, transaction: Transaction, failure: NotTaken) -> NotTaken:
        detail = Facts(source=transaction.seal(failure.source), run=self.run)
        action = self.custodian.act(
            f"take.{failure.outcome}", detail=detail, outcome=failure.outcome, error=failure.reason
        )
        transaction.append(action)
        return failure


def batch_files(batch: Iterable[tuple[Capture, Staged] | NotTaken]) -> Iterator[Staged]:
    """The staged files of a batch."""
    return chain.from_iterable(entry[1:] for entry in batch if isinstance(entry, tuple))


def _sealed(transaction: Transaction, value: str | None) -> Sealed | None:
    return transaction.seal(value) if value else None
