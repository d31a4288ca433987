"""Where a file of some format ends, by its own structure: what lies behind that was put there by someone.

Each reader walks the outer structure only (segments, chunks, boxes) and gives the offset after the last
one, or None where the bytes do not follow the format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_STANDALONE = (0x01, *range(0xD0, 0xD9))


def of_jpeg(content: bytes) -> int | None:
    """After the end-of-image marker of the first picture."""
    at = 2
    while content[at : at + 1] == b"\xff":
        marker = content[at + 1] if at + 1 < len(content) else 0
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
            continue
        at += 2 if marker in _STANDALONE else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:  # coded pixels follow, until the next marker
            found = _NEXT_MARKER.search(content, at)
            if found is None:
                return None
            at = found.start()
    return None


def of_png(content: bytes) -> int | None:
    """After the IEND chunk."""
    at = 8
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at if at <= len(content) else None
    return None


def of_gif(content: bytes) -> int | None:
    """After the trailer byte."""
    if len(content) < 13:
        return None
    at = 13 + (3 << ((content[10] & 7) + 1) if content[10] & 0x80 else 0)
    while at < len(content):
        introducer = content[at]
        if introducer == 0x3B:
            return at + 1
        if introducer == 0x2C and at + 9 < len(content):
            packed = content[at + 9]
            at += 11 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)
        elif introducer == 0x21:
            at += 2
        else:
            return None
        while at < len(content) and content[at]:
            at += 1 + content[at]
        at += 1
    return None


def of_riff(content: bytes) -> int | None:
    """After the length that the header gives."""
    end = 8 + int.from_bytes(content[4:8], "little")
    return end + end % 2 if end <= len(content) else None


def of_bitmap(content: bytes) -> int | None:
    """After the length that the header gives."""
    end = int.from_bytes(content[2:6], "little")
    return end if 26 <= end <= len(content) else None


def of_iso_media(content: bytes) -> int | None:
    """After the last whole box with a name that can be read."""
    at = 0
    while at + 8 <= len(content) and re.fullmatch(rb"[ -~\xa9]{4}", content[at + 4 : at + 8]):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        size = size or len(content) - at
        if size < 8 or at + size > len(content):
            break
        at += size
    return at or None


def of_pdf(content: bytes) -> int | None:
    """After the last end-of-file mark and its line end."""
    at = content.rfind(b"%%EOF")
    return (
        None
        if at < 0
        else at + 5 + len(content[at + 5 : at + 7]) - len(content[at + 5 : at + 7].lstrip(b"\r\n"))
    )


ENDS: Mapping[str, Callable[[bytes], int | None]] = {
    "image/jpeg": of_jpeg,
    "image/png": of_png,
    "image/gif": of_gif,
    "image/webp": of_riff,
    "image/bmp": of_bitmap,
    "audio/wav": of_riff,
    "image/heic": of_iso_media,
    "image/avif": of_iso_media,
    "video/mp4": of_iso_media,
    "video/quicktime": of_iso_media,
    "application/pdf": of_pdf,
}
