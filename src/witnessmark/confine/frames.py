"""Frames: how what was found in the room comes out of it, and how its words are made harmless.

A frame is one letter, four bytes of length, and content: `F` the facts of a part (JSON), `B` bytes of its
content, `X` why the task failed (JSON), `.` the end. Whatever runs in the room may write anything here, so
the reader looks at each length before it takes memory, and at each word before anybody shows it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping

from witnessmark.errors import MalformedError

HEADER = 5
CHUNK = 1 << 20
_REASON = 300

FACTS, BYTES, FAILURE, END = b"F", b"B", b"X", b"."


def send_part(fd: int, facts: Mapping[str, object], content: bytes | Iterable[bytes]) -> None:
    """Write one part: its facts, then its content in pieces."""
    _send(fd, FACTS, json.dumps(facts, allow_nan=False).encode("ascii"))
    for piece in (content,) if isinstance(content, bytes) else content:
        for start in range(0, len(piece), CHUNK):
            _send(fd, BYTES, piece[start : start + CHUNK])


def send_failure(fd: int, family: str, reason: str) -> None:
    """Write why the task failed."""
    _send(fd, FAILURE, json.dumps({"family": family, "reason": reason[:4000]}).encode("ascii"))


def send_end(fd: int) -> None:
    """Write that nothing more comes."""
    _send(fd, END, b"")


def _send(fd: int, letter: bytes, content: bytes) -> None:
    rest = memoryview(letter + len(content).to_bytes(4, "big") + content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def read_facts(content: bytes) -> dict[str, object]:
    """The table that a facts frame holds; MalformedError for anything else."""
    try:
        facts = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the room gave no readable answer: {harmless(str(error))}") from error
    if not isinstance(facts, dict):
        raise MalformedError("the room gave no readable answer: it is not a table")
    return facts


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def harmless(words: str) -> str:
    """`words` on one line, shortened, without signs that steer a terminal or turn the reading direction."""
    clean = " ".join(_UNSAFE.sub(" ", words).split())
    return clean if len(clean) <= _REASON else clean[: _REASON - 1] + "…"
