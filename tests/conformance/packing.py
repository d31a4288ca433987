"""The good package: the exercise case, sealed, cosigned and stamped."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.bench import Bench
from tests.conformance.exercise import ExerciseCase
from tests.servers.tsa import LocalTsa

from witnessmark.ports import Token
from witnessmark.preserve.tsp import new_query
from witnessmark.publish.package import build_package

AUTHORITY = "stamp"


def good_package(target: Path, case: ExerciseCase, tsa: LocalTsa) -> Bench:
    """A package of `case` at `target`, stamped by `tsa`."""

    def stamp(checkpoint: bytes, size: int) -> tuple[Token, ...]:
        query = new_query(checkpoint)
        return (Token(size, AUTHORITY, 1, query, tsa.reply(query), tsa.stamper.pem + tsa.root.pem, None),)

    contents = case.contents((AUTHORITY,), whole_log=True)
    build_package(target, contents, lambda detail: case.seal(detail, stamp))
    return Bench(target, case, stamp)
