"""Match: which objects of the case are alike, by which method, and how near.

A likeness is a reason to look, not an answer: each match carries its distance, the change that leads from
one to the other, and what the method cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable

from witnessmark.match.exact import Repetition, repeated
from witnessmark.match.pdq import Coded, Pictures
from witnessmark.model import Digest, Finding, Match


def match(about: Digest, findings: Iterable[Finding], among: Pictures) -> tuple[Match, ...]:
    """What among the pictures of the case is like the object `about`, by its own findings."""
    return among.match(about, findings)


__all__ = ["Coded", "Pictures", "Repetition", "match", "repeated"]
