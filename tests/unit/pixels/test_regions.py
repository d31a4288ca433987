"""Regions: pictures within pictures are cut out to the pixel, and a photograph is one whole."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from witnessmark.pixels import pdq
from witnessmark.pixels.prints import LEAST_QUALITY, fingerprints
from witnessmark.pixels.regions import LOOKED_AT, MOST, Grey, Region, regions, turned


@cache
def photograph(seed: int, height: int, width: int) -> Grey:
    """Smooth noise with a grain: no straight line in it, and nothing plain."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(30, 225, (9, 9))
    across = np.array([np.interp(np.linspace(0, 8, width), np.arange(9), row) for row in places])
    down = np.array([np.interp(np.linspace(0, 8, height), np.arange(9), column) for column in across.T]).T
    return np.clip(down + rng.normal(0, 5, (height, width)), 0, 255).astype(np.uint8)


def text(page: Grey, top: int, left: int, width: int, ink: int) -> None:
    """A line of text: strokes some pixels apart, twelve pixels high."""
    for stroke in range(left, left + width, 7):
        page[top + stroke % 3 : top + 12, stroke : stroke + 3] = ink


def near(found: Region, wanted: Region, pixels: int) -> bool:
    edges = zip(
        (found.x, found.y, found.x + found.width, found.y + found.height),
        (wanted.x, wanted.y, wanted.x + wanted.width, wanted.y + wanted.height),
        strict=True,
    )
    return all(abs(one - other) <= pixels for one, other in edges)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [(300, 400), (1200, 900), (90, 60), (1000, 1501)])
def test_a_photograph_is_one_whole(seed: int, size: tuple[int, int]) -> None:
    assert regions(photograph(seed, *size)) == []


@pytest.mark.parametrize("level", [0, 30, 255])
@pytest.mark.parametrize(
    "where",
    [Region(0, 60, 500, 380), Region(90, 0, 320, 500), Region(25, 25, 450, 450), Region(0, 100, 500, 400)],
    ids=["letterbox", "pillarbox", "frame", "bar above"],
)
@pytest.mark.parametrize("scale", [1, 3])
def test_bars_and_frames_are_trimmed_to_the_pixel(where: Region, level: int, scale: int) -> None:
    place = Region(where.x * scale, where.y * scale, where.width * scale, where.height * scale)
    page = np.full((500 * scale, 500 * scale), level, np.uint8)
    place.of(page)[:] = photograph(1, place.height, place.width)
    assert any(near(found, place, 1) for found in regions(page))


@pytest.mark.parametrize(("ground", "ink"), [(255, 20), (18, 230)])
def test_the_picture_in_a_screenshot_of_a_post_is_cut_out(ground: int, ink: int) -> None:
    page = np.full((1480, 720), ground, np.uint8)
    place = Region(30, 320, 660, 440)
    place.of(page)[:] = photograph(2, place.height, place.width)
    for line in range(60, 260, 40):
        text(page, line, 30, 400, ink)
    for line in range(800, 1300, 40):
        text(page, line, 30, 500, ink)
    assert any(near(found, place, 1) for found in regions(page))


def test_pictures_side_by_side_are_parted() -> None:
    page = np.hstack([photograph(3, 400, 500), photograph(4, 400, 430)])
    found = regions(page)
    for wanted in (Region(0, 0, 500, 400), Region(500, 0, 430, 400)):
        assert any(near(one, wanted, 2) for one in found)


@pytest.mark.parametrize("gap", [0, 6, 20])
def test_each_picture_of_a_collage_is_cut_out(gap: int) -> None:
    height, width = 300, 400
    page = np.full((2 * height + 3 * gap, 2 * width + 3 * gap), 255, np.uint8)
    places = [
        Region(gap + column * (width + gap), gap + row * (height + gap), width, height)
        for row in (0, 1)
        for column in (0, 1)
    ]
    for seed, place in enumerate(places):
        place.of(page)[:] = photograph(seed + 5, height, width)
    found = regions(page)
    assert all(any(near(one, place, 3) for one in found) for place in places)
    assert len(found) <= MOST


def test_the_code_of_a_region_is_the_code_of_the_picture_that_was_pasted() -> None:
    picture = photograph(9, 420, 640)
    page = np.full((1300, 720), 255, np.uint8)
    page[500:920, 40:680] = picture
    found = fingerprints(page)
    assert pdq.fingerprint(picture).code in [code.code for _, code in found.regions]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(1203, 817), (300, 211)])
def test_regions_are_given_in_pixels_of_the_upright_picture(orientation: int, size: tuple[int, int]) -> None:
    page = np.full(size, 255, np.uint8)
    page[size[0] // 5 : size[0] // 2, size[1] // 10 : size[1] // 2] = photograph(
        4, size[0] // 2 - size[0] // 5, size[1] // 2 - size[1] // 10
    )
    upright = np.ascontiguousarray(turned(page, orientation))
    found = regions(page, orientation)
    assert found == regions(upright)
    assert found
    for region in found:
        assert np.array_equal(turned(region.of(page, orientation), orientation), region.of(upright))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (23, 23), (24, 24), (LOOKED_AT + 1, 2)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_plain_and_tiny_pictures_have_no_regions(size: tuple[int, int], level: int) -> None:
    assert regions(np.full(size, level, np.uint8)) == []


def test_a_region_that_says_too_little_gets_no_code() -> None:
    page = np.full((600, 600), 255, np.uint8)
    page[100:500, 100:500] = np.linspace(100, 130, 400).astype(np.uint8)  # a plain slope
    assert regions(page)
    assert fingerprints(page).regions == ()
    assert fingerprints(photograph(1, 300, 300)).whole.quality >= LEAST_QUALITY
