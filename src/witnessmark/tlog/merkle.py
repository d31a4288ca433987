"""The Merkle tree of RFC 6962: how entries become one hash, and how a proof is checked.

Whoever holds the root of a log holds all of its history: no entry can be altered, dropped or
put in afterwards without changing the root. The checks here are strict and answer in one
way only: they return when everything fits and raise an `IntegrityError` that says what does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from witnessmark.errors import IntegrityError

HASH_BYTES = 32
MOST_HASHES = 63  # no log of up to 2^63-1 entries has a longer proof
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash by which `entry` stands in the tree."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return the leaf hash of each entry, in order; the fast way for many."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above `left` and `right`."""
    return sha256(b"\x01" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise unless `proof` shows that leaf hash `leaf` is number `index` of the `size` under `root`."""
    if not 0 <= index < size:
        raise IntegrityError(f"entry {index} cannot be in a log of {size} entries")
    _require_hashes("inclusion proof", (leaf, root, *proof))
    joint = (index ^ (size - 1)).bit_length()
    _require_length("inclusion proof", proof, joint + (index >> joint).bit_count())
    reached = leaf
    for level, sibling in enumerate(proof):
        if level >= joint or index >> level & 1:
            reached = node_hash(sibling, reached)
        else:
            reached = node_hash(reached, sibling)
    if reached != root:
        raise IntegrityError(
            f"the proof of entry {index} leads to root {reached.hex()}, not to {root.hex()} of {size} entries"
        )


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise unless `proof` shows that the newer log begins with all that the older one held."""
    if not 0 < old_size <= new_size:
        raise IntegrityError(f"a log of {new_size} entries cannot be shown to extend one of {old_size}")
    _require_hashes("consistency proof", (old_root, new_root, *proof))
    if old_size == new_size:
        _require_length("consistency proof", proof, 0)
        _require_root(old_root, new_root, old_size)
        return
    # The last entry of the old log sits in a perfect subtree whose height is the number of trailing
    # zeros of its size. From there the old root is met by going left only, the new one by going both ways.
    height = (old_size & -old_size).bit_length() - 1
    position = (old_size - 1) >> height
    joint = (position ^ ((new_size - 1) >> height)).bit_length()
    path = [old_root, *proof] if position == 0 else list(proof)
    _require_length("consistency proof", path, 1 + joint + (position >> joint).bit_count())
    old = new = path[0]
    for level, sibling in enumerate(path[1:]):
        if level >= joint or position >> level & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    _require_root(old, old_root, old_size)
    _require_root(new, new_root, new_size)


def is_path(hashes: Sequence[bytes]) -> bool:
    """Tell whether `hashes` could be a proof at all: not too many, and each of the right length."""
    return len(hashes) <= MOST_HASHES and all(len(value) == HASH_BYTES for value in hashes)


def _require_hashes(what: str, hashes: Iterable[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise IntegrityError(f"the {what} holds a hash of {len(value)} bytes; SHA-256 has {HASH_BYTES}")


def _require_length(what: str, proof: Sequence[bytes], wanted: int) -> None:
    if len(proof) != wanted:
        raise IntegrityError(f"the {what} has {len(proof)} hashes where {wanted} fit")


def _require_root(reached: bytes, root: bytes, size: int) -> None:
    if reached != root:
        raise IntegrityError(
            f"the consistency proof leads to root {reached.hex()}, not to {root.hex()} of {size} entries"
        )
