"""Local features of a picture, found in the locked room, as a packed working copy that the search reads.

They are kept whatever the search makes of them, so that its index can be built again without decoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from witnessmark.pixels import raster

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    from witnessmark.pixels import features as local  # noqa: PLC0415 - heavy

    local.opencv()
    width, height = raster.opened(untrusted).size
    grey, is_turned = _brightness(untrusted, local.LONG_SIDE)

    def finer(longer: int) -> NDArray[np.uint8]:
        return _brightness(untrusted, -(-longer * min(width, height) // max(width, height)))[0]

    return local.features(grey, (height, width) if is_turned else (width, height), finer=finer)


def _brightness(untrusted: BinaryIO, smallest: int) -> tuple[NDArray[np.uint8], bool]:
    """The upright brightness, at least so many pixels a side, and whether turning swapped the sides."""
    import numpy as np  # noqa: PLC0415 - heavy

    untrusted.seek(0)
    picture = raster.decoded(untrusted, smallest=smallest)
    upright = raster.upright(raster.in_colour(picture.image).convert("L"), picture.orientation)
    return np.asarray(upright), picture.orientation >= 5


def warm() -> None:
    """Load OpenCV and describe a picture of our own, before the room is locked behind a file."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels.features import features as find  # noqa: PLC0415 - heavy

    raster.warm()
    find(np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8))
