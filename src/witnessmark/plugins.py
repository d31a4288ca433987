"""Plugins: collectors and examiners found by entry point, ours by the same door as a stranger's.

One that cannot be loaded or has the wrong shape lands in `Kit.broken` with its reason, and is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from witnessmark.ports import Collector, Examiner

COLLECTORS = "witnessmark.collectors"
EXAMINERS = "witnessmark.examiners"
_SHAPES: dict[str, tuple[str, ...]] = {
    COLLECTORS: ("name", "version", "accepts", "collect"),
    EXAMINERS: ("name", "version", "limits", "accepts", "examine"),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that could not be used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kit:
    """The tools at hand."""

    collectors: tuple[Collector, ...]
    examiners: tuple[Examiner, ...]
    broken: tuple[Broken, ...]


def discover() -> Kit:
    """Every plugin that is installed, in the order of names."""
    broken: list[Broken] = []
    collectors: list[Collector] = _load(COLLECTORS, broken)
    examiners: list[Examiner] = _load(EXAMINERS, broken)
    return Kit(tuple(collectors), tuple(examiners), tuple(broken))


def _load(group: str, broken: list[Broken]) -> list[Any]:
    tools = []
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        tool = _made(point, broken)
        missing = [name for name in _SHAPES[group] if not hasattr(tool, name)]
        if tool is not None and missing:
            broken.append(Broken(point.name, f"it has no {missing[0]!r}"))
        elif tool is not None:
            tools.append(tool)
    return tools


def _made(point: EntryPoint, broken: list[Broken]) -> object | None:
    try:
        made: object = point.load()()
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        broken.append(Broken(point.name, f"{type(error).__name__}: {error}"))
        return None
    return made
