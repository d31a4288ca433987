"""How near a place an exhibit says that it was taken."""

from __future__ import annotations

import pytest

from witnessmark.desk.facets import error_m


@pytest.mark.parametrize(
    ("written", "metres"),
    [("40 m", 40.0), ("7.5 m", 7.5), (12, 12.0), (0, None), ("0 m", None), ("far", None), (-3, None)],
)
def test_how_far_off_a_device_thinks_that_it_is_is_read_with_its_unit(
    written: object, metres: float | None
) -> None:
    assert error_m(written) == metres


@pytest.mark.parametrize("said", [None, True, float("nan"), float("inf"), []])
def test_what_is_no_distance_is_none(said: object) -> None:
    assert error_m(said) is None
