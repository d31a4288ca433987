"""Searching: the words of a case's readable texts, titles and notes, ready to be asked in any language.

With them lies by what else exhibits are looked for (see `facets`), and which are one picture.

The index is SQLite's FTS5 in one file of the case's folder, beside the other indexes. It is no evidence and
holds nothing that the case does not hold. It follows the log, and is made anew after an erasure, if it is
damaged, or if its log is not the one at hand (another case, or one that was rolled back). Words are
compared without letter case, vowel signs and the forms of letters that writers exchange; Arabic without its
article and the particles that are written together with it (light stemming after Larkey, Ballesteros and
Connell 2002). Scripts that do not part their words are compared sign by sign.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.desk.browsing import bears
from witnessmark.desk.facets import DATES, Asked, facets_of
from witnessmark.desk.groups import alike
from witnessmark.desk.texts import READABLE
from witnessmark.errors import UsageError
from witnessmark.model import Decision, Digest, Erasure, Finding, Match, Observation, Rating
from witnessmark.model.wire import Noun
from witnessmark.ports import Case, Sieve, Sifted
from witnessmark.preserve.checkpoint import root_at

LONGEST = 200
"""How many signs a question has at most."""
_STEP, _MOST_STEPS = 200, 5
_FORM = "4"
"""Changes when exhibits are written into the index in another way."""
_SAME_LETTER = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None, "ß": "ss", "ı": "i"})
_UNPARTED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_ARTICLE = re.compile(r"\b(?:[وف]?[بك]?ال|[وف]?لل)(?=[ء-ي]{3})")
_ASKED = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_ALONE = (
    "PRAGMA secure_delete = ON; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536;"
    " BEGIN EXCLUSIVE; COMMIT;"
)
_SCHEMA = """
CREATE TABLE known (
    place INTEGER PRIMARY KEY, digest TEXT UNIQUE, title TEXT, language TEXT, level INTEGER, kin TEXT
);
CREATE INDEX known_kin ON known (kin) WHERE kin IS NOT NULL;
CREATE TABLE dated (place INTEGER, kind TEXT, low REAL, high REAL);
CREATE INDEX dated_place ON dated (place);
CREATE INDEX dated_low ON dated (kind, low);
CREATE TABLE spot (place INTEGER, latitude REAL, longitude REAL, radius_m REAL);
CREATE INDEX spot_place ON spot (place);
CREATE TABLE site (place INTEGER, said TEXT);
CREATE INDEX site_place ON site (place);
CREATE TABLE reach (form TEXT, origin TEXT, began INTEGER, entries INTEGER, root BLOB);
CREATE VIRTUAL TABLE words USING fts5 (said, tokenize = "unicode61 remove_diacritics 0");
"""


_AT_ONCE = "json_group_array(known.place), json_group_object(known.place, kin) FILTER (WHERE kin IS NOT NULL)"
_TITLES = "SELECT json_group_object(place, title) FROM known WHERE place IN (SELECT value FROM json_each(?))"
"""In one row: between any two, other threads want to go on, and one of them wakes up in vain."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The exhibits that have what was asked, by the places at which they came in, in order.

    `kin` names the group of those that are one picture with others. How many exhibits were looked into, and
    whether those were all, is told with it.
    """

    places: Sequence[int]
    kin: Mapping[int, str]
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


def _name(text: str) -> str:
    """A name as it is compared: its words between spaces."""
    return " ".join(("", *re.findall(r"\w+", plain_words(text)), ""))


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


def _by_place(written: str) -> dict[int, str]:
    """What SQLite wrote down by places, which JSON has as words."""
    return {int(place): said for place, said in json.loads(written).items()}


def _own(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0.2, check_same_thread=False)


def _through(asked: Asked) -> tuple[str, str, list[object]]:
    """What is joined, which conditions hold and what is given to them; positions are looked at afterwards.

    Words are few beside all exhibits: then the rest is asked of each that has them.
    """
    joined, conditions, given = "", ["1"], list[object]()
    if asked.words:
        joined = "JOIN words ON words.rowid = known.place"
        conditions.append("words MATCH ?")
        given.append(asked_of_index(asked.words))
    for column, wanted in (("language", asked.language or None), ("level", asked.level)):
        if wanted is not None:
            conditions.append(f"known.{column} = ?")
            given.append(wanted)
    one_by_one = bool(asked.words)
    if asked.site:
        conditions.append(_in("site", "instr(said, ?)", one_by_one=one_by_one))
        given.append(_name(asked.site).removesuffix(" "))
        if not given[-1]:
            raise UsageError(f"{asked.site!r} is no name of a place")
    for kind in DATES.keys() & asked.dates.keys():
        low, high = asked.dates[kind]
        conditions.append(_in("dated", "kind = ? AND low <= ? AND high >= ?", one_by_one=one_by_one))
        given += [kind, high, low]
    return joined, " AND ".join(conditions), given


def _in(table: str, condition: str, *, one_by_one: bool) -> str:
    """That an exhibit has a row of a table on which a condition holds."""
    if one_by_one:  # the sign keeps SQLite from looking through all rows on which the condition holds
        condition = condition.replace("kind =", "+kind =")
        return f"EXISTS (SELECT 1 FROM {table} WHERE {table}.place = known.place AND {condition})"  # noqa: S608
    return f"known.place IN (SELECT place FROM {table} WHERE {condition})"  # noqa: S608 - our own names


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
        self._looked: int | None = None
        self.version = 0  # grows whenever more was read

    def find(self, asked: Asked) -> Hits:
        """The exhibits that have all that is asked; UsageError if that cannot be understood."""
        joined, through, given = _through(asked)
        query = f"SELECT {_AT_ONCE} FROM known {joined} WHERE {through}"  # noqa: S608 - our own names
        with self._lock:
            connection = self._open()
            written, kin = connection.execute(query, given).fetchone()
            found = sorted(json.loads(written))
            if asked.near is not None:
                near = asked.near
                spots = connection.execute("SELECT place, latitude, longitude, radius_m FROM spot")
                there = {place for place, *spot in spots if near.holds(*spot)}
                found = [place for place in found if place in there]
            if self._looked is None:
                (self._looked,) = connection.execute("SELECT count(*) FROM known").fetchone()
            looked = self._looked
            (entries,) = connection.execute("SELECT entries FROM reach").fetchone()
        return Hits(array("q", found), _by_place(kin), looked, entries > 0)

    def digests(self, places: Sequence[int]) -> Mapping[int, Digest]:
        """The exhibits that came in at places."""
        marks = ", ".join("?" * len(places))
        query = f"SELECT place, digest FROM known WHERE place IN ({marks})"  # noqa: S608 - marks alone
        with self._lock:
            return {place: Digest(name) for place, name in self._open().execute(query, places)}

    def levels(self, places: Sequence[int]) -> Sequence[int | None]:
        """How graphic exhibits were rated last as wholes, None for those that nobody rated."""
        query = "SELECT level FROM known WHERE place IN (SELECT value FROM json_each(?))"
        with self._lock:
            return [level for (level,) in self._open().execute(query, (json.dumps(list(places)),))]

    def languages(self) -> Sequence[str]:
        """The languages that exhibits are in, by their codes."""
        query = "SELECT DISTINCT language FROM known WHERE language IS NOT NULL ORDER BY language"
        with self._lock:
            return [code for (code,) in self._open().execute(query)]

    def titles(self, places: Sequence[int]) -> Mapping[int, str | None]:
        """The titles of those exhibits at places that were read, None for those without one."""
        with self._lock:
            (written,) = self._open().execute(_TITLES, (json.dumps(list(places)),)).fetchone()
        return _by_place(written)

    def refresh(self, *, is_asked: bool = False) -> bool:
        """Read some more of what was not read yet; whether there is nothing left to read.

        Who was asked and has somebody waiting reads what is new, and leaves a whole case to others.
        """
        return any(self._step(is_asked=is_asked) for _ in range(_MOST_STEPS if is_asked else 1))

    def close(self) -> None:
        """Put the index away."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- inner

    def _step(self, *, is_asked: bool) -> bool:
        size = self._case.head().size
        with self._lock:
            connection = self._open()
            began, entries = connection.execute("SELECT began, entries FROM reach").fetchone()
            if entries == size or (is_asked and entries == 0):
                return bool(entries == size)
            self.version += 1
            self._looked = None
            if self._erased(entries or began or size, size):
                self._make_anew()
                return False
            if entries == 0:
                began, entries = began or size, self._read_on(connection) and (began or size)
            else:
                first, entries = entries, min(size, entries + _STEP)
                self._write(connection, dict.fromkeys(self._spoken_of(first, entries)))
            reached = (began, int(entries), root_at(self._case, max(began, int(entries))))
            connection.execute("UPDATE reach SET began = ?, entries = ?, root = ?", reached)
            connection.commit()
            return bool(entries == size)

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
        rows = connection.execute("SELECT form, origin, began, entries, root FROM reach").fetchall()
        ((form, origin, began, entries, root),) = rows or [("", "", 0, 0, b"")]
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
        self._write(connection, self._unread[-_STEP:])
        del self._unread[-_STEP:]
        if self._unread:
            return False
        self._unread = None
        return True

    def _spoken_of(self, entries: int, size: int) -> Iterator[Digest]:
        for index in range(entries, size):
            act = self._case.action(index)
            if bears(act.type):
                yield from act.used
                for record in act.generated:
                    if self._case.entry_of(record) is not None:
                        yield from self._named_by(self._case.noun(record))

    def _named_by(self, noun: Noun) -> Iterator[Digest]:
        """The things that a record speaks of; a decision on a match, of what is matched."""
        if isinstance(noun, Match):
            yield from (noun.query, noun.candidate)
        elif isinstance(noun, Decision):
            on = noun.about if self._case.entry_of(noun.about) is not None else None
            about = None if on is None else self._case.noun(on)
            yield from (
                self._named_by(about) if isinstance(about, Match | Observation | Rating) else (noun.about,)
            )
            if noun.other is not None:
                yield noun.other
        elif isinstance(noun, Finding | Observation | Rating):
            yield noun.about
            if isinstance(noun, Finding) and noun.property == READABLE and noun.value.get("published"):
                yield from self._dated_by(noun.about)

    def _dated_by(self, digest: Digest) -> Iterator[Digest]:
        """What came in with a page or message that gives a date."""
        wholes = (one.within for _, one in self._case.acquisitions(digest) if one.within is not None)
        for whole in dict.fromkeys((digest, *wholes)):
            yield from self._case.members_of(whole)

    def _erased(self, entries: int, size: int) -> bool:
        """Whether something was erased since the log had so many entries."""
        return any(
            (self._case.entry_of(name) or 0) in range(entries, size) for name, _ in self._case.find(Erasure)
        )

    def _write(self, connection: sqlite3.Connection, digests: Iterable[Digest]) -> None:
        """Write some exhibits as they are on record now; what is no exhibit is passed over."""
        wanted = frozenset(digests)
        sifted = self._case.sift(Sieve(among=wanted), 0, len(wanted)) if wanted else ()
        for one in sifted:
            self._write_one(connection, one)
        done: set[Digest] = set()
        for one in sifted:
            if one.digest not in done and (one.records.get("match") or one.records.get("decision")):
                done |= self._write_kin(connection, one.digest)

    def _write_one(self, connection: sqlite3.Connection, one: Sifted) -> None:
        facets = facets_of(self._case, one)
        for table in ("dated", "spot", "site"):
            connection.execute(f"DELETE FROM {table} WHERE place = ?", (one.place,))  # noqa: S608 - our names
        connection.execute("DELETE FROM words WHERE rowid = ?", (one.place,))
        connection.execute(
            "INSERT INTO known VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (place) DO UPDATE"
            " SET title = excluded.title, language = excluded.language, level = excluded.level",
            (one.place, one.digest, facets.title, facets.language, facets.level),
        )
        said = (one.place, plain_words(facets.said))
        connection.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", said)
        times = [(one.place, *each) for each in facets.times]
        connection.executemany("INSERT INTO dated VALUES (?, ?, ?, ?)", times)
        connection.executemany(
            "INSERT INTO spot VALUES (?, ?, ?, ?)", [(one.place, *each) for each in facets.spots]
        )
        sites = [(one.place, _name(each)) for each in facets.sites]
        connection.executemany("INSERT INTO site VALUES (?, ?)", sites)

    def _write_kin(self, connection: sqlite3.Connection, digest: Digest) -> set[Digest]:
        """Settle which exhibits are one picture with one, and with those that were so before; all of them."""
        waiting, done = [digest], set[Digest]()
        while waiting:
            one = waiting.pop()
            if one in done:
                continue
            before = connection.execute("SELECT kin FROM known WHERE digest = ?", (one,)).fetchone()
            if before is not None and before[0] is not None:
                were = connection.execute("SELECT digest FROM known WHERE kin = ?", before)
                waiting += [Digest(name) for (name,) in were.fetchall()]
                connection.execute("UPDATE known SET kin = NULL WHERE kin = ?", before)
            together = alike(self._case, one)
            done |= {one, *together}
            name = min(together, default=None)
            connection.executemany(
                "UPDATE known SET kin = ? WHERE digest = ?", [(name, each) for each in together]
            )
        return done
