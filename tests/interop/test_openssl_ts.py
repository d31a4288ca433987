"""openssl judges our time stamps: what we keep it accepts, and what it refuses we do not call good."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers.tsa import OPENSSL, YEAR, LocalTsa, local_tsa, serving, stating

from witnessmark.errors import UnavailableError
from witnessmark.model import CheckState
from witnessmark.ports import Token
from witnessmark.preserve import tsp
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.timestamp import HttpAuthority, check_token, check_tokens, content_of, renew
from witnessmark.tlog import Checkpoint, Signer, sign

pytestmark = [
    pytest.mark.server,
    pytest.mark.outside,
    pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed"),
]
NOTE = sign(Checkpoint("desk.example/log", 42, bytes(32)).text(), Signer.generate("desk.example/log"))


def now() -> datetime:
    """Return the time at which a test asks: a run of all tests is longer than clocks may differ."""
    return datetime.now(UTC)


THEN = datetime(2021, 6, 1, 12, tzinfo=UTC)
FLIPS = 300


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[LocalTsa]:
    with local_tsa("harbour", tmp_path) as authority:
        yield authority


@pytest.fixture
def token(tsa: LocalTsa) -> Token:
    with serving(tsa.answer) as url:
        return door(tsa, url).stamp(NOTE)


def door(tsa: LocalTsa, url: str) -> HttpAuthority:
    return HttpAuthority(tsa.name, url, tsa.roots, HttpPost(timeout_s=10, local_allowed=True))


def openssl_accepts(
    folder: Path, token: Token, content: bytes, roots: bytes, *more: str, by: str = "-data"
) -> bool:
    files = {"checkpoint": content, "reply.tsr": token.reply, "query.tsq": token.request, "roots.pem": roots}
    for name, kept in files.items():
        (folder / name).write_bytes(kept)
    subject = "checkpoint" if by == "-data" else "query.tsq"
    command = [str(OPENSSL), "ts", "-verify", by, subject, "-in", "reply.tsr", "-CAfile", "roots.pem", *more]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ("Verification: OK" in ran.stdout) == (ran.returncode == 0)
    return ran.returncode == 0


def attime(moment: datetime) -> tuple[str, str]:
    return "-attime", f"{moment.timestamp():.0f}"


def test_openssl_accepts_a_kept_token_by_note_and_by_query(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    assert openssl_accepts(tmp_path, token, NOTE, tsa.root.pem)
    assert openssl_accepts(tmp_path, token, NOTE, tsa.root.pem, by="-queryfile")
    assert openssl_accepts(tmp_path, token, NOTE, token.chain)
    (tmp_path / "chain.pem").write_bytes(token.chain)
    assert openssl_accepts(tmp_path, token, NOTE, tsa.root.pem, "-untrusted", "chain.pem")


def test_openssl_and_we_refuse_an_altered_note_another_root_and_another_query(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    altered = NOTE.replace(b"\n42\n", b"\n43\n")
    assert not openssl_accepts(tmp_path, token, altered, tsa.root.pem)
    assert check_token(token, altered, tsa.roots, now()).state is CheckState.BROKEN
    with local_tsa("stranger", tmp_path) as stranger:
        assert not openssl_accepts(tmp_path, token, NOTE, stranger.root.pem)
        assert check_token(token, NOTE, stranger.roots, now()).state is CheckState.NOT_CHECKABLE
    asked_again = replace(token, request=tsp.new_query(NOTE))
    assert not openssl_accepts(tmp_path, asked_again, NOTE, tsa.root.pem, by="-queryfile")
    assert check_token(asked_again, NOTE, tsa.roots, now()).state is CheckState.BROKEN


def test_openssl_refuses_to_stamp_or_to_verify_without_the_critical_purpose(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    for_all = tsa.stamper_valid(now() - YEAR, now() + YEAR, eku_critical=False)
    forged = replace(token, reply=tsa.resign(token.reply, for_all), chain=for_all.pem + tsa.root.pem)
    assert not openssl_accepts(tmp_path, forged, NOTE, tsa.root.pem)
    assert check_token(forged, NOTE, tsa.roots, now()).state is CheckState.BROKEN
    (tsa.folder / "tsa.pem").write_bytes(for_all.pem)
    (tsa.folder / "tsa.key").write_bytes(for_all.key_pem)
    with pytest.raises(RuntimeError, match="signer certificate"):
        tsa.reply(token.request)


def test_a_stamp_over_another_kind_of_hash_is_refused_by_both(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    sha256, sha3 = (bytes.fromhex(f"06096086480165030402{kind}") for kind in ("01", "08"))
    other = replace(
        token, reply=tsa.resign(token.reply, tsa.stamper, lambda content: content.replace(sha256, sha3))
    )
    assert not openssl_accepts(tmp_path, other, NOTE, tsa.root.pem)
    checked = check_token(other, NOTE, tsa.roots, now())
    assert checked.state is CheckState.BROKEN
    assert "another kind of hash" in checked.detail


def expired(tsa: LocalTsa, token: Token) -> Token:
    """The token as it would have been made in 2021, by a certificate that ended in 2022."""
    stamper = tsa.stamper_valid(THEN - YEAR, THEN + YEAR)
    reply = tsa.resign(token.reply, stamper, stating(THEN))
    return replace(token, reply=reply, chain=stamper.pem + tsa.root.pem, expires_at=THEN + YEAR)


def test_an_expired_authority_is_refused_plainly_and_accepted_as_of_then(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    old = expired(tsa, token)
    assert not openssl_accepts(tmp_path, old, NOTE, tsa.root.pem)
    plain = check_token(old, NOTE, tsa.roots, now())
    assert plain.state is CheckState.NOT_CHECKABLE
    assert f"-attime {THEN.timestamp():.0f}" in plain.detail
    assert openssl_accepts(tmp_path, old, NOTE, tsa.root.pem, *attime(THEN))
    as_of_then = check_token(old, NOTE, tsa.roots, THEN)
    assert (as_of_then.state, as_of_then.time) == (CheckState.HOLDS, THEN)


def test_openssl_verifies_a_renewal_over_note_and_earlier_reply_and_the_old_one_as_of_the_renewal(
    tsa: LocalTsa, token: Token, tmp_path: Path
) -> None:
    old = expired(tsa, token)
    renewed_at = THEN + YEAR - timedelta(days=20)
    stamper = tsa.stamper_valid(renewed_at - YEAR, now() + YEAR)

    def in_time(query: bytes) -> tuple[int, bytes]:
        return 200, tsa.resign(tsa.reply(query), stamper, stating(renewed_at))

    with serving(in_time) as url:
        (new,) = renew(NOTE, (old,), (old,), (door(tsa, url),)).tokens
    covered = content_of(NOTE, new, (old, new))
    assert covered == NOTE + old.reply
    assert openssl_accepts(tmp_path, new, covered, tsa.root.pem)
    assert not openssl_accepts(tmp_path, new, NOTE, tsa.root.pem)
    assert openssl_accepts(tmp_path, old, NOTE, tsa.root.pem, *attime(renewed_at))
    states = [checked.state for _, checked in check_tokens(NOTE, (old, new), tsa.roots, now())]
    assert states == [CheckState.HOLDS] * 2


def test_a_renewal_that_came_after_the_expiry_saves_nothing(tsa: LocalTsa, token: Token) -> None:
    old = expired(tsa, token)
    with serving(tsa.answer) as url:
        (late,) = renew(NOTE, (old,), (old,), (door(tsa, url),)).tokens
    (_, new), (_, first) = check_tokens(NOTE, (old, late), tsa.roots, now())
    assert (new.state, first.state) == (CheckState.HOLDS, CheckState.NOT_CHECKABLE)


def test_no_flipped_bit_changes_the_time_or_the_imprint_of_an_accepted_token(
    tsa: LocalTsa, token: Token
) -> None:
    true = tsp.read_reply(token.reply)
    accepted = 0
    for reply in flipped(token.reply, FLIPS):
        checked = check_token(replace(token, reply=reply), NOTE, tsa.roots, now())
        assert checked.state is not CheckState.NOT_CHECKABLE
        if checked.state is CheckState.HOLDS:
            accepted += 1
            assert checked.time == true.time
            assert tsp.read_reply(reply).imprint == true.imprint
    assert accepted < FLIPS // 10  # bytes that no signature covers, as openssl's own 5 of 300


def test_every_flipped_bit_in_the_kept_query_is_noticed(tsa: LocalTsa, token: Token) -> None:
    for request in flipped(token.request, len(token.request) * 8):
        assert check_token(replace(token, request=request), NOTE, tsa.roots, now()).state is CheckState.BROKEN


def test_a_token_spoiled_on_its_way_is_kept_only_if_nothing_signed_was_touched(tsa: LocalTsa) -> None:
    seeds = iter(range(30))
    kept = 0

    def spoiled(query: bytes) -> tuple[int, bytes]:
        return 200, next(flipped(tsa.reply(query), 1, next(seeds)))

    with serving(spoiled) as url:
        for _ in range(30):
            try:
                token = door(tsa, url).stamp(NOTE)
            except UnavailableError:
                continue
            kept += 1
            assert check_token(token, NOTE, tsa.roots, now()).state is CheckState.HOLDS
    assert kept < 6


def flipped(content: bytes, count: int, seed: int = 1) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice of bits, nothing secret
    for position in chance.sample(range(len(content) * 8), count):
        altered = bytearray(content)
        altered[position // 8] ^= 1 << position % 8
        yield bytes(altered)
