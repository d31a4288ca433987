"""Tagging: a trained network marks sources, cues and contents, and ties them together."""

from __future__ import annotations

from witnessmark.weigh.tagging.tagger import Tagger

__all__ = ["Tagger"]
