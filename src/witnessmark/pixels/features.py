"""Local features: a few hundred places of a picture, each described by how it looks around them.

SIFT (Lowe 2004, by OpenCV) on the picture scaled to one size, with Hellinger's kernel (RootSIFT: Arandjelović
and Zisserman 2012). Which features are kept is decided by scale: large ones survive thumbnails, small ones
crops, so both have their share; by strength alone a caption's letters would push out the picture. A
descriptor keeps 4 bits of each of its 128 parts. That of the mirrored picture is the same one in another
order, so a picture is never described twice.

Pages and screens have a plain ground in most of their parts and thin lines on it, or are flat between their
edges as no photograph is, since a program drew them; and many of them are made from one form. Of such a
picture a larger copy is kept, on which writing can be compared.

The packed form is specified in `docs/explanation/format/features.md`. Finding features needs OpenCV;
reading them back needs numpy only.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
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
DETAIL_SIDE = 1024
PARTS, TOP_LEVEL = 128, 15
NEEDED = "likenesses need OpenCV; pip install 'witnessmark[pictures]'"
_LEVELS_OF_ONE = 52
_BANDS = ((4.5, 0.40), (9.0, 0.35), (np.inf, 0.25))
"""Up to which size (pixels at `LONG_SIDE`) a band reaches, and its share of the features that are kept."""
_CONTRAST = 0.02
_HEAD = struct.Struct("<8sI II H BB")
_DETAIL_HEAD = struct.Struct("<HH")
_MAGIC, _PLAIN, _DETAILED, _DRAWN, _NEWEST = b"wmfeats\n", 1, (2, 3), 4, 4
"""Versions: without a copy for writing; with one, small once and larger today; with one and drawn."""
_FLAT_SIDE, _FLAT, _NEIGHBOURS = 512, 0.35, 3
"""Which share of a picture of so many pixels has nothing but one brightness around it if it was drawn."""
_GROUND_LEVELS, _ASIDE, _GROUND, _OF_PARTS = 12, 6, 0.5, 0.5
"""A part is ground if half of it is within so many levels of the commonest; how many have to be."""
_LEGIBLE, _STROKE, _PART = 256, 9, 24
"""From how many pixels on it can be told whether there is writing; how wide a line is at most; a part."""
_LEAST_SPREAD, _OF_MOST, _LEFT, _THIN = 12, 0.2, 0.35, 0.4
_PLACE_BYTES, _PACKED_BYTES = 4, PARTS // 2
_PLACES = 65535


@dataclass(frozen=True, slots=True)
class Features:
    """What was described of a picture of `width` × `height` upright pixels.

    `places` (uint16[n, 2], x and y) are in parts of 65,535 of its sides, `levels` (uint8[n, 128]) from 0 to
    15, the features that say most first. `small` is the picture's brightness, its longer side 96 pixels;
    `detail` is it in 16 levels (from 0 to 255), its longer side at most 1,024, and None if it is no page.
    `is_drawn` says that it is flat between its edges, as screens and graphics are.
    """

    width: int
    height: int
    places: NDArray[np.uint16]
    levels: NDArray[np.uint8]
    small: Grey
    detail: Grey | None = None
    is_drawn: bool = False

    def __len__(self) -> int:
        return len(self.places)

    def pixels(self) -> NDArray[np.float32]:
        """Where the features lie, float32[n, 2], in pixels at `LONG_SIDE`."""
        width, height = scaled_size(self.width, self.height)
        scale = np.array([width / _PLACES, height / _PLACES], np.float32)
        return np.multiply(self.places, scale, dtype=np.float32)

    def first(self, count: int) -> Features:
        """The same with no more than `count` features."""
        return replace(self, places=self.places[:count], levels=self.levels[:count])

    def within(self, box: tuple[int, int, int, int]) -> Features:
        """The same with those features only that lie in a part: x, y, width and height in upright pixels."""
        x, y, width, height = box
        spots = self.places * (np.array([self.width, self.height]) / _PLACES)
        kept = ((spots >= (x, y)) & (spots < (x + width, y + height))).all(axis=1)
        return replace(self, places=self.places[kept], levels=self.levels[kept])

    def mirrored(self) -> Features:
        """The features of the same picture mirrored left to right."""
        places = self.places.copy()
        places[:, 0] = _PLACES - places[:, 0]
        small = np.ascontiguousarray(self.small[:, ::-1])
        detail = None if self.detail is None else np.ascontiguousarray(self.detail[:, ::-1])
        levels = self.levels[:, _mirrored_parts()]
        return replace(self, places=places, levels=levels, small=small, detail=detail)

    def pack(self) -> bytes:
        """The packed form."""
        height, width = self.small.shape
        version = _PLAIN if self.detail is None else _DRAWN if self.is_drawn else _DETAILED[-1]
        head = _HEAD.pack(_MAGIC, version, self.width, self.height, len(self), width, height)
        pairs = self.levels[:, 0::2] | self.levels[:, 1::2] << 4
        packed = head + self.places.astype("<u2").tobytes() + pairs.tobytes() + self.small.tobytes()
        return packed if self.detail is None else packed + _packed_detail(self.detail)

    @classmethod
    def unpack(cls, packed: bytes) -> Features:
        """What a packed form holds; MalformedError if it is none."""
        if len(packed) < _HEAD.size or not packed.startswith(_MAGIC):
            raise MalformedError("these are no packed features")
        _, version, width, height, count, small_width, small_height = _HEAD.unpack_from(packed)
        if version not in (_PLAIN, *_DETAILED, _DRAWN):
            raise MalformedError(f"features are packed in version {version}; this program reads {_NEWEST}")
        sizes = (count * _PLACE_BYTES, count * _PACKED_BYTES, small_width * small_height)
        end = _HEAD.size + sum(sizes)
        is_whole = len(packed) == end if version == _PLAIN else len(packed) > end
        if not is_whole or not width or not height or not sizes[2]:
            raise MalformedError("packed features have another length than they say")
        detail = None if version == _PLAIN else _unpacked_detail(packed[end:])
        bounds = np.cumsum((_HEAD.size, *sizes)).tolist()
        places, pairs, small = (
            np.frombuffer(packed[start:stop], np.uint8) for start, stop in pairwise(bounds)
        )
        levels = np.empty((count, PARTS), np.uint8)
        pairs = pairs.reshape(count, _PACKED_BYTES)
        levels[:, 0::2], levels[:, 1::2] = pairs & TOP_LEVEL, pairs >> 4
        picture = small.reshape(small_height, small_width)
        spots = places.view("<u2").reshape(count, 2).astype(np.uint16)
        return cls(width, height, spots, levels, picture, detail, version == _DRAWN)


def scaled_size(width: int, height: int) -> tuple[int, int]:
    """The size of a picture when its longer side is scaled to `LONG_SIDE`."""
    scale = LONG_SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def features(
    grey: Grey,
    size: tuple[int, int] | None = None,
    most: int = MOST,
    finer: Callable[[int], Grey] | None = None,
) -> Features:
    """The features of an upright picture given as brightness (uint8[height, width]).

    `size` is the width and height of the whole picture, if `grey` is a smaller copy of it; `finer` then gives
    one whose longer side has at least so many pixels, and is asked for pages only. Raises UnavailableError
    without OpenCV.
    """
    cv2 = opencv()
    grey = np.ascontiguousarray(grey)
    height, width = grey.shape
    scaled = scaled_size(width, height)
    how = cv2.INTER_AREA if scaled[0] < width else cv2.INTER_CUBIC
    spots, described = _spots(cv2.resize(grey, scaled, interpolation=how), most)
    places = np.clip(spots / scaled * _PLACES, 0, _PLACES).round().astype(np.uint16)
    little = _resized(grey, SMALL_SIDE)
    width, height = size or (width, height)
    detail: Grey | None = None
    drawn = is_drawn(grey)
    if drawn or is_page(little):
        wanted = min(DETAIL_SIDE, max(width, height))
        detail = _detailed(finer(wanted) if finer and max(grey.shape) < wanted else grey)
        detail = detail if drawn or is_written(detail) else None
    return Features(width, height, places, _levels(described), little, detail, drawn)


def _detailed(grey: Grey) -> Grey:
    """The copy on which writing is compared: in 16 levels, its longer side at most `DETAIL_SIDE`."""
    copy = _resized(grey, min(DETAIL_SIDE, max(grey.shape)))
    levels: Grey = np.multiply(copy >> 4, 17, dtype=np.uint8)
    return levels


def is_page(small: Grey) -> bool:
    """Whether a picture, made small, has one plain ground in many of its parts, as pages and screens do.

    Bars and frames around it do not count.
    """
    return _has_ground(small) or _has_ground(_without_plain_lines(_without_plain_lines(small).T))


def is_written(detail: Grey) -> bool:
    """Whether what stands out on a copy is mostly thin: letters and lines, which a photograph has few of.

    Of the parts in which something stands out, two fifths have to be nearly plain once light or dark lines of
    less than nine pixels are taken away. Of a copy too small to tell, nothing is said to be none.
    """
    cv2 = opencv()
    if max(detail.shape) < _LEGIBLE:
        return True
    around = np.ones((_STROKE, _STROKE), np.uint8)
    without = (cv2.morphologyEx(detail, how, around) for how in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN))
    whole, *left = (_spread_of_parts(one) for one in (detail, *without))
    stands_out = whole > max(_LEAST_SPREAD, _OF_MOST * float(np.percentile(whole, 98)))
    thin = np.minimum(*left)[stands_out] < _LEFT * whole[stands_out]
    return bool(thin.size) and float(thin.mean()) >= _THIN


def _spread_of_parts(detail: Grey) -> NDArray[np.float32]:
    """How much brightness varies within each square of a copy."""
    cv2 = opencv()
    levels = detail.astype(np.float32)
    size = tuple(max(1, side // _PART) for side in detail.shape[::-1])
    mean, square = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (levels, levels * levels))
    spread: NDArray[np.float32] = np.sqrt(np.maximum(square - mean * mean, 0))
    return spread


def is_drawn(grey: Grey) -> bool:
    """Whether a picture is flat between its edges, as programs draw; photographs hardly ever are."""
    cv2 = opencv()
    copy = _resized(grey, min(_FLAT_SIDE, max(grey.shape)))
    around = np.ones((_NEIGHBOURS, _NEIGHBOURS), np.uint8)
    return bool((cv2.dilate(copy, around) == cv2.erode(copy, around)).mean() >= _FLAT)


def _has_ground(small: Grey) -> bool:
    if not small.size:
        return False
    window = np.ones(2 * _GROUND_LEVELS + 1)
    ground = int(np.convolve(np.bincount(small.ravel(), minlength=256), window, "same").argmax())
    plain = np.abs(small.astype(np.int16) - ground) <= _GROUND_LEVELS
    parts = [part for some in np.array_split(plain, _ASIDE) for part in np.array_split(some, _ASIDE, axis=1)]
    return float(np.mean([part.size and part.mean() >= _GROUND for part in parts])) >= _OF_PARTS


def _without_plain_lines(small: Grey) -> Grey:
    """Without the first and last lines of one brightness."""
    if not small.size:
        return small
    lines = np.flatnonzero(np.ptp(small, axis=1) > 2 * _GROUND_LEVELS)
    return small[lines[0] : lines[-1] + 1] if len(lines) else small[:0]


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


def _resized(grey: Grey, longest: int) -> Grey:
    """The picture with its longer side of so many pixels."""
    cv2 = opencv()
    height, width = grey.shape
    scale = longest / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized: Grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return resized


def _packed_detail(detail: Grey) -> bytes:
    height, width = detail.shape
    levels = np.zeros(detail.size + detail.size % 2, np.uint8)
    levels[: detail.size] = detail.ravel() >> 4
    pairs = levels[0::2] | levels[1::2] << 4
    return _DETAIL_HEAD.pack(width, height) + zlib.compress(pairs.tobytes(), 6)


def _unpacked_detail(packed: bytes) -> Grey:
    if len(packed) < _DETAIL_HEAD.size:
        raise MalformedError("packed features have another length than they say")
    width, height = _DETAIL_HEAD.unpack_from(packed)
    if not 0 < width <= DETAIL_SIDE or not 0 < height <= DETAIL_SIDE:
        raise MalformedError(f"a copy for writing has at most {DETAIL_SIDE} pixels, not {width} × {height}")
    wanted = -(-width * height // 2)
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(packed[_DETAIL_HEAD.size :], wanted + 1)
    except zlib.error as error:
        raise MalformedError("the copy for writing in packed features cannot be read") from error
    if len(content) != wanted or not inflating.eof or inflating.unused_data:
        raise MalformedError("the copy for writing in packed features has another size than it says")
    pairs = np.frombuffer(content, np.uint8)
    levels = np.stack([pairs & TOP_LEVEL, pairs >> 4], axis=1).ravel()[: width * height]
    return np.ascontiguousarray(levels.reshape(height, width) * np.uint8(17))


@cache
def _sift() -> Any:
    return opencv().SIFT_create(0, contrastThreshold=_CONTRAST)


def _spots(copy: Grey, most: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Where the features lie that say most, and how it looks around them: only these are described."""
    found = _sift().detect(copy, None)
    if not found:
        return np.zeros((0, 2)), np.zeros((0, PARTS), np.float32)
    spots = np.array([(*one.pt, one.size, one.response) for one in found], np.float64).reshape(-1, 4)
    kept = _balanced(spots[:, 2], spots[:, 3])[:most]
    _, described = _sift().compute(copy, [found[place] for place in kept.tolist()])
    return spots[kept, :2], described


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
