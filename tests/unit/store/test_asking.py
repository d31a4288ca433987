"""A case is asked for many things at once, and what a page was told is not asked for again."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from witnessmark.errors import IntegrityError, UsageError
from witnessmark.model import Digest, Event, Facts, Finding, Rating, person
from witnessmark.model.wire import digest_of
from witnessmark.ports import Capture, Sieve
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import Intake
from witnessmark.store import CaseFolder, open_case, tables

VAULT_KEY = bytes(range(32))


@pytest.fixture
def sealed(case: CaseFolder, custodian: Custodian) -> list[Digest]:
    """Three exhibits of which the second came in twice; the first has two findings, the third one."""
    contents = (b"1", b"2", b"3", b"2")
    captures = [Capture(partial(io.BytesIO, content), "a friend", "test") for content in contents]
    list(Intake(case, custodian, "run", lambda _: "text/plain").seal(captures))
    digests = [Digest.of(content) for content in contents[:3]]
    found = [
        Finding(digests[place], "examiner", f"property {number}", Facts(), "none")
        for number, place in enumerate((0, 2, 0))
    ]
    with case.transaction() as transaction:
        for one in found:
            transaction.append(custodian.act("examine", used=(one.about,)), [one])
    return digests


def questions(case: CaseFolder) -> list[str]:
    """What is asked of the database from now on."""
    asked: list[str] = []
    event.listen(case._database.engine, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
    return asked


def test_many_are_told_at_once_what_each_is_told_by_itself(case: CaseFolder, sealed: list[Digest]) -> None:
    stranger = Digest.of(b"a stranger")
    found = case.find_of(Finding, (*sealed, stranger))
    assert found == {one: case.find(Finding, one) for one in (sealed[0], sealed[2])}
    assert len(found[sealed[0]]) == 2
    arrivals = case.acquisitions_of((*sealed, stranger))
    assert arrivals == {one: case.acquisitions(one) for one in sealed}
    assert [len(arrivals[one]) for one in sealed] == [1, 2, 1]
    assert case.find_of(Rating, sealed) == {}
    assert case.find_of(Finding, ()) == {}
    assert case.acquisitions_of(()) == {}


def test_exhibits_are_sifted_by_their_places_and_told_with_the_kinds_of_their_records(
    case: CaseFolder, custodian: Custodian, sealed: list[Digest]
) -> None:
    rating = Rating(sealed[0], 3, person("Ada Verrin"), datetime(2024, 11, 19, tzinfo=UTC))
    with case.transaction() as transaction:
        transaction.append(custodian.act("rate"), [rating])
    everything = case.sift(Sieve(), 0, 10)
    assert [one.digest for one in everything] == sealed
    assert [dict(one.records) for one in everything] == [{"finding": 2, "rating": 1}, {}, {"finding": 1}]
    places = [one.place for one in everything]
    taken_back = frozenset((digest_of(rating),))
    for sieve, wanted in (
        (Sieve(at=frozenset(places[1:])), places[1:]),
        (Sieve(at=frozenset((places[0], 10_000))), places[:1]),
        (Sieve(at=frozenset()), []),
        (Sieve(at=frozenset(places[1:]), among=frozenset(sealed[:2])), places[1:2]),
        (Sieve(has=("rating",)), places[:1]),
        (Sieve(has=("rating",), but=taken_back), []),
        (Sieve(lacks=("finding",), at=frozenset(places)), places[1:2]),
    ):
        assert [one.place for one in case.sift(sieve, 0, 10)] == wanted, sieve
        assert case.places(sieve, 1) == (len(wanted), wanted), sieve
    (first,) = case.sift(Sieve(at=frozenset(places[:1]), but=taken_back), 0, 10)
    assert dict(first.records) == {"finding": 2}
    assert [one.place for one in case.sift(Sieve(), places[1], 1)] == places[1:2]


def test_entries_are_told_at_once_in_the_order_of_the_log(case: CaseFolder, sealed: list[Digest]) -> None:
    last = case.head().size - 1
    assert sealed
    assert case.actions_at((last, 0, last + 1)) == [(0, case.action(0)), (last, case.action(last))]
    assert case.actions_at(()) == []


def test_what_was_done_to_a_thing_is_told_for_all_types_at_once(
    case: CaseFolder, custodian: Custodian, sealed: list[Digest]
) -> None:
    first, _, third = sealed
    with case.transaction() as transaction:
        seen = transaction.append(custodian.act("exhibit.read", used=(first,)))
    examined = case.acts("examine", used=first)
    assert len(examined) == 2
    assert case.acts_on(first) == [*examined, seen]
    asked = questions(case)
    with case.remembering():
        assert case.acts("examine", used=first) == examined
        assert case.acts("exhibit.read", used=first) == [seen]
        assert case.acts("erase", used=first) == []
        assert case.acts_on(first) == [*examined, seen]
        assert len(asked) == 1
        assert case.acts_on(third) == case.acts("examine", used=third)
        assert len(case.acts_on(third)) == 1
        assert case.acts_on(Digest.of(b"a stranger")) == []


def test_a_lost_record_is_missed_by_name_not_passed_over(case: CaseFolder, sealed: list[Digest]) -> None:
    lost = (digest_of(case.item(sealed[0])), digest_of(case.acquisitions(sealed[0])[0][1]))
    with case._database.engine.begin() as connection:
        connection.execute(tables.record.delete().where(tables.among(tables.record.c.digest, lost)))
    for name, ask in zip(lost, (case.item, case.acquisitions), strict=True):
        with pytest.raises(IntegrityError, match=f"{name} is missing"):
            ask(sealed[0])
    assert len(case.acquisitions(sealed[1])) == 2
    with pytest.raises(UsageError, match="is not an exhibit"):
        case.item(Digest.of(b"a stranger"))


def test_what_a_thread_was_told_it_is_told_again_until_it_enters_something(
    case: CaseFolder, root: Path, custodian: Custodian, sealed: list[Digest]
) -> None:
    thing, other = sealed[0], open_case(root, VAULT_KEY)
    asked = questions(case)
    with case.remembering():
        told = case.find(Finding, thing)
        assert case.find(Rating, thing) == []
        before = len(asked)
        assert case.find(Finding, thing) is told
        assert case.find(Rating, thing) == []
        assert len(asked) == before, "nothing was asked again, not even for another kind"
        late = Finding(thing, "examiner", "late", Facts(), "none")
        try:
            with other.transaction() as transaction:
                transaction.append(custodian.act("examine", used=(thing,)), [late])
        finally:
            other.close()
        assert len(case.find(Finding, thing)) == 2, "the parts of one page are of one time"
        with case.transaction() as transaction:
            assert len(case.find(Finding, thing)) == 3, "who enters something sees what is there"
            transaction.append(custodian.act("test.happened"), [Event("The bridge")])
        assert len(case.find(Finding, thing)) == 3
    assert len(case.find(Finding, thing)) == 3
    assert case.memory.told is None


def test_an_error_ends_the_remembering(case: CaseFolder) -> None:
    with pytest.raises(ZeroDivisionError), case.remembering():
        1 / 0  # noqa: B018 - for its error
    assert case.memory.told is None
