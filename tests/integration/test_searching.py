"""The index of words follows the case: what is said later is found, what was erased is not."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import ORIGIN, came_in

from witnessmark.desk.searching import Words
from witnessmark.desk.sidecar import Line
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def read_all(words: Words) -> None:
    """Have everything read that is on record now."""
    while not words.refresh():
        pass


def found(office: Office, words: Words, question: str) -> set[str | None]:
    """The exhibits in which something is found."""
    read_all(words)
    return {office.desk.case.exhibit_of(digest) for digest in words.find(question).digests}


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
    again = Words(desk.case, kept)
    assert again.refresh()
    assert again.find("zebra*").looked == len(list(desk.case.exhibits()))
    again.close()
    assert b"notes of what was said" in kept.read_bytes()
    desk.erase(["E00006"], "a test")
    assert not kept.exists(), "words of what was erased lie on the disk"
    assert found(office, words, '"notes of what was said"') == set()
    assert found(office, words, "zebrastone") == {"E00005"}
    assert b"notes of what was said" not in kept.read_bytes()


def test_what_lies_there_from_before_is_not_searched(office: Office) -> None:
    kept = office.desk.likeness.beside("words")
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"not what we wrote")
    words = Words(office.desk.case, kept)
    assert found(office, words, '"notes of what was said"') == {"E00006"}
    words.close()


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
