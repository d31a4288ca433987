"""Laws of the search for near codes: it agrees with counting bits one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from witnessmark.match.pdq import near

codes = st.integers(0, 30).flatmap(lambda n: arrays(np.uint8, (n, 32)))


@settings(max_examples=60, deadline=None)
@given(codes, arrays(np.uint8, (8, 32)), st.integers(0, 256), st.integers(0, 40))
def test_near_agrees_with_counting_bit_by_bit(
    stored: np.ndarray, query: np.ndarray, radius: int, flips: int
) -> None:
    if len(stored):  # else nothing at random would ever be near
        stored[0] = np.packbits(np.unpackbits(query[5]) ^ (np.arange(256) < flips))
    rows, distances, turns = near(stored, query, radius)
    apart = [
        [sum((a ^ b).bit_count() for a, b in zip(s, q, strict=True)) for q in query.tolist()]
        for s in stored.tolist()
    ]
    expected = [
        (row, min(each), each.index(min(each))) for row, each in enumerate(apart) if min(each) <= radius
    ]
    assert list(zip(rows.tolist(), distances.tolist(), turns.tolist(), strict=True)) == expected
