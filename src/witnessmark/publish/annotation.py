"""Observations as W3C Web Annotations: a standard form that viewers of pictures can read.

The target is named by the digest of its bytes (a `ni:` address, RFC 6920), so an annotation stays with
exactly those bytes wherever they lie. Regions count pixels of the upright picture. Boxes with whole
numbers are media fragments; every other region is drawn as SVG, a point as a circle of one pixel. Moments of
recordings are media fragments in seconds; a drawn region refines the fragment of its moment.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from witnessmark.model import Digest, Moment, Observation, Purpose, Region, Shape
from witnessmark.model.wire import digest_of, written_time

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
FRAGMENTS = "http://www.w3.org/TR/media-frags/"
SVG = "http://www.w3.org/TR/SVG11/"

PURPOSES: Mapping[Purpose, str] = {
    Purpose.EQUIPMENT: "identifying",
    Purpose.CLOTHING: "identifying",
    Purpose.PLACE: "identifying",
    Purpose.COUNT: "assessing",
    Purpose.NOTE: "describing",
    Purpose.MASK: "moderating",
}
"""The motivation, of those that the standard names, for each purpose of ours."""


def annotation_page(observations: Iterable[Observation]) -> bytes:
    """The observations as one JSON-LD annotation page, in order of time."""
    in_order = sorted(observations, key=lambda one: (one.observed_at, digest_of(one)))
    page = {"@context": CONTEXT, "type": "AnnotationPage", "items": [annotation(one) for one in in_order]}
    return (json.dumps(page, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def annotation(observation: Observation) -> dict[str, Any]:
    """One observation as an annotation; the purpose of ours stands as a tag beside the standard's."""
    target: dict[str, Any] = {"type": "SpecificResource", "source": address(observation.about)}
    if observation.moment is not None:
        target["selector"] = moment_selector(observation.moment, observation.region)
    elif observation.region is not None:
        target["selector"] = selector(observation.region)
    return {
        "id": address(digest_of(observation)),
        "type": "Annotation",
        "motivation": PURPOSES[observation.purpose],
        "creator": {"type": "Person", "nickname": observation.author.name},
        "created": written_time(observation.observed_at),
        "body": _bodies(observation),
        "target": target,
    }


def address(digest: Digest) -> str:
    """The digest as a `ni:` address."""
    return "ni:///sha-256;" + urlsafe_b64encode(bytes.fromhex(digest.hex)).rstrip(b"=").decode("ascii")


def _bodies(observation: Observation) -> list[dict[str, Any]]:
    bodies = [_text(observation.purpose.value, "tagging")]
    if observation.amount is not None:
        bodies.append(_text(str(observation.amount), "assessing"))
    if observation.text:
        bodies.append(_text(observation.text, PURPOSES[observation.purpose]))
    return bodies


def _text(value: str, purpose: str) -> dict[str, Any]:
    return {"type": "TextualBody", "value": value, "format": "text/plain", "purpose": purpose}


def selector(region: Region) -> dict[str, Any]:
    """The selector of a region: a media fragment for boxes of whole pixels, else SVG."""
    numbers = [number for point in region.points for number in point]
    if region.shape is Shape.BOX and all(number == int(number) for number in numbers):
        left, top, right, bottom = map(int, numbers)
        value = f"xywh=pixel:{left},{top},{right - left},{bottom - top}"
        return {"type": "FragmentSelector", "conformsTo": FRAGMENTS, "value": value}
    return {"type": "SvgSelector", "conformsTo": SVG, "value": _drawing(region)}


def moment_selector(moment: Moment, region: Region | None) -> dict[str, Any]:
    """The selector of a stretch of a recording, and of the region of its frames if there is one."""
    when = f"t={_seconds(moment.start_ms)},{_seconds(moment.end_ms)}"
    fragment = {"type": "FragmentSelector", "conformsTo": FRAGMENTS, "value": when}
    if region is None:
        return fragment
    where = selector(region)
    if where["type"] == "FragmentSelector":
        return {**fragment, "value": f"{when}&{where['value']}"}
    return {**fragment, "refinedBy": where}


def _seconds(milliseconds: int) -> str:
    """Seconds as Normal Play Time, without needless zeros."""
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")


def _drawing(region: Region) -> str:
    points = region.points
    if region.shape is Shape.POINT:
        ((x, y),) = points
        shape = f'<circle cx="{x!r}" cy="{y!r}" r="1"/>'
    else:
        if region.shape is Shape.BOX:
            (left, top), (right, bottom) = points
            points = ((left, top), (right, top), (right, bottom), (left, bottom))
        corners = " ".join(f"{x!r},{y!r}" for x, y in points)
        shape = f'<polygon points="{corners}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg">{shape}</svg>'
