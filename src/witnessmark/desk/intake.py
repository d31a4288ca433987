"""Intake: leads become exhibits, and each exhibit is opened, examined and matched behind the seal.

Everything is sealed first; only then is anything looked into. A run that was interrupted is gone
on with by the same command: what it sealed is not sealed again, what it examined is not examined
again. A finished run, taken again, makes new acquisitions of the known exhibits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from witnessmark.collect import collect, expand
from witnessmark.collect.files import lead_to
from witnessmark.collect.leads import leads_in
from witnessmark.desk.texts import READABLE
from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.examine import NotDone, examine
from witnessmark.match import Pictures, match
from witnessmark.model import Acquisition, Action, Copy, Digest, Facts, Finding, Match, Outcome, Role, utc
from witnessmark.plugins import Kit
from witnessmark.ports import Capture, Case, Declined, Lead, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import Intake, Taken, keep_working_copy

INSTRUMENT = "collect 1"


@dataclass(frozen=True, slots=True)
class Description:
    """A task of collecting that says what a kind of object holds."""

    media_types: tuple[str, ...]
    task: str
    property: str
    limits: str
    costs: tuple[tuple[str, int], ...] = ()


DESCRIPTIONS = (
    Description(
        ("text/html", "application/xhtml+xml", "text/plain", "application/json"),
        "witnessmark.collect.readable:readable",
        READABLE,
        "What a reader would take for the text, found by rules: something may be missing or too much. "
        "Title, byline, outlet and date are as the page gives them, and anyone can write them.",
    ),
    Description(
        (
            "text/csv",
            "text/tab-separated-values",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "witnessmark.collect.lists:columns",
        "table",
        "How the table is built, not what stands in it; a column's kind is that of most of its cells.",
        (("cpu_s", 120), ("wall_s", 120)),
    ),
)


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


Progress = Callable[[str, int], None]
"""Told what is going on and how many things are done."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of intake over certain leads."""

    case: Case
    custodian: Custodian
    kit: Kit
    room: LockedRoom
    quarantine: Path
    media_type_of: Callable[[bytes], str]
    progress: Progress

    def take(self, wanted: Wanted) -> Iterator[Settled]:
        """What became of everything that is wanted, each once it is sealed, examined and matched."""
        found = list(wanted.leads(self.room))
        leads = [lead for lead in found if isinstance(lead, Lead)]
        name, is_resumed = self._begin(leads)
        intake = Intake(self.case, self.custodian, name, self.media_type_of)
        refused: list[Declined] = []
        captures = collect(found, self.kit.collectors, self.quarantine)
        for done, sealed in enumerate(intake.seal(self._unseen(captures, name, is_resumed)), 1):
            self.progress("sealed", done)
            if isinstance(sealed, Declined):
                refused.append(sealed)
        yield from self._look_into(intake, name, is_resumed)
        yield from map(_not_taken, refused)
        with self.case.transaction() as transaction:
            transaction.append(self.custodian.act("take.finished", detail=Facts(run=name)))

    def _begin(self, leads: Sequence[Lead]) -> tuple[str, bool]:
        """The name of the run, and whether an earlier process began it."""
        key = self.case.lookup_key("\n".join(lead.source for lead in leads))
        number = 1
        while self.case.acts("take.finished", run=f"{key}-{number}"):
            number += 1
        name = f"{key}-{number}"
        is_resumed = bool(self.case.acts("take.started", run=name))
        with self.case.transaction() as transaction:
            detail = Facts(run=name, resumed=is_resumed, leads=len(leads))
            transaction.append(self.custodian.act("take.started", detail=detail))
        return name, is_resumed

    def _unseen(
        self, captures: Iterator[Capture | Declined], run: str, is_resumed: bool
    ) -> Iterator[Capture | Declined]:
        """What comes for the first time in this run: leads may lead to the same file more than once."""
        came: set[tuple[object, ...]] = set()
        for seen in captures:
            if isinstance(seen, Capture):
                if is_resumed and self._was_taken(run, seen):
                    continue
                if seen.portable:  # a member of a container has a source of its own
                    key = seen.source, seen.source_url, seen.note, seen.declared
                    if key in came:
                        continue
                    came.add(key)
            yield seen

    def _was_taken(self, run: str, seen: Capture) -> bool:
        """Whether an earlier process took just this in the same run; a file that changed since is taken."""
        digest = self.case.taken_in_run(run, seen.source)
        if digest is None:
            return False
        modified_at = seen.file_modified_at and utc(seen.file_modified_at)
        return any(
            (one.run, one.within, one.file_modified_at) == (run, seen.within, modified_at)
            for _, one in self.case.acquisitions(digest)
        )

    def _look_into(self, intake: Intake, run: str, is_resumed: bool) -> Iterator[Settled]:
        """Open containers, examine and match what the run acquired, and what comes out of it in turn."""
        pictures = Pictures.of(self.case.find(Finding))
        done: set[tuple[str, str]] = set()
        while True:
            waiting = [one for one in self.case.acquired_in(run) if (one.digest, one.source) not in done]
            if not waiting:
                return
            for acquisition in waiting:
                done.add((acquisition.digest, acquisition.source))
                settled, refused = self._look_at(acquisition, intake, pictures, is_resumed)
                self.progress("examined", len(done))
                yield settled
                yield from map(_not_taken, refused)

    def _look_at(
        self, acquisition: Acquisition, intake: Intake, pictures: Pictures, is_resumed: bool
    ) -> tuple[Settled, list[Declined]]:
        copy = self.case.item(acquisition.digest).original
        source = self.case.reveal(acquisition.source) or "(erased)"
        refused = []
        if not self.case.acts("examine", used=copy.digest):
            refused = self._unpack(copy, source, intake, is_resumed)
            self._examine(copy, pictures)
        remarks = [f"{act.detail['examiner']} {act.error}" for act in undone(self.case, copy.digest)]
        if len(self.case.acquisitions(copy.digest)) > 1:
            remarks.insert(0, "these bytes are a known exhibit; this is a further acquisition")
        return Settled(
            source=source,
            outcome=Outcome.DONE,
            exhibit=acquisition.exhibit,
            copy=copy,
            reason="; ".join(remarks) or None,
            findings=len(self.case.find(Finding, copy.digest)),
            matches=len(self.case.find(Match, copy.digest)),
        ), refused

    def _unpack(self, copy: Copy, source: str, intake: Intake, is_resumed: bool) -> list[Declined]:
        """Seal what a container holds; what could not be taken out of it.

        A process that was ended in the middle of it has left the container unexamined, so that the
        next one opens it again and takes the members that are missing.
        """
        members = expand(copy, source, self.case.path_of(copy.digest), self.room)
        inside = self._unseen(members, intake.run, is_resumed)
        return [sealed for sealed in intake.seal(inside) if not isinstance(sealed, Taken)]

    def _examine(self, copy: Copy, pictures: Pictures) -> None:
        """Enter what the examiners found, which of them could not look, and what it is like."""
        path = self.case.path_of(copy.digest)
        report = examine(copy, path, self.kit.examiners, self.room)
        text, unread = self._described(copy, path)
        not_done = (*report.not_done, *unread)
        alike = match(copy.digest, report.findings, pictures)
        nouns = [*report.findings, *text, *alike]
        with self.case.transaction() as transaction:
            for failure in not_done:
                transaction.append(self._failure(copy, failure))
            detail = Facts(examiners=report.looked)
            transaction.append(self.custodian.act("examine", used=(copy.digest,), detail=detail), nouns)

    def _failure(self, copy: Copy, failure: NotDone) -> Action:
        return self.custodian.act(
            "examine.failed",
            used=(copy.digest,),
            detail=Facts(examiner=failure.examiner),
            outcome=failure.outcome,
            error=failure.reason,
        )

    def _described(self, copy: Copy, path: Path) -> tuple[list[Copy | Finding], list[NotDone]]:
        """What a text or a table says of itself, the readable text as a working copy; or why not."""
        description = next((one for one in DESCRIPTIONS if copy.media_type in one.media_types), None)
        if description is None:
            return [], []
        try:
            parameters = {"media_type": copy.media_type, "limits": dict(description.costs)}
            ((facts, content),) = [
                (part.facts, part.content.read())
                for part in self.room.run(description.task, path, parameters)
            ]
        except (MalformedError, UnavailableError) as error:
            reason = f"could not be read as a {description.property}: {error}"
            return [], [NotDone(description.task, Outcome.FAILED, reason)]
        made: list[Copy | Finding] = []
        if description.property == READABLE:
            text = _text_copy(copy, content, description.task)
            made.append(keep_working_copy(self.case, content, text))
            facts = Facts(facts, text=text.digest)
        made.append(Finding(copy.digest, INSTRUMENT, description.property, facts, description.limits))
        return made, []


def undone(case: Case, digest: Digest) -> tuple[Action, ...]:
    """Who could not look at an exhibit, and why: to look and find nothing is not to be unable to look."""
    return tuple(case.action(index) for index in case.acts("examine.failed", used=digest))


def _text_copy(original: Copy, content: bytes, task: str) -> Copy:
    return Copy(
        digest=Digest.of(content),
        size=len(content),
        media_type="text/plain; charset=utf-8",
        role=Role.WORKING,
        derived_from=original.digest,
        method=task,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken in, and what was said about all of it; `as_leads`: the sources are spreadsheets."""

    sources: Sequence[Path]
    as_leads: bool = False
    source_url: str | None = None
    legal_basis: str | None = None
    note: str | None = None

    def leads(self, room: LockedRoom) -> Iterator[Lead | Declined]:
        """A lead to each source, or to whatever the rows of a spreadsheet name."""
        for source in self.sources:
            found = leads_in(source, room) if self.as_leads else iter((lead_to(source),))
            for lead in found:
                yield lead if isinstance(lead, Declined) else self._with_what_was_said(lead)

    def _with_what_was_said(self, lead: Lead) -> Lead:
        return replace(
            lead,
            source_url=lead.source_url or self.source_url,
            legal_basis=lead.legal_basis or self.legal_basis,
            note=lead.note or self.note,
        )


def _not_taken(declined: Declined) -> Settled:
    return Settled(source=declined.source, outcome=declined.outcome, reason=declined.reason)
