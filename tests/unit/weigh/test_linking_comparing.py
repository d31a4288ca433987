"""Which level two names meet, asked of the database as the linking asks it. All names are put together."""

from __future__ import annotations

import pytest

from witnessmark.weigh.linking.comparing import COLUMNS, FEATURES
from witnessmark.weigh.linking.intake import Entry
from witnessmark.weigh.linking.naming import name
from witnessmark.weigh.linking.peopling import row_of_person

duckdb = pytest.importorskip("duckdb")


def level(feature: str, one: str, other: str) -> str:
    """The words of the level that two names meet in a feature."""
    [asked] = [each for each in FEATURES if each.column == feature]
    rows = [row_of_person(n, n, Entry(1, name(text))) for n, text in enumerate((one, other))]
    sides = ", ".join(
        "(SELECT " + ", ".join(f"?::{kind} AS {column}_{side}" for column, kind in COLUMNS.items()) + ")"
        for side in "lr"
    )
    cases = " ".join(f"WHEN {each.condition} THEN {n}" for n, each in enumerate(asked.levels[:-1]))
    [(found,)] = duckdb.sql(
        f"SELECT CASE {cases} ELSE {len(asked.levels) - 1} END FROM {sides}",  # noqa: S608 - our own words
        params=[*rows[0], *rows[1]],
    ).fetchall()
    return asked.levels[int(found)].words


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("كريم سامي نعيم صلاح", "كريم سامي نعيم صالح", "one letter apart or nearly alike"),
        ("كريم سامي نعيم الأيهم", "كريم سامي نعيم االيهم", "the same"),
        ("كريم سامي نعيم نصرالله", "كريم سامي نعيم نصر هللا", "the same"),
        ("كريم سامي نعيم صالح", "كريم سامي نعيم حداد", "different"),
    ],
)
def test_letters_that_a_pdf_turned_do_not_part_a_family(one: str, other: str, words: str) -> None:
    assert level("family", one, other) == words


def test_who_is_named_after_a_grandfather_agrees_in_his_name_but_once() -> None:
    assert level("inner", "كريم سامي كريم حداد", "كريم سامي كريم نجار") == "the same after the given name"
    assert level("inner", "كريم سامي كريم حداد", "كريم عادل كريم حداد") == "different"
    assert level("inner", "كريم سامي نعيم حداد", "كريم سامي نعيم نجار") == "the same, two or more"
    assert level("inner", "كريم سامي نعيم حداد", "كريم عادل نعيم حداد") == "one in common"


def test_a_grandson_and_his_brother_do_not_share_a_given_name() -> None:
    assert level("given", "نعيم سامي نعيم حداد", "كريم سامي نعيم حداد") == "different"
    assert level("given", "كريم نعيم حداد", "نعيم حداد") == "stands elsewhere in the other name"
