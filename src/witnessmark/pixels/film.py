"""Film: the codes of a video's frames with their times, packed, so that it is decoded only once.

Two lists. `seconds` has about one frame of each second and the first of each new scene, and is what an
archive is searched in; `frames` has every frame as far as it was looked at, without those that hardly differ
from the one before, and is what is looked up. A video with bars has each frame twice: as it is, and without
the bars. Frames of `seconds`, and some four in a second of `frames`, have their `views` as well.

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
from witnessmark.pixels.views import WINDOWS
from witnessmark.pixels.views import views as views_of
from witnessmark.pixels.waves import CODE, COLUMNS_REVERSED, ROWS_REVERSED, SIDES_SWAPPED

Grey = NDArray[np.uint8]
Codes = NDArray[np.uint8]
Rows = NDArray[np.void]

LEAST_QUALITY = 50
"""Frames below it say too little to be compared: black, plain, out of focus."""
LATEST_MS = 2**32 - 1
WHOLE, CONTENT, VIEWS = 0, 1, 2
"""What of the frame a code is of: all of it, what is left without the bars, or from here on one of the
`WINDOWS` of that."""
PARTS = VIEWS + len(WINDOWS)
ROW = np.dtype(
    [("ms", "<u4"), ("quality", "u1"), ("part", "u1"), ("reserved", "<u2"), ("code", "u1", (pdq.CODE_BYTES,))]
)
_HEAD, _ROW = struct.Struct("<8sI II IIII II"), struct.Struct("<IBBH32s")
_MAGIC, _VERSION, _VERSIONS = b"wmfilm\n\x00", 2, (1, 2)
"""Version 1 has no views, and is read as it is."""
_BLACK, _WHITE = 16, 235
"""The levels between which video keeps its brightness, where it does not say otherwise."""
_BAR = 24
"""A line of a bar deviates by no more than so many levels."""
_LEAST_BAR, _LEAST_CONTENT = 0.02, 0.25
_MOST_WRITTEN = 0.4
"""Up to which share of a side a bar with writing is looked for."""
_LEAST_FRAMES, _MOST_OF_A_LINE, _MOST_STILL = 4, 95, 0.6
_EDGE, _NEAR_EDGE = 16, 4
"""A bar that is not plain ends in a line that differs from the next by so many levels in the mean of every
frame, within so many lines of where it is no longer still."""

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
        if version not in _VERSIONS:
            raise MalformedError(
                f"a video's codes are packed in version {version}; this program reads 1 and 2"
            )
        if len(packed) != _HEAD.size + (seconds + frames) * ROW.itemsize:
            raise MalformedError("a video's packed codes have another length than they say")
        rows = np.frombuffer(packed, ROW, offset=_HEAD.size)
        return cls(width, height, (x, y, wide, high), rows[:seconds], rows[seconds:])


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame, reduced once: its code, how much it says (0 to 100), and what its views are made of."""

    code: bytes
    quality: int
    reduced: Reduced

    def row(self, part: int, at_ms: int) -> bytes:
        """Its row, as in `ROW`."""
        return row(at_ms, self.quality, part, self.code)

    def views(self, at_ms: int) -> bytes:
        """The rows of its views."""
        codes, qualities = views_of(self.reduced)
        return b"".join(
            row(at_ms, quality if self.quality else 0, VIEWS + number, code.tobytes())
            for number, (code, quality) in enumerate(zip(codes, qualities, strict=True))
        )


def row(at_ms: int, quality: int, part: int, code: bytes) -> bytes:
    """A row of `ROW` as bytes."""
    return _ROW.pack(at_ms, quality, part, 0, code)


def coded(luma: Grey, orientation: int, *, is_full_range: bool) -> Seen:
    """What a frame says, given as brightness as it is stored."""
    reduced = pdq.reduce(luma, orientation)
    if not is_full_range:
        reduced = _stretched(reduced)
    structure = pdq.quality(reduced) if min(luma.shape) >= pdq.LEAST_SIDE else 0
    return Seen(pdq.orientations(pdq.spectrum(reduced))[0].tobytes(), structure, reduced)


def content_of(frames: list[Grey]) -> Box:
    """What is left of frames of one size without bars: lines at their edges that are plain in all of them.

    A bar with writing on it is plain above and below the writing; or it is the same in all frames while what
    is beside it moves, and it ends in an edge. The whole frame, if hardly anything or nearly everything would
    be cut off.
    """
    height, width = frames[0].shape
    telling = [one for one in frames if one.shape == (height, width) and np.ptp(one) > 2 * _BAR]
    whole = (0, 0, width, height)
    if not telling:
        return whole
    left, top, right, bottom = _without_plain(telling)
    still = [one[top:bottom, left:right] for one in telling]
    above, below = _still_lines(still)
    before, after = _still_lines([one.T for one in still])
    box = left + before, top + above, right - after, bottom - below
    plain, bare = ((x, y, to - x, down - y) for x, y, to, down in ((left, top, right, bottom), box))
    return next((one for one in (bare, plain) if _is_content(one, whole)), whole)


def _is_content(box: Box, whole: Box) -> bool:
    share = box[2] * box[3] / (whole[2] * whole[3])
    return min(box[2:]) > 0 and _LEAST_CONTENT <= share <= 1 - _LEAST_BAR


def _without_plain(frames: list[Grey]) -> Box:
    """Left, top, right and bottom of what is neither plain at the edges nor writing between plain lines."""
    top, bottom = _past_writing(frames)
    left, right = _past_writing([one[top:bottom].T for one in frames])
    return left, top, right, bottom


def _past_writing(frames: list[Grey]) -> tuple[int, int]:
    """The first line past what is plain at the edge, and past writing that plain lines follow; the last."""
    deviations = np.max([np.ptp(one, axis=1) for one in frames], axis=0)
    first, last = _bounds(deviations)
    levels = np.median(frames[0], axis=1).astype(np.int64)
    reach = int(len(levels) * _MOST_WRITTEN)
    least = max(2, round(len(levels) * _LEAST_BAR))
    found: list[int] = []
    for plain, edge, line in (
        (deviations <= _BAR, levels[0], first),
        ((deviations <= _BAR)[::-1], levels[-1], len(levels) - last),
    ):
        along = levels if not found else levels[::-1]
        is_bar = (plain & (np.abs(along - edge) <= _BAR))[:reach]
        again = np.flatnonzero(np.convolve(is_bar, np.ones(least), "valid") >= least)
        is_written = line > 0 and least <= reach and len(again) > 0
        found.append(max(line, int(again[-1]) + least) if is_written else line)
    return found[0], len(levels) - found[1]


def _still_lines(frames: list[Grey]) -> tuple[int, int]:
    """How many lines from the top, and from the bottom, are the same in all frames and end in an edge."""
    if len(frames) < _LEAST_FRAMES or not frames[0].size:
        return 0, 0
    several = np.stack(frames)
    are_still = np.percentile(np.ptp(several, axis=0), _MOST_OF_A_LINE, axis=1) <= _BAR
    if are_still.mean() > _MOST_STILL:
        return 0, 0
    edges = np.abs(np.diff(several.astype(np.int16), axis=1)).mean(axis=2).min(axis=0)
    found = []
    for lines, steps in ((are_still, edges), (are_still[::-1], edges[::-1])):
        until = int(np.argmin(lines))
        near = steps[max(0, until - _NEAR_EDGE) : until + _NEAR_EDGE]
        is_bar = until > _NEAR_EDGE and len(near) > 0 and near.max() >= _EDGE
        found.append(max(0, until - _NEAR_EDGE) + int(near.argmax()) + 1 if is_bar else 0)
    return found[0], found[1]


def turned(codes: Codes) -> Codes:
    """The codes uint8[8, n, 32] that frames with these codes have in the eight orientations of `pdq`.

    The first are as given. The others are some ten bits from what the pixels would give, 34 at most in 3,000
    pictures of random blocks: a wave that is turned over changes its bit, but for those near the middle.
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
