"""Spots for registering views: thousands of places of a picture, fine enough to hold marks against.

`pixels.features` keeps a few hundred places at 400 pixels, enough to find a copy or a scene again. To say of
two marks that they cannot be one thing, places must be known to about a pixel of a large picture. These are
not kept: they are found when pictures are registered, and the places that agree stay in the match.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.pixels.features import Grey, opencv

LONG_SIDE, MOST = 1280, 4000
PARTS = 128
_CONTRAST = 0.02
_TOP = 255.0
_HEAD = struct.Struct("<8sIII")
_MAGIC = b"wmspots\n"


@dataclass(frozen=True, slots=True)
class Spots:
    """The spots of a picture of `width` × `height` upright pixels.

    `places` (float32[n, 2], x and y) are in upright pixels, `levels` (uint8[n, 128]) what lies around each.
    """

    width: int
    height: int
    places: NDArray[np.float32]
    levels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def pixel(self) -> float:
        """How many upright pixels one pixel is at the size at which spots are found."""
        return max(1.0, max(self.width, self.height) / LONG_SIDE)

    def pack(self) -> bytes:
        """The spots as bytes, to be carried out of the locked room."""
        head = _HEAD.pack(_MAGIC, self.width, self.height, len(self))
        return head + self.places.astype("<f4").tobytes() + self.levels.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Spots:
        """What was packed; MalformedError if these are no spots."""
        if len(packed) < _HEAD.size or not packed.startswith(_MAGIC):
            raise MalformedError("these are no packed spots")
        _, width, height, count = _HEAD.unpack_from(packed)
        middle = _HEAD.size + 8 * count
        if not width or not height or len(packed) != middle + PARTS * count:
            raise MalformedError("packed spots have another length than they say")
        places = np.frombuffer(packed[_HEAD.size : middle], "<f4").reshape(count, 2).astype(np.float32)
        if not np.isfinite(places).all():
            raise MalformedError("packed spots lie nowhere")
        return cls(width, height, places, np.frombuffer(packed[middle:], np.uint8).reshape(count, PARTS))


def spots(grey: Grey, size: tuple[int, int] | None = None, most: int = MOST) -> Spots:
    """The spots of an upright picture given as brightness (uint8[height, width]), the strongest first.

    SIFT (Lowe 2004, by OpenCV) on the picture at no more than 1,280 pixels, with Hellinger's kernel. `size`
    is the width and height of the whole picture, if `grey` is a smaller copy. UnavailableError without
    OpenCV.
    """
    cv2 = opencv()
    height, width = grey.shape
    whole = size or (width, height)
    scale = min(1.0, LONG_SIDE / max(width, height))
    scaled = (max(1, round(width * scale)), max(1, round(height * scale)))
    reduced = grey if scale == 1 else cv2.resize(grey, scaled, interpolation=cv2.INTER_AREA)
    sift = cv2.SIFT_create(most, contrastThreshold=_CONTRAST)
    found, described = sift.detectAndCompute(np.ascontiguousarray(reduced), None)
    places = np.array([one.pt for one in found[:most]], np.float32).reshape(-1, 2)
    roots = np.zeros((0, PARTS), np.float32)
    if described is not None:
        described = described[:most]
        roots = np.sqrt(described / np.maximum(described.sum(axis=1, keepdims=True), 1))
    levels = np.minimum(np.rint(roots * _TOP), _TOP).astype(np.uint8)
    upright = (places * (np.array(whole) / scaled)).astype(np.float32)
    return Spots(whole[0], whole[1], upright, levels)
