"""Cases: what is being investigated, on what authority, and for which events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from witnessmark.model.agents import Agent


@dataclass(frozen=True, slots=True)
class Investigation:
    """The case itself (CASE Investigation with its Authorization)."""

    name: str
    origin: str
    opened_at: datetime
    opened_by: Agent
    focus: str = ""
    authorization: str = ""
