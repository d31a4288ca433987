"""The witness's key file: made once, read by its owner only, and noticed when it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.tlog import Algorithm, Signer
from witnessmark.tlog.strict import base64
from witnessmark.witness import create_key, load_key

NAME = "witness.example/w1"


@pytest.mark.parametrize("algorithm", [Algorithm.COSIGNATURE, Algorithm.COSIGNATURE_ML_DSA_44])
def test_a_key_comes_back_as_it_was_made(tmp_path: Path, algorithm: Algorithm) -> None:
    made = create_key(tmp_path / "key", NAME, algorithm)
    assert load_key(tmp_path / "key").verifier == made.verifier
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    made = create_key(tmp_path / "key", NAME)
    with pytest.raises(RefusedError, match="exists already"):
        create_key(tmp_path / "key", NAME)
    assert load_key(tmp_path / "key").verifier == made.verifier


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "key", NAME)
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(RefusedError, match="others than its owner"):
        load_key(tmp_path / "key")


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is not there"):
        load_key(tmp_path / "key")
    with pytest.raises(RefusedError, match="cannot be written"):
        create_key(tmp_path / "nowhere" / "key", NAME)


def test_every_damaged_letter_of_a_key_is_noticed(tmp_path: Path) -> None:
    create_key(tmp_path / "key", NAME)
    line = (tmp_path / "key").read_bytes()
    for position in range(len(line) - 1):
        damaged = bytearray(line)
        damaged[position] ^= 1
        (tmp_path / "key").write_bytes(damaged)
        with pytest.raises(MalformedError):
            load_key(tmp_path / "key")


def test_the_key_of_a_log_is_not_the_key_of_a_witness(tmp_path: Path) -> None:
    log = Signer.generate("desk.example/log")
    seed = base64(bytes((Algorithm.ED25519,)) + log.private_bytes())
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(f"PRIVATE+KEY+{log.verifier}+{seed}\n")
    with pytest.raises(MalformedError, match="another kind"):
        load_key(tmp_path / "key")
