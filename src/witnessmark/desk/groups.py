"""Groups as a desk tells them: who belongs together, on whose word, and what is known of who was first.

The oldest is told for each kind of evidence by itself, with the record that says so and with what that does
not prove: when these bytes were sealed here, what time stands in a file, what date a page gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from witnessmark.desk.texts import READABLE
from witnessmark.match import repeated
from witnessmark.match.groups import Rulings, groups, kinship_of
from witnessmark.model import Acquisition, Decision, Digest, Finding, Match
from witnessmark.model.groups import (
    NOT_PROVED,
    Group,
    Kinship,
    Link,
    Sighting,
    TimeEvidence,
    ToldGroup,
)
from witnessmark.model.wire import digest_of
from witnessmark.ports import Case
from witnessmark.preserve.timestamp import check_tokens

Facts = dict[str, Any]
Named = Sequence[tuple[Digest, Match]]
Decided = Sequence[tuple[Digest, Decision]]

ONE_PIECE = ("message/", "multipart/", "text/html")
"""What someone sent or published as one piece, pictures and all; an archive says nothing of that kind."""
_TIMES = "metadata times"
_OF_TAKING = ("taken", "created", "digitized", "satellite time")
_IN_FILE = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a case, or those around one of its exhibits.

    `stamped` says how far the log reached when someone outside first vouched for it (see `seen_outside`).
    """

    case: Case
    told: tuple[ToldGroup, ...]
    matches: Named
    decisions: Decided

    @classmethod
    def of(
        cls, case: Case, about: Digest | None = None, stamped: Sequence[tuple[int, datetime]] = ()
    ) -> Groups:
        """All groups, or those that hang together with one exhibit."""
        if about is None:
            matches, decisions = case.find(Match), case.find(Decision)
        else:
            matches, decisions = _around(case, about)
        arrivals = _arrivals(case, about)
        there = _Present(case)
        named = [(record, one) for record, one in matches if there.both(one.query, one.candidate)]
        videos = {one for one in there.seen if there.is_video(one)}
        found = groups(named, decisions, repeated(arrivals), videos)
        times = _Times(case, stamped)
        told = (_told(case, one, times) for one in found if about is None or about in one.digests)
        return cls(case, tuple(told), named, decisions)

    def facts(self, one: ToldGroup) -> Facts:
        """A group with its members, links, overruled links, and times."""
        decisions = dict(self.decisions)
        return {
            "kinship": one.group.kinship.value,
            "name": one.name,
            "members": [
                {"exhibit": self._number(each.digest), "sha256": each.digest.hex, "part": each.is_part}
                for each in one.group.members
            ],
            "links": [self._link(link) for link in one.group.links],
            "overruled": [
                {
                    **self._link(each.link),
                    "decisions": [decision_facts(name, decisions[name]) for name in each.decisions],
                }
                for each in one.group.overruled
            ],
            "oldest": [
                {**self._sighting(each), "proves": NOT_PROVED[each.evidence]} for each in one.oldest()
            ],
            "times": [self._sighting(each) for each in one.sightings],
        }

    def ruling(self, one: Digest, other: Digest) -> tuple[Digest, Decision] | None:
        """The decision that counts on two exhibits."""
        return Rulings.of(self.matches, self.decisions).by_pair.get(frozenset((one, other)))

    def _number(self, digest: Digest) -> str | None:
        return self.case.exhibit_of(digest)

    def _link(self, link: Link) -> Facts:
        return {
            "one": self._number(link.one),
            "other": self._number(link.other),
            "record": link.record,
            "by": link.by,
        }

    def _sighting(self, one: Sighting) -> Facts:
        outside = one.not_later_than and one.not_later_than.isoformat(timespec="seconds")
        return {
            "evidence": one.evidence.value,
            "exhibit": self._number(one.digest),
            "at": one.at.isoformat(timespec="seconds"),
            "zoned": one.is_zoned,
            "written": one.written,
            "label": one.label,
            "source": one.source,
            "log_entry": one.entry,
            "vouched_for_outside": outside,
        }


def alike(case: Case, digest: Digest) -> frozenset[Digest]:
    """The exhibits that are one picture with an exhibit as wholes, itself among them; none if there are none.

    One by one what people and programs say now; a part of a picture is not the picture.
    """
    matches, decisions = _around(case, digest)
    there = _Present(case)
    named = [(record, one) for record, one in matches if there.both(one.query, one.candidate)]
    videos = {one for one in there.seen if there.is_video(one)}
    for group in groups(named, decisions, (), videos):
        whole = frozenset(one.digest for one in group.members if not one.is_part)
        if group.kinship is Kinship.SAME_PICTURE and digest in whole and len(whole) > 1:
            return whole
    return frozenset()


def decision_facts(name: Digest, decision: Decision) -> Facts:
    """A decision as it is shown beside what it overrules or confirms."""
    return {
        "record": name,
        "verdict": decision.verdict.value,
        "author": decision.author.name,
        "reason": decision.reason,
    }


def group_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """A group for a person: who belongs to it, what was overruled, the oldest by each kind of evidence."""
    members = [f"{one['exhibit']}{' (a part)' if one['part'] else ''}" for one in facts["members"]]
    people = [f"{one['one']} ~ {one['other']}: {one['by']}" for one in facts["links"] if one["by"]]
    said = f"; by people: {', '.join(people)}" if people else ""
    yield f"{facts['kinship']}: {', '.join(members)}{said}"
    for one in facts["overruled"]:
        why = "; ".join(f"{each['author']}: {each['verdict']}, {each['reason']}" for each in one["decisions"])
        yield f"  overruled: {one['one']} ~ {one['other']} ({why})"
    for one in facts["oldest"]:
        yield f"  oldest known, {one['evidence']}: {one['exhibit']}, {_time_told(one)}. {one['proves']}"


def _time_told(one: Mapping[str, Any]) -> str:
    zone = "" if one["zoned"] else ", in an unknown zone"
    entry = "" if one["log_entry"] is None else f" (log {one['log_entry']})"
    outside = one["vouched_for_outside"]
    return f"{one['label']} {one['written']}{zone}{entry}" + (
        f", vouched for from outside not later than {outside}" if outside else ""
    )


def standing(matches: Named, decisions: Decided) -> Iterator[tuple[Digest, Match]]:
    """The matches that make one picture of two, and that no person overruled."""
    rulings = Rulings.of(matches, decisions)
    for record, match in matches:
        if kinship_of(match) in (Kinship.SAME_PICTURE, Kinship.SAME_SEGMENT) and not rulings.overrules(match):
            yield record, match


def seen_outside(case: Case, roots: Sequence[bytes], now: datetime) -> Sequence[tuple[int, datetime]]:
    """How far the log reached, and the earliest time at which someone outside saw it so far."""
    found = []
    tokens = case.tokens()
    for checkpoint in case.checkpoints():
        of_it = [token for token in tokens if token.checkpoint_size == checkpoint.size]
        checked = check_tokens(checkpoint.signed, of_it, tuple(roots), now)
        times = [one.time for _, one in checked if one.time is not None]
        if times:
            found.append((checkpoint.size, min(times)))
    return found


def sightings(case: Case, digest: Digest, stamped: Sequence[tuple[int, datetime]]) -> tuple[Sighting, ...]:
    """Every time that speaks of one exhibit: sealed here, in its file, and of the page that it came in."""
    return tuple(_Times(case, stamped).of(digest))


def moment_of(written: str | None) -> tuple[datetime, bool] | None:
    """A time in UTC, and whether it said its zone; None if it is none that can be read for certain."""
    return _moment(written)


def _around(case: Case, about: Digest) -> tuple[Named, Decided]:
    """Every match and decision that hangs together with one exhibit, in the order of the log."""
    matches: dict[Digest, Match] = {}
    decisions: dict[Digest, Decision] = {}
    reached, waiting = {about}, [about]
    while waiting:
        here = waiting.pop()
        beyond: set[Digest] = set()
        for record, match in case.find(Match, here):
            if kinship_of(match) is not None:
                matches[record] = match
                beyond |= {match.query, match.candidate}
                decisions |= dict(case.find(Decision, record))
        for record, decision in case.find(Decision, here):
            if decision.other is not None:
                decisions[record] = decision
                beyond |= {decision.about, decision.other}
        waiting += sorted(beyond - reached)
        reached |= beyond
    order = {record: case.entry_of(record) or 0 for record in (*matches, *decisions)}
    return (
        sorted(matches.items(), key=lambda one: (order[one[0]], one[0])),
        sorted(decisions.items(), key=lambda one: (order[one[0]], one[0])),
    )


def _arrivals(case: Case, about: Digest | None) -> list[Acquisition]:
    wanted = [digest for _, digest in case.exhibits()] if about is None else [about]
    return [arrival for digest in wanted for _, arrival in case.acquisitions(digest)]


def _told(case: Case, group: Group, times: _Times) -> ToldGroup:
    numbers = sorted((one.is_part, case.exhibit_of(one.digest) or "") for one in group.members)
    found = [sighting for one in group.members for sighting in times.of(one.digest)]
    order = list(TimeEvidence)
    found.sort(key=lambda one: (order.index(one.evidence), one.at, one.digest))
    return ToldGroup(numbers[0][1], group, tuple(found))


@dataclass(slots=True)
class _Present:
    """The exhibits that still lie in the case."""

    case: Case
    seen: dict[Digest, str | None] = field(default_factory=dict)

    def both(self, one: Digest, other: Digest) -> bool:
        """Whether two digests are exhibits of which the bytes lie here."""
        return self._kind(one) is not None and self._kind(other) is not None

    def is_video(self, digest: Digest) -> bool:
        """Whether an exhibit is a video or a sound."""
        return (self._kind(digest) or "").startswith(("video/", "audio/"))

    def _kind(self, digest: Digest) -> str | None:
        if digest not in self.seen:
            is_there = self.case.exhibit_of(digest) is not None and self.case.has(digest)
            self.seen[digest] = self.case.item(digest).original.media_type if is_there else None
        return self.seen[digest]


@dataclass(frozen=True, slots=True)
class _Times:
    """Every time that speaks of an exhibit."""

    case: Case
    stamped: Sequence[tuple[int, datetime]]

    def of(self, digest: Digest) -> Iterator[Sighting]:
        """When it was sealed, what its file says, and what the page or message says that it came in."""
        arrivals = self.case.acquisitions(digest)
        for entry, arrival in arrivals:
            outside = next((time for size, time in self.stamped if size > entry), None)
            at = arrival.collected_at.astimezone(UTC)
            yield Sighting(
                digest,
                TimeEvidence.SEALED,
                at,
                at.isoformat(timespec="seconds"),
                f"collected by {arrival.collector.name}",
                digest_of(arrival),
                entry=entry,
                not_later_than=outside,
            )
        for record, finding in self.case.find(Finding, digest):
            if finding.property == _TIMES:
                yield from _in_file(digest, record, finding.value.get("times", ()))
        for whole in dict.fromkeys(one.within for _, one in arrivals if one.within is not None):
            yield from self._posted(digest, whole)

    def _posted(self, digest: Digest, whole: Digest) -> Iterator[Sighting]:
        """The date that a page or message gives of itself, or a text that came with it."""
        if not self.case.item(whole).original.media_type.startswith(ONE_PIECE):
            return
        for text in dict.fromkeys((whole, *self.case.members_of(whole))):
            for record, finding in self.case.find(Finding, text):
                told = finding.value.get("published") if finding.property == READABLE else None
                given = told.get("given") if told else None
                read = _moment(given)
                if given is not None and read is not None:
                    at, is_zoned = read
                    label = f"published, as {self.case.exhibit_of(text)} says,"
                    yield Sighting(digest, TimeEvidence.POSTED, at, given, label, record, is_zoned=is_zoned)


def _in_file(digest: Digest, record: Digest, times: Iterable[Mapping[str, Any]]) -> Iterator[Sighting]:
    for one in times:
        found = _IN_FILE.match(one["written"]) if one.get("event") in _OF_TAKING else None
        if found is None:
            continue
        offset = one.get("offset") or ("Z" if one["event"] == "satellite time" else None)
        iso = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6] or '00'}{offset or ''}"
        read = _moment(iso)
        if read is not None:
            written = (
                one["written"] if not offset or offset in one["written"] else f"{one['written']} {offset}"
            )
            label = f"{one['event']} ({one['tag']})"
            yield Sighting(digest, TimeEvidence.IN_FILE, read[0], written, label, record, is_zoned=read[1])


def _moment(written: str | None) -> tuple[datetime, bool] | None:
    """A time in UTC, and whether it said its zone; None if it is none that can be read for certain."""
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    try:
        at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    return at, moment.tzinfo is not None
