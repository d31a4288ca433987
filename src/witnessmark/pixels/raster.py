"""Raster pictures: opened only in formats that evidence comes in, and never larger than the room can hold."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from witnessmark.errors import MalformedError, RefusedError, WitnessmarkError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000")
"""What Pillow may decode here (MPO, several JPEG in one file, comes in by JPEG).

Its other decoders are old and rare, and have cost the most memory.
"""

MEDIA_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/bmp", "image/avif"}
    | {"image/jp2", "image/x-jp2-codestream", "image/x-canon-cr2"}
)
NOT_DECODED = "pictures of the type {} are kept, and there is no decoder for them here"
MOST_PIXELS = 120_000_000
_DECODERS = ("Jpeg", "Mpo", "Png", "Gif", "WebP", "Tiff", "Bmp", "Avif", "Jpeg2K")
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Raster:
    """A decoded picture as it is stored, how to turn it upright, and whether all of it was there."""

    image: Image.Image
    orientation: int
    complete: bool


def warm() -> None:
    """Load the decoders, so that no visit to the room has to."""
    for name in _DECODERS:
        importlib.import_module(f"PIL.{name}ImagePlugin")


def decoded(untrusted: BinaryIO, *, smallest: int | None = None) -> Raster:
    """The first frame of the picture; `smallest` allows coarser decoding down to that many pixels a side."""
    image = opened(untrusted)
    orientation = orientation_of(image)
    if smallest is not None and image.format in ("JPEG", "MPO"):
        image.draft(None, (smallest, smallest))
    return Raster(image, orientation, load(image))


def opened(untrusted: BinaryIO) -> Image.Image:
    """The picture with its header read and nothing decoded; RefusedError if it is too large to decode."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - heavy

    Image.MAX_IMAGE_PIXELS = None  # the limit below stands in its place
    try:
        with _explained(None):
            image = Image.open(untrusted, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise MalformedError(
            "no decoder takes it: its head is broken or missing, or it is no picture"
        ) from error
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise RefusedError(
            f"{width} × {height} pixels are more than the {MOST_PIXELS // 10**6} million that are decoded"
        )
    if not width or not height:
        raise MalformedError("a picture without pixels")
    return image


_SAID = (
    ("truncated", "it ends before the picture does"),
    ("expected to read", "it ends before the picture does"),
    ("expecting to read", "it ends before the picture does"),
    ("not enough image data", "it ends before the picture does"),
    ("unsupported bmp", "it is a BMP of a kind that cannot be decoded here"),
    ("cannot decode image data", "a part of it is coded in a way that cannot be decoded here"),
    ("could not create decoder", "it is coded in a way that cannot be decoded here"),
    ("max_text_chunk", "a text in it would take up more memory than it may"),
    ("text memory", "the texts in it would take up more memory than they may"),
    ("palette", "its table of colours is broken"),
    ("unknown pixel mode", "its pixels are of a kind that cannot be decoded here"),
    ("unknown data organization", "its pixels are laid out in a way that cannot be decoded here"),
    ("bad checksum", "a check sum in it does not match"),
    ("broken png", "a part of the PNG is broken"),
    ("broken data stream", "its data are broken"),
    ("decoder error", "its data are broken"),
    ("missing", "a part that every picture of this kind has is missing"),
)
"""What Pillow says, as far as it says which of a few things is wrong; and how to say it to a person."""


@contextmanager
def _explained(form: str | None) -> Iterator[None]:
    """One sentence for whatever a decoder throws; Pillow's own words follow in brackets."""
    from PIL import UnidentifiedImageError  # noqa: PLC0415 - heavy

    try:
        yield
    except (UnidentifiedImageError, WitnessmarkError, MemoryError):
        raise
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        said = next((told for key, told in _SAID if key in words.lower()), "its data are broken")
        what = f"the {form} picture" if form else "the picture"
        raise MalformedError(f"{what} cannot be decoded: {said} ({words[:120]})") from error


def orientation_of(image: Image.Image) -> int:
    """How the decoded pixels have to be turned (EXIF 1 to 8); 1 where nothing valid is said.

    A TIFF is turned upright by its decoder, and says its upright size.
    """
    if image.format == "TIFF":
        return 1
    try:
        said = image.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, TypeError, KeyError, IndexError, OSError, OverflowError):
        return 1  # broken EXIF says nothing
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def load(image: Image.Image) -> bool:
    """Decode the pixels of an opened picture; False if the end of them is missing and was filled up.

    MalformedError if they cannot be decoded.
    """
    from PIL import ImageFile  # noqa: PLC0415 - heavy

    with _explained(image.format):
        try:
            image.load()
        except OSError:
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                image.load()
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False  # or the next one that is cut would pass for whole
            return False
    return True


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """`image` turned as `orientation` asks for."""
    from PIL import Image  # noqa: PLC0415 - heavy

    turn = Image.Transpose
    turns = (
        *(turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM, turn.TRANSPOSE),
        *(turn.ROTATE_270, turn.TRANSVERSE, turn.ROTATE_90),
    )
    return image if orientation == 1 else image.transpose(turns[orientation - 2])


def in_colour(image: Image.Image) -> Image.Image:
    """`image` as plain RGB: transparency shows white, sixteen-bit grey is scaled."""
    from PIL import Image  # noqa: PLC0415 - heavy

    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")
