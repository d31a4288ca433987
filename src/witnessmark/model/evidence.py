"""Evidence: what was taken in, how it came, what was done, and what was erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent
from witnessmark.model.values import NO_FACTS, Digest, Facts, Sealed


class Role(StrEnum):
    """Which kind of copy bytes are (Berkeley Protocol, preservation)."""

    EVIDENTIARY = "evidentiary"
    WORKING = "working"


class Outcome(StrEnum):
    """How a step ended: it was done, it was declined by rule, or it failed."""

    DONE = "done"
    DECLINED = "declined"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Copy:
    """Bytes in the store: the evidentiary original, or a working copy with how it was made from what."""

    digest: Digest
    size: int
    media_type: str
    role: Role = Role.EVIDENTIARY
    derived_from: Digest | None = None
    method: str | None = None
    parameters: Facts = NO_FACTS

    def __post_init__(self) -> None:
        is_working = self.role is Role.WORKING
        if is_working != (self.derived_from is not None) or is_working != (self.method is not None):
            raise MalformedError(
                "a working copy, and only a working copy, says what it was made from and how"
            )


@dataclass(frozen=True, slots=True)
class Item:
    """One exhibit: a number within the case, and the evidentiary copy that it stands for."""

    exhibit: str
    original: Copy


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How one object came into the case on one occasion.

    `source` and `note` may name people, so the record only commits to them (see Sealed).
    `within` names the object that held this one: an archive, a message, a saved page.
    `file_modified_at` is what the file system said of the source, which proves nothing; `remark`
    what was noticed while it was read, such as that it grew.
    """

    exhibit: str
    digest: Digest
    collected_at: datetime
    collector: Agent
    method: str
    source: Sealed
    run: str
    within: Digest | None = None
    source_url: Sealed | None = None
    legal_basis: str | None = None
    note: Sealed | None = None
    file_modified_at: datetime | None = None
    remark: str | None = None
    declared: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done, as the custody log keeps it (prov:Activity).

    The written form of an action is a log entry. `nonce` keeps its leaf hash from telling
    anything to someone who guesses the content.
    """

    type: str
    at: datetime
    monotonic_us: int
    performer: Agent
    instrument: str
    session: str
    nonce: str
    outcome: Outcome = Outcome.DONE
    used: tuple[Digest, ...] = ()
    generated: tuple[Digest, ...] = ()
    detail: Facts = NO_FACTS
    error: str | None = None

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.DONE) != (self.error is None):
            raise MalformedError("an action that was not done says why, and one that was done has no error")

    def generating(self, records: tuple[Digest, ...]) -> Action:
        """This action, with the names of the records that came of it."""
        return Action(
            self.type,
            self.at,
            self.monotonic_us,
            self.performer,
            self.instrument,
            self.session,
            self.nonce,
            self.outcome,
            self.used,
            records,
            self.detail,
            self.error,
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, on whose word and why; the tombstone stays when the value has gone."""

    objects: tuple[Digest, ...]
    commitments: tuple[Sealed, ...]
    reason: str
    author: Agent
    decided_at: datetime

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("an erasure needs its reason")
