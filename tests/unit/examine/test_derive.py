"""Derivatives: masks cover what they should in every orientation, and nothing but pixels goes on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image, ImageDraw

from witnessmark.errors import UsageError
from witnessmark.examine import derive
from witnessmark.pixels import raster

CANARY = b"CANARY-51.5007-SERIAL"
SECRET, GROUND = (255, 255, 0), (0, 60, 160)
BOX: dict[str, Any] = {"shape": "box", "points": [[40, 30], [90, 70]]}
TRIANGLE: dict[str, Any] = {"shape": "polygon", "points": [[150, 20], [190, 20], [170, 80]]}


def turned_away(upright: Image.Image, orientation: int) -> Image.Image:
    """The stored form that a viewer turns upright by `orientation`."""
    back = {6: 8, 8: 6}.get(orientation, orientation)
    return raster.upright(upright, back)


def posted(orientation: int, size: tuple[int, int] = (240, 160), factor: int = 1) -> io.BytesIO:
    """A JPEG with yellow where the two masks lie, and words in all its metadata."""
    upright = Image.new("RGB", (size[0] * factor, size[1] * factor), GROUND)
    draw = ImageDraw.Draw(upright)
    draw.rectangle((40 * factor, 30 * factor, 90 * factor - 1, 70 * factor - 1), fill=SECRET)
    draw.polygon(
        [(150 * factor, 20 * factor), (190 * factor, 20 * factor), (170 * factor, 80 * factor)], fill=SECRET
    )
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = CANARY.decode()
    stream = io.BytesIO()
    turned_away(upright, orientation).save(
        stream,
        "JPEG",
        quality=95,
        exif=exif,
        comment=CANARY,
        icc_profile=CANARY * 9,
        xmp=b"<x>" + CANARY + b"</x>",
    )
    stream.seek(0)
    return stream


def made(task: Any, stream: io.BytesIO, **wish: Any) -> tuple[Mapping[str, Any], Image.Image, bytes]:
    ((facts, content),) = task(stream, wish)
    return facts, Image.open(io.BytesIO(content)), content


def yellowest(image: Image.Image) -> int:
    """How far any pixel leans to the colour of the secret."""
    return max(min(r, g) - b for r, g, b in image.convert("RGB").get_flattened_data())  # type: ignore[misc]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("wish", [{"max_px": 240}, {"max_px": 100}, {"max_px": 31, "blur": 2}])
def test_a_mask_covers_its_region_in_every_orientation(orientation: int, wish: dict[str, Any]) -> None:
    facts, image, _ = made(derive.preview, posted(orientation), masks=[BOX, TRIANGLE], **wish)
    assert (facts["upright_width"], facts["upright_height"]) == (240, 160)
    assert image.width > image.height
    assert yellowest(image) < 30
    scale = image.width / 240
    assert max(image.getpixel((int(65 * scale), int(50 * scale)))) < (40 if "blur" not in wish else 130)  # type: ignore[arg-type]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_without_masks_the_secret_would_show(orientation: int) -> None:
    _, image, _ = made(derive.preview, posted(orientation), max_px=240)
    assert yellowest(image) > 200
    assert image.getpixel((65, 50))[0] > 200  # type: ignore[index]
    assert image.getpixel((10, 150))[0] < 60  # type: ignore[index]


@pytest.mark.parametrize("orientation", [1, 6])
def test_masks_hold_when_a_large_picture_is_decoded_coarsely(orientation: int) -> None:
    scaled = [{**mask, "points": [[8 * x, 8 * y] for x, y in mask["points"]]} for mask in (BOX, TRIANGLE)]
    facts, image, _ = made(derive.preview, posted(orientation, factor=8), masks=scaled, max_px=120)
    assert (facts["upright_width"], image.width) == (1920, 120)
    assert yellowest(image) < 30


@pytest.mark.parametrize("task", [derive.preview, derive.upright])
def test_nothing_of_the_file_but_its_pixels_goes_on(task: Any) -> None:
    stream = posted(6)
    assert stream.getvalue().count(CANARY) >= 4
    _, image, content = made(task, stream)
    assert CANARY not in content
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_upright_picture_keeps_its_size_and_its_masks() -> None:
    facts, image, _ = made(derive.upright, posted(8), masks=[BOX, TRIANGLE], max_px=10)
    assert image.size == (240, 160)
    assert yellowest(image) < 30
    assert facts["masks"] == 2


@pytest.mark.parametrize(
    "mask",
    [
        {"shape": "box", "points": [[9000, 9000], [9100, 9100]]},
        {"shape": "polygon", "points": [[-50, 20], [20, -50], [-50, -50]]},
    ],
)
def test_a_picture_is_not_given_out_as_masked_by_what_hides_nothing(mask: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="a mask hides nothing"):
        made(derive.upright, posted(8), masks=[BOX, mask])


def test_grey_is_grey() -> None:
    _, image, _ = made(derive.preview, posted(1), grey=True, max_px=64)
    assert image.mode == "L"


def test_every_mode_of_a_picture_can_be_shown() -> None:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I;16B", "I", "F"):
        stream = io.BytesIO()
        Image.new(mode, (20, 10)).save(stream, "TIFF")
        stream.seek(0)
        assert made(derive.preview, stream, max_px=16)[1].size == (16, 8)


def test_a_picture_whose_end_is_missing_is_shown_as_far_as_it_goes() -> None:
    whole = posted(1).getvalue()
    facts, image, _ = made(derive.preview, io.BytesIO(whole[: len(whole) * 2 // 3]), max_px=64)
    assert facts["complete"] is False
    assert image.width == 64


@pytest.mark.parametrize(
    "wish",
    [
        {"masks": [{"shape": "point", "points": [[1, 1]]}]},
        {"masks": [{"shape": "circle", "points": []}]},
        {"masks": [{"points": [[1, 1]]}]},
        {"masks": [{"shape": "polygon", "points": [[0, 0], [1, 1], [float("nan"), 2]]}]},
        {"max_px": 0},
        {"blur": -1},
        {"frame": 3},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises((UsageError, ValueError)):
        made(derive.preview, posted(1), **wish)


def film(**tags: str) -> io.BytesIO:
    """Half a second of a yellow square in the upper left of a blue field."""
    av = pytest.importorskip("av", reason="the extra 'media' is not installed")
    stream = io.BytesIO()
    picture = Image.new("RGB", (96, 64), GROUND)
    ImageDraw.Draw(picture).rectangle((0, 0, 31, 31), fill=SECRET)
    with av.open(stream, "w", format="mp4") as container:
        track = container.add_stream("mpeg4", rate=10)
        track.width, track.height, track.pix_fmt = 96, 64, "yuv420p"
        container.metadata.update(tags)
        for _ in range(5):
            container.mux(track.encode(av.VideoFrame.from_image(picture)))
        container.mux(track.encode())
    stream.seek(0)
    return stream


def test_the_first_frame_of_a_video_is_shown_and_masked() -> None:
    facts, image, content = made(derive.preview, film(comment=CANARY.decode()), max_px=96)
    assert (facts["upright_width"], facts["upright_height"]) == (96, 64)
    assert image.getpixel((10, 10))[0] > 200  # type: ignore[index]
    assert CANARY not in content
    mask = {"shape": "box", "points": [[0, 0], [36, 36]]}
    assert yellowest(made(derive.preview, film(), max_px=96, masks=[mask])[1]) < 40


def test_any_page_of_a_pdf_is_drawn_and_none_that_is_not_there() -> None:
    pytest.importorskip("pypdfium2", reason="the extra 'pdf' is not installed")
    stream = io.BytesIO()
    plain, marked = Image.new("RGB", (100, 50), GROUND), Image.new("RGB", (100, 50), SECRET)
    plain.save(stream, "PDF", resolution=72, save_all=True, append_images=[marked])
    content = stream.getvalue()
    assert yellowest(made(derive.page, io.BytesIO(content), number=1, max_px=200)[1]) < 100
    facts, image, _ = made(derive.page, io.BytesIO(content), number=2, max_px=100)
    assert yellowest(image) > 200
    assert (facts["width"], facts["upright_width"]) == (100, 200)
    for number in (0, 3, "2", True):
        with pytest.raises(UsageError):
            made(derive.page, io.BytesIO(content), number=number)


def test_the_first_page_of_a_pdf_is_shown_and_masked() -> None:
    pytest.importorskip("pypdfium2", reason="the extra 'pdf' is not installed")
    stream = io.BytesIO()
    page = Image.new("RGB", (100, 50), GROUND)
    ImageDraw.Draw(page).rectangle((0, 0, 49, 49), fill=SECRET)
    page.save(stream, "PDF", resolution=72)
    stream.seek(0)
    facts, image, _ = made(derive.preview, stream, max_px=200)
    assert (facts["upright_width"], facts["upright_height"]) == (200, 100)
    assert yellowest(image) > 200
    stream.seek(0)
    mask = {"shape": "box", "points": [[0, 0], [104, 100]]}
    assert yellowest(made(derive.preview, stream, max_px=200, masks=[mask])[1]) < 40
