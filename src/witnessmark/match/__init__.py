"""Match: which objects of the case are alike, by which method, and how near.

A likeness is a reason to look, not an answer: each match carries its distance, the change that leads from
one to the other, and what the method cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from witnessmark.match.exact import Repetition, repeated
from witnessmark.match.pdq import Candidate, Coded, Pictures
from witnessmark.model import Digest, Finding, Match

if TYPE_CHECKING:
    from witnessmark.match.index import HashIndex


def match(about: Digest, findings: Iterable[Finding], among: Pictures) -> tuple[Match, ...]:
    """What among the pictures of the case is like the object `about`, by its own findings."""
    return among.match(about, findings)


def __getattr__(name: str) -> object:
    if name == "HashIndex":  # drawn in when it is wanted: numpy is heavy
        from witnessmark.match.index import HashIndex  # noqa: PLC0415

        return HashIndex
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Candidate", "Coded", "HashIndex", "Pictures", "Repetition", "match", "repeated"]
