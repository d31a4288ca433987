"""What is said in a text, sentence after sentence, in places of the text.

A quotation that follows without a cue of its own, in the same paragraph or as the same quotation in the
next, belongs to whoever was quoted last: it is more content of the same statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from witnessmark.model import Stance
from witnessmark.weigh.reading import stance as stances
from witnessmark.weigh.reading.clauses import Clauses, Words
from witnessmark.weigh.reading.cues import AMBIGUOUS, VERBS
from witnessmark.weigh.reading.extents import settle
from witnessmark.weigh.reading.frame import Frame, Side
from witnessmark.weigh.reading.frames import frames
from witnessmark.weigh.reading.heard import Place, Said
from witnessmark.weigh.reading.kinds import PERSONS
from witnessmark.weigh.reading.languages import reader_for
from witnessmark.weigh.reading.numerals import is_number_word
from witnessmark.weigh.reading.phrases import SCRIPT
from witnessmark.weigh.reading.sentences import Sentence, sentences
from witnessmark.weigh.reading.verbs import main_subject
from witnessmark.weigh.reading.words import PERSONAL, SUBORDINATORS

_TELLING = 60
"""Words of a content that are looked at for its stance; what comes later is of other things."""


def said(text: str) -> Iterator[tuple[Sentence, list[Said]]]:
    """The sentences of a text, each with what is said in it.

    The contents of what was said in an earlier sentence may still grow while the text is read on.
    """
    last: Said | None = None
    waiting: Said | None = None
    told: Said | None = None
    speaker: Place | None = None
    script = Script()
    for sentence in sentences(text):
        reader = reader_for(sentence)
        found = said_in(sentence) if reader is None else reader.said_in(sentence)
        speaker = _inherit(found, speaker)
        outer = [one for one in found if not one.quotation]
        if waiting is not None and not outer:
            waiting.contents.append((sentence.start, sentence.end))
            last = waiting
        elif told is not None and not found and _is_of_these(sentence, told):
            told.contents.append((sentence.start, sentence.tokens[-1].start))
        else:
            last = _quoted_on(last, told, outer, sentence)
        if last is not None:
            last.last_paragraph = sentence.paragraph
        waiting = next((one for one in outer if one.waits), None)
        told = outer[-1] if outer else told
        script.hear(sentence, outer)
        yield sentence, found


def _quoted_on(
    last: Said | None, told: Said | None, outer: Sequence[Said], sentence: Sentence
) -> Said | None:
    """Whose quotation may go on behind a sentence; if it is a bare one, it is given to whom it belongs."""
    if outer:
        return next((one for one in reversed(outer) if one.is_quoting), None)
    if last is not None and _goes_on(last, sentence):
        last.contents.append(_quoted_part(sentence))
        return last
    if last is None and told is not None and _follows(told, sentence):
        told.contents.append(_quoted_part(sentence))
        return told
    return last if last is not None and last.last_paragraph == sentence.paragraph else None


def _is_of_these(sentence: Sentence, told: Said) -> bool:
    """Whether “Of these, 31 were children.” goes on with what was told in the sentence before it."""
    low = [token.low for token in sentence.tokens[:6]]
    is_next = told.sentence.paragraph == sentence.paragraph and told.sentence.end < sentence.start
    is_near = is_next and sentence.start - told.sentence.end < _NEXT
    has_number = any(is_number_word(token.low) for token in told.sentence.tokens)
    return (
        is_near
        and has_number
        and low[0] == "of"
        and low[1:2] in (["these"], ["those"], ["them"], ["the"])
        and "," in low
    )


_NEXT = 3
"""Characters that lie between a sentence and the next one at most."""


class Script:
    """A memory of who speaks in a transcript: what follows “SOLA: …” in its paragraph is Sola's too.

    One speaker is no transcript: “CAIRO: …” opens many a report.
    """

    def __init__(self) -> None:
        self._speaking: Said | None = None
        self._speakers: set[str] = set()

    def hear(self, sentence: Sentence, outer: Sequence[Said]) -> None:
        """Give a sentence to the speaker, or note that another one begins."""
        begun = next((one for one in outer if one.lemma == SCRIPT), None)
        if begun is not None:
            self._speaking = begun
            self._speakers.add(sentence.tokens[0].text)
        elif self._speaking is not None and self._speaking.sentence.paragraph == sentence.paragraph:
            if len(self._speakers) > 1:
                self._speaking.contents.append((sentence.start, sentence.end))
        else:
            self._speaking = None


def _inherit(found: Sequence[Said], speaker: Place | None) -> Place | None:
    """Give those who go on without a name the last speaker; the last one who was named."""
    for one in found:
        if one.inherits:
            one.source = speaker
        speaker = one.source or speaker
    return speaker


def _follows(told: Said, sentence: Sentence) -> bool:
    """Whether a bare quotation stands right behind a sentence in which somebody says something."""
    is_next = told.sentence.paragraph == sentence.paragraph and told.sentence.end < sentence.start
    inside = sum(1 for number in sentence.quoted if number)
    is_bare = bool(sentence.quoted[0]) and inside >= 0.7 * len(sentence.quoted)
    return is_next and is_bare and told.source is not None and sentence.start - told.sentence.end < _NEXT


def _goes_on(last: Said, sentence: Sentence) -> bool:
    """Whether a sentence is hardly anything but a quotation that continues the last one."""
    inside = sum(1 for number in sentence.quoted if number)
    if not sentence.quoted[0] or inside < 0.7 * len(sentence.quoted):
        return False
    return last.last_paragraph == sentence.paragraph or sentence.quoted[0] in last.sentence.quoted


def _quoted_part(sentence: Sentence) -> Place:
    end = max(at for at, number in enumerate(sentence.quoted) if number)
    return sentence.start, sentence.tokens[end].end


def said_in(sentence: Sentence) -> list[Said]:
    """What is said in one English sentence."""
    clauses = Clauses(sentence)
    found = settle(clauses, frames(clauses))
    shown = {id(frame): _stance(clauses, frame, found) for frame in found}
    merged = [_merged_into(clauses, frame, found) for frame in found]
    for frame, inner in zip(found, merged, strict=True):
        if inner is not None and shown[id(frame)] is Stance.ASSERTS:
            shown[id(frame)] = shown[id(inner)]
    swallowed = {id(inner) for inner in merged if inner is not None}
    return [_said(clauses, frame, shown[id(frame)]) for frame in found if id(frame) not in swallowed]


def subject_of(sentence: Sentence) -> Place | None:
    """Whom or what an English sentence is about, if it begins with a noun phrase outside of a quotation."""
    clauses = Clauses(sentence)
    if clauses.quoted[0] or reader_for(sentence) is not None:
        return None
    span = main_subject(clauses, clauses.size - 1)
    if span is None:
        return None
    end = next((at for at in range(span[0] + 2, span[1]) if _is_plain_verb(clauses, at)), span[1])
    if end == span[0] + 1:
        return place(clauses, span) if clauses.low[span[0]] in PERSONS and span[0] == 0 else None
    return place(clauses, (span[0], _behind_name(clauses, end)))


def _behind_name(clauses: Clauses, end: int) -> int:
    """Behind the name that is put beside a subject: “Its author, epidemiologist Hana Voss, praised …”."""
    close = next((at for at in range(end + 2, min(end + 8, clauses.size)) if clauses.low[at] == ","), 0)
    is_name = (
        close and clauses.word(end) == "," and clauses.is_capital(close - 1) and clauses.is_capital(close - 2)
    )
    return close if is_name else end


def _is_plain_verb(clauses: Clauses, at: int) -> bool:
    word, following = clauses.low[at], clauses.word(at + 1)
    if word.endswith("s") and following in SUBORDINATORS | PERSONAL and word not in PERSONS:
        return True
    return word in VERBS and word not in AMBIGUOUS and clauses.word(at - 1).endswith(("s", "n", "’", "e"))


def _stance(clauses: Clauses, frame: Frame, found: Sequence[Frame]) -> Stance:
    if frame.kind in {"hearsay", "agentless", "conviction"} or frame.lemma in {"attribute", "quote"}:
        return frame.stance
    source = clauses.low[slice(*frame.source)] if frame.source else []
    content = clauses.low[slice(*frame.contents[0])] if frame.contents else []
    group = clauses.low[frame.cue[0] : frame.head]
    if frame.stance in {Stance.DECLINES_TO_CONFIRM, Stance.CANNOT_VERIFY} and frame.cue[1] - frame.cue[0] > 1:
        return _of_refusal(frame, group)
    stance = stances.of_cue(frame.stance, frame.lemma, group, source, content)
    if stance is not Stance.ASSERTS or frame.kind == "relative":
        return stance
    if frame.via is not None or _passes_on(clauses, frame, found):
        return Stance.REPORTS
    words = " ".join([word for start, end in frame.contents for word in clauses.low[start:end]][:_TELLING])
    return stances.of_words(frame.lemma, words) or _elliptical(clauses, frame) or stance


def _passes_on(clauses: Clauses, frame: Frame, found: Sequence[Frame]) -> bool:
    """Whether the content begins with another voice: “X said that Y had denied it”."""
    if not frame.contents:
        return False
    start, end = frame.contents[0]
    first = start + (clauses.word(start) == "that")
    for inner in found:
        if inner is frame or inner.source is None or inner.kind == "noun":
            continue
        is_first = inner.source[0] <= first + 1 and first <= inner.start and inner.cue[1] < end
        if is_first and not stances.is_shared(clauses.low[slice(*inner.source)]):
            return clauses.quoted[inner.head] == clauses.quoted[frame.head]
    return False


def _of_refusal(frame: Frame, group: Sequence[str]) -> Stance:
    """“refused to retract”, “declined to deny”: what a refusal makes of its verb."""
    if frame.lemma in {"retract", "withdraw"}:
        return Stance.ASSERTS
    if frame.lemma in {"accept", "believe"}:
        return Stance.DOUBTS
    if frame.lemma == "doubt" and "refused" in group:
        return Stance.ASSERTS
    return frame.stance


def _elliptical(clauses: Clauses, frame: Frame) -> Stance | None:
    """“…, and the agency said that it could not either”."""
    words = clauses.low[slice(*frame.contents[-1])] if frame.contents else []
    if (
        words[-1:] == ["either"]
        and ("not" in words or "n't" in words)
        and ("could" in words or "can" in words)
    ):
        return Stance.CANNOT_VERIFY
    return None


def _merged_into(clauses: Clauses, frame: Frame, found: Sequence[Frame]) -> Frame | None:
    """The inner frame of “he said he doubted it”, in which the same voice goes on."""
    if frame.kind not in {"verb", "according"} or not frame.contents or frame.side is Side.NONE:
        return None
    for start, end in frame.contents:
        first = start + (clauses.word(start) in {"that", "“", '"'})
        first += clauses.word(first) in {"“", '"'}
        for inner in found:
            if inner is frame or inner.source is None or not frame.cue[0] < start <= inner.cue[0] < end:
                continue
            low = clauses.low[slice(*inner.source)]
            is_same = inner.source[0] == first and (stances.is_shared(low) and low[0] not in {"there", "you"})
            if is_same and clauses.quoted[inner.head] == clauses.quoted[frame.head]:
                return inner
    return None


def _said(clauses: Clauses, frame: Frame, stance: Stance) -> Said:
    contents = [place(clauses, span) for span in _merged(clauses, frame.contents)]
    is_relative = frame.source is not None and clauses.low[frame.source[0]] in {"who", "which"}
    before = None
    if is_relative and frame.source is not None and frame.source[0] > 1:
        comma = clauses.word(frame.source[0] - 1) == ","
        before = clauses.subject(frame.source[0] - comma)
    return Said(
        sentence=Sentence(clauses.tokens, clauses.quoted, clauses.paragraph),
        cue=place(clauses, frame.cue),
        source=place(clauses, frame.source) if frame.source else None,
        contents=contents,
        stance=stance,
        lemma=frame.lemma,
        quotation=clauses.quoted[frame.head],
        via=place(clauses, frame.via) if frame.via else None,
        antecedent=place(clauses, before) if before else None,
        sure=_certainty(clauses, frame),
        waits=not contents and frame.side is Side.RIGHT and clauses.word(clauses.size - 1) == ":",
        is_relative=frame.kind == "relative",
        is_quoting=not clauses.quoted[frame.head]
        and any(any(clauses.quoted[start:end]) for start, end in frame.contents),
        last_paragraph=clauses.paragraph,
    )


def _certainty(clauses: Clauses, frame: Frame) -> tuple[Place, str] | None:
    """The first word of certainty in the cue, or early in the content."""
    spans = [frame.cue, *((start, min(end, start + 12)) for start, end in frame.contents[:1])]
    for start, end in spans:
        for at in range(start, min(end, clauses.size)):
            level = stances.CERTAINTY.get(clauses.low[at])
            if level is not None and not (at == frame.head and clauses.low[at] in {"may", "could"}):
                if clauses.low[at] == "could" and at < frame.head:
                    continue  # “could not verify” is no word of certainty
                return (clauses.tokens[at].start, clauses.tokens[at].end), level
    return None


def place(clauses: Clauses, span: Words) -> Place:
    """A stretch of tokens as a stretch of the text."""
    return clauses.tokens[span[0]].start, clauses.tokens[span[1] - 1].end


def _merged(clauses: Clauses, spans: Iterable[Words]) -> list[Words]:
    """Contents in order, without empty ones and without overlaps."""
    merged: list[Words] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end <= clauses.size:
            merged.append((start, end))
    return merged
