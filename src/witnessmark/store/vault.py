"""The key vault: personal values that records only commit to, and that can be destroyed.

A commitment is HMAC-SHA256 of the value under a random key of its own, so that nobody can try
names against it. Key and value lie together in one box (AES-256-GCM under the vault key of the
case, which is kept outside the store). Destroying the box erases the value for good; the
records and the log stay as they were.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from witnessmark.errors import IntegrityError
from witnessmark.model import Sealed
from witnessmark.ports import Opening

KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """Seals and opens personal values with one vault key; `name` tells keys apart and gives none away."""

    def __init__(self, vault_key: bytes) -> None:
        self._box = AESGCM(vault_key)
        self.name = hashlib.sha256(b"witnessmark vault name" + vault_key).hexdigest()
        self._lookup_key = hashlib.sha256(b"witnessmark vault lookup" + vault_key).digest()

    def seal(self, value: str) -> tuple[Sealed, bytes]:
        """The commitment to `value`, and the box that holds it."""
        content = value.encode("utf-8", "surrogatepass")
        fresh = os.urandom(KEY_BYTES + _NONCE_BYTES)
        key, nonce = fresh[:KEY_BYTES], fresh[KEY_BYTES:]
        commitment = Sealed("hmac-sha256:" + hmac.digest(key, content, "sha256").hex())
        return commitment, nonce + self._box.encrypt(nonce, key + content, commitment.encode())

    def open(self, commitment: Sealed, box: bytes) -> Opening:
        """The key and the value in `box`; IntegrityError if the value is not the one committed to."""
        try:
            opened = self._box.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], commitment.encode())
        except (InvalidTag, ValueError) as error:
            raise IntegrityError(
                f"the vault's box for {commitment} cannot be opened",
                advice="check that the vault key belongs to this case; if it does, restore from a copy",
            ) from error
        key, content = opened[:KEY_BYTES], opened[KEY_BYTES:]
        if hmac.digest(key, content, "sha256").hex() != commitment[12:]:
            raise IntegrityError(f"the vault's value for {commitment} is not the one committed to")
        return Opening(key, content.decode("utf-8", "surrogatepass"))

    def lookup(self, value: str) -> bytes:
        """A keyed hash by which the catalog finds equal values without holding them."""
        content = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, key=self._lookup_key, digest_size=8).digest()
