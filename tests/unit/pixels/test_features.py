"""Local features: packed and read back, the same for the mirrored picture, none where nothing stands out."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from witnessmark.errors import MalformedError
from witnessmark.examine.features import described
from witnessmark.pixels.features import DETAIL_SIDE, MOST, Features, features, is_page

pytest.importorskip("cv2", reason="OpenCV is not installed (extra pictures)")


def drawn(seed: int = 1, size: tuple[int, int] = (240, 320)) -> NDArray[np.uint8]:
    """A picture of rectangles of many sizes."""
    rng = np.random.default_rng(seed)
    picture = np.full(size, 128, np.uint8)
    for _ in range(250):
        height, width = (int(side) for side in np.clip(4 / rng.random(2), 4, 120))
        top, left = int(rng.integers(0, size[0])), int(rng.integers(0, size[1]))
        picture[top : top + height, left : left + width] = rng.integers(0, 256)
    return picture


def test_what_is_packed_is_read_back() -> None:
    found = features(drawn(), (3200, 2400))
    read = Features.unpack(found.pack())
    assert (read.width, read.height, len(read)) == (3200, 2400, len(found))
    assert len(found) > 200
    for name in ("places", "levels", "small"):
        assert np.array_equal(getattr(read, name), getattr(found, name))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda packed: packed[:10], "no packed features"),
        (lambda packed: b"x" + packed[1:], "no packed features"),
        (lambda packed: packed[:-1], "another length"),
        (lambda packed: packed[:8] + b"\x05\0\0\0" + packed[12:], "version 5"),
        (lambda packed: packed[:8] + b"\x02\0\0\0" + packed[12:], "another length"),
        (lambda packed: packed[:8] + b"\x02\0\0\0" + packed[12:] + b"\x01", "another length"),
        (lambda packed: packed[:12] + bytes(4) + packed[16:], "another length"),
    ],
)
def test_what_is_cut_or_changed_is_refused(change: object, told: str) -> None:
    assert callable(change)
    with pytest.raises(MalformedError, match=told):
        Features.unpack(change(features(noisy(drawn())).pack()))


def test_a_mirrored_picture_has_the_mirrored_features() -> None:
    picture = drawn()
    ours, theirs = features(picture).mirrored(), features(picture[:, ::-1])
    near = _unit(ours) @ _unit(theirs).T
    apart = np.abs(ours.pixels() - theirs.pixels()[near.argmax(axis=1)]).max(axis=1)
    assert (apart < 2).mean() > 0.8
    assert np.array_equal(ours.small, features(picture).small[:, ::-1])


def test_the_first_features_are_of_all_sizes() -> None:
    """By strength alone the letters of a caption would come first; the same share of each band is kept."""
    every = features(drawn())
    shrunk = features(drawn()[::3, ::3])
    assert len(every) == MOST
    near = (_unit(every.first(150)) @ _unit(shrunk).T).max(axis=1)
    assert (near > 0.9).mean() > 0.25


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (40, 40), (3, 2)])
def test_where_nothing_stands_out_there_are_no_features(size: tuple[int, int]) -> None:
    found = features(np.full(size, 77, np.uint8))
    assert len(found) == 0
    assert Features.unpack(found.pack()).small.min() == 77


def _unit(of: Features) -> NDArray[np.float32]:
    levels = of.levels.astype(np.float32)
    return np.asarray(levels / np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1), np.float32)


def page(seed: int = 1, size: tuple[int, int] = (1000, 701)) -> NDArray[np.uint8]:
    """Paper with lines of short dark strokes."""
    rng = np.random.default_rng(seed)
    sheet = np.full(size, 245, np.uint8)
    for top in range(60, size[0] - 60, 34):
        for left in range(60, size[1] - 60, 9):
            if rng.random() < 0.6:
                sheet[top + int(rng.integers(0, 8)) : top + 16, left : left + int(rng.integers(2, 6))] = 30
    return sheet


def test_of_a_page_a_larger_copy_is_kept_and_read_back() -> None:
    found = features(page())
    assert found.detail is not None
    assert found.detail.shape == (1000, 701)  # never larger than the picture
    larger = features(np.repeat(page(), 2, axis=0)).detail
    assert larger is not None and larger.shape == (DETAIL_SIDE, round(DETAIL_SIDE * 0.3505))
    read = Features.unpack(found.pack())
    assert read.detail is not None
    assert np.array_equal(read.detail, found.detail)
    assert np.array_equal(found.mirrored().pack(), Features.unpack(found.mirrored().pack()).pack())
    assert len(np.unique(found.detail)) <= 16


def test_a_page_in_a_frame_is_a_page() -> None:
    framed = np.pad(page(), ((150, 90), (160, 220)), constant_values=10)
    assert features(framed).detail is not None


def test_of_a_photograph_none_is_kept_and_none_is_larger_than_the_picture() -> None:
    photograph = features(noisy(drawn()))
    assert photograph.detail is None and not photograph.is_drawn
    assert not is_page(photograph.small)
    small = features(page(size=(301, 203))).detail
    assert small is not None
    assert small.shape == (301, 203)
    assert Features.unpack(features(page(size=(301, 203))).pack()).detail is not None


def test_of_a_thing_before_a_plain_wall_none_is_kept_since_nothing_is_written() -> None:
    rng = np.random.default_rng(5)
    wall = rng.normal(215, 4, (900, 700))
    down, across = np.mgrid[-300:300, -220:220]
    thing = 120 + 60 * np.sin(across / 23 + down / 61) * np.cos(down / 31) + rng.normal(0, 4, down.shape)
    inside = (down / 300) ** 2 + (across / 220) ** 2 < 1
    wall[150:750, 130:570][inside] = thing[inside]
    found = features(np.clip(wall, 0, 255).astype(np.uint8))
    assert is_page(found.small) and not found.is_drawn
    assert found.detail is None


def test_the_larger_copy_of_a_jpeg_is_as_large_as_that_of_the_same_picture_kept_whole() -> None:
    sheet = Image.fromarray(page(size=(1400, 1000)))
    files = {form: io.BytesIO() for form in ("JPEG", "PNG")}
    for form, file in files.items():
        sheet.save(file, form)
    jpeg, png = (described(file).detail for file in files.values())
    assert jpeg is not None and png is not None
    assert jpeg.shape == png.shape == (DETAIL_SIDE, 731)


def test_what_a_program_drew_has_a_larger_copy_and_says_so() -> None:
    found = features(drawn())
    read = Features.unpack(found.pack())
    assert read.is_drawn and read.detail is not None
    assert not Features.unpack(features(noisy(page())).pack()).is_drawn


def test_a_larger_copy_of_the_first_programs_is_read() -> None:
    packed = features(noisy(page(size=(301, 203)))).pack()
    assert packed[8] == 3
    older = Features.unpack(packed[:8] + b"\x02" + packed[9:])
    assert older.detail is not None and not older.is_drawn


def noisy(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As a camera or a scanner sees it."""
    noise = np.random.default_rng(2).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda packed, _: packed[:-1], "another size"),
        (lambda packed, _: packed + b"x", "another size"),
        (lambda packed, end: packed[:end] + b"\0\0" + packed[end + 2 :], "at most 1024"),
        (lambda packed, end: packed[:end] + b"\x01\x04" + packed[end + 2 :], "at most 1024"),
        (lambda packed, end: packed[:end] + b"\x10\0" + packed[end + 2 :], "another size"),
        (lambda packed, end: packed[: end + 4] + b"not what zlib writes", "cannot be read"),
        (lambda packed, end: packed[: end + 4] + zlib.compress(bytes(10**7)), "another size"),
    ],
)
def test_a_larger_copy_that_is_cut_or_changed_is_refused(change: object, told: str) -> None:
    assert callable(change)
    found = features(page())
    end = len(replace(found, detail=None).pack())
    with pytest.raises(MalformedError, match=told):
        Features.unpack(change(found.pack(), end))
