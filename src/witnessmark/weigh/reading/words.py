"""Small closed classes of English words that the rules of grammar here rest on."""

from __future__ import annotations

from witnessmark.weigh.reading.tables import words

NEGATIONS = words("negations")
BE = words("be")
AUXILIARIES = BE | words("have") | words("modals") | words("adverbs")
"""What may stand between a subject and its verb of saying; adverbs in -ly are taken too."""

FINITE = BE | words("have") | words("modals") | words("finite")
"""Forms that are nearly always the verb of a clause."""

DETERMINERS = words("determiners")
SUBJECTS = words("subjects")
PERSONAL = words("personal")
PREPOSITIONS = words("prepositions")
INNER = words("inner")
"""Prepositions that may stand inside the name of a source: a spokesman for the ministry in Qelmar."""

CONJUNCTIONS = words("conjunctions")
SUBORDINATORS = words("subordinators")
RELATIVES = words("relatives")
QUESTIONS = words("questions")
DAYS = words("days")
OCCASIONS = words("occasions")
"""Nouns of the occasion on which something is said: “said in an interview that …”."""

STOPS = frozenset(".?!…؟")
DASHES = frozenset({"—", "–", "--", "-"})
COMMAS = frozenset({",", ";", ":", "—", "–", "--"})
CLOSERS = frozenset({"”", '"', "»", "’", "'", "''"})

_NO_ADVERBS = frozenset({"only", "family", "supply", "daily", "ally"})


def is_adverb(word: str) -> bool:
    """Whether a word in lower case may stand between subject and verb."""
    return word in AUXILIARIES or (word.endswith("ly") and word not in _NO_ADVERBS)
