"""Lists of codes: found by the code of their rule, in any orientation, with the place in the list."""

from __future__ import annotations

import struct

import numpy as np

from witnessmark.match.lists import METHOD, CodeList, CodeLists
from witnessmark.match.pdq import CHANGES
from witnessmark.model import Digest, Facts, Finding

PICTURE, LIST, OTHER = Digest.of(b"picture"), Digest.of(b"list"), Digest.of(b"other")
FULL, SAMPLED = "PDQ, full resolution", "PDQ, 512 × 512 single pixels"
RANDOM = np.random.default_rng(7)
CODES = [RANDOM.bytes(32) for _ in range(16)]


def off_by(code: bytes, bits: int) -> bytes:
    return (int.from_bytes(code) ^ ((1 << bits) - 1)).to_bytes(32)


def listed(*rows: tuple[int, bytes], rule: str = FULL, of: Digest = LIST) -> CodeList:
    return CodeList(of, "E00007", rule, "line", b"".join(struct.pack(">I32s", *row) for row in rows))


def seen(quality: int = 100, rule: str = FULL) -> Finding:
    """A picture with eight codes by either rule."""
    eight = {"rule": rule, "codes": [code.hex() for code in CODES[:8]], "quality": quality}
    sampled = {"rule": SAMPLED, "codes": [code.hex() for code in CODES[8:]], "quality": quality}
    return Finding(PICTURE, "picture 2", "pdq", Facts(eight, sampled=sampled), "look")


def test_the_nearest_place_is_named_and_further_ones_are_counted() -> None:
    rows = (5, off_by(CODES[0], 20)), (9, off_by(CODES[0], 3)), (11, RANDOM.bytes(32))
    (match,) = CodeLists([listed(*rows)]).match(PICTURE, [seen()])
    assert (match.candidate, match.method, match.distance) == (LIST, METHOD, 3)
    assert "line 9 of the list E00007" in match.reason
    assert "1 further places" in match.reason
    assert match.measured["places"] == (9, 5)


def test_a_code_beyond_the_radius_is_no_hit() -> None:
    for bits, found in ((31, 1), (32, 0)):
        assert len(CodeLists([listed((1, off_by(CODES[0], bits)))]).match(PICTURE, [seen()])) == found


def test_turned_and_mirrored_pictures_are_found_and_it_is_said_how() -> None:
    (match,) = CodeLists([listed((1, CODES[5]))]).match(PICTURE, [seen()])
    assert match.transform == CHANGES[5]
    assert CHANGES[5] in match.reason


def test_each_list_is_searched_by_the_code_of_its_own_rule_only() -> None:
    by_full, by_sampled = listed((1, CODES[0])), listed((1, CODES[8]), rule=SAMPLED, of=OTHER)
    found = CodeLists([by_full, by_sampled]).match(PICTURE, [seen()])
    assert [(one.candidate, one.distance) for one in found] == [(LIST, 0), (OTHER, 0)]
    swapped = [listed((1, CODES[8])), listed((1, CODES[0]), rule=SAMPLED, of=OTHER)]
    assert CodeLists(swapped).match(PICTURE, [seen()]) == ()


def test_codes_by_an_earlier_name_of_the_rule_are_looked_up_too() -> None:
    finding = seen(rule=f"{FULL}, luma in floating point")
    assert len(CodeLists([listed((1, CODES[0]))]).match(PICTURE, [finding])) == 1


def test_a_picture_whose_code_says_too_little_is_not_looked_up() -> None:
    assert CodeLists([listed((1, CODES[0]))]).match(PICTURE, [seen(quality=49)]) == ()


def test_without_lists_nothing_is_found() -> None:
    assert CodeLists([]).match(PICTURE, [seen()]) == ()
