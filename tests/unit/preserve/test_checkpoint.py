"""Checkpoints: signed after the commit, never for a log that was rolled back or forked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from witnessmark.errors import IntegrityError
from witnessmark.model import person
from witnessmark.preserve.checkpoint import check_not_rolled_back, root_at, sign_head
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.keys import KeyFolder, create_keys
from witnessmark.store import CaseFolder, create_case, open_case
from witnessmark.tlog import open_checkpoint

ORIGIN = "desk.example/tests"


@dataclass(frozen=True, slots=True)
class Desk:
    root: Path
    case: CaseFolder
    keys: KeyFolder

    def grow(self, case: CaseFolder | None = None) -> None:
        custodian = Custodian(SystemClock(), person("tester"), "tests 1", "session")
        with (case or self.case).transaction() as transaction:
            transaction.append(custodian.act("test.happened"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    keys = create_keys(tmp_path / "keys", ORIGIN)
    case = create_case(tmp_path / "case", ORIGIN, keys.signer.verifier.vkey(), keys.vault_key)
    yield Desk(tmp_path / "case", case, keys)
    case.close()


def test_a_checkpoint_states_the_committed_head(desk: Desk) -> None:
    desk.grow()
    kept = sign_head(desk.case, desk.keys)
    checkpoint, _ = open_checkpoint(kept.signed, [desk.keys.signer.verifier], ORIGIN)
    assert (checkpoint.size, checkpoint.root) == (1, desk.case.head().root)
    assert desk.keys.published() == desk.case.head()


def test_the_same_head_is_signed_once(desk: Desk) -> None:
    desk.grow()
    assert sign_head(desk.case, desk.keys) == sign_head(desk.case, desk.keys)
    assert len(desk.case.checkpoints()) == 1


def test_older_heads_stay_within_reach(desk: Desk) -> None:
    roots = []
    for _ in range(600):
        desk.grow()
        roots.append(desk.case.head().root)
    assert [root_at(desk.case, size) for size in (1, 255, 256, 257, 512, 600)] == [
        roots[size - 1] for size in (1, 255, 256, 257, 512, 600)
    ]


def test_a_restored_backup_is_not_signed_for(desk: Desk, tmp_path: Path) -> None:
    desk.grow()
    shutil.copytree(desk.root, tmp_path / "backup")
    desk.grow()
    sign_head(desk.case, desk.keys)
    with closing(open_case(tmp_path / "backup", desk.keys.vault_key)) as backup:
        with pytest.raises(IntegrityError, match="rolled back"):
            sign_head(backup, desk.keys)
        assert backup.checkpoints() == []


def test_a_fork_is_noticed_though_it_is_longer(desk: Desk, tmp_path: Path) -> None:
    desk.grow()
    shutil.copytree(desk.root, tmp_path / "fork")
    desk.grow()
    sign_head(desk.case, desk.keys)
    with closing(open_case(tmp_path / "fork", desk.keys.vault_key)) as fork:
        for _ in range(3):
            desk.grow(fork)
        with pytest.raises(IntegrityError, match="forked"):
            check_not_rolled_back(fork, desk.keys)


def test_nothing_is_signed_where_the_memory_of_what_was_published_is_lost(desk: Desk) -> None:
    desk.grow()
    sign_head(desk.case, desk.keys)
    (desk.keys.folder / "published.json").unlink()
    desk.grow()
    with pytest.raises(IntegrityError, match=r"published\.json is missing"):
        sign_head(desk.case, desk.keys)
    assert len(desk.case.checkpoints()) == 1


def test_a_case_that_never_published_passes(desk: Desk) -> None:
    check_not_rolled_back(desk.case, desk.keys)
    sign_head(desk.case, desk.keys)
    check_not_rolled_back(desk.case, desk.keys)
