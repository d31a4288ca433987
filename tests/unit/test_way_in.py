"""The way in: what it settles before anything heavy is loaded."""

from __future__ import annotations

import os
import sys

import pytest

from witnessmark.__main__ import main


@pytest.mark.parametrize(("set_before", "in_force"), [(None, "1"), ("3", "3")])
def test_products_have_one_thread_unless_someone_wished_otherwise(
    monkeypatch: pytest.MonkeyPatch, set_before: str | None, in_force: str
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", set_before or "")  # so that it is as before afterwards
    if set_before is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setattr(sys, "argv", ["witnessmark", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert os.environ["OPENBLAS_NUM_THREADS"] == in_force
