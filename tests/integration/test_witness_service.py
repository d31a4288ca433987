"""A witness as it runs at another desk: what it vouches for, what it refuses, and that it never forgets."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from tests.servers.logs import Log
from tests.servers.witnesses import RunningWitness

from witnessmark.tlog import (
    AddCheckpoint,
    Algorithm,
    Signer,
    Verifier,
    open_note,
    parse_note,
    sign,
)

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWitness]:
    with RunningWitness.new(tmp_path_factory.mktemp("witness") / "one") as running:
        yield running
    assert running.complaints() == ""


@pytest.fixture
def log(witness: RunningWitness, request: pytest.FixtureRequest) -> Log:
    origin = f"desk.example/{sha256(request.node.name.encode()).hexdigest()[:16]}"
    grown = Log(Signer.generate(origin)).grow(10)
    witness.watch(grown.signer.verifier)
    return grown


def cosigned_at(log: Log, answer_body: bytes, note: bytes, witness: Verifier) -> int | None:
    opened = open_note(note + answer_body, (log.signer.verifier, witness))
    return opened.signatures[-1].timestamp


def test_a_log_seen_for_the_first_time_is_cosigned(witness: RunningWitness, log: Log) -> None:
    answer = witness.post(log.request(0))
    assert answer.status == 200
    assert cosigned_at(log, answer.untrusted, log.note(), witness.verifier)


def test_a_log_that_grew_and_the_same_size_again_are_cosigned(witness: RunningWitness, log: Log) -> None:
    assert witness.post(log.request(0)).status == 200
    log.grow(300)
    assert witness.post(log.request(10)).status == 200
    assert witness.post(log.request(310)).status == 200


def test_a_log_that_was_rolled_back_is_told_the_size_and_then_refused(
    witness: RunningWitness, log: Log
) -> None:
    assert witness.post(log.grow(5).request(0)).status == 200
    restored = log.fork(10).grow(9, "other ")
    told = witness.post(restored.request(10))
    assert (told.status, told.media_type, told.untrusted) == (409, "text/x.tlog.size", b"15\n")
    refused = witness.post(restored.request(15))
    assert refused.status == 422
    with sqlite3.connect(witness.ledger) as ledger:
        query = "select note from dispute where origin = ?"
        kept = [note for (note,) in ledger.execute(query, (log.signer.verifier.name,))]
    ledger.close()
    assert kept == [restored.note()]


def test_another_root_for_the_same_size_is_refused(witness: RunningWitness, log: Log) -> None:
    assert witness.post(log.request(0)).status == 200
    assert witness.post(log.fork(9).grow(1, "other ").request(10)).status == 422


def test_a_log_that_it_was_not_told_of_is_not_known(witness: RunningWitness, log: Log) -> None:
    stranger = Log(Signer.generate("stranger.example/log")).grow(3)
    assert witness.post(stranger.request(0)).status == 404


def test_a_known_name_without_its_signature_is_forbidden(witness: RunningWitness, log: Log) -> None:
    impostor = Log(Signer.generate(log.signer.verifier.name)).grow(3)
    assert witness.post(impostor.request(0)).status == 403
    note = log.note()
    altered = note.replace(b"\n10\n", b"\n11\n")
    assert witness.post(b"old 0\n\n" + altered).status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 01\n\n%s",
        b"old -1\n\n%s",
        b"new 0\n\n%s",
        b"old 0\nnot base64\n\n%s",
        b"old 0\n" + b"AAAA\n" + b"\n%s",
        b"old 0\n" + b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n" * 64 + b"\n%s",
        b"old 11\n\n%s",
        b"\xff\xfe\n\n%s",
    ],
)
def test_what_is_no_request_is_malformed(witness: RunningWitness, log: Log, body: bytes) -> None:
    assert witness.post(body.replace(b"%s", log.note())).status == 400


def test_a_proof_that_does_not_fit_is_refused_and_changes_nothing(witness: RunningWitness, log: Log) -> None:
    assert witness.post(log.request(0)).status == 200
    log.grow(7)
    note = log.note()
    assert witness.post(AddCheckpoint(10, (bytes(32),), note).encode()).status == 422
    assert witness.post(AddCheckpoint(0, (bytes(32),), note).encode()).status == 409
    assert witness.post(log.request(10)).status == 200


def test_a_request_that_is_too_large_is_cut_off(witness: RunningWitness) -> None:
    assert witness.post(b"old 0\n" + bytes(100_000)).status == 413


def test_eight_at_once_leave_one_history(witness: RunningWitness, log: Log) -> None:
    assert witness.post(log.request(0)).status == 200
    log.grow(80)
    sizes = [11, 20, 33, 41, 52, 64, 77, 90]
    requests = {size: log.request(10, size) for size in sizes}
    forks = {size: log.fork(10).grow(size - 10, f"{size} ").request(10) for size in sizes}
    with ThreadPoolExecutor(8) as posts:
        answers = list(posts.map(witness.post, (*requests.values(), *forks.values())))
    granted = [answer for answer in answers if answer.status == 200]
    assert len(granted) == 1
    assert {answer.status for answer in answers} == {200, 409}
    (seen,) = {int(answer.untrusted) for answer in answers if answer.status == 409}
    assert seen in sizes


def test_racing_logs_only_ever_grow(witness: RunningWitness, log: Log) -> None:
    """Each of eight posts until it got through; what the witness granted is one chain of sizes."""
    log.grow(190)
    grants: list[tuple[int, int]] = []

    def push(size: int) -> None:
        old = 0
        while old <= size:
            answer = witness.post(log.request(old, size))
            if answer.status == 200:
                grants.append((old, size))
                return
            assert answer.status == 409
            old = int(answer.untrusted)

    sizes = random.Random(5).sample(range(10, 200), 8)  # noqa: S311 - repeatable, nothing secret
    with ThreadPoolExecutor(8) as posts:
        list(posts.map(push, sizes))
    grants.sort()
    assert [old for old, _ in grants] == [0, *(size for _, size in grants[:-1])]
    assert grants[-1][1] == max(sizes)


def test_killed_at_any_moment_it_never_forgets_what_it_acknowledged(tmp_path: Path) -> None:
    witness = RunningWitness.new(tmp_path / "witness")
    log = Log().grow(1)
    witness.watch(log.signer.verifier)
    chance = random.Random(3)  # noqa: S311 - repeatable, nothing secret
    acknowledged = 0
    for _ in range(5):
        with witness, ThreadPoolExecutor(2) as posts:
            asked = witness.post(log.request(0))
            seen = int(asked.untrusted) if asked.status == 409 else len(log.entries)
            assert seen >= acknowledged
            acknowledged = seen
            for _ in range(chance.randrange(4)):
                answer = witness.post(log.grow(3).request(acknowledged))
                assert answer.status == 200
                acknowledged = len(log.entries)
            last = posts.submit(witness.post, log.grow(2).request(acknowledged))
            chance.random()
            witness.kill()
            if last.exception() is None and last.result().status == 200:
                acknowledged = len(log.entries)
    with witness:
        assert int(witness.post(log.request(0)).untrusted) >= acknowledged


def test_monitors_are_shown_the_newest_cosigned_checkpoint(witness: RunningWitness, log: Log) -> None:
    address = f"{witness.url}{sha256(log.signer.verifier.name.encode()).hexdigest()}/checkpoint"
    with pytest.raises(urllib.error.HTTPError, match="404") as missing:
        urllib.request.urlopen(address)  # noqa: S310 - our own server
    missing.value.close()
    for old in (0, 10):
        answer = witness.post(log.grow(0 if old == 0 else 5).request(old))
        with urllib.request.urlopen(address) as shown:  # noqa: S310 - our own server
            assert shown.read() == log.note() + answer.untrusted


def test_a_witness_may_sign_with_ml_dsa(tmp_path: Path) -> None:
    witness = RunningWitness.new(tmp_path / "quantum", "witness.example/pq", Algorithm.COSIGNATURE_ML_DSA_44)
    log = Log().grow(10)
    witness.watch(log.signer.verifier)
    with witness:
        text = parse_note(log.note()).text + "an extension line\n"
        assert witness.post(AddCheckpoint(0, (), sign(text, log.signer)).encode()).status == 400
        answer = witness.post(log.request(0))  # and nothing was put down as seen
        assert cosigned_at(log, answer.untrusted, log.note(), witness.verifier)


@pytest.mark.outside
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_what_it_saw_is_on_the_disk_before_the_answer_leaves(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    # With -D strace stands aside, so that ending the process ends the witness.
    watched = f"strace -D -f -y -s 40 -e trace=fsync,fdatasync,sendto,recvfrom -o {trace}".split()
    witness = RunningWitness.new(tmp_path / "witness", wrapper=tuple(watched))
    log = Log().grow(10)
    witness.watch(log.signer.verifier)
    with witness:
        assert witness.post(log.request(0)).status == 200
    while "+++ exited" not in trace.read_text() and "+++ killed" not in trace.read_text():
        time.sleep(0.05)  # strace writes the last lines after the witness is gone
    calls = trace.read_text().splitlines()
    asked = next(number for number, call in enumerate(calls) if '"POST /add-checkpoint' in call)
    answered = next(number for number, call in enumerate(calls) if '"HTTP/1.1 200' in call)
    assert any("sync(" in call and "ledger.sqlite-wal" in call for call in calls[asked:answered])
