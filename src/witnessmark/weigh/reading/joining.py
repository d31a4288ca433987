"""What a marker found, with what the rules found: one list, in which each cue stands once.

The marker leads. Where both have a cue, it says who speaks and how far the words reach, and the rules say the
stance and who is cited: their tables never turn a refusal into a denial. What only the rules found is
added where the marker saw nothing at all; within the words of somebody whom it has, only a number or a
stance is worth being added for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from witnessmark.model import Stance
from witnessmark.weigh.reading import stance as stances
from witnessmark.weigh.reading.cues import VERBS
from witnessmark.weigh.reading.heard import Place, Said
from witnessmark.weigh.reading.marks import Heard, Marked, Marker
from witnessmark.weigh.reading.numerals import is_number_word
from witnessmark.weigh.reading.said import said
from witnessmark.weigh.reading.sentences import Sentence, sentences, tokens_of
from witnessmark.weigh.reading.verbs import controlled

_TELLING = 60
_RELATIVES = frozenset({"who", "which", "that", "whose"})


def joined(text: str, marker: Marker, *, with_rules: bool = True) -> Iterator[Heard]:
    """The sentences of a text, each with what is said in it, by the rules and by a marker."""
    read = list(said(text)) if with_rules else [(sentence, []) for sentence in sentences(text)]
    marks = list(marker.mark(text, read if with_rules else None))  # all, before what it has seen is changed
    starts = [sentence.start for sentence, _ in read]
    led: set[int] = set()
    ruled: list[tuple[Said, list[Place]]] = []
    for mark in (mark for mark in marks if mark.content):
        sentence, found = read[max(0, bisect_right(starts, mark.cue[0]) - 1)]
        one = next((one for one in found if _overlap(one.cue, mark.cue)), None)
        if one is None:
            one = _said(text, sentence, mark)
            found.append(one)
        else:
            ruled.append((one, one.contents))
            one.source = _voice(text, one.source, mark.source)
        one.contents = list(mark.content)
        led.add(id(one))
    seen = _Stretches(place for _, found in read for one in found if id(one) in led for place in one.contents)
    for one, before in ruled:
        one.contents = _merged([*one.contents, *_lost(one, before, seen)])
    for sentence, found in read:
        yield sentence, [one for one in found if id(one) in led or _adds(one, seen)]


def _voice(text: str, ruled: Place | None, marked: Place | None) -> Place | None:
    """Who speaks: whom the marker says, unless that is only a part of whom the rules say.

    “Residents reached by telephone said”, “the company, which had called it illegal, said”: what stands
    between a subject and its verb is the subject's.
    """
    if ruled is None or marked is None:
        return marked or ruled
    if ruled[0] <= marked[0] and marked[1] <= ruled[1]:
        return ruled
    is_attached = ruled[1] <= marked[0] and "," not in text[ruled[1] : marked[0]]
    is_relative = _RELATIVES.issuperset(text[slice(*marked)].lower().split(maxsplit=1)[:1])
    return ruled if is_relative or is_attached else marked


def _merged(places: Iterable[Place]) -> list[Place]:
    """Places in order, those that overlap made one."""
    merged: list[Place] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class _Stretches:
    """Places of a text, to ask whether one of them is touched."""

    def __init__(self, places: Iterable[Place]) -> None:
        merged = _merged(places)
        self._starts = [start for start, _ in merged]
        self._ends = [end for _, end in merged]

    def touch(self, place: Place) -> bool:
        """Whether any of them has a character in common with `place`."""
        at = bisect_right(self._ends, place[0])
        return at < len(self._starts) and self._starts[at] < place[1]


def _adds(one: Said, seen: _Stretches) -> bool:
    """Whether what only the rules found says something that would be missed without it."""
    if one.stance not in {Stance.ASSERTS, Stance.REPORTS} or _has_number(one):
        return True
    return one.source is not None and not any(seen.touch(place) for place in (one.cue, *one.contents))


def _has_number(one: Said) -> bool:
    return any(_numbers(one, place) for place in one.contents)


def _numbers(one: Said, place: Place) -> list[Place]:
    """Where numbers stand in a place of the sentence in which something was said."""
    return [
        (token.start, token.end)
        for token in one.sentence.tokens
        if place[0] <= token.start and token.end <= place[1] and is_number_word(token.low)
    ]


def _lost(one: Said, before: Sequence[Place], seen: _Stretches) -> list[Place]:
    """What the rules gave to a voice and the marker to nobody, if a number would lose its voice with it."""
    return [place for place in before if any(not seen.touch(number) for number in _numbers(one, place))]


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _said(text: str, sentence: Sentence, mark: Marked) -> Said:
    """What was said where only the marker found a cue."""
    inside = [
        number
        for token, number in zip(sentence.tokens, sentence.quoted, strict=True)
        if token.start >= mark.cue[0]
    ]
    return Said(
        sentence=sentence,
        cue=mark.cue,
        source=mark.source,
        contents=list(mark.content),
        stance=mark.stance or stance_of(text, mark),
        lemma="",
        quotation=inside[0] if inside else 0,
    )


def stance_of(text: str, mark: Marked) -> Stance:
    """The stance that the words of a mark show, by the same tables as everywhere."""
    cue = [token.low for token in tokens_of(text, *mark.cue)]
    source = [token.low for token in tokens_of(text, *mark.source)] if mark.source else []
    content = [token.low for place in mark.content for token in tokens_of(text, *place)][:_TELLING]
    head = next((at for at in range(len(cue) - 1, -1, -1) if cue[at] in VERBS), None)
    if head is None:
        return stances.of_words("", " ".join(content)) or Stance.ASSERTS
    verb = VERBS[cue[head]]
    stance = _refused(cue, head) or stances.of_cue(verb.stance, verb.lemma, cue[:head], source, content)
    if stance is not Stance.ASSERTS:
        return stance
    return stances.of_words(verb.lemma, " ".join(content)) or stance


def _refused(cue: Sequence[str], head: int) -> Stance | None:
    """“declined to say”, “was unable to verify”."""
    if "to" not in cue[:head]:
        return None
    control = cue[cue.index("to") - 1]
    stance = controlled(control, VERBS[cue[head]])
    return None if stance is Stance.ASSERTS else stance
