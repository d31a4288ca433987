"""Cosignatures under a note: added once, and counted."""

from __future__ import annotations

import pytest

from witnessmark.errors import IntegrityError, UnavailableError, UsageError
from witnessmark.ports import KeptCheckpoint
from witnessmark.preserve.posting import Answer
from witnessmark.preserve.witnessing import HttpWitness, add_cosignature, last_seen
from witnessmark.tlog import Algorithm, Checkpoint, Cosigner, Signer, keys, sign

LOG = Signer.generate("desk.example/log")
WITNESS = Cosigner.generate("witness.example/w1")
TEXT = Checkpoint("desk.example/log", 42, bytes(32)).text()
NOTE = sign(TEXT, LOG)
LINE = WITNESS.sign_line(TEXT, 1_700_000_000).encode()


def test_a_cosignature_stands_under_the_note_and_changes_nothing_above_it() -> None:
    assert add_cosignature(NOTE, LINE, WITNESS.verifier) == NOTE + LINE


def test_a_second_cosignature_of_the_same_witness_leaves_the_first() -> None:
    cosigned = add_cosignature(NOTE, LINE, WITNESS.verifier)
    later = WITNESS.sign_line(TEXT, 1_800_000_000).encode()
    assert add_cosignature(cosigned, later, WITNESS.verifier) == cosigned


def test_a_wrong_cosignature_is_not_added() -> None:
    other = WITNESS.sign_line(TEXT.replace("42", "43"), 1_700_000_000).encode()
    with pytest.raises(IntegrityError):
        add_cosignature(NOTE, other, WITNESS.verifier)


def test_the_key_of_a_log_is_no_witness() -> None:
    with pytest.raises(UsageError, match="a log's"):
        HttpWitness("w1", "https://witness.example/", LOG.verifier, lambda *_: Answer(200, "", b""))


def test_the_largest_cosigned_checkpoint_tells_how_far_a_witness_has_seen() -> None:
    cosigned = KeptCheckpoint(42, NOTE, NOTE + LINE)
    assert last_seen((cosigned, KeptCheckpoint(50, NOTE, NOTE)), WITNESS.verifier) == 42
    assert last_seen((cosigned,), Cosigner.generate("witness.example/w1").verifier) == 0


def test_a_witness_that_states_no_time_gives_nothing_to_keep() -> None:
    cosigner = Cosigner.generate("witness.example/pq", Algorithm.COSIGNATURE_ML_DSA_44)
    timeless = bytes(8) + cosigner._private.sign(keys._message(cosigner.verifier, TEXT, 0))
    line = keys._line(cosigner.verifier, timeless).encode()
    witness = HttpWitness("pq", "https://w.example/", cosigner.verifier, lambda *_: Answer(200, "", line))
    with pytest.raises(UnavailableError, match="does not say when"):
        witness.cosign(NOTE, 42, lambda _: ())


def test_a_known_size_is_tried_first_with_its_proof() -> None:
    asked: list[bytes] = []

    def post(url: str, body: bytes, media_type: str) -> Answer:
        asked.append(body)
        return Answer(200, "text/plain", LINE)

    witness = HttpWitness("w1", "https://witness.example/base/", WITNESS.verifier, post)
    assert witness.cosign(NOTE, 42, lambda size: (bytes([size]) * 32,), 7) == LINE
    (body,) = asked
    assert body.startswith(b"old 7\nBwcHBwcH")
    assert body.endswith(b"\n\n" + NOTE)
