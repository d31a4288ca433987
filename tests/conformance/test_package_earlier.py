"""Earlier time stamps in a package: each claim of "not later than" can be checked by someone else."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conformance.bench import Bench, copy_of
from tests.conformance.exercise import ExerciseCase, exercise_case
from tests.conformance.verifiers import VERIFIERS
from tests.servers.tsa import OPENSSL, LocalTsa

from witnessmark.model import CheckState
from witnessmark.ports import Token
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.tsp import new_query
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package import Stamped, build_package
from witnessmark.publish.package_check import Trust, check_package
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import TlogProof


def _token(tsa: LocalTsa, content: bytes, size: int, serial: int = 1) -> Token:
    query = new_query(content)
    return Token(size, tsa.name, serial, query, tsa.reply(query), tsa.stamper.pem + tsa.root.pem, None)


@pytest.fixture(scope="module")
def good(tsa: LocalTsa, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A package over a case that was stamped once, then went on, and was stamped no more."""
    folder = tmp_path_factory.mktemp("earlier")
    case = exercise_case(folder)
    checkpoint = sign_head(case.store, case.keys)
    first = _token(tsa, checkpoint.signed, checkpoint.size)
    renewed = _token(tsa, checkpoint.signed + first.reply, checkpoint.size, serial=2)
    _go_on(case)
    earlier = (Stamped(checkpoint, (first, renewed), case.store.tile),)
    build_package(folder / "package", replace(case.contents(), earlier=earlier), case.seal)
    return Bench(folder / "package", case)


def _go_on(case: ExerciseCase) -> None:
    with case.store.transaction() as transaction:
        transaction.append(case.custodian.act("later.deed"))


@pytest.fixture
def bench(good: Bench, tmp_path: Path) -> Bench:
    return Bench(copy_of(good.root, tmp_path / "package"), good.case)


def _folder(bench: Bench) -> str:
    return layout.earlier_folder(11)


def test_entries_from_before_the_stamp_are_proven_against_it_and_later_ones_are_not(good: Bench) -> None:
    proofs = good.paths(_folder(good))
    assert sum(path.endswith(".tlog-proof") for path in proofs) == 11
    assert layout.entry_path(11) in good.paths()
    assert f"{_folder(good)}11.tlog-proof" not in proofs


def test_both_verifiers_accept_it_and_the_product_names_the_state(good: Bench) -> None:
    for blamed_by in VERIFIERS.values():
        assert blamed_by(good.root, good.case.log) == set()
    checks = {check.what: check for check in check_package(good.root, Trust(good.case.log))}
    assert checks[_folder(good)].state is CheckState.HOLDS
    assert "11 of the entries" in checks[_folder(good)].detail


def _with_a_flipped_bit(content: bytes) -> bytes:
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


@pytest.mark.parametrize("altered", [None, "stamp-1.tsr", "stamp-2.tsr", "checkpoint"])
def test_openssl_accepts_the_stamp_and_its_renewal_by_the_very_words_of_the_letter(
    bench: Bench, tsa: LocalTsa, altered: str | None
) -> None:
    assert OPENSSL is not None
    (bench.root / "root-of-the-authority.pem").write_bytes(tsa.root.pem)
    folder = _folder(bench)
    if altered is not None:
        bench.edit(folder + altered, _with_a_flipped_bit)
    letter = (bench.root / layout.LETTER).read_text()
    (command,) = re.findall(r"\$ (for reply in custody/earlier.*?done; done)\n", letter, re.DOTALL)
    said = subprocess.run(["bash", "-c", command], cwd=bench.root, capture_output=True, check=False)
    fine = {None: {1, 2}, "stamp-1.tsr": set(), "stamp-2.tsr": {1}, "checkpoint": set()}[altered]
    assert {line.split(" OK")[0] for line in said.stdout.decode().splitlines()} == {
        f"{folder}stamp-{number}.tsr:" for number in fine
    }


def test_a_forger_who_alters_an_earlier_state_meets_the_seal(bench: Bench) -> None:
    path = bench.edit(f"{_folder(bench)}0.tlog-proof", lambda content: content + b"\n")
    bench.relist()
    for blamed_by in VERIFIERS.values():
        assert blamed_by(bench.root, bench.case.log) == {(path, Reason.NOT_SEALED.value)}


@pytest.mark.parametrize("name", ["stamp-3.tsr", "12.tlog-proof"])
def test_an_earlier_state_takes_no_further_file(name: str, bench: Bench) -> None:
    path = bench.write(_folder(bench) + name, b"x")
    bench.relist()
    for blamed_by in VERIFIERS.values():
        assert blamed_by(bench.root, bench.case.log) == {(path, Reason.OUTSIDE_SEAL.value)}


def _swapped(bench: Bench) -> bytes:
    proof = TlogProof.parse(bench.read(f"{_folder(bench)}1.tlog-proof"))
    return TlogProof(0, proof.hashes, proof.checkpoint_note).encode()


def test_what_the_desk_seals_wrongly_about_earlier_states_is_blamed_by_the_product(bench: Bench) -> None:
    faults = {
        "0.tlog-proof": (_swapped(bench), Reason.NOT_IN_LOG),
        "1.tlog-proof": (b"x", Reason.MALFORMED),
        "99.tlog-proof": (bench.read(f"{_folder(bench)}1.tlog-proof"), Reason.DANGLING),
        "notes.txt": (b"x", Reason.MALFORMED),
    }
    for name, (content, _) in faults.items():
        bench.write(_folder(bench) + name, content)
    bench.detail.update(authorities=(), whole_log=False)
    bench.reseal()
    for path in bench.paths("custody/tile/"):
        bench.remove(path)
    bench.relist_tags()
    blamed = VERIFIERS["product"](bench.root, bench.case.log)
    assert blamed == {(_folder(bench) + name, reason.value) for name, (_, reason) in faults.items()}


def test_a_token_over_another_state_is_blamed(bench: Bench, tsa: LocalTsa) -> None:
    path = bench.write(f"{_folder(bench)}stamp-1.tsr", _token(tsa, b"something else\n", 11).reply)
    bench.remove(f"{_folder(bench)}stamp-2.tsr")
    bench.remove(f"{_folder(bench)}stamp-2.tsq")
    bench.remove(f"{_folder(bench)}stamp-2-chain.pem")
    bench.detail.update(authorities=())
    bench.reseal()
    assert VERIFIERS["product"](bench.root, bench.case.log) == {(path, Reason.OTHER_BYTES.value)}
