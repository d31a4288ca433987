"""Packages spoiled at random: whatever lies in them, a verifier answers and never falls over."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from tests.conformance.bench import Bench, copy_of
from tests.conformance.verifiers import VERIFIERS

from witnessmark.publish import package_layout as layout

SEEDS = int(os.environ.get("WITNESSMARK_HOSTILE", "150"))
_WORDS = (b"", b"\x00", b"\xff\xfe", b"{}", b"[]", b"null", b"[" * 3000, b"1e999", b'"', b"\n", b",", b"-1")


def _spoil(bench: Bench, chance: random.Random) -> None:
    path = chance.choice([path for path in bench.paths() if not path.startswith(layout.OBJECTS)])
    content = bench.read(path)
    start, length = chance.randrange(len(content) + 1), chance.choice((0, 1, 8, 64, len(content)))
    word = chance.choice((*_WORDS, content[: chance.randrange(80)]))
    bench.write(path, content[:start] + word + content[start + length :])


@pytest.mark.parametrize("seed", range(3))
def test_no_package_makes_a_verifier_fall_over(seed: int, bench_of_good: Bench, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    for number in range(SEEDS // 3):
        root = copy_of(bench_of_good.root, tmp_path / str(number))
        bench = Bench(root, bench_of_good.case, bench_of_good.stamp)
        for _ in range(chance.choice((1, 1, 3))):
            _spoil(bench, chance)
        chance.choice((bench.relist, bench.relist_tags, lambda: None))()
        for blamed_by in VERIFIERS.values():
            blamed_by(root, bench.case.log)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_that_the_desk_could_seal_makes_a_verifier_fall_over(
    seed: int, bench_of_good: Bench, tmp_path: Path
) -> None:
    chance = random.Random(100 + seed)  # noqa: S311 (repeatable)
    values: tuple[object, ...] = (None, 0, "x", "", (), ("a",), {"a": 1}, True, 2**52, ("../x", ""))
    for number in range(max(1, SEEDS // 15)):
        root = copy_of(bench_of_good.root, tmp_path / str(number))
        bench = Bench(root, bench_of_good.case, bench_of_good.stamp)
        names = ("manifest", "tags", "authorities", "whole_log", "payload_files", "format")
        bench.detail[chance.choice(names)] = chance.choice(values)
        _spoil(bench, chance)
        bench.reseal()
        for blamed_by in VERIFIERS.values():
            blamed_by(root, bench.case.log)
