"""Confine: the locked room in which hostile bytes are decoded, and nothing else is in reach."""

from witnessmark.confine.limits import Limits
from witnessmark.confine.room import Room

__all__ = ["Limits", "Room"]
