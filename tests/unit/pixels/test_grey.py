"""Every kind of picture has its brightness and its code, and what is broken is said in one sentence."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.examine.picture import Picture
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Copy, Digest, Finding
from witnessmark.pixels import grey, pdq, raster

ORIENTATION = 0x0112


def scene(mode: str = "RGB", width: int = 320, height: int = 240) -> Image.Image:
    """Smooth noise in all colours."""
    places = np.random.default_rng(7).uniform(0, 255, (3, 24, 24))
    rows, columns = np.linspace(0, 23, height), np.linspace(0, 23, width)
    across = np.array([[np.interp(columns, range(24), row) for row in layer] for layer in places])
    down = np.array([[np.interp(rows, range(24), column) for column in layer.T] for layer in across])
    return Image.fromarray(down.transpose(2, 1, 0).astype(np.uint8)).convert(mode)


def written(image: Image.Image, kind: str, **how: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def decoded(content: bytes) -> grey.Grey:
    return grey.decoded(io.BytesIO(content))


def found(content: bytes) -> dict[str, Finding]:
    copy = Copy(Digest.of(content), len(content), media_type_of(content))
    return {one.property: one for one in Picture().examine(copy, io.BytesIO(content))}


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


CODE = pdq.fingerprint(np.asarray(scene("L"))).code


@pytest.mark.parametrize(
    ("kind", "image", "how"),
    [
        ("JPEG", scene(), {}),
        ("JPEG", scene("L"), {}),
        ("JPEG", scene("CMYK"), {}),
        ("JPEG", scene(), {"progressive": True, "subsampling": 0}),
        ("JPEG", scene(), {"keep_rgb": True}),
        ("MPO", scene(), {"save_all": True, "append_images": [Image.new("RGB", (320, 240))]}),
        ("PNG", scene(), {}),
        ("PNG", scene("RGBA"), {}),
        ("PNG", scene("LA"), {}),
        ("PNG", scene("P"), {}),
        ("PNG", Image.fromarray(np.asarray(scene("L")).astype(np.uint16) * 257), {}),
        ("TIFF", scene("CMYK"), {}),
        ("TIFF", scene(), {"compression": "tiff_lzw"}),
        ("GIF", scene(), {"save_all": True, "append_images": [Image.new("RGB", (320, 240))] * 3}),
        ("WEBP", scene(), {}),
        ("BMP", scene(), {}),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else None,
)
def test_every_kind_of_picture_gives_the_code_of_its_first_frame(
    kind: str, image: Image.Image, how: dict[str, Any]
) -> None:
    picture = decoded(written(image, kind, **how))
    assert picture.pixels.shape == (240, 320)
    assert picture.complete
    assert apart(pdq.fingerprint(picture.pixels).code, CODE) <= 12


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quick_decoder_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, mode: str, how: dict[str, Any]
) -> None:
    pytest.importorskip("simplejpeg", reason="the extra 'pictures' is not installed")
    content = written(scene(mode, 333, 217), "JPEG", quality=70, **how)
    quick = decoded(content)
    monkeypatch.setitem(__import__("sys").modules, "simplejpeg", None)
    slow = decoded(content)
    assert np.array_equal(quick.pixels, slow.pixels)
    assert (quick.mode, quick.complete, quick.orientation) == (slow.mode, slow.complete, slow.orientation)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_the_picture_is_coded_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = written(scene(), kind, exif=exif)
    upright = raster.upright(scene("L"), orientation)
    code = bytes.fromhex(found(content)["pdq"].value["codes"][0])
    assert apart(code, pdq.fingerprint(np.asarray(upright)).code) <= 12


@pytest.mark.parametrize("orientation", [0, 9, 4711, 65535])
def test_an_orientation_that_does_not_exist_says_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert decoded(written(scene(), "JPEG", exif=exif)).orientation == 1


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_hinder() -> None:
    content = written(scene(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert (decoded(content).orientation, decoded(content).complete) == (1, True)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_jpeg_is_coded_as_far_as_it_goes_and_says_so(share: float) -> None:
    content = written(scene(), "JPEG", quality=90)
    part = content[: int(len(content) * share)]
    assert not decoded(part).complete
    findings = found(part)
    assert findings["picture"].value["complete"] is False
    assert len(findings["pdq"].value["codes"]) == 8


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff\xe0", written(scene(), "JPEG")[:40], written(scene(), "PNG")[:20], b"GIF89a"],
)
def test_what_is_no_picture_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError) as refused:
        decoded(content)
    assert "\n" not in str(refused.value)


def test_an_enormous_picture_is_refused_before_it_is_decoded() -> None:
    small = written(Image.new("1", (4, 3)), "PNG")
    head = b"IHDR" + struct.pack(">II", 40_000, 30_000) + small[24:29]
    content = small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]
    with pytest.raises(RefusedError, match="40000 × 30000 pixels are more than"):
        decoded(content)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (2, 3)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_of_a_pixel_or_a_line_has_a_code_that_says_nothing(
    kind: str, size: tuple[int, int]
) -> None:
    value = found(written(scene().resize(size), kind))["pdq"].value
    assert (value["quality"], value["regions"]) == (0, ())


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_flat_picture_has_a_code_that_says_nothing(level: int) -> None:
    value = found(written(Image.new("L", (400, 300), level), "JPEG"))["pdq"].value
    assert (value["quality"], value["sampled"]["quality"], value["regions"]) == (0, 0, ())
    assert set(value["codes"]) == {"00" * 32}


def test_transparency_shows_white() -> None:
    clear = Image.new("RGBA", (50, 40), (0, 0, 0, 0))
    for content in (written(clear, "PNG"), written(clear, "WEBP", lossless=True)):
        assert (decoded(content).pixels == 255).all()
    keyed = Image.new("L", (50, 40), 7)
    assert (decoded(written(keyed, "PNG", transparency=7)).pixels == 255).all()


def test_a_finding_holds_both_rules_and_the_regions_in_pixels_of_the_upright_picture() -> None:
    page = Image.new("L", (720, 1200), 255)
    page.paste(scene("L", 640, 480), (40, 300))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = written(raster.upright(page, 8), "PNG", exif=exif)
    value = found(content)["pdq"].value
    assert value["rule"] == "PDQ, full resolution"
    assert value["sampled"]["rule"] == "PDQ, 512 × 512 single pixels"
    assert len(value["sampled"]["codes"]) == 8
    place = {"x": 40, "y": 300, "width": 640, "height": 480}
    (region,) = (one for one in value["regions"] if {name: one[name] for name in place} == place)
    inside = pdq.fingerprint(np.asarray(scene("L", 640, 480)))
    assert apart(bytes.fromhex(region["codes"][0]), inside.code) <= 12
    assert found(content)["picture"].value["upright_width"] == 720
