"""Single bits flipped anywhere in a package: all found, none blamed on the wrong thing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.campaigns.package_flips import flip_bits
from tests.conformance.bench import Bench
from tests.conformance.verifiers import VERIFIERS

FLIPS = int(os.environ.get("WITNESSMARK_FLIPS", "1000"))


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_every_flipped_bit_is_found_and_blamed_on_its_file(
    verifier: str, bench_of_good: Bench, tmp_path: Path
) -> None:
    root = tmp_path / "package"
    shutil.copytree(bench_of_good.root, root)
    tally = flip_bits(root, bench_of_good.case.log, VERIFIERS[verifier], FLIPS // 2, seed=FLIPS)
    print(f"{verifier}: {tally}")  # noqa: T201 (the figure of the campaign)
    assert not tally.missed
    assert not tally.misblamed
