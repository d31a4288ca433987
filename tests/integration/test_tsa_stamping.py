"""Stamping at a real authority on loopback: what is kept, what is refused, and how it ages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers.tsa import OPENSSL, YEAR, Certified, LocalTsa, certify, local_tsa, serving

from witnessmark.errors import IntegrityError, RefusedError, UnavailableError
from witnessmark.model import CheckState
from witnessmark.ports import Token
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.timestamp import (
    Checked,
    HttpAuthority,
    check_token,
    check_tokens,
    content_of,
    due_for_renewal,
    renew,
    stamp_all,
)
from witnessmark.tlog import Checkpoint, Signer, sign

pytestmark = [
    pytest.mark.server,
    pytest.mark.outside,
    pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed"),
]
POST = HttpPost(timeout_s=10, local_allowed=True)
NOTE = sign(Checkpoint("desk.example/log", 42, bytes(32)).text(), Signer.generate("desk.example/log"))


def now() -> datetime:
    """Return the time at which a test asks: a run of all tests is longer than clocks may differ."""
    return datetime.now(UTC)


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[LocalTsa]:
    with local_tsa("harbour", tmp_path) as authority:
        yield authority


def ask(tsa: LocalTsa, *, roots: tuple[bytes, ...] | None = None, resigned: Certified | None = None) -> Token:
    """The token for NOTE, after `resigned` signed it anew if given."""

    def answer(query: bytes) -> tuple[int, bytes]:
        reply = tsa.reply(query)
        return 200, tsa.resign(reply, resigned) if resigned else reply

    with serving(answer) as url:
        return HttpAuthority(tsa.name, url, roots or tsa.roots, POST).stamp(NOTE)


def state(checked: Checked) -> CheckState:
    return checked.state


def test_a_stamp_holds_and_says_not_later_than_when(tsa: LocalTsa) -> None:
    token = ask(tsa)
    assert (token.checkpoint_size, token.authority, token.serial) == (42, "harbour", 1)
    assert token.expires_at == tsa.stamper.certificate.not_valid_after_utc
    assert token.chain == tsa.stamper.pem + tsa.root.pem
    checked = check_token(token, NOTE, tsa.roots, datetime.now(UTC))
    assert checked.state is CheckState.HOLDS
    assert checked.time is not None
    assert abs(checked.time - now()) < timedelta(minutes=5)


def test_two_stamps_of_one_note_are_asked_for_with_different_nonces(tsa: LocalTsa) -> None:
    assert ask(tsa).request != ask(tsa).request


def test_an_altered_note_breaks_the_token(tsa: LocalTsa) -> None:
    checked = check_token(ask(tsa), NOTE.replace(b"\n42\n", b"\n43\n"), tsa.roots, now())
    assert checked.state is CheckState.BROKEN
    assert "other bytes" in checked.detail


def test_a_token_from_under_another_root_is_not_checkable(tsa: LocalTsa, tmp_path: Path) -> None:
    with local_tsa("harbour", tmp_path) as stranger:  # even if the stranger bears the same names
        for roots in (stranger.roots, ()):
            checked = check_token(ask(tsa), NOTE, roots, now())
            assert checked.state is CheckState.NOT_CHECKABLE
            assert "harbour root" in checked.detail
        with pytest.raises(UnavailableError, match="no usable token"):
            ask(tsa, roots=stranger.roots)


def test_the_answer_to_another_question_is_refused(tsa: LocalTsa) -> None:
    old = ask(tsa)
    with serving(lambda _: (200, old.reply)) as url, pytest.raises(UnavailableError, match="nonce"):
        HttpAuthority("harbour", url, tsa.roots, POST).stamp(NOTE)
    swapped = check_token(replace(old, request=ask(tsa).request), NOTE, tsa.roots, now())
    assert swapped.state is CheckState.BROKEN
    assert "nonce" in swapped.detail


def test_a_certificate_without_the_critical_purpose_may_not_stamp(tsa: LocalTsa) -> None:
    meant_for_all = tsa.stamper_valid(now() - YEAR, now() + YEAR, eku_critical=False)
    with pytest.raises(UnavailableError, match="unsuitable certificate purpose"):
        ask(tsa, resigned=meant_for_all)


def test_a_certificate_that_has_expired_may_not_stamp(tsa: LocalTsa) -> None:
    with pytest.raises(UnavailableError, match="certificate has expired"):
        ask(tsa, resigned=tsa.stamper_valid(now() - 2 * YEAR, now() - YEAR))


def test_a_token_in_the_name_of_the_authority_by_another_key_is_refused(tsa: LocalTsa) -> None:
    false_root = certify("harbour root", None, (now() - YEAR, now() + YEAR))
    with pytest.raises(UnavailableError, match="certificate"):
        ask(tsa, resigned=certify("harbour stamper", false_root, (now() - YEAR, now() + YEAR)))


def test_a_token_without_its_certificate_is_refused(tsa: LocalTsa) -> None:
    def bare(query: bytes) -> tuple[int, bytes]:
        assert query.endswith(b"\x01\x01\xff")  # certificates wanted; leave that out, and be 3 bytes shorter
        return 200, tsa.reply(bytes((query[0], query[1] - 3)) + query[2:-3])

    with serving(bare) as url, pytest.raises(UnavailableError, match="does not hold the one certificate"):
        HttpAuthority("harbour", url, tsa.roots, POST).stamp(NOTE)


def test_a_refusal_by_the_authority_is_passed_on_in_its_words(tsa: LocalTsa) -> None:
    def deny(query: bytes) -> tuple[int, bytes]:
        sha256, md5 = bytes.fromhex("0609608648016503040201"), bytes.fromhex("0609608648016503040202")
        return 200, tsa.reply(query.replace(sha256, md5))  # a hash of the wrong length for its kind

    with serving(deny) as url, pytest.raises(UnavailableError, match="granted nothing"):
        HttpAuthority("harbour", url, tsa.roots, POST).stamp(NOTE)


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (200, b"", "cannot be read"),
        (200, b"<html>maintenance</html>", "cannot be read"),
        (503, b"busy", "HTTP status 503"),
        (302, b"https://elsewhere.example/", "HTTP status 302"),
        (200, bytes(300_000), "more than"),
    ],
)
def test_an_answer_that_is_no_token_keeps_nothing(
    tsa: LocalTsa, status: int, content: bytes, reason: str
) -> None:
    with serving(lambda _: (status, content)) as url, pytest.raises(UnavailableError, match=reason):
        HttpAuthority("harbour", url, tsa.roots, POST).stamp(NOTE)


def test_a_local_address_is_refused_unless_the_settings_allow_it(tsa: LocalTsa) -> None:
    with pytest.raises(RefusedError, match="private network"):
        HttpAuthority("harbour", "http://localhost:9/", tsa.roots, HttpPost()).stamp(NOTE)


def test_one_authority_that_fails_does_not_cost_the_other_token(tsa: LocalTsa) -> None:
    with serving(tsa.answer) as url:
        good = HttpAuthority("harbour", url, tsa.roots, POST)
        gone = HttpAuthority("quay", "http://127.0.0.1:9/", tsa.roots, POST)
        inside = HttpAuthority("jetty", url, tsa.roots, HttpPost())
        got = stamp_all(NOTE, (gone, inside, good))
        assert [token.authority for token in got.tokens] == ["harbour"]
        closed, refused = got.failures
        assert closed.startswith("the time-stamp authority quay: 127.0.0.1:9 gave no whole answer")
        assert refused.startswith("the time-stamp authority jetty: ")
        assert stamp_all(NOTE, (good,), got.tokens).tokens == ()


def test_an_expired_token_is_refused_plainly_and_holds_as_of_its_time(tsa: LocalTsa) -> None:
    token = ask(tsa)
    later = datetime.now(UTC) + 2 * YEAR
    checked = check_token(token, NOTE, tsa.roots, later)
    assert checked.state is CheckState.NOT_CHECKABLE
    assert "expired" in checked.detail
    assert check_token(token, NOTE, tsa.roots).state is CheckState.HOLDS


def test_a_token_from_the_future_says_that_a_clock_is_wrong(tsa: LocalTsa) -> None:
    checked = check_token(ask(tsa), NOTE, tsa.roots, now() - YEAR)
    assert checked.state is CheckState.NOT_CHECKABLE
    assert "clock" in checked.detail


@pytest.fixture
def renewed(tmp_path: Path) -> Iterator[tuple[tuple[Token, ...], tuple[bytes, ...]]]:
    """A token with nine days left, its renewal by an authority that has five years, and the roots."""
    with ExitStack() as stack:
        brief = stack.enter_context(local_tsa("brief", tmp_path, days=10))
        lasting = stack.enter_context(local_tsa("lasting", tmp_path, days=5 * 365))
        doors = [
            HttpAuthority(one.name, stack.enter_context(serving(one.answer)), one.roots, POST)
            for one in (brief, lasting)
        ]
        first = stamp_all(NOTE, doors[:1]).tokens
        due = due_for_renewal(NOTE, first, now(), timedelta(days=30))
        assert due == first
        second = renew(NOTE, first, due, (doors[1],))
        tokens = first + second.tokens
        assert due_for_renewal(NOTE, tokens, now(), timedelta(days=30)) == ()
        yield tokens, brief.roots + lasting.roots


def test_a_renewal_keeps_a_token_good_after_its_certificate_expired(
    renewed: tuple[tuple[Token, ...], tuple[bytes, ...]],
) -> None:
    tokens, roots = renewed
    old, new = tokens
    assert (old.serial, new.serial, new.authority) == (1, 2, "lasting")
    assert content_of(NOTE, new, tokens) == NOTE + old.reply
    (_, newest), (_, oldest) = check_tokens(NOTE, tokens, roots, now() + YEAR)
    assert (newest.state, oldest.state) == (CheckState.HOLDS, CheckState.HOLDS)
    assert "renewed by lasting" in oldest.detail
    ((_, alone),) = check_tokens(NOTE, tokens[:1], roots, now() + YEAR)
    assert alone.state is CheckState.NOT_CHECKABLE


def test_a_renewal_that_expired_itself_renews_nothing(
    renewed: tuple[tuple[Token, ...], tuple[bytes, ...]],
) -> None:
    tokens, roots = renewed
    found = check_tokens(NOTE, tokens, roots, now() + 9 * YEAR)
    assert [checked.state for _, checked in found] == [CheckState.NOT_CHECKABLE] * 2


def test_a_renewal_whose_earlier_token_is_lost_or_altered_is_broken(
    renewed: tuple[tuple[Token, ...], tuple[bytes, ...]],
) -> None:
    (old, new), roots = renewed
    with pytest.raises(IntegrityError, match="altered or lost"):
        content_of(NOTE, new, (new,))
    unsigned = bytearray(old.reply)
    unsigned[unsigned.rindex(bytes.fromhex("2a8648ce3d040302")) + 7] ^= 1  # a byte that no signature covers
    altered = replace(old, reply=bytes(unsigned))
    assert check_token(altered, NOTE, roots, now()).state is CheckState.HOLDS
    states = {
        token.serial: checked.state for token, checked in check_tokens(NOTE, (altered, new), roots, now())
    }
    assert states[2] is CheckState.BROKEN


def test_an_expired_token_is_not_due_since_a_stamp_would_come_too_late(tsa: LocalTsa) -> None:
    assert due_for_renewal(NOTE, (ask(tsa),), now() + 2 * YEAR, 5 * YEAR) == ()


def test_if_its_own_authority_fails_another_renews_and_the_failure_is_said(tsa: LocalTsa) -> None:
    with serving(tsa.answer) as url:
        other = HttpAuthority("quay", url, tsa.roots, POST)
        gone = HttpAuthority("harbour", "http://127.0.0.1:9/", tsa.roots, POST)
        token = replace(ask(tsa), expires_at=now() + timedelta(days=9))
        got = renew(NOTE, (token,), (token,), (other, gone))
    assert [(one.authority, one.serial) for one in got.tokens] == [("quay", 2)]
    assert len(got.failures) == 1


def test_damaged_certificates_beside_a_token_are_noticed(tsa: LocalTsa) -> None:
    token = ask(tsa)
    for position in (40, len(token.chain) // 2, len(token.chain) - 60):
        chain = bytearray(token.chain)
        chain[position] ^= 1
        checked = check_token(replace(token, chain=bytes(chain)), NOTE, tsa.roots, now())
        assert checked.state is CheckState.BROKEN


def test_a_stamp_that_ends_no_later_renews_nothing_and_another_authority_is_asked(
    tsa: LocalTsa, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        lasting = stack.enter_context(local_tsa("lasting", tmp_path, days=5 * 365))
        longer = HttpAuthority("lasting", stack.enter_context(serving(lasting.answer)), lasting.roots, POST)
        own = HttpAuthority("harbour", stack.enter_context(serving(tsa.answer)), tsa.roots, POST)
        token = ask(tsa)
        alone = renew(NOTE, (token,), (token,), (own,))
        both = renew(NOTE, (token,), (token,), (own, longer))
    assert alone.tokens == ()
    assert alone.failures == ("a stamp of harbour would end no later than the old one",)
    assert [one.authority for one in both.tokens] == ["lasting"]
