"""Tokens: how a program comes in, in the name of a person and with no more than that person may do.

They lie beside the keys like accounts, as hashes: a token is shown once, when it is made. It says what it is
for, ends by itself, and can be taken back at any time.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from witnessmark.errors import RefusedError, UsageError
from witnessmark.web.books import read_book, write_book

FILE_NAME = "tokens.json"
BEGINS = "wmk_"
"""How every token begins, so that one which was left lying about is known for what it is."""
LONGEST_DAYS = 366
LONGEST_LABEL = 60
MOST_EACH = 20
"""How many tokens one person can have."""


class Scope(StrEnum):
    """What a token is for; what it can do is what both its scopes and its owner's parts allow."""

    READ = "read"
    WRITE = "write"
    CUSTODY = "custody"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: whose, for what, until when, and the hash by which it is known again."""

    name: str
    owner: str
    label: str
    scopes: tuple[Scope, ...]
    made_at: datetime
    until: datetime
    kept: str


class Tokens:
    """The tokens of one case. Every change is on the disk before it is acknowledged."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._known = _read(path)

    def all(self) -> tuple[Token, ...]:
        """Every token that still lives, the oldest first."""
        now = self._now()
        return tuple(one for one in self._known.values() if one.until > now)

    def make(self, owner: str, label: str, scopes: tuple[Scope, ...], days: int) -> tuple[str, Token]:
        """A new token, which is told this once, and how it is kept."""
        label = " ".join(label.split())
        if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
            raise UsageError(f"say what the token is for, in 1 to {LONGEST_LABEL} signs")
        if not scopes:
            raise UsageError("a token that may do nothing is of no use", advice="choose at least one scope")
        if not 1 <= days <= LONGEST_DAYS:
            raise UsageError(f"a token lives 1 to {LONGEST_DAYS} days")
        secret = BEGINS + secrets.token_urlsafe(32)
        now = self._now()
        chosen = tuple(scope for scope in Scope if scope in scopes)
        made = Token(
            secrets.token_hex(6), owner, label, chosen, now, now + timedelta(days=days), _hashed(secret)
        )
        with self._lock:
            living = {one.kept: one for one in self.all()}
            if sum(one.owner == owner for one in living.values()) >= MOST_EACH:
                raise RefusedError(f"nobody has more than {MOST_EACH} tokens", advice="take one back first")
            self._keep({**living, made.kept: made})
        return secret, made

    def of(self, secret: str) -> Token | None:
        """The token that was shown as `secret`, if it still lives."""
        found = self._known.get(_hashed(secret))
        return found if found is not None and found.until > self._now() else None

    def named(self, name: str) -> Token | None:
        """The token of a name that is no secret."""
        return next((one for one in self.all() if one.name == name), None)

    def revoke(self, name: str) -> Token:
        """The token that nobody can use any more."""
        with self._lock:
            found = self.named(name)
            if found is None:
                raise UsageError("there is no such token any more")
            self._keep({kept: one for kept, one in self._known.items() if one.name != name})
        return found

    def revoke_all_of(self, owner: str) -> None:
        """Nobody gets in by any token of a person any more."""
        with self._lock:
            self._keep({kept: one for kept, one in self._known.items() if one.owner != owner})

    def _keep(self, known: Mapping[str, Token]) -> None:
        write_book(self._path, [_written(one) for one in known.values()])
        self._known = dict(known)


def _written(one: Token) -> dict[str, Any]:
    return {**asdict(one), "made_at": one.made_at.isoformat(), "until": one.until.isoformat()}


def _hashed(secret: str) -> str:
    """The hash of 256 random bits: nobody can try them all, so it need not be a slow one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> dict[str, Token]:
    read = read_book(
        path,
        lambda written: list(map(_parsed, written)),
        without="no program can be let in",
        advice="move the file away and make the tokens again",
    )
    return {one.kept: one for one in read or ()}


def _parsed(one: dict[str, Any]) -> Token:
    times = {name: datetime.fromisoformat(one[name]) for name in ("made_at", "until")}
    return Token(**{**one, **times, "scopes": tuple(map(Scope, one["scopes"]))})
