"""Views of a frame: near the codes of the cropped pixels, and turned with the frame."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from witnessmark.pixels import film, pdq
from witnessmark.pixels.views import WINDOWS, turned_to, views


def drawn(seed: int) -> np.ndarray:
    """Something like a frame: shapes of every size, the finer the fainter."""
    numbers, picture = np.random.default_rng(seed), np.zeros((512, 640))
    for cells in (3, 6, 12, 24, 48, 96):
        grid = Image.fromarray((numbers.random((cells, cells)) * 255).astype(np.uint8))
        picture += np.asarray(grid.resize((640, 512), Image.Resampling.BICUBIC)) / cells**0.4
    return np.asarray((picture - picture.min()) / np.ptp(picture) * 255, np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_a_view_is_near_the_code_of_its_pixels(seed: int) -> None:
    pixels = drawn(seed)
    codes, qualities = views(pdq.reduce(pixels))
    for (left, top, right, bottom), code, quality in zip(WINDOWS, codes, qualities, strict=True):
        cropped = np.ascontiguousarray(pixels[top * 8 : bottom * 8, left * 10 : right * 10])
        exact = pdq.fingerprint(cropped)
        assert np.bitwise_count(code ^ np.frombuffer(exact.code, np.uint8)).sum() <= 48
        assert abs(quality - exact.quality) <= 25


@pytest.mark.parametrize("turn", range(8))
def test_views_of_a_turned_frame_are_turned_views(turn: int) -> None:
    pixels = drawn(7)
    upright = film.turned(views(pdq.reduce(pixels))[0])[turn]
    turned = views(pdq.reduce(pixels, turn + 1))[0]
    there = [(here, place) for here, place in enumerate(turned_to(turn)) if place is not None]
    assert len(there) >= 10
    for here, place in there:
        assert np.bitwise_count(upright[here] ^ turned[place]).sum() <= 24


def test_a_plain_frame_has_views_that_say_nothing() -> None:
    _, qualities = views(pdq.reduce(np.full((480, 640), 90, np.uint8)))
    assert qualities == [0] * len(WINDOWS)
