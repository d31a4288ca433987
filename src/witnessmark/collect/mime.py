"""MIME: where each leaf of a message stands in its bytes, read line by line and never by recursion.

Messages and pages saved as MHTML are both made so. A leaf keeps the place of its encoded body in
the sealed bytes; what a declared encoding hides is decoded here.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from typing import BinaryIO

from witnessmark.collect.charset import decoded, detect
from witnessmark.collect.names import as_text
from witnessmark.errors import MalformedError

MOST_NESTED = 50
LARGEST_LEAF = 128 << 20
_LARGEST_HEADERS = 1 << 20
_LINE = 1 << 16
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|>?From ")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_HARD_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a message or of one of its parts, as they stand, and as text."""

    message: Message
    charset: str

    @classmethod
    def of(cls, block: bytes) -> Headers:
        """The fields written in `block`, however badly."""
        charset = detect(block).name  # text that is not ASCII is common in fields, whatever the rules say
        return cls(HeaderParser(policy=compat32).parsestr(block.decode(charset, "replace")), charset)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the field `name`, with encoded words read, in its order."""
        return tuple(_readable(str(value)) for value in self.message.get_all(name, ()))

    def one(self, name: str) -> str | None:
        """The first value of the field `name`."""
        values = self.all(name)
        return values[0] if values else None

    @property
    def media_type(self) -> str:
        """The type as declared; text/plain where there is none."""
        return as_text(self.message.get_content_type())

    @property
    def encoding(self) -> str:
        """The transfer encoding as declared, in lower case."""
        return (self.one("Content-Transfer-Encoding") or "7bit").strip().lower()

    def parameter(self, name: str, field: str = "Content-Type") -> str | None:
        """A parameter such as `charset` or `filename`, in whatever way it was encoded."""
        try:
            value = self.message.get_param(name, header=field)
            if isinstance(value, tuple):
                charset, _, written = value
                return as_text(decoded(written.encode("latin-1", "replace"), charset))
        except (ValueError, TypeError, AttributeError):
            return None
        return None if value is None else _readable(str(value))

    @property
    def boundary(self) -> bytes | None:
        """What stands between the parts of a multipart; None if this is none."""
        if self.message.get_content_maintype() != "multipart":
            return None
        try:
            value = self.message.get_boundary()
        except (ValueError, TypeError, AttributeError):
            return None
        return value.rstrip().encode(self.charset, "replace") if value else None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no further parts: its number in the tree, its fields, its place in the bytes."""

    number: str
    headers: Headers
    start: int
    end: int
    closed: bool = True

    def encoded(self, untrusted: BinaryIO) -> bytes:
        """The body as it stands in the sealed bytes."""
        if self.end - self.start > LARGEST_LEAF:
            raise MalformedError(f"it is larger than {LARGEST_LEAF >> 20} MiB")
        untrusted.seek(self.start)
        return untrusted.read(self.end - self.start)

    def content(self, untrusted: BinaryIO) -> tuple[bytes, str | None]:
        """The body with its transfer encoding undone, and what was wrong with that, if anything."""
        body = self.encoded(untrusted)
        decoder = _DECODERS.get(self.headers.encoding)
        if decoder is not None:
            return decoder(body)
        known = self.headers.encoding in ("7bit", "8bit", "binary", "")
        return body, None if known else f"the transfer encoding {self.headers.encoding[:40]!r} is not known"


def read_headers(untrusted: BinaryIO, start: int) -> tuple[Headers, int]:
    """The fields that stand at `start`, and where the body begins."""
    untrusted.seek(start)
    block = bytearray()
    while line := untrusted.readline(_LINE):
        if not line.strip(b"\r\n"):
            return Headers.of(bytes(block)), untrusted.tell()
        at_line_start = not block or block.endswith((b"\n", b"\r"))
        if at_line_start and (line.startswith(b"--") or not _FIELD.match(line)):
            return Headers.of(bytes(block)), untrusted.tell() - len(line)
        block += line
        if len(block) > _LARGEST_HEADERS:
            raise MalformedError("the fields of a message take more than 1 MiB")
    return Headers.of(bytes(block)), untrusted.tell()


def leaves(untrusted: BinaryIO) -> Iterator[Leaf]:
    """Every leaf of the message in its order; MalformedError if parts are nested too deep."""
    tree = _Tree(untrusted)
    position = 0
    while True:
        headers, body = read_headers(untrusted, position)
        boundary = headers.boundary
        if boundary is not None:
            tree.open(boundary)
        border = tree.next_border(body)
        if boundary is None:
            yield Leaf(tree.number(), headers, body, max(body, border.before), border.found or not tree.depth)
        while border.found and border.closes:
            tree.close(border.level)
            border = tree.next_border(border.after)
        if not border.found:
            return
        tree.next_part(border.level)
        position = border.after


@dataclass(frozen=True, slots=True)
class _Border:
    """A line that ends a part: where it stands, and which multipart it belongs to."""

    before: int
    after: int
    level: int = -1
    closes: bool = False

    @property
    def found(self) -> bool:
        return self.level >= 0


class _Tree:
    """The multiparts that are open, outermost first, with the number of the part being read in each."""

    def __init__(self, untrusted: BinaryIO) -> None:
        self._untrusted = untrusted
        self._boundaries: list[bytes] = []
        self._counts: list[int] = []

    @property
    def depth(self) -> int:
        return len(self._boundaries)

    def open(self, boundary: bytes) -> None:
        if self.depth >= MOST_NESTED:
            raise MalformedError(f"its parts are nested more than {MOST_NESTED} deep")
        self._boundaries.append(boundary)
        self._counts.append(0)

    def close(self, level: int) -> None:
        del self._boundaries[level:], self._counts[level:]

    def next_part(self, level: int) -> None:
        self.close(level + 1)
        self._counts[level] += 1

    def number(self) -> str:
        return ".".join(str(count) for count in self._counts if count) or "1"

    def next_border(self, start: int) -> _Border:
        """The next line from `start` that is a border of any open multipart; else the end of the bytes."""
        untrusted = self._untrusted
        untrusted.seek(start)
        if not self._boundaries:
            end = untrusted.seek(0, 2)
            return _Border(end, end)
        position, ending, whole = start, 0, True
        while line := untrusted.readline(_LINE):
            if whole and line.startswith(b"--") and (level := self._level(line)) is not None:
                closes = line.rstrip()[2:] != self._boundaries[level]
                return _Border(position - ending, position + len(line), level, closes)
            position += len(line)
            whole = line.endswith(b"\n")
            ending = 2 if line.endswith(b"\r\n") else int(whole)
        return _Border(position, position)

    def _level(self, line: bytes) -> int | None:
        words = line.rstrip()[2:]
        for level in range(self.depth - 1, -1, -1):
            if words in (self._boundaries[level], self._boundaries[level] + b"--"):
                return level
        return None


def _readable(value: str) -> str:
    """A field as text: folded lines joined, encoded words read, what is not text replaced."""
    joined = _HARD_SPACE.sub(" ", value).strip()
    if "=?" not in joined:
        return as_text(joined)
    try:
        pieces = decode_header(joined)
    except (HeaderParseError, ValueError, TypeError):
        return as_text(joined)
    words = (piece if isinstance(piece, str) else decoded(piece, charset) for piece, charset in pieces)
    return as_text("".join(words))


def _from_base64(body: bytes) -> tuple[bytes, str | None]:
    content, padding, rest = body.partition(b"=")
    wanted = content.translate(None, _NOT_BASE64)
    odd = len(wanted) % 4
    decoded = binascii.a2b_base64(wanted[: len(wanted) - (odd == 1)] + b"=" * (-len(wanted) % 4 % 3))
    if odd == 1 or (odd and not padding):
        return decoded, "its base64 breaks off within a group"
    if rest.translate(None, _NOT_BASE64):
        return decoded, "its base64 goes on after its end mark; what follows was not read"
    return decoded, None


def _from_quoted(body: bytes) -> tuple[bytes, str | None]:
    return binascii.a2b_qp(body), None


def _from_uuencoded(body: bytes) -> tuple[bytes, str | None]:
    lines = iter(body.splitlines())
    if not any(line.startswith(b"begin ") for line in lines):
        return body, "it is declared as uuencoded and has no beginning"
    decoded = bytearray()
    for line in lines:
        if line.strip() == b"end":
            return bytes(decoded), None
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            return bytes(decoded), "a line of its uuencoded text is broken"
    return bytes(decoded), "its uuencoded text breaks off"


_DECODERS = {
    "base64": _from_base64,
    "quoted-printable": _from_quoted,
    "x-uuencode": _from_uuencoded,
    "uuencode": _from_uuencoded,
}
