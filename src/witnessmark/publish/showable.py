"""Which measurements may be printed: an allow-list by name, because files hold more than they show.

Positions, serial numbers, names of owners and editors, comments and thumbnails are never on it. What is
not on the list is counted, so that a reader knows that it exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from witnessmark.model import Facts, Finding

SHOWN: Mapping[str, str] = {
    "width": "width",
    "height": "height",
    "imagewidth": "width",
    "imageheight": "height",
    "imagesize": "size in pixels",
    "mediatype": "type by content",
    "mimetype": "type by content",
    "filetype": "format",
    "format": "format",
    "formats": "formats that parse",
    "alsoparsesas": "also parses as",
    "pages": "pages",
    "frames": "frames",
    "orientation": "orientation",
    "colorspace": "colour space",
    "bitspersample": "bits per sample",
    "progressive": "progressive",
    "duration": "duration",
    "durations": "duration in seconds",
    "framerate": "frames per second",
    "codec": "coding",
    "videocodec": "video coding",
    "audiocodec": "audio coding",
    "datetimeoriginal": "taken, as the file says",
    "createdate": "created, as the file says",
    "modifydate": "changed, as the file says",
    "datecreated": "created, as the file says",
    "offsettimeoriginal": "time zone, as the file says",
    "subsectimeoriginal": "fraction of the second, as the file says",
    "takenat": "taken, as the file says",
    "make": "camera maker, as the file says",
    "model": "camera model, as the file says",
    "lensmodel": "lens, as the file says",
    "exposuretime": "exposure time",
    "fnumber": "aperture",
    "iso": "ISO",
    "focallength": "focal length",
    "flash": "flash",
    "software": "software, as the file says",
    "quality": "quality of the measurement",
    "pdqquality": "quality of the measurement",
    "state": "state",
    "outcome": "outcome",
    "summary": "summary",
    "claimgenerator": "made with, as the credentials say",
    "validationstate": "credentials, as their library says",
    "hascredentials": "content credentials",
    "manifests": "manifests",
}
"""Field names, lower case and without separators, with how they are called in a brief."""

_LONGEST = 160


def shown_fields(finding: Finding) -> tuple[tuple[str, str], ...]:
    """The fields of `finding` that may be printed, each with its value as text."""
    return tuple(
        (SHOWN[key], _text(value)) for key, value in _leaves(finding.property, finding.value) if key in SHOWN
    )


def kept_back(finding: Finding) -> int:
    """How many fields of `finding` are on record and not printed."""
    return sum(key not in SHOWN for key, _ in _leaves(finding.property, finding.value))


def _leaves(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Facts):
        for inner in value:
            yield from _leaves(inner, value[inner])
    elif isinstance(value, tuple) and any(isinstance(part, Facts | tuple) for part in value):
        for part in value:
            yield from _leaves(name, part)
    elif value is not None and value != ():
        key = name.rpartition(":")[2].rpartition("/")[2]
        yield "".join(sign for sign in key.lower() if sign.isalnum()), value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
