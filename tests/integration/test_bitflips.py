"""One flipped bit at rest is found, and nothing else is blamed for it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.campaigns.bitflip import Flip, Specimen, Verdict, campaign, judge_flip

pytestmark = pytest.mark.slow


def test_every_flipped_bit_is_found_and_nothing_else_is_blamed() -> None:
    outcomes = campaign(150, seed=1)
    assert [one for one in outcomes if one.verdict in (Verdict.MISSED, Verdict.MISNAMED)] == []
    verdicts = Counter((one.flip.kind, one.verdict) for one in outcomes)
    assert verdicts["object", Verdict.FOUND] >= 30
    assert verdicts["row", Verdict.FOUND] >= 30
    assert verdicts["page", Verdict.FOUND] >= 3


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Specimen:
    return Specimen(tmp_path_factory.mktemp("specimen"))


def test_a_name_that_is_no_name_any_more_takes_nothing_with_it(specimen: Specimen, tmp_path: Path) -> None:
    names = [digest for (digest,) in specimen.rows["record"] if digest[7].isalpha()]
    places = [place + 7 for name in names for place in _places(specimen.database, name.encode())]
    assert len(places) >= 4
    assert _verdicts(specimen, tmp_path, places[:12], bit=5) == {Verdict.FOUND}  # a becomes A


def test_a_damaged_index_is_not_blamed_on_what_it_leads_to(specimen: Specimen, tmp_path: Path) -> None:
    commitments = [commitment.encode() for (commitment,) in specimen.rows["vault"]]
    places = [
        place
        for one in commitments
        for place in _places(specimen.database, one[-12:])
        if not specimen.database[:place].endswith(one[:-12])
    ]
    assert len(places) >= 4
    assert _verdicts(specimen, tmp_path, places[:12], bit=0) == {Verdict.FOUND}


def _places(database: bytes, written: bytes) -> Iterator[int]:
    return (match.start() for match in re.finditer(re.escape(written), database))


def _verdicts(specimen: Specimen, tmp_path: Path, places: list[int], bit: int) -> set[Verdict]:
    work = tmp_path / "work"
    shutil.copytree(specimen.work, work)
    flips = [Flip("page", "case/case.db", 8 * place + bit, None) for place in places]
    return {judge_flip(work, specimen.database, specimen.rows, flip).verdict for flip in flips}
