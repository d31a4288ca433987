"""Reading what a package says: records, objects, the index, and the references in the brief."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from witnessmark.errors import MalformedError
from witnessmark.model import Acquisition, Action, Check, Copy, Digest, Sealed
from witnessmark.model.wire import Noun, decode
from witnessmark.publish import package_layout as layout
from witnessmark.publish import package_revealed
from witnessmark.publish.package_custody import Custody
from witnessmark.publish.package_files import Scan, holds, not_checkable
from witnessmark.publish.package_items import (
    COLUMNS,
    LEGACY_HASHES,
    Disclosed,
    read_table,
    rows_of,
    table,
    with_revealed,
)
from witnessmark.publish.package_layout import Reason

_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_MARKDOWN_LINK = re.compile(r"\]\(<?([^)>\s]+)")
_LOADED = frozenset({"src", "srcset", "poster", "data", "background"})


def check_contents(custody: Custody) -> Iterator[Check]:
    """Whether records, objects, index and brief agree with each other and with the log.

    They are compared only if nothing is broken so far: what rests on a broken thing is not to blame.
    """
    scan = custody.scan
    nouns: dict[Digest, Noun] = {}
    for path in scan.under(layout.RECORDS) + scan.under(layout.OBJECTS):
        yield from _check_named(scan, path)
        if scan.has(path) and path.startswith(layout.RECORDS):
            yield from _read_record(scan, path, nouns)
    if scan.blamed:
        yield not_checkable("contents", "they rest on what is broken")
        return
    if len(custody.entries) < len(scan.under("custody/entries/")):
        yield not_checkable("contents", "there is no sound checkpoint to hold the log entries against")
        return
    actions: dict[int, Action] = {}
    for index, written in sorted(custody.entries.items()):
        yield from _read_entry(scan, index, written, actions)
    if len(actions) < len(custody.entries):
        yield not_checkable("contents", "some log entry cannot be read, so nobody can say what it entered")
        return
    objects = frozenset(Digest.from_hex(scan.sha256[path]) for path in scan.under(layout.OBJECTS))
    disclosed = Disclosed(actions, nouns, objects)
    yield from _check_entered(scan, disclosed)
    yield from _check_index(scan, disclosed)
    yield from _check_references(custody)


def _check_named(scan: Scan, path: str) -> Iterator[Check]:
    """Whether the name of an object or a record is the digest of its bytes."""
    name = path.rpartition("/")[2].removesuffix(".json" if path.startswith(layout.RECORDS) else "")
    if scan.is_blamed(path):
        return
    if path not in (f"{layout.OBJECTS}{name}", f"{layout.RECORDS}{name}.json") or not _HEX.fullmatch(name):
        yield scan.broken(path, Reason.MALFORMED, "its name is not a digest")
    elif scan.sha256[path] != name:
        yield scan.broken(path, Reason.CHANGED, f"its SHA-256 is {scan.sha256[path]}, which is not its name")


def _read_record(scan: Scan, path: str, nouns: dict[Digest, Noun]) -> Iterator[Check]:
    try:
        nouns[Digest.from_hex(scan.sha256[path])] = decode(scan.read(path))
    except MalformedError as error:
        yield scan.broken(path, Reason.MALFORMED, str(error))


def _read_entry(scan: Scan, index: int, written: bytes, actions: dict[int, Action]) -> Iterator[Check]:
    try:
        action = decode(written)
    except MalformedError as error:
        yield scan.broken(layout.entry_path(index), Reason.MALFORMED, str(error))
        return
    if isinstance(action, Action):
        actions[index] = action
    else:
        yield scan.broken(layout.entry_path(index), Reason.MALFORMED, "it is not an action")


def _check_entered(scan: Scan, disclosed: Disclosed) -> Iterator[Check]:
    """Whether log entries lead to each record and each object."""
    before = len(scan.blamed)
    generated = {name for _, name, _ in disclosed.generated()}
    for name in sorted(disclosed.nouns.keys() - generated):
        yield scan.broken(
            f"{layout.RECORDS}{name.hex}.json", Reason.NOT_ENTERED, "no log entry here generated it"
        )
    for name in sorted(disclosed.objects - disclosed.entered_objects()):
        yield scan.broken(f"{layout.OBJECTS}{name.hex}", Reason.NOT_ENTERED, "no log entry here leads to it")
    for name, copy in disclosed.copies().items():
        yield from _check_size(scan, name, copy)
    if before == len(scan.blamed):
        counts = f"{len(disclosed.objects)} objects and {len(disclosed.nouns)} records"
        yield holds("records", f"log entries lead to all {counts}")


def _check_size(scan: Scan, name: Digest, copy: Copy) -> Iterator[Check]:
    path = f"{layout.OBJECTS}{name.hex}"
    if scan.has(path) and scan.files[path] != copy.size:
        yield scan.broken(
            path, Reason.DISAGREES, f"its record says {copy.size} bytes, it has {scan.files[path]}"
        )


def _check_index(scan: Scan, disclosed: Disclosed) -> Iterator[Check]:
    """What was revealed, then the index that it stands in."""
    revealed: dict[Sealed, str] = {}
    if not scan.blamed and layout.REVEALED in scan.files:
        yield _check_revealed(scan, disclosed, revealed)
    if scan.blamed:
        yield not_checkable(layout.ITEMS, "it rests on what is broken")
    else:
        yield from _check_items(scan, disclosed, revealed)


def _check_revealed(scan: Scan, disclosed: Disclosed, revealed: dict[Sealed, str]) -> Check:
    """Open the commitments of the enclosed records with the keys that are enclosed."""
    path, records = layout.REVEALED, [noun for noun in disclosed.nouns.values() if type(noun) is Acquisition]
    made = {value for one in records for value in (one.source, one.source_url, one.note)}
    try:
        openings = package_revealed.read(scan.read(path))
    except MalformedError as error:
        return scan.broken(path, Reason.MALFORMED, str(error))
    for commitment, opening in openings.items():
        if not package_revealed.opens(opening, commitment):
            return scan.broken(path, Reason.DISAGREES, f"its key and value do not open {commitment}")
        if commitment not in made:
            return scan.broken(path, Reason.NOT_ENTERED, f"no record here commits to {commitment}")
        revealed[commitment] = opening.value
    return holds(path, f"{len(openings)} of the values that records commit to are opened by their keys")


def _check_items(scan: Scan, disclosed: Disclosed, revealed: dict[Sealed, str]) -> Iterator[Check]:
    """Compare items.csv with the table that the records and objects give."""
    path = layout.ITEMS
    if path not in scan.files:
        yield scan.broken(path, Reason.MISSING, "the package has no index")
        return
    try:
        rows = read_table(scan.read(path))
    except MalformedError as error:
        yield scan.broken(path, Reason.MALFORMED, str(error))
        return
    wanted = read_table(table(with_revealed(row, disclosed, revealed) for row in rows_of(disclosed)))
    columns = [column for column in COLUMNS if column not in LEGACY_HASHES]
    for number, (row, due) in enumerate(zip(rows, wanted, strict=False), 1):
        wrong = [column for column in columns if row[column] != due[column]]
        if wrong:
            said, meant = row[wrong[0]][:80], due[wrong[0]][:80]
            explanation = f"row {number} says {said!r} as {wrong[0]}; the records say {meant!r}"
            yield scan.broken(path, Reason.DISAGREES, explanation)
            return
    if len(rows) != len(wanted):
        yield scan.broken(path, Reason.DISAGREES, f"it has {len(rows)} rows; the records make {len(wanted)}")
        return
    yield holds(path, f"{len(rows)} rows say what the records, objects and opened commitments say")


def _check_references(custody: Custody) -> Iterator[Check]:
    """Whether everything that the brief points at is in the package or known to the log entries in it."""
    scan = custody.scan
    known = {name for path in scan.under("data/") for name in _HEX.findall(path)}
    for path in scan.under("custody/entries/") + scan.under(layout.RECORDS):
        known.update(_HEX.findall(scan.read(path).decode("utf-8", "replace")), (scan.digest(path),))
    for path in layout.WRITINGS:
        if not scan.has(path):
            continue
        text = scan.read(path).decode("utf-8", "replace")
        lost = sorted(set(_HEX.findall(text)) - known)
        lost += [link for link in _links(path, text) if not _resolves(scan, link)]
        if lost:
            yield scan.broken(path, Reason.DANGLING, f"it points at {lost[0][:120]!r}, which is not here")
        else:
            yield holds(path, "all that it points at is here")


def _links(path: str, text: str) -> list[str]:
    if path.endswith(".md"):
        return [link for link in _MARKDOWN_LINK.findall(text) if not urlsplit(link).scheme]
    reader = _LinkReader()
    if path.endswith(".html"):
        reader.feed(text)
        reader.close()
    return reader.links


def _resolves(scan: Scan, link: str) -> bool:
    target = unquote(link.partition("#")[0].partition("?")[0])
    return not target or normpath(f"data/{target}") in scan.files


class _LinkReader(HTMLParser):
    """Gathers what a page points at inside the package, and what it would load from anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses in the attributes of one tag."""
        for name, value in attrs:
            address = (value or "").strip()
            is_inside = not address.startswith("//") and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address)
            is_loaded = name in _LOADED or (name == "href" and tag != "a")
            if (name == "href" or is_loaded) and (
                is_inside or (is_loaded and not address.startswith("data:"))
            ):
                self.links.append(address)
