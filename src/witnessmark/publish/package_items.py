"""items.csv: the index that a court asks for, one row for each time that an object came in.

Every column follows from the records, log entries and openings in the package, so a reader can make
the table again and compare. What records only commit to (where something came from, notes) stands
here only if the desk reveals it, and then `revealed.jsonl` opens the commitment.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from witnessmark.errors import MalformedError
from witnessmark.model import Acquisition, Action, Copy, Digest, Erasure, Facts, Item, Rating, Role, Sealed
from witnessmark.model.wire import Noun, canonical, decode, written_time
from witnessmark.publish.package_layout import Presence

COLUMNS = (
    *("exhibit", "presence", "role", "title", "media_type", "sha256", "md5", "sha1", "bytes"),
    *("derived_from", "made_by", "log_entry", "record", "collected_at", "collector", "tool", "run", "method"),
    *("within", "legal_basis", "file_modified_at", "graphic_level", "account", "language", "final_url"),
    *("redirects", "http_headers", "server_ip", "tls_certificate", "declared"),
    *("source", "source_url", "note"),
)
LEGACY_HASHES = ("md5", "sha1")
_DECLARED = (
    *("title", "account", "language", "final_url", "redirects"),
    *("http_headers", "server_ip", "tls_certificate"),
)
_LONGEST_CELL = 2**31 - 1
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a package says: log entries by index, records by name, and which objects are enclosed."""

    actions: Mapping[int, Action]
    nouns: Mapping[Digest, Noun]
    objects: frozenset[Digest]

    @classmethod
    def read(
        cls, entries: Mapping[int, bytes], records: Mapping[Digest, bytes], objects: frozenset[Digest]
    ) -> Disclosed:
        """Entries and records decoded; MalformedError for an entry that is no action."""
        actions: dict[int, Action] = {}
        for index, written in sorted(entries.items()):
            action = decode(written)
            if not isinstance(action, Action):
                raise MalformedError(f"log entry {index} is not an action")
            actions[index] = action
        return cls(actions, {name: decode(written) for name, written in records.items()}, objects)

    def generated(self) -> Iterator[tuple[int, Digest, Noun]]:
        """Every enclosed record with the first log entry that generated it, in the order of the log."""
        seen: set[Digest] = set()
        for index, action in sorted(self.actions.items()):
            for name in action.generated:
                if name in self.nouns and name not in seen:
                    seen.add(name)
                    yield index, name, self.nouns[name]

    def entered_objects(self) -> frozenset[Digest]:
        """The objects that enclosed log entries lead to, by themselves or by a record."""
        used = {name for action in self.actions.values() for name in action.used}
        return frozenset(used | self.copies().keys())

    def copies(self) -> dict[Digest, Copy]:
        """What the enclosed records say of objects: originals and working copies."""
        found: dict[Digest, Copy] = {}
        for _, _, noun in self.generated():
            copy = noun.original if isinstance(noun, Item) else noun
            if isinstance(copy, Copy):
                found.setdefault(copy.digest, copy)
        return found


def rows_of(disclosed: Disclosed) -> Iterator[Row]:
    """The rows of items.csv in the order of the log, with the revealed and legacy columns empty."""
    copies, levels = disclosed.copies(), _levels(disclosed)
    erased = {digest for _, _, noun in disclosed.generated() for digest in _erased(noun)}
    listed: set[Digest] = set()
    for index, name, noun in disclosed.generated():
        for digest in _objects_of(noun, listed):
            listed.add(digest)
            known = {"sha256": digest.hex, "log_entry": str(index), "record": name.hex}
            action = disclosed.actions[index]
            facts = _acquired(noun, action) if isinstance(noun, Acquisition) else _made(noun, action)
            shown = {
                "presence": _presence(digest, disclosed.objects, erased),
                "graphic_level": levels.get(digest, ""),
            }
            row = dict.fromkeys(COLUMNS, "") | _copied(copies.get(digest)) | facts | shown | known
            yield {column: _cell(value) for column, value in row.items()}


def with_revealed(row: Row, disclosed: Disclosed, revealed: Mapping[Sealed, str]) -> Row:
    """`row` with those personal values of its acquisition that the desk chose to reveal."""
    noun = disclosed.nouns[Digest.from_hex(row["record"])]
    if not isinstance(noun, Acquisition):
        return row
    sealed = {"source": noun.source, "source_url": noun.source_url, "note": noun.note}
    return row | {
        column: _cell(revealed[commitment])
        for column, commitment in sealed.items()
        if commitment is not None and commitment in revealed
    }


def table(rows: Iterable[Row]) -> bytes:
    """The rows as CSV (RFC 4180, UTF-8), with their heading."""
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue().encode("utf-8", "backslashreplace")


def read_table(written: bytes) -> list[Row]:
    """The rows of an items.csv; MalformedError if it is no such table."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(written.decode("utf-8"), newline=""), strict=True)
        heading, *lines = [*reader] or [[]]
    except (ValueError, csv.Error) as error:
        raise MalformedError(f"it cannot be read as CSV: {error}") from error
    if tuple(heading) != COLUMNS:
        raise MalformedError("its heading is not that of this format")
    if odd := [number for number, line in enumerate(lines, 1) if len(line) != len(COLUMNS)]:
        raise MalformedError(f"row {odd[0]} does not have {len(COLUMNS)} columns")
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


def _objects_of(noun: Noun, listed: set[Digest]) -> tuple[Digest, ...]:
    """The objects that get a row because of this record."""
    if isinstance(noun, Acquisition) or (isinstance(noun, Copy) and noun.role is Role.WORKING):
        return (noun.digest,)
    return tuple(digest for digest in _erased(noun) if digest not in listed)


def _erased(noun: Noun) -> tuple[Digest, ...]:
    return noun.objects if isinstance(noun, Erasure) else ()


def _presence(digest: Digest, enclosed: Set[Digest], erased: Set[Digest]) -> Presence:
    if digest in enclosed:
        return Presence.ENCLOSED
    return Presence.ERASED if digest in erased else Presence.WITHHELD


def _copied(copy: Copy | None) -> Row:
    if copy is None:
        return {}
    made_by = f"{copy.method} {_json(copy.parameters)}" if copy.method else ""
    return {
        "role": copy.role,
        "media_type": copy.media_type,
        "bytes": str(copy.size),
        "derived_from": copy.derived_from.hex if copy.derived_from else "",
        "made_by": made_by.strip(),
    }


def _acquired(acquisition: Acquisition, action: Action) -> Row:
    declared = dict(acquisition.declared)
    modified = acquisition.file_modified_at
    return {
        "exhibit": acquisition.exhibit,
        "collected_at": written_time(acquisition.collected_at),
        "collector": acquisition.collector.name,
        "tool": action.instrument,
        "run": acquisition.run,
        "method": acquisition.method,
        "within": acquisition.within.hex if acquisition.within else "",
        "legal_basis": acquisition.legal_basis or "",
        "file_modified_at": written_time(modified) if modified else "",
        **{name: _text(declared.pop(name, "")) for name in _DECLARED},
        "declared": _json(Facts(declared)),
    }


def _made(noun: Noun, action: Action) -> Row:
    return {"tool": action.instrument} if isinstance(noun, Copy) else {}


def _levels(disclosed: Disclosed) -> dict[Digest, str]:
    """The latest graphic level that a person gave each whole object."""
    return {
        noun.about: str(noun.level)
        for _, _, noun in disclosed.generated()
        if isinstance(noun, Rating) and noun.region is None
    }


def _json(facts: Facts) -> str:
    return canonical(_plain(facts)).decode("utf-8") if facts else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(_plain(value)).decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _cell(value: str) -> str:
    """`value` so that a spreadsheet shows it and runs nothing: formulas get an apostrophe in front."""
    return f"'{value}" if value.startswith(_FORMULA_SIGNS) else str(value)
