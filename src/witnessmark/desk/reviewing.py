"""Reviewing: a person decides on each proposed statement; every decision is an entry of the log.

A proposal is no record. What a person confirms or mends becomes a statement that the person has read; what
a person rejects becomes a decision on that proposal. So a review can stop at any time and go on later: what
was decided is not asked again, also not by a later version of the reader that proposes the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from witnessmark.desk.readings import find_exhibit, source_span
from witnessmark.desk.sidecar import range_of_words
from witnessmark.desk.texts import KeptText, kept_text
from witnessmark.errors import MalformedError, OutdatedError, UsageError
from witnessmark.model import (
    Appearance,
    Claim,
    Decision,
    Digest,
    Event,
    Facts,
    Filing,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
    Topic,
    Verdict,
)
from witnessmark.model.wire import Noun, canonical, digest_of
from witnessmark.ports import Case
from witnessmark.preserve.custody import Custodian
from witnessmark.weigh.grouping import ENOUGH, Gist, alike, candidates, gist, groups
from witnessmark.weigh.reading import Passage, Proposed, statements

CONFIRMED, EDITED, REJECTED = "statement.confirmed", "statement.edited", "statement.rejected"
UNDONE = "review.undone"
_TOTAL = "total"
MOST_CLAIMS = 5
"""How many claims are offered for a statement."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a proposal would become: the voices from who passes it on to who said it, and their words.

    `span` is where the words stand in the readable text. `claim` is a record of the case, or a new one.
    """

    voices: tuple[str, ...]
    stance: Stance
    span: TextSpan
    amount: Range | None
    unit: str | None
    certainty: str | None
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A proposal that nobody has decided on, and where it stands.

    `place` counts the proposals of its text from 0, decided ones too.
    """

    number: str
    exhibit: Digest
    text: KeptText
    place: int
    proposed: Proposed
    proposal: Digest


@dataclass(frozen=True, slots=True)
class Waiting(Undecided):
    """The same with what it would become.

    `on_record` are statements that people entered from the same words in another way.
    """

    draft: Draft
    claims: tuple[Claim, ...]
    on_record: tuple[Statement, ...] = ()

    @property
    def whole(self) -> TextSpan:
        """From the first to the last sign of everything that was read: source, cue and words."""
        return _hull([*self.proposed.chain, *self.proposed.content, *_only(self.proposed.cue)])


@dataclass(slots=True)
class Reviewing:
    """One sitting of a person with the proposals of a case; what was done last can be undone."""

    case: Case
    custodian: Custodian
    exhibits: Sequence[str] = ()
    done: list[tuple[Waiting, tuple[Digest, ...]]] = field(default_factory=list)
    _read: dict[Digest, tuple[Proposed, ...]] = field(default_factory=dict)

    def waiting(self) -> Iterator[Waiting]:
        """Each proposal that nobody has decided on, exhibit by exhibit, in the order of the text."""
        yield from (self._waiting(one) for one in self._undecided())

    def first_after(self, number: str, place: int, silent: set[Digest] | None = None) -> Waiting | None:
        """What waits next beyond a place in the text of an exhibit, itself or a later one.

        `silent` are exhibits of which nothing is proposed, as far as is known; more are added.
        """
        here = (len(number), number)
        for one in self._undecided(here, set() if silent is None else silent):
            if ((len(one.number), one.number), one.place) > (here, place):
                return self._waiting(one)
        return None

    def at(self, number: str, place: int) -> Waiting:
        """What waits at a place; OutdatedError if it was decided, UsageError if nothing was proposed."""
        exhibit = find_exhibit(self.case, number)
        text = kept_text(self.case, exhibit)
        found = self._proposed(text) if text is not None else ()
        if text is None or not 0 <= place < len(found):
            raise UsageError(f"nothing was proposed at place {place} of {number}")
        proposal = _name(text.digest, found[place])
        if proposal in self._decided(text.digest):
            raise _decided_already()
        return self._waiting(Undecided(number, exhibit, text, place, found[place], proposal))

    def left_in(self, waiting: Waiting) -> tuple[int, int]:
        """How many proposals of a text wait, and how many there are."""
        found, decided = self._proposed(waiting.text), self._decided(waiting.text.digest)
        names = [_name(waiting.text.digest, one) for one in found]
        return sum(name not in decided for name in names), len(names)

    def grouped(self) -> Iterator[tuple[Claim | None, tuple[Waiting, ...]]]:
        """What waits, by the claim that it may be about; with None, what may share a claim not there yet."""
        by_claim: dict[Claim, list[Waiting]] = {}
        strangers = []
        for waiting in self.waiting():
            if waiting.draft.claim is None:
                strangers.append(waiting)
            else:
                by_claim.setdefault(waiting.draft.claim, []).append(waiting)
        yield from ((claim, tuple(several)) for claim, several in by_claim.items())
        for places in groups([_gist_of(waiting.proposed) for waiting in strangers]):
            yield None, tuple(strangers[place] for place in places)

    def confirm(self, waiting: Waiting, draft: Draft) -> tuple[Digest, ...]:
        """Enter the statements of `draft`, the first voice's first; UsageError if it has no claim."""
        nouns = self._nouns(waiting, draft)
        is_as_read = (draft.voices, draft.stance, draft.span, draft.amount, draft.unit) == (
            waiting.draft.voices,
            waiting.draft.stance,
            waiting.draft.span,
            waiting.draft.amount,
            waiting.draft.unit,
        )
        return self._enter(CONFIRMED if is_as_read else EDITED, waiting, nouns)

    def reject(self, waiting: Waiting, reason: str) -> tuple[Digest, ...]:
        """Put on record that a proposal is none."""
        now = self.custodian.clock.now()
        decision = Decision(waiting.proposal, Verdict.REJECT, reason, self.custodian.performer, now)
        return self._enter(REJECTED, waiting, [decision])

    def undo(self) -> Waiting | None:
        """Take back what was decided last in this sitting; it waits again. None if nothing was."""
        if not self.done:
            return None
        waiting, records = self.done.pop()
        now, who = self.custodian.clock.now(), self.custodian.performer
        withdrawn = [
            Decision(record, Verdict.REJECT, "undone in review", who, now)
            for record in records
            if isinstance(self.case.noun(record), Statement)
        ]
        self._append(UNDONE, waiting, withdrawn)
        return waiting

    def events(self) -> tuple[tuple[Digest, Event], ...]:
        """The events that a new claim can be about."""
        return tuple(self.case.find(Event))

    # --- inner

    def _texts(self) -> Iterator[tuple[str, Digest]]:
        if not self.exhibits:
            yield from self.case.exhibits()
        for name in self.exhibits:
            digest = find_exhibit(self.case, name)
            if kept_text(self.case, digest) is None:
                raise UsageError(
                    f"{name} has no readable text",
                    advice="`witnessmark show` says what was found in an exhibit",
                )
            yield self.case.exhibit_of(digest) or name, digest

    def _decided(self, text: Digest) -> set[Digest]:
        """The proposals of a text that a person has decided on, by the latest entry on each."""
        kinds = (CONFIRMED, EDITED, REJECTED, UNDONE)
        entries = sorted(index for kind in kinds for index in self.case.acts(kind, used=text))
        latest = {(act := self.case.action(index)).detail["proposal"]: act.type for index in entries}
        return {Digest(name) for name, kind in latest.items() if kind != UNDONE}

    def _undecided(
        self, start: tuple[int, str] = (0, ""), silent: set[Digest] | None = None
    ) -> Iterator[Undecided]:
        """What nobody has decided on, from an exhibit on."""
        silent = set() if silent is None else silent
        for number, exhibit in self._texts():
            if exhibit in silent or (len(number), number) < start:
                continue
            text = kept_text(self.case, exhibit)
            found = self._proposed(text) if text is not None else ()
            if text is None or not found:
                silent.add(exhibit)
                continue
            decided = self._decided(text.digest)
            for place, proposed in enumerate(found):
                proposal = _name(text.digest, proposed)
                if proposal not in decided:
                    yield Undecided(number, exhibit, text, place, proposed, proposal)

    def _proposed(self, text: KeptText) -> tuple[Proposed, ...]:
        """What is proposed from a text, read once in a sitting."""
        if text.digest not in self._read:
            self._read[text.digest] = tuple(statements(text.content))
        return self._read[text.digest]

    def _waiting(self, one: Undecided) -> Waiting:
        number, exhibit, text, proposed = one.number, one.exhibit, one.text, one.proposed
        claims, is_likely = self._claims(proposed)
        counted = next((one for one in proposed.quantities if one.role == _TOTAL), None)
        draft = Draft(
            voices=tuple(" ".join(voice.text.split()) for voice in proposed.chain)
            or (_own_voice(number, text),),
            stance=proposed.stance,
            span=_hull(proposed.content),
            amount=counted.amount if counted else None,
            unit=counted.unit if counted else None,
            certainty=proposed.certainty.passage.text if proposed.certainty else None,
            claim=claims[0] if is_likely else None,
        )
        here = tuple(
            one
            for _, one in self.case.find(Statement, exhibit)
            if one.appearance.text == text.digest and _overlap(one.appearance.span, draft.span)
        )
        return Waiting(number, exhibit, text, one.place, proposed, one.proposal, draft, claims, here)

    def _claims(self, proposed: Proposed) -> tuple[tuple[Claim, ...], bool]:
        """The claims that the statement may be about, and whether the first is likely to be the one."""
        claims = dict(self.case.find(Claim))
        gists: dict[Digest, list[Gist]] = {
            digest: [gist(claim.topic, claim.text)] for digest, claim in claims.items()
        }
        for _, one in self.case.find(Statement):
            numbers = (one.amount,) if one.amount is not None else ()
            gists[one.claim].append(gist(claims[one.claim].topic, one.appearance.quote, numbers))
        found = candidates(_gist_of(proposed), gists)[:MOST_CLAIMS]
        return tuple(claims[one.claim] for one in found), bool(found) and found[0].likeness >= ENOUGH

    def _nouns(self, waiting: Waiting, draft: Draft) -> list[Noun]:
        if draft.claim is None:
            raise UsageError("a statement needs its claim", advice="choose one, or put a new one")
        nouns: list[Noun] = []
        claim = digest_of(draft.claim)
        if self.case.entry_of(claim) is None:
            nouns.append(draft.claim)
        relays, said_at = None, _published(waiting.text)
        whole = _around(draft.span, waiting.whole) if len(draft.voices) > 1 else draft.span
        for place, voice in enumerate(reversed(draft.voices)):
            is_first = place == 0
            statement = Statement(
                speaker=voice,
                claim=claim,
                stance=draft.stance if is_first else Stance.REPORTS,
                appearance=_appearance(waiting, draft.span if is_first else whole),
                read_by=self.custodian.performer,
                read_at=self.custodian.clock.now(),
                amount=draft.amount,
                unit=draft.unit,
                certainty=draft.certainty if is_first else None,
                relays=relays,
                said_at=said_at,
            )
            nouns.append(statement)
            relays = digest_of(statement)
        return nouns

    def _enter(self, kind: str, waiting: Waiting, nouns: Sequence[Noun]) -> tuple[Digest, ...]:
        self._append(kind, waiting, nouns)
        records = tuple(map(digest_of, nouns))
        self.done.append((waiting, records))
        return records

    def _append(self, kind: str, waiting: Waiting, nouns: Sequence[Noun]) -> None:
        proposed, whole = waiting.proposed, waiting.whole
        detail = Facts(
            proposal=waiting.proposal,
            extractor=proposed.extractor,
            version=proposed.version,
            start=whole.start,
            end=whole.end,
        )
        act = self.custodian.act(kind, used=(waiting.text.digest, waiting.exhibit), detail=detail)
        with self.case.transaction() as transaction:
            if kind != UNDONE and waiting.proposal in self._decided(waiting.text.digest):
                raise _decided_already()
            transaction.append(act, nouns)


def _decided_already() -> OutdatedError:
    return OutdatedError("somebody has decided on this proposal already", advice="go on with the next one")


def mended(waiting: Waiting, draft: Draft, given: Mapping[str, str]) -> Draft:
    """The draft as a person mended it: `voices` parted by >, `stance`, `words`, `number`, `unit`.

    UsageError says what cannot be so. A dash stands for no number and no unit.
    """
    stance, number, unit = given["stance"], given["number"].strip() or "-", given["unit"].strip() or "-"
    if stance not in set(Stance):
        raise UsageError(f"{stance!r} is none of: {', '.join(Stance)}")
    named = tuple(name for voice in given["voices"].split(">") if (name := " ".join(voice.split())))
    if not named:
        raise UsageError("a statement needs its speaker")
    is_same = draft.amount is not None and number == str(draft.amount)
    return replace(
        draft,
        voices=named,
        stance=Stance(stance),
        span=words_at(waiting.text, given["words"], draft.span.start),
        amount=draft.amount if is_same else range_of_words(None if number == "-" else number),
        unit=None if "-" in (unit, number) else unit,
    )


def claims_alike(case: Case) -> Iterator[tuple[Claim, Claim, float]]:
    """Pairs of claims that may be one and were not merged, with their likeness from 0 to 1."""
    merged = {one.about for _, one in case.find(Filing)}
    claims = {digest: one for digest, one in case.find(Claim) if digest not in merged}
    pairs = alike({digest: gist(one.topic, one.text) for digest, one in claims.items()})
    yield from ((claims[one], claims[other], likeness) for one, other, likeness in pairs)


def grouped_facts(case: Case, reviewing: Reviewing) -> Iterator[dict[str, Any]]:
    """What waits by claim, and which claims are alike, as JSON has it."""
    for claim, several in reviewing.grouped():
        yield {
            "claim": digest_of(claim) if claim is not None else None,
            "text": claim.text if claim is not None else None,
            "topic": several[0].proposed.topic.value,
            "statements": [
                {
                    "exhibit": one.number,
                    "start": one.draft.span.start,
                    "end": one.draft.span.end,
                    "quote": one.text.content[one.draft.span.start : one.draft.span.end],
                    "voices": list(one.draft.voices),
                    "stance": one.draft.stance.value,
                }
                for one in several
            ],
        }
    for one, other, likeness in claims_alike(case):
        yield {
            "alike": [digest_of(one), digest_of(other)],
            "texts": [one.text, other.text],
            "likeness": round(likeness, 2),
        }


def words_at(text: KeptText, quote: str, near: int) -> TextSpan:
    """Where exact words stand in a text, nearest to a place; UsageError if they do not stand there."""
    found, start = [], text.content.find(quote) if quote else -1
    while start >= 0:
        found.append(start)
        start = text.content.find(quote, start + 1)
    if not found:
        raise UsageError(f"the text does not have the words {quote[:60]!r}")
    start = min(found, key=lambda place: abs(place - near))
    return TextSpan(start, start + len(quote))


def new_claim(event: Digest, topic: Topic, text: str) -> Claim:
    """A claim put in a person's words; UsageError without words."""
    if not text.strip():
        raise UsageError("a claim needs its words")
    return Claim(event, topic, " ".join(text.split()))


def _gist_of(proposed: Proposed) -> Gist:
    words = " ".join(passage.text for passage in proposed.content)
    return gist(proposed.topic, words, [one.amount for one in proposed.quantities])


def _name(text: Digest, proposed: Proposed) -> Digest:
    """What a proposal is called: where it stands and how it is meant, whoever read it."""
    told = {
        "text": text,
        "content": [[passage.start, passage.end] for passage in proposed.content],
        "cue": [proposed.cue.start, proposed.cue.end] if proposed.cue else None,
        "stance": proposed.stance.value,
    }
    return Digest.of(canonical(told))


def _own_voice(number: str, text: KeptText) -> str:
    """Who speaks where a text speaks for itself: its byline, else its outlet, else whoever wrote it."""
    return text.facts.get("byline") or text.facts.get("outlet") or f"the writer of {number}"


def _appearance(waiting: Waiting, span: TextSpan) -> Appearance:
    text = waiting.text
    quote = text.content[span.start : span.end]
    return Appearance(waiting.exhibit, quote, text.digest, span, source_span(text, span))


def _published(text: KeptText) -> Span | None:
    """That it was said not later than the text says that it was published, if it says so to the minute."""
    try:
        moment = datetime.fromisoformat(text.facts.get("published", {}).get("given") or "")
        return Span(None, moment) if moment.tzinfo else None
    except (ValueError, MalformedError):
        return None


def _hull(passages: Sequence[Passage]) -> TextSpan:
    return TextSpan(min(one.start for one in passages), max(one.end for one in passages))


def _around(one: TextSpan, other: TextSpan) -> TextSpan:
    return TextSpan(min(one.start, other.start), max(one.end, other.end))


def _overlap(one: TextSpan, other: TextSpan) -> bool:
    return one.start < other.end and other.start < one.end


def _only(passage: Passage | None) -> tuple[Passage, ...]:
    return () if passage is None else (passage,)
