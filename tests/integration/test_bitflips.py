"""One flipped bit at rest is found, and nothing else is blamed for it."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.campaigns.bitflip import Verdict, campaign


@pytest.mark.slow
def test_every_flipped_bit_is_found_and_nothing_else_is_blamed() -> None:
    outcomes = campaign(240, seed=1)
    assert [one for one in outcomes if one.verdict in (Verdict.MISSED, Verdict.MISNAMED)] == []
    verdicts = Counter((one.flip.kind, one.verdict) for one in outcomes)
    assert verdicts["object", Verdict.FOUND] >= 50
    assert verdicts["row", Verdict.FOUND] >= 50
    assert verdicts["page", Verdict.FOUND] >= 5
