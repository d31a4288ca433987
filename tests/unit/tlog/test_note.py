"""Opening notes: what is accepted, and every single way of being refused."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog import (
    EMPTY_ROOT,
    Algorithm,
    Checkpoint,
    Cosigner,
    Signer,
    VerifiedSignature,
    Verifier,
    add_lines,
    open_checkpoint,
    open_note,
    parse_note,
    sign,
)

LOG = Signer.from_private_bytes("desk.example/log", b"l" * 32)
WITNESS = Cosigner.from_private_bytes("witness.example/w", b"w" * 32)
STRANGER = Signer.from_private_bytes("stranger.example", b"s" * 32)
CHECKPOINT = Checkpoint("desk.example/log", 7, b"r" * 32)
TEXT = CHECKPOINT.text()
NOTE = sign(TEXT, LOG)
KNOWN = (LOG.verifier, WITNESS.verifier)
LINE = LOG.sign_line(TEXT)


def test_a_note_tells_who_signed_it_and_when() -> None:
    note = add_lines(NOTE, WITNESS.sign_line(TEXT, 1_700_000_000), STRANGER.sign_line(TEXT))
    opened = open_note(note, KNOWN)
    assert opened.text == TEXT
    assert opened.signatures == (
        VerifiedSignature(LOG.verifier.name, LOG.verifier.key_id, None),
        VerifiedSignature(WITNESS.verifier.name, WITNESS.verifier.key_id, 1_700_000_000),
    )
    assert opened.unknown == (str(STRANGER.verifier),)


def test_a_note_has_the_form_of_the_specification() -> None:
    assert f"{TEXT}\n{LINE}".encode() == NOTE
    assert LINE.startswith("— desk.example/log ")
    assert str(parse_note(NOTE).lines[0]) == LINE


def test_the_text_of_a_note_may_hold_empty_lines() -> None:
    text = "one\n\n\ntwo\n"
    assert open_note(sign(text, LOG), KNOWN).text == text


def test_a_note_that_no_known_key_signed_is_refused_by_name() -> None:
    with pytest.raises(IntegrityError, match=r"no known key .* 'stranger\.example\+"):
        open_note(sign(TEXT, STRANGER), KNOWN)
    with pytest.raises(IntegrityError, match="no known key"):
        open_note(NOTE, ())


def test_one_wrong_signature_by_a_known_key_condemns_the_note() -> None:
    wrong = WITNESS.sign_line("another text\n", 5)
    with pytest.raises(IntegrityError, match=r"witness\.example/w\+[0-9a-f]{8} is wrong"):
        open_note(add_lines(NOTE, wrong), KNOWN)


def test_a_key_with_the_right_name_and_another_id_is_a_stranger() -> None:
    other = Signer.from_private_bytes(LOG.verifier.name, b"o" * 32)
    opened = open_note(add_lines(NOTE, other.sign_line(TEXT)), KNOWN)
    assert opened.unknown == (str(other.verifier),)


def test_a_known_key_twice_in_the_list_is_one_key() -> None:
    assert len(open_note(NOTE, [LOG.verifier, Verifier.from_vkey(LOG.verifier.vkey())]).signatures) == 1


def test_two_different_keys_of_one_name_and_id_are_not_told_apart_by_luck() -> None:
    seen: dict[bytes, bytes] = {}
    for number in range(2**20):  # by the birthday rule some 80,000 keys are enough
        key = number.to_bytes(32, "big")
        key_id = sha256(b"name\n\x01" + key).digest()[:4]
        if key_id in seen:
            break
        seen[key_id] = key
    twins = [Verifier("name", Algorithm.ED25519, each) for each in (key, seen[key_id])]
    with pytest.raises(UsageError, match="two different keys are both called name"):
        open_note(NOTE, twins)


def test_sixteen_and_a_hundred_signatures_are_read_and_no_more() -> None:
    lines = [Signer.generate(f"key{number}").sign_line(TEXT) for number in range(100)]
    assert len(open_note(add_lines(NOTE, *lines[:99]), KNOWN).unknown) == 99
    with pytest.raises(MalformedError, match="101 signatures"):
        add_lines(NOTE, *lines)


def test_a_note_of_a_million_bytes_is_read_and_no_longer_one() -> None:
    longest = 1_000_000 - len(f"\n{LINE}".encode())
    assert open_note(sign("x" * (longest - 1) + "\n", LOG), KNOWN)
    with pytest.raises(MalformedError, match="over the limit"):
        sign("x" * longest + "\n", LOG)


def forged(name: str, value: bytes | str) -> bytes:
    encoded = value if isinstance(value, str) else b64encode(value).decode()
    return f"{TEXT}\n{LINE}— {name} {encoded}\n".encode()


MALFORMED = {
    "nothing": b"",
    "no blank line": TEXT.encode() + LINE.encode(),
    "no signature": f"{TEXT}\n".encode(),
    "no text": f"\n{LINE}".encode(),
    "no newline at the end": NOTE[:-1],
    "an empty line at the end": NOTE + b"\n",
    "two empty lines at the end": NOTE + b"\n\n",
    "a carriage return": NOTE.replace(b"\n", b"\r\n"),
    "a tab in the text": b"\t" + NOTE,
    "a zero byte": b"\0" + NOTE,
    "an escape sign": b"\x1b[1m" + NOTE,
    "a replacement sign": "\ufffd".encode() + NOTE,
    "half a pair": b"\xed\xa0\x80" + NOTE,
    "an overlong newline": b"\xc0\x8a" + NOTE,
    "a torn UTF-8 sequence": b"\xe2\x80" + NOTE,
    "a code point past the last": b"\xf4\x90\x80\x80" + NOTE,
    "a hyphen for a dash": NOTE.replace("— ".encode(), b"- "),
    "two spaces after the dash": NOTE.replace("— ".encode(), "—  ".encode()),
    "no space after the dash": NOTE.replace("— ".encode(), "—".encode()),
    "text among the signatures": NOTE + b"text\n",
    "a name alone": f"{TEXT}\n— name\n".encode(),
    "a name and a space": f"{TEXT}\n— name \n".encode(),
    "no name": forged("", b"12345678"),
    "a plus in a name": forged("a+b", b"12345678"),
    "a no-break space in a name": forged("a\u00a0b", b"12345678"),
    "an ideographic space in a name": forged("a\u3000b", b"12345678"),
    "a next-line sign in a name": forged("a\u0085b", b"12345678"),
    "a signature of four bytes": forged("stranger", b"1234"),
    "a signature of three bytes": forged("stranger", b"123"),
    "an empty signature": forged("stranger", "===="),
    "a space in a signature": forged("stranger", "MTIz NDU2"),
    "a space behind a signature": forged("stranger", "MTIzNDU2 "),
    "padding bits that are not zero": forged("stranger", "MTIzNDV="),
    "missing padding": forged("stranger", "MTIzNDU"),
    "too much padding": forged("stranger", "MTIzNDU2===="),
    "base64 of the web": forged("stranger", "MTIzNDU_"),
    "digits of another script": forged("stranger", "MTIzNDU٢"),
    "a line repeated": f"{TEXT}\n{LINE}{LINE}".encode(),
    "a stranger's line repeated": NOTE + 2 * STRANGER.sign_line(TEXT).encode(),
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_note_of_the_wrong_form_is_refused(note: bytes) -> None:
    with pytest.raises(MalformedError):
        open_note(note, KNOWN)


def test_signatures_are_put_only_under_notes_and_only_if_they_are_lines() -> None:
    with pytest.raises(UsageError, match="at least one"):
        sign(TEXT)
    with pytest.raises(MalformedError):
        sign("no newline", LOG)
    with pytest.raises(MalformedError):
        add_lines(NOTE, "an answer that is no line\n")


def test_a_checkpoint_is_opened_under_its_own_name_only() -> None:
    checkpoint, opened = open_checkpoint(NOTE, KNOWN, "desk.example/log")
    assert (checkpoint, opened.text) == (CHECKPOINT, TEXT)
    with pytest.raises(IntegrityError, match=r"is of the log 'desk\.example/log', not of 'other'"):
        open_checkpoint(NOTE, KNOWN, "other")


@pytest.mark.parametrize("algorithm", [Algorithm.COSIGNATURE, Algorithm.COSIGNATURE_ML_DSA_44])
def test_a_witness_cannot_stand_in_for_the_log(algorithm: Algorithm) -> None:
    for name in ("witness.example/w", "desk.example/log"):
        witness = Cosigner.generate(name, algorithm)
        note = f"{TEXT}\n{witness.sign_line(TEXT, 5)}".encode()
        with pytest.raises(IntegrityError, match="not signed by the log's own key"):
            open_checkpoint(note, (witness.verifier,), "desk.example/log")


def test_another_known_log_cannot_stand_in_for_the_log() -> None:
    with pytest.raises(IntegrityError, match="not signed by the log's own key"):
        open_checkpoint(sign(TEXT, STRANGER), (STRANGER.verifier,), "desk.example/log")


def test_an_empty_log_has_the_empty_root() -> None:
    empty = sign(Checkpoint("desk.example/log", 0, EMPTY_ROOT).text(), LOG)
    assert open_checkpoint(empty, KNOWN, "desk.example/log")[0].size == 0
    wrong = sign(Checkpoint("desk.example/log", 0, b"r" * 32).text(), LOG)
    with pytest.raises(IntegrityError, match="a root that is not empty"):
        open_checkpoint(wrong, KNOWN, "desk.example/log")


def test_a_signed_note_that_is_no_checkpoint_is_malformed() -> None:
    with pytest.raises(MalformedError, match="not a checkpoint"):
        open_checkpoint(sign("hello\n", LOG), KNOWN, "desk.example/log")
