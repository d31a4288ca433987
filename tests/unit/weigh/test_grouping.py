"""Which claim a statement is proposed for; the exercise's own figures stand in test_dependence."""

from __future__ import annotations

from witnessmark.model import Digest, Range, Topic
from witnessmark.weigh.grouping import ENOUGH, alike, candidates, gist, groups

DEAD = gist(Topic.NUMBER, "How many people died in the flooded tunnel")
PUMPS = gist(Topic.EQUIPMENT, "The pumps of the town failed during the night")
NAMES = {Digest.of(b"dead"): [DEAD], Digest.of(b"pumps"): [PUMPS]}


def test_a_statement_is_proposed_for_the_claim_that_it_is_about() -> None:
    wanted = gist(Topic.EQUIPMENT, "Not one pump worked that night, the town says")
    assert candidates(wanted, NAMES)[0].claim == Digest.of(b"pumps")


def test_an_equal_number_finds_the_claim_in_another_language() -> None:
    known = {
        **NAMES,
        Digest.of(b"hall"): [gist(Topic.NUMBER, "Eleven people died in the hall", [Range(best=11)])],
    }
    wanted = gist(Topic.NUMBER, "انتشل رجال الإنقاذ أحد عشر جثمانا", [Range(best=11)])
    assert candidates(wanted, known)[0].claim == Digest.of(b"hall")


def test_what_is_about_nothing_known_is_offered_for_a_new_claim() -> None:
    wanted = gist(Topic.PERPETRATOR, "Nobody has claimed responsibility for the shooting at the market")
    assert not candidates(wanted, NAMES, ENOUGH)


def test_no_claims_and_no_words_are_no_error() -> None:
    assert not candidates(gist(Topic.OTHER, ""), {})
    assert candidates(gist(Topic.OTHER, "…"), NAMES)
    assert groups([]) == ()


def test_statements_on_one_new_thing_are_put_together() -> None:
    told = [
        gist(Topic.PLACE, "The market lies beside the old harbour of the town"),
        gist(Topic.NUMBER, "Eleven people died in the tunnel", [Range(best=11)]),
        gist(Topic.PLACE, "It is the market beside the harbour"),
        gist(Topic.NUMBER, "At least eleven bodies were in the tunnel", [Range(best=11)]),
    ]
    assert groups(told) == ((0, 2), (1, 3))


def test_claims_that_may_be_one_are_named_and_unlike_ones_are_not() -> None:
    again = Digest.of(b"again")
    known = {name: several[0] for name, several in NAMES.items()}
    known[again] = gist(Topic.NUMBER, "How many people have died in the tunnel that was flooded")
    (pair,) = alike(known)
    assert set(pair[:2]) == {again, Digest.of(b"dead")}
