"""Searches that people keep for themselves: a name and the question in the gallery's address.

They lie beside the keys like accounts. What somebody looks for is nobody else's business: it is no part of
the case, and no entry of its log.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from witnessmark.errors import RefusedError, UsageError
from witnessmark.web.books import read_book, write_book

FILE_NAME = "searches.json"
LONGEST_NAME = 60
MOST_EACH = 50
"""How many searches one person can keep."""


class Searches:
    """The kept searches of everyone at one case, by owner and name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known = _read(path)

    def of(self, owner: str) -> Mapping[str, str]:
        """The questions that somebody kept, by their names in the order of the alphabet."""
        return dict(sorted(self._known.get(owner, {}).items()))

    def keep(self, owner: str, name: str, question: str) -> None:
        """Keep a question under a name; one of the same name is replaced."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise UsageError(f"give the search a name of 1 to {LONGEST_NAME} signs")
        with self._lock:
            mine = {**self._known.get(owner, {}), name: question}
            if len(mine) > MOST_EACH:
                raise RefusedError(f"nobody keeps more than {MOST_EACH} searches", advice="forget one first")
            self._write({**self._known, owner: mine})

    def forget(self, owner: str, name: str) -> None:
        """Keep a search no longer."""
        with self._lock:
            mine = {each: question for each, question in self._known.get(owner, {}).items() if each != name}
            self._write({**self._known, owner: mine})

    def _write(self, known: dict[str, dict[str, str]]) -> None:
        write_book(self._path, known)
        self._known = known


def _read(path: Path) -> dict[str, dict[str, str]]:
    def parse(written: Any) -> dict[str, dict[str, str]]:
        return {
            str(owner): {str(name): str(said) for name, said in mine.items()}
            for owner, mine in written.items()
        }

    read = read_book(
        path, parse, without="kept searches cannot be shown", advice="move it away: searches are lost"
    )
    return read or {}
