"""Texts: the readable text of an exhibit, as it was kept beside it, with where it stands in the original."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from witnessmark.model import Copy, Digest, Erasure, Facts, Finding
from witnessmark.ports import Case

READABLE = "readable text"
"""The property of the finding that describes a kept text."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A readable text. Each segment is text start, text end, byte start, byte end in the original."""

    digest: Digest
    content: str
    facts: Facts
    segments: tuple[tuple[int, int, int, int], ...]


def kept_text(case: Case, original: Digest) -> KeptText | None:
    """The readable text that was made from an exhibit; None if there is none."""
    return text_by(case, (finding for _, finding in case.find(Finding, original)))


def text_by(case: Case, findings: Iterable[Finding]) -> KeptText | None:
    """The readable text that the findings on one exhibit speak of; IntegrityError if it was lost."""
    for finding in findings:
        if finding.property == READABLE and "text" in finding.value:
            digest = Digest(finding.value["text"])
            if not case.has(digest) and case.find(Erasure, digest):
                return None
            with case.open(digest) as stream:
                content = stream.read().decode("utf-8")
            segments = tuple(sorted(tuple(one) for one in finding.value.get("segments", ())))
            return KeptText(digest, content, finding.value, segments)
    return None


def copies_of(case: Case, original: Digest) -> tuple[Copy, ...]:
    """The working copies that were made from an exhibit."""
    return tuple(copy for _, copy in case.find(Copy, original))
