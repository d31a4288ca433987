"""Pictures: their size, form and orientation, their perceptual code, and the thumbnail inside."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.model import Basis, Copy, Facts, Finding
from witnessmark.pixels import raster

if TYPE_CHECKING:
    from PIL import Image

    from witnessmark.pixels.pdq import Fingerprint
    from witnessmark.pixels.regions import Region

_MOST_FRAMES = 10_000
_EXIF_START = b"Exif\x00\x00"
_OFFSET, _LENGTH = 0x0201, 0x0202
_SECOND_TABLE = -1
"""What Pillow calls the table of the thumbnail (IFD1)."""


class Picture:
    """Decodes the picture and reads off what its pixels are, not what they mean."""

    name = "picture"
    version = "2"
    limits = (
        "Says how the file is built, not what it shows, who made it or whether it was changed. "
        "Only the first frame is coded."
    )
    _code_limits = (
        "Near codes mean that two pictures look alike as a whole, not that they are the same; crops, frames "
        "and captions move the code far. Below a quality of 50 the code says little."
    )

    def accepts(self, copy: Copy) -> bool:
        """Whether the bytes are a picture made of pixels, also of a kind that cannot be decoded here."""
        return copy.media_type.startswith("image/") and copy.media_type != "image/svg+xml"

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterator[Finding]:
        """Its build, its code, and what its thumbnail is."""
        if copy.media_type not in raster.MEDIA_TYPES:
            raise RefusedError(raster.NOT_DECODED.format(copy.media_type))
        from witnessmark.pixels import grey, prints  # noqa: PLC0415 - heavy

        picture = grey.decoded(untrusted)
        image, turned = picture.header, picture.orientation >= 5
        height, width = picture.pixels.shape
        found = prints.fingerprints(picture.pixels, picture.orientation)
        yield self._finding(
            copy,
            "picture",
            {
                "format": image.format or "",
                "mode": picture.mode,
                "width": width,
                "height": height,
                "orientation": picture.orientation,
                "upright_width": height if turned else width,
                "upright_height": width if turned else height,
                "complete": picture.complete,
                **_frames(image),
            },
        )
        yield Finding(
            about=copy.digest,
            examiner=f"{self.name} {self.version}",
            property="pdq",
            value=Facts(
                _written(found.whole),
                sampled=_written(found.sampled),
                regions=[{**_place(region), **_written(code)} for region, code in found.regions],
            ),
            limits=self._code_limits,
        )
        thumbnail = _thumbnail(image)
        if thumbnail is not None:
            yield self._thumbnail_finding(copy, thumbnail, found.whole)

    def _finding(self, copy: Copy, of: str, value: Mapping[str, object]) -> Finding:
        return Finding(copy.digest, f"{self.name} {self.version}", of, Facts(value), self.limits)

    def _thumbnail_finding(self, copy: Copy, thumbnail: bytes, whole: Fingerprint) -> Finding:
        """A thumbnail is often left behind by editing: how far it is from the picture is worth a look."""
        from witnessmark.pixels import grey, pdq  # noqa: PLC0415 - heavy

        value: dict[str, object] = {"bytes": len(thumbnail)}
        try:
            inside = grey.decoded(io.BytesIO(thumbnail)).pixels
            code = pdq.fingerprint(inside).code
            nearest = min(_apart(code, other) for other in whole.codes)
            value |= {"width": inside.shape[1], "height": inside.shape[0], "distance": nearest}
        except (MalformedError, RefusedError, OSError, ValueError, SyntaxError) as error:
            value["undecodable"] = type(error).__name__
        return Finding(
            about=copy.digest,
            examiner=f"{self.name} {self.version}",
            property="thumbnail",
            value=Facts(value),
            limits=(
                "A thumbnail that differs may show an earlier state of the picture, or only another crop or "
                "border; it may show what was later blurred."
            ),
            basis=Basis.OBSERVED,
        )


def _frames(image: Image.Image) -> dict[str, object]:
    """How many frames there are, as far as the file lets them be counted."""
    try:
        frames = int(getattr(image, "n_frames", 1))
    except Exception as error:  # noqa: BLE001 - a broken later frame does not unmake the first
        return {"frames_uncounted": type(error).__name__}
    return {"frames": min(frames, _MOST_FRAMES), "animated": bool(getattr(image, "is_animated", False))}


def _thumbnail(image: Image.Image) -> bytes | None:
    """The JPEG thumbnail in the EXIF block, if there is one."""
    block = image.info.get("exif", b"")
    block = block.removeprefix(_EXIF_START) if isinstance(block, bytes) else b""
    try:
        inner = image.getexif().get_ifd(_SECOND_TABLE)
        start, length = inner[_OFFSET], inner[_LENGTH]
    except Exception:  # noqa: BLE001 - EXIF is broken in more ways than there are names for
        return None
    if not (isinstance(start, int) and isinstance(length, int) and 0 < start < len(block)):
        return None
    return bytes(block[start : start + length]) or None


def _written(fingerprint: Fingerprint) -> dict[str, object]:
    codes = [code.hex() for code in fingerprint.codes]
    return {"rule": str(fingerprint.rule), "codes": codes, "quality": fingerprint.quality}


def _place(region: Region) -> dict[str, int]:
    return {"x": region.x, "y": region.y, "width": region.width, "height": region.height}


def _apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
