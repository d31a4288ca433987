"""The proof checks, against published values, against outside vectors and against forged proofs."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from witnessmark.errors import IntegrityError
from witnessmark.tlog import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    leaf_hash,
    leaf_hashes,
    node_hash,
)

# Where a copy of transparency-dev/merkle's `testdata` folder is, for whoever has one.
VECTORS = "WITNESSMARK_MERKLE_VECTORS"
LEAVES = leaf_hashes([b"a", b"b", b"c"])
PAIR = node_hash(LEAVES[0], LEAVES[1])
ROOT = node_hash(PAIR, LEAVES[2])


def test_the_empty_log_has_the_root_of_rfc_6962() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_eight_entries_used_by_certificate_transparency_give_the_published_roots() -> None:
    entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    frontier = Frontier.empty()
    roots = []
    for entry in entries:
        frontier.append(leaf_hash(bytes.fromhex(entry)))
        roots.append(frontier.root().hex())
    assert roots[0] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert roots[7] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_right_inclusion_proof_is_accepted() -> None:
    check_inclusion(0, 3, LEAVES[0], (LEAVES[1], LEAVES[2]), ROOT)
    check_inclusion(2, 3, LEAVES[2], (PAIR,), ROOT)
    check_inclusion(0, 1, LEAVES[0], (), LEAVES[0])


@pytest.mark.parametrize(
    ("index", "size", "leaf", "proof", "root", "reason"),
    [
        (0, 0, b"", (), b"", "cannot be in a log of 0"),
        (0, 0, EMPTY_ROOT, (), EMPTY_ROOT, "cannot be in a log of 0"),
        (3, 3, LEAVES[2], (PAIR,), ROOT, "cannot be in a log of 3"),
        (-1, 3, LEAVES[2], (PAIR,), ROOT, "cannot be in a log of 3"),
        (0, 1, b"", (), b"", "hash of 0 bytes"),
        (2, 3, LEAVES[2], (PAIR[:31],), ROOT, "hash of 31 bytes"),
        (2, 3, LEAVES[2], (PAIR,), ROOT + b"x", "hash of 33 bytes"),
        (2, 3, LEAVES[2], (), ROOT, "has 0 hashes where 1 fit"),
        (2, 3, LEAVES[2], (PAIR, PAIR), ROOT, "has 2 hashes where 1 fit"),
        (1, 3, LEAVES[0], (LEAVES[1], LEAVES[2]), ROOT, "leads to root"),
        (2, 3, LEAVES[1], (PAIR,), ROOT, "leads to root"),
    ],
)
def test_an_inclusion_proof_that_does_not_fit_says_why(
    index: int, size: int, leaf: bytes, proof: tuple[bytes, ...], root: bytes, reason: str
) -> None:
    with pytest.raises(IntegrityError, match=reason):
        check_inclusion(index, size, leaf, proof, root)


def test_a_right_consistency_proof_is_accepted() -> None:
    check_consistency(2, 3, PAIR, ROOT, (LEAVES[2],))
    check_consistency(1, 3, LEAVES[0], ROOT, (LEAVES[1], LEAVES[2]))
    check_consistency(3, 3, ROOT, ROOT, ())


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof", "reason"),
    [
        (0, 3, EMPTY_ROOT, ROOT, (), "cannot be shown to extend one of 0"),
        (0, 0, EMPTY_ROOT, EMPTY_ROOT, (), "cannot be shown to extend one of 0"),
        (-1, 3, PAIR, ROOT, (), "cannot be shown to extend one of -1"),
        (3, 2, ROOT, PAIR, (LEAVES[2],), "a log of 2 entries cannot be shown to extend one of 3"),
        (3, 3, ROOT, PAIR, (), "leads to root"),
        (3, 3, ROOT, ROOT, (PAIR,), "has 1 hashes where 0 fit"),
        (2, 3, PAIR, ROOT, (), "has 1 hashes where 2 fit"),
        (2, 3, LEAVES[0], ROOT, (LEAVES[2],), "leads to root"),
        (2, 3, PAIR, PAIR, (LEAVES[2],), "leads to root"),
        (2, 3, PAIR, ROOT, (b"",), "hash of 0 bytes"),
        (2, 3, b"", b"", (), "hash of 0 bytes"),
    ],
)
def test_a_consistency_proof_that_does_not_fit_says_why(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(IntegrityError, match=reason):
        check_consistency(old, new, old_root, new_root, proof)


def test_the_518_public_vectors_agree_or_are_refused_more_strictly() -> None:
    folder = os.environ.get(VECTORS)
    if not folder:
        pytest.skip(f"{VECTORS} does not name a copy of transparency-dev/merkle's testdata")
    counts: Counter[str] = Counter()
    stricter = set()
    for path in sorted(Path(folder).rglob("*.json")):
        vector = json.loads(path.read_text())
        verdict = (_accepts(path.relative_to(folder).parts[0], vector), not vector["wantErr"])
        counts[{(True, False): "looser", (False, True): "stricter"}.get(verdict, "agree")] += 1
        if verdict == (False, True):
            stricter.add(path.stem)
    assert counts == {"agree": 510, "stricter": 8}
    # Two have roots of 12 bytes, the others speak of empty logs, which we prove nothing about.
    assert all(name.startswith(("sizes-are-equal-one", "subtree-is-empty")) for name in stricter)


def _accepts(kind: str, vector: dict[str, Any]) -> bool:
    try:
        _judge(kind, vector)
    except IntegrityError:
        return False
    return True


def _judge(kind: str, vector: dict[str, Any]) -> None:
    start, end = vector.get("start", 0), vector.get("end", 0)
    match kind:
        case "inclusion":
            _check_inclusion(vector, 0, vector["treeSize"])
        case "consistency":
            _check_consistency(vector, vector["size1"], vector["size2"])
        case "subtreeinclusion":
            if end > start and start % (1 << (end - start - 1).bit_length()):
                raise IntegrityError("no subtree begins there")
            _check_inclusion(vector, start, end)
        case "subtreeconsistency":
            if start:
                raise IntegrityError("our logs are compared from their first entry on")
            _check_consistency(vector, end, vector["size"])
        case _:
            pytest.fail(f"vectors of an unknown kind: {kind}")


def _check_inclusion(vector: dict[str, Any], start: int, end: int) -> None:
    leaf, root = b64decode(vector["leafHash"] or ""), b64decode(vector["root"] or "")
    check_inclusion(vector["leafIdx"] - start, end - start, leaf, _proof(vector), root)


def _check_consistency(vector: dict[str, Any], old: int, new: int) -> None:
    old_root, new_root = b64decode(vector["root1"] or ""), b64decode(vector["root2"] or "")
    check_consistency(old, new, old_root, new_root, _proof(vector))


def _proof(vector: dict[str, Any]) -> tuple[bytes, ...]:
    return tuple(b64decode(value) for value in vector["proof"] or ())
