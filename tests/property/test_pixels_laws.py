"""Laws of fingerprints: turning a picture turns its codes, and whatever is compiled equals numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from witnessmark.pixels import engine, pdq
from witnessmark.pixels.pdq import Rule
from witnessmark.pixels.prints import fingerprints
from witnessmark.pixels.reduction import UNIT, weights_for
from witnessmark.pixels.regions import regions, turned

sides = st.integers(1, 200)
greys = st.tuples(st.integers(1, 90), st.integers(1, 90)).flatmap(lambda size: arrays(np.uint8, size))
colours = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(lambda size: arrays(np.uint8, (*size, 3)))


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def noise(seed: int, height: int, width: int) -> pdq.Pixels:
    """Smooth noise: what lies between 24 × 24 places is drawn from one to the next."""
    places = np.random.default_rng(seed).uniform(0, 255, (24, 24))
    rows, columns = np.linspace(0, 23, height), np.linspace(0, 23, width)
    across = np.array([np.interp(columns, np.arange(24), row) for row in places])
    return np.array([np.interp(rows, np.arange(24), column) for column in across.T]).T.astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(greys | colours, st.sampled_from(Rule), st.integers(1, 8))
def test_any_picture_has_eight_codes_and_always_the_same(pixels: Any, rule: Rule, orientation: int) -> None:
    found = pdq.fingerprint(pixels, rule, orientation)
    assert {len(code) for code in found.codes} == {32}
    assert 0 <= found.quality <= 100
    assert pdq.fingerprint(pixels.copy(), rule, orientation) == found


@settings(max_examples=60, deadline=None)
@given(greys, st.integers(1, 8))
def test_orientation_is_as_good_as_turning_the_pixels(pixels: Any, orientation: int) -> None:
    assert pdq.fingerprint(pixels, Rule.FULL, orientation) == pdq.fingerprint(turned(pixels, orientation))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(500, 900), st.integers(500, 900), st.integers(1, 8))
def test_the_codes_of_a_turned_picture_are_derived_to_a_few_bits(
    seed: int, height: int, width: int, orientation: int
) -> None:
    distances = []
    for number in range(5):  # one picture in a hundred has a wave that hangs on a pixel
        pixels = noise(seed + number, height, width)
        derived = pdq.fingerprint(pixels).codes[orientation - 1]
        distances.append(apart(pdq.fingerprint(turned(pixels, orientation)).code, derived))
    assert sorted(distances)[2] <= 31


@settings(max_examples=40, deadline=None)
@given(greys | colours)
def test_every_kernel_equals_numpy(pixels: Any) -> None:
    layers = pixels.reshape(*pixels.shape[:2], -1)
    weights = [weights_for(side) for side in pixels.shape[:2]]
    plain = engine.engine("numpy").reduce(layers, *weights)
    for name in engine.names():
        assert np.array_equal(engine.engine(name).reduce(layers, *weights), plain)


@given(st.integers(1, 30_000))
def test_the_weights_of_every_place_lie_within_the_side_and_make_one(length: int) -> None:
    weights = weights_for(length)
    assert (weights.weights.sum(axis=1, dtype=np.int64) == UNIT).all()
    assert (weights.starts >= 0).all()
    assert (weights.starts + weights.lengths <= length).all()
    mirrored = weights.mirrored(length)
    assert np.array_equal(mirrored.mirrored(length).weights, weights.weights)


@settings(max_examples=60, deadline=None)
@given(greys)
def test_regions_of_any_picture_lie_within_it(pixels: Any) -> None:
    height, width = pixels.shape
    for region in regions(pixels):
        assert 0 <= region.x < region.x + region.width <= width
        assert 0 <= region.y < region.y + region.height <= height
        assert (region.width, region.height) != (width, height)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8), st.sampled_from([0, 255, 30]))
def test_regions_and_their_codes_are_those_of_the_upright_picture(
    seed: int, orientation: int, bar: int
) -> None:
    pixels = np.full((300, 200), bar, np.uint8)
    pixels[60:240] = noise(seed, 180, 200)
    stored = fingerprints(pixels, orientation)
    upright = fingerprints(np.ascontiguousarray(turned(pixels, orientation)))
    assert stored == upright
