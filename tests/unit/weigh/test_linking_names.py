"""Names across scripts: spellings of one name fall together, names that only look alike do not."""

from __future__ import annotations

import pytest

from witnessmark.weigh.linking.letters import folded, script_of, skeleton
from witnessmark.weigh.linking.lexicon import lexicon, name_of
from witnessmark.weigh.linking.naming import name, name_of_parts

SAME_NAME = [
    ("محمد", "Muhammad", "Mohamed", "MOHAMMED", "Мухаммад"),
    ("محمود", "Mahmoud", "Mahmood", "Maḥmūd"),
    ("أحمد", "احمد", "Ahmed", "Ahmad", "Ахмед"),
    ("خالد", "Khaled", "Khalid", "Khaalid"),
    ("عثمان", "Othman", "Osman", "Uthman"),
    ("ياسين", "Yassin", "Yaseen"),
    ("سعيد", "Sa'id", "Sa’id", "Saeed"),
    ("مصطفى", "مصطفي", "Mostafa", "Moustafa"),
    ("فاطمة", "فاطمه", "Fatima", "Fatmeh"),
]
ONE_WORD = [
    (
        "عبد الرحمن",
        "عبدالرحمن",
        "Abd al-Rahman",
        "Abdulrahman",
        "Abdel Rahman",
        "Abd Elrahman",
        "Abdurrahman",
    ),
    ("عبد الله", "عبدالله", "عبد هللا", "عبدهللا", "Abdullah", "Abdallah", "Abd Allah", "Abdulla"),
    ("صلاح الدين", "Salah al-Din", "Salaheddin", "Salahuddin"),
    ("الأيهم", "االيهم", "Al-Ayham"),
    ("نصر الله", "نصرالله", "Nasrallah"),
    ("الحلساني", "حلساني", "Al Halsany", "Alhalsani", "al-Halsani"),
]
TOLD_APART = [
    ("محمد", "محمود"),
    ("Mohammed", "Mahmoud"),
    ("حسن", "حسين"),
    ("سالم", "سليم"),
    ("عمر", "عمار"),
    ("كمال", "جمال"),
    ("Amir", "Omar"),
]


@pytest.mark.parametrize("spellings", SAME_NAME, ids=lambda spellings: spellings[1])
def test_spellings_of_a_known_name_have_one_key(spellings: tuple[str, ...]) -> None:
    keys = {name(spelling).words[0].key for spelling in spellings}
    assert keys == {folded(spellings[0])}


@pytest.mark.parametrize("spellings", ONE_WORD, ids=lambda spellings: spellings[-1])
def test_a_name_in_two_words_is_one_word_with_the_same_consonants_however_written(
    spellings: tuple[str, ...],
) -> None:
    found = [name_of_parts(["", spelling]) for spelling in spellings]
    assert {len(one.words) for one in found} == {1}
    assert len({one.words[0].bones for one in found}) == 1


@pytest.mark.parametrize(("one", "other"), TOLD_APART)
def test_names_that_only_look_alike_are_told_apart(one: str, other: str) -> None:
    first, second = name(one).words[0], name(other).words[0]
    assert first.is_known
    assert second.is_known
    assert first.key != second.key


def test_titles_articles_and_son_of_are_no_part_of_a_name() -> None:
    assert [word.key for word in name("الشهيد محمد بن خالد الزنكاوي").words] == ["محمد", "خالد", "~znk"]
    assert [word.key for word in name("Dr. Mohamed bin Khaled Al Zankawi Jr.").words] == [
        "محمد",
        "خالد",
        "~znk",
    ]


def test_a_kunya_in_front_says_nothing_of_the_given_name() -> None:
    found = name("أبو أحمد النجار")
    assert found.given is None
    assert found.kunya is not None
    assert found.kunya.key == "احمد"
    assert found.family is not None
    assert found.family.bones == skeleton("نجار")
    aside = name("محمد خالد (أم يوسف)")
    assert aside.given is not None
    assert aside.kunya is not None
    assert aside.kunya.key == "يوسف"


def test_abu_inside_a_name_belongs_to_the_family_name() -> None:
    arabic, latin = name("محمد خالد أبو عودة"), name("Mohammed Khaled Abu Odeh")
    assert [word.bones for word in arabic.words] == [word.bones for word in latin.words]
    assert arabic.kunya is None


def test_a_child_of_somebody_has_no_given_name() -> None:
    found = name("ابن محمد النجار")
    assert found.given is None
    assert [word.key for word in found.inner] == ["محمد"]


def test_a_comma_turns_a_name_round_and_parts_come_in_their_order() -> None:
    assert [word.form for word in name("Smith, John D.").words] == ["john", "smith"]
    told = name_of_parts(["Ahmad Adnan", "", "", "al-Makhrufi"])
    assert [word.key for word in told.words] == ["احمد", "عدنان", "~mhrf"]
    lacking = name_of_parts(["", "Adnan", "", "al-Makhrufi"])
    assert lacking.given is None
    assert lacking.inner[0].key == "عدنان"


def test_what_is_no_name_is_nobody_and_never_fails() -> None:
    for text in ("", "   ", "12", "()", "؟؟؟", "a" * 5000, "ابو", "عبد", "ال"):
        assert len(name(text).words) <= 12
    assert name("???").words == ()


def test_scripts_are_told_and_other_ones_keep_their_letters() -> None:
    assert script_of(folded("Ünal")) == "latin"
    assert script_of("дом") == "cyrillic"
    assert skeleton("山田") == "山田"
    assert name("山田 太郎").words[0].form == "山田"


def test_every_spelling_of_the_lexicon_leads_to_one_name_and_no_name_to_another() -> None:
    known = lexicon().names
    assert all(known.get(target) == target for target in set(known.values()))
    assert len(known) > 800
    assert name_of("nobody") is None
