"""Texts that are nearly the same, and those that are not."""

from __future__ import annotations

import random

import pytest

from witnessmark.match.texts import ALIKE, Texts, Words, says_enough
from witnessmark.model import Digest, Match

STORY = (
    "Rescue workers in the port town of Halsan said on Tuesday that seventeen bodies had been recovered "
    "from the grain depot, which was struck shortly before dawn. A spokesman for the harbour office put the "
    "number of missing at nine. Residents described two explosions and a fire that lasted all day."
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def named(name: str) -> Digest:
    return Digest.of(name.encode())


def asked(query: str, **others: str) -> dict[str, Match]:
    by_digest = {named(name): content for name, content in others.items()}
    texts = Texts(by_digest.get)
    for digest, content in by_digest.items():
        texts.add(digest, content)
    names = {named(name): name for name in others}
    return {names[one.candidate]: one for one in texts.match(named("query"), query)}


def words(seed: int, count: int) -> list[str]:
    numbers = random.Random(seed)  # noqa: S311
    return ["".join(numbers.choices(ALPHABET, k=numbers.randint(2, 9))) for _ in range(count)]


def test_the_same_words_are_found_whatever_their_marks_and_case() -> None:
    found = asked(STORY.upper().replace(",", " -"), story=STORY)
    (match,) = found.values()
    assert (match.distance, match.transform, match.method) == (0, "identity", "text 1")
    assert match.measured["jaccard"] == 1


def test_a_post_with_a_number_changed_is_found_with_the_passages_that_stayed() -> None:
    changed = STORY.replace("seventeen", "twenty-four")
    (match,) = asked(changed, story=STORY).values()
    assert match.transform == "edited"
    assert 0 < match.distance < 20
    passages = [
        (changed[int(one.query[0]) : int(one.query[1])], STORY[slice(*map(int, one.candidate))])
        for one in match.correspondences
    ]
    assert all(Words.of(mine).words == Words.of(theirs).words for mine, theirs in passages)
    assert passages[0][0].startswith("Rescue workers")
    assert "seventeen" not in " ".join(mine for mine, _ in passages)


def test_other_words_on_the_same_thing_are_no_match() -> None:
    told_anew = (
        "Nine people were still missing in Halsan on Tuesday after the depot there was hit in the early "
        "hours, according to the harbour office; seventeen dead had been found by rescuers, and the fire "
        "went on for hours after two blasts that neighbours heard."
    )
    assert asked(told_anew, story=STORY) == {}


def test_a_passage_of_a_long_text_is_left_to_passages() -> None:
    assert asked(STORY, long=" ".join([*words(1, 400), STORY, *words(2, 400)])) == {}


def test_too_few_words_say_nothing() -> None:
    short = "All quiet in the port of Halsan this morning"
    assert not says_enough(short)
    assert asked(short, same=short) == {}
    assert not says_enough("")
    assert not says_enough("la " * 400)


def test_scripts_without_spaces_are_read_letter_by_letter() -> None:
    story = "救援人员星期二在港口城市表示，黎明前遭到袭击的粮库中已找到十七具遗体，另有九人失踪。"
    (match,) = asked(story.replace("十七", "二十四"), story=story).values()
    assert match.distance < 30


def test_arabic_is_read_without_its_vowel_signs() -> None:
    story = (
        "قال رجال الإنقاذ يوم الثلاثاء إنهم عثروا على سبعة عشر جثة "
        "في مستودع الحبوب الذي قصف قبل الفجر في الميناء"
    )
    voiced = story.replace("قال", "قَالَ").replace("قصف", "قُصِفَ")
    (match,) = asked(voiced, story=story).values()
    assert match.transform == "identity"


def test_an_exhibit_is_not_like_itself_and_what_was_erased_is_not_found() -> None:
    nothing: dict[Digest, str] = {}
    texts = Texts(nothing.get)
    texts.add(named("query"), STORY)
    texts.add(named("erased"), STORY)
    assert texts.match(named("query"), STORY) == ()


@pytest.mark.parametrize(("share", "least"), [(0.02, 100), (0.05, 100), (0.1, 98)])
def test_texts_with_a_share_of_their_words_changed_are_found(share: float, least: int) -> None:
    by_digest = {named(str(seed)): " ".join(words(seed, 200)) for seed in range(100)}
    texts = Texts(by_digest.get)
    for digest, content in by_digest.items():
        texts.add(digest, content)
    found = 0
    for seed in range(100):
        changed, numbers = words(seed, 200), random.Random(seed)  # noqa: S311
        for place in numbers.sample(range(200), round(share * 200)):
            changed[place] = "other"
        matches = texts.match(named("query"), " ".join(changed))
        assert {one.candidate for one in matches} <= {named(str(seed))}
        assert all(float(one.measured["jaccard"]) >= ALIKE for one in matches)
        found += len(matches)
    assert found >= least
