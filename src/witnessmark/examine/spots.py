"""Spots of a picture, found in the locked room when pictures are registered; they are not kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from witnessmark.pixels import raster

if TYPE_CHECKING:
    from witnessmark.pixels.spots import Spots

TASK = f"{__name__}:spots"


def spots(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """One part: how many spots there are on a picture of which size, and the packed spots."""
    del parameters
    found = described(untrusted)
    yield {"count": len(found), "upright_width": found.width, "upright_height": found.height}, found.pack()


def described(untrusted: BinaryIO) -> Spots:
    """The spots of a picture file; to be called in the locked room only."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels import spots as fine  # noqa: PLC0415 - heavy

    whole = raster.opened(untrusted)
    width, height = whole.size
    untrusted.seek(0)
    picture = raster.decoded(untrusted, smallest=fine.LONG_SIDE)
    upright = raster.upright(raster.in_colour(picture.image).convert("L"), picture.orientation)
    size = (height, width) if picture.orientation >= 5 else (width, height)
    return fine.spots(np.asarray(upright), size)
