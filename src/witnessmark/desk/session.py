"""A session: one run of the program, and what it says of itself before its first act.

A run that enters nothing leaves no trace. One that was refused or interrupted after it entered
something leaves it signed: the desk does that on the way out.
"""

from __future__ import annotations

from collections.abc import Callable

from witnessmark.errors import UsageError
from witnessmark.model import Agent, Facts
from witnessmark.ports import Case
from witnessmark.preserve.custody import Custodian, clock_is_synchronised, seconds_behind_log

NOBODY = "nobody"
"""Who reads without having said who they are; nobody may write."""


class Session:
    """One run; `surroundings` tells its command, settings, tools and protections, `notice` a person."""

    def __init__(
        self,
        case: Case,
        custodian: Custodian,
        surroundings: Callable[[], Facts],
        notice: Callable[[str], None],
    ) -> None:
        self._case = case
        self._custodian = custodian
        self._surroundings = surroundings
        self._notice = notice
        self.is_open = False

    def of(self, custodian: Custodian) -> Session:
        """The session of somebody else in the same run."""
        return Session(self._case, custodian, self._surroundings, self._notice)

    def open(self) -> None:
        """Enter what this run is, once; say so if the clock lies behind the log."""
        if self.is_open:
            return
        behind_s = seconds_behind_log(self._case, self._custodian.clock)
        if behind_s:
            self._notice(
                f"The clock of this machine is {behind_s:,} s behind the last entry of the log: check it."
            )
        detail = Facts(
            self._surroundings(), clock_synchronised=clock_is_synchronised(), clock_behind_log_s=behind_s
        )
        with self._case.transaction() as transaction:
            transaction.append(self._custodian.act("session.opened", detail=detail))
        self.is_open = True


def require_someone(performer: Agent) -> None:
    """Pass if somebody has said who is at work: nobody may write."""
    if performer.name == NOBODY:
        raise UsageError(
            "nobody has said who is at work, and the log keeps who did what",
            advice="give a pseudonym with --as NAME, or as `person` in witnessmark.toml",
        )
