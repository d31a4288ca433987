"""What a marker found, beside what the rules found: one list, in which each cue stands once.

Where both have a cue, the marker says who speaks and how far the words reach, and the rules say the stance
and who is cited: their tables never turn a refusal into a denial.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from witnessmark.model import Stance
from witnessmark.weigh.reading import stance as stances
from witnessmark.weigh.reading.cues import VERBS
from witnessmark.weigh.reading.heard import Place, Said
from witnessmark.weigh.reading.marks import Marked
from witnessmark.weigh.reading.said import said
from witnessmark.weigh.reading.sentences import Sentence, sentences, tokens_of
from witnessmark.weigh.reading.verbs import controlled

_TELLING = 60


def joined(
    text: str, marks: Iterable[Marked], *, with_rules: bool = True
) -> Iterator[tuple[Sentence, list[Said]]]:
    """The sentences of a text, each with what is said in it, by the rules and by a marker."""
    read = list(said(text)) if with_rules else [(sentence, []) for sentence in sentences(text)]
    starts = [sentence.start for sentence, _ in read]
    for mark in marks:
        at = max(0, bisect_right(starts, mark.cue[0]) - 1)
        sentence, found = read[at]
        ruled = next((one for one in found if _overlap(one.cue, mark.cue)), None)
        if ruled is not None:
            ruled.source = mark.source or ruled.source
            ruled.contents = list(mark.content)
        else:
            found.append(_said(text, sentence, mark))
    yield from read


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
