"""Intake: leads become exhibits, and each exhibit is opened, examined and matched behind the seal.

Everything is sealed first; only then is anything looked into. A run that was interrupted is gone on with by
the same command: what it sealed is not sealed again, what it examined is not examined again. A finished
run, taken again, makes new acquisitions of the known exhibits, and asks again who could not look before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from witnessmark.collect import collect, expand
from witnessmark.collect.files import lead_to
from witnessmark.collect.leads import leads_in
from witnessmark.desk.like import Likeness
from witnessmark.desk.looking import Looking, Told, undone
from witnessmark.desk.presence import lies_here
from witnessmark.model import Acquisition, Copy, Digest, Facts, Outcome, utc
from witnessmark.plugins import Kit
from witnessmark.ports import Capture, Case, Declined, Lead, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import Intake, Taken


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one thing that was to be taken in."""

    source: str
    outcome: Outcome
    exhibit: str | None = None
    copy: Copy | None = None
    reason: str | None = None
    findings: int = 0
    matches: int = 0
    lacks_room: bool = False


Progress = Callable[[str, int], None]
"""Told what is going on and how many things are done."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of intake over certain leads."""

    case: Case
    custodian: Custodian
    kit: Kit
    room: LockedRoom
    likeness: Likeness
    quarantine: Path
    media_type_of: Callable[[bytes], str]
    progress: Progress

    def take(self, wanted: Wanted) -> Iterator[Settled]:
        """What became of everything that is wanted, each once it is sealed, examined and matched."""
        found = list(wanted.leads(self.room))
        leads = [lead for lead in found if isinstance(lead, Lead)]
        name, unfinished = self._begin(leads)
        intake = Intake(self.case, self.custodian, name, self.media_type_of)
        places = Places.of(self.case, unfinished)
        refused: list[Declined] = []
        captures = collect(found, self.kit.collectors, self.quarantine)
        for done, sealed in enumerate(intake.seal(places.untaken(_first_of_each(captures))), 1):
            self.progress("sealed", done)
            if isinstance(sealed, Declined):
                refused.append(sealed)
        lacks_room = any(one.lacks_room for one in refused)
        for settled in self._look_into(intake, places, (*unfinished, name)):
            lacks_room = lacks_room or settled.lacks_room
            yield settled
        yield from map(_not_taken, refused)
        if lacks_room:  # the same command goes on from here
            return
        with self.case.transaction() as transaction:
            for run in (*unfinished, name):
                transaction.append(self.custodian.act("take.finished", detail=Facts(run=run)))

    def _begin(self, leads: Sequence[Lead]) -> tuple[str, tuple[str, ...]]:
        """The name of this run, and the runs over the same leads that were begun and not finished.

        A run is one process's. Its name is looked for in the transaction that takes it, so that two processes
        which begin at once have two runs.
        """
        key = self.case.lookup_key("\n".join(lead.source for lead in leads))
        with self.case.transaction() as transaction:
            unfinished, number = [], 1
            while self.case.acts("take.started", run=f"{key}-{number}"):
                if not self.case.acts("take.finished", run=f"{key}-{number}"):
                    unfinished.append(f"{key}-{number}")
                number += 1
            name = f"{key}-{number}"
            detail = Facts(run=name, resumed=bool(unfinished), resumes=unfinished, leads=len(leads))
            transaction.append(self.custodian.act("take.started", detail=detail))
        return name, tuple(unfinished)

    def _look_into(self, intake: Intake, places: Places, runs: Sequence[str]) -> Iterator[Settled]:
        """Open containers, examine and match what the runs acquired, and what comes out of it in turn."""
        looking = Looking(self.case, self.custodian, self.kit, self.room, self.likeness)
        done: set[tuple[str, str]] = set()
        opened: set[Digest] = set()
        while True:
            acquired = (one for run in runs for one in self.case.acquired_in(run))
            waiting = [one for one in acquired if (one.digest, one.source) not in done]
            if not waiting:
                return
            fresh = [
                digest for digest in dict.fromkeys(one.digest for one in waiting) if digest not in opened
            ]
            with looking.ahead(fresh) as glances:
                for acquisition in waiting:
                    done.add((acquisition.digest, acquisition.source))
                    source = self.case.reveal(acquisition.source) or "(erased)"
                    copy = self.case.item(acquisition.digest).original
                    refused, told = [], None
                    if copy.digest not in opened:
                        opened.add(copy.digest)
                        glance = next(glances)
                        refused = self._unpack(copy, source, intake, places)
                        told = looking.enter(copy, glance.result()) if glance is not None else None
                    self.progress("examined", len(done))
                    yield self._settled(acquisition, source, copy, told or looking.known(copy.digest))
                    yield from map(_not_taken, refused)

    def _settled(self, acquisition: Acquisition, source: str, copy: Copy, told: Told) -> Settled:
        remarks = [f"{act.detail['examiner']} {act.error}" for act in undone(self.case, copy.digest)]
        remarks += [f"{name}, who could not look before, has looked now" for name in told.made_up_for]
        if acquisition.remark is not None:
            remarks.insert(0, acquisition.remark)
        if not copy.size:
            remarks.insert(0, "it is empty: there is nothing in it to look at")
        if self.case.acquisitions(copy.digest)[0][1] != acquisition:
            remarks.insert(0, "these bytes are a known exhibit; this is a further acquisition")
        return Settled(
            source=source,
            outcome=Outcome.DONE,
            exhibit=acquisition.exhibit,
            copy=copy,
            reason="; ".join(remarks) or None,
            findings=told.findings,
            matches=told.matches,
        )

    def _unpack(self, copy: Copy, source: str, intake: Intake, places: Places) -> list[Declined]:
        """Seal what a container holds; what could not be taken out of it.

        Each run opens it: an earlier one may have been ended in the middle, and what is not taken out of it
        is said each time.
        """
        if not lies_here(self.case, copy.digest):  # erased since
            return []
        with self.case.checked(copy.digest) as path:
            members = expand(copy, source, path, self.room)
            return [one for one in intake.seal(places.untaken(members)) if not isinstance(one, Taken)]


@dataclass(frozen=True, slots=True)
class Places:
    """From where unfinished runs have taken something, and how often.

    A place is a source, what held it, the state of the file, and the row that led to it. Captures come in
    the same order each time, so the n-th from a place is the n-th that was taken from it.
    """

    taken: Counter[tuple[object, ...]]

    @classmethod
    def of(cls, case: Case, runs: Sequence[str]) -> Places:
        """The places of everything that the runs acquired."""
        return cls(
            Counter(
                (case.reveal(one.source), one.within, one.file_modified_at, one.declared.get("row"))
                for run in runs
                for one in case.acquired_in(run)
            )
        )

    def untaken(self, captures: Iterable[Capture | Declined]) -> Iterator[Capture | Declined]:
        """What no unfinished run has taken from its place."""
        for seen in captures:
            if isinstance(seen, Capture) and self.taken:
                modified_at = seen.file_modified_at and utc(seen.file_modified_at)
                place = seen.source, seen.within, modified_at, seen.declared.get("row")
                if self.taken[place] > 0:
                    self.taken[place] -= 1
                    continue
            yield seen


def _first_of_each(captures: Iterable[Capture | Declined]) -> Iterator[Capture | Declined]:
    """What comes for the first time: leads may lead to the same file, with the same words, more than once."""
    came: set[tuple[object, ...]] = set()
    for seen in captures:
        if isinstance(seen, Capture):
            key = seen.source, seen.source_url, seen.note, seen.declared
            if key in came:
                continue
            came.add(key)
        yield seen


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken in, and what was said about all of it; `as_leads`: the sources are spreadsheets.

    `names` are what sources are called on record that do not lie where they came from.
    """

    sources: Sequence[Path]
    as_leads: bool = False
    source_url: str | None = None
    legal_basis: str | None = None
    note: str | None = None
    names: Mapping[Path, str] = field(default_factory=dict)

    def leads(self, room: LockedRoom) -> Iterator[Lead | Declined]:
        """A lead to each source, or to whatever the rows of a spreadsheet name."""
        for source in self.sources:
            found = leads_in(source, room) if self.as_leads else iter((lead_to(source),))
            for lead in found:
                yield lead if isinstance(lead, Declined) else self._with_what_was_said(lead)

    def _with_what_was_said(self, lead: Lead) -> Lead:
        return replace(
            lead,
            source=self.names.get(lead.path, lead.source),
            source_url=lead.source_url or self.source_url,
            legal_basis=lead.legal_basis or self.legal_basis,
            note=lead.note or self.note,
        )


def _not_taken(declined: Declined) -> Settled:
    return Settled(
        source=declined.source,
        outcome=declined.outcome,
        reason=declined.reason,
        lacks_room=declined.lacks_room,
    )
