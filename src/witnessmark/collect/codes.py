"""Lists of PDQ codes from elsewhere: a table, a text with a code a line, or JSON as exchanges write it.

What a list is about is not asked: only where in it codes stand is kept. SHA-256 sums look the same at first
sight, 64 hexadecimal digits; but half of the bits of a PDQ code are set, nearly always exactly half, and a
list in which that is seldom so is no list of PDQ codes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from witnessmark.collect.limits import Yielded
from witnessmark.errors import MalformedError

TASK = f"{__name__}:codes"
MEDIA_TYPE = "application/vnd.witnessmark.codes"
"""A code a record: its place in the list (four bytes, the highest first), then its 32 bytes."""
ROW = struct.Struct(">I32s")
_CODE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_VALUES = (
    *("pdq", "pdq_hash", "pdqhash", "signal_value", "hash_value", "hashvalue", "indicator", "hash", "value"),
    *("signal", "signal_str", "hash_digest", "raw_indicator"),
)
_TYPES = ("signal_type", "signaltype", "hash_type", "hashtype", "indicator_type", "algorithm", "type")
_STATES, _GONE = ("hashstatus", "status", "should_delete", "deleted"), ("withdrawn", "deleted", "true")
"""By which fields exchanges say that a record is to be forgotten, and how."""
_OTHERS = ("sha", "md5", "vpdq", "video", "tmk", "text", "url")
_MOST_CODES = 20_000_000
_ENOUGH, _LEAST_SHARE, _HALF = 8, 0.5, 128


@dataclass(slots=True)
class _List:
    """The codes of a list as they are read."""

    form: str
    counted: str
    packed: bytearray = field(default_factory=bytearray)
    codes: int = 0
    even: int = 0
    without: int = 0
    withdrawn: int = 0
    rules: set[str] = field(default_factory=set)

    def take(self, place: int, written: str | None) -> None:
        """Keep the code that stands at a place; count the place if none does."""
        written = (written or "").strip()
        if not _CODE.fullmatch(written):
            self.without += 1
            return
        if self.codes == _MOST_CODES:
            raise MalformedError(f"the list holds more than {_MOST_CODES:,} codes")
        code = bytes.fromhex(written)
        self.packed += ROW.pack(place, code)
        self.codes += 1
        self.even += int.from_bytes(code).bit_count() == _HALF

    def told(self) -> Yielded:
        """What there is to say of the list, and its codes; MalformedError if it is none."""
        if not self.codes:
            raise MalformedError("no PDQ code stands in it: 64 hexadecimal digits in a field of their own")
        if self.codes >= _ENOUGH and self.even < _LEAST_SHARE * self.codes:
            raise MalformedError(
                f"only {self.even} of {self.codes} codes have half of their bits set, as PDQ codes have: "
                "these are more likely checksums"
            )
        facts = {"form": self.form, "counted": self.counted, "codes": self.codes, "without": self.without}
        if self.withdrawn:
            facts["withdrawn"] = self.withdrawn
        if len(self.rules) == 1:
            facts["rule"] = next(iter(self.rules))
        return facts, bytes(self.packed)


def codes(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:
    """One part: how many codes stand in a list, and the codes with their places (lines or records)."""
    del parameters
    text = untrusted.read().decode("utf-8-sig", "replace")
    yield (_of_json(text) if text.lstrip()[:1] in ("{", "[") else _of_table(text)).told()


def _of_json(text: str) -> _List:
    """The codes in JSON, or in an object a line; counted by records of any depth, in their order."""
    found = _List("JSON", "record")
    try:
        values: Iterable[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        found.form, found.counted = "JSON Lines", "line"
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                records = list(_records(json.loads(line))) if line.strip() else []
            except (ValueError, RecursionError) as error:
                raise MalformedError(f"it is neither JSON nor JSON Lines: line {number}") from error
            for record in records:
                _enter(found, number, record)
        return found
    for number, record in enumerate((one for value in values for one in _records(value)), start=1):
        _enter(found, number, record)
    return found


def _enter(found: _List, place: int, record: Mapping[str, Any]) -> None:
    """Keep the code of a record, unless whoever gave it has taken it back."""
    if any(str(record.get(name)).lower() in _GONE for name in _STATES):
        found.withdrawn += 1
    else:
        found.take(place, _value_of(record))


def _records(value: Any) -> Iterator[Mapping[str, str]]:
    """Every object with a field of a value that we know, and every bare text in a list."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            fields = {str(name).lower(): told for name, told in one.items()}
            if any(isinstance(fields.get(name), str) for name in _VALUES):
                yield fields
            else:
                waiting += [each for each in reversed(list(one.values())) if isinstance(each, dict | list)]
        elif isinstance(one, list):
            waiting += [each for each in reversed(one) if isinstance(each, dict | list | str)]
        elif isinstance(one, str):
            yield {"value": one}


def _value_of(record: Mapping[str, Any]) -> str | None:
    """The code in a record, unless the record says that it is of another type."""
    kind = next((str(record[name]) for name in _TYPES if isinstance(record.get(name), str)), "pdq")
    if not _is_pdq(kind):
        return None
    told = (record[name] for name in _VALUES if isinstance(record.get(name), str))
    return next((one for one in told if _CODE.fullmatch(one.strip())), None)


def _of_table(text: str) -> _List:
    """The codes in a table with a header, or in a text with a code a line and whatever beside it."""
    delimiter = max(",;\t|", key=text[:20_000].count)
    found = _List("text", "line")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: Sequence[str] | None = None
    place = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if header is None and any(cells):
                header = () if _has_code(cells) else [cell.lower() for cell in cells]
                found.form = "CSV" if header else "text"
                if not header:
                    found.take(place, _first_code(cells))
            elif header and any(cells):
                record = dict(zip(header, cells, strict=False))
                found.rules |= {record["rule"]} if record.get("rule") else set()
                _enter(found, place, record)
            elif header is not None and any(cells):
                found.take(place, _first_code(cells))
            place = reader.line_num + 1
    except csv.Error as error:
        raise MalformedError(f"it is no table that can be read: {error}") from error
    if header and not any(name in _VALUES for name in header):
        raise MalformedError(f"none of its columns is known to hold PDQ codes: {', '.join(header)[:200]}")
    return found


def _has_code(cells: Sequence[str]) -> bool:
    return any(_CODE.fullmatch(word) for cell in cells for word in cell.split())


def _first_code(cells: Sequence[str]) -> str | None:
    """The first code in a line, unless the word that the line begins with names another type."""
    words = [word for cell in cells for word in cell.split()]
    if words and not _CODE.fullmatch(words[0]) and any(one in words[0].lower() for one in _OTHERS):
        return None
    return next((word for word in words if _CODE.fullmatch(word)), None)


def _is_pdq(kind: str) -> bool:
    kind = kind.lower()
    return "pdq" in kind and "video" not in kind and "vpdq" not in kind
