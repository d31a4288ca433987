"""Weigh: who says what through whom, and how many; nothing is averaged and nothing is decided.

All functions take the statements of a case as a mapping from digest to statement, because a relay
names the statement that it passes on by its digest.
"""

from witnessmark.weigh.attribution import Count, Draft, Relay, Voice, draft, voices
from witnessmark.weigh.tally import Agreement, Dispute, Given, Origin, Tally, tally

__all__ = [
    "Agreement",
    "Count",
    "Dispute",
    "Draft",
    "Given",
    "Origin",
    "Relay",
    "Tally",
    "Voice",
    "draft",
    "tally",
    "voices",
]
