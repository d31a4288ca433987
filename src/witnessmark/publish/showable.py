"""Which measurements may be printed: an allow-list by name, because files hold more than they show.

Positions, serial numbers, names of owners and editors, comments and thumbnails are never on it. What is
not on the list is counted, so that a reader knows that it exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from witnessmark.model import Facts, Finding

SHOWN: Mapping[str, str] = {
    "format": "format",
    "formats": "formats that the bytes satisfy",
    "width": "width in pixels",
    "height": "height in pixels",
    "complete": "whole picture could be decoded",
    "frames": "frames",
    "pages": "pages",
    "whole": "whole by its own structure",
    "trailingbytes": "bytes after its end",
    "trailingtype": "type of the bytes after its end",
    "container": "container",
    "duration": "duration",
    "durations": "duration in seconds",
    "seconds": "duration in seconds",
    "framerate": "frames per second",
    "codec": "coding",
    "videocodec": "video coding",
    "audiocodec": "audio coding",
    "distance": "distance from the picture, of 256",
    "make": "camera maker by the file's word",
    "model": "camera model by the file's word",
    "lensmodel": "lens by the file's word",
    "software": "software by the file's word",
    "creatortool": "software by the file's word",
    "encoder": "software by the file's word",
    "producer": "software by the file's word",
    "state": "state",
    "summary": "summary",
    "claimgenerator": "made with by the word of its credentials",
    "validationstate": "state by the library for credentials",
}
"""Field names, lower case and without separators, with how they are called in a brief."""

_INTERNAL = frozenset(
    {
        *(
            "codes",
            "rule",
            "segments",
            "text",
            "texts",
            "read",
            "pagespans",
            "sizespt",
            "leading",
            "polyglot",
            "bytes",
        ),
        *("mode", "orientation", "animated", "quality", "uprightwidth", "uprightheight", "personal"),
    }
)
"""Fields that serve programs: neither printed nor counted."""

_WITHHELD_WHOLE = frozenset({"metadata", "metadata position", "metadata personal"})
"""Findings of which nothing is printed, whatever their fields are called."""

_PARTS = frozenset({"regions"})
"""Fields that measure parts of a picture, for the search: told of the whole they would be false."""

_LONGEST = 160

Field = tuple[str, str]


def shown_fields(finding: Finding) -> tuple[Field, ...]:
    """The fields of `finding` that may be printed, each with its value as text; no line twice."""
    if finding.property in _WITHHELD_WHOLE:
        return ()
    if finding.property == "metadata times":
        return tuple(dict.fromkeys(_times(finding.value)))
    # What a file calls its own tags is for the file to choose, so no tag is printed by its name alone.
    leaves = _leaves(finding.property, finding.value, _PARTS | {"tags"})
    return tuple(dict.fromkeys((SHOWN[key], _text(value)) for key, value in leaves if key in SHOWN))


def kept_back(finding: Finding) -> int:
    """How many fields of `finding` are on record and not printed."""
    if finding.property == "metadata times":
        return 0
    printed = len(shown_fields(finding))
    leaves = {(key, _text(value)) for key, value in _leaves(finding.property, finding.value, _PARTS)}
    return sum(key not in _INTERNAL for key, _ in leaves) - printed


def _times(value: Facts) -> Iterator[Field]:
    """Each time that a file gives, as it is written there."""
    for one in value.get("times", ()):
        if isinstance(one, Facts) and "written" in one:
            offset = one.get("offset")
            zone = f" {offset}" if offset else ", without a time zone"
            written = str(one["written"])
            said = written if offset and written.endswith(str(offset)) else written + zone
            yield f"{one.get('event', 'time')} by the file's word", _text(said)


def _leaves(name: str, value: object, without: frozenset[str]) -> Iterator[tuple[str, object]]:
    if isinstance(value, Facts):
        for inner in value:
            if inner not in without:
                yield from _leaves(inner, value[inner], without)
    elif isinstance(value, tuple) and any(isinstance(part, Facts | tuple) for part in value):
        for part in value:
            yield from _leaves(name, part, without)
    elif value is not None and value != ():
        tag = name.rpartition(":")[2]
        yield "".join(sign for sign in tag.lower() if sign.isalnum()), value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
