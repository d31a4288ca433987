"""The keys of signed notes: who can sign, and who can tell whether they did.

A log signs its checkpoint (Ed25519, type 0x01 of C2SP signed-note). A witness cosigns and states
when (C2SP tlog-cosignature: Ed25519, type 0x04, or ML-DSA-44, type 0x06, which also outlasts
quantum computers; a log may sign with it too, and then states no time).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from witnessmark.errors import IntegrityError, MalformedError, UnavailableError, UsageError
from witnessmark.tlog.checkpoint import Checkpoint
from witnessmark.tlog.strict import LARGEST, UNFIT, base64, shown, unbase64

_PRIVATE_BYTES = 32
_TIME_BYTES = 8
_LONGEST_NAME = 255
_VKEY = re.compile(r"([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]*)")


class Algorithm(IntEnum):
    """The signature types in use, by the byte that C2SP gives them."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06

    @property
    def is_cosignature(self) -> bool:
        """Whether such a signature states a time, as a witness's does."""
        return self is not Algorithm.ED25519


def _check_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Libsodium's check: half the time of OpenSSL's, and no key or signature that has two readings."""
    crypto_sign_open(signature + message, public_key)


def _check_ml_dsa_44(public_key: bytes, signature: bytes, message: bytes) -> None:
    MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How long keys and signatures are, and what raises unless a signature is good."""

    key_bytes: int
    signature_bytes: int
    check: Callable[[bytes, bytes, bytes], None]


_ED25519 = _Scheme(32, 64, _check_ed25519)
_SCHEMES = {
    Algorithm.ED25519: _ED25519,
    Algorithm.COSIGNATURE: _ED25519,
    Algorithm.COSIGNATURE_ML_DSA_44: _Scheme(1312, 2420, _check_ml_dsa_44),
}


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name: enough to tell whether a signature is its own."""

    name: str
    algorithm: Algorithm
    public_key: bytes
    key_id: int = field(init=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise MalformedError(
                f"a key cannot be called {shown(self.name)}: spaces and plus signs are not allowed"
            )
        wanted = _SCHEMES[self.algorithm].key_bytes
        if len(self.public_key) != wanted:
            raise MalformedError(f"the key {shown(self.name)} has {len(self.public_key)} bytes, not {wanted}")
        digest = sha256(self.name.encode() + b"\n" + self._typed()).digest()
        object.__setattr__(self, "key_id", int.from_bytes(digest[:4], "big"))

    @classmethod
    def from_vkey(cls, vkey: str) -> Verifier:
        """Return the key that `vkey` spells: name, key id and key, joined by plus signs."""
        parts = _VKEY.fullmatch(vkey)
        if parts is None:
            raise MalformedError(f"not a verifier key of the form name+id+key: {shown(vkey)}")
        name, key_id, encoded = parts.groups()
        typed = unbase64(encoded, f"the key {shown(name)}")
        if not typed or typed[0] not in set(Algorithm):
            raise MalformedError(f"the key {shown(name)} is of an unknown type")
        verifier = cls(name, Algorithm(typed[0]), typed[1:])
        if f"{verifier.key_id:08x}" != key_id:
            raise MalformedError(f"the key {shown(name)} has id {verifier.key_id:08x}, not {key_id}")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id:08x}"

    def vkey(self) -> str:
        """Return the key as text, for configuration files and printed letters."""
        return f"{self}+{base64(self._typed())}"

    def check(self, text: str, signature: bytes) -> int | None:
        """Return the time that a cosignature states, None if it states none; raise if it is not good."""
        scheme = _SCHEMES[self.algorithm]
        at = _TIME_BYTES if self.algorithm.is_cosignature else 0
        timestamp = int.from_bytes(signature[:at], "big")
        timeless = timestamp == 0 and self.algorithm is Algorithm.COSIGNATURE
        if len(signature) != at + scheme.signature_bytes or timestamp > LARGEST or timeless:
            raise IntegrityError(f"the signature of {self} has the wrong form")
        try:
            message = _message(self, text, timestamp)
        except MalformedError as error:
            raise IntegrityError(f"{self} cannot have signed this text: {error}") from error
        try:
            scheme.check(self.public_key, signature[at:], message)
        except (BadSignatureError, InvalidSignature) as error:
            raise IntegrityError(f"the signature of {self} is wrong") from error
        except UnsupportedAlgorithm as error:
            raise UnavailableError(f"this installation cannot check the signature of {self}") from error
        return timestamp or None

    def _typed(self) -> bytes:
        return bytes((self.algorithm,)) + self.public_key


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
        _require_private(name, private)
        return cls(name, Ed25519PrivateKey.from_private_bytes(private))

    def private_bytes(self) -> bytes:
        """Return the 32 bytes to keep secret."""
        return self._private.private_bytes_raw()

    def sign_line(self, text: str) -> str:
        """Return the line that signs `text`, to stand under it."""
        return _line(self.verifier, self._private.sign(_message(self.verifier, text, 0)))


class Cosigner:
    """A witness's private key under its name; Ed25519 unless said otherwise."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, private: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
        self._private = private
        algorithm = Algorithm.COSIGNATURE
        if isinstance(private, MLDSA44PrivateKey):
            algorithm = Algorithm.COSIGNATURE_ML_DSA_44
        self.verifier = Verifier(name, algorithm, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, algorithm: Algorithm = Algorithm.COSIGNATURE) -> Cosigner:
        """Return a new key."""
        if algorithm is Algorithm.COSIGNATURE_ML_DSA_44:
            return cls(name, MLDSA44PrivateKey.generate())
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(
        cls, name: str, private: bytes, algorithm: Algorithm = Algorithm.COSIGNATURE
    ) -> Cosigner:
        """Return the key that was kept as 32 private bytes."""
        _require_private(name, private)
        if algorithm is Algorithm.COSIGNATURE_ML_DSA_44:
            return cls(name, MLDSA44PrivateKey.from_seed_bytes(private))
        return cls(name, Ed25519PrivateKey.from_private_bytes(private))

    def private_bytes(self) -> bytes:
        """Return the 32 bytes to keep secret."""
        return self._private.private_bytes_raw()

    def sign_line(self, text: str, unix_time: int) -> str:
        """Return the line by which the witness states that it saw checkpoint `text` at `unix_time`."""
        if not 0 < unix_time <= LARGEST:
            raise UsageError(f"a cosignature cannot state the time {unix_time}")
        signature = self._private.sign(_message(self.verifier, text, unix_time))
        return _line(self.verifier, unix_time.to_bytes(_TIME_BYTES, "big") + signature)


def is_key_name(name: str) -> bool:
    """Tell whether `name` can name a key: not empty, no space of any script, no plus, nothing unfit."""
    return bool(name) and "+" not in name and not (UNFIT.search(name) or any(map(str.isspace, name)))


def _require_private(name: str, private: bytes) -> None:
    if len(private) != _PRIVATE_BYTES:
        raise MalformedError(f"the private key of {name} has {len(private)} bytes, not {_PRIVATE_BYTES}")


def _message(verifier: Verifier, text: str, timestamp: int) -> bytes:
    if found := UNFIT.search(text):
        raise MalformedError(f"a note cannot hold the character U+{ord(found.group()):04X}")
    if verifier.algorithm is Algorithm.ED25519:
        return text.encode()
    if verifier.algorithm is Algorithm.COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    checkpoint = Checkpoint.parse(text)
    if checkpoint.extensions:
        raise MalformedError(
            f"ML-DSA-44 cosigning of {shown(checkpoint.origin)} would not cover its extension lines"
        )
    return b"".join(
        (
            b"subtree/v1\n\x00",
            _prefixed(verifier.name),
            timestamp.to_bytes(_TIME_BYTES, "big"),
            _prefixed(checkpoint.origin),
            (0).to_bytes(8, "big"),  # a checkpoint is the subtree that begins with the first entry
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _prefixed(name: str) -> bytes:
    octets = name.encode()
    if len(octets) > _LONGEST_NAME:
        raise MalformedError(f"the name {shown(name)} has {len(octets)} bytes; ML-DSA-44 cosigning takes 255")
    return bytes((len(octets),)) + octets


def _line(verifier: Verifier, signature: bytes) -> str:
    return f"— {verifier.name} {base64(verifier.key_id.to_bytes(4, 'big') + signature)}\n"
