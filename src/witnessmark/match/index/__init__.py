"""An exact index over codes of 256 bits: everything within a radius, never only the nearest few."""

from __future__ import annotations

from witnessmark.match.index.found import Found, Pairs
from witnessmark.match.index.hash_index import HashIndex

__all__ = ["Found", "HashIndex", "Pairs"]
