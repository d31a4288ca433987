"""Checks: what was looked at, and whether it holds. Not being able to look is an answer of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """The three answers of a check."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, how it stands, and what exactly was seen."""

    what: str
    state: CheckState
    detail: str
