"""Limits: how much memory, time and output one file may cost before the room is cleared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Self

from witnessmark.errors import UsageError

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visit to the locked room may use.

    `wall_s` counts only the time that the house waits for the room, not the time that it takes
    to carry away what came out.
    """

    memory_bytes: int = 1024 * MIB
    cpu_s: int = 10
    wall_s: int = 60
    output_bytes: int = 256 * MIB
    facts_bytes: int = 4 * MIB

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise UsageError(f"the limit {field.name} must be a whole number above 0, not {value!r}")

    def changed_by(self, wishes: object) -> Self:
        """These limits with some of them set anew, as a task's parameters ask for."""
        if not isinstance(wishes, Mapping):
            raise UsageError(f"limits are given as a table, not as {type(wishes).__name__}")
        unknown = wishes.keys() - asdict(self).keys()
        if unknown:
            raise UsageError(f"there is no limit {min(unknown)!r}; known: {', '.join(asdict(self))}")
        return replace(self, **wishes)


def in_words(size: int) -> str:
    """A size in bytes as a reader would say it."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
