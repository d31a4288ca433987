"""From annotated texts to the file of a tagger."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from witnessmark.errors import UsageError
from witnessmark.weigh.tagging.columns import columns
from witnessmark.weigh.tagging.tagger import written
from witnessmark.weigh.training.annotated import Annotated, lesson, lexicon
from witnessmark.weigh.training.links import links
from witnessmark.weigh.training.recurrent import Pace, fitted

USUAL = Pace()
_FEWEST = 20
"""Attributions without which there is nothing to learn."""


def train(
    texts: Iterable[Annotated],
    pace: Pace = USUAL,
    told: Callable[[str], None] = lambda _: None,
) -> bytes:
    """The file of a tagger that learned from `texts`; UsageError if they say too little or JAX is missing."""
    lessons = [lesson(one) for one in texts]
    count = sum(len(one.attributions) for one in lessons)
    told(f"{len(lessons)} texts, {count} attributions")
    if count < _FEWEST:
        raise UsageError(f"{count} attributions are too few to learn from")
    learned = lexicon(lessons)
    examples = [
        (columns(one.words, unit, learned), one.labels[unit[0] : unit[1]])
        for one in lessons
        for unit in one.words.units
    ]
    weights = fitted(examples, learned.sizes(), pace, told)
    told("learning which parts belong together")
    return written(learned, weights, links(lessons))
