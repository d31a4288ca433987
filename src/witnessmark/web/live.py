"""Live: who is at the desk now, and what came in since a page was drawn.

Others are told who is there and what kind of page they have open, never which exhibit or claim. Only who
works with the material is told that somebody else has the very same page open.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from witnessmark.desk.news import News, news, on
from witnessmark.errors import UnavailableError
from witnessmark.model import Digest
from witnessmark.ports import Case

LOOK_S = 1.0
"""How often the log is looked at, once for everybody."""
MOST_STREAMS = 100
MOST_EACH = 8
_MOST_NEWS = 10_000


@dataclass(frozen=True, slots=True)
class Here:
    """One page that somebody has open: in which session, under what name, of what kind, and which."""

    session: str
    name: str
    kind: str
    address: str


@dataclass(slots=True)
class Live:
    """What changes while people look; `clock_s` never goes back."""

    case: Case
    clock_s: Callable[[], float]
    is_over: Callable[[], bool] = lambda: False
    _size: int = 0
    _looked_s: float = float("-inf")
    _news: tuple[News, ...] = ()
    _here: dict[int, Here] = field(default_factory=dict)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._size = self.case.head().size

    @property
    def until(self) -> int:
        """How many entries of the log were looked at."""
        return self._size

    @property
    def is_due(self) -> bool:
        """Whether the log is to be looked at again."""
        return self.clock_s() - self._looked_s >= LOOK_S

    def look(self) -> None:
        """Read what was entered since the last look, by whomever, also by the command line."""
        with self._lock:
            if not self.is_due:
                return
            size = self.case.head().size
            if fresh := tuple(news(self.case, self._size, size)):
                self._news = (*self._news, *fresh)[-_MOST_NEWS:]
            self._size, self._looked_s = size, self.clock_s()

    def changed_by(self, since: int, *about: Digest) -> tuple[str, ...]:
        """Who put something on record since an entry of the log, about some things or about anything."""
        known = self._news
        first = bisect_left(known, since, key=lambda one: one.entry)
        return on(known[first:], since, *about)

    def others(self, me: Here) -> tuple[Here, ...]:
        """What other people have open, each kind of page of a person once; the same page before others."""
        found = [one for one in tuple(self._here.values()) if one.name != me.name]
        found.sort(key=lambda one: (one.name, one.address != me.address, one.kind))
        kept = {(one.name, one.kind): one for one in reversed(found)}
        return tuple(sorted(kept.values(), key=lambda one: (one.name, one.kind)))

    @contextmanager
    def entered(self, me: Here) -> Iterator[None]:
        """While it lasts, others are told that somebody is here."""
        with self._lock:
            mine = sum(one.session == me.session for one in self._here.values())
            if mine >= MOST_EACH or len(self._here) >= MOST_STREAMS:
                raise UnavailableError("too many pages are open", advice="close some of them")
            self._next += 1
            ticket = self._next
            self._here[ticket] = me
        try:
            yield
        finally:
            with self._lock:
                del self._here[ticket]
