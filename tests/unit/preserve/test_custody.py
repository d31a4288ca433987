"""Custody: an action says who, when by both clocks, with what, and gives nothing away by its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from witnessmark.model import Action, Digest, Facts, Outcome, person
from witnessmark.model.wire import decode, encode
from witnessmark.preserve.custody import Custodian, SystemClock, new_session, seconds_behind_log
from witnessmark.store import create_case


@dataclass(frozen=True, slots=True)
class StoppedClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic_us(self) -> int:
        return 42


NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def custodian(at: datetime = NOON) -> Custodian:
    return Custodian(StoppedClock(at), person("tester"), "tests 1", "session")


def test_an_action_says_who_when_and_with_what() -> None:
    used = Digest.of(b"x")
    action = custodian().act("test.happened", used=[used], detail=Facts(count=3))
    assert (action.at, action.monotonic_us) == (NOON, 42)
    assert (action.performer, action.instrument, action.session) == (person("tester"), "tests 1", "session")
    assert (action.used, action.detail, action.outcome, action.error) == (
        (used,),
        Facts(count=3),
        "done",
        None,
    )
    assert decode(encode(action)) == action


def test_an_action_that_failed_says_why() -> None:
    action = custodian().act("test.failed", outcome=Outcome.FAILED, error="no room")
    assert (action.outcome, action.error) == (Outcome.FAILED, "no room")


def test_the_same_action_never_has_the_same_bytes() -> None:
    written = {encode(custodian().act("test.happened")) for _ in range(100)}
    assert len(written) == 100


def test_sessions_have_names_of_their_own() -> None:
    assert len({new_session() for _ in range(100)}) == 100


def test_the_clocks_of_the_machine_go_forward_and_know_their_offset() -> None:
    clock = SystemClock()
    first, second = clock.monotonic_us(), clock.monotonic_us()
    assert first <= second
    assert clock.now().utcoffset() == timedelta(0)


def test_a_clock_that_was_set_back_is_behind_the_log(tmp_path: Path) -> None:
    case = create_case(tmp_path / "case", "a.example/b", "a.example/b+00000000+AAAA", bytes(32))
    assert seconds_behind_log(case, StoppedClock(NOON)) == 0
    with case.transaction() as transaction:
        transaction.append(custodian(NOON).act("test.happened"))
    assert isinstance(case.action(0), Action)
    assert seconds_behind_log(case, StoppedClock(NOON + timedelta(hours=1))) == 0
    assert seconds_behind_log(case, StoppedClock(NOON - timedelta(hours=1))) == 3600
    case.close()
