"""What the reader proposes: attributed statements with exact places, for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from witnessmark.errors import MalformedError
from witnessmark.model import Range, Stance, Topic
from witnessmark.weigh.reading.quantities import Role

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the text: its words and where they stand, in code points."""

    text: str
    start: int
    end: int

    @classmethod
    def of(cls, text: str, place: Place) -> Passage:
        """The passage at a place of `text`; MalformedError if there is none."""
        start, end = place
        if not 0 <= start < end <= len(text):
            raise MalformedError(f"{start}–{end} is not a stretch of a text of {len(text)} characters")
        return cls(text[start:end], start, end)

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"text": self.text, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the words are: as written, and as a level (high, moderate, low)."""

    passage: Passage
    level: str

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**self.passage.facts(), "level": self.level}


@dataclass(frozen=True, slots=True)
class Counted:
    """A number in a statement, with who they are and what befell them."""

    passage: Passage
    amount: Range
    unit: str | None
    victims: Passage | None
    action: Passage | None
    role: Role

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        amount = self.amount
        return {
            **self.passage.facts(),
            "low": amount.low,
            "best": amount.best,
            "high": amount.high,
            "qualifier": amount.qualifier.value,
            "unit": self.unit,
            "victims": _facts(self.victims),
            "action": _facts(self.action),
            "role": self.role.value,
        }


@dataclass(frozen=True, slots=True)
class Proposed:
    """A statement that the reader proposes. `chain` goes from the outermost relay to the first voice.

    `cue` is None where the text speaks for itself; `chain` is empty where nobody is named. `nested_in`
    is the `name` of the statement in whose content this one stands. `mention` is the source as it is
    called at the cue (a pronoun, say), `source` the passage that names it.
    """

    name: str
    chain: tuple[Passage, ...]
    mention: Passage | None
    cue: Passage | None
    content: tuple[Passage, ...]
    stance: Stance
    certainty: Certainty | None
    nested_in: str | None
    quantities: tuple[Counted, ...]
    when: Passage | None
    where: Passage | None
    topic: Topic
    extractor: str
    version: str

    @property
    def source(self) -> Passage | None:
        """The first voice; None if nobody is named."""
        return self.chain[-1] if self.chain else None

    def facts(self) -> Mapping[str, Any]:
        """One line of `witnessmark statements FILE --json`."""
        return {
            "id": self.name,
            "source": _facts(self.source),
            "chain": [voice.facts() for voice in self.chain],
            "cue": _facts(self.cue),
            "content": [passage.facts() for passage in self.content],
            "stance": self.stance.value,
            "certainty": self.certainty.facts() if self.certainty else None,
            "nested_in": self.nested_in,
            "quantities": [counted.facts() for counted in self.quantities],
            "when": _facts(self.when),
            "where": _facts(self.where),
            "topic": self.topic.value,
            "extractor": self.extractor,
            "version": self.version,
        }


def _facts(passage: Passage | None) -> dict[str, Any] | None:
    return passage.facts() if passage else None
