"""The index of words follows the case: what is said later is found, what was erased is not."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.desks import copy_of
from tests.servers.doors import ORIGIN, came_in

from witnessmark.desk.facets import Asked
from witnessmark.desk.searching import Hits, Words
from witnessmark.desk.sidecar import Line
from witnessmark.model import CheckState
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.wiring import served_desk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def read_all(words: Words) -> None:
    """Have everything read that is on record now."""
    while not words.refresh():
        pass


def found(office: Office, words: Words, question: str) -> set[str | None]:
    """The exhibits in which something is found."""
    read_all(words)
    places = asked(words, question).places
    return {office.desk.case.exhibit_of(digest) for digest in words.digests(places).values()}


def asked(words: Words, question: str) -> Hits:
    """What is found of words as far as was read until now."""
    return words.find(Asked(words=question))


def test_the_index_follows_the_case_and_forgets_what_was_erased(office: Office) -> None:
    desk, words = office.desk, office.words
    kept = desk.likeness.beside("words")
    assert found(office, words, '"notes of what was said"') == {"E00006"}
    assert found(office, words, "متحدثة") == set()
    assert found(office, words, "المتحدث البلدية") == {"E00009"}
    assert found(office, words, "zebrastone") == set()
    note = {"kind": "observation", "exhibit": "E00005", "body": {"purpose": "note", "value": "a zebrastone"}}
    desk.enter([Line("a test", note)])
    assert found(office, words, "ZEBRASTONE") == {"E00005"}
    words.close()  # a file is one process's at a time
    again = Words(desk.case, kept)
    assert again.refresh()
    assert asked(again, "zebra*").looked == len(list(desk.case.exhibits()))
    again.close()
    assert b"notes of what was said" in kept.read_bytes()
    desk.erase(["E00006"], "a test")
    assert not kept.exists(), "words of what was erased lie on the disk"
    assert found(office, words, '"notes of what was said"') == set()
    assert found(office, words, "zebrastone") == {"E00005"}
    assert b"notes of what was said" not in kept.read_bytes()


def test_the_next_start_finds_what_was_read_and_reads_only_what_is_new(office: Office) -> None:
    case, kept = office.desk.case, office.desk.likeness.beside("words")
    first = Words(case, kept)
    read_all(first)
    first.close()
    second = Words(case, kept)
    hits = asked(second, '"notes of what was said"')
    assert (len(hits.places), hits.looked, hits.is_whole) == (1, 10, True)
    alone = Words(case, kept)  # somebody else at the same case, while the file is taken
    assert asked(alone, '"notes of what was said"').looked == 0
    assert found(office, alone, '"notes of what was said"') == {"E00006"}
    alone.close()
    second.close()
    assert asked(Words(case, kept), "municipality").is_whole, "who had none of the file left it as it was"


def test_an_index_that_was_read_by_halves_is_read_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case, kept = office.desk.case, office.desk.likeness.beside("words")
    monkeypatch.setattr("witnessmark.desk.searching._STEP", 4)
    first = Words(case, kept)
    assert not first.refresh()
    first.close()
    second = Words(case, kept)
    assert (hits := asked(second, "notes")).looked == 4
    assert not hits.is_whole
    assert found(office, second, '"notes of what was said"') == {"E00006"}
    second.close()


@pytest.mark.parametrize("damage", ["foreign", "torn", "zeroed", "of another form", "of the first form"])
def test_a_damaged_index_is_made_anew(office: Office, damage: str) -> None:
    kept = office.desk.likeness.beside("words")
    first = Words(office.desk.case, kept)
    read_all(first)
    first.close()
    content = bytearray(kept.read_bytes())
    if damage == "of another form":
        with sqlite3.connect(kept) as connection:
            connection.execute("UPDATE reach SET form = '0'")
            connection.execute("DELETE FROM words")
        connection.close()
    elif damage == "of the first form":
        with sqlite3.connect(kept) as connection:
            connection.execute("ALTER TABLE reach DROP COLUMN root")
        connection.close()
    elif damage == "foreign":
        kept.write_bytes(b"not what we wrote")
    elif damage == "torn":
        kept.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 3 : len(content) // 3 + 2000] = bytes(2000)
        kept.write_bytes(content)
    second = Words(office.desk.case, kept)
    assert asked(second, "notes").looked == 0, "a damaged index was searched"
    assert found(office, second, '"notes of what was said"') == {"E00006"}
    second.close()


def test_an_index_of_another_log_is_made_anew(hostile_desk: Path, tmp_path: Path) -> None:
    """One case copied twice: in each copy something else is said, so that neither log holds the other."""
    kept = []
    for name in ("one", "other"):
        desk = served_desk(copy_of(hostile_desk, tmp_path / name), None, None)
        note = {"purpose": "note", "value": f"only in {name}"}
        desk.enter([Line("a test", {"kind": "observation", "exhibit": "E00005", "body": note})])
        words = Words(desk.case, desk.likeness.beside("words"))
        read_all(words)
        assert asked(words, f'"only in {name}"').places
        kept.append(desk.likeness.beside("words"))
        words.close()
        desk.close()
    shutil.copy(kept[0], kept[1])  # the index of a log that went another way, as after a rollback
    desk = served_desk(tmp_path / "other" / "case", None, None)
    words = Words(desk.case, kept[1])
    assert asked(words, "only").looked == 0
    read_all(words)
    assert asked(words, '"only in other"').places
    assert not asked(words, '"only in one"').places
    words.close()
    shutil.rmtree(tmp_path / "other" / "case" / "index")
    assert all(check.state is not CheckState.BROKEN for check in desk.verify()), "the index is no evidence"
    desk.close()


def test_until_all_is_read_the_page_says_how_much_was_looked_into(office: Office) -> None:
    client, form = came_in(office, Role.VIEWER)
    assert "Only 0 exhibits" in client.get("/gallery?words=municipality").text
    read_all(office.words)
    page = client.get("/gallery?words=municipality").text
    assert "in all 10 exhibits" in page
    assert client.get("/gallery?words=-only").status_code == 404
    assert client.get("/gallery?level=9").status_code == 404
    fields = {"form": form, "name": "mine", "words": "hall", "kind": "text"}
    assert client.post("/gallery/kept", data=fields, headers=ORIGIN).status_code == 303
    assert "/gallery?words=hall&amp;kind=text" in client.get("/gallery").text
    other, _ = came_in(office, Role.ANALYST)
    assert "/gallery?words=hall" not in other.get("/gallery").text
