"""What a witness answers, status by status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from witnessmark.errors import MalformedError
from witnessmark.tlog import (
    EMPTY_ROOT,
    AddCheckpoint,
    Algorithm,
    Checkpoint,
    Cosigner,
    Frontier,
    Signer,
    TileReader,
    add_lines,
    decide,
    leaf_hash,
    sign,
)

ORIGIN = "desk.example/log"
LOG = Signer.from_private_bytes(ORIGIN, b"l" * 32)
LEAVES = [leaf_hash(b"%d" % number) for number in range(20)]
READER = TileReader(lambda _level, _index, width: b"".join(LEAVES[:width]), 20)


def root(size: int) -> bytes:
    frontier = Frontier.empty()
    frontier.extend(LEAVES[:size])
    return frontier.root()


def note(size: int, root_hash: bytes | None = None, signer: Signer = LOG) -> bytes:
    return sign(Checkpoint(ORIGIN, size, root(size) if root_hash is None else root_hash).text(), signer)


GROWTH = AddCheckpoint(7, READER.consistency(7), note(20))
LAST = (7, root(7))


def test_a_log_that_grew_is_cosigned() -> None:
    verdict = decide(GROWTH, LOG.verifier, LAST)
    assert (verdict.status, verdict.body) == (200, "")
    assert verdict.checkpoint == Checkpoint(ORIGIN, 20, root(20))


@pytest.mark.parametrize("last", [None, (0, EMPTY_ROOT)])
def test_a_log_seen_for_the_first_time_is_cosigned_without_a_proof(last: tuple[int, bytes] | None) -> None:
    assert decide(AddCheckpoint(0, (), note(20)), LOG.verifier, last).status == 200
    assert decide(AddCheckpoint(0, (), note(0)), LOG.verifier, last).status == 200


def test_a_log_that_stands_still_is_cosigned_again() -> None:
    assert decide(AddCheckpoint(20, (), note(20)), LOG.verifier, (20, root(20))).status == 200


def test_signatures_of_strangers_are_no_hindrance() -> None:
    more = add_lines(GROWTH.note, Signer.generate("stranger").sign_line(GROWTH.claimed.text()))
    assert decide(replace(GROWTH, note=more), LOG.verifier, LAST).status == 200


def test_an_unknown_log_is_not_found() -> None:
    verdict = decide(GROWTH, None, None)
    assert (verdict.status, verdict.checkpoint) == (404, None)


def test_a_checkpoint_by_another_key_is_forbidden() -> None:
    other = Signer.generate(ORIGIN)
    assert decide(GROWTH, other.verifier, LAST).status == 403


def test_a_checkpoint_with_a_wrong_signature_is_forbidden() -> None:
    wrong = note(20).replace(b"\n20\n", b"\n21\n")
    verdict = decide(replace(GROWTH, note=wrong), LOG.verifier, LAST)
    assert (verdict.status, verdict.checkpoint) == (403, None)


def test_an_old_size_above_the_checkpoint_is_a_bad_request() -> None:
    assert decide(AddCheckpoint(21, (), note(20)), LOG.verifier, (21, root(20))).status == 400


def test_a_request_from_another_state_is_told_the_state() -> None:
    verdict = decide(GROWTH, LOG.verifier, (8, root(8)))
    assert (verdict.status, verdict.body, verdict.checkpoint) == (409, "8\n", None)
    assert decide(GROWTH, LOG.verifier, None).body == "0\n"
    assert decide(AddCheckpoint(0, (), note(20)), LOG.verifier, LAST).body == "7\n"


def test_a_rolled_back_log_is_told_that_the_witness_has_seen_more() -> None:
    verdict = decide(AddCheckpoint(5, READER.consistency(5), note(7)), LOG.verifier, (20, root(20)))
    assert (verdict.status, verdict.body) == (409, "20\n")


def test_a_checkpoint_that_the_known_key_cannot_have_signed_is_forbidden() -> None:
    key = Cosigner.generate(ORIGIN, Algorithm.COSIGNATURE_ML_DSA_44)
    text = Checkpoint(ORIGIN, 20, root(20)).text()
    more = f"{text}extension\n\n{key.sign_line(text, 5)}".encode()
    assert decide(AddCheckpoint(7, GROWTH.proof, more), key.verifier, LAST).status == 403


UNPROCESSABLE = {
    "a proof that does not fit": (replace(GROWTH, proof=GROWTH.proof[:-1]), LAST),
    "no proof": (replace(GROWTH, proof=()), LAST),
    "a forked log": (GROWTH, (7, b"f" * 32)),
    "a forked log of the same size": (AddCheckpoint(20, (), note(20)), (20, b"f" * 32)),
    "a proof where none is needed": (AddCheckpoint(20, (b"p" * 32,), note(20)), (20, root(20))),
    "a proof from size zero": (AddCheckpoint(0, (b"p" * 32,), note(20)), None),
    "an empty log with a root": (AddCheckpoint(0, (), note(0, b"r" * 32)), None),
}


@pytest.mark.parametrize(("request_", "last"), UNPROCESSABLE.values(), ids=UNPROCESSABLE.keys())
def test_a_log_that_did_not_only_grow_is_unprocessable(
    request_: AddCheckpoint, last: tuple[int, bytes] | None
) -> None:
    verdict = decide(request_, LOG.verifier, last)
    assert (verdict.status, verdict.checkpoint) == (422, None)


def test_a_request_is_read_and_written_alike_and_names_its_log() -> None:
    assert AddCheckpoint.parse(GROWTH.encode()) == GROWTH
    assert GROWTH.encode().startswith(b"old 7\n")
    assert GROWTH.origin == ORIGIN
    first = AddCheckpoint(0, (), note(3))
    assert first.encode() == b"old 0\n\n" + note(3)
    assert AddCheckpoint.parse(first.encode()) == first


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n\n",
        b"old 0\n" + note(3),
        b"\n\n" + note(3),
        b"old\n\n" + note(3),
        b"old 00\n\n" + note(3),
        b"old -1\n\n" + note(3),
        b"Old 0\n\n" + note(3),
        b"old 0\r\n\r\n" + note(3),
        b"old 1\nAAAA\n\n" + note(3),
        b"old 1\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\n" + note(3),
        b"old 0\n\n" + note(3)[:-1],
        b"old 0\n\n" + sign("no checkpoint\n", LOG),
    ],
)
def test_a_request_with_one_fault_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        AddCheckpoint.parse(body)


def test_a_wrong_request_cannot_be_written() -> None:
    with pytest.raises(MalformedError):
        AddCheckpoint(-1, (), note(3))
    with pytest.raises(MalformedError):
        AddCheckpoint(1, (b"short",), note(3))
