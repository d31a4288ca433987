"""What was said, by its places in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from witnessmark.model import Stance
from witnessmark.weigh.reading.sentences import Sentence

Place = tuple[int, int]
"""A stretch of the text in code points."""


@dataclass(slots=True)
class Said:
    """Who says what, by places in the text."""

    sentence: Sentence
    cue: Place
    source: Place | None
    contents: list[Place]
    stance: Stance
    lemma: str
    quotation: int = 0
    """The number of the quotation that the cue itself stands in; 0 outside of any."""
    via: Place | None = None
    """The voice that the source cites."""
    antecedent: Place | None = None
    """What a relative pronoun as source means."""
    sure: tuple[Place, str] | None = None
    """The word of certainty and its level."""
    waits: bool = False
    """Whether the content is what follows in the next sentence: “She wrote:”."""
    is_quoting: bool = False
    inherits: bool = False
    """Whether nobody is named because the last speaker goes on."""
    is_relative: bool = False
    """Whether it only tells of a word of the sentence: “the figure, which X announced, …”."""
    last_paragraph: int = field(default=0)
