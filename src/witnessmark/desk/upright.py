"""Upright: how large a picture is when it is held upright, and whether what people mark lies on it."""

from __future__ import annotations

from witnessmark.errors import UsageError
from witnessmark.model import Digest, Finding, Region, Shape
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
