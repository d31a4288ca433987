"""Tables as people send them: CSV in any encoding with any delimiter, and the sheets of a workbook.

Rows come one by one, however many there are. A row that cannot be read comes with its problem
instead of its cells; the rows after it still come. Formulas are never evaluated.
"""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO

from witnessmark.collect.charset import Charset, detect
from witnessmark.errors import MalformedError

MOST_ROWS = 1_000_000
MOST_COLUMNS = 1_000
_LARGEST_CELL = 1 << 20
_SAMPLE = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_LARGEST_WORKBOOK = 1 << 30
_NOT_TEXT = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[\d.,\s%]+")
_CALCULATING = {"=", "+", "-", "@", "\t", "\r"}
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    OverflowError,
    SyntaxError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in its sheet: its cells as text, or the problem that it has none."""

    sheet: str
    number: int
    cells: tuple[str, ...] = ()
    problem: str | None = None
    formulas: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.problem is None and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is open for reading: how it is written, and its rows, once."""

    facts: Mapping[str, object]
    rows: Iterator[Row]


def open_table(untrusted: BinaryIO) -> Table:
    """The table in the bytes, CSV or workbook by content; MalformedError if they hold none."""
    untrusted.seek(0)
    head = untrusted.read(_SAMPLE)
    if head.startswith(b"PK\x03\x04"):
        return Table({"format": "xlsx"}, _limited(_workbook_rows(untrusted)))
    if not head.strip():
        raise MalformedError("this table is empty")
    charset = detect(head)
    sample = _text(io.BytesIO(head), charset).read()
    if 20 * sample.count("\0") > len(sample):
        raise MalformedError("these bytes are no table")
    delimiter, skip = _dialect(sample)
    untrusted.seek(0)
    facts = {"format": "csv", "charset": charset.facts(), "delimiter": delimiter}
    return Table(facts, _limited(_csv_rows(_text(untrusted, charset), delimiter, skip)))


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet will calculate it: a formula gets an apostrophe before it."""
    return f"'{cell}" if is_formula(cell) else cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate this text rather than show it."""
    return cell[:1] in _CALCULATING and not _NUMBER.fullmatch(cell)


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            yield Row(row.sheet, row.number, problem=f"rows beyond the first {MOST_ROWS:,} were not read")
            return
        if len(row.cells) > MOST_COLUMNS:
            yield Row(row.sheet, row.number, problem=f"it has more than {MOST_COLUMNS:,} cells")
        else:
            yield row


def _text(untrusted: BinaryIO, charset: Charset) -> io.TextIOWrapper:
    wide = charset.name.startswith("utf-16")
    errors = "replace" if wide else "surrogateescape"
    text = io.TextIOWrapper(io.BufferedReader(_Unclosed(untrusted)), charset.name, errors, newline="")
    if text.read(1) != "\ufeff":
        text.seek(0)
    return text


class _Unclosed(io.RawIOBase):
    """The untrusted stream for a text reader, which must not close it."""

    def __init__(self, untrusted: BinaryIO) -> None:
        self._untrusted = untrusted

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._untrusted.seek(offset, whence)

    def tell(self) -> int:
        return self._untrusted.tell()

    def readinto(self, buffer: Any) -> int:
        content = self._untrusted.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def _dialect(sample: str) -> tuple[str, int]:
    """The delimiter, by which lines agree most on their width, and how many lines to pass over."""
    told = re.match(r"sep=(.)\r?\n", sample)
    if told:
        return told[1], 1
    best = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        widths = Counter(map(len, islice(_quiet_reader(sample, delimiter), 50)))
        widths.pop(0, None)
        width, lines = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if width > 1:
            best = max(best, (lines / widths.total(), width, delimiter), key=lambda found: found[:2])
    return best[2], 0


def _quiet_reader(sample: str, delimiter: str) -> Iterator[list[str]]:
    lines = sample.splitlines(keepends=True)
    reader = csv.reader(lines[:-1] or lines, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue


def _csv_rows(text: io.TextIOWrapper, delimiter: str, skip: int) -> Iterator[Row]:
    before = csv.field_size_limit(_LARGEST_CELL)
    try:
        reader = csv.reader(islice(_lines(text), skip, None), delimiter=delimiter, strict=True)
        while True:
            number = reader.line_num + 1 + skip
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row("", number, problem=_csv_problem(error))
                continue
            if any(not cell.isascii() and _NOT_TEXT.search(cell) for cell in cells):
                yield Row("", number, problem="some of its bytes are not text in the encoding of the table")
            else:
                formulas = frozenset(place for place, cell in enumerate(cells) if is_formula(cell))
                yield Row("", number, tuple(cells), formulas=formulas)
    finally:
        csv.field_size_limit(before)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, cut where one would fill the memory; the reader then finds the cell too large."""
    while line := text.readline(2 * _LARGEST_CELL):
        yield line


def _csv_problem(error: csv.Error) -> str:
    words = str(error)
    if "unexpected end" in words:
        return "a quotation mark is opened in it and never closed; nothing after it could be read"
    if "field larger" in words:
        return f"one of its cells is larger than {_LARGEST_CELL >> 20} MiB"
    return f"it is not well formed: {words}"


def _workbook_rows(untrusted: BinaryIO) -> Iterator[Row]:
    import mimetypes  # noqa: PLC0415 - for the workbook reader alone

    mimetypes.knownfiles.clear()  # or it would read files of this machine, which the room keeps closed
    from openpyxl import load_workbook  # noqa: PLC0415 - it takes a while to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _refuse_bomb(untrusted)
            untrusted.seek(0)
            # formulas are read as their text: what a formula gave once is not what the sheet says
            book = load_workbook(untrusted, read_only=True, data_only=False, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                for number, cells in enumerate(sheet.iter_rows(), 1):
                    yield _workbook_row(str(sheet.title), number, cells)
            book.close()
        except _BROKEN as error:
            raise MalformedError(f"this workbook cannot be read: {type(error).__name__}: {error}") from error


def _workbook_row(sheet: str, number: int, cells: tuple[Any, ...]) -> Row:
    if len(cells) > MOST_COLUMNS:
        return Row(sheet, number, problem=f"it has more than {MOST_COLUMNS:,} cells")
    texts = tuple(_NOT_TEXT.sub("\ufffd", _cell_text(cell.value)) for cell in cells)
    formulas = frozenset(place for place, cell in enumerate(cells) if cell.data_type == "f")
    return Row(
        sheet, number, texts, formulas=formulas | {n for n, text in enumerate(texts) if is_formula(text)}
    )


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = getattr(value, "text", value)  # the formula of an array, a text in several styles
    return "" if text is None else str(text)


def _refuse_bomb(untrusted: BinaryIO) -> None:
    with zipfile.ZipFile(untrusted) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        packed = max(1, untrusted.seek(0, os.SEEK_END))
    if unpacked > _LARGEST_WORKBOOK or (unpacked > 100 << 20 and unpacked > 200 * packed):
        raise MalformedError(f"this workbook would unpack to {unpacked:,} bytes out of {packed:,}")
