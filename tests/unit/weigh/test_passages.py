"""Copied passages: found with exact spans, also where a word was changed, and not where there are none."""

from __future__ import annotations

import pytest

from witnessmark.model import Digest
from witnessmark.model.weighing import Copied
from witnessmark.weigh.passages import FEWEST, passages

WIRE = (
    "Rescue workers pulled eleven more bodies out of the flooded tunnel on Thursday, the regional office"
    " said, and pumps were brought from the coast because those of the town had failed during the night."
)


def found(*texts: str) -> tuple[Copied, ...]:
    return passages({Digest.of(text.encode()): text for text in texts})


def test_a_sentence_that_was_taken_over_is_found_to_the_letter() -> None:
    one, other = f"By our staff. {WIRE} (ends)", f"What we know: {WIRE}"
    (passage,) = found(one, other)
    in_one, in_other = passage.in_one, passage.in_other
    assert one[in_one.start : in_one.end] == other[in_other.start : in_other.end] == WIRE.rstrip(".")
    assert passage.words == len(WIRE.split())
    assert len(passage.runs) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on Thursday", "on the same Thursday"),
        ("eleven more bodies", "11 more bodies"),
        ("the regional office said", "officials from the region told us"),
        (", and pumps", " and that pumps"),
    ],
)
def test_a_changed_word_or_name_hides_nothing(old: str, new: str) -> None:
    assert old in WIRE
    (passage,) = found(WIRE, WIRE.replace(old, new))
    assert passage.words >= len(WIRE.split()) - 8


def test_capitals_punctuation_and_line_breaks_do_not_matter() -> None:
    (passage,) = found(WIRE, WIRE.upper().replace(",", " –").replace(" ", "\n  "))
    assert passage.words == len(WIRE.split())


def test_arabic_with_and_without_vowel_marks_is_one_text() -> None:
    plain = "قال المتحدث باسم المكتب إن رجال الإنقاذ انتشلوا أحد عشر جثمانا من النفق الغارق يوم الخميس الماضي"
    marked = (
        "قَالَ المتحدث باسم المكتب إنّ رجال الإنقاذ انتشلوا أحد عشر جثمانًا من النفق الغارق يوم الخميس الماضي"
    )
    (passage,) = found(plain, marked)
    assert passage.in_one.start == 0
    assert passage.in_other.end == len(marked)


def test_a_turn_of_phrase_is_no_passage() -> None:
    shared = "the spokesman said on Thursday that the office was not aware"
    assert len(shared.split()) < FEWEST
    assert not found(f"One thing. {shared} of it.", f"Another: {shared} either.")


def test_each_copy_is_followed_to_the_earliest_text_that_has_it() -> None:
    papers = [f"Paper {number}. {WIRE}" for number in range(40)]
    several = found(WIRE, *papers)
    assert len(several) == 40
    assert {one.one for one in several} == {Digest.of(WIRE.encode())}


def test_two_passages_far_apart_are_two() -> None:
    second = (
        "The mayor of the town has asked the ministry for an inquiry into the pumps that nobody had tested"
        " since the spring of the year before last."
    )
    filler = " ".join(f"word{number}" for number in range(60))
    assert len(found(f"{WIRE} {second}", f"{WIRE} {filler} {second}")) == 2


def test_unlike_texts_and_no_texts_share_nothing() -> None:
    assert not found()
    assert not found(WIRE)
    assert not found(WIRE, "")
    assert not found(WIRE, " ".join(reversed(WIRE.split())))
