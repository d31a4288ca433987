"""One-time codes and recovery codes: as RFC 6238 has them, each good once, and kept so that they last."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.web.factors import RECOVERY_CODES, STEP_S, FactorBook, address_of, code_of

OF_THE_RFC = base64.b32encode(b"12345678901234567890").decode()


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def code(self, secret: str, steps: int = 0) -> str:
        """What an app shows now, or some steps from now."""
        return code_of(secret, int(self.now) // STEP_S + steps)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
        (2000000000, "69279037"), (20000000000, "65353130"),
    ],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert code_of(OF_THE_RFC, at // STEP_S, 8) == code
    assert code_of(OF_THE_RFC, at // STEP_S) == code[2:]


def test_a_code_lets_in_once_now_or_just_after_its_time(tmp_path: Path) -> None:
    clock = Clock()
    book = FactorBook(tmp_path / "factors.json", clock)
    secret = book.begin()
    assert not book.of("Ada").asks_for_code
    assert book.accepts("Ada", clock.code(secret)) is None
    with pytest.raises(UsageError, match="not the code of now"):
        book.adopt("Ada", secret, clock.code(secret, 3))
    assert not book.of("Ada").asks_for_code
    used = clock.code(secret)
    book.adopt("Ada", secret, used)
    assert book.accepts("Ada", used) is None, "the code that began it was taken again"
    clock.now += STEP_S
    assert book.accepts("Ada", clock.code(secret, 1)) is None
    late = clock.code(secret)
    clock.now += STEP_S
    assert book.accepts("Ada", f" {late[:3]} {late[3:]} ") == "code"
    assert book.accepts("Ada", late) is None
    assert book.accepts("Ada", clock.code(secret)) == "code"
    assert book.accepts("Ada", clock.code(secret)) is None
    clock.now += 3 * STEP_S
    assert book.accepts("Ada", clock.code(secret, -2)) is None
    for odd in ("", "12345", "1234567", "١٢٣٤٥٦", "\ud800", "abcdef"):
        assert book.accepts("Ada", odd) is None


def test_each_recovery_code_lets_in_once_and_none_is_kept_as_it_is(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "factors.json"
    book = FactorBook(path, clock)
    secret = book.begin()
    codes = book.adopt("Ada", secret, clock.code(secret))
    assert len(set(codes)) == RECOVERY_CODES
    assert path.stat().st_mode & 0o777 == 0o600
    assert not [
        code for code in codes if code in path.read_text() or code.replace("-", "") in path.read_text()
    ]
    again = FactorBook(path, clock)
    assert again.accepts("Ada", codes[3].upper().replace("-", " ")) == "recovery code"
    assert again.accepts("Ada", codes[3]) is None
    assert FactorBook(path, clock).accepts("Ada", codes[3]) is None
    assert FactorBook(path, clock).accepts("Ben", codes[4]) is None
    assert len(again.of("Ada").recovery) == RECOVERY_CODES - 1
    with pytest.raises(RefusedError, match="already"):
        again.adopt("Ada", again.begin(), "000000")
    again.end_codes("Ada")
    assert FactorBook(path, clock).accepts("Ada", codes[5]) is None


def test_what_an_app_reads_holds_names_that_would_break_an_address() -> None:
    told = address_of(OF_THE_RFC, "Ada & <b>Verrin</b>", "a/case?x=1")
    assert told.startswith("otpauth://totp/Witnessmark%20a%2Fcase%3Fx%3D1%3AAda%20%26%20%3Cb%3E")
    assert told.endswith(f"?secret={OF_THE_RFC}&issuer=Witnessmark")


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "factors.json"
    for written in ("{", "[]", json.dumps({"Ada": {"secret": "x"}})):
        path.write_text(written)
        with pytest.raises(IntegrityError, match="nobody can be let in"):
            FactorBook(path)


def test_passkeys_are_kept_ended_and_counted_and_recovery_codes_go_with_the_last(tmp_path: Path) -> None:
    book = FactorBook(tmp_path / "factors.json", Clock())
    handle = book.handle_of("Ada")
    assert book.handle_of("Ada") == handle != book.handle_of("Ben")
    first, told = book.add_passkey("Ada", "a key", "credential", "public", 0)
    second, again = book.add_passkey("Ada", "another", "other", "public", 4)
    assert (len(told), again) == (RECOVERY_CODES, ())
    read = FactorBook(tmp_path / "factors.json", Clock())
    assert read.of("Ada").passkeys == (first, second)
    assert read.holder("other", handle) == ("Ada", second)
    assert read.holder("other", read.handle_of("Ben")) is None
    assert [read.used("Ada", first, uses) for uses in (0, 0, 1, 1, 0, 2)] == [
        True,
        True,
        True,
        False,
        False,
        True,
    ]
    assert [read.used("Ada", second, uses) for uses in (4, 0, 5)] == [False, False, True]
    read.end_passkey("Ada", first.name)
    assert read.accepts("Ada", told[0]) == "recovery code"
    read.end_passkey("Ada", second.name)
    assert (read.accepts("Ada", told[1]), read.of("Ada").asks_for_code) == (None, False)


def test_codes_end_and_passkeys_stay_with_their_recovery_codes(tmp_path: Path) -> None:
    clock = Clock()
    book = FactorBook(tmp_path / "factors.json", clock)
    book.add_passkey("Ada", "a key", "credential", "public", 0)
    told = book.adopt("Ada", secret := book.begin(), clock.code(secret))
    book.end_codes("Ada")
    assert not book.of("Ada").has_codes
    assert book.of("Ada").asks_for_code
    assert book.accepts("Ada", told[0]) == "recovery code"
    with pytest.raises(UsageError):
        book.add_passkey("Ben", "the same", "credential", "public", 0)
