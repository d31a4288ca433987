"""Sentences of a text, with every word at its place.

Offsets are code points into the given text, and `text[token.start:token.end]` is the token, always:
nothing is normalised, stripped or joined. The text is walked once, from left to right, and a
sentence holds at most `MOST_TOKENS`, so that ten megabytes without a full stop cost what ten
megabytes cost and no more.

A direct quotation is not cut at the full stops inside it: who spoke stands behind the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from witnessmark.errors import MalformedError
from witnessmark.weigh.reading.quotes import Quotes

MOST_TOKENS = 400
"""A sentence is cut here at the latest; real ones, with a long quotation in them, rarely have 200."""

_TOKEN = re.compile(
    r"""
      (?P<gap>\s+)
    | (?:(?:[^\W\d_]\.){2,}|[A-Z]\.[A-Z](?!\w))(?:[-\u2010][^\W\d_]+)*   # U.S.  U.S.-led  U.S
    | (?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Maj|Capt|Sen|Rep|Gov|St|Jr|Sr|Prof|Rev|Hon|No|vs|Inc|Corp|Co|Adm
        |Brig|Cmdr|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|approx|ca)\.(?=\s)
    | \d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?(?![^\W\d_])     # 1,400  10:30  4th
    | https?://[^\s"“”<>]{1,2000}
    | [@\#]\w{1,200}
    | n['’]t\b | ['’](?:s|re|ve|ll|d|m)\b
    | [^\W_]+?(?=n['’]t\b)
    | (?:[^\W_]|[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c\u200d])+
      (?:[-\u2010'’ʼ][^\W_]+)*?(?=['’](?:s|re|ve|ll|d|m)\b|n['’]t\b)
    | (?:[^\W_]|[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c\u200d])+(?:[-\u2010ʼ][^\W_]+
        |['’](?!s\b)(?=[^\W\d_])[^\W_]+)*
    | \.\.\.+ | --+ | '' | `` | \S
    """,
    re.VERBOSE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_STOPS = frozenset({".", "?", "!", "…", "...", "؟", "۔", "。"})
_CLOSERS = frozenset("”\"’'»)]")
_DASHES = frozenset({"-", "–", "—", "--"})
_LONGEST_DATELINE = 14
_FULL_LINE = 50
"""A line shorter than this was broken on purpose; a longer one may be a paragraph that was wrapped."""


class Token(NamedTuple):
    """A word or a sign: as written, in lower case, and where it stands."""

    text: str
    low: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of one sentence; `quoted[i]` is the number of the quotation that token i stands in, or 0.

    `paragraph` counts from 0. The marks of a quotation belong to it.
    """

    tokens: Sequence[Token]
    quoted: Sequence[int]
    paragraph: int

    @property
    def start(self) -> int:
        """Where the first token begins."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where the last token ends."""
        return self.tokens[-1].end


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of `text` from left to right; MalformedError if it holds half characters."""
    broken = _SURROGATE.search(text)
    if broken is not None:
        raise MalformedError(
            f"character {broken.start()} of the text is half of one: it was decoded with the wrong encoding"
        )
    paragraph, quotes = 0, Quotes()
    tokens: list[Token] = []
    quoted: list[int] = []
    for token, is_first in _tokens(text):
        if tokens and (is_first or _ends(tokens, token, quotes)):
            yield Sentence(tokens, quoted, paragraph)
            tokens, quoted = [], []
        if is_first:
            paragraph += bool(tokens or quotes.has_begun)
            quotes.new_paragraph(token.text)
        quoted.append(quotes.take(text, token.text, token.start, token.end))
        tokens.append(token)
    if tokens:
        yield Sentence(tokens, quoted, paragraph)


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a stretch of `text`."""
    stop = len(text) if end is None else end
    return [
        Token(match[0], match[0].lower(), match.start(), match.end())
        for match in _TOKEN.finditer(text, start, stop)
        if match.lastgroup != "gap"
    ]


def _tokens(text: str) -> Iterator[tuple[Token, bool]]:
    """Every token, and whether a paragraph begins with it."""
    is_first, line_start, last = True, 0, ""
    for match in _TOKEN.finditer(text):
        word = match[0]
        if match.lastgroup == "gap":
            if "\n" in word or "\u2029" in word or "\r" in word:
                is_first = _parts(word, last, match.start() - line_start)
                line_start = match.end()
            continue
        yield Token(word, word.lower(), match.start(), match.end()), is_first
        is_first, last = False, word


def _parts(gap: str, last: str, length: int) -> bool:
    """Whether a gap with a line break parts two paragraphs, or is a place where a line was wrapped."""
    is_blank = gap.count("\n") > 1 or gap.count("\r") > max(1, gap.count("\n")) or "\u2029" in gap
    return is_blank or length < _FULL_LINE or last in _STOPS or last in _CLOSERS


def _is_dateline(tokens: Sequence[Token]) -> bool:
    """Whether what stands before a dash is a town in capitals, with the day: no words of the story."""
    first = tokens[0].text
    if len(tokens) > _LONGEST_DATELINE or len(first) < 3 or not first.isupper():
        return False
    return all(not token.text[0].isalpha() or token.text[0].isupper() for token in tokens)


def _ends(tokens: Sequence[Token], token: Token, quotes: Quotes) -> bool:
    """Whether a sentence ends before `token`."""
    if len(tokens) >= MOST_TOKENS:
        return True
    if quotes.is_open or token.start == tokens[-1].end:
        return False
    if tokens[-1].text in _DASHES and _is_dateline(tokens):
        return True
    at = len(tokens) - 1
    while at > 0 and tokens[at].text in _CLOSERS:
        at -= 1
    mark = tokens[at].text
    if mark not in _STOPS:
        return False
    return not token.text[0].islower()  # “Never!” he said
