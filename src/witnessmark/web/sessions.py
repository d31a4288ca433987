"""Sessions: who is in, by what token; one-time links; grants of collected bytes; and who has to wait.

All of it lies in memory and is gone when the service ends. Tokens are kept as hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from witnessmark.desk import Desk
from witnessmark.desk.reviewing import Reviewing
from witnessmark.model import Agent, Digest, person
from witnessmark.web.accounts import Account

IDLE_S = 60 * 60
LONGEST_S = 12 * 60 * 60
LINK_S = 30 * 60
HALF_S = 5 * 60
CHALLENGE_S = 3 * 60
GRANT_S = 10 * 60
_MOST_SESSIONS = 200
_MOST_GRANTS = 5_000
_FREE_TRIES = 5
_LONGEST_WAIT_S = 15 * 60


@dataclass(slots=True)
class Session:
    """One person in one browser, with a desk that acts in their name."""

    account: Account
    desk: Desk
    form_token: str
    began_s: float
    seen_s: float
    language: str
    key: str
    drafts: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    sitting: Reviewing | None = None
    offered: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to fetch one thing from the host of collected bytes, as long as the session lives."""

    session: str
    what: str
    digest: Digest | None
    until_s: float
    detail: str = ""


@dataclass(slots=True)
class Link:
    """A one-time link: for whom it is, or None for whoever makes the first account."""

    name: str | None
    until_s: float


@dataclass(slots=True)
class Half:
    """Somebody who gave their passphrase and has still to give a code."""

    name: str
    until_s: float


@dataclass(frozen=True, slots=True)
class Challenge:
    """Random bits for a passkey to sign, and for what: a session's own key, or nothing at the door."""

    whose: str
    until_s: float


_K = TypeVar("_K")
_T = TypeVar("_T", Half, Challenge)


@dataclass(slots=True)
class Sessions:
    """Everyone who is in; `clock_s` never goes back."""

    clock_s: Callable[[], float]
    _sessions: dict[str, Session] = field(default_factory=dict)
    _links: dict[str, Link] = field(default_factory=dict)
    _grants: dict[str, Grant] = field(default_factory=dict)
    _programs: dict[str, Session] = field(default_factory=dict)
    _halves: dict[str, Half] = field(default_factory=dict)
    _challenges: dict[bytes, Challenge] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, account: Account, desk: Desk, language: str) -> str:
        """The token of a new session."""
        token, now = secrets.token_urlsafe(32), self.clock_s()
        with self._lock:
            self._drop_old(now)
            if len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.pop(min(self._sessions, key=lambda one: self._sessions[one].seen_s))
            key = _hashed(token)
            self._sessions[key] = Session(account, desk, secrets.token_urlsafe(24), now, now, language, key)
        return token

    def of(self, token: str) -> Session | None:
        """The session that a token stands for, if it still lives."""
        now = self.clock_s()
        with self._lock:
            self._drop_old(now)
            session = self._sessions.get(_hashed(token))
            if session is not None:
                session.seen_s = now
        return session

    def of_program(
        self, name: str, account: Account, at_work: Callable[[Agent], Desk]
    ) -> tuple[Session, bool]:
        """The session of the program that has a token, and whether it begins now."""
        now = self.clock_s()
        with self._lock:
            found = self._programs.get(name)
            is_new = found is None
            if found is None:
                desk = at_work(person(account.name))
                found = self._programs[name] = Session(account, desk, "", now, now, "en", f"token {name}")
            found.account, found.seen_s = account, now  # parts may have been changed meanwhile
            return found, is_new

    def lives(self, session: Session) -> bool:
        """Whether a session is still good."""
        now = self.clock_s()
        with self._lock:
            self._drop_old(now)
            return session.key in self._sessions

    def end(self, session: Session) -> None:
        """Nobody is let in by this session any more, and nothing that it granted is given out."""
        with self._lock:
            self._sessions.pop(session.key, None)

    def end_all_of(self, name: str) -> None:
        """End every session of a person."""
        with self._lock:
            for key in [key for key, one in self._sessions.items() if one.account.name == name]:
                del self._sessions[key]

    # --- halfway in

    def halfway(self, name: str) -> str:
        """The token of somebody whose passphrase was right; by itself it lets nobody in."""
        token, now = secrets.token_urlsafe(24), self.clock_s()
        with self._lock:
            self._halves = _still_good(self._halves, now) | {_hashed(token): Half(name, now + HALF_S)}
        return token

    def half(self, token: str, *, use: bool) -> str | None:
        """Who is halfway in by a token, if it is not too old; with `use` it is used up."""
        key, now = _hashed(token), self.clock_s()
        with self._lock:
            found = self._halves.get(key)
            if found is None or found.until_s < now:
                return None
            if use:
                del self._halves[key]
            return found.name

    # --- challenges for passkeys

    def challenge(self, whose: str) -> bytes:
        """Fresh random bits, good once and for a few minutes, for whom they are given."""
        made, now = secrets.token_bytes(32), self.clock_s()
        with self._lock:
            self._challenges = _still_good(self._challenges, now) | {
                made: Challenge(whose, now + CHALLENGE_S)
            }
        return made

    def challenged(self, bits: bytes, whose: str) -> bool:
        """Whether these bits were given out for them and are not too old; they are used up by asking."""
        with self._lock:
            found = self._challenges.pop(bits, None)
        return found is not None and found.whose == whose and found.until_s >= self.clock_s()

    # --- one-time links

    def link(self, name: str | None) -> str:
        """The token of a link that lets one person in once."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._links[_hashed(token)] = Link(name, self.clock_s() + LINK_S)
        return token

    def linked(self, token: str, *, use: bool) -> Link | None:
        """What a link is for, if it was not used and is not too old; with `use` it is used up."""
        key, now = _hashed(token), self.clock_s()
        with self._lock:
            found = self._links.get(key)
            if found is None or found.until_s < now:
                return None
            if use:
                del self._links[key]
            return found

    # --- grants

    def grant(self, session: Session, what: str, digest: Digest | None = None, detail: str = "") -> str:
        """The token by which the other host gives out one thing."""
        token, now = secrets.token_urlsafe(24), self.clock_s()
        with self._lock:
            for key in [key for key, one in self._grants.items() if one.until_s < now]:
                del self._grants[key]
            while len(self._grants) >= _MOST_GRANTS:
                del self._grants[next(iter(self._grants))]
            self._grants[_hashed(token)] = Grant(session.key, what, digest, now + GRANT_S, detail)
        return token

    def granted(self, token: str) -> tuple[Session, Grant] | None:
        """What a token gives leave for, if its session still lives."""
        now = self.clock_s()
        with self._lock:
            self._drop_old(now)
            found = self._grants.get(_hashed(token))
            session = None if found is None else self._sessions.get(found.session)
            if found is None or session is None or found.until_s < now:
                return None
            return session, found

    def _drop_old(self, now: float) -> None:
        old = [
            key
            for key, one in self._sessions.items()
            if now - one.seen_s > IDLE_S or now - one.began_s > LONGEST_S
        ]
        for key in old:
            del self._sessions[key]


@dataclass(slots=True)
class Attempts:
    """Slows down whoever guesses: after some tries each next one has to wait twice as long."""

    clock_s: Callable[[], float]
    _failed: dict[str, tuple[int, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, *names: str) -> int:
        """For how many seconds none of these may try; 0 if they may."""
        now = self.clock_s()
        with self._lock:
            return max((self._wait_s(_hashed(name), now) for name in names), default=0)

    def failed(self, *names: str) -> None:
        """One more try that failed, under each of these names."""
        now = self.clock_s()
        with self._lock:
            if len(self._failed) > 10_000:
                self._failed = {
                    key: one for key, one in self._failed.items() if now - one[1] < _LONGEST_WAIT_S
                }
            for key in map(_hashed, names):
                self._failed[key] = (self._failed.get(key, (0, now))[0] + 1, now)

    def succeeded(self, *names: str) -> None:
        """Whoever got in has nothing to wait for."""
        with self._lock:
            for key in map(_hashed, names):
                self._failed.pop(key, None)

    def _wait_s(self, key: str, now: float) -> int:
        count, last = self._failed.get(key, (0, now))
        if count < _FREE_TRIES:
            return 0
        wait = min(_LONGEST_WAIT_S, 2 ** min(count - _FREE_TRIES + 1, 20))
        return max(0, int(last + wait - now + 0.999))


def same(one: str, other: str) -> bool:
    """Whether two tokens are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _still_good(kept: Mapping[_K, _T], now: float) -> dict[_K, _T]:
    """Those that have not run out, without the oldest where there is no room for one more."""
    good = [(key, one) for key, one in kept.items() if one.until_s >= now]
    return dict(good[max(0, len(good) - _MOST_SESSIONS + 1) :])


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
