"""An authenticator for tests without a browser: it makes passkeys and signs as WebAuthn has it."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode
from tests.servers.doors import ADDRESS

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey in one device; what it says can be bent by a test."""

    origin: str = ADDRESS
    host: str = "localhost"
    flags: int = PRESENT | VERIFIED
    uses: int = 0
    handle: str = ""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """What a browser sends after `navigator.credentials.create`."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        public = cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # ES256, as COSE has it
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        told = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": told, "transports": ["internal"]})

    def sign(self, options: dict[str, Any]) -> str:
        """What a browser sends after `navigator.credentials.get`."""
        data, client = self._data(0), self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        handle = websafe_decode(self.handle)
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": signature,
                "userHandle": handle,
            }
        )

    def _data(self, more: int) -> bytes:
        self.uses += 1
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + struct.pack(">I", self.uses)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.credential)
        written = {
            key: websafe_encode(value) if isinstance(value, bytes) else value
            for key, value in response.items()
        }
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": written,
             "clientExtensionResults": {}, "authenticatorAttachment": "platform"}
        )  # fmt: skip
