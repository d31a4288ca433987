"""Who says how many, on texts that have been looked at: a guard against steps back."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.statements_numbers import is_same, pairs_of, read

from witnessmark.weigh.reading import statements

USED = Path(__file__).parents[2] / "fixtures" / "statements" / "numbers-used.txt"


def test_numbers_keep_their_sources_on_texts_that_were_used_up() -> None:
    gold = found = right = 0
    for text, pairs in read(USED):
        given = [pair for one in statements(text) for pair in pairs_of(one)]
        gold, found = gold + len(pairs), found + len(given)
        right += sum(1 for pair in pairs if any(is_same(pair, other) for other in given))
    assert gold >= 80
    assert right / gold >= 0.9
    assert right / found >= 0.88


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10:15 Coast guard: two bodies found off the cape.", ("Coast guard", "2")),
        ("The report lists 1,347 people who were executed.", ("The report", "1,347")),
        ("“Three hundred people at least,” Marek said.", ("Marek", "at least 300")),
        (
            "Earlier estimates by the ministry had put the number at fewer than 400 dead.",
            ("Earlier", "less than 400"),
        ),
        (
            "According to the Interior Ministry over 345 pilgrims died.",
            ("the Interior Ministry", "more than 345"),
        ),
        ("The navy says it has handed over 112 bodies.", ("The navy", "112")),
        ("The parish books show 215 burials.", ("The parish books", "215")),
        ("The mayor of Stell: “I have buried forty-one men.”", ("The mayor of Stell", "41")),
        ("The mayor said it was over. “Five guards are in hospital.”", ("The mayor", "5")),
        ("Twenty men were inside, parliament was told by Karol Benn.", ("Karol Benn", "20")),
        ("In its report the monitor lists between 85 and 95 dead.", ("the monitor", "85–95")),
        ("“Seven of ours fell,” said the Lantern Brigade.", ("the Lantern Brigade", "7")),
        ("The Commission interviewed 140 witnesses in the camps.", ("The Commission", "140")),
        ("The city expects about 600 visitors.", ("The city", "about 600")),
        ("Hospitals have filled up, while state media put the toll at twenty.", ("state media", "20")),
        ("A spokeswoman, Olga Terren, said the site held 212 men.", ("A spokeswoman, Olga Terren", "212")),
        ("KORVAT, June 3 - According to the Post, which cited a doctor, 40 men died.", ("a doctor", "40")),
        ("A figure of 116 bodies was given to parliament by Lidia Horvan.", ("Lidia Horvan", "116")),
        ("The death toll was put at 40 by the army.", ("the army", "40")),
        ("Police in Korvat say at least five soldiers were killed.", ("Police in Korvat", "at least 5")),
        ("The ministry says at least 37 miners died on Sunday.", ("The ministry", "at least 37")),
        ("The agency estimated 20,000 people have crossed.", ("The agency", "20,000")),
        ("The office of the mayor says no guards were hurt.", ("The office of the mayor", "0")),
        ("A group claimed responsibility for a blast that killed 13 people.", ("", "13")),
        ("The Front denied involvement in the raid, which left 20 people dead.", ("", "20")),
        ("The toll is now more than 540 dead, and the army says it will rise.", ("", "more than 540")),
        ("The army says rebels blew up a school. It captured 80 suspected rebels.", ("", "80")),
        ("The U.N.-led mission in Korvat says 45 rebels were killed.", ("The U.N.-led mission", "45")),
        (
            "A center in Korvat, Sellany says 200 children fled.",
            ("A center in Korvat, Sellany", "200"),
        ),
        ("Police ignored Sellan warnings that 15,000 people would march.", ("Sellan", "15,000")),
        ("A statement released Tuesday says two soldiers were shot.", ("A statement released Tuesday", "2")),
        ("The envoy says no Sellanians were involved in the raid.", ("The envoy", "0")),
        ("Forensic experts found the remains of 61 people there.", ("Forensic experts", "61")),
        ("Rescuers found at least 22 more bodies from the boat that sank.", ("", "at least 22")),
        ("Searchers came back at dusk, bringing the death toll up to 94.", ("", "94")),
        ("April was a deadly month, with 355 men reported killed.", ("", "355")),
        ("The toll is high on the coast, where nearly 115,000 are confirmed dead.", ("", "about 115,000")),
        ("There were no casualties reported among the troops.", ("", "0")),
        ("No one was hurt in the raid, which was claimed by the Front.", ("", "0")),
        ("The Front is accused of killing 40 men and is believed to have fled.", ("", "40")),
        ("The storm claimed over 138,000 lives.", ("", "more than 138,000")),
        ("Dozens of soldiers and suspected rebels have been killed.", ("", "at least 24")),
        ("Some 15,000 Sellan, Korvan and Hadic soldiers came.", ("", "about 15,000")),
        ("Police dispersed hundreds of Dr. Ost's supporters.", ("", "at least 200")),
        ("He met several Sellan diplomats.", ("", "at least 3")),
        ("The army allowed 8,000 Sellanians who claim descent to come home.", ("", "8,000")),
        ("Forty Sellanians ignored a similar warning ahead of the raid.", ("", "40")),
        (
            "He arrived in the port of Korvat to end unrest that killed at least 85 people.",
            ("", "at least 85"),
        ),
        ("Last April seven dockers were kidnapped in Korvat.", ("", "7")),
        ("The mayor said the raids did damage, but caused no injuries.", ("The mayor", "0")),
        ("The six team leaders who were picked for it had served before.", ("", "6")),
        ("Media say police will question Mr. Ost about a raid that killed two men.", ("Media", "2")),
    ],
)
def test_a_number_in_a_new_turn_of_phrase_has_its_voice(text: str, told: tuple[str, str]) -> None:
    found = [
        (one.source.text if one.source else "", str(n.amount))
        for one in statements(text)
        for n in one.quantities
    ]
    assert [number for _, number in found] == [told[1]]
    assert found[0][0].startswith(told[0]) and bool(found[0][0]) == bool(told[0])


def test_a_question_gives_no_number() -> None:
    assert not [n for one in statements("ANA: Is the figure of 12,000 dead true?") for n in one.quantities]
