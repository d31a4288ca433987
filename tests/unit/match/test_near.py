"""Near-duplicates: the nearest orientation counts, and what says too little is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from witnessmark.errors import MalformedError
from witnessmark.match import Coded, Pictures, match, repeated
from witnessmark.match.pdq import CHANGES, FAR, Candidate, Part
from witnessmark.model import Acquisition, Agent, AgentKind, Digest, Facts, Finding, Sealed

RULE = "PDQ"


def named(number: int) -> Digest:
    return Digest.of(str(number).encode())


def code(number: int) -> bytes:
    """Codes some 128 bits apart from each other."""
    return bytes.fromhex(Digest.of(b"code %d" % number).hex)


def flipped(content: bytes, bits: int) -> bytes:
    return (int.from_bytes(content) ^ ((1 << bits) - 1)).to_bytes(32)


def coded(number: int, first: bytes | None = None, quality: int = 100) -> Coded:
    codes = tuple(code(1000 * number + turn) for turn in range(8))
    return Coded(named(number), (first or codes[0], *codes[1:]), quality, RULE)


@pytest.mark.parametrize("turn", range(8))
@pytest.mark.parametrize(("bits", "found"), [(0, 1), (31, 1), (32, 0)])
def test_a_candidate_is_found_in_any_orientation_up_to_the_radius(turn: int, bits: int, found: int) -> None:
    query = coded(1)
    other = coded(2, flipped(query.codes[turn], bits))
    results = list(Pictures([coded(3), other, coded(4)]).near(query))
    assert [(one.candidate, one.distance, one.transform) for one in results] == [
        (named(2), bits, CHANGES[turn])
    ] * found


def test_the_nearest_comes_first() -> None:
    query = coded(1)
    others = [coded(number, flipped(query.codes[0], 30 - number)) for number in range(2, 9)]
    assert [one.distance for one in Pictures(others).near(query)] == sorted(
        30 - number for number in range(2, 9)
    )


@pytest.mark.parametrize(("ours", "theirs"), [(49, 100), (100, 49)])
def test_a_picture_without_structure_matches_nothing(ours: int, theirs: int) -> None:
    query = coded(1, quality=ours)
    assert not Pictures([coded(2, query.codes[0], quality=theirs)]).near(query)


def test_codes_of_different_rules_are_not_compared() -> None:
    query = coded(1)
    assert not Pictures([replace(coded(2, query.codes[0]), rule="PDQ 512")]).near(query)


def test_a_picture_does_not_match_itself() -> None:
    assert not Pictures([coded(1)]).near(coded(1))


def test_every_match_gives_its_reason_and_its_limits() -> None:
    query = coded(1)
    (found,) = Pictures([coded(2, flipped(query.codes[1], 7))]).near(query)
    assert found.reason == (
        "the two pictures differ in 7 of 256 bits of their PDQ codes when the first is mirrored left to right"
    )
    assert "look before relying on it" in found.limits


def finding(number: int, first: bytes, **change: object) -> Finding:
    value = {"codes": [first.hex(), *(code(number * 99 + turn).hex() for turn in range(7))], "quality": 90}
    return Finding(named(number), "picture 1", "pdq", Facts({**value, "rule": RULE, **change}), "limits")


def test_the_stage_matches_one_object_with_all_others_by_their_findings() -> None:
    findings = [finding(1, code(1)), finding(2, flipped(code(1), 3)), finding(3, code(3))]
    pictures = Pictures.of((one.about, one) for one in findings)
    assert [one.candidate for one in match(named(1), findings, pictures)] == [named(2)]
    assert match(named(9), findings, pictures) == ()


def test_a_picture_that_came_in_is_found_by_the_next() -> None:
    pictures = Pictures()
    assert pictures.match(named(1), [finding(1, code(1))]) == ()
    assert [one.candidate for one in pictures.match(named(2), [finding(2, code(1))])] == [named(1)]
    assert [one.candidate for one in pictures.match(named(2), [finding(2, code(1))])] == [named(1)]


def test_a_finding_that_holds_no_code_is_malformed() -> None:
    for change in ({"codes": ("zz",)}, {"codes": ()}, {"quality": "high"}, {"codes": None}):
        with pytest.raises(MalformedError):
            Pictures().match(named(1), [finding(1, code(1), **change)])


def test_the_same_bytes_taken_in_twice_are_told() -> None:
    def came(number: int, hour: int) -> Acquisition:
        at = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(hours=hour)
        by = Agent("files", AgentKind.SOFTWARE)
        return Acquisition(
            f"W-{number}", named(number), at, by, "file", Sealed("hmac-sha256:" + "0" * 64), f"run {hour}"
        )

    (found,) = repeated([came(1, 5), came(2, 1), came(1, 2)])
    assert (found.digest, [one.run for one in found.acquisitions]) == (named(1), ["run 2", "run 5"])


LEFT, RIGHT = (0, 0, 300, 400), (300, 0, 300, 400)


def with_parts(number: int, *parts: Part) -> Coded:
    return replace(coded(number), parts=parts)


def part(box: tuple[int, int, int, int], number: int, quality: int = 100) -> Part:
    return Part(box, coded(number).codes, quality)


def test_a_picture_is_found_in_a_collage_and_a_collage_by_its_parts() -> None:
    collage, single = with_parts(1, part(LEFT, 8), part(RIGHT, 9)), coded(2, coded(9).codes[0])
    assert Pictures([collage]).candidates(coded(9)) == (Candidate(named(1), 0, 0, None, RIGHT),)
    assert Pictures([single]).candidates(collage) == (Candidate(named(2), 0, 0, RIGHT, None),)
    other = with_parts(3, part(LEFT, 9))
    assert Pictures([other]).candidates(collage) == (Candidate(named(3), 0, 0, RIGHT, LEFT),)


def test_a_picture_near_in_several_ways_is_given_once_and_as_a_whole_if_that_is_near() -> None:
    query = with_parts(1, part(LEFT, 5))
    near_whole = replace(coded(2, flipped(query.codes[0], 4)), parts=(part(RIGHT, 5),))
    assert Pictures([near_whole]).candidates(query) == (Candidate(named(2), 4, 0, None, None),)
    far_whole = replace(near_whole, codes=(flipped(query.codes[0], 32), *query.codes[1:]))
    assert Pictures([far_whole]).candidates(query) == (Candidate(named(2), 0, 0, LEFT, RIGHT),)


@pytest.mark.parametrize(("bits", "found"), [(FAR, 1), (FAR + 1, 0)])
def test_candidates_reach_further_than_matches(bits: int, found: int) -> None:
    pictures = Pictures([coded(2, flipped(coded(1).codes[3], bits))])
    assert [(one.distance, one.change) for one in pictures.candidates(coded(1))] == [(bits, 3)] * found
    assert pictures.near(coded(1)) == ()


def test_near_passes_over_regions_but_not_over_what_is_near_as_a_whole() -> None:
    whole = replace(coded(2, flipped(coded(1).codes[0], 9)), parts=(part(LEFT, 1),))
    only_a_part = with_parts(3, part(LEFT, 1))
    (found,) = Pictures([whole, only_a_part]).near(coded(1))
    assert (found.candidate, found.distance) == (named(2), 9)


def test_a_region_without_structure_is_left_alone_and_a_plain_picture_has_its_regions() -> None:
    assert Pictures([with_parts(1, part(LEFT, 9, quality=49))]).candidates(coded(9)) == ()
    page = replace(with_parts(1, part(LEFT, 9)), quality=10)
    assert Pictures([page]).candidates(coded(9)) == (Candidate(named(1), 0, 0, None, LEFT),)


def test_a_match_of_parts_says_which() -> None:
    place = {"x": 30, "y": 320, "width": 660, "height": 440, "quality": 88}
    regions = [{**place, "codes": [one.hex() for one in coded(5).codes]}]
    pictures = Pictures([coded(5)])
    (found,) = match(named(1), [finding(1, code(1), regions=regions)], pictures)
    assert found.reason == (
        "a part of the first (660 × 440 pixels from 30, 320) and the second differ in 0 of 256 bits of their "
        "PDQ codes"
    )
    assert found.measured == Facts(region_of_first=(30, 320, 660, 440))
    (back,) = match(
        named(6), [finding(6, coded(5).codes[0])], Pictures([Coded.of(finding(1, code(1), regions=regions))])
    )
    assert back.measured == Facts(region_of_second=(30, 320, 660, 440))


def test_codes_of_the_earlier_rule_are_compared_with_those_of_the_new() -> None:
    earlier = finding(1, code(1), rule="PDQ, full resolution, luma in floating point")
    now = finding(2, code(1), rule="PDQ, full resolution")
    pictures = Pictures.of([(earlier.about, earlier)])
    assert [one.candidate for one in pictures.match(named(2), [now])] == [named(1)]


def test_a_finding_with_a_broken_region_is_malformed() -> None:
    place = {"x": 0, "y": 0, "width": 9, "height": 9, "quality": 88}
    for broken in ([{**place, "codes": ["00"]}], [place], [7], 7):
        with pytest.raises(MalformedError):
            Coded.of(finding(1, code(1), regions=broken))
