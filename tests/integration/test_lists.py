"""Lists of codes on a real case: taken from another desk, read, searched; and given out on record."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.integration.test_groups import EXERCISE, OLD, RECYCLED, Desk, pytestmark

__all__ = ["pytestmark"]
PICTURES = EXERCISE / "incoming/pictures"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case with one picture that is on a list, and one that is not; the list was not read yet."""
    desk = Desk(tmp_path_factory.mktemp("listed"))
    desk.run("new", desk.case, "--name", "Listed")
    desk.run("take", PICTURES / OLD, PICTURES / "NE_0412.jpg")
    return desk


def test_a_list_goes_out_on_record_and_comes_back_as_the_list_of_another_desk(desk: Desk) -> None:
    own = desk.folder / "own.csv"
    (given,) = desk.run("codes", "--export", own, "--rule", "sampled", "--only", desk.number(OLD))
    assert given["pictures"] == 1
    (row,) = csv.DictReader(own.read_text("utf-8").splitlines())
    assert row["rule"] == "PDQ, 512 × 512 single pixels"
    (act,) = [one for one in desk.run("log") if one["type"] == "codes.given"]
    assert act["detail"]["chosen"] == [desk.number(OLD)]
    desk.run("codes", "--export", own, "--rule", "sampled", code=4)

    near = f"{int(row['hash'], 16) ^ 0b111:064x}"
    theirs = desk.folder / "theirs.csv"
    theirs.write_text(f"hash,label\n{'f0' * 32},x\n{near},y\n", "utf-8")
    (taken,) = desk.run("take", theirs)
    desk.run("codes", taken["exhibit"], code=2)
    assert "by which of PDQ's rules" in desk.said
    (listed,) = desk.run("codes", taken["exhibit"], "--rule", "sampled")
    assert (listed["codes"], listed["hits"]) == (2, 1)
    (shown,) = desk.run("show", desk.number(OLD))
    (match,) = shown["match"]
    assert (match["method"], match["distance"]) == ("pdq-list 1", 3)
    assert f"line 3 of the list {taken['exhibit']}" in match["reason"]
    assert shown["groups"] == []

    desk.run("take", PICTURES / RECYCLED)
    (copied,) = desk.run("show", desk.number(RECYCLED))
    assert {one["method"].split()[0] for one in copied["match"]} == {"features", "pdq-list"}
    hits = desk.run("find", "--like", Path(PICTURES / RECYCLED))
    assert taken["exhibit"] in {hit["exhibit"] for hit in hits}
    desk.run("codes", desk.number(OLD), "--rule", "full", code=5)
