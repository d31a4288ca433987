"""Match: which objects of the case are alike, by which method, and how near.

A likeness is a reason to look, not an answer: each match carries its distance, the change that leads from
one to the other, and what the method cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable

from witnessmark.match.exact import Repetition, repeated
from witnessmark.match.pdq import Coded, matches
from witnessmark.model import Digest, Finding, Match


def match(about: Digest, findings: Iterable[Finding]) -> tuple[Match, ...]:
    """The likenesses between the object `about` and all others that `findings` describe."""
    coded = {finding.about: Coded.of(finding) for finding in findings if finding.property == "pdq"}
    if about not in coded:
        return ()
    return tuple(matches(coded.pop(about), tuple(coded.values())))


__all__ = ["Coded", "Repetition", "match", "matches", "repeated"]
