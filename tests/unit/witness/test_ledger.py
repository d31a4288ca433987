"""The ledger of a witness: which logs it knows, and what becomes of it when the disk or a person errs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.servers.logs import Log

from witnessmark.errors import RefusedError, UnavailableError, UsageError
from witnessmark.tlog import AddCheckpoint, Algorithm, Cosigner, Signer
from witnessmark.witness.answering import Witness
from witnessmark.witness.ledger import Ledger, origin_hash

NAME = "desk.example/log"


class StoppedClock:
    """A clock that stands at one moment."""

    moment = datetime(2026, 11, 22, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic_us(self) -> int:
        return 0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite", StoppedClock()) as opened:
        yield opened


def test_the_logs_are_listed_with_how_far_they_were_seen(ledger: Ledger) -> None:
    log = Log(Signer.generate(NAME)).grow(7)
    ledger.add_log(log.signer.verifier.vkey())
    (fresh,) = ledger.logs()
    assert (fresh.verifier, fresh.size, fresh.seen_at) == (log.signer.verifier, 0, None)
    assert str(fresh) == f"{NAME}: never seen"
    ledger.consider(AddCheckpoint.parse(log.request(0)))
    ledger.consider(AddCheckpoint.parse(log.fork(6).grow(1, "other ").request(7)))
    (seen,) = ledger.logs()
    assert (seen.size, seen.seen_at, seen.disputes) == (7, int(StoppedClock.moment.timestamp()), 1)
    assert len(ledger.disputes(NAME)) == 1
    words = "7 entries, seen 2026-11-22T00:00:00+00:00; checkpoints signed against its own history: 1"
    assert str(seen) == f"{NAME}: {words}"


def test_disputes_cannot_fill_the_disk(ledger: Ledger) -> None:
    log = Log(Signer.generate(NAME)).grow(7)
    ledger.add_log(log.signer.verifier.vkey())
    ledger.consider(AddCheckpoint.parse(log.request(0)))
    for number in range(40):
        ledger.consider(AddCheckpoint.parse(log.fork(6).grow(1, f"{number} ").request(7)))
    assert len(ledger.disputes(NAME)) == 16


def test_another_key_for_a_known_log_needs_a_persons_word_and_keeps_what_was_seen(ledger: Ledger) -> None:
    old, new = (Log(Signer.generate(NAME)).grow(7) for _ in range(2))
    ledger.add_log(old.signer.verifier.vkey())
    ledger.add_log(old.signer.verifier.vkey())
    ledger.consider(AddCheckpoint.parse(old.request(0)))
    with pytest.raises(RefusedError, match="another key"):
        ledger.add_log(new.signer.verifier.vkey())
    ledger.add_log(new.signer.verifier.vkey(), replace=True)
    assert ledger.consider(AddCheckpoint.parse(new.request(0))).verdict.status == 409


def test_the_key_of_a_witness_is_no_log(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="key of a witness"):
        ledger.add_log(Cosigner.generate(NAME).verifier.vkey())
    with pytest.raises(UsageError, match="255 bytes"):
        ledger.add_log(Signer.generate("x" * 256).verifier.vkey())
    pq = Cosigner.generate(NAME, Algorithm.COSIGNATURE_ML_DSA_44)  # logs may sign with these too
    assert ledger.add_log(pq.verifier.vkey()).name == NAME


def test_the_cosignature_states_the_time_at_which_the_ledger_decided(ledger: Ledger) -> None:
    log, cosigner = Log(Signer.generate(NAME)).grow(3), Cosigner.generate("witness.example/w1")
    ledger.add_log(log.signer.verifier.vkey())
    verdict = Witness(ledger, cosigner).answer(log.request(0))
    text = log.note().partition(b"\n\n")[0].decode() + "\n"
    assert verdict.body == cosigner.sign_line(text, int(StoppedClock.moment.timestamp()))


def test_a_smaller_checkpoint_that_comes_late_does_not_displace_a_larger_one(ledger: Ledger) -> None:
    log = Log(Signer.generate(NAME)).grow(9)
    ledger.add_log(log.signer.verifier.vkey())
    smaller, larger = (AddCheckpoint(0, (), log.note(size)) for size in (5, 9))
    assert ledger.published(origin_hash(NAME)) is None
    ledger.publish(larger, b"larger")
    ledger.publish(smaller, b"smaller")
    assert ledger.published(origin_hash(NAME)) == b"larger"


def test_a_ledger_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute("pragma user_version = 2")
    database.close()
    with pytest.raises(RefusedError, match="newer version"):
        Ledger(tmp_path / "ledger.sqlite", StoppedClock())


def test_what_is_no_ledger_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(UnavailableError, match="cannot be opened"):
        Ledger(tmp_path / "ledger.sqlite", StoppedClock())
    with pytest.raises(UnavailableError, match="cannot be opened"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite", StoppedClock())


def test_after_a_failed_write_nothing_more_is_vouched_for(ledger: Ledger, tmp_path: Path) -> None:
    log, cosigner = Log(Signer.generate(NAME)).grow(3), Cosigner.generate("witness.example/w1")
    ledger.add_log(log.signer.verifier.vkey())
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute("drop table seen")
    database.close()
    witness = Witness(ledger, cosigner)
    assert witness.answer(log.request(0)).status == 503
    assert "is closed" in witness.answer(log.request(0)).body


def test_a_ledger_held_by_another_for_a_moment_is_not_lost(ledger: Ledger, tmp_path: Path) -> None:
    log, cosigner = Log(Signer.generate(NAME)).grow(3), Cosigner.generate("witness.example/w1")
    ledger.add_log(log.signer.verifier.vkey())
    witness = Witness(ledger, cosigner)
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("begin immediate")
    ledger._database.execute("pragma busy_timeout = 10")  # type: ignore[union-attr]
    assert witness.answer(log.request(0)).status == 503
    other.execute("rollback")
    other.close()
    assert witness.answer(log.request(0)).status == 200
