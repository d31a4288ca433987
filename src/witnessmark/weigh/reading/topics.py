"""What a statement is about, from a closed list, by the words that the field uses for it."""

from __future__ import annotations

from collections.abc import Sequence

from witnessmark.model import Topic
from witnessmark.weigh.reading.quantities import Quantity, Role
from witnessmark.weigh.reading.tables import patterns

_WORDS = {Topic(name): pattern for name, pattern in patterns("topics").items()}
_LONGEST = 600
_BEFORE_NUMBERS = frozenset({Topic.COMPARISON, Topic.AUTHENTICITY})


def topic_of(words: str, quantities: Sequence[Quantity]) -> Topic:
    """The topic of a content, from its words and the numbers in it."""
    if any(quantity.role is Role.OTHER_EVENT for quantity in quantities):
        return Topic.COMPARISON
    is_counting = any(
        quantity.unit == "persons" or (quantity.unit is None and quantity.action) for quantity in quantities
    )
    low = words[:_LONGEST].lower()
    for topic, pattern in _WORDS.items():
        if is_counting and topic not in _BEFORE_NUMBERS:
            return Topic.NUMBER
        if pattern.search(low):
            return topic
    return Topic.OTHER
