"""Which of many texts occur in a long one, found in one walk for all of about one length."""

from __future__ import annotations

from collections.abc import Iterable

_AT_MOST = 32
"""Of longer words only the last signs are looked for first; that keeps what is cut out short."""


def occurring(words: Iterable[str], text: str) -> frozenset[str]:
    """Those of `words` that stand somewhere in `text`; the empty word stands nowhere."""
    by_length: dict[int, list[str]] = {}
    for word in set(words) - {""}:
        by_length.setdefault(_length(word), []).append(word)
    return frozenset(word for length, some in by_length.items() for word in _occurring(some, length, text))


def _length(word: str) -> int:
    """The largest power of two that is no more than the signs of a word."""
    return min(_AT_MOST, 1 << (len(word).bit_length() - 1))


def _occurring(words: list[str], length: int, text: str) -> Iterable[str]:
    """Those of `words`, all of about one length, that stand in the text, which is cut at each `step`-th sign.

    Wherever a word stands, one cut lies in its end: so it is known by the pieces at its last `step` places.
    """
    step = max(1, length // 2)
    size = length - step + 1
    known: dict[str, list[str]] = {}
    for word in words:
        for start in range(len(word) - length, len(word) - length + step):
            known.setdefault(word[start : start + size], []).append(word)
    cut = {piece for place in range(0, len(text), step) if (piece := text[place : place + size]) in known}
    return (word for word in {one for piece in cut for one in known[piece]} if word in text)
