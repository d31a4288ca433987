"""Linking: which rows of several lists of victims name one person, for a person to confirm."""

from __future__ import annotations

from witnessmark.weigh.linking.columns import Meaning
from witnessmark.weigh.linking.intake import Roll, read_roll
from witnessmark.weigh.linking.linked import Linked, Place, Wish, linked

__all__ = ["Linked", "Meaning", "Place", "Roll", "Wish", "linked", "read_roll"]
