"""The ledger of reported numbers: the published numbers of June 2014, shortened, and recorders' rows."""

from __future__ import annotations

from datetime import date

import pytest

from witnessmark.model import Qualifier, Range, Stance
from witnessmark.model.reported import Flag, Quantity, Reported, Series
from witnessmark.model.weighing import Agreement, Bounds
from witnessmark.weigh.counting.ledger import allows, at_date, dates, ledger
from witnessmark.weigh.counting.recorders import (
    COLUMNS,
    Recorder,
    day_of,
    entries_of,
    recorder_of,
    row_of,
)
from witnessmark.weigh.counting.rows import entry_of, fields_of
from witnessmark.weigh.counting.wording import (
    amount_of,
    quantity_of,
    stance_of,
    superseded_in,
    whole,
    worded,
)

HEADER = [
    "report_date",
    "attributed_to",
    "via",
    "quantity",
    "kind",
    "min",
    "best",
    "max",
    "bound",
    "basis",
    "url",
]
ROWS = """
2014-06-14|the group|posts|killed|claim|1700|1700|1700|point|unsupported
2014-06-14|captions|agency|killed|claim||||vague (hundreds)|on the pictures
2014-06-15|the spokesman|agency|killed|estimate|170|170|170|about|counting in the images
2014-06-15|a foreign ministry|agency|killed|cannot-confirm||||refuses 1700|
2014-06-27|researchers|own release|killed|estimate|160||190|lower-bound (two sites; may be much higher)|photo
2014-09-03|researchers|agency|killed|estimate (supersedes 160-190)|560||770|lower-bound; 3 further sites|new
2014-09-05|researchers (subset: third site)|site|killed-at-site|estimate|285||440|subset of 560-770|survivor
2015-04-07|the ministry|a site|missing|official|1678|1678|1678|point (missing not killed)|register
2015-04-07|an official|a channel|exhumed|count|47|47|47|running|2 of 11 graves
2015-04|the ministry|a paper|exhumed|count|164|164|164|running|4 graves
2015-05-28|the minister|agency|exhumed|count|470|470|470|running; not final|4 graves
"""


@pytest.fixture
def entries() -> list[Reported]:
    fields = fields_of(HEADER)
    made = []
    for number, line in enumerate(ROWS.strip().splitlines(), 2):
        cells = [*line.split("|"), "https://paper.example/1"]
        texts = {field: cells[place] for field, place in fields.items()}
        made.append(entry_of(dict(zip(HEADER, cells, strict=True)), texts, f"row {number}"))
    return made


def series(entries: list[Reported], quantity: Quantity, scope: str = "") -> Series:
    return next(one for one in ledger(entries) if (one.quantity, one.scope) == (quantity, scope))


def test_free_text_becomes_qualifiers_scopes_and_flags(entries: list[Reported]) -> None:
    told = {one.name: (str(one.amount), one.flags) for one in entries}
    assert told["row 2"] == ("1,700", ())
    assert told["row 3"] == ("an unstated number", (Flag.VAGUE,))
    assert told["row 4"] == ("about 170", ())
    assert told["row 6"] == ("at least 160–190", ())
    assert told["row 8"] == ("285–440", (Flag.OF_A_PART,))
    assert told["row 12"] == ("at least 470", (Flag.RUNNING,))
    part = entries[6]
    assert (part.source, part.scope, part.quantity) == ("researchers", "third site", Quantity.KILLED)
    assert entries[3].stance is Stance.CANNOT_VERIFY
    assert entries[3].amount is None
    assert entries[9].said_on == date(2015, 4, 30), "by the end of the month it was known"
    assert entries[0].raw["min"] == "1700"


def test_types_and_scopes_are_never_merged(entries: list[Reported]) -> None:
    found = [(one.quantity, one.scope) for one in ledger(entries)]
    assert found == [
        (Quantity.KILLED, ""),
        (Quantity.KILLED, "third site"),
        (Quantity.MISSING, ""),
        (Quantity.EXHUMED, ""),
    ]


def test_the_range_on_a_day_is_that_of_what_stood_then(entries: list[Reported]) -> None:
    killed = series(entries, Quantity.KILLED)
    first = at_date(killed, date(2014, 6, 14))
    assert (first.reported, first.agreement) == (Range(best=1700), Agreement.NOT_COMPARABLE)
    assert at_date(killed, date(2014, 6, 16)).reported == Range(170, None, 1700, Qualifier.BETWEEN)
    june, september = at_date(killed, date(2014, 6, 27)), at_date(killed, date(2014, 9, 3))
    assert str(june.reported) == "at least 160"
    assert str(september.reported) == "at least 170", "160–190 is superseded and stands no more"
    assert str(september.ever) == "at least 160", "and stays on record"
    assert september.agreed == Range(best=1700), "the only number that all with bounds allow"
    assert [one.name for one in september.unbounded] == ["row 3", "row 4"]
    assert at_date(killed, date(2014, 6, 13)).agreement is Agreement.NONE_GIVEN
    assert dates(killed)[0] == date(2014, 6, 14)
    assert [one.source for one in killed.questioned] == ["a foreign ministry"]


def test_a_lineage_counts_once_and_a_revision_names_what_it_replaces(entries: list[Reported]) -> None:
    killed = series(entries, Quantity.KILLED)
    researchers = next(one for one in killed.descents if "researchers" in one.sources)
    assert [one.name for one in researchers.entries] == ["row 6", "row 7"]
    assert researchers.entries[1].supersedes == ("row 6",)
    exhumed = at_date(series(entries, Quantity.EXHUMED), date(2015, 5, 28))
    assert str(exhumed.agreed) == "at least 470"
    assert len(exhumed.standing) == 3


def test_what_is_taken_back_stands_no_more_and_a_relay_adds_nothing() -> None:
    said = Reported("a", "A", Quantity.KILLED, Range(best=5), "row 2", said_on=date(2020, 1, 1))
    relay = Reported(
        "b", "B", Quantity.KILLED, Range(best=5), "row 3", said_on=date(2020, 1, 2), derived_from=("a",)
    )
    back = Reported("c", "A", Quantity.KILLED, None, "row 4", Stance.RETRACTS, date(2020, 1, 3))
    (found,) = ledger([said, relay, back])
    assert len(found.descents) == 1
    assert [one.name for _, several in at_date(found, date(2020, 1, 2)).standing for one in several] == ["a"]
    assert at_date(found, date(2020, 1, 3)).agreement is Agreement.NONE_GIVEN


def test_another_source_can_supersede_an_entry_and_is_then_of_its_lineage() -> None:
    first = Reported("a", "A", Quantity.KILLED, Range(best=9), "row 2", said_on=date(2020, 1, 1))
    better = Reported(
        "b", "B", Quantity.KILLED, Range(best=5), "row 3", said_on=date(2020, 1, 2), supersedes=("a",)
    )
    (found,) = ledger([first, better])
    assert [one.sources for one in found.descents] == [("A", "B")]
    assert at_date(found, date(2020, 1, 1)).reported == Range(best=9)
    assert at_date(found, date(2020, 1, 2)).reported == Range(best=5)


def test_what_names_an_entry_that_is_not_there_is_flagged() -> None:
    one = Reported("a", "A", Quantity.KILLED, Range(best=5), "row 2", derived_from=("z",), supersedes=("y",))
    (found,) = ledger([one])
    assert found.descents[0].entries[0].flags == (Flag.NOT_AT_HAND,)


def test_at_least_a_range_allows_more_than_its_upper_end() -> None:
    assert allows(Range(160, None, 190, Qualifier.AT_LEAST)) == Bounds(160, None)
    assert allows(Range(160, None, 190, Qualifier.BETWEEN)) == Bounds(160, 190)
    assert allows(Range(best=170, qualifier=Qualifier.ABOUT)) is None


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("lower bound", Qualifier.AT_LEAST),
        ("no fewer than", Qualifier.AT_LEAST),
        ("more than", Qualifier.MORE_THAN),
        ("some/approximately", Qualifier.ABOUT),
        ("point (at least one paper says more)", Qualifier.EXACTLY),
        ("dozens", Qualifier.VAGUE),
        ("running; conflicts with 470 of the same day", Qualifier.AT_LEAST),
        ("up to", Qualifier.UP_TO),
        ("what a morning", None),
    ],
)
def test_the_first_words_say_how_a_number_is_meant(text: str, qualifier: Qualifier | None) -> None:
    assert worded(text).qualifier is qualifier


def test_words_for_quantities_and_stances() -> None:
    assert quantity_of("bodies exhumed")[0] is Quantity.EXHUMED
    assert quantity_of("", "How many prisoners were killed") == (Quantity.KILLED, False)
    assert quantity_of("killed and wounded") == (Quantity.INJURED, True)
    assert quantity_of("trips") == (Quantity.OTHER, False)
    assert stance_of("cannot-confirm") is Stance.CANNOT_VERIFY
    assert stance_of("retracted") is Stance.RETRACTS
    assert stance_of("official") is Stance.ASSERTS
    assert superseded_in("estimate (supersedes 160-190)") == (160, 190)
    assert superseded_in("estimate 160-190") == ()


def test_numbers_out_of_order_are_not_mended() -> None:
    assert amount_of(9, 5, None, None) == (None, Flag.NOT_IN_ORDER)
    assert amount_of(None, None, None, None) == (None, None)
    assert amount_of(4, 4, 4, Qualifier.ABOUT) == (Range(best=4, qualifier=Qualifier.ABOUT), None)
    assert [whole(text) for text in ("1,700", "1 700", "12.0", "many", "-3", "17,00")] == [
        *(1700, 1700, 12),
        *(None, None, None),
    ]


def test_days_are_read_and_nonsense_is_none() -> None:
    assert day_of("2014-06-14T12:00:00Z") == date(2014, 6, 14)
    assert day_of("14 June 2014") == date(2014, 6, 14)
    assert day_of("2016-02") == date(2016, 2, 29)
    assert day_of("2014") == date(2014, 12, 31)
    assert [day_of(text) for text in ("2014-13-01", "31 June 2014", "14 Foo 2014", "soon", "", "0000")] == [
        None
    ] * 6


GED = {
    "id": "236880",
    "date_start": "2017-05-01 00:00:00.000",
    "where_coordinates": "a town",
    "country": "a country",
    "source_original": "a police chief",
    "deaths_a": "0",
    "deaths_b": "1",
    "deaths_civilians": "4",
    "deaths_unknown": "0",
    "best": "5",
    "high": "5",
    "low": "7",
}


def test_a_low_above_the_best_is_flagged_and_kept_as_it_came() -> None:
    (one,) = entries_of(Recorder.UCDP_GED, GED, "row 2")
    assert one.amount is None
    assert one.flags == (Flag.NOT_IN_ORDER,)
    assert row_of(Recorder.UCDP_GED, one) == {
        name: GED.get(name, "") for name in COLUMNS[Recorder.UCDP_GED].columns
    }
    (sound,) = entries_of(Recorder.UCDP_GED, GED | {"low": "3", "deaths_b": "9"}, "row 2")
    assert (sound.amount, sound.flags) == (Range(3, 5, 5), (Flag.PARTS_DIFFER,))
    assert (sound.said_on, sound.place, sound.event) == (
        date(2017, 5, 1),
        "a town, a country",
        "UCDP GED 236880",
    )


def test_each_recorder_is_known_by_its_columns_and_goes_back_as_it_came() -> None:
    rows = {
        Recorder.ACLED: {
            "event_id_cnty": "X1",
            "event_date": "14 June 2014",
            "fatalities": "12",
            "notes": "Dozens died",
        },
        Recorder.IRAQ_BODY_COUNT: {"IBC code": "k1", "Reported Minimum": "3", "Reported Maximum": "8"},
        Recorder.AIRWARS: {
            "Airwars code": "A1",
            "Civilians reported killed": "2–5",
            "Civilians reported injured": "4",
        },
    }
    told = {}
    for recorder, row in rows.items():
        assert recorder_of(list(row)) is recorder
        found = entries_of(recorder, row, "row 2")
        told[recorder] = [(one.quantity, str(one.amount)) for one in found]
        back = row_of(recorder, found[0])
        assert back is not None
        assert {name: text for name, text in back.items() if text} == row
    assert told[Recorder.ACLED] == [(Quantity.KILLED, "12")]
    assert told[Recorder.IRAQ_BODY_COUNT] == [(Quantity.KILLED, "3–8")]
    assert told[Recorder.AIRWARS] == [(Quantity.KILLED, "2–5"), (Quantity.INJURED, "4")]
    (dozens,) = entries_of(Recorder.ACLED, rows[Recorder.ACLED], "row 2")
    assert dozens.flags == (Flag.MAY_STAND_FOR_A_WORD,)
    assert recorder_of(HEADER) is None


def test_an_entry_goes_into_a_recorders_columns_only_if_they_have_one_for_it(entries: list[Reported]) -> None:
    row = row_of(Recorder.UCDP_GED, entries[5])
    assert row is not None
    assert (row["low"], row["best"], row["high"], row["source_original"]) == (
        "560",
        "",
        "770",
        "researchers",
    )
    assert row_of(Recorder.UCDP_GED, entries[7]) is None, "GED counts no missing"
    assert row_of(Recorder.AIRWARS, entries[1]) is None, "a vague word is no number"
