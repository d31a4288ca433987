"""Metadata: everything that exiftool reads in a file, and the few claims in it that a desk asks for first.

All of it is what the file says of itself. The table is kept whole; the claims (when, where, with what) only
point into it. Names and serial numbers of people's devices are marked as personal, so that what is published
can leave them out.
"""

from __future__ import annotations

import json
import math
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar

from witnessmark.confine import waiting
from witnessmark.errors import MalformedError
from witnessmark.model import Copy, Facts, Finding

_COMMAND = (
    *("exiftool", "-config", "", "-json", "-G1:4", "-a", "-struct", "-c", "%+.8f"),
    *("-api", "LargeFileSupport=1", "--System:all", "/proc/self/fd/0"),
)
"""Groups and copies kept apart, positions as signed degrees, and nothing of the file system we keep it in."""

_MODULES = tuple(
    f"Image/ExifTool/{name}"
    for name in (
        *(
            "Exif.pm",
            "GPS.pm",
            "MakerNotes.pm",
            "XMP.pm",
            "XMPStruct.pl",
            "Shortcuts.pm",
            "IPTC.pm",
            "JPEG.pm",
        ),
        *("Photoshop.pm", "ICC_Profile.pm", "Charset.pm", "PNG.pm", "QuickTime.pm", "RIFF.pm", "PDF.pm"),
        *("Canon.pm", "Nikon.pm", "Sony.pm", "Panasonic.pm", "Olympus.pm", "Apple.pm", "Samsung.pm"),
    )
)
"""What most files need; the rest is loaded by whoever needs it, in its own process."""

_KINDS = ("image/", "video/", "audio/", "application/vnd.openxmlformats", "application/vnd.oasis")
_FURTHER = ("application/pdf", "application/postscript", "application/x-ole-storage", "application/rtf")
_SAFE = 2**53


class Metadata:
    """Runs exiftool on the file and keeps its answer whole."""

    name = "metadata"
    version = "1"
    programs = ("exiftool", "perl")
    waiting: ClassVar[Mapping[str, tuple[str, ...]]] = {"program": _COMMAND, "modules": _MODULES}
    limits = (
        "Metadata can be edited without trace, and most platforms remove it: neither its presence nor "
        "its absence proves anything. Camera clocks are often wrong; a time without an offset is of an "
        "unknown zone."
    )

    def accepts(self, copy: Copy) -> bool:
        """Whether files of this type carry metadata that exiftool knows."""
        return copy.media_type.startswith(_KINDS) or copy.media_type in _FURTHER

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterator[Finding]:
        """The whole table, then each claim that it makes."""
        tags = read(untrusted)
        yield self._finding(copy, "metadata", {"tags": tags})
        for claim in CLAIMS:
            value = claim.read(tags)
            if value:
                yield self._finding(copy, claim.property, value)

    def _finding(self, copy: Copy, of: str, value: Mapping[str, object]) -> Finding:
        return Finding(copy.digest, f"{self.name} {self.version}", of, Facts(value), self.limits)


def warm() -> None:
    """Do once what is slow the first time."""
    for claim in CLAIMS:
        claim.read({"IFD0:Make": "x", "ExifIFD:CreateDate": "2014:06:12 10:00:00"})


def read(untrusted: BinaryIO) -> dict[str, Any]:
    """What exiftool says about the file: `Group:Tag` to value; MalformedError if it can say nothing."""
    ran = waiting.run(_COMMAND, untrusted.fileno())
    if ran.code < 0:
        raise MalformedError(_ENDED.get(-ran.code, f"exiftool crashed on it (signal {-ran.code})"))
    if b"Out of memory" in ran.errors:
        raise MalformedError("exiftool would need more memory for it than it may have")
    try:
        (table,) = json.loads(
            ran.answer.decode("utf-8", "replace"), parse_float=_number, parse_int=_whole, parse_constant=str
        )
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"exiftool gave no answer: {_last_line(ran.errors)}") from error
    tags = {name: _plain(value) for name, value in table.items() if name != "SourceFile"}
    fault = tags.get("ExifTool:Error")
    if fault is not None and not any(not name.startswith(("ExifTool:", "File:")) for name in tags):
        raise MalformedError(_NO_METADATA.get(fault, f"exiftool says: {fault}"))
    return tags


_ENDED: dict[int, str] = {
    signal.SIGXCPU: "exiftool used up its processor time on it",
    signal.SIGKILL: "exiftool was ended by the system (memory or time used up)",
}
_NO_METADATA = {
    "Unknown file type": "exiftool finds no metadata: it takes the file for none of its types",
    "File is empty": "exiftool finds no metadata: the file is empty",
    "File format error": "exiftool can read no metadata: the file is broken or incomplete",
}


def _number(written: str) -> float | str:
    """A number where it keeps its look: a version 1.10 is no 1.1."""
    number = float(written)
    return number if math.isfinite(number) and repr(number) == written else written


def _whole(written: str) -> int | str:
    return int(written) if len(written) < 16 or (len(written) < 18 and abs(int(written)) < _SAFE) else written


def _plain(value: Any) -> Any:
    """`value` with every text fit to be written down (lone surrogates replaced)."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that metadata may claim, and how it is read off the table."""

    property: str
    read: Callable[[Mapping[str, Any]], dict[str, Any]]


_TIMES = {
    "DateTimeOriginal": "taken",
    "CreateDate": "created",
    "CreationDate": "created",
    "DateCreated": "created",
    "MediaCreateDate": "created",
    "DateTimeDigitized": "digitized",
    "GPSDateTime": "satellite time",
    "ModifyDate": "modified",
    "MediaModifyDate": "modified",
    "MetadataDate": "modified",
}
_OFFSETS = {
    "DateTimeOriginal": "OffsetTimeOriginal",
    "CreateDate": "OffsetTimeDigitized",
    "ModifyDate": "OffsetTime",
}
_TIME = re.compile(
    r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def _times(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Every time that the file gives, as it is written, with its offset only where one is given."""
    claims = []
    for name, value in sorted(tags.items()):
        group, tag = name.split(":", 1)[0], _tag(name)
        found = _TIME.match(value) if tag in _TIMES and isinstance(value, str) else None
        if found is None or found[1] == "0000" or (group == "Composite" and tag != "GPSDateTime"):
            continue
        offset = found[8] or tags.get(f"{group}:{_OFFSETS.get(tag, '')}")
        claims.append({"tag": name, "event": _TIMES[tag], "written": value, "offset": offset})
    return {"times": claims} if claims else {}


def _position(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Where the device says that it was."""
    try:
        latitude, longitude = (float(tags[f"Composite:GPS{axis}"]) for axis in ("Latitude", "Longitude"))
    except (KeyError, TypeError, ValueError):
        return {}
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return {"invalid": f"{latitude}, {longitude}"}
    further = {
        "altitude": tags.get("Composite:GPSAltitude"),
        "direction_deg": tags.get("GPS:GPSImgDirection"),
        "direction_ref": tags.get("GPS:GPSImgDirectionRef"),
        "horizontal_error": tags.get("GPS:GPSHPositioningError"),
    }
    known = {name: value for name, value in further.items() if value is not None}
    return {"latitude": latitude, "longitude": longitude, "personal": True, **known}


_DEVICE = ("Make", "Model", "Software", "LensModel", "CreatorTool", "HostComputer", "Producer", "Encoder")
_PERSONAL = re.compile(
    r"(Serial(Number)?|OwnerName|Artist|Creator|Author|By-line|Copyright|ImageUniqueID|DeviceId|InternalSerialNumber|"
    r"CameraID|BodySerialNumber|LensSerialNumber|ContentIdentifier|LastModifiedBy|UserComment|OriginalDocumentID)$"
)


def _device(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Which device and program the file names."""
    named = {name: value for name, value in sorted(tags.items()) if _tag(name) in _DEVICE and value}
    return {"named": named} if named else {}


def _personal(tags: Mapping[str, Any]) -> dict[str, Any]:
    """What may lead to a person: names, and numbers of a single device."""
    named = {name: value for name, value in sorted(tags.items()) if _PERSONAL.search(_tag(name)) and value}
    return {"personal": True, "named": named} if named else {}


def _tag(name: str) -> str:
    return name.rsplit(":", 1)[-1]


CLAIMS = (
    Claim("metadata times", _times),
    Claim("metadata position", _position),
    Claim("metadata device", _device),
    Claim("metadata personal", _personal),
)
