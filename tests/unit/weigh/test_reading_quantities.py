"""Numbers as texts give them: bounds, hedges, who they are, and which of them are not to be added up."""

from __future__ import annotations

import pytest

from witnessmark.model import Qualifier, Range
from witnessmark.weigh.reading.numerals import value_of
from witnessmark.weigh.reading.quantities import Quantity, Role, quantities, years
from witnessmark.weigh.reading.sentences import sentences


def numbers(text: str) -> list[Quantity]:
    latest = years(text)
    return [
        one for sentence in sentences(text) for one in quantities(text, sentence.tokens, latest_year=latest)
    ]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("40 men were killed.", Range(40, 40, 40)),
        ("At least 40 people were killed.", Range(low=40, qualifier=Qualifier.AT_LEAST)),
        ("No fewer than forty villagers died.", Range(low=40, qualifier=Qualifier.AT_LEAST)),
        ("More than 1,400 detainees are missing.", Range(low=1400, qualifier=Qualifier.MORE_THAN)),
        ("Up to 300 men were held.", Range(high=300, qualifier=Qualifier.UP_TO)),
        ("As many as 300 men were held.", Range(high=300, qualifier=Qualifier.UP_TO)),
        ("Fewer than ten soldiers died.", Range(high=10, qualifier=Qualifier.LESS_THAN)),
        ("Dozens were wounded.", Range(low=24, qualifier=Qualifier.VAGUE)),
        ("Hundreds of soldiers surrendered.", Range(low=200, qualifier=Qualifier.VAGUE)),
        ("Between 160 and 190 prisoners were shot.", Range(160, None, 190, Qualifier.BETWEEN)),
        ("Six or seven gunmen were killed.", Range(6, None, 7, Qualifier.BETWEEN)),
        ("40–50 bodies lay there.", Range(40, None, 50, Qualifier.BETWEEN)),
        ("About 170 were taken to the trenches.", Range(best=170, qualifier=Qualifier.ABOUT)),
        ("Nearly two million people fled.", Range(best=2_000_000, qualifier=Qualifier.ABOUT)),
        ("30-odd people died.", Range(best=30, qualifier=Qualifier.ABOUT)),
        ("30 or more people died.", Range(low=30, qualifier=Qualifier.AT_LEAST)),
        ("No casualties were counted.", Range(0, 0, 0)),
        ("No one was hurt.", Range(0, 0, 0)),
        ("Six hundred and forty are dead.", Range(640, 640, 640)),
        ("The figure of 640 is wrong.", Range(640, 640, 640)),
        ("He put the number of men who are unaccounted for at 214.", Range(214, 214, 214)),
        ("Half a dozen nurses were wounded.", Range(6, 6, 6)),
        ("Half a million people fled.", Range(500_000, 500_000, 500_000)),
        ("Between four and five thousand men died.", Range(4000, None, 5000, Qualifier.BETWEEN)),
        ("The cell had never held more than 18 inmates.", Range(high=18, qualifier=Qualifier.UP_TO)),
        ("He spoke of “four or five deserters”.", Range(4, None, 5, Qualifier.BETWEEN)),
        ("There were no fighters in the village.", Range(0, 0, 0)),
    ],
)
def test_a_number_keeps_its_bounds_and_gets_no_others(text: str, amount: Range) -> None:
    assert [one.amount for one in numbers(text)] == [amount]


@pytest.mark.parametrize(
    "text",
    [
        "It was 19 November 2024.",
        "A 31-year-old man spoke.",
        "The road is 60 kilometres long.",
        "He was arrested in 2016 by the police.",
        "Some 12 percent of the voters agreed.",
        "The meeting began at 10:30.",
        "One in three houses is empty.",
        "It kills children under five.",
        "Nobody knows the road.",
        "Each grave has a number.",
        "The poll asked those between the ages of 18 and 29.",
        "About 4 in 10 of them agreed.",
        "She spoke of a 12 year old girl.",
        "It was paid for between 2006 and 2012.",
        "Ana Kell, 32, of the harbour town, spoke first.",
        "He was 18 when the war began.",
        "The Gang of Eight met again.",
        "The two men know each other.",
        "If they are found, the four could face a trial.",
        "The 1989 Children Act says so.",
        "They flew with the Apollo 8 crew.",
        "The three way meeting is over.",
        "In September of ’72 they met.",
    ],
)
def test_a_date_a_measure_or_an_age_counts_nobody(text: str) -> None:
    assert not numbers(text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("They ran 2,000 servers.", "servers"),
        ("He named 12 terrorist attacks.", "attacks"),
        ("Two security organisations warned people.", "organisations"),
        ("The crash killed seven deckhands.", "persons"),
        ("The ballot drew 40 hopefuls.", "persons"),
        ("The crash burned out eleven stalls.", "stalls"),
        ("They signed 14 death certificates.", "persons"),
    ],
)
def test_the_head_of_the_noun_says_what_is_counted(text: str, unit: str) -> None:
    assert [one.unit for one in numbers(text)] == [unit]


def test_parts_withdrawn_numbers_and_other_events_are_kept_apart() -> None:
    found = {
        (str(one.amount), one.role)
        for text in (
            "212 people had died, 31 of them children.",
            "Two dozen soldiers, including seven cadets, died.",
            "The toll was 12, down from 17.",
            "He revised the number of missing people from 31 to 27.",
            "In 2017 the group killed 900 people. On 3 May 2024 it killed 40 people.",
        )
        for one in numbers(text)
    }
    assert found == {
        ("212", Role.TOTAL), ("31", Role.PART), ("24", Role.TOTAL), ("7", Role.PART), ("12", Role.TOTAL),
        ("31", Role.EARLIER), ("27", Role.TOTAL), ("17", Role.EARLIER),
        ("900", Role.OTHER_EVENT), ("40", Role.TOTAL),
    }  # fmt: skip


def test_others_are_of_the_kind_before_them() -> None:
    text = "Two ambulances and five others were hit."
    assert [(str(one.amount), one.unit) for one in numbers(text)] == [("2", "vehicles"), ("5", "vehicles")]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("It has 31 pictures, nine of them published by the Front.", ["pictures", "pictures"]),
        ("The Front brought four of us here.", ["persons"]),
        ("Eleven of the 33 crew were rescued.", ["persons", "persons"]),
        ("A lorry carries 20 men on its benches, 26 if nobody minds.", ["persons", "persons"]),
        ("They took 12 prisoners, and three of them died.", ["persons", "persons"]),
        ("Three of the four airmen came back.", ["persons", "persons"]),
    ],
)
def test_of_them_counts_what_was_counted_last(text: str, units: list[str]) -> None:
    assert [one.unit for one in numbers(text)] == units


def test_victims_and_action_are_passages_of_the_text() -> None:
    text = "At least 40 young conscripts were executed."
    (one,) = numbers(text)
    assert one.victims and text[slice(*one.victims)] == "young conscripts"
    assert one.action and text[slice(*one.action)] == "executed"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,400", 1400), ("1.400", 1400), ("1 400", 1400), ("1.4 million", 1_400_000), ("two dozen", 24),
        ("three score", 60), ("six hundred and forty", 640), ("a hundred", 100), ("twenty-one", 21),
        ("1.5", None),
        ("two thousand three hundred", 2300), ("٦٤٠", 640), ("half a dozen", 6), ("a couple of", 2),
    ],
)  # fmt: skip
def test_a_numeral_has_its_value(written: str, value: int | None) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize(
    "text",
    [
        "He got nine red hearts to heal wounded soldiers.",
        "They face 191 counts of murder.",
        "Nearly 4,000 poultry have died.",
        "They drew up 28 arrest warrants.",
    ],
)
def test_things_that_a_deed_is_told_of_are_no_people(text: str) -> None:
    assert all(one.unit not in {"persons", None} for one in numbers(text))
