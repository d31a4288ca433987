"""What stays in reach, where the kernel can hide files and where it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from witnessmark.confine import landlock, lock, seccomp


def test_a_kernel_without_landlock_gives_no_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert landlock.view([Path("/usr")]) is None


def test_what_does_not_exist_needs_no_rule(tmp_path: Path) -> None:
    if landlock.version() == 0:
        pytest.skip("this kernel has no Landlock")
    view = landlock.view([tmp_path, tmp_path / "gone"], [tmp_path / "no-program"])
    assert view is not None
    os.close(view)


def test_a_machine_without_a_table_is_not_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert seccomp.filter_calls(may_launch=False) is False
    seccomp.prepare()


def test_only_what_the_interpreter_needs_is_readable() -> None:
    readable = {str(path) for path in lock._readable()}
    assert {"/usr", "/lib"} <= readable
    assert not {"/", "/home", "/tmp", "/etc", str(Path.home())} & readable  # noqa: S108 - named, not used
