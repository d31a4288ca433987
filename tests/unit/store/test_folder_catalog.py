"""The catalog is only a projection: when it lacks something, that is noticed, refused, and mended."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from tests.fixtures.behind import behind

from witnessmark.errors import IntegrityError
from witnessmark.model import Copy, Digest, Event, Item
from witnessmark.ports import Capture
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder, open_case

VAULT_KEY = bytes(range(32))


def seal(case: CaseFolder, custodian: Custodian, *contents: bytes) -> list[str]:
    """The exhibit numbers that these bytes got."""
    captures = [Capture(partial(io.BytesIO, content), "a friend", "test") for content in contents]
    taken = Intake(case, custodian, "run", lambda _: "text/plain").seal(captures)
    return [one.exhibit for one in taken if isinstance(one, Taken)]


@contextmanager
def reopened(root: Path) -> Iterator[CaseFolder]:
    """The case as the next process finds it."""
    with closing(open_case(root, VAULT_KEY)) as case:
        yield case


@pytest.mark.parametrize("is_older", [False, True])
@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM catalog_object WHERE exhibit = 'E00003'",
        "UPDATE catalog_object SET exhibit = NULL WHERE exhibit = 'E00001'",
        "DELETE FROM catalog_acquisition WHERE exhibit = 'E00002'",
        "DELETE FROM catalog_record",
        "DELETE FROM catalog_action",
    ],
)
def test_a_catalog_that_lacks_a_row_is_refused_and_mended_and_no_number_is_given_twice(
    case: CaseFolder, root: Path, custodian: Custodian, lost: str, is_older: bool
) -> None:
    assert seal(case, custodian, b"1", b"2", b"3") == ["E00001", "E00002", "E00003"]
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"), [Event("The bridge")])
    with behind(root) as connection:
        connection.execute(lost)
        if is_older:  # an earlier release did not state how far its catalog reaches: then items are counted
            connection.execute("DELETE FROM meta WHERE name = 'catalog'")
    with reopened(root) as damaged:
        before = damaged.head()
        if not is_older or "catalog_object" in lost:
            with pytest.raises(IntegrityError, match="not what its log and records say") as refused:
                seal(damaged, custodian, b"4")
            assert "witnessmark rebuild" in str(refused.value.advice)
        assert damaged.head() == before
        assert not damaged.catalog_holds()
        assert damaged.rebuild() == before.size
        assert damaged.catalog_holds()
        assert seal(damaged, custodian, b"4") == ["E00004"]
        assert damaged.catalog_holds()


def test_a_case_of_an_earlier_release_goes_on_with_its_numbers(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    seal(case, custodian, b"1", b"2")
    with behind(root) as connection:
        connection.execute("DELETE FROM meta WHERE name = 'catalog'")
    with reopened(root) as older:
        assert older.catalog_holds()
        assert seal(older, custodian, b"2", b"3") == ["E00002", "E00003"]
        assert older.catalog_holds()


@pytest.mark.parametrize("value", ["[]", "{}", "no JSON", '{"exhibits":9,"rows":{},"size":1}'])
def test_an_extent_that_is_damaged_is_refused_and_stated_again(
    case: CaseFolder, root: Path, custodian: Custodian, value: str
) -> None:
    seal(case, custodian, b"1")
    with behind(root) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'catalog'", (value,))
    with reopened(root) as damaged:
        with pytest.raises(IntegrityError, match="damaged"):
            seal(damaged, custodian, b"2")
        damaged.rebuild()
        assert seal(damaged, custodian, b"2") == ["E00002"]


def test_what_the_case_states_under_no_known_name_is_damage(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    seal(case, custodian, b"1")
    with behind(root) as connection:
        connection.execute("UPDATE meta SET name = 'catalof' WHERE name = 'catalog'")
    with reopened(root) as damaged, pytest.raises(IntegrityError, match="catalof"):
        damaged.catalog_holds()


def test_two_items_of_one_number_are_both_named(case: CaseFolder, root: Path, custodian: Custodian) -> None:
    seal(case, custodian, b"1", b"2")
    with behind(root) as connection:  # as an earlier release went on
        connection.execute("DELETE FROM catalog_object WHERE exhibit = 'E00002'")
    with case.transaction() as transaction:
        item = Item("E00002", Copy(Digest.of(b"other"), 5, "text/plain"))
        transaction.append(custodian.act("test.happened"), [item])
    with reopened(root) as doubled:
        for look in (doubled.catalog_holds, doubled.rebuild):
            with pytest.raises(IntegrityError, match="two items have the number E00002") as named:
                look()
            assert Digest.of(b"2") in str(named.value)
            assert Digest.of(b"other") in str(named.value)
        assert doubled.exhibit_of(Digest.of(b"1")) == "E00001"


def test_a_row_that_the_catalog_cannot_hold_is_said_in_a_sentence(
    case: CaseFolder, custodian: Custodian
) -> None:
    seal(case, custodian, b"1")
    with pytest.raises(IntegrityError, match="contradicts its log and records"), case.transaction() as one:
        one.append(custodian.act("x.y"), [Item("E00001", Copy(Digest.of(b"other"), 5, "text/plain"))])
    assert case.head().size == 1


def test_what_is_asked_for_many_at_once_is_what_is_asked_for_one_by_one(
    case: CaseFolder, custodian: Custodian
) -> None:
    seal(case, custodian, b"1", b"2", b"3")
    size = case.head().size
    one_by_one = [(index, case.action(index)) for index in range(1, size)]
    assert size > 2 and list(case.actions_of(1, size + 5)) == one_by_one
    assert not case.actions_of(size, size + 5) and not case.actions_of(0, 0)
    digests = [digest for _, digest in case.exhibits()]
    known = case.exhibits_of((*digests[:2], Digest.of(b"nothing that is here")))
    assert known == {digest: case.exhibit_of(digest) for digest in digests[:2]}
    assert case.exhibits_of(()) == {}
