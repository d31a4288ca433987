"""Local features: a few hundred places of a picture, each described by how it looks around them.

SIFT (Lowe 2004, by OpenCV) on the picture scaled to one size, with Hellinger's kernel (RootSIFT: Arandjelović
and Zisserman 2012). Which features are kept is decided by scale: large ones survive thumbnails, small ones
crops, so both have their share; by strength alone a caption's letters would push out the picture. A
descriptor keeps 4 bits of each of its 128 parts. That of the mirrored picture is the same one in another
order, so a picture is never described twice.

The packed form is specified in `docs/explanation/format/features.md`. Finding features needs OpenCV;
reading them back needs numpy only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError, UnavailableError

if TYPE_CHECKING:
    from types import ModuleType

Grey = NDArray[np.uint8]
LONG_SIDE = 400
MOST = 600
SMALL_SIDE = 96
PARTS, TOP_LEVEL = 128, 15
NEEDED = "likenesses need OpenCV; pip install 'witnessmark[pictures]'"
_LEVELS_OF_ONE = 52
_BANDS = ((4.5, 0.40), (9.0, 0.35), (np.inf, 0.25))
"""Up to which size (pixels at `LONG_SIDE`) a band reaches, and its share of the features that are kept."""
_CONTRAST = 0.02
_HEAD = struct.Struct("<8sI II H BB")
_MAGIC, _VERSION = b"wmfeats\n", 1
_PLACE_BYTES, _PACKED_BYTES = 4, PARTS // 2
_PLACES = 65535


@dataclass(frozen=True, slots=True)
class Features:
    """What was described of a picture of `width` × `height` upright pixels.

    `places` (uint16[n, 2], x and y) are in parts of 65,535 of its sides, `levels` (uint8[n, 128]) from 0 to
    15, the features that say most first. `small` is the picture's brightness, its longer side 96 pixels.
    """

    width: int
    height: int
    places: NDArray[np.uint16]
    levels: NDArray[np.uint8]
    small: Grey

    def __len__(self) -> int:
        return len(self.places)

    def pixels(self) -> NDArray[np.float32]:
        """Where the features lie, float32[n, 2], in pixels at `LONG_SIDE`."""
        width, height = scaled_size(self.width, self.height)
        scale = np.array([width / _PLACES, height / _PLACES], np.float32)
        return np.multiply(self.places, scale, dtype=np.float32)

    def first(self, count: int) -> Features:
        """The same with no more than `count` features."""
        return Features(self.width, self.height, self.places[:count], self.levels[:count], self.small)

    def mirrored(self) -> Features:
        """The features of the same picture mirrored left to right."""
        places = self.places.copy()
        places[:, 0] = _PLACES - places[:, 0]
        small = np.ascontiguousarray(self.small[:, ::-1])
        return Features(self.width, self.height, places, self.levels[:, _mirrored_parts()], small)

    def pack(self) -> bytes:
        """The packed form."""
        height, width = self.small.shape
        head = _HEAD.pack(_MAGIC, _VERSION, self.width, self.height, len(self), width, height)
        pairs = self.levels[:, 0::2] | self.levels[:, 1::2] << 4
        return head + self.places.astype("<u2").tobytes() + pairs.tobytes() + self.small.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Features:
        """What a packed form holds; MalformedError if it is none."""
        if len(packed) < _HEAD.size or not packed.startswith(_MAGIC):
            raise MalformedError("these are no packed features")
        _, version, width, height, count, small_width, small_height = _HEAD.unpack_from(packed)
        if version != _VERSION:
            raise MalformedError(f"features are packed in version {version}; this program reads {_VERSION}")
        sizes = (count * _PLACE_BYTES, count * _PACKED_BYTES, small_width * small_height)
        if len(packed) != _HEAD.size + sum(sizes) or not width or not height or not sizes[2]:
            raise MalformedError("packed features have another length than they say")
        bounds = np.cumsum((_HEAD.size, *sizes)).tolist()
        places, pairs, small = (
            np.frombuffer(packed[start:stop], np.uint8) for start, stop in pairwise(bounds)
        )
        levels = np.empty((count, PARTS), np.uint8)
        pairs = pairs.reshape(count, _PACKED_BYTES)
        levels[:, 0::2], levels[:, 1::2] = pairs & TOP_LEVEL, pairs >> 4
        picture = small.reshape(small_height, small_width)
        return cls(width, height, places.view("<u2").reshape(count, 2).astype(np.uint16), levels, picture)


def scaled_size(width: int, height: int) -> tuple[int, int]:
    """The size of a picture when its longer side is scaled to `LONG_SIDE`."""
    scale = LONG_SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def features(grey: Grey, size: tuple[int, int] | None = None, most: int = MOST) -> Features:
    """The features of an upright picture given as brightness (uint8[height, width]).

    `size` is the width and height of the whole picture, if `grey` is a smaller copy of it. Raises
    UnavailableError without OpenCV.
    """
    cv2 = opencv()
    grey = np.ascontiguousarray(grey)
    height, width = grey.shape
    scaled = scaled_size(width, height)
    how = cv2.INTER_AREA if scaled[0] < width else cv2.INTER_CUBIC
    found, descriptors = _sift().detectAndCompute(cv2.resize(grey, scaled, interpolation=how), None)
    spots = np.array([(*one.pt, one.size, one.response) for one in found], np.float64).reshape(-1, 4)
    kept = _balanced(spots[:, 2], spots[:, 3])[:most]
    places = np.clip(spots[kept, :2] / scaled * _PLACES, 0, _PLACES).round().astype(np.uint16)
    described = np.zeros((0, PARTS), np.float32) if descriptors is None else descriptors[kept]
    scale = SMALL_SIDE / max(width, height)
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    little = cv2.resize(grey, small, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    width, height = size or (width, height)
    return Features(width, height, places, _levels(described), little)


@cache
def opencv() -> ModuleType:
    """OpenCV, held to one thread; UnavailableError if it is not installed."""
    try:
        import cv2  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise UnavailableError(NEEDED) from error
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
    return cv2


@cache
def _sift() -> Any:
    return opencv().SIFT_create(0, contrastThreshold=_CONTRAST)


def _balanced(sizes: NDArray[np.float64], strengths: NDArray[np.float64]) -> NDArray[np.intp]:
    """An order in which the first so many always hold each band's share, the strongest of each."""
    order = np.argsort(-strengths, kind="stable")
    turn = np.empty(len(order))
    lower = 0.0
    for upper, share in _BANDS:
        band = order[(sizes[order] >= lower) & (sizes[order] < upper)]
        turn[band] = np.arange(len(band)) / share
        lower = upper
    return np.argsort(turn, kind="stable")


def _levels(descriptors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RootSIFT in 16 levels."""
    roots = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1))
    levels: NDArray[np.uint8] = np.minimum(np.rint(roots * _LEVELS_OF_ONE), TOP_LEVEL).astype(np.uint8)
    return levels


@cache
def _mirrored_parts() -> NDArray[np.intp]:
    """In which order the parts of a descriptor stand in that of the mirrored place.

    A descriptor has 4 × 4 cells, turned to the strongest gradient, of 8 directions each: mirroring swaps the
    rows of cells and the sense of the directions.
    """
    parts = np.arange(PARTS).reshape(4, 4, 8)
    return parts[::-1][:, :, -np.arange(8) % 8].ravel()
