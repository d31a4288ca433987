"""Accounts: who may come in, kept beside the keys of the case and never inside the case.

A passphrase is kept as an Argon2id hash. There is no account until the person at the terminal makes the first
one by a one-time link.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from witnessmark.errors import MalformedError, RefusedError, UsageError
from witnessmark.model import person
from witnessmark.web.books import read_book, write_book
from witnessmark.web.roles import FIRST, Role

FILE_NAME = "accounts.json"
SHORTEST = 15
"""Signs of a passphrase that stands alone (NIST SP 800-63B-4, 3.1.1.2)."""
LONGEST = 256
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Account:
    """One person: the pseudonym that the log has, what they are here to do, and the hash of a passphrase."""

    name: str
    roles: tuple[Role, ...]
    passphrase: str
    is_open: bool = True


class Accounts:
    """The accounts of one case. Every change is on the disk before it is acknowledged."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        self._path = path
        self._hasher = hasher or PasswordHasher()
        self._lock = threading.Lock()
        self._known = _read(path)
        self._nobody = self._hasher.hash("a passphrase that nobody has")

    def all(self) -> tuple[Account, ...]:
        """Every account, also closed ones, by name."""
        return tuple(self._known[key] for key in sorted(self._known))

    def named(self, name: str) -> Account | None:
        """The open account of a person."""
        found = self._known.get(_key(name))
        return found if found is not None and found.is_open else None

    def admitted(self, name: str, passphrase: str) -> Account | None:
        """The account whose passphrase this is; None if there is none, after the same work."""
        account = self.named(name)
        kept = self._nobody if account is None else account.passphrase
        try:
            self._hasher.verify(kept, _plain(passphrase))
        except (Argon2Error, InvalidHashError):
            return None
        return account

    def first(self, name: str, passphrase: str) -> Account:
        """The first account of all; RefusedError if there is one already."""
        with self._lock:
            if self._known:
                raise RefusedError("the first account was made already", advice="sign in with it")
            return self._keep(self._made(name, passphrase, FIRST))

    def add(self, name: str, passphrase: str, roles: tuple[Role, ...]) -> Account:
        """A further account; UsageError if the name is taken or there is nothing that it is for."""
        with self._lock:
            if _key(name) in self._known:
                raise UsageError(f"{name!r} has an account already", advice="choose another pseudonym")
            return self._keep(self._made(name, passphrase, roles))

    def change(self, name: str, roles: tuple[Role, ...], *, is_open: bool) -> Account:
        """Another set of roles, or a closed account; a case is never left without a custodian."""
        with self._lock:
            account = self._known.get(_key(name))
            if account is None:
                raise UsageError(f"nobody is called {name!r} here", advice="choose one of the list")
            changed = replace(account, roles=_required(roles), is_open=is_open)
            rest = [one for one in self._known.values() if one.is_open and _key(one.name) != _key(name)]
            left = [*rest, changed] if is_open else rest
            if not any(Role.CUSTODIAN in one.roles for one in left):
                raise RefusedError(
                    "nobody would be left who can let people in",
                    advice="make somebody else a custodian first",
                )
            return self._keep(changed)

    def _made(self, name: str, passphrase: str, roles: tuple[Role, ...]) -> Account:
        name = " ".join(normalize("NFC", name).split())
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise UsageError(f"a pseudonym has 1 to {LONGEST_NAME} signs in one line")
        try:
            person(name)
        except MalformedError as error:
            raise UsageError(str(error)) from error
        if not SHORTEST <= len(_plain(passphrase)) <= LONGEST:
            raise UsageError(f"a passphrase has {SHORTEST} to {LONGEST} signs: several words do well")
        if _key(name) in _key(passphrase):
            raise UsageError("the passphrase holds the pseudonym, which everyone knows")
        return Account(name, _required(roles), self._hasher.hash(_plain(passphrase)))

    def _keep(self, account: Account) -> Account:
        known = {**self._known, _key(account.name): account}
        write_book(self._path, [asdict(one) for one in known.values()])
        self._known = known
        return account


def _required(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles:
        raise UsageError("an account needs a role", advice="choose at least one")
    return tuple(role for role in Role if role in roles)


def _key(name: str) -> str:
    """Names that people would take for the same are the same."""
    return normalize("NFKC", " ".join(name.split())).casefold()


def _plain(passphrase: str) -> str:
    """A passphrase however its signs were typed."""
    return normalize("NFKC", passphrase)


def _read(path: Path) -> Mapping[str, Account]:
    def parse(written: Any) -> list[Account]:
        return [Account(**{**one, "roles": tuple(map(Role, one["roles"]))}) for one in written]

    read = read_book(
        path,
        parse,
        without="nobody can be let in",
        advice="put back a copy, or move the file away: the next start makes a first account again",
    )
    return {_key(one.name): one for one in read or ()}
