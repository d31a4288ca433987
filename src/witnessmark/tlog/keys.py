"""The keys of signed notes: who can sign, and who can tell whether they did.

Two kinds of signature are made and checked here: that of a log over its checkpoint (Ed25519, type
0x01 of C2SP signed-note) and that of a witness who states when it saw the checkpoint (Ed25519
cosignature, type 0x04 of C2SP tlog-cosignature).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog.strict import LARGEST, UNFIT, base64, unbase64

_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_VKEY = re.compile(r"([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]*)")


class Algorithm(IntEnum):
    """The signature types in use, by their byte."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name: enough to tell whether a signature is its own."""

    name: str
    algorithm: Algorithm
    public_key: bytes
    key_id: int = field(init=False)
    _loaded: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.public_key) != _KEY_BYTES:
            raise MalformedError(f"the key {self.name} has {len(self.public_key)} bytes, not {_KEY_BYTES}")
        typed = bytes((self.algorithm,)) + self.public_key
        digest = sha256(self.name.encode() + b"\n" + typed).digest()
        object.__setattr__(self, "key_id", int.from_bytes(digest[:4], "big"))
        object.__setattr__(self, "_loaded", Ed25519PublicKey.from_public_bytes(self.public_key))

    @classmethod
    def from_vkey(cls, vkey: str) -> Verifier:
        """Return the key that `vkey` spells: name, key id and key, joined by plus signs."""
        parts = _VKEY.fullmatch(vkey)
        if parts is None:
            raise MalformedError(f"not a verifier key of the form name+id+key: {vkey[:120]!r}")
        name, key_id, encoded = parts.groups()
        typed = unbase64(encoded, f"the key {name}")
        if not typed or typed[0] not in set(Algorithm):
            raise MalformedError(f"the key {name} is of an unknown type")
        verifier = cls(name, Algorithm(typed[0]), typed[1:])
        if f"{verifier.key_id:08x}" != key_id:
            raise MalformedError(f"the key {name} has id {verifier.key_id:08x}, not {key_id}")
        return verifier

    def vkey(self) -> str:
        """Return the key as text, for configuration files and printed letters."""
        return f"{self.name}+{self.key_id:08x}+{base64(bytes((self.algorithm,)) + self.public_key)}"

    def check(self, text: str, signature: bytes) -> int | None:
        """Return the time that a cosignature states, None for a log's; raise if it is not a good one."""
        timestamp, message, raw = None, text.encode(), signature
        if self.algorithm is Algorithm.COSIGNATURE:
            timestamp, raw = int.from_bytes(signature[:_TIME_BYTES], "big"), signature[_TIME_BYTES:]
            message = _cosigned(text, timestamp)
        if len(raw) != _SIGNATURE_BYTES or (timestamp is not None and not 0 < timestamp <= LARGEST):
            raise IntegrityError(f"the signature of {self.name}+{self.key_id:08x} has the wrong form")
        try:
            self._loaded.verify(raw, message)
        except InvalidSignature as error:
            raise IntegrityError(f"the signature of {self.name}+{self.key_id:08x} is wrong") from error
        return timestamp


class Signer:
    """A log's private key under its name."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.verifier = Verifier(name, Algorithm.ED25519, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Signer:
        """Return a new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, name: str, private: bytes) -> Signer:
        """Return the key that was kept as 32 private bytes."""
        return cls(name, _load_private(name, private))

    def private_bytes(self) -> bytes:
        """Return the 32 bytes to keep secret."""
        return self._private.private_bytes_raw()

    def sign_line(self, text: str) -> str:
        """Return the line that signs `text`, to stand under it."""
        return _line(self.verifier, self._private.sign(text.encode()))


class Cosigner:
    """A witness's private key under its name."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.verifier = Verifier(name, Algorithm.COSIGNATURE, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Cosigner:
        """Return a new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, name: str, private: bytes) -> Cosigner:
        """Return the key that was kept as 32 private bytes."""
        return cls(name, _load_private(name, private))

    def private_bytes(self) -> bytes:
        """Return the 32 bytes to keep secret."""
        return self._private.private_bytes_raw()

    def sign_line(self, text: str, unix_time: int) -> str:
        """Return the line by which the witness states that it saw checkpoint `text` at `unix_time`."""
        if not 0 < unix_time <= LARGEST:
            raise UsageError(f"a cosignature cannot state the time {unix_time}")
        signature = self._private.sign(_cosigned(text, unix_time))
        return _line(self.verifier, unix_time.to_bytes(_TIME_BYTES, "big") + signature)


def is_key_name(name: str) -> bool:
    """Tell whether `name` can name a key: not empty, no space of any script, no plus, nothing unfit."""
    return bool(name) and "+" not in name and not (UNFIT.search(name) or any(map(str.isspace, name)))


def _require_name(name: str) -> None:
    if not is_key_name(name):
        raise MalformedError(f"a key cannot be called {name!r}: spaces and plus signs are not allowed")


def _load_private(name: str, private: bytes) -> Ed25519PrivateKey:
    if len(private) != _KEY_BYTES:
        raise MalformedError(f"the private key of {name} has {len(private)} bytes, not {_KEY_BYTES}")
    return Ed25519PrivateKey.from_private_bytes(private)


def _cosigned(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def _line(verifier: Verifier, signature: bytes) -> str:
    return f"— {verifier.name} {base64(verifier.key_id.to_bytes(4, 'big') + signature)}\n"
