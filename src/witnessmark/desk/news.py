"""News: what came in since somebody looked, by whom, and whether it bears on what they look at.

Who looked at what is no news, here or anywhere: entries of that kind are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from witnessmark.desk.browsing import bears
from witnessmark.model import Action, Digest
from witnessmark.ports import Case

_SAID = ("comment.", "assignment.")


@dataclass(frozen=True, slots=True)
class News:
    """One entry of the log by which something changed: by whom, and which things and records it touched."""

    entry: int
    by: str
    touched: frozenset[Digest]


def news(case: Case, start: int, stop: int) -> Iterator[News]:
    """What changed from one entry of the log up to another."""
    for index in range(start, stop):
        action = case.action(index)
        if bears(action.type) or action.type.startswith(_SAID):
            yield News(index, action.performer.name, frozenset(_touched(case, action)))


def on(every: Sequence[News], since: int, *about: Digest) -> tuple[str, ...]:
    """Who changed something since an entry; with things named, only who touched one of them."""
    wanted = frozenset(about)
    found = (one.by for one in every if one.entry >= since and (not wanted or wanted & one.touched))
    return tuple(dict.fromkeys(found))


def _touched(case: Case, action: Action) -> Iterator[Digest]:
    """What an entry used, what it made, and what that is about, an assessment's claim included."""
    yield from action.used
    waiting = list(action.generated)
    seen: set[Digest] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        if len(seen) < _MOST and case.exhibit_of(name) is None and case.entry_of(name) is not None:
            waiting += _named_by(case.noun(name))


_MOST = 200
"""How many things one entry is followed to."""


def _named_by(noun: Any) -> Iterator[Digest]:
    for part in fields(noun):
        value = getattr(noun, part.name)
        yield from (
            one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Digest)
        )
