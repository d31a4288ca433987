"""Words that somebody else reports to stand in a text: their places, or why they are refused.

A language model may invent, mend and mix up. So nothing of its answer is taken but what stands in the text,
sign for sign, where it is said to stand: the cue in the sentence with the given number, whole words, the
source and the content beside it. Only quotation marks, dashes and spaces may be set otherwise, one sign for
one sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from witnessmark.errors import MalformedError
from witnessmark.weigh.reading.marks import Marked
from witnessmark.weigh.reading.sentences import Sentence

Place = tuple[int, int]

_SETTING = str.maketrans("“”„‟«»‘’‚‛`–—‑−\u00a0\u202f\u2009\n\r\t", '""""""\'\'\'\'\'----      ')
_LONGEST = 4000
_PIECES = 8
_SENTENCES_AROUND = 2


@dataclass(frozen=True, slots=True)
class Reported:
    """Who says what, as it was reported: the number of the sentence of the cue, and words."""

    sentence: int
    source: str | None
    cue: str
    content: Sequence[str]


class Verbatim:
    """A text with its sentences, in which reported words are looked up."""

    def __init__(self, text: str, sentences: Sequence[Sentence]) -> None:
        self._text = text.translate(_SETTING)
        self._sentences = sentences

    def placed(self, one: Reported) -> Marked:
        """The places of what was reported; MalformedError with the reason if it does not stand there."""
        if not 0 <= one.sentence < len(self._sentences):
            raise MalformedError(f"there is no sentence {one.sentence}")
        if not 0 < len(one.content) <= _PIECES:
            raise MalformedError(f"{len(one.content)} pieces of content")
        sentence = self._sentences[one.sentence]
        around = self._around(one.sentence)
        content = tuple(self._only(words, around, near=sentence.start) for words in one.content)
        following = self._sentences[min(one.sentence + 1, len(self._sentences) - 1)]
        if not any(start < following.end and sentence.start < end for start, end in content):
            raise MalformedError(f"{one.content[0][:40]!r} stands apart from {one.cue[:40]!r}")
        cue = self._only(one.cue, (sentence.start, sentence.end), near=content[0][0], beside=content)
        if one.source is None:
            return Marked(None, cue, tuple(sorted(content)))
        source = self._only(one.source, around, near=cue[0], beside=(cue, *content))
        return Marked(source, cue, tuple(sorted(content)))

    def _around(self, number: int) -> Place:
        """The sentences near a sentence in its paragraph and the next."""
        here = self._sentences[number].paragraph
        near = [
            self._sentences[at]
            for at in range(number - _SENTENCES_AROUND, number + _SENTENCES_AROUND + 1)
            if 0 <= at < len(self._sentences) and abs(self._sentences[at].paragraph - here) <= 1
        ]
        return near[0].start, near[-1].end

    def _only(self, words: str, within: Place, *, near: int, beside: Sequence[Place] = ()) -> Place:
        """Where words stand: of several places the nearest one that does not lie over others."""
        plain = words.translate(_SETTING)
        if not any(sign.isalnum() or sign == ":" for sign in plain) or len(plain) > _LONGEST:
            raise MalformedError(f"{words[:40]!r} are no words of a text")
        found = [
            place
            for place in self._everywhere(plain, within)
            if not any(place[0] < end and start < place[1] for start, end in beside)
        ]
        if not found:
            raise MalformedError(f"{words[:40]!r} does not stand there")
        return min(found, key=lambda place: abs(place[0] - near))

    def _everywhere(self, words: str, within: Place) -> Iterator[Place]:
        at = self._text.find(words, *within)
        while at != -1:
            end = at + len(words)
            if self._is_border(at) and self._is_border(end) and words == words.strip():
                yield at, end
            at = self._text.find(words, at + 1, within[1])

    def _is_border(self, at: int) -> bool:
        """Whether no word goes on over this place."""
        around = self._text[max(0, at - 1) : at + 1]
        return not (0 < at < len(self._text) and all(sign.isalnum() for sign in around))
