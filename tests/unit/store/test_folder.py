"""The case folder: what was committed is seen, by everyone, at once."""

from __future__ import annotations

from pathlib import Path

from witnessmark.preserve.custody import Custodian
from witnessmark.store import CaseFolder, open_case

VAULT_KEY = bytes(range(32))


def test_a_head_that_was_read_before_a_commit_is_not_read_again_after_it(
    case: CaseFolder, custodian: Custodian
) -> None:
    for size in range(3):
        assert case.head().size == size
        with case.transaction() as transaction:
            transaction.append(custodian.act("test.happened"))
    assert case.head().size == 3


def test_a_reader_sees_what_another_opening_of_the_case_has_committed(
    case: CaseFolder, root: Path, custodian: Custodian
) -> None:
    other = open_case(root, VAULT_KEY)
    assert other.head().size == 0
    with case.transaction() as transaction:
        transaction.append(custodian.act("test.happened"))
    assert other.head() == case.head()
    assert [index for index, _ in other.entries()] == [0]
    other.close()
