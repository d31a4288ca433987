"""Readings: people's statements, claims, assessments and observations become records of the case."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from witnessmark.desk.seen import Revision
from witnessmark.desk.sidecar import Line, moment_of, place_of, range_of, region_of, span_of
from witnessmark.desk.texts import KeptText, kept_text, place_of_quote
from witnessmark.desk.upright import length_ms, must_lie_in, must_lie_on, upright_size
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import (
    Affiliation,
    Agent,
    Appearance,
    Assessment,
    Assignment,
    Bearing,
    Bond,
    Claim,
    Comment,
    Concurrence,
    Consistency,
    Counting,
    Decision,
    Dependence,
    Digest,
    Event,
    Facts,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Likelihood,
    Manner,
    Match,
    Moment,
    Observation,
    Purpose,
    Rating,
    Region,
    Rereading,
    Shape,
    Stance,
    Statement,
    Status,
    TextSpan,
    Tie,
    Topic,
    Verdict,
    person,
)
from witnessmark.model.values import NO_FACTS
from witnessmark.model.wire import Noun, digest_of
from witnessmark.ports import Case, N
from witnessmark.preserve.custody import Custodian


@dataclass(frozen=True, slots=True)
class Readings:
    """Enters what people read and judged; handles are remembered while one sidecar is read."""

    case: Case
    custodian: Custodian
    handles: dict[str, Digest] = field(default_factory=dict)
    entered: dict[Digest, Noun] = field(default_factory=dict)
    exhibits: Exhibits = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exhibits", Exhibits(self.case))

    def enter(self, lines: Iterable[Line], seen: Revision | None = None) -> list[tuple[Digest, Noun]]:
        """The records of all `lines`, entered together: all of them or none.

        With `seen`, none if somebody else has written on the same thing meanwhile.
        """
        made: list[tuple[str | None, Digest, Noun]] = []
        for line in lines:
            kind = str(line.table.get("kind") or _guessed_kind(line))
            maker = _MAKERS.get(kind)
            if maker is None:
                raise UsageError(
                    f"{line.where} is of no known kind: {kind!r}", advice=f"known: {', '.join(_MAKERS)}"
                )
            digest, noun = _made(maker, self, line)
            self.entered[digest] = noun
            handle = line.optional("id")
            if handle:
                self.handles[f"{kind}:{handle}"] = digest
            made.append((handle, digest, noun))
        with self.case.transaction() as transaction:
            if seen is not None:
                seen.check(self.case)
            for handle, _, noun in made:
                detail = Facts(handle=transaction.seal(handle)) if handle else NO_FACTS
                transaction.append(self.custodian.act(_deed(noun), detail=detail), [noun])
        return [(digest, noun) for _, digest, noun in made]

    # --- one maker for each kind

    def event(self, line: Line) -> Event:
        """What claims are about."""
        where, when = place_of(line, line.table.get("where")), span_of(line, line.table.get("when"))
        return Event(line.text("name"), when, where, line.optional("summary") or "")

    def claim(self, line: Line) -> Claim:
        """One thing that can be so or not."""
        return Claim(self._event(line), _word(line, Topic, "topic"), line.text("text"))

    def statement(self, line: Line) -> Statement:
        """One voice's words on one claim, found again in the readable text of its exhibit."""
        amount = line.table.get("amount")
        relays = line.optional("relays")
        return Statement(
            speaker=line.text("speaker"),
            claim=self._named(line, "claim", "claim"),
            stance=_word(line, Stance, "stance"),
            appearance=self._appearance(line),
            read_by=self._author(line),
            read_at=self.custodian.clock.now(),
            amount=range_of(line, amount),
            unit=(amount or {}).get("unit") or line.optional("unit"),
            certainty=line.optional("certainty"),
            relays=self._handle(line, "statement", relays) if relays else None,
            said_at=span_of(line, line.table.get("said_at")),
        )

    def assessment(self, line: Line) -> Assessment:
        """What a person concludes about a claim."""
        rests_on = line.table.get("rests_on")
        if not isinstance(rests_on, list):
            raise UsageError(f"{line.where} does not say what the assessment rests on ('rests_on', a list)")
        return Assessment(
            claim=self._named(line, "claim", "claim"),
            author=self._author(line),
            status=_word(line, Status, "status"),
            reasons=line.text("reasons"),
            rests_on=tuple(self._support(line, str(name)) for name in rests_on),
            made_at=self.custodian.clock.now(),
            likelihood=_word(line, Likelihood, "likelihood") if line.optional("likelihood") else None,
        )

    def rereading(self, line: Line) -> Rereading:
        """What a second person makes of an assessment."""
        assessment = self._named(line, "assessment", "assessment")
        assessor = self._noun(Assessment, assessment).author
        return Rereading(
            assessment=assessment,
            assessor=assessor,
            reader=self._author(line),
            concurrence=_word(line, Concurrence, "concurrence"),
            reasons=line.text("reasons"),
            read_at=self.custodian.clock.now(),
        )

    def hypothesis(self, line: Line) -> Hypothesis:
        """An explanation that a person wants pursued."""
        claim = self._named(line, "claim", "claim") if line.optional("claim") else None
        event = self._noun(Claim, claim).event if claim else self._event(line)
        return Hypothesis(event, line.text("text"), self._author(line), self.custodian.clock.now(), claim)

    def bearing(self, line: Line) -> Bearing:
        """How a piece of evidence lies to a hypothesis, or to a claim."""
        name = line.text("on")
        kinds = ("hypothesis", "claim")
        found = [one for kind in kinds if (one := self._maybe(kind, name)) is not None]
        if len(found) != 1:
            raise UsageError(f"{line.where}: {name!r} names no hypothesis and no claim of this case")
        return Bearing(
            on=found[0],
            evidence=self._support(line, line.text("evidence")),
            consistency=_word(line, Consistency, "consistency"),
            reason=line.text("reason"),
            author=self._author(line),
            judged_at=self.custodian.clock.now(),
        )

    def filing(self, line: Line) -> Filing:
        """The claim that a statement or another claim counts under."""
        name = line.text("about")
        about = self._maybe("statement", name) or self._handle(line, "claim", name)
        claim = self._named(line, "claim", "claim")
        self._must_be_fit_to_file(line, about, claim)
        now = self.custodian.clock.now()
        return Filing(about, claim, line.text("reason"), self._author(line), now)

    def comment(self, line: Line) -> Comment:
        """What a person says about an exhibit or a claim."""
        mentions = line.table.get("mentions") or []
        if not isinstance(mentions, list):
            raise UsageError(f"{line.where}: 'mentions' is a list of pseudonyms, not {mentions!r}")
        answers = line.optional("answers")
        about = self._talked_about(line)
        if answers is not None:
            found = [name for name, one in self.case.find(Comment, about) if one.about == about]
            if answers not in found:
                raise UsageError(f"{line.where}: {answers!r} is no comment on the same thing")
        return Comment(
            about=about,
            text=line.text("text"),
            author=self._author(line),
            said_at=self.custodian.clock.now(),
            mentions=tuple(str(name) for name in mentions),
            answers=Digest(answers) if answers else None,
        )

    def assignment(self, line: Line) -> Assignment:
        """Who is to see to an exhibit or a claim."""
        to = line.optional("to")
        return Assignment(
            about=self._talked_about(line),
            task=line.text("task"),
            author=self._author(line),
            assigned_at=self.custodian.clock.now(),
            to=person(to) if to else None,
        )

    def _talked_about(self, line: Line) -> Digest:
        name = line.text("about")
        return self._maybe("claim", name) or find_exhibit(self.case, name, line.where, self.exhibits)

    def tie(self, line: Line) -> Tie:
        """Whether a statement has it from another, or from an exhibit."""
        return Tie(
            statement=self._named(line, "statement", "statement"),
            source=self._support(line, line.text("source")),
            dependence=_word(line, Dependence, "dependence"),
            reason=line.text("reason"),
            author=self._author(line),
            tied_at=self.custodian.clock.now(),
        )

    def affiliation(self, line: Line) -> Affiliation:
        """For whom a source speaks, or to whom it belongs."""
        return Affiliation(
            source=line.text("source"),
            body=line.text("body"),
            bond=_word(line, Bond, "bond"),
            reason=line.text("reason"),
            author=self._author(line),
            stated_at=self.custodian.clock.now(),
        )

    def observation(self, line: Line) -> Observation:
        """What a person saw on a picture."""
        body = line.table.get("body") or line.table
        text = str(body.get("value") or body.get("text") or "")
        if not text and body.get("count") is None and body.get("purpose") != Purpose.MASK:
            raise UsageError(f"{line.where} does not say what was seen: neither words nor a number")
        about, purpose = self.exhibit(line), _word(Line(line.where, body), Purpose, "purpose")
        region = self._region(line, about)
        if purpose is Purpose.MASK and region is not None and region.shape is Shape.POINT:
            raise UsageError(f"{line.where}: a point hides nothing", advice="a mask is a box or a polygon")
        return Observation(
            about=about,
            purpose=purpose,
            author=self._author(line),
            observed_at=self.custodian.clock.now(),
            text=text,
            region=region,
            amount=range_of(line, body.get("count")),
            moment=self._moment(line, about),
        )

    def rating(self, line: Line) -> Rating:
        """How graphic an exhibit or a region of it is."""
        about = self.exhibit(line)
        region = self._region(line, about)
        if moment_of(line, line.table.get("selector")) is not None:
            raise UsageError(
                f"{line.where}: a level is for the whole recording", advice="rate it without a time"
            )
        level = line.table.get("level")
        if not isinstance(level, int):
            raise UsageError(f"{line.where} does not say its 'level' from 0 to 4")
        return Rating(about, level, self._author(line), self.custodian.clock.now(), region)

    def decision(self, line: Line) -> Decision:
        """A person's word on a match, on a proposed statement, or on two exhibits."""
        about, other = self._decided(line)
        return Decision(
            about=about,
            verdict=_word(line, Verdict, "verdict"),
            reason=line.text("reason"),
            author=self._author(line),
            decided_at=self.custodian.clock.now(),
            other=other,
        )

    def grade(self, line: Line) -> Grade:
        """An Admiralty pair on an exhibit or a statement."""
        pair = line.text("grade")
        if len(pair) != 2 or not pair[1].isdigit():
            raise UsageError(f"{line.where}: {pair!r} is not a pair from A1 to F6")
        about = self._support(line, line.text("about"))
        made_at = self.custodian.clock.now()
        return Grade(about, pair[0], int(pair[1]), line.text("reason"), self._author(line), made_at)

    def counting(self, line: Line) -> Counting:
        """How a mark, two marks or two pictures are to be counted."""
        other = line.optional("other")
        return Counting(
            about=self._support(line, line.text("about")),
            manner=_word(line, Manner, "manner"),
            reason=line.text("reason"),
            author=self._author(line),
            said_at=self.custodian.clock.now(),
            other=None if other is None else self._support(line, other),
        )

    def exhibit(self, line: Line) -> Digest:
        """The original behind an exhibit number, or behind the end of a source."""
        name = line.optional("exhibit") or line.optional("exhibit_file") or line.text("file")
        return find_exhibit(self.case, name, line.where, self.exhibits)

    # --- inner

    def _must_be_fit_to_file(self, line: Line, about: Digest, claim: Digest) -> None:
        """A chain of relays is filed by its first statement, and mergers may not run in a circle."""
        noun = self.entered.get(about) or self.case.noun(about)
        if isinstance(noun, Statement) and noun.relays is not None:
            raise UsageError(
                f"{line.where}: this statement passes on {noun.relays}, and goes where that one goes",
                advice="file the statement that it passes on",
            )
        latest = {one.about: one.claim for _, one in self.case.find(Filing)}
        into = claim
        while into != about and latest.get(into, into) != into:
            into = latest[into]
        if about != claim and into == about:
            raise UsageError(
                f"{line.where}: {claim} was itself merged into {about}",
                advice="file it under itself first, so that it stands alone again",
            )

    def _noun(self, kind: type[N], digest: Digest) -> N:
        """A record of this case, or of this sidecar."""
        noun = self.entered.get(digest) or self.case.noun(digest)
        if not isinstance(noun, kind):
            raise UsageError(f"{digest} is no {kind.__name__.lower()}")
        return noun

    def _maybe(self, kind: str, name: str) -> Digest | None:
        """The record of a kind that a name stands for; None if it stands for none or for several."""
        handled = self._by_handle(kind, name)
        if handled is not None:
            return handled
        found = [digest for digest, _ in self.case.find(_KINDS[kind]) if is_meant(digest, name)]
        found = found or self._remembered(kind, name)
        return found[0] if len(found) == 1 else None

    def _appearance(self, line: Line) -> Appearance:
        quote = unicodedata.normalize("NFC", line.text("quote"))
        digest, page = self.exhibit(line), line.table.get("page")
        if not (page is None or (isinstance(page, int) and not isinstance(page, bool))):
            raise UsageError(f"{line.where}: {page!r} is no number of a page")
        for original in self._inside(digest) if page is None else [digest]:
            text = kept_text(self.case, original)
            span = None if text is None else place_of_quote(text, quote, page, line.where)
            if text is not None and span is not None:
                words = text.content[span.start : span.end]
                return Appearance(original, words, text.digest, span, source_span(text, span))
        there = "the readable text of that exhibit" if page is None else f"the text of page {page}"
        raise UsageError(
            f"{line.where}: the quote {quote[:60]!r} does not stand in {there}",
            advice="copy the words from `witnessmark show EXHIBIT --text`",
        )

    def _inside(self, digest: Digest) -> list[Digest]:
        """An exhibit and all that came out of it, however deep: a message in a mailbox has parts."""
        found = [digest]
        for original in found:
            found += [member for member in self.case.members_of(original) if member not in found]
        return found

    def _region(self, line: Line, about: Digest) -> Region | None:
        """The region that a line marks, which lies on its picture."""
        region = region_of(line, line.table.get("selector"))
        if region is not None:
            must_lie_on(line.where, region, upright_size(self.case, about))
        return region

    def _moment(self, line: Line, about: Digest) -> Moment | None:
        """The moment that a line marks, which lies in its recording."""
        moment = moment_of(line, line.table.get("selector"))
        if moment is not None:
            must_lie_in(
                line.where, moment, self.case.item(about).original.media_type, length_ms(self.case, about)
            )
        return moment

    def _author(self, line: Line) -> Agent:
        name = line.optional("author")
        return person(name) if name else self.custodian.performer

    def _event(self, line: Line) -> Digest:
        if line.table.get("event"):
            return self._named(line, "event", "event")
        events = self.case.find(Event)
        if len(events) == 1:
            return events[0][0]
        raise UsageError(
            f"{line.where} does not say which 'event' it is about, and the case has {len(events)}"
        )

    def _named(self, line: Line, name: str, kind: str) -> Digest:
        return self._handle(line, kind, line.text(name))

    def _handle(self, line: Line, kind: str, name: str) -> Digest:
        """The record behind a handle of this sidecar, a digest, or the beginning of one."""
        found = self._maybe(kind, name)
        if found is None:
            several = [digest for digest, _ in self.case.find(_KINDS[kind]) if is_meant(digest, name)]
            why = "names several" if several else "names no"
            raise UsageError(f"{line.where}: {name!r} {why} {kind} of this case")
        return found

    def _by_handle(self, kind: str, name: str) -> Digest | None:
        """What this sidecar calls so, or else what people last called so."""
        return self.handles.get(f"{kind}:{name}") or self.case.by_handle(kind, name)

    def _remembered(self, kind: str, name: str) -> list[Digest]:
        """Events and claims by their exact words."""
        words: Mapping[str, Callable[[Any], str]] = {
            "event": lambda one: one.name,
            "claim": lambda one: one.text,
            "hypothesis": lambda one: one.text,
        }
        if kind not in words:
            return []
        return [digest for digest, noun in self.case.find(_KINDS[kind]) if words[kind](noun) == name]

    def _support(self, line: Line, name: str) -> Digest:
        for kind in ("statement", "claim", "observation"):
            handled = self._by_handle(kind, name)
            if handled is not None:
                return handled
        if (whole := self._whole_name(name)) is not None:
            return whole
        for kind in ("statement", "claim", "finding", "match", "observation"):
            found = [digest for digest, _ in self.case.find(_KINDS[kind]) if is_meant(digest, name)]
            if len(found) == 1:
                return found[0]
        return find_exhibit(self.case, name, line.where, self.exhibits)

    def _whole_name(self, name: str) -> Digest | None:
        """The record that a whole digest names, found without looking through all others."""
        if len(name) != len("sha256:") + 64 or self.case.entry_of(Digest(name)) is None:
            return None
        noun = self.case.noun(Digest(name))
        return (
            Digest(name)
            if isinstance(noun, Statement | Claim | Finding | Match | Observation | Rating)
            else None
        )

    def _decided(self, line: Line) -> tuple[Digest, Digest | None]:
        """What a decision is about: a match, a statement, or (`between`) two exhibits."""
        if line.table.get("match"):
            return self._handle(line, "match", line.text("match")), None
        if line.table.get("statement"):
            return self._named(line, "statement", "statement"), None
        if "between" not in line.table:
            return self._support(line, line.text("about")), None
        pair = line.table["between"]
        if not isinstance(pair, list) or len(pair) != 2:
            raise UsageError(f"{line.where}: 'between' names two exhibits, not {pair!r}")
        one, other = (find_exhibit(self.case, str(name), line.where, self.exhibits) for name in pair)
        return one, other


@dataclass(frozen=True, slots=True)
class Exhibits:
    """The exhibits of a case by all that they can be called; asked many times, the case is asked once."""

    case: Case
    by_number: dict[str, Digest] = field(default_factory=dict)
    by_file_name: dict[str, list[tuple[str, Digest]]] = field(default_factory=dict)

    def called(self, name: str) -> set[Digest]:
        """Those that a number, a digest, its beginning, or the end of a source stands for."""
        if not self.by_number:
            self.by_number.update(self.case.exhibits())
        if name in self.by_number:
            return {self.by_number[name]}
        found = {digest for digest in self.by_number.values() if is_meant(digest, name)}
        return found or {digest for source, digest in self._sources(name) if _ends_with(source, name)}

    def _sources(self, name: str) -> list[tuple[str, Digest]]:
        """The sources that end in the same file name as `name`."""
        if not self.by_file_name:
            for digest in self.by_number.values():
                for _, acquisition in self.case.acquisitions(digest):
                    source = self.case.reveal(acquisition.source) or ""
                    self.by_file_name.setdefault(_file_name(source), []).append((source, digest))
        return self.by_file_name.get(_file_name(name), [])


def find_exhibit(case: Case, name: str, where: str = "the command", among: Exhibits | None = None) -> Digest:
    """The original behind an exhibit number, a digest, or the end of the source that it was taken from."""
    found = (among or Exhibits(case)).called(name)
    if len(found) != 1:
        why = f"stands for {len(found)} exhibits" if found else "is no exhibit of this case"
        raise UsageError(f"{where}: {name!r} {why}", advice="`witnessmark show` lists the exhibits")
    return found.pop()


def _made(maker: Callable[[Readings, Line], Noun], readings: Readings, line: Line) -> tuple[Digest, Noun]:
    """The record that a line makes; what a noun refuses at birth is the line's fault, not a file's."""
    try:
        noun = maker(readings, line)
        return digest_of(noun), noun
    except MalformedError as error:
        raise UsageError(f"{line.where}: {error}") from error


def _deed(noun: Noun) -> str:
    """What was done when a person entered this."""
    kind = type(noun).__name__.lower()
    return f"{kind}.entered"


def _ends_with(source: str | None, name: str) -> bool:
    return source is not None and (source == name or source.endswith(f"/{Path(name)}"))


def _file_name(source: str) -> str:
    return source.rstrip("/").rpartition("/")[2]


def is_meant(digest: Digest, name: str) -> bool:
    """Whether `name` is a digest or the beginning of it, long enough to mean it."""
    wanted = name.removeprefix("sha256:")
    return len(wanted) >= 8 and digest.hex.startswith(wanted)


def source_span(text: KeptText, span: TextSpan) -> TextSpan | None:
    """The bytes of the sealed original where a stretch of its readable text stands, if that is known."""
    covering = [one for one in text.segments if one[0] < span.end and one[1] > span.start]
    if not covering or covering[0][0] > span.start or covering[-1][1] < span.end:
        return None
    return TextSpan(covering[0][2], covering[-1][3])


def _word(line: Line, words: Any, name: str) -> Any:
    try:
        return words(line.text(name))
    except ValueError as error:
        raise UsageError(f"{line.where}: {line.table[name]!r} is none of: {', '.join(words)}") from error


def _guessed_kind(line: Line) -> str:
    """What a line without a kind is, by the field that only this kind has."""
    signs = {
        "quote": "statement",
        "status": "assessment",
        "body": "observation",
        "purpose": "observation",
        "level": "rating",
        "verdict": "decision",
        "grade": "grade",
        "dependence": "tie",
        "bond": "affiliation",
        "consistency": "bearing",
        "concurrence": "rereading",
        "manner": "counting",
    }
    return next((kind for sign, kind in signs.items() if sign in line.table), "")


_KINDS: Mapping[str, Any] = {
    "event": Event,
    "claim": Claim,
    "statement": Statement,
    "finding": Finding,
    "match": Match,
    "observation": Observation,
    "hypothesis": Hypothesis,
    "assessment": Assessment,
}
_MAKERS: Mapping[str, Callable[[Readings, Line], Noun]] = {
    "event": Readings.event,
    "claim": Readings.claim,
    "statement": Readings.statement,
    "assessment": Readings.assessment,
    "hypothesis": Readings.hypothesis,
    "observation": Readings.observation,
    "rating": Readings.rating,
    "decision": Readings.decision,
    "grade": Readings.grade,
    "filing": Readings.filing,
    "tie": Readings.tie,
    "affiliation": Readings.affiliation,
    "bearing": Readings.bearing,
    "rereading": Readings.rereading,
    "counting": Readings.counting,
    "comment": Readings.comment,
    "assignment": Readings.assignment,
}
