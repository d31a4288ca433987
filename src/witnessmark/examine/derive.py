"""Derivatives: pictures made anew from pixels, so that nothing of the file but what it shows goes on.

They are made of pictures, of a PDF's first page (at 144 dots an inch) and of a video's first frame, in the
locked room. The order is what keeps people safe: the picture is turned upright, then masks are burned in
solid, one pixel wider than they were drawn, and only then is it made smaller, grey or blurred. Neither
metadata nor colour profile nor embedded thumbnail is carried over.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from witnessmark.errors import UsageError
from witnessmark.examine import pages, recording
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Region, Shape
from witnessmark.pixels import raster

if TYPE_CHECKING:
    from PIL import Image

_MASK = (0, 0, 0)
Parts = Iterator[tuple[Mapping[str, object], bytes]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a derivative should look; masks are in pixels of the upright picture."""

    max_px: int | None = None
    grey: bool = False
    blur: float = 0.0
    masks: tuple[Region, ...] = field(default=())

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Wish:
        """The wish that plain parameters spell out; UsageError if they make no sense."""
        unknown = plain.keys() - {"max_px", "grey", "blur", "masks"}
        if unknown:
            raise UsageError(f"a derivative has no {min(unknown)!r}")
        most, blur = plain.get("max_px"), float(plain.get("blur", 0))
        if (most is not None and not 1 <= most <= 20_000) or not 0 <= blur <= 500:
            raise UsageError(f"a derivative cannot have {most} pixels with a blur of {blur}")
        masks = tuple(_region(mask) for mask in plain.get("masks", ()))
        return cls(most, bool(plain.get("grey", False)), blur, masks)


def preview(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """A small JPEG of the picture, the first page of a PDF, or the first frame of a video.

    `max_px`, `grey`, `blur` and `masks` as wished (see `Wish`).
    """
    wish = Wish.from_plain(parameters)
    yield from _derived(untrusted, wish, quality=82)


def page(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """A page of a PDF as a JPEG, by its `number` from 1 on; else as `preview`."""
    number = parameters.get("number")
    if type(number) is not int or number < 1:
        raise UsageError(f"{number!r} is no number of a page")
    wish = Wish.from_plain({name: value for name, value in parameters.items() if name != "number"})
    picture = pages.one_page(untrusted, number)
    image = _bounded(picture.image, wish, 1, picture.image.size)
    yield from _written(image, picture.image.size, wish, complete=True, quality=82)


def upright(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """The whole picture upright in its full size, with `masks` burned in; UsageError if one hides nothing."""
    wish = Wish(masks=Wish.from_plain(parameters).masks)
    for facts, content in _derived(untrusted, wish, quality=93):
        size = int(str(facts["width"])), int(str(facts["height"]))
        if not all(_hides(mask, size) for mask in wish.masks):
            raise UsageError(
                f"a mask hides nothing: it lies outside of the picture, which is {size[0]} × {size[1]} pixels"
                " when it is held upright",
                advice="erase the record of that mask, and set it where it belongs",
            )
        yield facts, content


def warm() -> None:
    """Load the decoders and use one once, before the room is locked behind a file."""
    raster.warm()
    for _ in preview(sample(), {"max_px": 8, "blur": 1, "grey": True}):
        pass


def sample() -> io.BytesIO:
    """A small picture of our own."""
    from PIL import Image  # noqa: PLC0415 - heavy

    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(stream, "JPEG")
    stream.seek(0)
    return stream


def _derived(untrusted: BinaryIO, wish: Wish, quality: int) -> Parts:
    picture, whole = _seen(untrusted, wish)
    image = _bounded(picture.image, wish, picture.orientation, whole)
    yield from _written(image, whole, wish, complete=picture.complete, quality=quality)


def _written(
    image: Image.Image, whole: tuple[int, int], wish: Wish, *, complete: bool, quality: int
) -> Parts:
    """The picture as a JPEG, grey and blurred as far as that is wished."""
    if wish.grey:
        image = image.convert("L")
    if wish.blur:
        from PIL import ImageFilter  # noqa: PLC0415 - heavy

        image = image.filter(ImageFilter.GaussianBlur(wish.blur))
    facts = {
        "media_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
        "upright_width": whole[0],
        "upright_height": whole[1],
        "masks": len(wish.masks),
        "complete": complete,
    }
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, subsampling=0 if quality > 90 else -1)
    yield facts, stream.getvalue()


def _seen(untrusted: BinaryIO, wish: Wish) -> tuple[raster.Raster, tuple[int, int]]:
    """What there is to see in the file, and the size of the upright whole."""
    media_type = media_type_of(untrusted.read(4096))
    untrusted.seek(0)
    if media_type == "application/pdf":
        picture = pages.first_page(untrusted)
    elif media_type.startswith("video/"):
        picture = recording.first_frame(untrusted)
    else:
        whole = raster.opened(untrusted)
        stored, turned = whole.size, raster.orientation_of(whole) >= 5
        untrusted.seek(0)
        picture = raster.decoded(untrusted, smallest=None if wish.max_px is None else 2 * wish.max_px)
        return picture, stored[::-1] if turned else stored
    stored = picture.image.size
    return picture, stored[::-1] if picture.orientation >= 5 else stored


def _bounded(image: Image.Image, wish: Wish, orientation: int, whole: tuple[int, int]) -> Image.Image:
    """The picture in plain colour, upright, masked, and then no larger than wished."""
    image = raster.upright(raster.in_colour(image), orientation)
    image.info = {}
    burn(image, wish.masks, (image.width / whole[0], image.height / whole[1]))
    if wish.max_px is not None:
        image.thumbnail((wish.max_px, wish.max_px))
    return image


def burn(image: Image.Image, masks: tuple[Region, ...], scale: tuple[float, float] = (1, 1)) -> None:
    """Cover the regions of `image` for good, each a pixel wider than drawn."""
    from PIL import ImageDraw  # noqa: PLC0415 - heavy

    draw = ImageDraw.Draw(image)
    for mask in masks:
        points = [(x * scale[0], y * scale[1]) for x, y in mask.points]
        if mask.shape is Shape.BOX:
            (left, top), (right, bottom) = points
            draw.rectangle(
                (math.floor(left) - 1, math.floor(top) - 1, math.ceil(right), math.ceil(bottom)), fill=_MASK
            )
        else:
            draw.polygon(points, fill=_MASK)
            draw.line([*points, points[0], points[1]], fill=_MASK, width=3, joint="curve")


def _hides(mask: Region, size: tuple[int, int]) -> bool:
    """Whether something of a mask, as it was drawn, lies on a picture of this size."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy

    across, down = [x for x, _ in mask.points], [y for _, y in mask.points]
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    if not (left < size[0] and right > 0 and top < size[1] and bottom > 0):
        return False
    if mask.shape is Shape.BOX:
        return True
    drawn = Image.new("1", size)
    ImageDraw.Draw(drawn).polygon(mask.points, fill=1)
    return drawn.getbbox() is not None


def _region(plain: Any) -> Region:
    """A mask from its plain form `{"shape": …, "points": [[x, y], …]}`."""
    try:
        region = Region(Shape(plain["shape"]), tuple((float(x), float(y)) for x, y in plain["points"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{str(plain)[:80]} is not a region") from error
    if region.shape is Shape.POINT:
        raise UsageError("a point covers nothing: a mask is a box or a polygon")
    if not all(math.isfinite(number) for point in region.points for number in point):
        raise UsageError("a mask needs finite corners")
    return region
