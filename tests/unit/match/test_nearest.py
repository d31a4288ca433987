"""The nearest descriptors: compiled and plain say the same, and both what a slow reckoning says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.match.features.nearest import nearest
from witnessmark.pixels.features import PARTS, TOP_LEVEL


def drawn(count: int, seed: int, top: int = TOP_LEVEL) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, top + 1, (count, PARTS), np.uint8)


@given(
    count=st.integers(1, 9),
    others=st.integers(2, 11),
    seed=st.integers(0, 1 << 30),
    top=st.sampled_from([0, 1, TOP_LEVEL]),
)
@settings(deadline=None)
def test_both_ways_say_the_same_and_what_is_so(count: int, others: int, seed: int, top: int) -> None:
    ours, theirs = drawn(count, seed, top), drawn(others, seed + 1, top)
    found = nearest(ours, theirs)
    for mine, plain in zip(found, nearest(ours, theirs, compiled=False), strict=True):
        assert np.array_equal(mine, plain)
    lengths = [np.maximum(np.linalg.norm(each.astype(float), axis=1), 1) for each in (ours, theirs)]
    cosines = ours.astype(float) @ theirs.T.astype(float) / np.outer(*lengths)
    ordered = np.sort(cosines, axis=1)
    assert found.first == pytest.approx(ordered[:, -1], abs=1e-5)
    assert found.second == pytest.approx(ordered[:, -2], abs=1e-5)
    assert cosines[np.arange(count), found.best] == pytest.approx(ordered[:, -1], abs=1e-5)


def test_the_largest_levels_do_not_overflow() -> None:
    full = np.full((6, PARTS), TOP_LEVEL, np.uint8)
    found = nearest(full, full)
    assert found.best.tolist() == [0] * 6, "of equal ones the first"
    assert found.first == pytest.approx(np.ones(6))
    assert found.second == pytest.approx(np.ones(6))


def test_descriptors_that_do_not_fit_are_refused() -> None:
    kernels = pytest.importorskip("witnessmark.match.native.kernels")
    one, room = np.zeros((1, PARTS), np.uint8), np.empty(1, np.float32)
    with pytest.raises(ValueError, match="do not fit"):
        kernels.nearest(one, one, np.empty(2, np.float32), np.empty(1, np.int32), room, room)
