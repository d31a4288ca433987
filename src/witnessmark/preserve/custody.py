"""Custody: who did what, when by both clocks, with what; the only place where actions are made."""

from __future__ import annotations

import ctypes
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from witnessmark.model import Action, Agent, Digest, Facts, Outcome
from witnessmark.model.values import NO_FACTS
from witnessmark.ports import Case, Clock

_TIMEX_BYTES = 512  # more than any kernel's struct timex; all zero asks and sets nothing
_TIME_ERROR = 5


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def monotonic_us(self) -> int:
        """Microseconds of a clock that only goes forward."""
        return time.monotonic_ns() // 1000


@dataclass(frozen=True, slots=True)
class Custodian:
    """Writes down what one performer does with one instrument in one session."""

    clock: Clock
    performer: Agent
    instrument: str
    session: str

    def act(
        self,
        kind: str,
        *,
        used: Sequence[Digest] = (),
        detail: Facts = NO_FACTS,
        outcome: Outcome = Outcome.DONE,
        error: str | None = None,
    ) -> Action:
        """An action of now, with a fresh nonce so that its leaf hash tells nobody anything."""
        return Action(
            type=kind,
            at=self.clock.now(),
            monotonic_us=self.clock.monotonic_us(),
            performer=self.performer,
            instrument=self.instrument,
            session=self.session,
            nonce=secrets.token_hex(16),
            outcome=outcome,
            used=tuple(used),
            detail=detail,
            error=error,
        )


def seconds_behind_log(case: Case, clock: Clock) -> int:
    """How many seconds this machine's clock lies before the last entry of the log; 0 if it does not."""
    size = case.head().size
    if not size:
        return 0
    return max(0, int((case.action(size - 1).at - clock.now()).total_seconds()))


def clock_is_synchronised() -> bool | None:
    """Whether the kernel says that its clock follows others (Linux adjtimex); None if it cannot be asked."""
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    if ask is None:
        return None
    state = int(ask(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != _TIME_ERROR


def new_session() -> str:
    """A name for one run of a command, under which its entries stand together."""
    return secrets.token_hex(8)
