"""The seam for languages: which reader takes a sentence, by its letters."""

from __future__ import annotations

import re

from witnessmark.weigh.reading.plain import Plain, reader
from witnessmark.weigh.reading.sentences import Sentence

_LETTERS = {"arabic": re.compile("[\u0620-\u064a]"), "ukrainian": re.compile("[\u0404-\u0457\u0490\u0491]")}
_CHECKED = 12


def reader_for(sentence: Sentence) -> Plain | None:
    """The reader for a sentence that is not English; None for all others too."""
    words = [token.text for token in sentence.tokens if token.text[0].isalpha()]
    step = max(1, len(words) // _CHECKED)
    sample = words[::step]
    for name, letters in _LETTERS.items():
        if sample and 2 * sum(1 for word in sample if letters.search(word)) > len(sample):
            return reader(name)
    return None
