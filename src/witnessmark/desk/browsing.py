"""Browsing: what a person sees who looks around in a case. Nothing here writes.

`whole` says whether the person works with the material. Who only reads is shown neither where it came
from nor what its metadata tell of people and places; what a brief may print is shown to everyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from witnessmark.desk.claims import Claims
from witnessmark.desk.labels import not_counted
from witnessmark.desk.showing import describe
from witnessmark.desk.texts import READABLE, KeptText, kept_text, text_by
from witnessmark.errors import UsageError
from witnessmark.match.groups import Rulings
from witnessmark.model import (
    Action,
    Assessment,
    Decision,
    Digest,
    Event,
    Finding,
    Investigation,
    Match,
    Rereading,
    Statement,
    TextSpan,
)
from witnessmark.pixels.raster import MEDIA_TYPES
from witnessmark.ports import Case, Sieve, Sifted
from witnessmark.publish.showable import shown_fields

Facts = dict[str, Any]
T = TypeVar("T")

MEDIA: Mapping[str, tuple[str, ...]] = {
    "picture": ("image/",),
    "video": ("video/",),
    "sound": ("audio/",),
    "text": ("text/", "message/", "application/xhtml", "application/json"),
    "document": ("application/pdf", "application/vnd.", "application/msword"),
}
"""What exhibits are called by the beginnings of their media types; all else is called other."""
OTHER = "other"
RECORDS = ("statement", "finding", "match", "observation", "rating", "decision")
"""The kinds of records by which exhibits can be told apart."""
NO_TITLES: Mapping[int, str | None] = MappingProxyType({})
_LONGEST_TEXT = 40_000
_NOT_WEIGHED = (
    *("derive", "exhibit.", "session.", "desk.", "checkpoint", "brief.", "account.", "token.", "factor."),
    *("comment.", "assignment.", "release."),
)
"""How the types of entries begin that say nothing of claims, only of who looked at what."""


@lru_cache(maxsize=500)
def kind_of(media_type: str) -> str:
    """What an exhibit is, in one word."""
    return next((kind for kind, begins in MEDIA.items() if media_type.startswith(begins)), OTHER)


def has_cover(media_type: str) -> bool:
    """Whether there is something to be seen in an exhibit, of which a covered preview can be made."""
    return media_type in MEDIA_TYPES or media_type.startswith("video/") or media_type == "application/pdf"


def sieve_for(
    kind: str = "", has: str = "", lacks: str = "", *, but: frozenset[Digest] = frozenset()
) -> Sieve:
    """The sieve for exhibits of one kind, with or without a kind of record; empty words ask for nothing.

    The records `but` do not count.
    """
    if kind and kind != OTHER and kind not in MEDIA:
        raise UsageError(f"{kind!r} is no kind of exhibit", advice=f"known are {', '.join(MEDIA)}, {OTHER}")
    for word in (has, lacks):
        if word and word not in RECORDS:
            raise UsageError(f"{word!r} is no kind of record", advice=f"known are {', '.join(RECORDS)}")
    return Sieve(
        media=MEDIA.get(kind, ()),
        other_than=tuple(one for begins in MEDIA.values() for one in begins) if kind == OTHER else (),
        has=(has,) if has else (),
        lacks=(lacks,) if lacks else (),
        but=but,
    )


def tile(case: Case, one: Sifted, titles: Mapping[int, str | None] = NO_TITLES) -> Facts:
    """An exhibit as it is shown among others; `titles` are those that are known already, by places."""
    kind = kind_of(one.media_type)
    return {
        "place": one.place,
        "exhibit": one.exhibit,
        "kind": kind,
        "media_type": one.media_type,
        "size": one.size,
        "has_cover": has_cover(one.media_type),
        "title": _title(case, one, titles) if kind in ("text", "document") else None,
        "records": {name: one.records[name] for name in RECORDS if one.records.get(name)},
    }


def _title(case: Case, one: Sifted, titles: Mapping[int, str | None]) -> str | None:
    if one.place in titles:
        return titles[one.place]
    for _, finding in case.find(Finding, one.digest):
        if finding.property == READABLE:
            title = finding.value.get("title")
            return title if isinstance(title, str) else None
    return None


def exhibit_facts(case: Case, digest: Digest, *, whole: bool) -> Facts:
    """One exhibit with everything on record of it, what was done with it, and where else it appears."""
    facts, _ = describe(case, digest, with_text=False)
    facts["kind_of_exhibit"] = kind_of(facts["media_type"])
    facts["history"] = list(_history(case, digest, facts["arrivals"]))
    facts["match"] = [_match_facts(case, digest, one) for one in facts["match"]]
    text = kept_text(case, digest)
    facts["text"] = None if text is None else _text_facts(case, digest, text)
    if not whole:
        shown = {name: shown_fields(one) for name, one in case.find(Finding, digest)}
        facts["finding"] = [
            {**one, "value": dict(fields)}
            for one in facts["finding"]
            if (fields := shown[Digest(one["record"])])
        ]
        for arrival in facts["arrivals"]:
            for name in ("source", "source_url", "note", "declared"):
                arrival.pop(name, None)
    return facts


def _history(case: Case, digest: Digest, arrivals: Sequence[Facts]) -> Iterator[Facts]:
    entries = {one["log_entry"] for one in arrivals} | set(case.acts_on(digest))
    for index, action in case.actions_at(tuple(entries)):
        yield {
            "entry": index,
            "at": action.at,
            "by": action.performer.name,
            "what": action.type,
            "outcome": action.outcome.value,
            "error": action.error,
        }


def _match_facts(case: Case, digest: Digest, match: Facts) -> Facts:
    other = match["candidate"] if match["query"] == digest else match["query"]
    return {**match, "other": case.exhibit_of(Digest(other))}


def _text_facts(case: Case, digest: Digest, text: KeptText) -> Facts:
    """A readable text in pieces: plain ones, those that statements quote, and where a page begins."""
    said = _said_in(case, digest, text)
    ends = text.pages or ((0, len(text.content)),)
    pieces: list[Facts] = []
    at = 0
    for number, (start, end) in enumerate(ends, 1):
        if start >= _LONGEST_TEXT:
            break
        if text.pages and start < end:
            pieces.append({"text": text.content[at:start], "statement": None, "page": number})
            at = min(end, _LONGEST_TEXT)
        pieces += _pieces(text.content, said, start, min(end, _LONGEST_TEXT))
    return {
        "length": len(text.content),
        "is_cut": len(text.content) > _LONGEST_TEXT,
        "pieces": pieces,
        "language": text.facts.get("language", {}).get("code"),
    }


def page_facts(case: Case, digest: Digest, number: int) -> Facts | None:
    """The text of one page of a document in pieces; None if no text of it was kept."""
    text = kept_text(case, digest)
    if text is None or not 1 <= number <= len(text.pages):
        return None
    return {
        "pieces": _pieces(text.content, _said_in(case, digest, text), *text.pages[number - 1]),
        "language": text.facts.get("language", {}).get("code"),
    }


_Said = tuple[TextSpan, Digest, str]


def _said_in(case: Case, digest: Digest, text: KeptText) -> list[_Said]:
    """Where the statements stand that quote a text, each with its name and speaker."""
    said = [
        (one.appearance.span, name, one.speaker)
        for name, one in case.find(Statement, digest)
        if one.appearance.text == text.digest
    ]
    return sorted(said, key=lambda one: (one[0].start, one[0].end))


def _pieces(content: str, said: Sequence[_Said], start: int, end: int) -> list[Facts]:
    """The pieces of a stretch of a text."""
    pieces: list[Facts] = []
    at = start
    for span, name, speaker in said:
        first, last = max(span.start, start), min(span.end, end)
        if first < at or first >= last:
            continue  # inside what another statement quotes, or beyond what is shown
        pieces.append({"text": content[at:first], "statement": None})
        pieces.append({"text": content[first:last], "statement": name, "speaker": speaker})
        at = last
    pieces.append({"text": content[at:end], "statement": None})
    return [piece for piece in pieces if piece["text"]]


AROUND = 1_500
"""How many signs of a text stand before and after words that are shown in it."""


def statement_facts(case: Case, name: Digest) -> Facts:
    """A statement with its exact words in their text, at their place."""
    noun = case.noun(name) if case.entry_of(name) is not None else None
    if not isinstance(noun, Statement):
        raise UsageError(f"{name} is no statement of this case")
    span = noun.appearance.span
    exhibit = noun.appearance.digest
    content: str | None = None
    pages: tuple[int, ...] = ()
    found = text_by(case, (finding for _, finding in case.find(Finding, exhibit)))
    if found is not None and found.digest == noun.appearance.text:
        content, pages = found.content, found.pages_at(span)
    before, after = max(0, span.start - AROUND), span.end + AROUND
    return {
        "statement": name,
        "exhibit": case.exhibit_of(exhibit),
        "speaker": noun.speaker,
        "stance": noun.stance.value,
        "amount": None if noun.amount is None else str(noun.amount),
        "unit": noun.unit,
        "quote": noun.appearance.quote,
        "start": span.start,
        "end": span.end,
        "pages": pages,
        "relays": noun.relays,
        "read_by": noun.read_by.name,
        "read_at": noun.read_at,
        "before": None if content is None else content[before : span.start],
        "words": noun.appearance.quote if content is None else content[span.start : span.end],
        "after": None if content is None else content[span.end : after],
        "is_cut_before": before > 0,
        "is_cut_after": content is not None and after < len(content),
    }


class Fresh(Generic[T]):
    """Something made from a whole case, made again only when something came in that may bear on it."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._made: tuple[T, int] | None = None  # with how many entries the log had
        self._lock = Lock()

    def now(self, make: Callable[[], T], since: int | None = None) -> T:
        """What `make` gives, or gave as long as it still holds; one caller makes it for all.

        It holds all that the log had at its entry `since`, or that it has now.
        """
        if since is not None and (made := self._made) is not None and since <= made[1]:
            return made[0]  # nor does anybody wait for whoever makes it anew
        with self._lock:
            size = self._case.head().size if since is None else since
            made = self._made
            if made is None or not self.holds(size):
                made = make(), size
            self._made = made[0], max(made[1], size)
            return made[0]

    def holds(self, since: int) -> bool:
        """Whether it was made, and nothing bears on it that the log had at its entry `since`."""
        made = self._made
        return made is not None and not any(map(self._bears, range(made[1], since)))

    @property
    def is_first_made(self) -> bool:
        """Whether somebody is making it just now, and nothing was made before."""
        return self._made is None and self._lock.locked()

    def _bears(self, index: int) -> bool:
        return bears(self._case.action(index).type)


def bears(kind: str) -> bool:
    """Whether entries of a type change what a case holds, and do not only say who looked at it."""
    return not kind.startswith(_NOT_WEIGHED)


def matrix_facts(claims: Claims, first: int, count: int, columns: int) -> Facts:
    """Some claims as rows, the lineages that speak on them as columns, and in each cell its voices.

    Of lineages there are at most `columns`, those with the most to say; the rest is counted in each row.
    """
    told = [claims.facts(number, one) for number, one in claims.called(None)[first : first + count]]
    heard = Counter(cell["lineage"] for facts in told for cell in facts["cells"])
    shown = [name for name, _ in sorted(heard.items(), key=lambda one: (-one[1], _natural(one[0])))[:columns]]
    shown.sort(key=_natural)
    heads = {
        lineage.name: claims.sources(lineage)
        for lineage in claims.weighing.lineages.lineages
        if lineage.name in shown
    }
    rows = [
        {
            **facts,
            "by_lineage": {
                name: [cell for cell in facts["cells"] if cell["lineage"] == name] for name in shown
            },
            "not_shown": sum(cell["lineage"] not in heads for cell in facts["cells"]),
        }
        for facts in told
    ]
    return {
        "rows": rows,
        "columns": [{"name": name, "sources": heads[name]} for name in shown],
        "lineages": len(heard),
        "claims": len(claims.called(None)),
    }


def _natural(name: str) -> tuple[int, str]:
    """L2 before L10."""
    return len(name), name


def board_facts(case: Case, claims: Claims | None) -> Facts:
    """A case at a glance: what it holds, what waits for people, and what is open.

    Without `claims`, which are being weighed then, what is said of them is None: not known yet.
    """
    opened = case.find(Investigation)
    total, places = case.places(Sieve(), 1)
    kinds = {kind: case.places(sieve_for(kind), 1)[0] for kind in MEDIA}
    return {
        "name": opened[-1][1].name if opened else "",
        "focus": opened[-1][1].focus if opened else "",
        "events": [one for _, one in case.find(Event)],
        "exhibits": total,
        "kinds": {**kinds, OTHER: total - sum(kinds.values())},
        "newest": [tile(case, one) for one in _newest(case, places)],
        "waits": _waits(case, claims),
        "open": None if claims is None else list(_open(claims)),
        "failed": len(case.acts("examine.failed")),
    }


def health_facts(case: Case, stamped: Sequence[tuple[int, datetime]]) -> Facts:
    """How the log of a case is kept now: how far it is signed, and how far others vouch for it."""
    checkpoints = case.checkpoints()
    signed = checkpoints[-1].size if checkpoints else 0
    size = case.head().size
    return {
        "entries": size,
        "signed": signed,
        "unsigned": size - signed,
        "vouched": max((reach for reach, _ in stamped), default=0),
        "vouched_at": max((at for _, at in stamped), default=None),
    }


def _newest(case: Case, places: Sequence[int], count: int = 6) -> Sequence[Sifted]:
    return case.sift(Sieve(), places[max(0, len(places) - count)], count)[::-1] if places else ()


def _waits(case: Case, claims: Claims | None) -> Facts:
    """What nobody has decided on yet."""
    matches = case.find(Match)
    rulings = Rulings.of(matches, case.find(Decision))
    pairs = {frozenset((one.query, one.candidate)) for _, one in matches}
    media = tuple(one for kind in ("picture", "video", "sound") for one in MEDIA[kind])
    assessed = {found.claim for _, found in case.find(Assessment)}
    read_again = {found.assessment for _, found in case.find(Rereading)}
    return {
        "claims_not_assessed": None
        if claims is None
        else sum(not assessed.intersection((one.digest, *one.absorbed)) for one in claims.weighing.claims),
        "assessments_read_once": sum(name not in read_again for name, _ in case.find(Assessment)),
        "media_not_rated": case.places(Sieve(media=media, lacks=("rating",), but=not_counted(case)), 1)[0],
        "matches_not_decided": len(pairs - rulings.by_pair.keys()),
    }


def _open(claims: Claims) -> Iterator[Facts]:
    """The claims that are contested or that nothing settles, with who stands for and against each."""
    for number, one in claims.called(None):
        status = one.drafted.status.value
        if status in ("contested", "undetermined", "unsupported"):
            yield {
                "number": number,
                "text": one.claim.text,
                "draft": status,
                "for": one.drafted.lineages,
                "against": one.drafted.against,
            }


AUDITED: Mapping[str, tuple[str, ...]] = {
    "openings": ("exhibit.read",),
    "looks": ("exhibit.uncovered",),
    "exports": (
        *("package.sealed", "brief.made", "codes.given", "counts.given", "log.exported", "text.sent"),
    ),
    "doors": (
        *("desk.entered", "account.made", "account.changed", "token.made", "token.revoked"),
        *("factor.added", "factor.ended", "factor.doubted"),
    ),
    "two_people": (
        *("release.policy", "release.asked", "release.granted", "release.declined", "release.used"),
        "erase",
    ),
}
"""What somebody looks for in the log who asks who had what before them, by the types of entries."""
_TOLD_OF = (
    "purpose",
    "level",
    "closely",
    "reason",
    "act",
    "request",
    "acts",
    "how",
    "name",
    "roles",
    "factor",
)
"""What an entry says besides, as far as a page shows it; no digest and nothing that is sealed."""


def log_page(case: Case, start: int, count: int) -> list[Facts]:
    """Some entries of the custody log, the newest first, from `start` downwards."""
    return _entries(case, case.actions_of(max(0, start - count + 1), start + 1)[::-1])


def audit_page(case: Case, kind: str, start: int, count: int) -> tuple[list[Facts], int]:
    """Some entries of one kind of `AUDITED`, the newest first, from `start` on; and how many there are."""
    if kind not in AUDITED:
        raise UsageError(f"{kind[:40]!r} is nothing that the log is asked for", advice=", ".join(AUDITED))
    indexes = sorted((index for word in AUDITED[kind] for index in case.acts(word)), reverse=True)
    return _entries(case, case.actions_at(indexes[start : start + count])[::-1]), len(indexes)


def _entries(case: Case, shown: Sequence[tuple[int, Action]]) -> list[Facts]:
    used = dict.fromkeys(one for _, action in shown for one in action.used[:3])
    numbers = case.exhibits_of(tuple(used))
    return [_entry(index, action, numbers) for index, action in shown]


def _entry(index: int, action: Action, numbers: Mapping[Digest, str]) -> Facts:
    return {
        "entry": index,
        "at": action.at,
        "by": action.performer.name,
        "what": action.type,
        "exhibits": [numbers[one] for one in action.used[:3] if one in numbers],
        "outcome": action.outcome.value,
        "error": action.error,
        "told": {name: action.detail[name] for name in _TOLD_OF if name in action.detail},
    }
