"""From a text to the statements in it, each with its chain of voices, stance, numbers and exact places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from witnessmark.model import Qualifier, Stance
from witnessmark.weigh.reading.cues import PICTURES
from witnessmark.weigh.reading.heard import Said
from witnessmark.weigh.reading.joining import joined
from witnessmark.weigh.reading.languages import reader_for
from witnessmark.weigh.reading.marks import Marker
from witnessmark.weigh.reading.phrases import SCRIPT
from witnessmark.weigh.reading.proposed import Certainty, Counted, Passage, Proposed
from witnessmark.weigh.reading.quantities import NOTHING_EARLIER, Earlier, Quantity, few_of, quantities, years
from witnessmark.weigh.reading.said import said, subject_of
from witnessmark.weigh.reading.sentences import Sentence, Token
from witnessmark.weigh.reading.stance import of_words
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.topics import topic_of
from witnessmark.weigh.reading.voices import Voices
from witnessmark.weigh.reading.words import FINITE, RELATIVES, SUBORDINATORS

EXTRACTOR = "rules"
VERSION = "2"

Place = tuple[int, int]

_WHEN = re.compile(
    r"\b(?:on\s+)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?:\s+(?:morning|afternoon|evening|night|noon))?\b"
    r"|\b\d{1,2}\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)(?:\s+\d{4})?\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{1,4}(?:,\s+\d{4})?\b"
    r"|\b(?:yesterday|today|tonight|last\s+(?:week|month|year|night|spring|summer|autumn|winter))\b|\bin\s+(?:19|20)\d\d\b"
)
_WHERE = re.compile(
    r"\b(?:in|at|near|outside|inside|around|from)\s+((?:the\s+)?(?:[A-Z][\w’'-]+)(?:\s+(?:al-|of\s+the\s+|of\s+)?[A-Z][\w’'-]+)*)"
)
_NOT_PLACES = re.compile(
    r"(?:the\s+)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December"
)


@dataclass(slots=True)
class _Draft:
    """A statement in the making."""

    said: Said | None
    contents: list[Place]
    name: str = ""
    stance: Stance = Stance.ASSERTS
    outer: _Draft | None = None
    chain: tuple[Place, ...] = ()
    counted: list[Quantity] = field(default_factory=list)


def statements(text: str, marker: Marker | None = None, *, with_rules: bool = True) -> Iterator[Proposed]:
    """The statements in `text`, in the order in which their first words stand.

    What a `marker` finds is joined with what the rules find; without rules, it stands alone.
    MalformedError if the text holds half characters, as a wrong decoding leaves them.
    """
    heard = said(text) if marker is None else joined(text, marker, with_rules=with_rules)
    made_by = (EXTRACTOR, VERSION) if marker is None else (marker.name, marker.version)
    counts = _Counts(text)
    drafts: list[_Draft] = []
    subjects: list[Place] = []
    numbers: list[Quantity] = []
    own: list[_Draft] = []
    for sentence, found in heard:
        counted = counts.of(sentence)
        numbers += counted
        drafts += [_Draft(one, one.contents) for one in found]
        subject = subject_of(sentence)
        if subject and not any(one.source and one.source[0] < subject[1] for one in found):
            subjects.append(subject)
        if with_rules and all(one.is_relative for one in found) and not _is_heading(sentence):
            own += _own_words(sentence, counted, is_clause=not found)
        elif with_rules and not _is_heading(sentence):
            own += _told_beside(sentence, counted, found)
    _nest(drafts)
    _name_voices(text, drafts, subjects)
    drafts += _uncovered(own, drafts)
    _share_out(drafts, numbers)
    drafts.sort(key=_first_place)
    for at, draft in enumerate(drafts, 1):
        draft.name = f"{'s' if with_rules else 'm'}{at}"
    return (_proposed(text, draft, made_by) for draft in drafts)


class _Counts:
    """The numbers of each sentence, in the light of what the sentences before it in its paragraph counted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._latest = years(text)
        self._earlier = NOTHING_EARLIER
        self._few: frozenset[int] = frozenset()
        self._paragraph = -1

    def of(self, sentence: Sentence) -> list[Quantity]:
        """The numbers of the next sentence."""
        reader = reader_for(sentence)
        if sentence.paragraph != self._paragraph:
            self._earlier, self._paragraph = Earlier(few=self._few), sentence.paragraph
        if reader is not None:
            counted = list(reader.quantities(sentence))
        else:
            counted = list(
                quantities(self._text, sentence.tokens, latest_year=self._latest, earlier=self._earlier)
            )
        units = [one.unit for one in counted if one.unit]
        words = {token.low for token in sentence.tokens}
        has_people = (
            self._earlier.has_people
            or "persons" in units
            or any(one.unit is None for one in counted)
            or {"how", "many"} <= words
        )
        self._few |= frozenset(few for one in counted for few in few_of(one))
        self._earlier = Earlier(has_people, units[-1] if units else self._earlier.unit, self._few)
        return counted


def _first_place(draft: _Draft) -> tuple[int, int]:
    places = [place for place in (draft.said.cue if draft.said else None, *draft.contents) if place]
    return min(places), -max(end for _, end in places)  # type: ignore[return-value]


def _nest(drafts: Sequence[_Draft]) -> None:
    """Find for each statement the narrowest one in whose content its cue stands."""
    spans = sorted(
        ((start, end, draft) for draft in drafts for start, end in draft.contents),
        key=lambda span: (span[0], -span[1]),
    )
    cues = sorted(drafts, key=lambda draft: draft.said.cue if draft.said else (0, 0))
    open_spans: list[tuple[int, int, _Draft]] = []
    at = 0
    for draft in cues:
        cue = draft.said.cue if draft.said else (0, 0)
        while at < len(spans) and spans[at][0] <= cue[0]:
            open_spans.append(spans[at])
            at += 1
        open_spans = [span for span in open_spans if span[1] > cue[0]]
        holding = [
            span
            for span in open_spans
            if span[2] is not draft and cue[1] <= span[1] and not _holds(draft, span[2])
        ]
        if holding:
            draft.outer = min(holding, key=lambda span: span[1] - span[0])[2]


def _holds(outer: _Draft, inner: _Draft) -> bool:
    """Whether the cue of `inner` stands in the content of `outer`."""
    if inner.said is None:
        return False
    cue = inner.said.cue
    return any(start <= cue[0] and cue[1] <= end for start, end in outer.contents)


def _name_voices(text: str, drafts: Sequence[_Draft], subjects: Sequence[Place]) -> None:
    """Give each statement its chain, from the outermost relay to the first voice.

    Whoever a sentence is about may be meant by “he” in the next one, even if nothing is said in it.
    """
    voices = Voices(text)
    waiting = sorted(drafts, key=lambda draft: draft.said.sentence.start if draft.said else 0)
    done: set[int] = set()
    at = 0
    for draft in waiting:
        start = draft.said.sentence.start if draft.said else 0
        while at < len(subjects) and subjects[at][0] <= start:
            voices.heard(subjects[at])
            at += 1
        _chain(draft, voices, done)


def _chain(draft: _Draft, voices: Voices, done: set[int]) -> None:
    if id(draft) in done or draft.said is None:
        return
    done.add(id(draft))
    outer = draft.outer
    if outer is not None:
        _chain(outer, voices, done)
    above = outer.chain if outer else ()
    one = draft.said
    own: tuple[Place, ...] = ()
    if one.source is not None:
        shown_by = voices.picture(one.source) if one.lemma in _SHOWS else None
        is_spoken = one.quotation or (outer is not None and outer.said and outer.said.lemma == SCRIPT)
        quoted_by = above[-1] if above and is_spoken else None
        named = one.antecedent or shown_by or voices.resolve(one.source, quoted_by, avoid=one.contents)
        if quoted_by is not None and outer is not None and voices.is_pointed_at(one.source):
            named = named if named == quoted_by or _is_within(named, outer.contents) else one.source
        own = () if above and _is_its_own(voices, one.source) else (named,)
        voices.heard(named)
    if one.via is not None:
        own += (voices.resolve(one.via),)
        voices.heard(one.via)
    if own and above and own[0] == above[-1]:
        own = own[1:]
    draft.chain = above + own if own or above else ()
    if one.source is None and not own:
        draft.chain = above


def _is_within(place: Place, places: Sequence[Place]) -> bool:
    """Whether whoever speaks in a quotation was named in it: “they” is whom its speaker means."""
    return any(start <= place[0] and place[1] <= end for start, end in places)


def _is_its_own(voices: Voices, source: Place) -> bool:
    """Whether a source is what the voice above it keeps: “the army says its records show …”."""
    low = voices.written(source)
    return len(low) > 1 and low[0] in _OWN and not _KEPT.isdisjoint(low[1:])


_OWN = frozenset({"its", "their", "his", "her", "our", "my"})
_KEPT = PICTURES | words("registers")
_SHOWS = words("showing-things") | words("telling-of-people")


def _own_words(sentence: Sentence, counted: Iterable[Quantity], *, is_clause: bool) -> Iterator[_Draft]:
    """What a sentence says in the text's own voice: a stance, or a number of people if it is all its own."""
    telling = [one for one in counted if _is_told(one, sentence)]
    shown = of_words("", " ".join(token.low for token in sentence.tokens))
    if (telling and is_clause) or shown is not None:
        yield _Draft(None, [(sentence.start, sentence.end)], stance=shown or Stance.ASSERTS)


def _is_told(number: Quantity, sentence: Sentence) -> bool:
    """Whether a number of people is told as one."""
    is_first = number.place[0] == sentence.start
    is_nobody = bool(number.victims) and number.amount.high == 0  # “There were no casualties.”
    return number.unit == "persons" and (bool(number.action) or _is_many(number) or is_first or is_nobody)


def _told_beside(sentence: Sentence, counted: Iterable[Quantity], found: Sequence[Said]) -> Iterator[_Draft]:
    """What the text itself counts aside where somebody speaks: “…”, said Orlo, who leads 400 men."""
    held = sorted(place for one in found for place in (*one.contents, one.cue))
    for number in counted:
        start, end = number.place
        at = bisect_right(sentence.tokens, start, key=attrgetter("start")) - 1
        is_held = any(first < end and start < last for first, last in held)
        source = next(
            (one.source for one in found if one.source and one.source[0] < start < one.source[1]), None
        )
        is_behind = source is not None and not is_held and source[0] + _BEHIND_ARTICLE < start
        if source and is_behind and not sentence.quoted[at] and _is_told(number, sentence):
            held.append((start, source[1]))
            yield _Draft(None, [(start, source[1])])  # “relatives of the 43 missing students said …”
            continue
        if is_held or sentence.quoted[at] or not _is_told(number, sentence):
            continue
        before = max((last for _, last in held if last <= start), default=sentence.start)
        behind = min((first for first, _ in held if first >= end), default=sentence.end)
        inside = [token for token in sentence.tokens if before <= token.start and token.end <= behind]
        worded = [token for token in inside if token.text[0].isalnum()]
        if worded and (
            _is_aside(worded, start) or _is_main(sentence, found, end) or _is_clause(sentence, worded)
        ):
            place = worded[0].start, worded[-1].end
            held.append(place)
            yield _Draft(None, [place])


_BEHIND_ARTICLE = 5
"""Characters behind the start of a source before which a number counts whoever speaks: “the 40 men say …”."""


def _is_aside(words: Sequence[Token], number: int) -> bool:
    """Whether a number stands behind a relative pronoun: “…, said Orlo, who leads 400 men”."""
    return any(token.low in RELATIVES and token.start < number for token in words)


def _is_clause(sentence: Sentence, words: Sequence[Token]) -> bool:
    """Whether a clause of its own is put behind what was said: “…, and three were women”."""
    at = bisect_right(sentence.tokens, words[0].start, key=attrgetter("start")) - 1
    before = sentence.tokens[at - 1].low if at else ""
    has_verb = any(token.low in FINITE or token.low.endswith("ed") for token in words)
    return before in {",", ";"} and words[0].low in {"and", "but", "while"} and has_verb


def _is_main(sentence: Sentence, found: Sequence[Said], end: int) -> bool:
    """Whether what is said only stands in a clause behind: “500 died in a revolt that some say is over”."""
    if any(one.cue[0] >= end and _is_of_relative(sentence, one) for one in found):
        return True  # “Nobody was hurt in the attack, which was claimed by …”
    first = min(one.source[0] if one.source else one.cue[0] for one in found)
    before = [token for token in sentence.tokens if token.end <= first]
    if end >= first or not before:
        return False
    opens = before[-1].low
    if opens in RELATIVES | SUBORDINATORS:
        return True
    is_shared = all(one.source is None for one in found)  # “is accused of killing 40 and is believed to …”
    is_beside = opens in {"and", "but"} and (before[-2].low == "," or is_shared)
    return is_beside and any(token.low in FINITE for token in before)  # “The toll is 54, and the army says …”


def _is_of_relative(sentence: Sentence, one: Said) -> bool:
    """Whether a relative pronoun speaks, or is all that is said: only a word of the sentence is told of."""
    pronouns = [token for token in sentence.tokens if token.low in RELATIVES]
    places = [(token.start, token.end) for token in pronouns]
    return one.source in places or any(one.contents == [place] for place in places)


def _uncovered(own: Sequence[_Draft], drafts: Sequence[_Draft]) -> Iterator[_Draft]:
    """Those that do not stand in what somebody is quoted with."""
    covered = sorted(
        place for draft in drafts if not (draft.said and draft.said.is_relative) for place in draft.contents
    )
    reach, at = 0, 0
    for draft in own:
        start, end = draft.contents[0]
        while at < len(covered) and covered[at][0] < end:
            reach = max(reach, covered[at][1])
            at += 1
        if reach <= start:
            yield draft


def _is_many(number: Quantity) -> bool:
    """Whether a number is more than a pair, so that it is told as a number."""
    ends = [end for end in (number.amount.low, number.amount.best, number.amount.high) if end is not None]
    is_hedged = number.amount.qualifier not in {Qualifier.EXACTLY, Qualifier.BETWEEN}
    return max(ends, default=0) > 1 and (bool(number.victims) or (is_hedged and min(ends) > _POINTED_AT))


_POINTED_AT = 12
"""As many as may be meant by a number without a noun that only points back: “the two”, “all nine”."""


def _is_heading(sentence: Sentence) -> bool:
    """Whether a line has no full stop: a headline or a caption says again what the text says."""
    return sentence.tokens[-1].text not in {".", "!", "?", "”", '"', "؟", "»", "…"}


def _share_out(drafts: Sequence[_Draft], numbers: Sequence[Quantity]) -> None:
    """Give each number to the narrowest content that it stands in; “the figure, which X gave” has two."""
    spans = sorted(
        ((start, end, at) for at, draft in enumerate(drafts) for start, end in draft.contents),
        key=lambda span: span[0],
    )
    speakers = {
        place[0] for draft in drafts if draft.said for place in (draft.said.source, draft.said.via) if place
    }
    open_spans: list[tuple[int, int, int]] = []
    at = 0
    for number in sorted(numbers, key=lambda one: one.place):
        while at < len(spans) and spans[at][0] <= number.place[0]:
            open_spans.append(spans[at])
            at += 1
        open_spans = [span for span in open_spans if span[1] > number.place[0]]
        if number.place[0] in speakers:
            continue  # “two generals” who are cited are voices and no count
        holding = [span for span in open_spans if span[1] >= number.place[1]]
        for _, _, holder in sorted(holding, key=lambda span: span[1] - span[0]):
            if drafts[holder].outer is not None and _is_examining(drafts[holder]):
                continue  # “police say their team was investigating the deaths of three”: police say how many
            drafts[holder].counted.append(number)
            said_of = drafts[holder].said
            if said_of is None or not said_of.is_relative:
                break


def _is_examining(draft: _Draft) -> bool:
    """Whether somebody looks into a thing, which tells nothing of it."""
    return draft.said is not None and draft.said.stance is Stance.UNDER_VERIFICATION


def _proposed(text: str, draft: _Draft, made_by: tuple[str, str]) -> Proposed:
    one = draft.said
    content = tuple(Passage.of(text, place) for place in sorted(draft.contents))
    written = " ".join(passage.text for passage in content)
    return Proposed(
        name=draft.name,
        chain=tuple(Passage.of(text, place) for place in draft.chain),
        mention=Passage.of(text, one.source) if one and one.source else None,
        cue=Passage.of(text, one.cue) if one else None,
        content=content,
        stance=_stance(draft),
        certainty=Certainty(Passage.of(text, one.sure[0]), one.sure[1]) if one and one.sure else None,
        nested_in=draft.outer.name if draft.outer else None,
        quantities=tuple(_counted(text, number) for number in draft.counted),
        when=_first(text, content, _WHEN),
        where=_first(text, content, _WHERE),
        topic=topic_of(written, draft.counted),
        extractor=made_by[0],
        version=made_by[1],
    )


def _stance(draft: _Draft) -> Stance:
    return draft.said.stance if draft.said else draft.stance


def _counted(text: str, number: Quantity) -> Counted:
    return Counted(
        Passage.of(text, number.place),
        number.amount,
        number.unit,
        Passage.of(text, number.victims) if number.victims else None,
        Passage.of(text, number.action) if number.action else None,
        number.role,
    )


def _first(text: str, content: Sequence[Passage], pattern: re.Pattern[str]) -> Passage | None:
    """The first place in the content that a pattern finds."""
    for passage in content:
        for match in pattern.finditer(text, passage.start, passage.end):
            group = 1 if pattern.groups else 0
            if group and _NOT_PLACES.match(match[1]):
                continue
            return Passage.of(text, match.span(group))
    return None
