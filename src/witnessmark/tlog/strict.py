"""Strict readers for the two spellings all these formats share: base64 and decimal.

One value has one spelling. Python's own readers are forgiving (padding bits, underscores,
signs, foreign digits), and two programs that forgive differently can be shown two things.
"""

from __future__ import annotations

import binascii
import re

from witnessmark.errors import MalformedError

LARGEST = 2**63 - 1
# Signs that no line of these formats may hold: controls (but the newline between lines), the mark of
# text that lost bytes on the way, and halves of a pair, which have no UTF-8.
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\ufffd\ud800-\udfff]")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def decimal(text: str, what: str) -> int:
    """Return the number that `text` spells in plain ASCII digits, without leading zeros."""
    if not _DECIMAL.fullmatch(text) or int(text) > LARGEST:
        raise MalformedError(f"{what} is not a plain decimal number up to 2^63-1: {shown(text)}")
    return int(text)


def unbase64(text: str, what: str, length: int | None = None) -> bytes:
    """Return the bytes whose one canonical base64 spelling is `text`; `length` of them if given."""
    try:
        value = binascii.a2b_base64(text)
    except ValueError as error:
        raise MalformedError(f"{what} is not base64: {shown(text)}") from error
    # The reader skips what it does not know; whatever it skipped or forgave is missing here.
    if binascii.b2a_base64(value, newline=False).decode("ascii") != text:
        raise MalformedError(f"{what} is not base64 in its canonical spelling: {shown(text)}")
    if length is not None and len(value) != length:
        raise MalformedError(f"{what} has {len(value)} bytes, not {length}")
    return value


def shown(text: str, most: int = 60) -> str:
    """Return `text` fit for a message: quoted, nothing invisible, and not longer than it deserves."""
    return repr(text) if len(text) <= most else f"{text[:most]!r}…"


def base64(value: bytes) -> str:
    """Return the canonical base64 spelling of `value`."""
    return binascii.b2a_base64(value, newline=False).decode("ascii")


def head_and_note(message: bytes, what: str) -> tuple[list[str], bytes]:
    """Return the ASCII lines above the first blank line of `message`, and the note below it."""
    head, blank, note = message.partition(b"\n\n")
    if not blank:
        raise MalformedError(f"{what} has no blank line before a checkpoint")
    try:
        return head.decode("ascii").split("\n"), note
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not ASCII at byte {error.start}") from error
