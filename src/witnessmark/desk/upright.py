"""Upright: how large a picture is held upright, how long a recording is, and whether marks lie in them."""

from __future__ import annotations

from witnessmark.errors import UsageError
from witnessmark.model import Digest, Finding, Moment, Region, Shape
from witnessmark.ports import Case

Size = tuple[int, int]


def upright_size(case: Case, digest: Digest) -> Size | None:
    """Width and height of a picture held upright, in pixels, as they were measured; None if nobody did."""
    for _, finding in case.find(Finding, digest):
        value = finding.value
        if "upright_width" in value and "upright_height" in value:
            return int(value["upright_width"]), int(value["upright_height"])
    return None


def lies_on(region: Region, size: Size) -> bool:
    """Whether a point lies on a picture of this size, or some of a box or of a polygon's extent does."""
    across, down = [x for x, _ in region.points], [y for _, y in region.points]
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    if region.shape is Shape.POINT:
        return 0 <= left <= size[0] and 0 <= top <= size[1]
    return left < size[0] and right > 0 and top < size[1] and bottom > 0


def must_lie_on(where: str, region: Region, size: Size | None) -> None:
    """Pass if a region lies on its picture, or nobody measured it; else UsageError says the size."""
    if size is not None and not lies_on(region, size):
        raise UsageError(
            f"{where}: the {region.shape} lies outside of the picture, which is {size[0]} × {size[1]} pixels"
            " when it is held upright",
            advice="count pixels from the top left corner of the upright picture",
        )


def length_ms(case: Case, digest: Digest) -> int | None:
    """How long a recording is, by what was read of it or else by what it says; None if nobody knows."""
    told = [
        round(1000 * float(finding.value[name]))
        for _, finding in case.find(Finding, digest)
        for name in ("duration_s", "read_until_s")
        if finding.property in ("recording", "film", "sound") and finding.value.get(name)
    ]
    return max(told, default=None)


def must_lie_in(where: str, moment: Moment, media_type: str, length: int | None) -> None:
    """Pass if a moment lies in its recording, or nobody knows how long that is; else UsageError."""
    if not media_type.startswith(("video/", "audio/")):
        raise UsageError(f"{where}: what is no recording has no moments", advice="mark it without a time")
    if length is not None and moment.start_ms > length:
        raise UsageError(
            f"{where}: {moment.start_ms / 1000:g} s lies behind the end of the recording, which is"
            f" {length / 1000:g} s long",
            advice="count seconds from its beginning",
        )
