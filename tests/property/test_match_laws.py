"""Laws of the search for pictures: it agrees with counting bits one by one, and the nearest turn counts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.match import Coded, Pictures
from witnessmark.match.pdq import CHANGES, RADIUS, Part
from witnessmark.model import Digest

codes = st.binary(min_size=32, max_size=32)


def coded(number: int, first: bytes, others: bytes = b"") -> Coded:
    """A picture with a code as it is, and seven more."""
    turned = (others * 7)[: 7 * 32].ljust(7 * 32, b"\0")
    return Coded(
        Digest.of(b"%d" % number),
        (first, *(turned[at : at + 32] for at in range(0, 7 * 32, 32))),
        100,
        "PDQ",
    )


def apart(one: bytes, other: bytes) -> int:
    """How many bits differ, one by one."""
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(codes, max_size=20), codes, codes, st.integers(0, 256), st.integers(0, 40), st.integers(0, 7))
def test_near_agrees_with_counting_bit_by_bit(
    stored: list[bytes], first: bytes, others: bytes, radius: int, flips: int, turn: int
) -> None:
    query = coded(-1, first, others)
    mask = ((1 << flips) - 1).to_bytes(32)
    near = bytes(a ^ b for a, b in zip(query.codes[turn], mask, strict=True))  # else hardly any would be near
    stored = [*stored, near]
    pictures = Pictures(coded(number, code) for number, code in enumerate(stored[:-3]))
    pictures.near(query)  # what comes in after a search is found too
    for number, code in enumerate(stored):
        pictures.add(coded(number, code))
    expected = []
    for number, code in enumerate(stored):
        distances = [apart(code, turned) for turned in query.codes]
        if min(distances) <= radius:
            expected.append((min(distances), number, CHANGES[distances.index(min(distances))]))
    assert [(one.distance, one.candidate, one.transform) for one in pictures.near(query, radius)] == [
        (distance, Digest.of(b"%d" % number), change) for distance, number, change in sorted(expected)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(codes, min_size=1, max_size=4), min_size=1, max_size=8), st.integers(60, 140))
def test_candidates_are_the_nearest_of_all_pairs_of_wholes_and_parts(
    kept: list[list[bytes]], radius: int
) -> None:
    def picture(number: int, own: list[bytes]) -> Coded:
        parts = tuple(Part((at, 0, 9, 9), (code,) * 8, 100) for at, code in enumerate(own[1:]))
        return Coded(Digest.of(b"%d" % number), (own[0],) * 8, 100, "PDQ", parts)

    stored = [picture(number, own) for number, own in enumerate(kept[1:])]
    query = picture(-1, kept[0])
    found = {one.digest: one.distance for one in Pictures(stored).candidates(query, radius)}
    expected = {}
    for number, own in enumerate(kept[1:]):
        least = min(apart(one, other) for one in kept[0] for other in own)
        if apart(kept[0][0], own[0]) <= RADIUS:
            least = apart(kept[0][0], own[0])
        if least <= radius:
            expected[Digest.of(b"%d" % number)] = least
    assert found == expected
