"""Intake: columns in any order and language, ages and dates as lists write them, and it is said how."""

from __future__ import annotations

from datetime import date

import pytest

from witnessmark.errors import MalformedError
from witnessmark.weigh.linking.ages import sex_of, years_of
from witnessmark.weigh.linking.calendars import Days, apart, days_of, hijri_ordinal, is_day_first
from witnessmark.weigh.linking.columns import Meaning, columns_of, meaning_of
from witnessmark.weigh.linking.intake import Roll, read_roll, settle

AGES = {
    "24": (24, 24),
    "٢٢": (22, 22),
    " 24 years": (24, 24),
    "20-25": (20, 25),
    "-1": None,
    "-99": None,
    "30s": (30, 39),
    "~30": (28, 32),
    "حوالي ٣٠": (28, 32),
    "6 months": (0, 0),
    "٨ أشهر": (0, 0),
    "18 months": (1, 1),
    "1 year 3 months": (1, 1),
    "3 days": (0, 0),
    "رضيع": (0, 1),
    "طفل": (0, 17),
    "<1": (0, 0),
    "under 18": (0, 17),
    "60+": (60, 75),
    "": None,
    "unknown": None,
    "1998": None,
    "25-20": None,
}
DATES = {
    "19/11/2024": ("2024-11-19", "2024-11-19"),
    "2024-11-19 00:00:00": ("2024-11-19", "2024-11-19"),
    "2024-11-19T08:30:00Z": ("2024-11-19", "2024-11-19"),
    "20241119": ("2024-11-19", "2024-11-19"),
    "١٩/١١/٢٠٢٤": ("2024-11-19", "2024-11-19"),
    "3/13/2014": ("2014-03-13", "2014-03-13"),
    "November 2024": ("2024-11-01", "2024-11-30"),
    "19 Nov 2024": ("2024-11-19", "2024-11-19"),
    "15 تشرين الثاني 2023": ("2023-11-15", "2023-11-15"),
    "2024": ("2024-01-01", "2024-12-31"),
    "11/2024": ("2024-11-01", "2024-11-30"),
    "12.06.14": ("2014-06-12", "2014-06-12"),
    "13 Safar 1436 AH": ("2014-12-04", "2014-12-08"),
    "1446/05/17": ("2024-11-17", "2024-11-21"),
    "17 جمادى الأولى 1446هـ": ("2024-11-17", "2024-11-21"),
    "31/02/2024": None,
    "soon": None,
    "": None,
}
HIJRI = {
    (1, 1, 1): "0622-07-19",
    (1400, 1, 1): "1979-11-21",
    (1435, 9, 1): "2014-06-29",
    (1446, 1, 1): "2024-07-08",
}
HEADERS = {
    "ar_name": Meaning.NAME,
    "Full name": Meaning.NAME,
    "الاسم": Meaning.NAME,
    "Given names": Meaning.GIVEN,
    "اسم الأب": Meaning.FATHER,
    "Grandfather's name": Meaning.GRANDFATHER,
    "mother name": Meaning.MOTHER,
    "اسم العائلة": Meaning.FAMILY,
    "Family name": Meaning.FAMILY,
    "Фамилия": Meaning.FAMILY,
    "Kunya": Meaning.KUNYA,
    "العمر": Meaning.AGE,
    "age at death": Meaning.AGE,
    "Year of birth": Meaning.BIRTH,
    "تاريخ الميلاد": Meaning.BIRTH,
    "dob": Meaning.BIRTH,
    "Place of birth": Meaning.IGNORED,
    "الجنس": Meaning.SEX,
    "Home town": Meaning.PLACE,
    "المحافظة": Meaning.PLACE,
    "Date of death": Meaning.WHEN,
    "Last heard from": Meaning.WHEN,
    "تاريخ الاستشهاد": Meaning.WHEN,
    "رقم الهوية": Meaning.IDENTITY,
    "soc_sec_id": Meaning.IDENTITY,
    "Notes": Meaning.IGNORED,
    "Reported": Meaning.IGNORED,
    "No": Meaning.IGNORED,
    "xyz": None,
    "": None,
}


@pytest.mark.parametrize("cell", AGES)
def test_an_age_is_read_as_it_is_meant(cell: str) -> None:
    assert years_of(cell) == AGES[cell]


@pytest.mark.parametrize("cell", DATES)
def test_a_date_is_as_exact_as_it_was_told(cell: str) -> None:
    found, wanted = days_of(cell), DATES[cell]
    told = (
        None
        if found is None
        else tuple(date.fromordinal(day).isoformat() for day in (found.first, found.last))
    )
    assert told == wanted


@pytest.mark.parametrize("day", HIJRI)
def test_islamic_dates_are_reckoned_by_the_tabular_calendar(day: tuple[int, int, int]) -> None:
    assert date.fromordinal(hijri_ordinal(*day)).isoformat() == HIJRI[day]


def test_a_column_shows_whether_the_day_or_the_month_comes_first() -> None:
    assert is_day_first(["3/4/2014", "25/4/2014"])
    assert not is_day_first(["3/4/2014", "4/25/2014"])
    assert days_of("3/4/2014", day_first=False) == Days(*[date(2014, 3, 4).toordinal()] * 2)


def test_days_apart_are_those_that_surely_lie_between() -> None:
    assert apart(Days(10, 12), Days(12, 20)) == 0
    assert apart(Days(10, 12), Days(15, 20)) == apart(Days(15, 20), Days(10, 12)) == 3


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_understood_in_several_languages(header: str) -> None:
    assert meaning_of(header) == HEADERS[header]


def test_sexes_are_read_in_several_languages() -> None:
    assert [sex_of(cell) for cell in ("ذكر", "M", "male", "Муж.")] == ["m"] * 4
    assert [sex_of(cell) for cell in ("أنثى", "F", "انثى", "woman")] == ["f"] * 4
    assert sex_of("?") is None


def test_a_title_row_and_columns_in_any_order_are_understood_and_told() -> None:
    rows = [
        ("4th battalion: unaccounted for", "", ""),
        ("Year of birth", "Family name", "Given names"),
        ("1980", "al-Makhrufi", "Ahmad Adnan"),
        ("2004", "al-Harbishi", "Anas Walid"),
    ]
    roll = read_roll("registry", rows)
    told = {one["header"]: one["meaning"] for one in roll.columns_told()}
    assert told == {"Year of birth": "birth", "Family name": "family name", "Given names": "given name"}
    first, second = roll.entries(Days(*[date(2024, 11, 19).toordinal()] * 2))
    assert (first.row, first.years, [word.key for word in first.name.words]) == (
        1,
        (43, 44),
        ["احمد", "عدنان", "~mhrf"],
    )
    assert second.row == 2


def test_a_list_without_a_header_is_understood_by_its_cells() -> None:
    rows = [("1", "Khalid Gamal Talmoury", "24", "m"), ("2", "Faris Ahmed Makhroufi", "30", "m")] * 10
    columns = columns_of(rows)
    assert columns.header is None
    assert (columns.meanings[1], columns.meanings[3]) == (Meaning.NAME, Meaning.SEX)
    assert 1 in columns.by_cells


def test_a_year_under_age_is_a_birth() -> None:
    columns = columns_of([("name", "age"), ("Ali Hasan", "1990"), ("Omar Said", "1987")])
    assert columns.meanings[1] is Meaning.BIRTH


def test_family_names_in_front_are_turned_back() -> None:
    given = ["Ahmad", "Khalid", "Omar", "Yusuf", "Hasan", "Tariq"]
    rows = [("name",), *((f"Talmouri {given[n % 6]} {given[n % 5]}",) for n in range(30))]
    roll = read_roll("turned", rows)
    assert roll.facts()["family_name_first"]
    entry = next(roll.entries())
    assert entry.name.family is not None
    assert entry.name.family.form == "talmouri"


def _names(rows: list[tuple[str, ...]]) -> Roll:
    return read_roll("some", rows)


def test_names_are_read_in_the_script_that_the_lists_share() -> None:
    both = _names([("en_name", "ar_name"), ("Khalid Said", "خالد سعيد"), ("Omar Ali", "عمر علي")])
    arabic = _names([("الاسم",), ("خالد سعيد",), ("عمر علي",)])
    settle([both, arabic])
    assert both.facts()["script"] == "arabic"
    assert next(both.entries()).name.words[0].form == "خالد"


def test_ages_are_reckoned_on_the_day_that_the_lists_tell() -> None:
    roll = _names([("name", "dob", "date of death"), ("Ali Hasan", "1990-05-01", "2014-06-12")])
    day = settle([roll])
    assert next(roll.entries(day)).years == (24, 24)
    assert settle([roll], date(2000, 1, 1)) == Days(*[date(2000, 1, 1).toordinal()] * 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no column holds the names"),
        ([("age", "sex"), ("20", "m")], "no column holds the names of people (its headers: age, sex)"),
        ([("name", "age")], "has a header and no rows"),
        ([("name",), ("  ",)], "has a header and no rows"),
    ],
)
def test_what_is_no_list_of_people_is_told_in_a_sentence(rows: list[tuple[str, ...]], said: str) -> None:
    with pytest.raises(MalformedError) as refused:
        read_roll("bad.csv", rows)
    assert said in str(refused.value)
