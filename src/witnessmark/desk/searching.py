"""Searching: the words of a case's readable texts, titles and notes, ready to be asked in any language.

The index is SQLite's FTS5 in one file of the case's folder, beside the other indexes. It is no evidence and
holds nothing that the case does not hold. It follows the log, and is made anew after an erasure, if it is
damaged, or if its log is not the one at hand (another case, or one that was rolled back). Words are
compared without letter case, vowel signs and the forms of letters that writers exchange; Arabic without its
article and the particles that are written together with it (light stemming after Larkey, Ballesteros and
Connell 2002). Scripts that do not part their words are compared sign by sign.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.desk.browsing import bears
from witnessmark.desk.texts import READABLE, text_by
from witnessmark.errors import UsageError
from witnessmark.model import Digest, Erasure, Finding, Observation
from witnessmark.ports import Case
from witnessmark.preserve.checkpoint import root_at

LONGEST = 200
"""How many signs a question has at most."""
_STEP, _MOST_KEPT = 200, 200
_FORM = "2"
"""Changes when exhibits are written into the index in another way."""
_SAME_LETTER = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None, "ß": "ss", "ı": "i"})
_UNPARTED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_ARTICLE = re.compile(r"\b(?:[وف]?[بك]?ال|[وف]?لل)(?=[ء-ي]{3})")
_ASKED = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_ALONE = "PRAGMA secure_delete = ON; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;"
_SCHEMA = """
CREATE TABLE known (place INTEGER PRIMARY KEY, digest TEXT UNIQUE, title TEXT);
CREATE TABLE reach (form TEXT, origin TEXT, began INTEGER, entries INTEGER, root BLOB);
CREATE VIRTUAL TABLE words USING fts5 (said, tokenize = "unicode61 remove_diacritics 0");
"""


@dataclass(frozen=True, slots=True)
class Hits:
    """The exhibits in which words were found, how many were looked into, and whether those were all."""

    digests: frozenset[Digest]
    looked: int
    is_whole: bool


def plain_words(text: str) -> str:
    """A text as it is compared: one letter for each sound, no signs above or below, digits as 0 to 9."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign)).translate(_SAME_LETTER)
    digits = "".join(_digit(sign) for sign in bare)
    return _ARTICLE.sub("", _UNPARTED.sub(r" \1 ", digits))


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() and not sign.isascii() else sign


def asked_of_index(question: str) -> str:
    """The question in the words of FTS5: all words, "these in a row", the beginning of a word*, -without."""
    if len(question) > LONGEST:
        raise UsageError(f"a search has at most {LONGEST} signs")
    wanted: list[str] = []
    unwanted: list[str] = []
    for without, row, word in _ASKED.findall(question):
        is_beginning = word.endswith("*") and not row
        tokens = re.findall(r"\w+", plain_words(row or word))
        if tokens:
            phrase = '"' + " ".join(tokens) + '"' + (" *" if is_beginning else "")
            (unwanted if without else wanted).append(phrase)
    if not wanted:
        raise UsageError("there are no words to look for", advice="write at least one word to be found")
    return " AND ".join(wanted) + "".join(f" NOT {one}" for one in unwanted)


def _own(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0.2, check_same_thread=False)


class Words:
    """The words of one case. `refresh` reads on; asking finds what was read until then.

    The file is one process's at a time. Without a path, where none can be written, or while another process
    has it, the index lies where nobody else sees it, and only for now.
    """

    def __init__(self, case: Case, path: Path | None) -> None:
        self._case, self._path = case, path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._unread: list[Digest] | None = None
        self._asked: dict[str, Hits] = {}
        self.version = 0  # grows whenever more was read

    def find(self, question: str) -> Hits:
        """The exhibits whose text, title or notes have the words; UsageError if none are asked for."""
        wanted = asked_of_index(question)
        with self._lock:
            kept = self._asked.get(wanted)
            if kept is not None:
                return kept
            connection = self._open()
            query = "SELECT digest FROM words JOIN known ON place = words.rowid WHERE words MATCH ?"
            found = frozenset(Digest(name) for (name,) in connection.execute(query, (wanted,)))
            (looked,) = connection.execute("SELECT max(place) FROM known").fetchone()
            (entries,) = connection.execute("SELECT entries FROM reach").fetchone()
            if len(self._asked) >= _MOST_KEPT:
                self._asked.clear()
            self._asked[wanted] = Hits(found, looked or 0, entries > 0)
            return self._asked[wanted]

    def titles(self, digests: Sequence[Digest]) -> Mapping[Digest, str | None]:
        """The titles of those exhibits that were read, None for those without one."""
        marks = ", ".join("?" * len(digests))
        query = f"SELECT digest, title FROM known WHERE digest IN ({marks})"  # noqa: S608 - marks alone
        with self._lock:
            return {Digest(name): title for name, title in self._open().execute(query, digests)}

    def refresh(self, *, is_asked: bool = False) -> bool:
        """Read some more of what was not read yet; whether there is nothing left to read.

        Who was asked and has somebody waiting reads what is new, and leaves a whole case to others.
        """
        size = self._case.head().size
        with self._lock:
            connection = self._open()
            began, entries = connection.execute("SELECT began, entries FROM reach").fetchone()
            if entries == size or (is_asked and entries == 0):
                return bool(entries == size)
            self._asked.clear()
            self.version += 1
            if self._erased(entries or began or size, size):
                self._make_anew()
                return False
            if entries == 0:
                began, entries = began or size, self._read_on(connection) and (began or size)
            else:
                first, entries = entries, min(size, entries + _STEP)
                for digest in dict.fromkeys(self._spoken_of(first, entries)):
                    self._write(connection, digest)
            root = root_at(self._case, max(began, int(entries)))
            connection.execute(
                "UPDATE reach SET began = ?, entries = ?, root = ?", (began, int(entries), root)
            )
            connection.commit()
            return bool(entries == size)

    def close(self) -> None:
        """Put the index away."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- inner

    def _open(self) -> sqlite3.Connection:
        """The index: the one that lies there if it is of this very log and sound, else an empty one."""
        if self._connection is None:
            try:
                self._connection = self._found() or self._made()
            except (sqlite3.Error, OSError):  # no file can be had there: one that goes with this process
                self._path = None
                self._connection = self._made()
        return self._connection

    def _found(self) -> sqlite3.Connection | None:
        """What lies there, for this process alone; sqlite3.OperationalError if another one has it."""
        if self._path is None or not self._path.is_file():
            return None
        connection = _own(self._path)
        try:
            if self._is_ours(connection):
                return connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
                connection.close()
                raise
        connection.close()
        return None

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether an index is undamaged, of this form, and of the log at hand as far as it was read."""
        connection.executescript(_ALONE)
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        is_sound = connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        ((form, origin, began, entries, root),) = connection.execute("SELECT * FROM reach").fetchall() or [
            ("", "", 0, 0, b"")
        ]
        if not is_sound or (form, origin) != (_FORM, self._case.origin()[0]):
            return False
        connection.commit()
        reached = max(began, entries)
        return bool(reached <= self._case.head().size and root == root_at(self._case, reached))

    def _made(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(exist_ok=True)
            for path in self._path.parent.glob(f"{self._path.name}*"):  # with its journal
                path.unlink(missing_ok=True)
        connection = _own(self._path or "")
        connection.executescript(_ALONE + _SCHEMA)
        reach = (_FORM, self._case.origin()[0], 0, 0, root_at(self._case, 0))
        connection.execute("INSERT INTO reach VALUES (?, ?, ?, ?, ?)", reach)
        connection.commit()
        return connection

    def _make_anew(self) -> None:
        """Something was erased: nothing of it may be found, or lie on the disk."""
        assert self._connection is not None  # noqa: S101 - for the type checker
        self._connection.close()
        self._unread = None
        self._connection = self._made()

    def _read_on(self, connection: sqlite3.Connection) -> bool:
        """Read some of the exhibits that were never read; whether they were the last."""
        if self._unread is None:
            read = {name for (name,) in connection.execute("SELECT digest FROM known")}
            self._unread = [digest for _, digest in self._case.exhibits() if digest not in read]
        for digest in self._unread[-_STEP:]:
            self._write(connection, digest)
        del self._unread[-_STEP:]
        if self._unread:
            return False
        self._unread = None
        return True

    def _spoken_of(self, entries: int, size: int) -> Iterator[Digest]:
        for index in range(entries, size):
            act = self._case.action(index)
            if bears(act.type):
                yield from (one for one in act.used if self._case.exhibit_of(one) is not None)
                for record in act.generated:
                    noun = self._case.noun(record) if self._case.entry_of(record) is not None else None
                    if isinstance(noun, Finding | Observation):
                        yield noun.about

    def _erased(self, entries: int, size: int) -> bool:
        """Whether something was erased since the log had so many entries."""
        return any(
            (self._case.entry_of(name) or 0) in range(entries, size) for name, _ in self._case.find(Erasure)
        )

    def _write(self, connection: sqlite3.Connection, digest: Digest) -> None:
        findings = [one for _, one in self._case.find(Finding, digest)]
        titles = [one.value.get("title") for one in findings if one.property == READABLE]
        title = next((one for one in titles if isinstance(one, str)), None)
        upsert = "INSERT INTO known (digest, title) VALUES (?, ?) ON CONFLICT DO UPDATE SET title = ?"
        connection.execute(upsert, (digest, title, title))
        (place,) = connection.execute("SELECT place FROM known WHERE digest = ?", (digest,)).fetchone()
        connection.execute("DELETE FROM words WHERE rowid = ?", (place,))
        notes = [one.text for _, one in self._case.find(Observation, digest) if one.text]
        text = text_by(self._case, findings)
        said = "\n".join([title or "", *notes, "" if text is None else text.content])
        connection.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (place, plain_words(said)))
