"""References: what a sentence of the brief may rest on, found by the words or the number that it has.

What all exhibits and records say is laid out in a database that lies where nobody else sees it, and is gone
with the process. It follows the log, so that a case is read whole only once, and is made anew after an
erasure. Parts of words are found as well: three signs in a row are what is looked up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from witnessmark.desk.browsing import bears
from witnessmark.desk.editions import KINDS, SHOWN, name_of
from witnessmark.model import (
    Assessment,
    Claim,
    Counting,
    Digest,
    Erasure,
    Estimate,
    Finding,
    Hypothesis,
    Match,
    Observation,
    Statement,
)
from witnessmark.model.wire import Noun
from witnessmark.ports import Case, Sieve

REFERENCES = ("exhibit", *KINDS)
"""The kinds of what a sentence can rest on, in the order in which they are found."""
MOST_CANDIDATES = 40
_AT_ONCE = 2_000
_LOOKED_UP = 3
_STEP = 1 << 40
"""How far apart the numbers begin that are given to two kinds."""
_SCHEMA = """
CREATE TABLE held (
    number INTEGER PRIMARY KEY, digest TEXT UNIQUE, kind TEXT, name TEXT, says TEXT, told TEXT
);
CREATE VIRTUAL TABLE sought USING fts5 (
    told, content = "held", content_rowid = "number", tokenize = "trigram case_sensitive 1"
);
"""
_COLUMNS = "SELECT held.name, held.kind, held.says, held.digest FROM"
Number = Callable[[Digest], str | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a sentence may rest on: the name that stands in braces, and what it is in words."""

    name: str
    kind: str
    says: str
    digest: Digest


class References:
    """Everything that a sentence may rest on in one case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._size = 0
        self._given = 0

    def find(self, words: str, kind: str = "") -> list[Candidate]:
        """What has all of `words` in what it says or in its name: the first few, of one kind if wished."""
        wanted = words.encode("utf-8", "replace").decode().casefold().split()
        looked_up = [one for one in wanted if len(one) >= _LOOKED_UP and "\0" not in one]
        first = REFERENCES.index(kind) if kind else 0
        last = first if kind else len(REFERENCES) - 1
        table = "sought JOIN held ON held.number = sought.rowid" if looked_up else "held"
        number = "sought.rowid" if looked_up else "held.number"
        conditions = [f"{number} BETWEEN ? AND ?", *("instr(held.told, ?)" for _ in wanted)]
        given: list[Any] = [first * _STEP, (last + 1) * _STEP - 1, *wanted]
        if looked_up:
            conditions.append("sought MATCH ?")
            given.append(" ".join('"' + one.replace('"', '""') + '"' for one in looked_up))
        query = f"{_COLUMNS} {table} WHERE {' AND '.join(conditions)} ORDER BY {number} LIMIT ?"
        with self._lock:
            found = self._read_on().execute(query, (*given, MOST_CANDIDATES)).fetchall()
        return [Candidate(name, what, says, Digest(digest)) for name, what, says, digest in found]

    def close(self) -> None:
        """Put it away."""
        with self._lock:
            self._begin_anew()

    # --- inner

    def _begin_anew(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._size, self._given = None, 0, 0

    def _read_on(self) -> sqlite3.Connection:
        """The database with all that is on record now."""
        size = self._case.head().size
        known = self._connection
        if known is not None and size != self._size and not self._followed(known, size):
            self._begin_anew()
        if self._connection is None:
            made = sqlite3.connect("", check_same_thread=False)
            made.executescript(_SCHEMA)
            self._write(made, _every(self._case))
            self._connection = made  # with everything in it, or not at all
        self._size = size
        return self._connection

    def _followed(self, connection: sqlite3.Connection, size: int) -> bool:
        """Read what was entered since; False if something was erased."""
        for start in range(self._size, size, _AT_ONCE):
            acts = [act for _, act in self._case.actions_of(start, min(size, start + _AT_ONCE))]
            telling = [act for act in acts if bears(act.type)]
            made = [name for act in telling for name in act.generated]
            nouns = [(one, self._case.noun(one)) for one in made if self._case.entry_of(one) is not None]
            if any(isinstance(noun, Erasure) for _, noun in nouns):
                return False
            used = frozenset(one for act in telling for one in act.used)
            self._write(connection, _exhibits(self._case, Sieve(among=used)))
            self._write(connection, _told(nouns, self._case.exhibit_of))
        return True

    def _write(self, connection: sqlite3.Connection, candidates: Iterable[Candidate]) -> None:
        """Add what is not there yet."""
        with connection:
            for one in candidates:
                self._given += 1
                number = REFERENCES.index(one.kind) * _STEP + self._given
                told = f"{one.name} {one.says}".casefold()
                row = (number, one.digest, one.kind, one.name, one.says, told)
                is_new = connection.execute("INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, ?)", row)
                if is_new.rowcount:
                    connection.execute("INSERT INTO sought (rowid, told) VALUES (?, ?)", (number, told))


def said_of(case: Case, digest: Digest) -> Candidate:
    """What a name in braces stands for, in words."""
    number = case.exhibit_of(digest)
    if number is not None:
        return Candidate(number, "exhibit", case.item(digest).original.media_type, digest)
    noun = case.noun(digest) if case.entry_of(digest) is not None else None
    name = name_of(case, digest)
    return Candidate(
        name, name.partition(" ")[0], "" if noun is None else _says(noun, case.exhibit_of), digest
    )


def exhibit_behind(case: Case, digest: Digest) -> str | None:
    """The exhibit that a record is about or stands in, by its number."""
    noun = case.noun(digest) if case.entry_of(digest) is not None else None
    match noun:
        case Finding(about=about) | Observation(about=about):
            return case.exhibit_of(about)
        case Match(candidate=about):
            return case.exhibit_of(about)
        case Counting(about=about):
            return exhibit_behind(case, about) or case.exhibit_of(about)
    return None


def _every(case: Case) -> Iterator[Candidate]:
    yield from _exhibits(case, Sieve())
    numbers = {digest: number for number, digest in case.exhibits()}
    for kind in KINDS.values():
        yield from _told(case.find(kind), numbers.get)


def _exhibits(case: Case, sieve: Sieve) -> Iterator[Candidate]:
    start = 0
    while some := case.sift(sieve, start, _AT_ONCE):
        yield from (Candidate(one.exhibit, "exhibit", one.media_type, one.digest) for one in some)
        start = some[-1].place + 1


def _told(nouns: Iterable[tuple[Digest, Noun]], number: Number) -> Iterator[Candidate]:
    """Those of some records that a sentence may rest on."""
    for digest, noun in nouns:
        kind = next((word for word, one in KINDS.items() if isinstance(noun, one)), None)
        if kind is not None:
            yield Candidate(f"{kind} {digest.hex[:SHOWN]}", kind, _says(noun, number), digest)


def _says(noun: Noun, number: Number) -> str:
    say = _SAYS.get(type(noun))
    return say(noun, lambda digest: number(digest) or "") if say is not None else ""


_SAYS: Mapping[type, Callable[[Any, Callable[[Digest], str]], str]] = {
    Claim: lambda one, _: str(one.text),
    Hypothesis: lambda one, _: str(one.text),
    Statement: lambda one, number: f"{one.speaker}: “{one.appearance.quote}” {number(one.appearance.digest)}",
    Finding: lambda one, number: f"{one.property}, {number(one.about)}",
    Match: lambda one, number: f"{number(one.query)} – {number(one.candidate)}",
    Observation: lambda one, number: (
        f"{one.purpose.value}: {one.text or one.amount or ''}, {number(one.about)}"
    ),
    Counting: lambda one, _: f"{one.manner.value}: {one.reason}",
    Estimate: lambda one, _: f"{one.of}: {'; '.join(one.reasons) if one.amount is None else one.amount}",
    Assessment: lambda one, _: f"{one.status.value} ({one.author.name}): {one.reasons}",
}
