import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from witnessmark.collect.lists import columns
from witnessmark.collect.table import Row, harmless, is_formula, open_table
from witnessmark.errors import MalformedError


def read(content: bytes) -> list[Row]:
    return list(open_table(io.BytesIO(content)).rows)


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(content)]


def workbook(rows: list[list[object]], title: str = "Sheet") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


TABLE = [["file", "note"], ["a.jpg", "one, two"], ["صورة من النهر.jpg", 'three "four"\nfive']]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in TABLE]
    assert cells("".join(lines * 3).encode(encoding)) == [tuple(row) for row in TABLE * 3]


def test_the_delimiter_that_a_spreadsheet_names_is_used() -> None:
    assert cells(b"sep=;\r\na,b;c\r\nd;e\r\n") == [("a,b", "c"), ("d", "e")]
    assert [row.number for row in read(b"sep=;\r\na;b\r\n")] == [2]


def test_a_workbook_is_read_sheet_by_sheet_as_text() -> None:
    rows = read(
        workbook([["a", 1, 2.5, None, date(2014, 6, 17), datetime.fromisoformat("2014-06-17T05:30"), True]])
    )
    assert [(row.sheet, row.number, row.cells) for row in rows] == [
        ("Sheet", 1, ("a", "1", "2.5", "", "2014-06-17", "2014-06-17 05:30:00", "True"))
    ]


def test_a_formula_is_never_calculated() -> None:
    ((row),) = read(workbook([["=1+1", '=HYPERLINK("http://evil.example","x")', "plain"]]))
    assert row.cells[0] == "=1+1"
    assert row.formulas == {0, 1}
    ((row),) = read(b"=cmd|' /C calc'!A0;+964 770;-5,2;-rm;@x;plain\n")
    assert row.formulas == {0, 3, 4}


@pytest.mark.parametrize(
    ("cell", "formula"),
    [("=1", True), ("+1-2", True), ("-5", False), ("+964 770", False), ("@a", True), ("", False)],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(cell: str, formula: bool) -> None:
    assert is_formula(cell) is formula
    assert harmless(cell) == (f"'{cell}" if formula else cell)


def test_a_malformed_row_is_reported_and_the_others_come() -> None:
    rows = read(b'a,b\n"x"y,2\n1,2\n')
    assert [row.problem is None for row in rows] == [True, False, True]
    assert rows[2].cells == ("1", "2")


def test_a_quotation_mark_that_is_never_closed_is_reported() -> None:
    rows = read(b'a,b\n1,2\n3,"open\n4,5\n')
    assert rows[1].cells == ("1", "2")
    assert "never closed" in str(rows[2].problem)
    assert rows[2].number == 3


def test_a_cell_beyond_all_bounds_is_reported_and_the_others_come() -> None:
    rows = read(b"a,b\n" * 5 + b"x" * (5 << 20) + b",2\n1,2\n")
    assert rows[0].cells == ("a", "b")
    assert any("larger than 1 MiB" in str(row.problem) for row in rows)
    assert rows[-1].cells == ("1", "2")


def test_bytes_that_are_no_text_spoil_one_row_only() -> None:
    content = "é,b\n".encode() * 100_000 + b"\xff,2\n1,2\n"
    rows = read(content)
    assert "not text" in str(rows[-2].problem)
    assert rows[-1].cells == ("1", "2")


def test_a_row_of_too_many_cells_is_reported() -> None:
    rows = read(b"a,b\n" + b"," * 2000 + b"\nc,d\n")
    assert "more than 1,000 cells" in str(rows[1].problem)


@pytest.mark.parametrize("content", [b"", b"  \n", bytes(100), b"PK\x03\x04", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_table_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        read(content)


def test_a_workbook_that_swells_is_refused() -> None:
    packed = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", bytes(150 << 20))
    with pytest.raises(MalformedError, match="would unpack to"):
        read(packed.getvalue())


def test_rows_beyond_a_million_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("witnessmark.collect.table.MOST_ROWS", 10)
    rows = read(b"a,b\n" * 50)
    assert len(rows) == 11
    assert "beyond the first 10" in str(rows[-1].problem)


def shape(content: bytes) -> dict[str, object]:
    ((facts, nothing),) = columns(io.BytesIO(content), {})
    assert nothing == b""
    return dict(facts)


PEOPLE = (
    "الاسم;العمر;date of death\nPerson One;34;2014-06-12\nPerson Two;abc;12/6/2014\n;;\nPerson Three;61;\n"
)


def test_the_shape_of_a_list_is_told_and_nothing_that_stands_in_it() -> None:
    facts = shape(PEOPLE.encode())
    assert facts["delimiter"] == ";"
    assert facts["sheets"] == [
        {
            "rows": 3,
            "has_header": True,
            "columns": [
                {"name": "الاسم", "filled": 3, "kinds": {"text": 3}},
                {"name": "العمر", "filled": 3, "kinds": {"text": 1, "whole number": 2}},
                {"name": "date of death", "filled": 2, "kinds": {"date": 2}},
            ],
        }
    ]
    assert "Person" not in str(facts)


def test_a_list_without_header_gives_no_cell_for_a_column_name() -> None:
    facts = shape(b"Person One,34\nPerson Two,35\n")
    assert "Person" not in str(facts)
    assert "'rows': 2" in str(facts)
    assert "'has_header': False" in str(facts)


def test_malformed_rows_of_a_list_are_counted_and_named() -> None:
    facts = shape(b'name,age\n"x"y,2\n1,2\n')
    assert facts["malformed_rows"] == 1
    assert "'row': 2" in str(facts["malformed"])


def test_each_sheet_of_a_workbook_is_told_apart() -> None:
    book = Workbook()
    book.create_sheet("second").append(["name", "age"])
    sheet = book.active
    assert sheet is not None
    sheet.append(["=1+1"])
    buffer = io.BytesIO()
    book.save(buffer)
    facts = shape(buffer.getvalue())
    assert facts["format"] == "xlsx"
    assert facts["formulas"] == 1
    assert [sheet["sheet"] for sheet in facts["sheets"]] == ["Sheet", "second"]  # type: ignore[attr-defined]
