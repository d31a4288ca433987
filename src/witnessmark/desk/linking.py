"""Lists of victims at the desk: read in the locked room, linked, and ruled on by people.

Lists are files, or exhibits of a case like any other. Names leave the room only into a private folder that is
removed when the lists have been linked; the log learns how many rows and people there are and nobody's name.
What a person decides about two rows is on record: two records that commit to the rows, and the decision.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from witnessmark.collect.rolls import TASK
from witnessmark.desk.presence import lies_here
from witnessmark.desk.readings import find_exhibit
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Digest, Facts, Identification, PersonRecord, Verdict
from witnessmark.model.wire import Noun, canonical, digest_of
from witnessmark.ports import Case, LockedRoom, Transaction
from witnessmark.preserve.custody import Custodian
from witnessmark.weigh.linking import Linked, Place, Roll, Wish, linked, read_roll

LINKED, IDENTIFIED = "lists.linked", "person.identified"
LIMITS = (
    "Probabilities say how likely two rows are one person by what stands in them. They were checked on "
    "invented lists with the error rates of real ones, and know nothing of what the lists leave out. Two "
    "people of one name, family and age cannot be told apart by a list. A link is not an identification."
)
_COSTS = {"cpu_s": 900, "wall_s": 900, "output_bytes": 2 << 30, "memory_bytes": 2 << 30}
_MOST_LISTS = 12
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A list before it is read: what it is called, and the file or the exhibit that it is."""

    called: str
    path: Path | None = None
    exhibit: Digest | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: which lists name nobody twice, the day of ages, how many draws, which columns.

    `shown` are headers or meanings of columns whose cells may be told; all others stay untold.
    """

    unique: Sequence[str] = ()
    reference: date | None = None
    draws: int = 0
    shown: Sequence[str] = ()


@dataclass(slots=True)
class Linking:
    """Lists that lie open in a private folder, and what they are linked to."""

    sources: tuple[Source, ...]
    folder: Path
    room: LockedRoom
    case: Case | None = None
    unread: dict[str, int] = field(default_factory=dict)

    def link(self, asked: Asked) -> Linked:
        """The lists linked, after what people decided about their rows."""
        names = [source.called for source in self.sources]
        strangers = [name for name in asked.unique if name not in names]
        if strangers:
            raise UsageError(f"{strangers[0]!r} is none of the lists: {', '.join(names)}")
        wish = Wish(
            unique=frozenset(names.index(name) for name in asked.unique),
            ruled=tuple(self._ruled()),
            reference=asked.reference,
        )
        with ThreadPoolExecutor(len(self.sources)) as readers:  # each reads in a visit of its own to the room
            list(readers.map(self._kept, range(len(self.sources))))
        rolls = [self._roll(place) for place in range(len(self.sources))]
        return linked(rolls, wish, str(self.folder / "spill"))

    def exhibit(self, place: int) -> Digest:
        """The exhibit that a list is; UsageError if it is a mere file."""
        exhibit = self.sources[place].exhibit
        if exhibit is None:
            raise UsageError(f"{self.sources[place].called} is no exhibit", advice="take it in first")
        return exhibit

    def cells(self, wanted: Mapping[int, set[int]]) -> dict[Place, Cells]:
        """What stands in rows, by the place of the list and the number of the row."""
        found: dict[Place, Cells] = {}
        for place, rows in wanted.items():
            header = self._roll(place).columns.header_row
            for number, cells in enumerate(self._rows(place), -header):
                if number in rows:
                    found[place, number] = tuple(cells)
        return found

    def allowed(self, found: Linked, shown: Sequence[str]) -> Iterator[tuple[int, dict[str, int]]]:
        """For each list the columns that may be told, by header; UsageError if a wish fits none."""
        used: set[str] = set()
        for place, roll in enumerate(found.rolls):
            columns: dict[str, int] = {}
            for one in roll.columns_told():
                known = {one["meaning"], (one["header"] or "").strip().casefold()}
                wishes = [wish for wish in shown if wish.casefold() in known]
                used.update(wishes)
                if wishes:
                    columns[one["header"] or one["meaning"]] = one["column"] - 1
            yield place, columns
        strangers = [wish for wish in shown if wish not in used]
        if strangers:
            raise UsageError(f"no column is called {strangers[0]!r}, nor understood so")

    # --- inner

    def _roll(self, place: int) -> Roll:
        return read_roll(self.sources[place].called, self._rows(place))

    def _rows(self, place: int) -> Iterator[Cells]:
        """The rows of a list: from the room at first, then from the private folder."""
        with self._kept(place).open(encoding="utf-8") as lines:
            for line in lines:
                yield from (tuple(cells or ()) for cells in json.loads(line))

    def _kept(self, place: int) -> Path:
        """Where the rows of a list lie, after they have been read."""
        kept = self.folder / f"{place}.jsonl"
        if not kept.exists():
            self._read(place, kept)
        return kept

    def _read(self, place: int, kept: Path) -> None:
        source = self.sources[place]
        with self._lying(source) as path, kept.open("wb") as lines:
            for part in self.room.run(TASK, path, {"limits": _COSTS}):
                lines.write(part.content.read() + b"\n")
                self.unread[source.called] = self.unread.get(source.called, 0) + int(part.facts["unread"])

    def _lying(self, source: Source) -> AbstractContextManager[Path]:
        """Where a list can be read: an exhibit after it has been checked."""
        if self.case is not None and source.exhibit is not None:
            return self.case.checked(source.exhibit)
        assert source.path is not None  # noqa: S101 - what is no exhibit is a file
        return nullcontext(source.path)

    def _ruled(self) -> Iterator[tuple[Place, Place, bool]]:
        """What people decided about rows of these lists: the latest word on each pair."""
        if self.case is None:
            return
        place_of = {source.exhibit: place for place, source in enumerate(self.sources)}
        records = {digest: one for digest, one in self.case.find(PersonRecord) if one.list in place_of}
        latest = {
            frozenset((one.one, one.other)): one
            for _, one in self.case.find(Identification)
            if one.one in records and one.other in records
        }
        for said in latest.values():
            one, other = records[said.one], records[said.other]
            if said.verdict is not Verdict.REJECT:
                places = ((place_of[each.list], each.row) for each in (one, other))
                yield next(places), next(places), said.verdict is Verdict.SAME


@contextmanager
def linking(sources: Sequence[Source], room: LockedRoom, case: Case | None = None) -> Iterator[Linking]:
    """Lists lying open; what was written down of them on the way is destroyed afterwards."""
    names = [source.called for source in sources]
    if len(set(names)) < len(names):
        raise UsageError("two lists have the same name", advice="rename one of the files, or give each once")
    if not 1 <= len(sources) <= _MOST_LISTS:
        raise UsageError(f"give from one to {_MOST_LISTS} lists")
    with TemporaryDirectory(prefix="witnessmark-lists-") as private:
        yield Linking(tuple(sources), Path(private), room, case)


def files(paths: Sequence[Path]) -> list[Source]:
    """Lists in files; UsageError for one that is not there."""
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path} is no file")
    return [Source(path.name, path.absolute()) for path in paths]


def exhibits(case: Case, names: Sequence[str]) -> list[Source]:
    """Lists that are exhibits of a case; UsageError for one that was erased."""
    found = []
    for name in names:
        digest = find_exhibit(case, name)
        if not lies_here(case, digest):
            raise UsageError(f"{name} does not lie here any more: it was erased")
        found.append(Source(case.exhibit_of(digest) or name, exhibit=digest))
    return found


def note_linked(
    case: Case, custodian: Custodian, found: Linked, sources: Sequence[Source], asked: Asked
) -> None:
    """Enter that lists were linked: how many rows, people, pairs and doubts; nobody's name."""
    detail = Facts(
        lists=[
            {"exhibit": one["list"], "rows": one["rows"], "people": one["people"]} for one in found.lists()
        ],
        unique=list(asked.unique),
        **found.counts(),
        told=list(asked.shown),
        draws=asked.draws,
    )
    used = [source.exhibit for source in sources if source.exhibit is not None]
    with case.transaction() as transaction:
        transaction.append(custodian.act(LINKED, used=used, detail=detail))


def linkings(case: Case) -> list[dict[str, Any]]:
    """Each time that lists were linked, the newest first: rows, people, pairs and doubts; nobody's name."""
    told = []
    for index in reversed(case.acts(LINKED)):
        act = case.action(index)
        told.append({**act.detail, "entry": index, "at": act.at, "by": act.performer.name})
    return told


def identify(
    open_lists: Linking, custodian: Custodian, rows: tuple[Place, Place], verdict: str, reason: str
) -> Digest:
    """Put on record whether two rows are of one person: `same`, `different`, or `open` to take it back."""
    case = open_lists.case
    if case is None:
        raise UsageError("decisions are kept in a case: take the lists in, then rule on their exhibits")
    words = {"same": Verdict.SAME, "different": Verdict.DIFFERENT, "open": Verdict.REJECT}
    if verdict not in words:
        raise UsageError(f"{verdict!r} is no verdict on two rows", advice=f"known are {', '.join(words)}")
    cells = open_lists.cells({place: {row for where, row in rows if where == place} for place, _ in rows})
    absent = next((row for row in rows if not any(cell.strip() for cell in cells.get(row, ()))), None)
    if absent is not None:
        raise UsageError(f"{open_lists.sources[absent[0]].called} has no row {absent[1]}")
    with case.transaction() as transaction:
        nouns: list[Noun] = []
        one, other = (_record(transaction, open_lists, row, cells[row], nouns) for row in rows)
        now = custodian.clock.now()
        try:
            said = Identification(one, other, words[verdict], reason, custodian.performer, now)
        except MalformedError as error:
            raise UsageError(str(error)) from error
        used = list(dict.fromkeys(open_lists.exhibit(place) for place, _ in rows))
        transaction.append(custodian.act(IDENTIFIED, used=used), [*nouns, said])
    return digest_of(said)


def _record(
    transaction: Transaction, open_lists: Linking, row: Place, cells: Cells, nouns: list[Noun]
) -> Digest:
    """The record of a row: the one that is there, or a new one that goes with `nouns`."""
    exhibit = open_lists.exhibit(row[0])
    known = open_lists.case.find(PersonRecord, exhibit) if open_lists.case else ()
    found = next((digest for digest, one in known if one.row == row[1]), None)
    if found is not None:
        return found
    nouns.append(PersonRecord(exhibit, row[1], transaction.seal(canonical(list(cells)).decode())))
    return digest_of(nouns[-1])


def table_csv(names: Sequence[str], tables: Sequence[Mapping[tuple[int, ...], int]], *, drawn: bool) -> bytes:
    """How many people are on which lists: a column of 0 and 1 for each, and `count`; drawn ones by `draw`."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow([*(["draw"] * drawn), *names, "count"])
    for number, table in enumerate(tables, 1):
        rows.writerows([*([number] * drawn), *pattern, count] for pattern, count in table.items())
    return written.getvalue().encode()


def with_cells(
    open_lists: Linking, found: Linked, told: Iterable[dict[str, Any]], shown: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The pairs as told, each side with the cells of those columns that may be shown."""
    columns = dict(open_lists.allowed(found, shown))
    place_of = {roll.called: place for place, roll in enumerate(found.rolls)}
    wanted: dict[int, set[int]] = {}
    for pair in found.pairs if shown else ():
        for side in (found.where(pair.left), found.where(pair.right)):
            wanted.setdefault(place_of[side["list"]], set()).add(side["row"])
    cells = open_lists.cells(wanted)
    for one in told:
        for side in one["pair"] if shown else ():
            place = place_of[side["list"]]
            row = cells[place, side["row"]]
            side["cells"] = {name: row[at] for name, at in columns[place].items() if at < len(row)}
        yield one
