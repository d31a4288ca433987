"""Near-duplicates: the nearest orientation counts, and what says too little is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from witnessmark.errors import MalformedError
from witnessmark.match import Coded, Pictures, match, repeated
from witnessmark.match.pdq import CHANGES
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
