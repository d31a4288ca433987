"""The door for whoever else marks who says what in a text: a trained tagger, or a language model elsewhere.

It stands here and not among the doors of the desk, because weighing must not see the world outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from witnessmark.model import Stance


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

    def mark(self, text: str) -> Iterable[Marked]:
        """The attributions that it finds in `text`."""
        ...
