"""Laws of the text forms: what is written is read again, any edit is noticed, noise is only malformed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.tlog import (
    AddCheckpoint,
    Algorithm,
    Checkpoint,
    Cosigner,
    Frontier,
    Policy,
    Signer,
    TileReader,
    TlogProof,
    Verifier,
    add_lines,
    decide,
    leaf_hash,
    open_checkpoint,
    open_note,
    parse_note,
    sign,
)

ORIGIN = "desk.example/log"
LOG = Signer.from_private_bytes(ORIGIN, b"l" * 32)
WITNESS = Cosigner.from_private_bytes("witness.example/w", b"w" * 32)
PQ = Cosigner.from_private_bytes("pq.example", b"p" * 32, Algorithm.COSIGNATURE_ML_DSA_44)
KNOWN = (LOG.verifier, WITNESS.verifier)

ENTRIES = [b"%d" % number for number in range(100)]
FRONTIER = Frontier.empty()
FRONTIER.extend([leaf_hash(entry) for entry in ENTRIES])
(TILE,) = FRONTIER.take_changed()
READER = TileReader(lambda _level, _index, width: TILE.hashes[: 32 * width], 100)
CHECKPOINT = Checkpoint(ORIGIN, 100, FRONTIER.root())
NOTE = add_lines(sign(CHECKPOINT.text(), LOG), WITNESS.sign_line(CHECKPOINT.text(), 1_700_000_000))
PROOF = TlogProof(41, READER.inclusion(41), NOTE).encode()
REQUEST = AddCheckpoint(
    37, TileReader(lambda *_: TILE.hashes, 100).consistency(37), sign(CHECKPOINT.text(), LOG)
)

# Cc, Cs and U+FFFD are what no line may hold; a little over-strict for characters past U+0080.
fit = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd")
lines = st.text(fit, min_size=1, max_size=40)
names = st.text(fit, min_size=1, max_size=20).filter(
    lambda name: not ({"+"} & set(name) or name.split() != [name])
)
hashes = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 2**63 - 1)
checkpoints = st.builds(Checkpoint, lines, numbers, hashes, st.lists(lines, max_size=3).map(tuple))


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    return bytes(changed)


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


@given(names, st.sampled_from(Algorithm), st.binary(min_size=1312, max_size=1312))
def test_a_vkey_is_read_as_it_was_written(name: str, algorithm: Algorithm, key: bytes) -> None:
    verifier = Verifier(name, algorithm, key if algorithm == 6 else key[:32])
    assert Verifier.from_vkey(verifier.vkey()) == verifier


@given(st.text(fit | st.just("\n"), max_size=200), names, st.binary(min_size=32, max_size=32))
def test_a_signed_note_is_opened_with_its_text(text: str, name: str, private: bytes) -> None:
    signer = Signer.from_private_bytes(name, private)
    opened = open_note(sign(text + "\n", signer), (signer.verifier,))
    assert (opened.text, opened.signatures[0].name) == (text + "\n", name)


@given(checkpoints, names, st.integers(1, 2**63 - 1), st.sampled_from((4, 6)))
def test_a_cosigned_checkpoint_is_opened_with_its_time(
    checkpoint: Checkpoint, name: str, time: int, algorithm: int
) -> None:
    assume(algorithm == 4 or not checkpoint.extensions)
    witness = Cosigner.from_private_bytes(name, b"k" * 32, Algorithm(algorithm))
    note = f"{checkpoint.text()}\n{witness.sign_line(checkpoint.text(), time)}".encode()
    (signature,) = open_note(note, (witness.verifier,)).signatures
    assert (signature.name, signature.timestamp) == (name, time)


@given(
    checkpoints, st.integers(0, 2**63 - 1), st.lists(hashes, max_size=63), st.none() | st.binary(max_size=99)
)
def test_proofs_and_requests_are_read_as_they_were_written(
    checkpoint: Checkpoint, number: int, path: list[bytes], extra: bytes | None
) -> None:
    note = sign(checkpoint.text(), LOG)
    proof = TlogProof(number, tuple(path), note, extra)
    assert TlogProof.parse(proof.encode()) == proof
    request = AddCheckpoint(number, tuple(path), note)
    assert AddCheckpoint.parse(request.encode()) == request
    assert request.claimed == checkpoint


@given(st.integers(0, 8 * len(NOTE) - 1))
def test_any_single_bit_changed_in_a_note_is_noticed(bit: int) -> None:
    changed = flipped(NOTE, bit)
    try:
        opened = open_note(changed, KNOWN)
    except (MalformedError, IntegrityError):
        return
    # A changed name or key id makes one of the two signatures a stranger's; the text stands as it was.
    assert opened.text == CHECKPOINT.text()
    assert (len(opened.signatures), len(opened.unknown)) == (1, 1)


@given(st.integers(0, 8 * len(PROOF) - 1))
def test_any_single_bit_changed_in_a_proof_file_is_noticed(bit: int) -> None:
    try:
        checkpoint = TlogProof.parse(flipped(PROOF, bit)).check(ENTRIES[41], KNOWN, ORIGIN)
    except (MalformedError, IntegrityError):
        return
    witness_line = PROOF.rindex("— ".encode())
    assert bit // 8 >= witness_line, "only the witness can become a stranger"
    assert checkpoint == CHECKPOINT


@given(st.integers(0, 8 * len(REQUEST.encode()) - 1))
def test_any_single_bit_changed_in_a_request_is_not_cosigned(bit: int) -> None:
    try:
        request = AddCheckpoint.parse(flipped(REQUEST.encode(), bit))
    except MalformedError:
        return
    last = (37, TileReader(lambda *_: TILE.hashes[: 32 * 37], 37).root())
    assert decide(REQUEST, LOG.verifier, last).status == 200
    assert decide(request, LOG.verifier, last).status in {400, 403, 409, 422}


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_noise_is_malformed_and_nothing_worse(untrusted: bytes) -> None:
    readers: tuple[Callable[[bytes], object], ...] = (
        parse_note,
        TlogProof.parse,
        AddCheckpoint.parse,
        Policy.parse,
        lambda raw: Checkpoint.parse(raw.decode("utf-8", "surrogateescape")),
        lambda raw: Verifier.from_vkey(raw.decode("utf-8", "surrogateescape")),
    )
    for read in readers:
        with pytest.raises(MalformedError):
            read(untrusted)


SNIPPETS = (b"\n", b"\n\n", b" ", b"AAAA", b"=", b"w", b"\xff", b"0", b"old 0", b"index 0", "— ".encode())
KEYWORDS = (b"c2sp.org/tlog-proof@v1\n", b"log ", b"witness w ", b"quorum none", LOG.verifier.vkey().encode())
PIECES = st.sampled_from((NOTE, PROOF, *SNIPPETS, *KEYWORDS))


@given(st.lists(PIECES | st.binary(max_size=5), max_size=12).map(b"".join))
def test_pieces_wrongly_joined_are_read_or_malformed_and_nothing_worse(untrusted: bytes) -> None:
    for read in (parse_note, TlogProof.parse, AddCheckpoint.parse, Policy.parse):
        try:
            read(untrusted)
        except MalformedError:
            continue
    try:
        open_checkpoint(untrusted, (*KNOWN, PQ.verifier), ORIGIN)
    except (MalformedError, IntegrityError):
        return
    assert CHECKPOINT.text().encode() in untrusted
