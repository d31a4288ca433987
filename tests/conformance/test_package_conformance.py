"""Packages with one fault each: both verifiers blame the right thing, for the right reason, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance import accidents, desk_faults, forgeries
from tests.conformance.bench import Bench
from tests.conformance.faults import BEYOND_STANDALONE, FAULTS
from tests.conformance.verifiers import VERIFIERS


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_blamed_on_the_right_thing_for_the_right_reason(name: str, bench: Bench) -> None:
    due = {(what, reason.value) for what, reason in FAULTS[name](bench)}
    for verifier, blamed_by in VERIFIERS.items():
        if verifier != "standalone" or name not in BEYOND_STANDALONE:
            assert blamed_by(bench.root, bench.case.log) == due, verifier


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_the_good_package_is_blamed_for_nothing(verifier: str, bench_of_good: Bench) -> None:
    assert VERIFIERS[verifier](bench_of_good.root, bench_of_good.case.log) == set()


def test_a_package_that_was_sealed_anew_is_good_again(bench: Bench) -> None:
    bench.reseal()
    for blamed_by in VERIFIERS.values():
        assert blamed_by(bench.root, bench.case.log) == set()


def test_every_hand_has_its_faults() -> None:
    names = {Path(spoil.__code__.co_filename).stem for spoil in FAULTS.values()}
    assert names >= {Path(str(module.__file__)).stem for module in (accidents, forgeries, desk_faults)}


def test_there_are_faults_enough_to_call_it_a_suite() -> None:
    assert len(FAULTS) >= 120
    assert len(BEYOND_STANDALONE) <= 8
