"""Time stamps without any authority: names, addresses, due dates, and bytes that are no token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import IntegrityError, MalformedError, UnavailableError, UsageError
from witnessmark.model import CheckState
from witnessmark.ports import Token
from witnessmark.preserve import tsp
from witnessmark.preserve.posting import Answer
from witnessmark.preserve.timestamp import (
    HttpAuthority,
    check_token,
    check_tokens,
    due_for_renewal,
    stamp_all,
)
from witnessmark.tlog import Checkpoint, Signer, sign

NOTE = sign(Checkpoint("desk.example/log", 42, bytes(32)).text(), Signer.generate("desk.example/log"))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def token(*, reply: bytes = b"", expires_at: datetime | None = None) -> Token:
    return Token(42, "harbour", 1, tsp.new_query(NOTE), reply, b"", expires_at)


def test_an_authority_without_a_root_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(UsageError, match="no root"):
        HttpAuthority("harbour", "https://tsa.example/", (), lambda *_: Answer(200, "", b""))


@pytest.mark.parametrize("name", ["", "a b", "../harbour", "a/b", ".hidden", "é", "x" * 65])
def test_a_name_that_cannot_name_a_file_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="will name files"):
        HttpAuthority(name, "https://tsa.example/", (), lambda *_: Answer(200, "", b""))


def test_certificates_that_are_none_are_malformed() -> None:
    for content in (b"", b"no certificate", b"\x30\x03abc"):
        with pytest.raises(MalformedError, match="cannot be read"):
            tsp.read_certificates((content,))


def test_every_query_has_its_own_nonce_and_names_the_note() -> None:
    first, second = (tsp.read_query(tsp.new_query(NOTE)) for _ in range(2))
    assert first.imprint == second.imprint == tsp.imprint_of(NOTE)
    assert first.nonce != second.nonce


@given(st.binary(max_size=300))
def test_noise_is_no_reply_and_nothing_worse(noise: bytes) -> None:
    checked = check_token(token(reply=noise), NOTE, ())
    assert (checked.state, checked.time) == (CheckState.BROKEN, None)
    ((_, same),) = check_tokens(NOTE, (token(reply=noise),), (), NOW)
    assert same.state is CheckState.BROKEN


@pytest.mark.parametrize(
    ("left", "is_due"),
    [
        (timedelta(days=-1), False),
        (timedelta(0), False),
        (timedelta(days=29), True),
        (timedelta(days=31), False),
    ],
)
def test_a_token_is_due_in_the_margin_before_it_expires(left: timedelta, *, is_due: bool) -> None:
    due = due_for_renewal(NOTE, (token(expires_at=NOW + left),), NOW, timedelta(days=30))
    assert bool(due) is is_due


def test_a_token_that_never_expires_is_never_due() -> None:
    assert due_for_renewal(NOTE, (token(),), NOW, timedelta(days=9999)) == ()


class Door:
    """An authority whose door may be closed."""

    def __init__(self, name: str, *, opens: bool) -> None:
        self.name = name
        self._opens = opens

    def stamp(self, content: bytes) -> Token:
        if not self._opens:
            raise UnavailableError(f"{self.name} is closed")
        return Token(42, self.name, 1, b"", content, b"", None)


def test_what_one_authority_fails_to_give_the_others_still_give() -> None:
    got = stamp_all(NOTE, (Door("a", opens=True), Door("b", opens=False), Door("c", opens=True)))
    assert [one.authority for one in got.tokens] == ["a", "c"]
    assert got.failures == ("b is closed",)


def test_a_wrong_check_of_the_log_is_not_hidden_among_the_failures() -> None:
    class Alarmed(Door):
        def stamp(self, content: bytes) -> Token:
            raise IntegrityError(f"the log has changed: {content[:20]!r}")

    with pytest.raises(IntegrityError):
        stamp_all(NOTE, (Alarmed("a", opens=True),))
