"""Laws of groups: for every pile of matches and decisions, in whatever order the matches came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.match.groups import groups
from witnessmark.model import Decision, Digest, Facts, Match, Verdict, person
from witnessmark.model.claims import OF_PAIRS
from witnessmark.model.groups import Kinship
from witnessmark.model.wire import digest_of

EXHIBITS = [Digest.of(bytes([number])) for number in range(7)]
NOW = datetime(2031, 3, 9, tzinfo=UTC)
PAIRS = st.lists(st.sampled_from(EXHIBITS), min_size=2, max_size=2, unique=True)


def _match(pair: list[Digest], method: str, inliers: int) -> tuple[Digest, Match]:
    measured = Facts(inliers=inliers)
    made = Match(pair[0], pair[1], method, 0, "identity", "alike", "look", measured=measured)
    return digest_of(made), made


def _decision(pair: list[Digest], verdict: Verdict, hours: int) -> tuple[Digest, Decision]:
    made = Decision(pair[0], verdict, "looked", person("wren"), NOW + timedelta(hours=hours), pair[1])
    return digest_of(made), made


MATCHES = st.lists(
    st.builds(_match, PAIRS, st.sampled_from(["features 1", "scene 1", "film 1"]), st.integers(12, 99)),
    max_size=14,
)
DECISIONS = st.lists(st.builds(_decision, PAIRS, st.sampled_from(OF_PAIRS), st.integers(0, 9)), max_size=5)


@given(MATCHES, DECISIONS, st.randoms())
def test_the_order_of_matches_makes_no_difference(
    matches: list[tuple[Digest, Match]], decisions: list[tuple[Digest, Decision]], order: Random
) -> None:
    expected = groups(matches, decisions)
    shuffled = list(matches)
    order.shuffle(shuffled)
    assert groups(shuffled, decisions) == expected


@given(MATCHES, DECISIONS)
def test_whom_the_latest_word_calls_different_is_in_no_group_together(
    matches: list[tuple[Digest, Match]], decisions: list[tuple[Digest, Decision]]
) -> None:
    latest = {frozenset((one.about, one.other)): one.verdict for _, one in decisions}
    for group in groups(matches, decisions):
        for pair, verdict in latest.items():
            if pair <= group.digests:
                assert verdict is not Verdict.DIFFERENT
                if group.kinship is Kinship.SAME_PICTURE:
                    assert verdict is not Verdict.SAME_SCENE


@given(MATCHES, DECISIONS)
def test_every_link_joins_two_of_its_group_and_every_match_is_a_link_or_overruled(
    matches: list[tuple[Digest, Match]], decisions: list[tuple[Digest, Decision]]
) -> None:
    found = groups(matches, decisions)
    for group in found:
        assert len(group.members) > 1
        for link in group.links:
            assert {link.one, link.other} <= group.digests
    linked = {link.record for group in found for link in group.links}
    if not decisions:
        assert linked == {record for record, _ in matches}
        assert not any(group.overruled for group in found)


@given(MATCHES)
def test_without_decisions_the_groups_of_a_kind_are_disjoint(matches: list[tuple[Digest, Match]]) -> None:
    for kinship in Kinship:
        of_kind = [group.digests for group in groups(matches, []) if group.kinship is kinship]
        assert sum(map(len, of_kind)) == len(frozenset().union(*of_kind))
