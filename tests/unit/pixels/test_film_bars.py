"""Bars around a video: what is left of its frames without them."""

from __future__ import annotations

import numpy as np

from witnessmark.pixels.film import Grey, content_of

HEIGHT, WIDTH = 200, 320


def with_writing(picture: Grey) -> Grey:
    """A black bar of 50 lines above, on which something is written."""
    bar = np.zeros((50, WIDTH), np.uint8)
    bar[20:32, 40:280] = 255
    return np.concatenate([bar, picture])


def texture(seed: int) -> Grey:
    return np.random.default_rng(seed).integers(40, 256, (HEIGHT, WIDTH), np.uint8)


def test_a_bar_with_writing_is_left_out_even_if_nothing_moves() -> None:
    assert content_of([with_writing(texture(1))] * 8) == (0, 50, WIDTH, HEIGHT)


def test_a_bar_with_writing_is_left_out_at_any_side() -> None:
    frame = with_writing(texture(2))
    assert content_of([np.ascontiguousarray(frame[::-1])] * 2) == (0, 0, WIDTH, HEIGHT)
    assert content_of([np.ascontiguousarray(frame.T)] * 2) == (50, 0, HEIGHT, WIDTH)


def test_a_dark_line_within_a_picture_is_no_bar() -> None:
    picture = texture(3)
    picture[60:70] = 0
    assert content_of([picture] * 2) == (0, 0, WIDTH, HEIGHT)
