"""Looking: sealed objects are looked at in the locked room, several ahead, and entered in their order.

An object is looked at once. Who could not look then is asked again by a later run, and so is a reading of
its kind that there was not yet: what was found stands, and what was declined by rule stays declined.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from witnessmark.desk.like import Likeness
from witnessmark.desk.presence import lies_here
from witnessmark.desk.texts import READABLE
from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.examine import Examination, NotDone, examine, features, film, sound
from witnessmark.match.groups import is_made_alike
from witnessmark.model import Action, Copy, Digest, Facts, Finding, Match, Outcome, Role
from witnessmark.pixels.raster import MEDIA_TYPES
from witnessmark.plugins import Kit
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import keep_working_copy

INSTRUMENT = "collect 1"
_ROOMS = max(2, min(8, os.cpu_count() or 1))
"""How many objects are looked at at once: each may take as much memory as the room allows."""


@dataclass(frozen=True, slots=True)
class Description:
    """A task that says what a kind of object holds.

    A media type that ends with a slash stands for all that begin so. `kept` is the media type of what comes
    out beside the facts, if it is kept as a working copy; the finding then names it under `kept_as`.
    `programs` are those that the task may start.
    """

    media_types: tuple[str, ...]
    task: str
    property: str
    limits: str
    costs: tuple[tuple[str, int], ...] = ()
    kept: str = ""
    kept_as: str = ""
    instrument: str = INSTRUMENT
    programs: tuple[str, ...] = ()

    def accepts(self, media_type: str) -> bool:
        """Whether it is this kind of object that the task describes."""
        return any(
            media_type == one or (one.endswith("/") and media_type.startswith(one))
            for one in self.media_types
        )


DESCRIPTIONS = (
    Description(
        ("text/html", "application/xhtml+xml", "text/plain", "application/json"),
        "witnessmark.collect.readable:readable",
        READABLE,
        "What a reader would take for the text, found by rules: something may be missing or too much. "
        "Title, byline, outlet and date are as the page gives them, and anyone can write them.",
        kept="text/plain; charset=utf-8",
        kept_as="text",
    ),
    Description(
        ("application/pdf",),
        "witnessmark.collect.readable:readable",
        READABLE,
        "The text is what the file carries, page by page, with lines that were broken to fit run on: it may "
        "differ from what is printed, be hidden, or be missing where a page is a picture.",
        kept="text/plain; charset=utf-8",
        kept_as="text",
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
    Description(
        tuple(sorted(MEDIA_TYPES)),
        features.TASK,
        features.PROPERTY,
        features.LIMITS,
        kept=features.MEDIA_TYPE,
        kept_as="kept",
        instrument=features.INSTRUMENT,
    ),
    Description(
        ("video/",),
        film.TASK,
        film.PROPERTY,
        film.LIMITS,
        (("cpu_s", film.CPU_S), ("wall_s", film.WALL_S)),
        kept=film.MEDIA_TYPE,
        kept_as="kept",
        instrument=film.INSTRUMENT,
    ),
    Description(
        ("video/", "audio/"),
        sound.TASK,
        sound.PROPERTY,
        sound.LIMITS,
        (("cpu_s", sound.CPU_S), ("wall_s", sound.WALL_S)),
        kept=sound.MEDIA_TYPE,
        kept_as="kept",
        instrument=sound.INSTRUMENT,
        programs=sound.PROGRAMS,
    ),
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What came of looking at one object: by the examiners, and by whatever describes its kind."""

    examination: Examination
    described: tuple[tuple[Description, Facts, bytes], ...] = ()

    @property
    def packed(self) -> dict[str, bytes]:
        """What came out beside the facts, by task."""
        return {one.task: content for one, _, content in self.described}


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of one object in this run: how much is known, and which looks were made up for."""

    findings: int
    matches: int
    made_up_for: tuple[str, ...] = ()


class Looking:
    """Looks at objects of a case, and enters what it sees."""

    def __init__(
        self, case: Case, custodian: Custodian, kit: Kit, room: LockedRoom, likeness: Likeness
    ) -> None:
        self._case, self._custodian, self._kit, self._room = case, custodian, kit, room
        self._likeness = likeness

    @contextmanager
    def ahead(self, digests: Iterable[Digest]) -> Iterator[Iterator[Future[Glance] | None]]:
        """For each object in its order what is seen in it; None where nobody has to look."""
        pool = ThreadPoolExecutor(_ROOMS)
        try:
            yield self._begun_early(pool, digests)
        finally:
            pool.shutdown(cancel_futures=True)

    def _begun_early(
        self, pool: ThreadPoolExecutor, digests: Iterable[Digest]
    ) -> Iterator[Future[Glance] | None]:
        begun: deque[Future[Glance] | None] = deque()
        for digest in digests:
            asked = who_has_to_look(self._case, digest)
            copy = self._case.item(digest).original
            begun.append(None if asked == frozenset() else pool.submit(partial(self._look, copy, asked)))
            if len(begun) > _ROOMS:
                yield begun.popleft()
        yield from begun

    def _look(self, copy: Copy, asked: frozenset[str] | None) -> Glance:
        """What those who are asked see (None: everyone); nothing is written here."""
        with self._case.checked(copy.digest) as path:
            return self._seen(copy, path, asked)

    def _seen(self, copy: Copy, path: Path, asked: frozenset[str] | None) -> Glance:
        examiners = [one for one in self._kit.examiners if asked is None or one.name in asked]
        seen = examine(copy, path, examiners, self._room)
        described: list[tuple[Description, Facts, bytes]] = []
        for description in DESCRIPTIONS:
            if description.accepts(copy.media_type) and (asked is None or description.task in asked):
                told = self._described(copy, path, description)
                if isinstance(told, NotDone):
                    seen = replace(seen, not_done=(*seen.not_done, told))
                else:
                    seen = replace(seen, looked=(*seen.looked, description.task))
                    described.append((description, *told))
        return Glance(seen, tuple(described))

    def _described(self, copy: Copy, path: Path, description: Description) -> tuple[Facts, bytes] | NotDone:
        """What the task says of the object, or why it could say nothing."""
        wishes = {"limits": dict(description.costs), "programs": description.programs}
        try:
            ((facts, content),) = [
                (part.facts, part.content.read())
                for part in self._room.run(description.task, path, {"media_type": copy.media_type, **wishes})
            ]
        except (MalformedError, UnavailableError, RefusedError) as error:
            reason = f"gave no {description.property}: {error}"
            outcome = Outcome.DECLINED if isinstance(error, RefusedError) else Outcome.FAILED
            return NotDone(description.task, outcome, reason)
        return facts, content

    def enter(self, copy: Copy, glance: Glance) -> Told:
        """Enter what was found, who could not look, and what the object is like."""
        before = {_who(act.detail["examiner"]) for act in undone(self._case, copy.digest)}
        seen = glance.examination
        made = [*seen.findings, *self._kept(copy, glance)]
        found = [one for one in made if isinstance(one, Finding)]
        alike = self._likeness.match(copy.digest, found, glance.packed)
        with self._case.transaction() as transaction:
            for failure in seen.not_done:
                transaction.append(self._failure(copy, failure))
            detail = Facts(examiners=seen.looked)
            act = self._custodian.act("examine", used=(copy.digest,), detail=detail)
            transaction.append(act, [*made, *alike])
        self._likeness.add(copy.digest, found, glance.packed)
        findings = len(found)
        if not before:
            return Told(findings, _counted(alike))
        now = tuple(name for name in seen.looked if _who(name) in before)
        return self.known(copy.digest, now)

    def known(self, digest: Digest, made_up_for: tuple[str, ...] = ()) -> Told:
        """What is on record of an object."""
        matches = _counted(one for _, one in self._case.find(Match, digest))
        return Told(len(self._case.find(Finding, digest)), matches, made_up_for)

    def _failure(self, copy: Copy, failure: NotDone) -> Action:
        return self._custodian.act(
            "examine.failed",
            used=(copy.digest,),
            detail=Facts(examiner=failure.examiner),
            outcome=failure.outcome,
            error=failure.reason,
        )

    def _kept(self, copy: Copy, glance: Glance) -> list[Copy | Finding]:
        """What an object says of itself, and what is made of it as working copies."""
        made: list[Copy | Finding] = []
        for description, facts, content in glance.described:
            value = facts
            if description.kept:
                beside = _copy_beside(copy, content, description)
                made.append(keep_working_copy(self._case, content, beside))
                value = Facts(facts, **{description.kept_as: beside.digest})
            made.append(
                Finding(copy.digest, description.instrument, description.property, value, description.limits)
            )
        return made


def undone(case: Case, digest: Digest) -> tuple[Action, ...]:
    """Who could not look at an object and has not looked since, with the last reason of each."""
    failed = {}
    for index in case.acts("examine.failed", used=digest):
        act = case.action(index)
        failed[_who(act.detail["examiner"])] = index, act
    for index in case.acts("examine", used=digest) if failed else ():
        for name in case.action(index).detail.get("examiners", ()):
            if failed.get(_who(name), (index,))[0] < index:
                del failed[_who(name)]
    return tuple(act for _, act in failed.values())


def who_has_to_look(case: Case, digest: Digest) -> frozenset[str] | None:
    """The names of those whose look failed before, or who were never asked; None if nobody has looked yet."""
    if not lies_here(case, digest):
        return frozenset()  # erased since
    looks = [case.action(index) for index in case.acts("examine", used=digest)]
    if not looks:
        return None
    asked = {name for look in looks for name in look.detail.get("examiners", ())}
    asked |= {case.action(index).detail["examiner"] for index in case.acts("examine.failed", used=digest)}
    kind = case.item(digest).original.media_type
    new = {one.task for one in DESCRIPTIONS if one.accepts(kind) and one.task not in asked}
    failed = {_who(act.detail["examiner"]) for act in undone(case, digest) if act.outcome is Outcome.FAILED}
    return frozenset(new | failed)


def _counted(matches: Iterable[Match]) -> int:
    """How many matches there are: a page that was only made alike is none."""
    return sum(not is_made_alike(match) for match in matches)


def _who(examiner: str) -> str:
    """An examiner by its name alone: a later version makes up for an earlier one."""
    return examiner.rpartition(" ")[0] or examiner


def _copy_beside(original: Copy, content: bytes, description: Description) -> Copy:
    return Copy(
        digest=Digest.of(content),
        size=len(content),
        media_type=description.kept,
        role=Role.WORKING,
        derived_from=original.digest,
        method=description.task,
    )
