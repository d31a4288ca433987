"""Laws of the tree: every proof that we give we accept, and no proof survives any change."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.tlog import (
    Frontier,
    TileReader,
    check_consistency,
    check_inclusion,
    decode_bundle,
    encode_bundle,
    leaf_hash,
    leaf_hashes,
    verify_log,
)

LEAVES = leaf_hashes(b"%d" % number for number in range(1100))
FULL = Frontier.empty()
FULL.extend(LEAVES)
TILES = {(tile.level, tile.index): tile.hashes for tile in FULL.take_changed()}

sizes = st.integers(1, len(LEAVES))
hashes = st.binary(min_size=32, max_size=32)


def reader(size: int) -> TileReader:
    return TileReader(lambda level, index, width: TILES[level, index][: 32 * width], size)


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    return bytes(changed)


@st.composite
def spots(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@given(spots())
def test_every_entry_has_a_proof_that_is_accepted(spot: tuple[int, int]) -> None:
    index, size = spot
    log = reader(size)
    check_inclusion(index, size, LEAVES[index], log.inclusion(index), log.root())


@given(spots())
def test_every_earlier_log_has_a_consistency_proof_that_is_accepted(spot: tuple[int, int]) -> None:
    before, size = spot
    log = reader(size)
    check_consistency(before + 1, size, reader(before + 1).root(), log.root(), log.consistency(before + 1))


@given(spots(), st.integers(0, 2**12), st.integers(0, 20))
def test_any_single_bit_changed_makes_an_inclusion_proof_refused(
    spot: tuple[int, int], bit: int, part: int
) -> None:
    index, size = spot
    log = reader(size)
    parts = [LEAVES[index], log.root(), *log.inclusion(index)]
    part %= len(parts)
    parts[part] = flipped(parts[part], bit)
    with pytest.raises(IntegrityError):
        check_inclusion(index, size, parts[0], parts[2:], parts[1])


@given(spots(), st.integers(0, 2**12), st.integers(0, 20))
def test_any_single_bit_changed_makes_a_consistency_proof_refused(
    spot: tuple[int, int], bit: int, part: int
) -> None:
    before, size = spot
    log = reader(size)
    parts = [reader(before + 1).root(), log.root(), *log.consistency(before + 1)]
    part %= len(parts)
    parts[part] = flipped(parts[part], bit)
    with pytest.raises(IntegrityError):
        check_consistency(before + 1, size, parts[0], parts[1], parts[2:])


@given(spots(), sizes)
def test_a_proof_is_accepted_for_no_other_place(spot: tuple[int, int], other: int) -> None:
    index, size = spot
    log = reader(size)
    if other - 1 != index:
        with pytest.raises(IntegrityError):
            check_inclusion(other - 1, size, LEAVES[index], log.inclusion(index), log.root())


@given(spots(), st.lists(hashes, min_size=1, max_size=3))
def test_a_proof_is_accepted_at_no_other_length(spot: tuple[int, int], more: list[bytes]) -> None:
    index, size = spot
    log = reader(size)
    proof = log.inclusion(index)
    for wrong in ((*proof, *more), (*more, *proof), proof[:-1] if proof else more):
        with pytest.raises(IntegrityError):
            check_inclusion(index, size, LEAVES[index], wrong, log.root())


numbers = st.integers(-(2**70), 2**70)
noise = st.lists(st.binary(max_size=40) | hashes, max_size=70)


@given(numbers, numbers, st.binary(max_size=40) | hashes, noise, st.binary(max_size=40) | hashes)
def test_noise_is_never_a_proof(
    first: int, second: int, one: bytes, proof: list[bytes], other: bytes
) -> None:
    if not (first == 0 and second == 1 and one == other):
        with pytest.raises(IntegrityError):
            check_inclusion(first, second, one, proof, other)
    if not (first == second > 0 and one == other and not proof):
        with pytest.raises(IntegrityError):
            check_consistency(first, second, one, other, proof)


@given(st.lists(st.binary(max_size=30), max_size=900), st.data())
def test_a_log_has_one_root_however_it_grew(entries: list[bytes], data: st.DataObject) -> None:
    leaves = leaf_hashes(entries)
    whole = Frontier.empty()
    whole.extend(leaves)
    stepwise, tiles, at = Frontier.empty(), {}, 0
    while at < len(leaves):
        step = data.draw(st.integers(1, 300))
        stepwise.extend(leaves[at : at + step])
        at += step
        for tile in stepwise.take_changed():
            tiles[tile.level, tile.index] = tile.hashes
    assert stepwise.root() == whole.root()
    assert tiles == {(tile.level, tile.index): tile.hashes for tile in whole.take_changed()}
    assert TileReader(lambda level, index, _width: tiles[level, index], len(leaves)).root() == whole.root()
    groups = [entries[start : start + 256] for start in range(0, len(entries), 256)]
    assert verify_log(map(encode_bundle, groups)) == (len(entries), whole.root())


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_its_entries_again(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == tuple(entries)


@given(st.binary(max_size=2000))
def test_noise_is_a_bundle_in_one_way_or_malformed(untrusted: bytes) -> None:
    try:
        entries = decode_bundle(untrusted)
    except MalformedError:
        return
    assert encode_bundle(entries) == untrusted


@given(st.binary(max_size=100))
def test_a_leaf_is_never_a_node(entry: bytes) -> None:
    assert leaf_hash(entry) == sha256(b"\x00" + entry).digest() != sha256(b"\x01" + entry).digest()
