"""What changed in the claims since a time or an entry of the log, and by whose doing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from witnessmark.desk.weighing import weighing_of
from witnessmark.errors import UsageError
from witnessmark.model import (
    Affiliation,
    Assessment,
    Bearing,
    Claim,
    Decision,
    Digest,
    Filing,
    Grade,
    Hypothesis,
    Rereading,
    Statement,
    Tie,
)
from witnessmark.model.weighing import WeighedClaim, Weighing
from witnessmark.model.wire import Noun
from witnessmark.ports import Case
from witnessmark.weigh.lineage import folded

Facts = dict[str, Any]


def entry_at(case: Case, since: str) -> int:
    """The entry of the log that `since` means: its number, or the first one made after a time."""
    size = case.head().size
    if re.fullmatch(r"\d{1,9}", since):
        if int(since) > size:
            raise UsageError(f"the log has no entry {since}", advice=f"it has {size:,}")
        return int(since)
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise UsageError(
            f"{since!r} is neither an entry of the log nor a time",
            advice="give a number, 2024-11-22 or 2024-11-22T08:00+04:00; without an offset it is UTC",
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if case.action(middle).at > moment:
            high = middle
        else:
            low = middle + 1
    return low


def changes(case: Case, before: int) -> Iterator[tuple[WeighedClaim, Facts]]:
    """Each claim of now that is not as it was before an entry of the log: then, now, and why."""
    then, now = weighing_of(case, before), weighing_of(case)
    was = {one.digest: one for one in then.claims}
    why = _why(case, before, now)
    for number, one in enumerate(now.claims, start=1):
        deeds = why.get(one.digest, [])
        earlier = was.get(one.digest)
        now_facts = _facts(now, one)
        then_facts = None if earlier is None else _facts(then, earlier)
        if then_facts != now_facts or deeds:
            yield (
                one,
                {
                    "number": number,
                    "claim": one.digest,
                    "text": one.claim.text,
                    "was": then_facts,
                    "is": now_facts,
                    "why": deeds,
                },
            )


def _facts(weighing: Weighing, one: WeighedClaim) -> Facts:
    return {
        "draft": one.drafted.status.value,
        "lineages_for": one.drafted.lineages,
        "lineages_against": one.drafted.against,
        "statements": sum(claim == one.digest for claim in weighing.under.values()),
        "numbers": [str(tally.reported) for tally in one.tallies if tally.reported is not None],
    }


def _why(case: Case, before: int, now: Weighing) -> Mapping[Digest, Sequence[Facts]]:
    """The deeds since an entry of the log, under each claim that they touch."""
    found: dict[Digest, list[Facts]] = {}
    touched = _Touched(case, now)
    for kind in _SAID:
        for digest, noun in case.find(kind):
            entry = case.entry_of(digest) or 0
            if entry >= before:
                for claim in touched.by(digest, noun):
                    found.setdefault(claim, []).append(_deed(case, entry, digest, noun))
    return {claim: sorted(deeds, key=lambda deed: deed["entry"]) for claim, deeds in found.items()}


def _deed(case: Case, entry: int, digest: Digest, noun: Noun) -> Facts:
    action = case.action(entry)
    return {
        "entry": entry,
        "at": action.at.isoformat(timespec="seconds"),
        "by": action.performer.name,
        "kind": type(noun).__name__.lower(),
        "record": digest,
        "what": _SAID[type(noun)](noun),
        "reason": getattr(noun, "reason", None) or getattr(noun, "reasons", None),
    }


def _statement_said(noun: Statement) -> str:
    amount = f" {noun.amount}" if noun.amount is not None else ""
    return f"{noun.speaker} {noun.stance.value.replace('_', ' ')}{amount}"


_SAID: Mapping[type[Noun], Callable[[Any], str]] = {
    Claim: lambda one: one.text,
    Statement: _statement_said,
    Decision: lambda one: f"{one.verdict.value} by {one.author.name}",
    Filing: lambda one: f"filed by {one.author.name}",
    Tie: lambda one: one.dependence.value,
    Affiliation: lambda one: f"{one.source} {one.bond.value} {one.body}",
    Grade: lambda one: f"{one.reliability}{one.credibility}",
    Hypothesis: lambda one: one.text,
    Bearing: lambda one: one.consistency.value,
    Assessment: lambda one: one.status.value,
    Rereading: lambda one: f"{one.reader.name} {one.concurrence.value}",
}
"""Each kind of record in a few words; their order is that in which they are asked for."""
_ABOUT: Mapping[type, Callable[[Any], tuple[Digest | None, ...]]] = {
    Decision: lambda one: (one.about,),
    Filing: lambda one: (one.about, one.claim),
    Tie: lambda one: (one.statement, one.source),
    Grade: lambda one: (one.about,),
    Hypothesis: lambda one: (one.claim,),
    Bearing: lambda one: (one.on,),
    Assessment: lambda one: (one.claim,),
    Rereading: lambda one: (one.assessment,),
}
"""What each kind of record is about, if that is not itself."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """Which claims a record has to do with, as they stand now."""

    case: Case
    now: Weighing

    def by(self, digest: Digest, noun: Noun) -> tuple[Digest, ...]:
        """The claims that a record touches."""
        names = (name for name in self._names(digest, noun) if name is not None)
        return tuple(dict.fromkeys(claim for name in names for claim in self._claims(name)))

    def _names(self, digest: Digest, noun: Noun) -> Iterable[Digest | None]:
        if isinstance(noun, Affiliation):
            return self._spoken_by(noun.source, noun.body)
        about = _ABOUT.get(type(noun))
        return (digest,) if about is None else about(noun)

    def _claims(self, name: Digest) -> tuple[Digest, ...]:
        """The claims that a statement counts under, an assessment is of, or a claim has become part of."""
        if name in self.now.under:
            return (self.now.under[name],)
        for one in self.now.claims:
            if name == one.digest or name in one.absorbed:
                return (one.digest,)
        if self.case.entry_of(name) is None:
            return ()
        noun = self.case.noun(name)
        if isinstance(noun, Statement):  # one that was rejected, or waits
            return self._claims(noun.claim)
        if isinstance(noun, Assessment | Hypothesis) and noun.claim is not None:
            return self._claims(noun.claim)
        return ()

    def _spoken_by(self, *names: str) -> tuple[Digest, ...]:
        wanted = set(map(folded, names))
        statements = self.now.statements.items()
        return tuple(digest for digest, one in statements if folded(one.speaker) in wanted)
