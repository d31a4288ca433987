"""Containers: which kept things hold further things, and how those come out of the locked room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from witnessmark.collect.names import WITHIN, as_text, depth_of, is_written
from witnessmark.errors import MalformedError, UnavailableError, UsageError
from witnessmark.model import Copy, Facts, Outcome
from witnessmark.ports import Capture, Declined, LockedRoom, Part

DEEPEST = 5

_GIB = 1 << 30
# An archive may be as large as its caps allow; what one member costs is bounded by the budget inside.
_ARCHIVE = {"output_bytes": 21 * _GIB, "cpu_s": 7200, "wall_s": 600}
_MAIL = {"output_bytes": 4 * _GIB, "cpu_s": 600, "wall_s": 120}


@dataclass(frozen=True, slots=True)
class _Door:
    """The task that opens one kind of container, how it is called in records, and what it may cost."""

    task: str
    method: str
    limits: dict[str, int]


_ARCHIVES = _Door("witnessmark.collect.archive:members", "unpacked from an archive", _ARCHIVE)
_MESSAGE = _Door("witnessmark.collect.mail:parts", "taken out of a message", _MAIL)
_MAILBOX = _Door("witnessmark.collect.mail:messages", "taken out of a mailbox", _ARCHIVE)
_SAVED_PAGE = _Door("witnessmark.collect.pages:parts", "taken out of a saved page", _MAIL)

_DOORS = {
    "application/zip": _ARCHIVES,
    "application/x-tar": _ARCHIVES,
    "application/gzip": _ARCHIVES,
    "application/x-bzip2": _ARCHIVES,
    "application/x-xz": _ARCHIVES,
    "message/rfc822": _MESSAGE,
    "application/mbox": _MAILBOX,
    "multipart/related": _SAVED_PAGE,
}
_UNOPENED = {
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "RAR",
    "application/zstd": "Zstandard",
}


def expand(copy: Copy, source: str, path: Path, room: LockedRoom) -> Iterator[Capture | Declined]:
    """What the kept object `copy` holds, if it is a container; `path` is where its bytes lie.

    The bytes of a capture can be read once, and before the next one is asked for.
    """
    if copy.media_type in _UNOPENED:
        kind = _UNOPENED[copy.media_type]
        yield Declined(source, f"{kind} archives are kept as they are and not opened here")
    door = _DOORS.get(copy.media_type)
    if door is None:
        return
    if depth_of(source) >= DEEPEST:
        yield Declined(source, f"containers within containers are opened {DEEPEST} deep and no further")
        return
    try:
        for part in room.run(door.task, path, {"limits": door.limits}):
            yield _member(part, copy, source, door)
    except (MalformedError, UnavailableError) as error:
        yield Declined(source, f"not all of it could be opened: {error}", Outcome.FAILED)


def _member(part: Part, copy: Copy, source: str, door: _Door) -> Capture | Declined:
    told = dict(part.facts)
    name, outcome = str(told.pop("name", "")), str(told.pop("outcome", ""))
    if outcome not in tuple(Outcome) or not is_written(name):
        raise MalformedError("the room gave no readable answer")  # whoever took it over may say anything
    inner = f"{source}{WITHIN}{name}" if name else source
    if outcome != Outcome.DONE:
        return Declined(inner, as_text(str(told.get("reason"))), Outcome(outcome))
    address = told.pop("source_url", None)
    return Capture(
        open=_once(part.content),
        source=inner,
        method=door.method,
        source_url=None if address is None else str(address),
        within=copy.digest,
        declared=Facts(told),
    )


def _once(content: BinaryIO) -> Callable[[], BinaryIO]:
    unread = [content]

    def opened() -> BinaryIO:
        if not unread:
            raise UsageError("the bytes of a member come out of the locked room once")
        return unread.pop()

    return opened
