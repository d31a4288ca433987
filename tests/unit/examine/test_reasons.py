"""Reasons: why something could not be looked at, in one sentence that a person understands."""

from __future__ import annotations

import io
import shutil
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from witnessmark.errors import MalformedError
from witnessmark.examine import metadata, pages, recording
from witnessmark.pixels import raster


def picture(form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(stream, form, **options)
    return stream.getvalue()


def bitmap(depth: int = 24, packing: int = 0) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, depth, packing, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 192, 0, 0, 54) + head + bytes(192)


PICTURES = {
    "a head and nothing else": (b"\xff\xd8\xff\xe0 no picture at all", "it ends before the picture does"),
    "a bitmap of seventeen bits": (bitmap(depth=17), "it is a BMP of a kind that cannot be decoded here"),
    "a bitmap packed as nobody packs": (
        bitmap(packing=99),
        "it is a BMP of a kind that cannot be decoded here",
    ),
    "a PNG whose head is broken": (
        picture("PNG").replace(b"IHDR", b"IHDX", 1),
        "no decoder takes it: its head is broken or missing, or it is no picture",
    ),
    "a TIFF that points outside itself": (b"II*\x00\xff\xff\xff\x7f", "it ends before the picture does"),
    "a text that swells": (
        picture("PNG")[:33] + struct.pack(">I", 100) + b"zTXta\x00\x00" + bytes(100),
        "",
    ),
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a visit to the room finds: in a process of its own nobody has asked for truncated pictures yet."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_cannot_be_decoded_has_one_clear_reason(name: str) -> None:
    content, said = PICTURES[name]
    with pytest.raises(MalformedError) as caught:
        raster.decoded(io.BytesIO(content))
    assert said in str(caught.value)
    assert not str(caught.value).startswith(("OSError", "ValueError", "SyntaxError"))
    assert "\n" not in str(caught.value)


def test_a_recording_that_is_none_is_said_to_be_broken() -> None:
    with pytest.raises(MalformedError, match="it is broken, incomplete, or no recording"):
        recording.first_frame(io.BytesIO(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(64)))


def test_a_pdf_that_is_none_is_said_to_be_broken() -> None:
    with pytest.raises(MalformedError, match="it is broken, incomplete, or none"):
        pages.first_page(io.BytesIO(b"%PDF-1.7 and nothing more"))


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_a_file_without_metadata_is_not_blamed_on_the_tool(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(range(256)))
    with (
        path.open("rb") as stream,
        pytest.raises(MalformedError, match="takes the file for none of its types"),
    ):
        metadata.read(stream)
