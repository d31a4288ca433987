"""Our log before real witnesses: when it is believed, and when it is found out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.servers.logs import Log
from tests.servers.tsa import serving
from tests.servers.witnesses import RunningWitness

from witnessmark.errors import IntegrityError, RefusedError, UnavailableError
from witnessmark.model import CheckState
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.witnessing import HttpWitness, add_cosignature, check_quorum, cosign_all, last_seen
from witnessmark.tlog import Algorithm, Cosigner, Policy, Signer, Verifier, open_checkpoint, open_note

pytestmark = pytest.mark.server
POST = HttpPost(timeout_s=20, local_allowed=True)
LOG_KEY = Signer.generate("desk.example/log")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningWitness, RunningWitness]]:
    folder = tmp_path_factory.mktemp("witnesses")
    with ExitStack() as stack:
        ada = RunningWitness.new(folder / "ada", "witness.example/ada")
        ben = RunningWitness.new(folder / "ben", "witness.example/ben", Algorithm.COSIGNATURE_ML_DSA_44)
        yield stack.enter_context(ada), stack.enter_context(ben)


@pytest.fixture
def log(pair: tuple[RunningWitness, ...], request: pytest.FixtureRequest) -> Log:
    grown = Log(Signer.generate(f"desk.example/{request.node.name}")).grow(10)
    for witness in pair:
        witness.watch(grown.signer.verifier)
    return grown


@pytest.fixture
def ada(pair: tuple[RunningWitness, ...]) -> HttpWitness:
    return ask(pair[0])


def ask(witness: RunningWitness) -> HttpWitness:
    return HttpWitness("ada", witness.url, witness.verifier, POST)


def cosign(witness: HttpWitness, log: Log, last: int = 0) -> bytes:
    return witness.cosign(log.note(), len(log.entries), log.consistency, last)


def test_a_fresh_log_gets_a_cosignature_that_verifies(log: Log, ada: HttpWitness) -> None:
    cosigned = add_cosignature(log.note(), cosign(ada, log), ada.verifier)
    checkpoint, opened = open_checkpoint(
        cosigned, (log.signer.verifier, ada.verifier), log.signer.verifier.name
    )
    assert checkpoint.size == 10
    assert opened.signatures[1].timestamp
    assert cosigned.startswith(log.note())


def test_it_goes_on_from_wherever_the_witness_stands(log: Log, ada: HttpWitness) -> None:
    cosign(ada, log)
    cosign(ada, log.grow(300))  # nothing known here: the witness says 10
    cosign(ada, log.grow(5), 310)  # known rightly
    cosign(ada, log.grow(5), 10)  # known, but older than what it saw
    cosign(ada, log)  # the same again


def test_a_log_shorter_than_the_witness_has_seen_was_rolled_back(log: Log, ada: HttpWitness) -> None:
    cosign(ada, log.grow(20))
    with pytest.raises(IntegrityError, match="this log has been rolled back or forked") as caught:
        cosign(ada, log.fork(12), 10)
    assert "30 entries" in str(caught.value)


def test_a_restored_backup_that_grew_past_it_was_forked(log: Log, ada: HttpWitness) -> None:
    cosign(ada, log.grow(5))
    restored = log.fork(10).grow(9, "other ")
    for known in (0, 10, 15):
        with pytest.raises(IntegrityError, match="this log has been rolled back or forked"):
            cosign(ada, restored, known)


def test_a_witness_that_does_not_know_the_log_refuses(ada: HttpWitness, log: Log) -> None:
    with pytest.raises(RefusedError, match="does not know this log"):
        cosign(ada, Log(Signer.generate("stranger.example/log")).grow(2))
    with pytest.raises(RefusedError, match="does not know this log or its key"):
        cosign(ada, Log(Signer.generate(log.signer.verifier.name)).grow(2))


def test_a_witness_under_another_key_gives_nothing_to_keep(
    log: Log, pair: tuple[RunningWitness, ...]
) -> None:
    expected = Cosigner.generate("witness.example/ada").verifier
    with pytest.raises(UnavailableError, match="no good cosignature"):
        cosign(HttpWitness("ada", pair[0].url, expected, POST), log)


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (200, b"", "no good cosignature"),
        (200, b"<html>", "no good cosignature"),
        (409, b"many\n", "not a plain decimal"),
        (409, b"3\n", "kept changing its mind"),
        (302, b"https://elsewhere.example/", "HTTP 302"),
        (500, b"", "HTTP 500"),
        (503, b"busy", "HTTP 503"),
        (200, b"x" * 300_000, "more than"),
    ],
)
def test_nonsense_from_a_witness_keeps_nothing(status: int, content: bytes, reason: str) -> None:
    verifier = Cosigner.generate("witness.example/odd").verifier
    with (
        serving(lambda _: (status, content)) as url,
        pytest.raises(UnavailableError, match=reason),
    ):
        cosign(HttpWitness("odd", url, verifier, POST), Log(LOG_KEY).grow(4))


def test_a_cosignature_over_something_else_is_not_taken() -> None:
    log, cosigner = Log(LOG_KEY).grow(4), Cosigner.generate("witness.example/odd")
    lines = [cosigner.sign_line(text, 1_700_000_000) for text in ("another\n", log.note(3).decode())]
    for line in lines:
        with (
            serving(lambda _, line=line: (200, line.encode())) as url,  # type: ignore[misc]
            pytest.raises(UnavailableError, match="no good cosignature"),
        ):
            cosign(HttpWitness("odd", url, cosigner.verifier, POST), log)


def test_lines_of_other_keys_are_left_where_they_came_from(log: Log) -> None:
    ours, other = Cosigner.generate("witness.example/ours"), Cosigner.generate("witness.example/other")
    text = open_note(log.note(), (log.signer.verifier,)).text
    lines = other.sign_line(text, 1_700_000_000) + ours.sign_line(text, 1_700_000_001)
    with serving(lambda _: (200, lines.encode())) as url:
        line = cosign(HttpWitness("ours", url, ours.verifier, POST), log)
    assert line == ours.sign_line(text, 1_700_000_001).encode()


def policy_of(log: Verifier, *witnesses: Verifier, quorum: int) -> Policy:
    lines = [f"log {log.vkey()}"]
    lines += [f"witness w{number} {witness.vkey()}" for number, witness in enumerate(witnesses)]
    names = " ".join(f"w{number}" for number in range(len(witnesses)))
    return Policy.parse("\n".join([*lines, f"group all-of-us {quorum} {names}", "quorum all-of-us", ""]))


def test_all_witnesses_are_asked_and_the_silent_one_is_named(
    log: Log, pair: tuple[RunningWitness, ...]
) -> None:
    both = [ask(one) for one in pair]
    gone = HttpWitness(
        "gone", "http://127.0.0.1:9/", Cosigner.generate("witness.example/gone").verifier, POST
    )
    got = cosign_all(log.kept(), (both[0], gone, both[1]), log.consistency)
    assert len(got.failures) == 1
    assert got.failures[0].startswith("the witness gone: 127.0.0.1:9 gave no whole answer")
    assert got.checkpoint.signed == log.note()
    keys = [one.verifier for one in pair]
    assert check_quorum(
        got.checkpoint.note, policy_of(log.signer.verifier, *keys, quorum=2), LOG_KEY.verifier
    )
    again = cosign_all(got.checkpoint, both, log.consistency)
    assert again.checkpoint == got.checkpoint  # the first cosignatures stay, and none is doubled
    assert [last_seen((got.checkpoint, log.kept()), key) for key in keys] == [10, 10]
    assert last_seen((log.kept(),), keys[0]) == 0


def test_a_quorum_holds_is_lacking_or_is_broken(log: Log, pair: tuple[RunningWitness, ...]) -> None:
    key, (ada, ben) = log.signer.verifier, (one.verifier for one in pair)
    note = cosign_all(log.kept(), (ask(pair[0]),), log.consistency).checkpoint.note
    one_of_two, both = (policy_of(key, ada, ben, quorum=quorum) for quorum in (1, 2))
    seen = check_quorum(note, one_of_two, key)
    assert (seen.state, seen.detail) == (CheckState.HOLDS, f"the checkpoint was seen by {ada.name}")
    assert check_quorum(note, both, key).state is CheckState.NOT_CHECKABLE
    assert check_quorum(log.note(), one_of_two, key).state is CheckState.NOT_CHECKABLE
    assert check_quorum(note.replace(b"\n10\n", b"\n11\n"), one_of_two, key).state is CheckState.BROKEN
    alone = check_quorum(log.note(), Policy.parse("quorum none\n"), key)
    assert (alone.state, alone.detail) == (CheckState.NOT_CHECKABLE, "there is no outside witness")
