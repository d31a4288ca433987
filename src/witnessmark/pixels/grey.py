"""Brightness: the picture decoded to one byte a pixel, which is all that a fingerprint needs.

A JPEG holds its brightness as a layer of its own, and only that is decoded: by simplejpeg where it is
installed and the file is whole, else by Pillow. Both have the same decoder and give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from witnessmark.pixels import raster

if TYPE_CHECKING:
    from PIL import Image

_STRIP_PIXELS = 1 << 21
_JPEGS = ("JPEG", "MPO")


@dataclass(frozen=True, slots=True, eq=False)
class Grey:
    """The first frame of a picture: brightness uint8[height, width] as stored, and how to turn it upright."""

    pixels: NDArray[np.uint8]
    orientation: int
    complete: bool
    """Whether all of it was there; what was missing is filled up."""
    header: Image.Image
    """What else the file says of itself. Its own pixels are not to be asked for."""
    mode: str
    """How its pixels are stored, in Pillow's words."""


def decoded(untrusted: BinaryIO) -> Grey:
    """The brightness of the first frame, in the locked room only.

    MalformedError if it is no picture or cannot be decoded, RefusedError if it has too many pixels.
    """
    image = raster.opened(untrusted)
    mode, orientation = image.mode, raster.orientation_of(image)
    pixels = _layer(untrusted, image.size) if image.format in _JPEGS else None
    if pixels is not None:
        return Grey(pixels, orientation, True, image, mode)
    if image.format in _JPEGS:
        image.draft("L", image.size)
    complete = raster.load(image)
    return Grey(brightness(image), orientation, complete, image, mode)


def brightness(image: Image.Image) -> NDArray[np.uint8]:
    """The brightness uint8[height, width] of a decoded picture; transparency shows white."""
    if image.mode == "L" and "transparency" not in image.info:
        return np.asarray(image)
    width, height = image.size
    pixels = np.empty((height, width), np.uint8)
    step = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, step):
        strip = image.crop((0, top, width, min(height, top + step)))
        pixels[top : top + step] = np.asarray(raster.in_colour(strip).convert("L"))
    return pixels


def _layer(untrusted: BinaryIO, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The layer of brightness of a whole JPEG; None where Pillow has to look."""
    try:
        import simplejpeg  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        return None
    untrusted.seek(0)
    try:
        decoded_layer = simplejpeg.decode_jpeg(untrusted.read(), "GRAY")
    except (ValueError, OverflowError):  # broken somewhere, or stored in other colours
        return None
    pixels: NDArray[np.uint8] = decoded_layer[:, :, 0]
    return pixels if pixels.shape == size[::-1] else None
