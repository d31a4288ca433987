"""Remembering: what one thread was told while it drew one page is not asked of the database once more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Memory(threading.local):
    """What this thread was told since it began to remember, by question; None while it does not."""

    told: dict[object, Any] | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Begin with nothing, and remember until the end of the block."""
        with self._being({}):
            yield

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Remember nothing meanwhile, and forget what was told before: it is about to change."""
        with self._being(None):
            yield
        if self.told is not None:
            self.told.clear()

    @contextmanager
    def _being(self, told: dict[object, Any] | None) -> Iterator[None]:
        before, self.told = self.told, told
        try:
            yield
        finally:
            self.told = before


class Remembers(Protocol):
    """Whoever is asked, and may remember what they said."""

    memory: Memory


S = TypeVar("S", bound=Remembers)


def remembered(ask: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A question that is asked once while its thread remembers."""

    @wraps(ask)
    def answer(self: S, /, *asked: P.args, **named: P.kwargs) -> T:
        told = self.memory.told
        if told is None:
            return ask(self, *asked, **named)
        question = (ask.__name__, asked, *named.items())
        if question not in told:
            told[question] = ask(self, *asked, **named)
        known: T = told[question]
        return known

    return answer
