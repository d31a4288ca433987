"""One good package for the whole suite, with a witness and a time stamp from an authority of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.bench import Bench, copy_of
from tests.conformance.exercise import exercise_case
from tests.conformance.packing import AUTHORITY, good_package
from tests.servers.tsa import OPENSSL, LocalTsa, local_tsa


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    """A time-stamp authority."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed, so there is no time-stamp authority to ask")
    with local_tsa(AUTHORITY, tmp_path_factory.mktemp("tsa")) as authority:
        yield authority


@pytest.fixture(scope="session")
def bench_of_good(tsa: LocalTsa, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The good package; not to be spoiled."""
    folder = tmp_path_factory.mktemp("exercise")
    return good_package(folder / "good", exercise_case(folder), tsa)


@pytest.fixture
def bench(bench_of_good: Bench, tmp_path: Path) -> Bench:
    """A fresh copy of the good package, free to be spoiled."""
    return Bench(copy_of(bench_of_good.root, tmp_path / "package"), bench_of_good.case, bench_of_good.stamp)
