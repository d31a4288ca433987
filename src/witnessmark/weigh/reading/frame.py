"""One cue with its source and its content, in tokens of the sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from witnessmark.model import Stance
from witnessmark.weigh.reading.clauses import Words


class Side(StrEnum):
    """Where the content lies, seen from the cue."""

    RIGHT = "right"
    LEFT = "left"
    AROUND = "around"
    NONE = "none"


@dataclass(slots=True)
class Frame:
    """One cue, its source and its content."""

    cue: Words
    head: int
    side: Side
    stance: Stance
    lemma: str = ""
    source: Words | None = None
    right: int = 0
    """Where content on the right begins."""
    left: int = 0
    """Where content on the left ends."""
    kind: str = "verb"
    via: Words | None = None
    """The voice that this one cites."""
    named: bool = False
    """Whether a noun of saying names its voice behind it: “a report by X that …”."""
    leader: Frame | None = None
    """The frame whose source this one shares: “…, adding that …”."""
    contents: list[Words] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the first of source and cue begins."""
        return min(self.cue[0], self.source[0]) if self.source else self.cue[0]

    @property
    def end(self) -> int:
        """Where the last of source and cue ends."""
        return max(self.cue[1], self.source[1]) if self.source else self.cue[1]
