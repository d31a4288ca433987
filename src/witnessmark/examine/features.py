"""Local features of a picture, found in the locked room, as a packed working copy that the search reads.

They are kept whatever the search makes of them, so that its index can be built again without decoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from witnessmark.pixels import raster

if TYPE_CHECKING:
    from witnessmark.pixels.features import Features

PROPERTY, INSTRUMENT = "features", "features 1"
MEDIA_TYPE = "application/vnd.witnessmark.features"
TASK = f"{__name__}:features"
LIMITS = (
    "Places of strong contrast and what lies around them, on the picture scaled to 400 pixels; plain or "
    "blurred pictures have few or none, and cannot be found by them. Only the first frame is described."
)


def features(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """One part: how many features there are on a picture of which size, and the packed features."""
    del parameters
    found = described(untrusted)
    facts = {"count": len(found), "upright_width": found.width, "upright_height": found.height}
    yield facts, found.pack()


def described(untrusted: BinaryIO) -> Features:
    """The features of a picture file; to be called in the locked room only."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels import features as local  # noqa: PLC0415 - heavy

    local.opencv()
    whole = raster.opened(untrusted)
    width, height = whole.size
    untrusted.seek(0)
    picture = raster.decoded(untrusted, smallest=local.LONG_SIDE)
    upright = raster.upright(raster.in_colour(picture.image).convert("L"), picture.orientation)
    size = (height, width) if picture.orientation >= 5 else (width, height)
    return local.features(np.asarray(upright), size)


def warm() -> None:
    """Load OpenCV and describe a picture of our own, before the room is locked behind a file."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels.features import features as find  # noqa: PLC0415 - heavy

    raster.warm()
    find(np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8))
