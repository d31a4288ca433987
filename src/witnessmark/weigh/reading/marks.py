"""The door for whoever else marks who says what in a text: a trained tagger, or a language model elsewhere.

It stands here and not among the doors of the desk, because weighing must not see the world outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from witnessmark.model import Stance
from witnessmark.weigh.reading.heard import Said
from witnessmark.weigh.reading.sentences import Sentence

Heard = tuple[Sentence, list[Said]]
"""A sentence, and what the rules found in it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Who says what in a text, by places in code points: start and end (not included).

    `stance` is None where the marker does not say; the words then show it.
    """

    source: tuple[int, int] | None
    cue: tuple[int, int]
    content: tuple[tuple[int, int], ...]
    stance: Stance | None = None


class Marker(Protocol):
    """Marks the attributed statements of a text; `name` and `version` stand in what is proposed by it."""

    @property
    def name(self) -> str:
        """Who marks."""
        ...

    @property
    def version(self) -> str:
        """Which version of it."""
        ...

    def mark(self, text: str, heard: Sequence[Heard] | None = None) -> Iterable[Marked]:
        """The attributions that it finds in `text`; `heard` is what the rules found, if they were asked."""
        ...
