"""PDQ: a 256-bit code of how a picture looks, near for near-duplicates, in all eight orientations.

After Meta's published algorithm, by its full-resolution rule: the brightness of every pixel counts, as in
the Python package `pdqhash`. (Meta's C++ tools first take 512 × 512 single pixels; the two differ by some
bits, so codes from a foreign list have to say their rule.) The two smoothing passes, each along rows and
along columns, and the reduction to 64 × 64 are linear, so both sides of the picture are multiplied by one
matrix each. The picture is never turned: the matrices are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

RULE = "PDQ, full resolution, luma in floating point"
BITS = 256
_SIDE, _CODE, _PASSES = 64, 16, 2
_LUMA = (0.299, 0.587, 0.114)
_STRIP_PIXELS = 1 << 21

ORIENTATIONS = (
    *("as it is", "mirrored left to right", "turned by 180°", "mirrored top to bottom"),
    *("mirrored along the diagonal", "turned by 90° clockwise", "mirrored along the other diagonal"),
    "turned by 90° counter-clockwise",
)
"""How a picture was changed to have the code at this place of `Code.codes` (in EXIF's order)."""


_COLUMNS_REVERSED, _ROWS_REVERSED, _SIDES_SWAPPED = (2, 3, 7, 8), (3, 4, 6, 7), (5, 6, 7, 8)
"""What each EXIF orientation does, in this order; the sides are swapped last."""


@dataclass(frozen=True, slots=True)
class Code:
    """The codes of a picture in the eight `ORIENTATIONS`, and how much structure it has (0 to 100)."""

    codes: tuple[str, ...]
    quality: int


def code_of(image: Image.Image, orientation: int = 1) -> Code:
    """The code of the picture turned upright from its EXIF `orientation`."""
    small = _reduced(image, orientation)
    spectrum = _cosines() @ small @ _cosines().T
    return Code(tuple(_written(_turned(spectrum, turn)) for turn in range(8)), _quality(small))


def _reduced(image: Image.Image, orientation: int) -> NDArray[np.float32]:
    """The upright picture smoothed and reduced to 64 × 64, computed strip by strip."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels.raster import in_colour  # noqa: PLC0415 - drawn in with Pillow

    width, height = image.size
    along_rows, along_columns = _reduction(width), _reduction(height)
    if orientation in _COLUMNS_REVERSED:
        along_rows = along_rows[:, ::-1]
    if orientation in _ROWS_REVERSED:
        along_columns = along_columns[:, ::-1]
    total = np.zeros((_SIDE, width), np.float32)
    step = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, step):
        strip = np.asarray(in_colour(image.crop((0, top, width, min(height, top + step)))), np.float32)
        weights = along_columns[:, top : top + step]
        rows = np.flatnonzero(weights.any(axis=1))
        total[rows] += weights[rows] @ (strip @ np.array(_LUMA, np.float32))
    small: NDArray[np.float32] = total @ along_rows.T
    return small.T if orientation in _SIDES_SWAPPED else small


def _reduction(length: int) -> NDArray[np.float32]:
    """64 rows of weights: two box filters over `length` samples, read off at 64 places."""
    import numpy as np  # noqa: PLC0415 - heavy

    window = (length + 2 * _SIDE - 1) // (2 * _SIDE)
    ahead = (window + 2) // 2
    places = ((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(int)
    weights = np.zeros((_SIDE, length))
    weights[np.arange(_SIDE), places] = 1
    positions = np.arange(length)
    first = np.maximum(0, positions - (window - ahead))
    after = np.minimum(length, positions + ahead)
    for _ in range(_PASSES):  # sample i is the mean of [first, after): spread its weight over them
        shares = weights / (after - first)
        edges = np.zeros((_SIDE, length + 1))
        for row in range(_SIDE):
            edges[row] = np.bincount(first, shares[row], length + 1) - np.bincount(
                after, shares[row], length + 1
            )
        weights = edges.cumsum(axis=1)[:, :length]
    weights[np.abs(weights) < 1e-12] = 0
    return weights.astype(np.float32)


def _cosines() -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415 - heavy

    waves = np.arange(1, _CODE + 1)[:, None] * (2 * np.arange(_SIDE) + 1)[None, :]
    cosines: NDArray[np.float64] = np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * waves)
    return cosines


def _turned(spectrum: NDArray[np.float64], turn: int) -> NDArray[np.float64]:
    """The spectrum of the picture after the change `ORIENTATIONS[turn]`."""
    import numpy as np  # noqa: PLC0415 - heavy

    signs = np.where(np.arange(_CODE) % 2, 1.0, -1.0)  # mirroring turns every other wave over
    columns = signs[None, :] if turn + 1 in _COLUMNS_REVERSED else 1
    rows = signs[:, None] if turn + 1 in _ROWS_REVERSED else 1
    mirrored = spectrum * columns * rows
    return mirrored.T if turn + 1 in _SIDES_SWAPPED else mirrored


def _written(spectrum: NDArray[np.float64]) -> str:
    """The code as Meta's tools print it: 64 hexadecimal digits, the first wave in the last bit."""
    import numpy as np  # noqa: PLC0415 - heavy

    values = spectrum.ravel()
    middle = np.partition(values, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits((values > middle)[::-1]).tobytes().hex()


def _quality(small: NDArray[np.float32]) -> int:
    """How much the 64 × 64 picture changes from place to place; near 0 for plain surfaces."""
    import numpy as np  # noqa: PLC0415 - heavy

    steps = (np.diff(small, axis=axis) * np.float32(100) / np.float32(255) for axis in (0, 1))
    return min(100, sum(int(np.abs(np.trunc(step)).sum()) for step in steps) // 90)
