"""Small things of the desk in the browser: its words, its sections, its sessions and who has to wait."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("argon2", reason="the extra `web` is not installed")
pytest.importorskip("starlette", reason="the extra `web` is not installed")

from argon2 import PasswordHasher

from witnessmark.errors import IntegrityError, RefusedError, UsageError
from witnessmark.web.accounts import Accounts
from witnessmark.web.endpoint import SECTIONS
from witnessmark.web.roles import Role
from witnessmark.web.sessions import GRANT_S, IDLE_S, LINK_S, LONGEST_S, Attempts, Sessions
from witnessmark.web.table import ENDPOINTS
from witnessmark.web.words import ARABIC, ENGLISH

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WORDS = "four words of a desk"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_every_language_has_the_same_words_with_the_same_places_to_fill() -> None:
    assert ENGLISH.keys() == ARABIC.keys()
    for key, words in ENGLISH.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", ARABIC[key])), key


def test_no_word_is_called_like_a_method_of_its_table() -> None:
    assert not [key for key in ENGLISH if hasattr(dict, key)]


def test_the_menu_offers_just_what_the_table_lets_people_have() -> None:
    said = {endpoint.path: endpoint.roles for endpoint in ENDPOINTS if endpoint.method == "GET"}
    assert {path: roles for _, path, roles in SECTIONS} == {path: said[path] for _, path, _ in SECTIONS}


def test_a_link_works_once_and_not_for_ever() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token = sessions.link("Ada")
    assert sessions.linked(token, use=False) is not None
    assert sessions.linked(token, use=True) is not None
    assert sessions.linked(token, use=True) is None
    late = sessions.link("Ada")
    clock.now += LINK_S + 1
    assert sessions.linked(late, use=False) is None


def test_a_session_ends_when_nobody_is_there_and_at_the_end_of_a_day(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(clock)
    account = Accounts(tmp_path / "accounts.json", QUICK).first("Ada", WORDS)
    token = sessions.begin(account, None, "en")  # type: ignore[arg-type]
    clock.now += IDLE_S - 1
    session = sessions.of(token)
    assert session is not None
    grant = sessions.grant(session, "original")
    assert sessions.granted(grant) is not None
    clock.now += GRANT_S + 1
    assert sessions.granted(grant) is None
    while clock.now < LONGEST_S:
        assert sessions.of(token) is not None
        clock.now += IDLE_S / 2
    assert sessions.of(token) is None


def test_whoever_guesses_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(20):
        attempts.failed("name ada")
        waits.append(attempts.wait_s("name ada", "address here"))
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == [2, 4, 8, 16]
    assert waits[-1] == 15 * 60
    assert attempts.wait_s("name somebody else") == 0
    clock.now += 15 * 60
    assert attempts.wait_s("name ada") == 0


def test_accounts_last_and_are_never_without_a_custodian(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    accounts = Accounts(path, QUICK)
    accounts.first("Ada  Verrin", WORDS)
    assert path.stat().st_mode & 0o077 == 0
    assert WORDS not in path.read_text("utf-8")
    with pytest.raises(RefusedError, match="first account"):
        accounts.first("Eve", WORDS)
    for taken in ("ada verrin", "ADA VERRIN", "Ａda Verrin"):
        with pytest.raises(UsageError, match="already"):
            accounts.add(taken, WORDS, (Role.VIEWER,))
    for roles, is_open in (((Role.LEAD,), True), ((Role.LEAD, Role.CUSTODIAN), False)):
        with pytest.raises(RefusedError, match="nobody would be left"):
            accounts.change("Ada Verrin", roles, is_open=is_open)
    again = Accounts(path, QUICK)
    assert again.admitted("Ada Verrin", WORDS) is not None
    assert again.admitted("Ada Verrin", WORDS + " ") is None
    assert again.admitted("Eve", WORDS) is None


def test_a_damaged_file_of_accounts_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    for content in ("{", "[1]", '[{"name": "Ada"}]', '[{"name": "A", "roles": ["king"], "passphrase": "x"}]'):
        path.write_text(content)
        with pytest.raises(IntegrityError, match="damaged"):
            Accounts(path, QUICK)
