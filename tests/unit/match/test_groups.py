"""Groups: what hangs together by matches and by people's decisions, each kind for itself."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from witnessmark.errors import MalformedError
from witnessmark.match.exact import Repetition
from witnessmark.match.groups import groups
from witnessmark.model import Decision, Digest, Facts, Match, Verdict, person
from witnessmark.model.groups import Group, Kinship
from witnessmark.model.readings import Correspondence
from witnessmark.model.wire import digest_of

A, B, C, D = (Digest.of(name) for name in (b"a", b"b", b"c", b"d"))
NOW = datetime(2031, 3, 9, tzinfo=UTC)
NAMES = {A: "a", B: "b", C: "c", D: "d"}


def match(one: Digest, other: Digest, inliers: int = 50, method: str = "features 1") -> tuple[Digest, Match]:
    measured = Facts(inliers=inliers, overlap=0.9, of_query=0.9)
    made = Match(one, other, method, 3, "identity", "they agree", "look", measured=measured)
    return digest_of(made), made


def part(
    of: Digest, whole: Digest, box: tuple[float, float, float, float], share: float
) -> tuple[Digest, Match]:
    """A match of a picture with a part of another."""
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    places = tuple(Correspondence((x - left, y - top), (x, y)) for x, y in corners)
    measured = Facts(inliers=40, overlap=share, of_query=1.0)
    made = Match(
        of, whole, "features 1", 90, "embedded", "found", "look", correspondences=places, measured=measured
    )
    return digest_of(made), made


def decided(one: Digest, other: Digest | None, verdict: Verdict, day: int = 1) -> tuple[Digest, Decision]:
    when = NOW.replace(day=day)
    made = Decision(one, verdict, "looked at both", person("wren"), when, other)
    return digest_of(made), made


def told(found: tuple[Group, ...], kinship: Kinship = Kinship.SAME_PICTURE) -> list[str]:
    """The groups of a kind as the names of their members; parts in brackets."""
    return sorted(
        "".join(
            sorted(f"({NAMES[one.digest]})" if one.is_part else NAMES[one.digest] for one in group.members)
        )
        for group in found
        if group.kinship is kinship
    )


def test_what_hangs_together_by_others_is_one_group() -> None:
    assert told(groups([match(A, B), match(C, B), match(C, D)], [])) == ["abcd"]


def test_a_match_of_one_scene_makes_no_picture_of_two() -> None:
    found = groups([match(A, B), match(B, C, method="scene 1")], [])
    assert told(found) == ["ab"]
    assert told(found, Kinship.SAME_SCENE) == ["abc"]


@pytest.mark.parametrize(
    ("measured", "is_picture"),
    [
        ({"overlap": 0.6, "of_query": 0.6, "agreement": 0.75}, False),
        ({"overlap": 0.6, "of_query": 0.6, "agreement": 0.95}, True),
        ({"overlap": 0.6, "of_query": 1.0, "agreement": 0.75}, True),
        ({"overlap": 1.0, "of_query": 0.06, "agreement": 1.0}, False),
        ({"overlap": 1.0, "of_query": 0.12, "agreement": 1.0}, True),
        ({"overlap": 0.6, "of_query": 0.6}, True),
    ],
)
def test_pictures_that_only_overlap_and_do_not_look_alike_there_are_two_views(
    measured: dict[str, float], is_picture: bool
) -> None:
    made = Match(A, B, "features 1", 99, "crop + embedded", "x", "y", measured=Facts(measured))
    found = groups([(digest_of(made), made)], [])
    assert told(found, Kinship.SAME_PICTURE if is_picture else Kinship.SAME_SCENE) == ["ab"]


def test_a_video_and_a_sound_that_agree_are_a_segment() -> None:
    found = groups([match(A, B, method="film 1"), match(B, C, method="sound 1")], [])
    assert told(found) == []
    assert told(found, Kinship.SAME_SEGMENT) == ["abc"]


def test_a_hit_on_a_list_of_codes_joins_nobody() -> None:
    assert groups([match(A, C, method="pdq-list 1"), match(B, C, method="pdq-list 1")], []) == ()


def test_what_came_in_twice_is_a_group_by_itself() -> None:
    (only,) = groups([], [], [Repetition(A, ())])
    assert only.kinship is Kinship.SAME_BYTES
    assert only.digests == {A}


def test_a_person_joins_what_no_program_found() -> None:
    found = groups([], [decided(A, B, Verdict.DERIVED), decided(B, C, Verdict.SAME_SCENE)])
    assert told(found) == ["ab"]
    assert told(found, Kinship.SAME_SCENE) == ["abc"]
    assert found[0].links[0].by == "wren"


def test_what_people_call_the_same_is_a_segment_where_a_video_is_among_it() -> None:
    found = groups([], [decided(A, B, Verdict.SAME)], videos={B})
    assert told(found, Kinship.SAME_SEGMENT) == ["ab"]


@pytest.mark.parametrize("verdict", [Verdict.DIFFERENT, Verdict.SAME_SCENE])
def test_whom_a_person_tells_apart_is_not_one_picture(verdict: Verdict) -> None:
    found = groups([match(A, B)], [decided(A, B, verdict)])
    assert told(found) == []
    assert told(found, Kinship.SAME_SCENE) == (["ab"] if verdict is Verdict.SAME_SCENE else [])


def test_whom_a_person_tells_apart_is_not_joined_by_way_of_others_and_the_weakest_link_gives_way() -> None:
    ruling = decided(A, C, Verdict.DIFFERENT)
    for inliers, expected in (((50, 20), ["ab"]), ((20, 50), ["bc"])):
        matches = [match(A, B, inliers[0]), match(B, C, inliers[1])]
        found = groups(matches, [ruling])
        assert told(found) == expected
        (overruled,) = found[0].overruled
        assert overruled.decisions == (ruling[0],)
        assert overruled.link.record in {record for record, _ in matches}


def test_a_person_counts_before_any_match() -> None:
    matches = [match(A, C, 900), match(B, C, 900)]
    rulings = [decided(A, B, Verdict.DIFFERENT), decided(B, C, Verdict.SAME)]
    assert told(groups(matches, rulings)) == ["bc"]


def test_the_latest_word_in_the_log_counts_in_either_direction_and_on_the_match_too() -> None:
    record, found = match(A, B)
    rulings = [decided(A, B, Verdict.DIFFERENT, 9), decided(B, A, Verdict.SAME, 2)]
    assert told(groups([(record, found)], rulings)) == ["ab"]
    assert told(groups([(record, found)], [*rulings, decided(record, None, Verdict.REJECT)])) == []
    later = [decided(record, None, Verdict.DIFFERENT), decided(record, None, Verdict.ACCEPT, 3)]
    assert told(groups([(record, found)], later)) == ["ab"]


def test_a_rejected_match_does_not_keep_apart_who_is_joined_by_others() -> None:
    direct = match(A, C)
    matches = [direct, match(A, B), match(B, C)]
    assert told(groups(matches, [decided(direct[0], None, Verdict.REJECT)])) == ["abc"]
    assert told(groups(matches, [decided(A, C, Verdict.DIFFERENT)])) in (["ab"], ["bc"])


def test_a_collage_belongs_to_each_picture_in_it_and_makes_them_not_one() -> None:
    left, right = part(A, C, (0, 0, 40, 90), 0.4), part(B, C, (60, 0, 99, 90), 0.4)
    assert told(groups([left, right], [])) == ["(c)a", "(c)b"]
    again = part(D, C, (5, 5, 41, 80), 0.35)
    assert told(groups([left, right, again], [])) == ["(c)ad", "(c)b"]


def test_groups_are_the_same_in_whatever_order_matches_came() -> None:
    matches = [match(A, B, 30), match(B, C, 20), match(C, D, 10), match(A, D, 9, "scene 1")]
    rulings = [decided(A, C, Verdict.DIFFERENT)]
    expected = groups(matches, rulings)
    assert all(groups(list(order), rulings) == expected for order in permutations(matches))


def test_a_decision_on_two_exhibits_says_what_they_are_to_each_other_and_why() -> None:
    for about, other, verdict, reason in (
        (A, A, Verdict.SAME, "why"),
        (A, B, Verdict.ACCEPT, "why"),
        (A, B, Verdict.SAME, " "),
    ):
        with pytest.raises(MalformedError):
            Decision(about, verdict, reason, person("wren"), NOW, other)
