"""Names as they were found, written so that no two differ only to the eye of a program.

A source string is an identity: an interrupted run is resumed by it. File systems and archives
allow names that are not text, so whatever cannot stand in a line of text is percent-encoded, and
a name that already looks encoded is encoded once more. No two names are written alike, and
`name_of` gives back the bytes.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

WITHIN = "!/"
"""Stands between a container and what lies inside it."""

_UNWRITABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]"  # controls, line ends, bytes that are not UTF-8
    "|%(?=[0-9A-Fa-f]{2})"  # would read as an encoded byte
    "|!(?=/)"  # would read as the border of a container
)
_NEVER_WRITTEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|!/")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def written(name: bytes) -> str:
    """The bytes of `name` as one line of text that tells them apart from every other name."""
    text = name.decode("utf-8", "surrogateescape")
    return text if text.isalnum() else _UNWRITABLE.sub(_percent_encoded, text)


def name_of(source: str) -> bytes:
    """The bytes that `written` made `source` of."""
    return unquote_to_bytes(source)


def depth_of(source: str) -> int:
    """How many containers lie around what `source` names."""
    return source.count(WITHIN)


def is_written(name: str) -> bool:
    """Whether `name` can be one that `written` gave."""
    return _NEVER_WRITTEN.search(name) is None


def as_text(found: str) -> str:
    """`found` as text that any record can hold: what is not text becomes the replacement character."""
    return _NOT_TEXT.sub("\ufffd", found)


def _percent_encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))
