"""Sheets: two derivatives side by side with what joins them, and one laid truly over the other."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from witnessmark.errors import MalformedError, UsageError
from witnessmark.examine.sheet import packed, sheet

WIDE, HIGH = 120, 80


def jpeg(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def spotted(x: int, y: int, size: tuple[int, int] = (WIDE, HIGH)) -> Any:
    """A dark picture with one light spot."""
    pixels = np.full((size[1], size[0]), 40)
    pixels[y - 6 : y + 6, x - 6 : x + 6] = 240
    return pixels


def made(one: bytes, other: bytes, **parameters: object) -> Any:
    ((facts, written),) = sheet(io.BytesIO(packed(one, other)), parameters)
    picture = np.asarray(Image.open(io.BytesIO(written)))
    assert picture.shape == (facts["height"], facts["width"])
    return picture


def test_both_stand_side_by_side_with_a_gap() -> None:
    picture = made(jpeg(spotted(30, 40)), jpeg(spotted(80, 20)))
    assert picture.shape == (HIGH, 2 * WIDE + 8)
    assert picture[40, 30] > 200
    assert picture[20, WIDE + 8 + 80] > 200


def test_what_agrees_lies_on_what_it_agrees_with() -> None:
    one, other = jpeg(spotted(30, 40)), jpeg(spotted(70, 30))
    picture = made(one, other, matrix=(1, 0, 40, 0, 1, -10))
    overlay = picture[HIGH + 8 :, (picture.shape[1] - WIDE) // 2 :][:, :WIDE]
    assert overlay[30, 70] > 200  # both light
    apart = made(one, other, matrix=(1, 0, 0, 0, 1, 0))[HIGH + 8 :, (picture.shape[1] - WIDE) // 2 :]
    assert 100 < apart[30, 70] < 180  # one light, one dark


def test_a_mirroring_map_lays_it_mirrored() -> None:
    picture = made(jpeg(spotted(30, 40)), jpeg(spotted(90, 40)), matrix=(-1, 0, WIDE, 0, 1, 0))
    assert picture[HIGH + 8 + 40, (picture.shape[1] - WIDE) // 2 + 90] > 200


def test_places_that_agree_are_joined() -> None:
    plain = made(jpeg(np.full((HIGH, WIDE), 90)), jpeg(np.full((HIGH, WIDE), 90)))
    joined = made(jpeg(np.full((HIGH, WIDE), 90)), jpeg(np.full((HIGH, WIDE), 90)), pairs=[[20, 40, 100, 40]])
    changed = np.abs(joined.astype(int) - plain.astype(int)) > 40
    assert changed[40, 25:WIDE].mean() > 0.9
    assert not changed[:20].any()


@pytest.mark.parametrize(
    ("content", "parameters", "error"),
    [
        (b"", {}, MalformedError),
        (b"\x00\x00\x00\x05abcde", {}, MalformedError),
        (packed(jpeg(spotted(30, 40)), b""), {}, MalformedError),
        (packed(jpeg(spotted(30, 40)), jpeg(spotted(30, 40))), {"matrix": (1, 0, 0)}, UsageError),
        (packed(jpeg(spotted(30, 40)), jpeg(spotted(30, 40))), {"matrix": (0,) * 6}, UsageError),
        (packed(jpeg(spotted(30, 40)), jpeg(spotted(30, 40))), {"pairs": [["x"] * 4]}, UsageError),
        (packed(jpeg(spotted(30, 40)), jpeg(spotted(30, 40))), {"pairs": [[float("nan")] * 4]}, UsageError),
    ],
)
def test_what_makes_no_sheet_is_refused(content: bytes, parameters: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        list(sheet(io.BytesIO(content), parameters))
