"""What can go wrong, sorted by who can mend it.

    WitnessmarkError
    ├── UsageError         the request makes no sense          the caller          exit 2
    ├── UnavailableError   the outside world did not answer    wait and try again  exit 3
    │   └── NoRoomError    the disk is too small for it
    ├── RefusedError       we may not, or it is not safe       a person            exit 4
    │   └── OutdatedError  somebody else wrote meanwhile
    ├── MalformedError     the material is not what it claims  nobody; on record   exit 5
    └── IntegrityError     kept evidence has changed           stop and call help  exit 6

A message names the thing and the fact. `advice` says what to do about it.
"""

from __future__ import annotations

from typing import ClassVar


class WitnessmarkError(Exception):
    """Anything that Witnessmark itself refuses or reports; catch a family below instead."""

    exit_code: ClassVar[int] = 1
    usual_advice: ClassVar[str] = "report this as a defect"

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice or self.usual_advice


class UsageError(WitnessmarkError):
    """The request makes no sense; the caller can mend it."""

    exit_code = 2
    usual_advice = "correct the command; `witnessmark VERB --help` says what a verb takes"


class UnavailableError(WitnessmarkError):
    """Something outside did not answer or cannot be had now; waiting may help."""

    exit_code = 3
    usual_advice = "nothing was changed; try again later"


class NoRoomError(UnavailableError):
    """The disk has no room for something; what is smaller may still fit."""

    usual_advice = "free some room and run the same command again; it goes on where it stopped"


class RefusedError(WitnessmarkError):
    """It is not allowed or not safe; a person has to decide."""

    exit_code = 4
    usual_advice = "a person with the right to do so has to decide"


class OutdatedError(RefusedError):
    """Somebody else wrote on the same thing meanwhile; nothing of this was entered."""

    usual_advice = "look at what is on record now, then decide again"


class MalformedError(WitnessmarkError):
    """The material is not what it claims to be; this stays on record."""

    exit_code = 5
    usual_advice = "the bytes are kept as they are; examine them with another tool"


class IntegrityError(WitnessmarkError):
    """Kept evidence has changed; nothing may go on as if it had not."""

    exit_code = 6
    usual_advice = "stop working on this case, keep the disk as it is, and restore from a copy that verifies"
