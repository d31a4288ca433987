"""Film: the codes of a video's frames with their times, packed, so that it is decoded only once.

Two lists. `seconds` has about one frame of each second and is what an archive is searched in; `frames` has
every frame as far as it was looked at, without those that hardly differ from the one before, and is what is
looked up. A video with bars has each frame twice: as it is, and without the bars.

The packed form is specified in `docs/explanation/format/film.md`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.pixels import pdq
from witnessmark.pixels.reduction import UNIT, Reduced
from witnessmark.pixels.waves import CODE, COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED

Grey = NDArray[np.uint8]
Codes = NDArray[np.uint8]
Rows = NDArray[np.void]

LEAST_QUALITY = 50
"""Frames below it say too little to be compared: black, plain, out of focus."""
LATEST_MS = 2**32 - 1
WHOLE, CONTENT = 0, 1
"""What of the frame a code is of: all of it, or what is left without the bars."""
ROW = np.dtype(
    [("ms", "<u4"), ("quality", "u1"), ("part", "u1"), ("reserved", "<u2"), ("code", "u1", (pdq.CODE_BYTES,))]
)
_HEAD = struct.Struct("<8sI II IIII II")
_MAGIC, _VERSION = b"wmfilm\n\x00", 1
_BLACK, _WHITE = 16, 235
"""The levels between which video keeps its brightness, where it does not say otherwise."""
_BAR = 24
"""A line of a bar deviates by no more than so many levels."""
_LEAST_BAR, _LEAST_CONTENT = 0.02, 0.25

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the stored frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """What was coded of a video with upright frames of `width` × `height` pixels.

    `seconds` and `frames` are arrays of `ROW` in the order of time. `content` is what is left of a stored
    frame without its bars, all of it if there are none.
    """

    width: int
    height: int
    content: Box
    seconds: Rows
    frames: Rows

    def pack(self) -> bytes:
        """The packed form."""
        counts = len(self.seconds), len(self.frames)
        head = _HEAD.pack(_MAGIC, _VERSION, self.width, self.height, *self.content, *counts)
        return head + self.seconds.tobytes() + self.frames.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Film:
        """What a packed form holds; MalformedError if it is none."""
        if len(packed) < _HEAD.size or not packed.startswith(_MAGIC):
            raise MalformedError("these are no packed codes of a video")
        _, version, width, height, x, y, wide, high, seconds, frames = _HEAD.unpack_from(packed)
        if version != _VERSION:
            raise MalformedError(f"a video's codes are packed in version {version}; this program reads 1")
        if len(packed) != _HEAD.size + (seconds + frames) * ROW.itemsize:
            raise MalformedError("a video's packed codes have another length than they say")
        rows = np.frombuffer(packed, ROW, offset=_HEAD.size)
        return cls(width, height, (x, y, wide, high), rows[:seconds], rows[seconds:])


def coded(luma: Grey, orientation: int, *, is_full_range: bool) -> tuple[bytes, int]:
    """The code of a frame, given as brightness as it is stored, and its quality (0 to 100)."""
    reduced = pdq.reduce(luma, orientation)
    if not is_full_range:
        reduced = _stretched(reduced)
    structure = pdq.quality(reduced) if min(luma.shape) >= pdq.LEAST_SIDE else 0
    return pdq.orientations(pdq.spectrum(reduced))[0].tobytes(), structure


def content_of(frames: list[Grey]) -> Box:
    """What is left of frames of one size without lines at their edges that are plain in all of them.

    The whole frame, if hardly anything or nearly everything would be cut off.
    """
    height, width = frames[0].shape
    telling = [one for one in frames if one.shape == (height, width) and np.ptp(one) > 2 * _BAR]
    whole = (0, 0, width, height)
    if not telling:
        return whole
    top, bottom = _bounds(np.max([np.ptp(one, axis=1) for one in telling], axis=0))
    left, right = _bounds(np.max([np.ptp(one[top:bottom], axis=0) for one in telling], axis=0))
    share = (right - left) * (bottom - top) / (width * height)
    return whole if not _LEAST_CONTENT <= share <= 1 - _LEAST_BAR else (left, top, right - left, bottom - top)


def turned(codes: Codes) -> Codes:
    """The codes uint8[8, n, 32] that frames with these codes have in the eight orientations of `pdq`.

    The first are as given. The others are within a few bits of what the pixels would give: a wave that is
    turned over changes its bit, but for those near the middle.
    """
    bits = np.unpackbits(codes, axis=1)[:, ::-1]
    origins, turned_over = _turns()
    changed = bits[:, origins].transpose(1, 0, 2) ^ turned_over[:, None, :]
    packed: Codes = np.packbits(changed[:, :, ::-1], axis=2)
    return packed


def _stretched(reduced: Reduced) -> Reduced:
    """Brightness between black and white of video, as brightness from 0 to 255."""
    above = reduced.astype(np.int64) - _BLACK * UNIT
    return np.clip(above * 255 // (_WHITE - _BLACK), 0, 255 * UNIT).astype(np.uint32)


def _bounds(deviations: NDArray[np.uint8]) -> tuple[int, int]:
    """The first line that is not plain, and the one after the last."""
    lines = np.flatnonzero(deviations > _BAR)
    return (int(lines[0]), int(lines[-1]) + 1) if len(lines) else (0, 0)


@cache
def _turns() -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """For each orientation and bit, from which bit it comes and whether that is turned over."""
    places = np.arange(CODE * CODE).reshape(CODE, CODE)
    odd, plain = np.arange(CODE) % 2 == 0, np.zeros(CODE, bool)
    origins, over = [], []
    for turn in range(1, len(pdq.ORIENTATIONS) + 1):
        across = odd if turn in COLUMNS_REVERSED else plain
        down = odd if turn in ROWS_REVERSED else plain
        is_over = down[:, None] ^ across[None, :]
        is_swapped = turn in SIDES_SWAPPED
        origins.append((places.T if is_swapped else places).ravel())
        over.append((is_over.T if is_swapped else is_over).ravel())
    return np.array(origins), np.array(over, np.uint8)
