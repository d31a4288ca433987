"""Claims are split, and what was moved or merged is taken back, by the command line as in the browser."""

from __future__ import annotations

import pytest

pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.desks import ADA

from witnessmark.desk import Desk
from witnessmark.desk.arranging import Unfiled, moved, split_off, taken_back
from witnessmark.desk.weighing import weighing_of
from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import Claim, Digest, Filing, Statement, person
from witnessmark.web.office import Office


def own(desk: Desk) -> tuple[Digest, Statement]:
    """A statement that passes nothing on."""
    return next((name, one) for name, one in desk.case.find(Statement) if one.relays is None)


def test_what_was_moved_merged_or_split_off_is_taken_back_one_by_one(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    case = desk.case
    name, said = own(desk)
    before = weighing_of(case).under[name]
    (claim, _), (filing, _) = desk.enter(split_off(case, name, "A new claim", "it is about another thing"))
    assert weighing_of(case).under[name] == claim
    noun = case.noun(claim)
    assert isinstance(noun, Claim)
    assert (noun.text, noun.event) == ("A new claim", case.noun(said.claim).event)  # type: ignore[union-attr]
    ((back, _),) = desk.enter(*taken_back(case, filing, "it was not"))
    assert weighing_of(case).under[name] == before
    ruled = case.noun(back)
    assert isinstance(ruled, Filing)
    assert ruled.reason == "taken back: it was not"
    with pytest.raises(OutdatedError, match="a later ruling"):
        desk.enter(*taken_back(case, filing, "again"))
    with pytest.raises(UsageError, match="'reason'"):
        desk.enter(*taken_back(case, back, " "))
    desk.enter(*taken_back(case, back, "it was after all"))
    assert weighing_of(case).under[name] == claim


def test_a_ruling_that_another_one_followed_meanwhile_is_not_taken_back(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    case = desk.case
    (one, _), (other, _), (third, _) = case.find(Claim)[:3]
    ((ruling, _),) = desk.enter(moved(one, other, "alike"))
    back = taken_back(case, ruling, "it was not")
    desk.enter(moved(one, third, "more alike"))
    size = len(case.find(Filing))
    with pytest.raises(OutdatedError, match="a later ruling"):
        desk.enter(*back)
    assert len(case.find(Filing)) == size


def test_who_arranges_over_what_they_have_not_seen_is_refused(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    case = desk.case
    (one, _), (other, _), (third, _) = case.find(Claim)[:3]
    since = case.head().size
    desk.enter(moved(one, other, "alike"), Unfiled((one, other), since))
    with pytest.raises(OutdatedError, match="since you opened this page"):
        desk.enter(moved(other, third, "alike"), Unfiled((other, third), since))
    desk.enter(moved(other, third, "alike"), Unfiled((other, third), case.head().size))


def test_only_a_statement_is_split_off_and_only_a_ruling_is_taken_back(office: Office) -> None:
    case = office.desk.case
    claim, _ = case.find(Claim)[0]
    with pytest.raises(UsageError, match="a statement is split off"):
        split_off(case, claim, "text", "reason")
    with pytest.raises(UsageError, match="is no ruling"):
        taken_back(case, claim, "reason")
