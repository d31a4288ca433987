"""One good package for the whole suite, with a witness and a time stamp from an authority on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.bench import Bench, copy_of
from tests.conformance.exercise import ExerciseCase, exercise_case
from tests.servers.tsa import OPENSSL, LocalTsa, local_tsa

from witnessmark.ports import Token
from witnessmark.preserve.tsp import new_query
from witnessmark.publish.package import build_package

AUTHORITY = "stamp"


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    """A time-stamp authority."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed, so there is no time-stamp authority to ask")
    with local_tsa(AUTHORITY, tmp_path_factory.mktemp("tsa")) as authority:
        yield authority


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> ExerciseCase:
    """The fictional case."""
    return exercise_case(tmp_path_factory.mktemp("exercise"))


@pytest.fixture(scope="session")
def bench_of_good(tsa: LocalTsa, case: ExerciseCase, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The good package; not to be spoiled."""

    def stamp(checkpoint: bytes, size: int) -> tuple[Token, ...]:
        query = new_query(checkpoint)
        chain = tsa.stamper.pem + tsa.root.pem
        return (Token(size, AUTHORITY, 1, query, tsa.reply(query), chain, None),)

    target = tmp_path_factory.mktemp("packages") / "good"
    contents = case.contents((AUTHORITY,), whole_log=True)
    build_package(target, contents, lambda detail: case.seal(detail, stamp))
    return Bench(target, case, stamp)


@pytest.fixture
def bench(bench_of_good: Bench, tmp_path: Path) -> Bench:
    """A fresh copy of the good package, free to be spoiled."""
    return Bench(copy_of(bench_of_good.root, tmp_path / "package"), bench_of_good.case, bench_of_good.stamp)
