"""What a container may ask of us: how many members, how many bytes, which names.

Nothing is ever unpacked to a path, so a bad name could do no harm here. It is refused because
others will unpack what a package hands on, and because two names that a file system would take
for one make it unclear which bytes a source string means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from unicodedata import normalize

from witnessmark.collect.names import written
from witnessmark.model import Outcome

Yielded = tuple[Mapping[str, object], bytes | Iterable[bytes]]
"""One thing that a task gives to the room: plain facts, and bytes."""

CHUNK = 1 << 20
_BORDER = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789")}


@dataclass(slots=True)
class Budget:
    """The caps of one container, and what of them is used up."""

    packed: int
    entries: int = 100_000
    total_bytes: int = 20 << 30
    ratio: int = 200
    ratio_from: int = 100 << 20
    spent: int = 0
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, packed: int, parameters: Mapping[str, object]) -> Budget:
        """The budget for a container of `packed` bytes, where `parameters` may set other caps."""
        budget = cls(packed)
        for cap in ("entries", "total_bytes", "ratio", "ratio_from"):
            setattr(budget, cap, int(str(parameters.get(cap, getattr(budget, cap)))))
        return budget

    def objection_to_name(self, name: bytes) -> str | None:
        """Why a member may not be called `name`; None if it may, and then no other may."""
        text = name.decode("utf-8", "surrogateescape")
        steps = [step for step in _BORDER.split(text) if step not in ("", ".")]
        if not steps or "\0" in text:
            return "it has no usable name"
        if text[0] in "/\\" or _DRIVE.match(text):
            return "its name is an absolute path"
        if ".." in steps:
            return "its name leads out of the archive by `..`"
        if any(step.split(".", 1)[0].strip().lower() in _RESERVED for step in steps):
            return "its name is reserved by Windows"
        known = normalize("NFC", normalize("NFC", "/".join(steps)).casefold())
        if known in self._seen:
            return "an earlier member has the same name, letter case and Unicode form aside"
        self._seen.add(known)
        return None

    def objection_to_size(self, unpacked: int, packed: int) -> str | None:
        """Why `unpacked` bytes out of `packed` may not be taken; None if they may."""
        for out, into in ((unpacked, packed), (self.spent + unpacked, self.packed)):
            if out > self.ratio_from and out > self.ratio * max(into, 1):
                return (
                    f"it would swell from {into:,} to {out:,} bytes, more than {self.ratio}-fold, as bombs do"
                )
        if self.spent + unpacked > self.total_bytes:
            return f"the archive would give more than {self.total_bytes:,} bytes in all"
        return None


def not_taken(name: bytes | str, reason: str, outcome: Outcome = Outcome.DECLINED) -> Yielded:
    """A member that does not come, with its reason; an empty name stands for the container itself."""
    shown = written(name) if isinstance(name, bytes) else name
    return {"name": shown, "outcome": outcome.value, "reason": reason}, b""


def moment(epoch_s: float) -> str | None:
    """A time in seconds since 1970 in ISO 8601, None if no calendar has it."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None
