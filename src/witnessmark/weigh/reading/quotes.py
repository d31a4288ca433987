"""Quotations: which words stand between marks, over paragraphs too.

A quotation that is not closed before the end of a paragraph goes on if the next one opens with a
mark again, as papers set long quotations; otherwise it ends with its paragraph. A mark that cannot
be paired therefore spoils one paragraph at most.
"""

from __future__ import annotations

LONGEST = 20_000
"""Code points after which a quotation that was never closed is given up."""

_NEAR_BY = 300
_OPENERS = {"“": "”", "«": "»", "„": "”“", "‟": "”", "‹": "›", "「": "」", "『": "』"}
_STRAIGHT = '"'
_TYPED = {"''": "''", "``": "''"}
_MARKS = frozenset(_OPENERS) | {_STRAIGHT, "'", "`"}


class Quotes:
    """A reader's memory of the marks seen so far; feed it every token from left to right."""

    def __init__(self) -> None:
        self.has_begun = False
        self._count = 0
        self._closers = ""
        self._opened_at = 0
        self._goes_on = False

    @property
    def is_open(self) -> bool:
        """Whether the last token stands within a quotation that goes on."""
        return bool(self._closers)

    def new_paragraph(self, first: str) -> None:
        """A paragraph begins with the token `first`."""
        self.has_begun = True
        self._goes_on = bool(self._closers) and first[0] in _MARKS
        self._closers = ""

    def take(self, text: str, sign: str, start: int, end: int) -> int:
        """The number of the quotation that this token stands in, marks included; 0 for none."""
        if self._closers:
            return self._inside(text, sign, start, end)
        if sign in _OPENERS:
            return self._open(_OPENERS[sign], start)
        if sign == _STRAIGHT:
            return self._open(_STRAIGHT, start)
        if sign in _TYPED:
            return self._open(_TYPED[sign], start)
        if sign in {"‘", "'"} and _opens_single(text, start, end):
            return self._open("’" if sign == "‘" else "'", start)
        return 0

    def _open(self, closers: str, start: int) -> int:
        self._count += not self._goes_on
        self._goes_on = False
        self._closers, self._opened_at = closers, start
        return self._count

    def _inside(self, text: str, token: str, start: int, end: int) -> int:
        if (
            self._is_closed_by(token) and (token not in {"’", "'"} or _closes_single(text, end))
        ) or start - self._opened_at > LONGEST:
            self._closers = ""
        return self._count

    def _is_closed_by(self, token: str) -> bool:
        return token == self._closers or (
            len(token) == 1 and len(self._closers) == 2 and token in self._closers
        )


def _opens_single(text: str, start: int, end: int) -> bool:
    """Whether a single mark opens a quotation: at the start of a word, and closed again near by."""
    if start and not text[start - 1].isspace() and text[start - 1] not in "([—–":
        return False
    if end >= len(text) or text[end].isspace():
        return False
    closer = "’" if text[start] == "‘" else "'"
    at = text.find(closer, end, end + _NEAR_BY)
    while at != -1:
        if _closes_single(text, at + 1):
            return "\n\n" not in text[end:at]
        at = text.find(closer, at + 1, end + _NEAR_BY)
    return False


def _closes_single(text: str, end: int) -> bool:
    """Whether a single mark that ends at `end` is not the apostrophe of a word."""
    return end >= len(text) or not text[end].isalnum()
