"""Factors: what proves besides a passphrase who somebody is: passkeys, one-time codes and recovery codes.

They lie beside the keys like accounts, in a file that only its owner may read. A code is good once: the
step of the last one is kept, so that whoever read it over a shoulder comes too late. Of a passkey only the
public half is here, with the count of its uses, which goes back only if somebody copied it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from witnessmark.errors import RefusedError, UsageError
from witnessmark.web.books import read_book, write_book

FILE_NAME = "factors.json"
STEP_S, DIGITS, EARLIER = 30, 6, 1
"""RFC 6238 as every app for codes has it by default; one step that is just over is still taken (5.2)."""
RECOVERY_CODES = 10
MOST_PASSKEYS = 10
"""How many passkeys one person can have."""
LONGEST_LABEL = 60
_HANDLE_BYTES = 32
_SECRET_BYTES = 20
_RECOVERY_BYTES = 10


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is kept: its name, what its owner calls it, its public half, and its count of uses.

    `credential` and `public` are base64url: the id that its authenticator gave it, and the attested
    credential data of WebAuthn (6.5.2).
    """

    name: str
    label: str
    credential: str
    public: str
    uses: int
    made_at: str


@dataclass(frozen=True, slots=True)
class Factors:
    """What one person has: the secret of their codes with the last step used, hashes of recovery codes.

    Their passkeys know them by `handle`, random bits that say nothing of who it is.
    """

    secret: str | None = None
    last_step: int = 0
    recovery: tuple[str, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    handle: str = ""

    @property
    def has_codes(self) -> bool:
        """Whether an app for codes was given a secret."""
        return self.secret is not None

    @property
    def asks_for_code(self) -> bool:
        """Whether a passphrase alone lets nobody in."""
        return self.has_codes or bool(self.passkeys)


class FactorBook:
    """The factors of everyone in one case. Every change is on the disk before it is acknowledged."""

    def __init__(self, path: Path, clock_s: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._known = _read(path)

    def of(self, name: str) -> Factors:
        """What a person has."""
        return self._known.get(name, Factors())

    def begin(self) -> str:
        """A fresh secret, which counts only once a code of it was shown back."""
        return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")

    def adopt(self, name: str, secret: str, given: str) -> tuple[str, ...]:
        """The recovery codes of a person who from now on is asked for codes; they are told this once."""
        with self._lock:
            if self.of(name).secret is not None:
                raise RefusedError("codes are asked for already", advice="end that first")
            step = self._step(secret, given, 0)
            if step is None:
                raise UsageError(
                    "that is not the code of now", advice="look whether the device's clock is right"
                )
            codes, hashes = _recovery_codes()
            self._keep(name, replace(self.of(name), secret=secret, last_step=step, recovery=hashes))
            return codes

    def accepts(self, name: str, given: str) -> str | None:
        """What lets a person in, `code` or `recovery code`, and is used up; None if nothing does."""
        with self._lock:
            mine = self.of(name)
            step = None if mine.secret is None else self._step(mine.secret, given, mine.last_step)
            if step is not None:
                self._keep(name, replace(mine, last_step=step))
                return "code"
            found = _hashed(given)
            if found in mine.recovery:
                left = tuple(one for one in mine.recovery if one != found)
                self._keep(name, replace(mine, recovery=left))
                return "recovery code"
            return None

    def end_codes(self, name: str) -> None:
        """No codes of an app are asked of a person any more; recovery codes stay beside passkeys."""
        with self._lock:
            left = replace(self.of(name), secret=None, last_step=0)
            self._keep(name, left if left.passkeys else Factors())

    def handle_of(self, name: str) -> str:
        """By what the passkeys of a person know them; made when it is first asked for."""
        with self._lock:
            mine = self.of(name)
            if not mine.handle:
                mine = replace(mine, handle=secrets.token_urlsafe(_HANDLE_BYTES))
                self._keep(name, mine)
            return mine.handle

    def add_passkey(self, name: str, label: str, credential: str, public: str, uses: int) -> Added:
        """The passkey of a person, and their recovery codes if they had none: they are told this once."""
        label = " ".join(label.split())
        if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
            raise UsageError(f"a passkey is called something, in 1 to {LONGEST_LABEL} signs")
        with self._lock:
            mine = self.of(name)
            if len(mine.passkeys) >= MOST_PASSKEYS:
                raise RefusedError(f"nobody has more than {MOST_PASSKEYS} passkeys", advice="end one first")
            if self._holder(credential) is not None:
                raise UsageError("this passkey is known here already", advice="use it to sign in")
            codes, hashes = _recovery_codes() if not mine.recovery else ((), mine.recovery)
            made_at = datetime.fromtimestamp(self._clock_s(), UTC).isoformat(timespec="seconds")
            made = Passkey(secrets.token_hex(6), label, credential, public, uses, made_at)
            self._keep(name, replace(mine, recovery=hashes, passkeys=(*mine.passkeys, made)))
            return made, codes

    def holder(self, credential: str, handle: str) -> tuple[str, Passkey] | None:
        """Who has a passkey, if it is the one whom the passkey takes them for."""
        found = self._holder(credential)
        is_theirs = found is not None and hmac.compare_digest(self.of(found[0]).handle, handle)
        return found if is_theirs else None

    def used(self, name: str, passkey: Passkey, uses: int) -> bool:
        """Whether a passkey counted on; if not, there may be a copy of it, and nothing is kept.

        Zero each time means that it does not count (WebAuthn 6.1.1).
        """
        with self._lock:
            mine = self.of(name)
            before = next((one.uses for one in mine.passkeys if one.name == passkey.name), None)
            if before is None or ((uses, before) != (0, 0) and uses <= before):
                return False
            counted = (replace(one, uses=uses) if one.name == passkey.name else one for one in mine.passkeys)
            self._keep(name, replace(mine, passkeys=tuple(counted)))
            return True

    def end_passkey(self, name: str, passkey: str) -> None:
        """Nobody gets in by a passkey any more; without any other factor recovery codes go too."""
        with self._lock:
            mine = self.of(name)
            kept = tuple(one for one in mine.passkeys if one.name != passkey)
            if kept == mine.passkeys:
                raise UsageError("there is no such passkey of yours")
            left = replace(mine, passkeys=kept)
            self._keep(name, left if left.asks_for_code else Factors())

    def forget(self, name: str) -> None:
        """Everything of a person is gone, as when their device is lost."""
        with self._lock:
            self._keep(name, Factors())

    # --- inner

    def _holder(self, credential: str) -> tuple[str, Passkey] | None:
        every = ((name, one) for name, mine in self._known.items() for one in mine.passkeys)
        return next((found for found in every if found[1].credential == credential), None)

    def _step(self, secret: str, given: str, last: int) -> int | None:
        """The step that a code is of, if it is of now or just before, and later than `last`."""
        given = "".join(given.split())
        now = int(self._clock_s()) // STEP_S
        steps = [step for step in range(now - EARLIER, now + 1) if step > last and given.isascii()]
        return next((step for step in steps if hmac.compare_digest(code_of(secret, step), given)), None)

    def _keep(self, name: str, factors: Factors) -> None:
        known = {**self._known, name: factors}
        write_book(self._path, {one: asdict(each) for one, each in known.items()})
        self._known = known


def code_of(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a step (RFC 6238 with HMAC-SHA-1, RFC 4226 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def address_of(secret: str, name: str, case: str) -> str:
    """What an app for codes reads (otpauth)."""
    label = quote(f"Witnessmark {case[:40]}:{name}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Witnessmark'})}"


Added = tuple[Passkey, tuple[str, ...]]
"""A passkey as it is kept, and recovery codes that nobody can be told again."""


def _recovery_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fresh recovery codes, and the hashes by which they are known again."""
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    return codes, tuple(map(_hashed, codes))


def _recovery_code() -> str:
    """80 random bits in four groups of four signs."""
    written = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def _hashed(code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> Mapping[str, Factors]:
    def parse(written: Any) -> dict[str, Factors]:
        return {name: _parsed(one) for name, one in written.items()}

    read = read_book(
        path,
        parse,
        without="nobody can be let in",
        advice="put back a copy; with the file moved away, passphrases alone let people in",
    )
    return read or {}


def _parsed(one: dict[str, Any]) -> Factors:
    passkeys = tuple(Passkey(**each) for each in one.get("passkeys", ()))
    return Factors(one["secret"], one["last_step"], tuple(one["recovery"]), passkeys, one.get("handle", ""))
