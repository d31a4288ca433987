"""Reading: the attributed statements of a text, proposed with exact places for a person to confirm."""

from __future__ import annotations

from witnessmark.weigh.reading.beside import Beside, side_by_side
from witnessmark.weigh.reading.marks import Marked, Marker
from witnessmark.weigh.reading.proposed import Certainty, Counted, Passage, Proposed
from witnessmark.weigh.reading.statements import statements

__all__ = [
    "Beside",
    "Certainty",
    "Counted",
    "Marked",
    "Marker",
    "Passage",
    "Proposed",
    "side_by_side",
    "statements",
]
