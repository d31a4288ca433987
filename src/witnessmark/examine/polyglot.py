"""Every format under which the same bytes can be read, and what lies behind the end of the file's own.

A picture may be an archive as well, or a page: two programs then show two different things. The type that
leads decides how we treat the file; that others are there is told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from witnessmark.errors import RefusedError
from witnessmark.examine import extent
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Copy, Facts, Finding

_HEAD = 4096
_LARGEST = 256 << 20
_WINDOW = 1 << 20


class Formats:
    """Tries the structures of many formats on the same bytes."""

    name = "formats"
    version = "1"
    limits = (
        "Only outer structures are tried, of the formats known here; a file can hold further content in ways "
        "that no structure shows. Trailing bytes are often harmless additions of a camera or a program."
    )

    def accepts(self, copy: Copy) -> bool:
        """Any bytes at all."""
        return copy.size > 0

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterator[Finding]:
        """The leading format, all formats, and the trailing bytes."""
        if copy.size > _LARGEST:
            raise RefusedError(f"more than {_LARGEST >> 20} MiB are not searched for hidden formats")
        content = untrusted.read(_LARGEST)
        leading = media_type_of(content[:_HEAD])
        others = sorted({media_type for media_type, reads in ALSO if reads(content)} - _kin(leading))
        value: dict[str, object] = {
            "leading": leading,
            "formats": [leading, *others],
            "polyglot": bool(others),
            **_tail(leading, content),
        }
        yield Finding(copy.digest, f"{self.name} {self.version}", "formats", Facts(value), self.limits)


def _tail(leading: str, content: bytes) -> dict[str, object]:
    """What the structure of the leading format says about its end."""
    if leading not in extent.ENDS:
        return {}
    end = extent.ENDS[leading](content)
    if end is None:
        return {"whole": False}
    trailing = content[end:]
    if not trailing.strip(b"\x00\r\n \t"):
        return {"whole": True}
    return {
        "whole": True,
        "trailing_bytes": len(trailing),
        "trailing_type": media_type_of(trailing.lstrip(b"\x00\r\n")[:_HEAD]),
    }


def _kin(leading: str) -> set[str]:
    """Formats that are the same thing as the leading one under a wider name."""
    kin = {leading}
    if leading.startswith(
        ("application/vnd.o", "application/epub", "application/wacz", "application/vnd.android")
    ):
        kin.add("application/zip")
    if leading in (
        "image/svg+xml",
        "application/xml",
        "multipart/related",
        "message/rfc822",
        "application/mbox",
    ):
        kin.add("text/html")
    return kin


def _is_zip(content: bytes) -> bool:
    if b"PK\x05\x06" not in content[-65_557:]:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return False


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024] and b"startxref" in content[-_WINDOW:]


_TAGS = re.compile(rb"<(?:!doctype\s+html|html|script|body|iframe|svg)[\s>/]", re.IGNORECASE)


def _is_page(content: bytes) -> bool:
    """Markup where a browser that guesses would look for it."""
    return _TAGS.search(content[:1024]) is not None


def _is_rar(content: bytes) -> bool:
    return b"Rar!\x1a\x07" in content[:_WINDOW]


def _is_seven_zip(content: bytes) -> bool:
    return b"7z\xbc\xaf\x27\x1c" in content[:_WINDOW]


def _is_tar(content: bytes) -> bool:
    """A first header whose checksum is right."""
    header = content[:512]
    if header[257:262] != b"ustar":
        return False
    said = header[148:156].strip(b"\x00 ")
    total = sum(header) - sum(header[148:156]) + 8 * 0x20
    return said.isdigit() and not set(said) & set(b"89") and int(said, 8) == total


def _is_program(content: bytes) -> bool:
    """A Windows program: the old header points at the new one."""
    at = int.from_bytes(content[60:64], "little")
    return content[:2] == b"MZ" and content[at : at + 4] == b"PE\x00\x00"


def _is_server_script(content: bytes) -> bool:
    return b"<?php" in content[:_WINDOW] or b"<?php" in content[-_WINDOW:]


def _is_shell_script(content: bytes) -> bool:
    return content[:2] == b"#!" and b"/" in content[:64]


ALSO: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("application/zip", _is_zip),
    ("application/pdf", _is_pdf),
    ("text/html", _is_page),
    ("application/vnd.rar", _is_rar),
    ("application/x-7z-compressed", _is_seven_zip),
    ("application/x-tar", _is_tar),
    ("application/vnd.microsoft.portable-executable", _is_program),
    ("application/x-httpd-php", _is_server_script),
    ("text/x-shellscript", _is_shell_script),
)
"""Formats that a reader finds wherever they lie, or that hide behind another's beginning."""
