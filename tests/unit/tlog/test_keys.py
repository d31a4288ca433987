"""Keys, their text form, and the three kinds of signature."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog import (
    Algorithm,
    Checkpoint,
    Cosigner,
    Policy,
    Signer,
    Verifier,
    add_lines,
    open_checkpoint,
    sign,
)

# The example of the signed-note specification.
PUBLISHED_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED_TEXT = "This is an example message.\n"
PUBLISHED_SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
TEXT = Checkpoint("desk.example/log", 1, b"r" * 32).text()
ML_DSA = Algorithm.COSIGNATURE_ML_DSA_44


def value(line: str) -> bytes:
    return b64decode(line.removesuffix("\n").rpartition(" ")[2])


def test_the_published_example_key_checks_the_published_example() -> None:
    verifier = Verifier.from_vkey(PUBLISHED_VKEY)
    assert (verifier.name, verifier.key_id, verifier.algorithm) == ("example.com/foo", 0x530D903A, 1)
    assert verifier.vkey() == PUBLISHED_VKEY
    assert verifier.check(PUBLISHED_TEXT, b64decode(PUBLISHED_SIGNATURE)[4:]) is None
    with pytest.raises(IntegrityError, match=r"example\.com/foo\+530d903a is wrong"):
        verifier.check(PUBLISHED_TEXT + "\n", b64decode(PUBLISHED_SIGNATURE)[4:])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo o+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo\ud800+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AQ==",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
    ],
)
def test_a_vkey_with_one_fault_is_refused(vkey: str) -> None:
    with pytest.raises(MalformedError):
        Verifier.from_vkey(vkey)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\u3000b", "a\tb", "a\ufffdb"]
)
def test_a_name_with_a_space_or_a_plus_names_no_key(name: str) -> None:
    with pytest.raises(MalformedError, match="cannot be called"):
        Signer.generate(name)


def test_a_log_signature_states_no_time() -> None:
    signer = Signer.generate("desk.example/log")
    assert signer.verifier.check(TEXT, value(signer.sign_line(TEXT))[4:]) is None


@pytest.mark.parametrize("algorithm", [Algorithm.COSIGNATURE, ML_DSA])
def test_a_cosignature_states_its_time_and_covers_it(algorithm: Algorithm) -> None:
    cosigner = Cosigner.generate("witness.example/w", algorithm)
    signature = value(cosigner.sign_line(TEXT, 1_700_000_000))[4:]
    assert cosigner.verifier.algorithm is algorithm
    assert cosigner.verifier.check(TEXT, signature) == 1_700_000_000
    with pytest.raises(IntegrityError, match="is wrong"):
        cosigner.verifier.check(TEXT, (1_700_000_001).to_bytes(8, "big") + signature[8:])


def test_a_cosignature_is_over_the_message_of_the_specification() -> None:
    cosigner = Cosigner.from_private_bytes("w", bytes(range(32)))
    log = Signer.from_private_bytes("w", bytes(range(32)))
    signature = value(cosigner.sign_line(TEXT, 1_679_315_147))[4:]
    assert signature[8:] == value(log.sign_line("cosignature/v1\ntime 1679315147\n" + TEXT))[4:]


def test_an_ml_dsa_cosignature_is_over_the_message_of_the_specification() -> None:
    cosigner = Cosigner.from_private_bytes("w", bytes(range(32)), ML_DSA)
    signature = value(cosigner.sign_line(TEXT, 1_679_315_147))[4:]
    message = b"subtree/v1\n\0" + struct.pack(
        ">B1sQB16sQQ32s", 1, b"w", 1_679_315_147, 16, b"desk.example/log", 0, 1, b"r" * 32
    )
    MLDSA44PublicKey.from_public_bytes(cosigner.verifier.public_key).verify(signature[8:], message)


def timeless_line(name: str, private: bytes) -> tuple[Verifier, str]:
    """Return an ML-DSA-44 signature over TEXT that states no time, as logs make them."""
    verifier = Cosigner.from_private_bytes(name, private, ML_DSA).verifier
    message = b"subtree/v1\n\0" + struct.pack(
        f">B{len(name)}sQB16sQQ32s", len(name), name.encode(), 0, 16, b"desk.example/log", 0, 1, b"r" * 32
    )
    signature = MLDSA44PrivateKey.from_seed_bytes(private).sign(message)
    encoded = b64encode(verifier.key_id.to_bytes(4, "big") + bytes(8) + signature).decode()
    return verifier, f"— {name} {encoded}\n"


def test_a_log_may_sign_with_ml_dsa_and_states_no_time() -> None:
    verifier, line = timeless_line("desk.example/log", b"p" * 32)
    note = f"{TEXT}\n{line}".encode()
    checkpoint, opened = open_checkpoint(note, (verifier,), "desk.example/log")
    assert (checkpoint.size, opened.signatures[0].timestamp) == (1, None)
    assert Policy.parse(f"log {verifier.vkey()}\nquorum none\n").check(note) == ()


def test_a_witness_that_states_no_time_does_not_count() -> None:
    verifier, line = timeless_line("pq.example", b"p" * 32)
    log = Signer.generate("desk.example/log")
    policy = Policy.parse(f"log {log.verifier.vkey()}\nwitness pq {verifier.vkey()}\nquorum pq\n")
    with pytest.raises(IntegrityError, match="lacks its quorum"):
        policy.check(add_lines(sign(TEXT, log), line))


def test_a_witness_named_as_the_log_and_stating_no_time_cannot_stand_in_for_it() -> None:
    verifier, line = timeless_line("desk.example/log", b"p" * 32)
    log = Signer.generate("desk.example/log")
    policy = Policy.parse(f"log {log.verifier.vkey()}\nwitness pq {verifier.vkey()}\nquorum none\n")
    with pytest.raises(IntegrityError, match="not signed by an accepted log"):
        policy.check(f"{TEXT}\n{line}".encode())


def test_an_ml_dsa_cosignature_does_not_cover_and_so_does_not_take_extension_lines() -> None:
    text = TEXT + "more\n"
    cosigner = Cosigner.generate("w", ML_DSA)
    with pytest.raises(MalformedError, match="extension lines"):
        cosigner.sign_line(text, 1)
    with pytest.raises(IntegrityError, match=r"cannot have signed this text: .* extension lines"):
        cosigner.verifier.check(text, value(cosigner.sign_line(TEXT, 1))[4:])


def test_an_ml_dsa_cosignature_takes_names_of_255_bytes_and_no_longer_ones() -> None:
    assert Cosigner.generate("w" * 255, ML_DSA).sign_line(TEXT, 1)
    with pytest.raises(MalformedError, match="256 bytes"):
        Cosigner.generate("w" * 256, ML_DSA).sign_line(TEXT, 1)


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_no_cosignature_states_an_impossible_time(time: int) -> None:
    with pytest.raises(UsageError, match="cannot state the time"):
        Cosigner.generate("w").sign_line(TEXT, time)


@pytest.mark.parametrize("stamp", [b"\0" * 8, b"\x80" + b"\0" * 7])
def test_a_cosignature_over_an_impossible_time_is_refused(stamp: bytes) -> None:
    log = Signer.from_private_bytes("w", bytes(range(32)))
    cosigner = Cosigner.from_private_bytes("w", bytes(range(32)))
    time = int.from_bytes(stamp, "big")
    signature = value(log.sign_line(f"cosignature/v1\ntime {time}\n{TEXT}"))[4:]
    with pytest.raises(IntegrityError, match="wrong form"):
        cosigner.verifier.check(TEXT, stamp + signature)


@pytest.mark.parametrize("length", [0, 1, 8, 63, 65, 72])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(IntegrityError, match="wrong form"):
        Signer.generate("n").verifier.check(TEXT, b"s" * length)


def test_one_key_has_another_id_for_each_use() -> None:
    private = bytes(range(32))
    signer, cosigner = Signer.from_private_bytes("n", private), Cosigner.from_private_bytes("n", private)
    assert signer.verifier.public_key == cosigner.verifier.public_key
    assert signer.verifier.key_id != cosigner.verifier.key_id


def test_a_kept_private_key_signs_as_before() -> None:
    signer = Signer.generate("n")
    again = Signer.from_private_bytes("n", signer.private_bytes())
    assert again.sign_line(TEXT) == signer.sign_line(TEXT)
    for algorithm in (Algorithm.COSIGNATURE, ML_DSA):
        cosigner = Cosigner.generate("n", algorithm)
        kept = Cosigner.from_private_bytes("n", cosigner.private_bytes(), algorithm)
        assert kept.verifier == cosigner.verifier


def test_a_private_key_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedError, match="31 bytes"):
        Signer.from_private_bytes("n", b"s" * 31)
    with pytest.raises(MalformedError, match="33 bytes"):
        Cosigner.from_private_bytes("n", b"s" * 33)


def test_no_private_key_shows_itself() -> None:
    for key in (Signer.generate("n"), Cosigner.generate("n"), Cosigner.generate("n", ML_DSA)):
        shown = repr(key) + str(key)
        secret = key.private_bytes()
        assert not any(form in shown for form in (secret.hex(), b64encode(secret).decode(), repr(secret)))


def test_text_that_has_no_utf8_is_not_signed() -> None:
    with pytest.raises(MalformedError, match=r"U\+DC80"):
        Signer.generate("n").sign_line("a\udc80\n")
