"""The vault: what is committed to comes back, cannot be guessed, and cannot be swapped."""

from __future__ import annotations

import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import IntegrityError
from witnessmark.model import Sealed
from witnessmark.store.vault import KEY_BYTES, Vault

VAULT = Vault(bytes(range(KEY_BYTES)))
NAMES = [f"person {number}" for number in range(10_000)]


@given(st.text(st.characters()))
def test_what_was_sealed_is_revealed(value: str) -> None:
    commitment, box = VAULT.seal(value)
    assert VAULT.open(commitment, box).value == value


def test_an_odd_file_name_is_kept_as_it_is() -> None:
    value = os.fsdecode(b"photo-\xff\xfe.jpg")
    assert VAULT.open(*VAULT.seal(value)).value == value


def test_the_same_value_twice_gives_two_commitments_and_one_lookup() -> None:
    assert VAULT.seal("the miller")[0] != VAULT.seal("the miller")[0]
    assert VAULT.lookup("the miller") == VAULT.lookup("the miller")
    assert VAULT.lookup("the miller") != Vault(os.urandom(KEY_BYTES)).lookup("the miller")


def test_a_list_of_names_confirms_nothing() -> None:
    """Neither plain hashes nor hashes under what a stranger knows give the commitment."""
    commitment, _ = VAULT.seal(NAMES[5000])
    known = commitment.removeprefix("hmac-sha256:")
    guesses = {hashlib.sha256(name.encode()).hexdigest() for name in NAMES}
    guesses |= {hmac.digest(bytes(KEY_BYTES), name.encode(), "sha256").hex() for name in NAMES}
    guesses |= {hmac.digest(name.encode(), name.encode(), "sha256").hex() for name in NAMES}
    assert known not in guesses


def test_nothing_of_the_value_stands_in_its_box() -> None:
    _, box = VAULT.seal("the miller of the lower village")
    assert b"miller" not in box


def test_every_flipped_bit_of_a_box_is_noticed() -> None:
    commitment, box = VAULT.seal("the miller")
    for bit in range(len(box) * 8):
        altered = bytearray(box)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError):
            VAULT.open(commitment, bytes(altered))


def test_the_box_of_another_value_is_refused() -> None:
    commitment, _ = VAULT.seal("the miller")
    _, other = VAULT.seal("the baker")
    with pytest.raises(IntegrityError):
        VAULT.open(commitment, other)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(IntegrityError, match="cannot be opened"):
        Vault(os.urandom(KEY_BYTES)).open(*VAULT.seal("the miller"))


@pytest.mark.parametrize("box", [b"", b"short", bytes(12), bytes(100)])
def test_what_is_no_box_is_refused(box: bytes) -> None:
    with pytest.raises(IntegrityError):
        VAULT.open(Sealed("hmac-sha256:" + "ab" * 32), box)


def test_the_commitment_is_made_as_the_format_says() -> None:
    """docs/explanation/format/store.md, by other means than the vault's own."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    commitment, box = VAULT.seal("ملح")
    opened = AESGCM(bytes(range(KEY_BYTES))).decrypt(box[:12], box[12:], commitment.encode())
    key, value = opened[:32], opened[32:]
    assert value.decode() == "ملح"
    assert commitment == "hmac-sha256:" + hmac.new(key, value, hashlib.sha256).hexdigest()
    lookup_key = hashlib.sha256(b"witnessmark vault lookup" + bytes(range(KEY_BYTES))).digest()
    assert VAULT.lookup("ملح") == hashlib.blake2b(value, key=lookup_key, digest_size=8).digest()
