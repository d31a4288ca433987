"""Doors: what comes in, what a plugin must offer, and what a stage may ask of the world.

A stage is handed these; it never builds them. Collectors and examiners are the doors that a
stranger's package may stand behind (entry points `witnessmark.collectors`, `.examiners`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from witnessmark.model import (
    Acquisition,
    Action,
    Copy,
    Digest,
    Facts,
    Finding,
    Item,
    Outcome,
    Sealed,
)
from witnessmark.model.values import NO_FACTS
from witnessmark.model.wire import Noun

DATABASE = "case.db"
POINTER = "case.toml"
"""The files by which a folder is known for a case: the one holds it, the other says which server does."""

N = TypeVar("N", bound=Noun)
Typing = Callable[[bytes], str]
"""Tells a media type by the first bytes; it must be a plain function, since another process may call it."""


def case_around(folder: Path) -> Path | None:
    """The folder of the case that `folder` is or lies in, if there is one."""
    return next((one for one in (folder, *folder.parents) if holds_case(one)), None)


def holds_case(folder: Path) -> bool:
    """Whether a case lies in a folder, or the folder says where."""
    return any((folder / name).is_file() for name in (DATABASE, POINTER))


@dataclass(frozen=True, slots=True)
class Lead:
    """Something to be taken in: where it lies now, and what was said about it.

    `source` is the address as given; `path` is the file or folder at hand.
    """

    path: Path
    source: str
    source_url: str | None = None
    legal_basis: str | None = None
    note: str | None = None
    declared: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Capture:
    """Bytes at hand that nobody may trust yet, and how they came.

    `open` gives a fresh stream each time; it is `portable` if another process may call it.
    `within` names the sealed object that held them, and `source` then ends in `!/` and the name
    inside. `size` is what was said beforehand, 0 if nothing was.
    """

    open: Callable[[], BinaryIO]
    source: str
    method: str
    source_url: str | None = None
    legal_basis: str | None = None
    note: str | None = None
    within: Digest | None = None
    file_modified_at: datetime | None = None
    declared: Facts = NO_FACTS
    portable: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Declined:
    """Something that was seen and not taken, and why: declined by rule, or failed.

    `erased` are the bytes, if they are declined because they were erased: then the log names them, and not
    where they came from. `lacks_room`: it does not fit on the disk that holds the case, and may later.
    """

    source: str
    reason: str
    outcome: Outcome = Outcome.DECLINED
    erased: Digest | None = None
    lacks_room: bool = False


class Collector(Protocol):
    """Turns a lead into captures; declines by raising RefusedError, MalformedError or UnavailableError.

    A lead to many things (a folder) also gives a `Declined` for each that is seen and not taken.
    """

    name: str
    version: str

    def accepts(self, lead: Lead) -> bool:
        """Whether this collector is the one for `lead`."""
        ...

    def collect(self, lead: Lead, quarantine: Path) -> Iterable[Capture | Declined]:
        """Every capture that `lead` leads to; scratch files go to `quarantine` only."""
        ...


class Examiner(Protocol):
    """Measures one thing on a kept object: no network, no clock, no writes. It runs in a locked room.

    `limits` says what the method cannot tell; it goes into every finding.
    """

    name: str
    version: str
    limits: str

    def accepts(self, copy: Copy) -> bool:
        """Whether this examiner can say anything about bytes of this type."""
        ...

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterable[Finding]:
        """What was measured; MalformedError if the bytes are not what they claim to be."""
        ...


class Clock(Protocol):
    """Both clocks: the wall in UTC, and one that never goes back."""

    def now(self) -> datetime:
        """The time in UTC."""
        ...

    def monotonic_us(self) -> int:
        """Microseconds of a clock that only goes forward."""
        ...


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes written to the store's own disk, hashed and typed by how they begin, not yet kept.

    `remark` is what there is to say of how they came: that the source grew while it was read, or that
    they replace what lay in the store under their digest and was no longer they.
    """

    path: str
    digest: Digest
    size: int
    media_type: str
    remark: str | None = None

    def __reduce__(self) -> tuple[type[Staged], tuple[object, ...]]:
        """Cross to another process in a tenth of the time that dataclasses take by themselves."""
        return Staged, (self.path, self.digest, self.size, self.media_type, self.remark)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log reaches and what its root is."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A signed checkpoint as kept, with what others added to it since.

    `note` holds the log's signature and the witnesses' cosignatures; `tokens` are the RFC 3161
    replies over `signed`, the note as the log alone signed it.
    """

    size: int
    signed: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class Token:
    """One RFC 3161 exchange over a checkpoint; `serial` orders renewals of the same checkpoint."""

    checkpoint_size: int
    authority: str
    serial: int
    request: bytes
    reply: bytes
    chain: bytes
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment for anyone: it is the HMAC-SHA256 under `key` of `value` in UTF-8."""

    key: bytes
    value: str


class Transaction(Protocol):
    """Everything in it becomes durable together or not at all; nothing is acknowledged before its end."""

    def append(self, action: Action, nouns: Sequence[Noun] = ()) -> int:
        """Enter `action` with the records that it generated; the index of its entry."""
        ...

    def seal(self, value: str) -> Sealed:
        """Lay a personal value into the vault; the commitment that stands for it."""
        ...

    def next_exhibit(self) -> str:
        """The next free exhibit number."""
        ...

    def exhibits_of(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """The exhibit numbers that any of these bytes have already."""
        ...

    def erased_of(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Those of these bytes whose erasure is on record."""
        ...

    def forget(self, commitments: Sequence[Sealed], records: Sequence[Digest] = ()) -> None:
        """Destroy personal values and bodies of records. The tombstone is the caller's entry."""
        ...


class Store(Protocol):
    """Where a case lies: objects by digest, the custody log, the vault, and the catalog made from them."""

    def stage(self, capture: Capture, typed: Typing) -> Staged | Declined:
        """Write what a capture gives to the staging area of the store, hashing it on the way."""
        ...

    def absorb(self, captures: Sequence[Capture], typed: Typing) -> Future[Sequence[Staged | Declined]]:
        """Stage and keep portable captures in other processes while the caller goes on."""
        ...

    def keep(self, staged: Sequence[Staged]) -> None:
        """Make staged bytes durable under their digests."""
        ...

    def discard(self, staged: Iterable[Staged]) -> None:
        """Drop staged bytes that are not to be kept."""
        ...

    def has(self, digest: Digest) -> bool:
        """Whether the bytes lie here."""
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes, after all of them have been checked against `digest`; IntegrityError if they changed."""
        ...

    def checked(self, digest: Digest) -> AbstractContextManager[Path]:
        """Where to read the bytes meanwhile, after all of them have been checked against `digest`.

        For readers that take a path: the locked room, and engines. It goes on naming the bytes that were
        checked if others are put in their place. IntegrityError if they changed before, or while it was open.
        """
        ...

    def path_of(self, digest: Digest) -> Path:
        """Where the bytes lie, unchecked: for who mends them, and for outside tools. Others ask `checked`."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """One transaction for records, entries, tiles, vault and catalog."""
        ...

    def head(self) -> Head:
        """The committed head of the log."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Log entries by index, as their canonical bytes."""
        ...

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile of the log."""
        ...

    def record(self, digest: Digest) -> bytes | None:
        """The written form of a record, checked against `digest`; None if it does not lie here."""
        ...

    def records(self) -> Iterator[tuple[Digest, bytes]]:
        """Every record that lies here under its name, unchecked."""
        ...

    def commitments(self) -> Iterator[Sealed]:
        """Every commitment whose value still lies in the vault."""
        ...

    def object_names(self) -> Iterator[Digest]:
        """The digest of every object that lies here, named by the log or not."""
        ...

    def object_faults(self, digests: Sequence[Digest]) -> Iterator[tuple[Digest, str | None]]:
        """Each object hashed again on every core: None if it is unchanged, else what is wrong."""
        ...

    def remove(self, digest: Digest) -> None:
        """Destroy bytes whose erasure is on record."""
        ...

    def database_faults(self) -> Sequence[str]:
        """What the database says of its own pages; nothing if they are sound."""
        ...

    def catalog_holds(self) -> bool:
        """Whether the catalog is just what the log and the records make it."""
        ...

    def reveal(self, commitment: Sealed) -> str | None:
        """The personal value behind a commitment, checked against it; None if it was erased."""
        ...

    def opening(self, commitment: Sealed) -> Opening | None:
        """The value behind a commitment, and the key that shows that it is; None if it was erased."""
        ...

    def checkpoints(self) -> Sequence[KeptCheckpoint]:
        """Every kept checkpoint, oldest first."""
        ...

    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint, or the same one with further cosignatures."""
        ...

    def tokens(self) -> Sequence[Token]:
        """Every kept time-stamp token, oldest first."""
        ...

    def keep_token(self, token: Token) -> None:
        """Keep a token."""
        ...


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which exhibits are wanted.

    `media` and `other_than` are beginnings of media types; `has` and `lacks` are kinds of records that there
    are, or are not, about an exhibit, where the records `but` do not count; `among`, and those that came in
    `at` these places, are the only ones that may come through, if they are given.
    """

    media: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    among: frozenset[Digest] | None = None
    at: frozenset[int] | None = None
    but: frozenset[Digest] = frozenset()


@dataclass(frozen=True, slots=True)
class Sifted:
    """An exhibit that came through a sieve, and how many records of each kind are about it.

    `place` grows in the order in which exhibits came in; it is where the next look begins.
    """

    place: int
    exhibit: str
    digest: Digest
    media_type: str
    size: int
    records: Mapping[str, int]


class Case(Store, Protocol):
    """A store that can also be asked: every answer comes from the catalog and leads back to records."""

    def remembering(self) -> AbstractContextManager[None]:
        """In this block its thread asks the same only once; what it enters itself makes it forget.

        For whoever draws one page of many parts: the parts may be as old as the beginning of the block.
        """
        ...

    def exhibits(self) -> Iterator[tuple[str, Digest]]:
        """Every exhibit number with the digest of its original, in order of number."""
        ...

    def sift(self, sieve: Sieve, start: int, count: int) -> Sequence[Sifted]:
        """The first `count` exhibits from the place `start` on that come through a sieve."""
        ...

    def places(self, sieve: Sieve, every: int) -> tuple[int, Sequence[int]]:
        """How many exhibits come through a sieve, and the place of each `every`-th, the first one's first."""
        ...

    def digest_of_exhibit(self, exhibit: str) -> Digest:
        """The bytes behind an exhibit number; UsageError if there is none."""
        ...

    def exhibit_of(self, digest: Digest) -> str | None:
        """The exhibit number of these bytes, if they are an exhibit."""
        ...

    def exhibits_of(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """The exhibit numbers of those of these bytes that are exhibits, asked for at once."""
        ...

    def item(self, digest: Digest) -> Item:
        """The item record of an exhibit's original."""
        ...

    def acquisitions(self, digest: Digest) -> Sequence[tuple[int, Acquisition]]:
        """How these bytes came in, each time, with the index of the log entry."""
        ...

    def acquisitions_of(self, digests: Sequence[Digest]) -> dict[Digest, Sequence[tuple[int, Acquisition]]]:
        """What `acquisitions` says of each of these bytes, asked for at once."""
        ...

    def acquired_in(self, run: str) -> Sequence[Acquisition]:
        """Everything that one run acquired, in the order of the log."""
        ...

    def members_of(self, digest: Digest) -> Sequence[Digest]:
        """The exhibits that came out of an archive, a message or a saved page, in the order of the log."""
        ...

    def noun(self, digest: Digest) -> Noun:
        """The record named `digest`; IntegrityError if it is missing."""
        ...

    def find(self, kind: type[N], about: Digest | None = None) -> Sequence[tuple[Digest, N]]:
        """Every record of a kind, or those about one thing, in the order of the log."""
        ...

    def find_of(self, kind: type[N], things: Sequence[Digest]) -> dict[Digest, Sequence[tuple[Digest, N]]]:
        """What `find` says of each of these things, asked for at once; what has none is left out."""
        ...

    def acts(self, kind: str, run: str | None = None, used: Digest | None = None) -> Sequence[int]:
        """The indexes of log entries of a type, of one run or on one object if wished."""
        ...

    def acts_on(self, digest: Digest) -> Sequence[int]:
        """The indexes of the log entries that used an object, its acquisitions aside."""
        ...

    def action(self, index: int) -> Action:
        """One log entry, decoded."""
        ...

    def actions_of(self, start: int, stop: int) -> Sequence[tuple[int, Action]]:
        """Log entries from `start` to before `stop`, decoded, with their indexes; those that there are."""
        ...

    def actions_at(self, indexes: Sequence[int]) -> Sequence[tuple[int, Action]]:
        """These log entries, decoded, with their indexes, in the order of the log; those that there are."""
        ...

    def by_handle(self, kind: str, handle: str) -> Digest | None:
        """The record of a kind that people last called so."""
        ...

    def entry_of(self, record: Digest) -> int | None:
        """The index of the log entry that first generated a record."""
        ...

    def lookup_key(self, value: str) -> str:
        """A keyed name for a personal value, by which equal ones are found without being held."""
        ...

    def origin(self) -> tuple[str, str]:
        """The name of this case's log and the key that verifies it, as the case itself says."""
        ...

    def rebuild(self) -> int:
        """Drop the catalog and make it again; how many entries were read."""
        ...

    def close(self) -> None:
        """Let go of the case."""
        ...


class TimestampAuthority(Protocol):
    """Someone outside who says that bytes existed not later than now (RFC 3161)."""

    name: str

    def stamp(self, content: bytes) -> Token:
        """A checked token over `content`; UnavailableError if there is no usable answer."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that came out of a locked room: plain facts, and bytes that nobody may trust yet.

    `content` has to be read before the next part is asked for.
    """

    facts: Facts
    content: BinaryIO


class LockedRoom(Protocol):
    """Runs work on hostile bytes where it can do no harm: no network, bounded memory, time and files."""

    def run(self, task: str, untrusted: Path, parameters: Mapping[str, object]) -> Iterator[Part]:
        """The parts that the task `package.module:function` yields for the file.

        MalformedError with the reason if the task raised, died, or met a limit.
        """
        ...

    def close(self) -> None:
        """Lock up; the next task opens it again."""
        ...
