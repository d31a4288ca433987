"""Proof files: their form, and that they prove what they should and nothing else."""

from __future__ import annotations

from base64 import b64encode

import pytest

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.tlog import Checkpoint, Signer, TlogProof, leaf_hash, node_hash, sign

LOG = Signer.from_private_bytes("desk.example/log", b"l" * 32)
FIRST, SECOND = leaf_hash(b"first"), leaf_hash(b"second")
CHECKPOINT = Checkpoint("desk.example/log", 2, node_hash(FIRST, SECOND))
NOTE = sign(CHECKPOINT.text(), LOG)
PROOF = TlogProof(1, (FIRST,), NOTE, b"extra")
FIRST64 = b64encode(FIRST).decode()
KNOWN = (LOG.verifier,)


def test_a_proof_file_has_the_form_of_the_specification() -> None:
    head = f"c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 1\n{FIRST64}\n\n"
    assert PROOF.encode() == head.encode() + NOTE
    assert TlogProof.parse(PROOF.encode()) == PROOF
    bare = TlogProof(0, (), NOTE)
    assert bare.encode() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + NOTE
    assert TlogProof.parse(bare.encode()) == bare


def test_a_proof_gives_the_checkpoint_that_holds_its_entry() -> None:
    assert PROOF.check(b"second", KNOWN, "desk.example/log") == CHECKPOINT


def test_a_proof_proves_no_other_entry_place_log_or_key() -> None:
    with pytest.raises(IntegrityError, match="leads to root"):
        PROOF.check(b"first", KNOWN, "desk.example/log")
    with pytest.raises(IntegrityError, match="leads to root"):
        TlogProof(0, (FIRST,), NOTE).check(b"second", KNOWN, "desk.example/log")
    with pytest.raises(IntegrityError, match="not of 'other'"):
        PROOF.check(b"second", KNOWN, "other")
    with pytest.raises(IntegrityError, match="no known key"):
        PROOF.check(b"second", (Signer.generate("desk.example/log").verifier,), "desk.example/log")


def test_many_proofs_can_be_checked_under_one_opened_checkpoint() -> None:
    PROOF.check_under(CHECKPOINT, b"second")
    with pytest.raises(IntegrityError, match="leads to root"):
        PROOF.check_under(CHECKPOINT, b"first")
    with pytest.raises(IntegrityError, match="leads to root"):
        PROOF.check_under(Checkpoint("desk.example/log", 2, SECOND), b"second")


@pytest.mark.parametrize(
    "head",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 1",
        "c2sp.org/tlog-proof@v1\nextra",
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=",
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmF=\nindex 1",
        "c2sp.org/tlog-proof@v1\nindex 1\nextra ZXh0cmE=",
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nextra ZXh0cmE=\nindex 1",
        "c2sp.org/tlog-proof@v1\nindex 01",
        "c2sp.org/tlog-proof@v1\nindex -1",
        "c2sp.org/tlog-proof@v1\nindex  1",
        "c2sp.org/tlog-proof@v1\nindex 1 ",
        "c2sp.org/tlog-proof@v1\nIndex 1",
        f"c2sp.org/tlog-proof@v1\nindex {2**63}",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA",
        f"c2sp.org/tlog-proof@v1\nindex 1\n{FIRST64}=",
        f"c2sp.org/tlog-proof@v1\r\nindex 1\n{FIRST64}",
        "c2sp.org/tlog-proof@v1\nindex 1" + f"\n{FIRST64}" * 64,
        "c2sp.org/tlog-proof@v1\nindex 1\né",
    ],
)
def test_a_proof_file_with_one_fault_is_refused(head: str) -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(f"{head}\n\n".encode() + NOTE)


@pytest.mark.parametrize("note", [b"", b"x", NOTE[:-1], b"\n" + NOTE, sign("no checkpoint\n", LOG)])
def test_a_proof_file_without_a_checkpoint_is_refused(note: bytes) -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(b"c2sp.org/tlog-proof@v1\nindex 1\n\n" + note)


def test_a_proof_file_without_the_blank_line_is_refused() -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(b"c2sp.org/tlog-proof@v1\nindex 1\n" + NOTE)


@pytest.mark.parametrize(("index", "hashes"), [(-1, ()), (2**63, ()), (0, (b"short",)), (0, (FIRST,) * 64)])
def test_a_wrong_proof_cannot_be_written(index: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(MalformedError):
        TlogProof(index, hashes, NOTE)
