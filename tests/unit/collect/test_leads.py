import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from witnessmark.collect.leads import leads_in, rows
from witnessmark.model import Facts, Outcome
from witnessmark.ports import Declined, Lead, Part


class OpenRoom:
    """The leads task without the lock around it: its own behaviour is what is tested here."""

    def run(self, task: str, untrusted: Path, parameters: Mapping[str, object]) -> Iterator[Part]:
        assert task == "witnessmark.collect.leads:rows"
        with untrusted.open("rb") as stream:
            for facts, content in rows(stream, parameters):
                assert isinstance(content, bytes)
                yield Part(Facts(facts), io.BytesIO(content))

    def close(self) -> None:
        """Nothing to leave."""


def follow(folder: Path, table: str | bytes) -> list[Lead | Declined]:
    path = folder / "leads.csv"
    path.write_bytes(table.encode() if isinstance(table, str) else table)
    first, *others = leads_in(path, OpenRoom())
    assert isinstance(first, Lead)
    assert first.path == path
    return others


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    for name in ("a.jpg", "media/b.jpg", "صورة.jpg"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    "header",
    [
        "file,link,note",
        "File name,Source URL,Notes",
        "PATH,Permalink,Comment",
        "ملف,رابط,ملاحظات",
        "الملف,الرابط,ملاحظة",
        "Fichier,Lien,Remarque",
        "Datei,Adresse,Bemerkung",
        "attachment,address,description",
    ],
)
def test_columns_are_known_by_their_words_in_several_languages(folder: Path, header: str) -> None:
    (lead,) = follow(folder, f"{header}\na.jpg,https://example.org/1,seen\n")
    assert isinstance(lead, Lead)
    assert (lead.path, lead.source_url, lead.note) == (folder / "a.jpg", "https://example.org/1", "seen")
    assert lead.source == str(folder / "a.jpg")


def test_columns_are_known_by_what_stands_in_them(folder: Path) -> None:
    (first, second) = follow(folder, "https://example.org/1,a.jpg\nhttps://example.org/2,media/b.jpg\n")
    assert isinstance(first, Lead)
    assert isinstance(second, Lead)
    assert (first.source_url, second.path) == ("https://example.org/1", folder / "media/b.jpg")


def test_a_source_column_that_holds_files_is_a_file_column(folder: Path) -> None:
    (lead,) = follow(folder, "source,remarks\nصورة.jpg,x\n")
    assert isinstance(lead, Lead)
    assert lead.path == folder / "صورة.jpg"


def test_legal_basis_and_further_columns_go_with_the_lead(folder: Path) -> None:
    (lead,) = follow(folder, "file;legal basis;uploader;when\na.jpg;consent;someone;=1+1\n")
    assert isinstance(lead, Lead)
    assert lead.legal_basis == "consent"
    assert lead.declared == Facts(row="row=2", personal=Facts(uploader="someone", when="'=1+1"))


def test_a_folder_and_a_windows_path_are_found(folder: Path) -> None:
    found = follow(folder, "path\nmedia\nmedia\\b.jpg\n" + f"file://{folder}/a.jpg\n")
    assert [lead.path for lead in found if isinstance(lead, Lead)] == [
        folder / "media",
        folder / "media/b.jpg",
        folder / "a.jpg",
    ]


@pytest.mark.parametrize(
    ("cell", "reason", "outcome"),
    [
        ("/etc/passwd", "lies outside", Outcome.DECLINED),
        ("../../../../etc/passwd", "lies outside", Outcome.DECLINED),
        ("file:///etc/passwd", "lies outside", Outcome.DECLINED),
        ("out/passwd", "lies outside", Outcome.DECLINED),
        ("..\\..\\x", "lies outside", Outcome.DECLINED),
        ("missing.jpg", "there is no file", Outcome.FAILED),
        ("n" * 5000, "there is no file", Outcome.FAILED),
        ("a\0b", "there is no file", Outcome.FAILED),
        ("", "names only an address", Outcome.DECLINED),
        ("=a.jpg", "is a formula", Outcome.DECLINED),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_the_others_come(
    folder: Path, cell: str, reason: str, outcome: Outcome
) -> None:
    (folder / "out").symlink_to("/etc")
    bad, good = follow(folder, f"file,url\n{cell},https://example.org/1\na.jpg,https://example.org/2\n")
    assert isinstance(bad, Declined)
    assert reason in bad.reason
    assert bad.outcome is outcome
    assert bad.source == f"{folder}/leads.csv#row=2"
    assert isinstance(good, Lead)


def test_blank_rows_are_passed_by_and_numbers_stay_right(folder: Path) -> None:
    (bad,) = [one for one in follow(folder, "file\n\n\na.jpg\nmissing.jpg\n") if isinstance(one, Declined)]
    assert bad.source.endswith("#row=5")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("name,age\nPerson One,34\nPerson Two,35\n", "describe people"),
        ("name,father,source\nPerson One,x,https://example.org/1\n", "describe people"),
        ("الاسم,العمر,المصدر\nx,34,https://example.org/1\n", "describe people"),
        ("date,count\n2014-06-12,170\n", "no column holds files or addresses"),
        ("address,city\n1 River Road,Townsville\n2 River Road,Townsville\n", "no column holds"),
        ("just words\n", "no column holds"),
    ],
)
def test_a_list_is_an_exhibit_and_not_followed(folder: Path, table: str, why: str) -> None:
    (declined,) = follow(folder, table)
    assert isinstance(declined, Declined)
    assert why in declined.reason


def test_one_column_of_names_does_not_make_a_list_of_people(folder: Path) -> None:
    (lead,) = follow(folder, "name,link\nthe river,media/b.jpg\n")
    assert isinstance(lead, Lead)
    assert lead.path == folder / "media/b.jpg"


def test_people_with_files_are_leads(folder: Path) -> None:
    (lead,) = follow(folder, "name,age,file\nPerson One,34,a.jpg\n")
    assert isinstance(lead, Lead)
    assert lead.declared["personal"] == Facts(name="Person One", age="34")


def test_a_table_that_cannot_be_read_is_kept_and_says_so(folder: Path) -> None:
    (declined,) = follow(folder, b"PK\x03\x04 no workbook")
    assert isinstance(declined, Declined)
    assert declined.outcome is Outcome.FAILED


def test_a_malformed_row_is_one_failed_line(folder: Path) -> None:
    bad, good = follow(folder, 'file,note\n"a.jpg"x,1\na.jpg,2\n')
    assert isinstance(bad, Declined)
    assert bad.outcome is Outcome.FAILED
    assert isinstance(good, Lead)
