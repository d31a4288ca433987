"""The draft status of a claim, from rules that anyone can follow; a person's assessment may differ from it.

In this order, and the first that applies counts:

1. A person found a measured or observed thing inconsistent with the claim: contradicted by evidence.
2. Nobody on record puts it forward, denies it or doubts it on their own word: not checkable.
3. Some put it forward and others deny or doubt it, or their numbers exclude each other: contested.
4. Two or more lineages put it forward, and their numbers, if they give any, allow each other: corroborated.
5. Everything else: uncorroborated.

Lineages are counted, never voices; so nothing is gained by repeating.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from witnessmark.model import Bearing, Consistency, Digest, Stance, Statement
from witnessmark.model.weighing import (
    Agreement,
    Drafted,
    DraftStatus,
    Tally,
    Voice,
)
from witnessmark.weigh.dependence import start_of
from witnessmark.weigh.lineage import folded

FOR = frozenset({Stance.ASSERTS, Stance.CONFIRMS})
AGAINST = frozenset({Stance.DENIES, Stance.DOUBTS})
_INCONSISTENT = frozenset({Consistency.INCONSISTENT, Consistency.STRONGLY_INCONSISTENT})


def drafted(
    voices: Collection[Voice],
    tallies: Iterable[Tally],
    statements: Mapping[Digest, Statement],
    lineages: Mapping[Digest, str],
    bearings: Iterable[Bearing] = (),
) -> Drafted:
    """The draft status of the claim that `voices` speak of; `bearings` are those on the claim itself.

    `lineages` names for each statement the lineage that it belongs to.
    """
    tallies = tuple(tallies)
    withdrawn = _withdrawn(voices, statements)
    standing = [voice for voice in voices if voice.statement not in withdrawn]
    compared = _comparable(tallies, lineages)
    put_forward = _lineages(lineages, (voice for voice in standing if voice.stance in FOR))
    against = _lineages(lineages, (voice for voice in standing if voice.stance in AGAINST))
    evidence = _contradicting(bearings, statements)
    exclusive = any(tally.agreement is Agreement.CONTRADICT for tally in tallies)
    count = len(put_forward if compared is None or len(compared) < 2 else compared)
    rules = (
        (bool(evidence), DraftStatus.CONTRADICTED, "a person found what was observed inconsistent with it"),
        (
            not put_forward and not against,
            DraftStatus.NOT_CHECKABLE,
            "nobody on record puts it forward, denies it or doubts it",
        ),
        (
            bool(put_forward and against),
            DraftStatus.CONTESTED,
            "some put it forward, others deny or doubt it",
        ),
        (exclusive, DraftStatus.CONTESTED, "the numbers given exclude each other"),
        (not put_forward, DraftStatus.UNCORROBORATED, "nobody on record puts it forward"),
        (len(put_forward) == 1, DraftStatus.UNCORROBORATED, "one lineage alone puts it forward"),
        (
            compared is not None and len(compared) < 2,
            DraftStatus.UNCORROBORATED,
            "the numbers given state too few bounds to support each other",
        ),
        (
            True,
            DraftStatus.CORROBORATED,
            "several lineages put it forward, and nothing here ties them to each other",
        ),
    )
    status, rule = next((status, rule) for applies, status, rule in rules if applies)
    return Drafted(status, count, len(against), rule, evidence)


def _comparable(tallies: Iterable[Tally], lineages: Mapping[Digest, str]) -> set[str] | None:
    """The lineages whose numbers can be compared; None if no number is given."""
    origins = [origin for tally in tallies for origin in tally.origins]
    if not origins:
        return None
    return {lineages[number.first] for one in origins if one.bounds is not None for number in one.standing}


def _lineages(lineages: Mapping[Digest, str], voices: Iterable[Voice]) -> set[str]:
    return {lineages[voice.statement] for voice in voices}


def _withdrawn(voices: Iterable[Voice], statements: Mapping[Digest, Statement]) -> set[Digest]:
    """What its own speaker took back later, or nobody knows when."""
    voices = tuple(voices)
    taken_back = {
        folded(voice.speaker): start_of(statements[voice.statement])
        for voice in voices
        if voice.stance is Stance.RETRACTS
    }
    found = set()
    for voice in voices:
        if folded(voice.speaker) in taken_back and voice.stance is not Stance.RETRACTS:
            said, ended = start_of(statements[voice.statement]), taken_back[folded(voice.speaker)]
            if said is None or ended is None or said <= ended:
                found.add(voice.statement)
    return found


def _contradicting(bearings: Iterable[Bearing], statements: Mapping[Digest, Statement]) -> tuple[Digest, ...]:
    """What people by their latest word find inconsistent with the claim; somebody's words do not do."""
    latest = {
        (one.evidence, one.author.name): one.consistency
        for one in sorted(bearings, key=lambda one: one.judged_at)
    }
    found = (evidence for (evidence, _), said in latest.items() if said in _INCONSISTENT)
    return tuple(dict.fromkeys(evidence for evidence in found if evidence not in statements))
