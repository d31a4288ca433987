"""Review: proposed statements one by one; a person confirms, mends or rejects, and can take it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from urllib.parse import urlencode

from starlette.responses import Response

from witnessmark.desk.reviewing import Draft, Reviewing, Waiting, mended, new_claim
from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import Claim, Digest, Stance, Topic
from witnessmark.model.wire import digest_of
from witnessmark.publish.sentences import visible
from witnessmark.web.compare import LONGEST_REASON, written
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go

AROUND = 500
"""Signs of the text that are shown before and after what was read."""
_NEW, _NO_SUCH = "new", "no such statement"
_FIELDS = ("voices", "stance", "words", "number", "unit")


def review(visit: Visit) -> Response:
    """On to what waits next: after a place in a text, from an exhibit on, or first of all."""
    number, _, place = visit.asked("after").partition(":")
    is_place = number.isascii() and place.isascii() and place.isdecimal() and len(place) < 9
    if visit.asked("after") and not is_place:
        raise UsageError("that is no place in a text")
    number, at = number or visit.asked("from"), int(place) if place else -1
    sitting = sitting_of(visit)
    silent: set[Digest] = visit.answered("exhibits that propose nothing", set)
    found = visit.office.beside(
        ("review", visit.required.account.name, number, at),
        lambda: (sitting.first_after(number, at, silent),),
    )
    if found is None:
        here = f"/review?{urlencode({'after': f'{number}:{at}'} if at >= 0 else {'from': number})}"
        return draw(visit, "review_done.html", is_read=False, is_end=False, last=None, here=here)
    (waiting,) = found
    if waiting is not None:
        return go(_path(waiting))
    return draw(visit, "review_done.html", is_read=True, is_end=bool(number), last=_last(visit))


def proposal(visit: Visit) -> Response:
    """One proposed statement: its words in their text, and what it would become."""
    sitting = sitting_of(visit)
    waiting = sitting.at(visit.path("exhibit"), _place(visit))
    left, every = sitting.left_in(waiting)
    return draw(
        visit,
        "review.html",
        waiting=waiting,
        draft=waiting.draft,
        pieces=list(_pieces(waiting)),
        words=words_of(waiting),
        claims=[(digest_of(one).hex, one.text) for one in waiting.claims],
        chosen=None if waiting.draft.claim is None else digest_of(waiting.draft.claim).hex,
        events=[(name.hex, one.name) for name, one in sitting.events()],
        topics=tuple(Topic),
        stances=tuple(Stance),
        left=left,
        every=every,
        last=_last(visit),
        longest=LONGEST_REASON,
    )


def decide_proposal(visit: Visit) -> Response:
    """A person's decision on a proposal, as a record; nothing of it if somebody decided before."""
    waiting, _ = decided(visit)
    return go(f"/review?after={waiting.number}:{waiting.place}")


def decided(visit: Visit) -> tuple[Waiting, tuple[Digest, ...]]:
    """What was decided on, and the records that came of it."""
    sitting = sitting_of(visit)
    waiting = sitting.at(visit.path("exhibit"), _place(visit))
    if visit.fields.get("proposal") != waiting.proposal.hex:
        raise OutdatedError("the text is read in another way now than when you opened this page")
    with visit.desk.reviewing((), sitting) as reviewing:
        if visit.fields.get("act") == "confirm":
            return waiting, reviewing.confirm(waiting, _draft(visit, waiting))
        if visit.fields.get("act") == "reject":
            reason = written(visit, "reason") if visit.fields.get("reason", "").strip() else _NO_SUCH
            return waiting, reviewing.reject(waiting, reason)
        raise UsageError("choose whether to confirm or to reject")


def undo(visit: Visit) -> Response:
    """Take back what this person decided last since they came in; it waits again."""
    with visit.desk.reviewing((), sitting_of(visit)) as reviewing:
        waiting = reviewing.undo()
    if waiting is None:
        raise UsageError("you have decided nothing since you came in", advice="there is nothing to take back")
    return go(_path(waiting))


# --- inner


def sitting_of(visit: Visit) -> Reviewing:
    """The sitting of whoever is in, the same as long as they are."""
    session = visit.required
    if session.sitting is None:
        session.sitting = Reviewing(visit.desk.case, visit.desk.custodian)
    return session.sitting


def _last(visit: Visit) -> Waiting | None:
    done = sitting_of(visit).done
    return done[-1][0] if done else None


def _path(waiting: Waiting) -> str:
    return f"/review/{waiting.number}/{waiting.place}"


def _place(visit: Visit) -> int:
    place = visit.path("place")
    if not (place.isascii() and place.isdecimal() and len(place) < 9):
        raise UsageError("that is no place in a text")
    return int(place)


def words_of(waiting: Waiting) -> str:
    """What was read as said, as it stands in its text."""
    return waiting.text.content[waiting.draft.span.start : waiting.draft.span.end]


def _draft(visit: Visit, waiting: Waiting) -> Draft:
    """The draft as the form has it; a field that was not sent stays as it was read."""
    draft = waiting.draft
    was = {
        "voices": " > ".join(draft.voices),
        "stance": draft.stance.value,
        "words": words_of(waiting),
        "number": "-" if draft.amount is None else str(draft.amount),
        "unit": draft.unit or "-",
    }
    given = {name: _unseen_kept(visit.fields.get(name, was[name]), was[name]) for name in _FIELDS}
    if given == was:
        return replace(draft, claim=_claim(visit, waiting))
    return replace(mended(waiting, draft, given), claim=_claim(visit, waiting))


def _unseen_kept(given: str, was: str) -> str:
    """A field as it was if nobody changed it: pages write out what cannot be seen, forms double new lines."""
    sent = given.replace("\r\n", "\n")
    return was if sent == visible(was) else sent


def _claim(visit: Visit, waiting: Waiting) -> Claim:
    chosen = visit.fields.get("claim", "")
    if chosen == _NEW:
        events = {name.hex: name for name, _ in sitting_of(visit).events()}
        event: Digest | None = events.get(visit.fields.get("event", ""))
        if event is None:
            raise UsageError("choose the event that the new claim is about")
        topic = visit.fields.get("topic", "")
        if topic not in set(Topic):
            raise UsageError(f"{topic!r} is none of: {', '.join(Topic)}")
        return new_claim(event, Topic(topic), written(visit, "new_claim"))
    found = [one for one in waiting.claims if digest_of(one).hex == chosen]
    if not found:
        raise UsageError("choose the claim that the statement is about, or put a new one")
    return found[0]


def _pieces(waiting: Waiting) -> Iterator[tuple[str, str]]:
    """The text around a proposal in pieces: plain, or as voice, cue or words."""
    content, whole, span = waiting.text.content, waiting.whole, waiting.draft.span
    start, end = max(0, whole.start - AROUND), min(len(content), whole.end + AROUND)
    marks = [(voice.start, voice.end, "voice") for voice in waiting.proposed.chain]
    if waiting.proposed.cue is not None:
        marks.append((waiting.proposed.cue.start, waiting.proposed.cue.end, "cue"))
    marks.append((span.start, span.end, "words"))
    inside = {edge for one, other, _ in marks for edge in (one, other) if start < edge < end}
    for left, right in pairwise(sorted({start, end} | inside)):
        kind = next((name for one, other, name in marks if one <= left < other), "plain")
        yield content[left:right], kind
