"""Sheets: two derivatives side by side, with what joins them, and one laid over the other.

They are made of pictures that are grey, blurred and masked already, never of originals. Left the first,
right the second, lines between places that agree; below, where a map between the two is known, the first laid
over the second at half strength, so that what agrees is sharp and what does not is double.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from witnessmark.errors import MalformedError, UsageError
from witnessmark.examine import derive
from witnessmark.pixels import raster

if TYPE_CHECKING:
    from PIL import Image

LENGTH = struct.Struct(">I")
_GAP, _PAPER, _LINE, _EDGE = 8, 255, 255, 0
_MOST_PX, _MOST_PAIRS = 2_000, 64


def packed(one: bytes, other: bytes) -> bytes:
    """Two pictures in one file, as `sheet` reads them."""
    return LENGTH.pack(len(one)) + one + other


def sheet(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """One part: the sheet as a grey JPEG.

    `matrix` (six numbers, row by row) maps pixels of the first to pixels of the second; `pairs` are places
    that agree, x and y in the first, then in the second. MalformedError if it is not as `packed` makes it.
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    one, other = _pictures(untrusted)
    pairs, matrix = _numbers(parameters.get("pairs", ()), 4), parameters.get("matrix")
    height = max(one.height, other.height)
    shift = one.width + _GAP
    whole = Image.new("L", (shift + other.width, height), _PAPER)
    whole.paste(one, (0, 0))
    whole.paste(other, (shift, 0))
    _draw_pairs(whole, pairs, shift)
    if matrix:
        laid = _laid_over(one, other, *_numbers([matrix], 6))
        taller = Image.new("L", (max(whole.width, laid.width), height + _GAP + laid.height), _PAPER)
        taller.paste(whole, (0, 0))
        taller.paste(laid, ((taller.width - laid.width) // 2, height + _GAP))
        whole = taller
    stream = io.BytesIO()
    whole.save(stream, "JPEG", quality=82)
    yield {"width": whole.width, "height": whole.height}, stream.getvalue()


def warm() -> None:
    """Make a sheet of a picture of our own, before the room is locked behind a file."""
    picture = derive.sample().getvalue()
    for _ in sheet(io.BytesIO(packed(picture, picture)), {"matrix": (1, 0, 0, 0, 1, 0)}):
        pass


def _pictures(untrusted: BinaryIO) -> tuple[Image.Image, Image.Image]:
    whole = untrusted.read()
    if len(whole) < LENGTH.size:
        raise MalformedError("there are no two pictures in it")
    (length,) = LENGTH.unpack_from(whole)
    one, other = (
        raster.decoded(io.BytesIO(part)).image.convert("L")
        for part in (whole[LENGTH.size :][:length], whole[LENGTH.size + length :])
    )
    if max(*one.size, *other.size) > _MOST_PX:
        raise MalformedError(f"a sheet is made of derivatives of at most {_MOST_PX} pixels")
    return one, other


def _numbers(rows: Any, count: int) -> list[tuple[float, ...]]:
    """Rows of so many finite numbers; UsageError for anything else."""
    try:
        found = [tuple(map(float, row)) for row in rows]
    except (TypeError, ValueError) as error:
        raise UsageError(f"{str(rows)[:80]} are no rows of numbers") from error
    if any(len(row) != count or not all(map(math.isfinite, row)) for row in found):
        raise UsageError(f"{str(rows)[:80]} are no rows of {count} numbers")
    return found


def _draw_pairs(whole: Image.Image, pairs: list[tuple[float, ...]], shift: int) -> None:
    from PIL import ImageDraw  # noqa: PLC0415 - heavy

    draw = ImageDraw.Draw(whole)
    for x, y, a, b in pairs[:_MOST_PAIRS]:
        ends = ((x, y), (a + shift, b))
        draw.line(ends, fill=_EDGE, width=3)
        draw.line(ends, fill=_LINE, width=1)
        for across, down in ends:
            draw.ellipse((across - 3, down - 3, across + 3, down + 3), fill=_LINE, outline=_EDGE)


def _laid_over(one: Image.Image, other: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    """The first laid over the second at half strength, with its frame."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy

    a, b, c, d, e, f = matrix
    area = a * e - b * d
    if abs(area) < 1e-9:
        raise UsageError("the map between the two lays one of them on a line")
    back = (e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area)
    laid = one.transform(other.size, Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
    inside = Image.new("L", one.size, 128).transform(other.size, Image.Transform.AFFINE, back)
    both = Image.composite(laid, other, inside)
    corners = [(0, 0), (one.width, 0), (one.width, one.height), (0, one.height), (0, 0)]
    frame = [(a * x + b * y + c, d * x + e * y + f) for x, y in corners]
    draw = ImageDraw.Draw(both)
    draw.line(frame, fill=_EDGE, width=3)
    draw.line(frame, fill=_LINE, width=1)
    return both
