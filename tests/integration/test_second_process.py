"""The store's second process: it leaves nothing behind, and its death is told in a sentence."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from witnessmark.errors import UnavailableError
from witnessmark.ports import Capture, Staged
from witnessmark.store import create_case, open_case

VAULT_KEY = bytes(range(32))


def test_a_second_process_that_is_killed_ends_the_intake_with_our_own_error(tmp_path: Path) -> None:
    root = tmp_path / "case"
    create_case(root, "desk.example/exercise", "vkey", VAULT_KEY).close()
    with closing(open_case(root, VAULT_KEY)) as case:
        with pytest.raises(UnavailableError, match="was ended from outside"):
            case.absorb([_capture(_killed)], _typed).result()
        with pytest.raises(UnavailableError, match="was ended from outside"):
            case.absorb([_capture(_content)], _typed).result()
    with closing(open_case(root, VAULT_KEY)) as case:
        assert all(isinstance(one, Staged) for one in case.absorb([_capture(_content)], _typed).result())


def test_no_staging_folder_outlives_a_case_that_was_closed(tmp_path: Path) -> None:
    root = tmp_path / "case"
    create_case(root, "desk.example/exercise", "vkey", VAULT_KEY).close()
    with closing(open_case(root, VAULT_KEY)) as case:
        absorbing = [case.absorb([_capture(_content)] * 3, _typed) for _ in range(6)]
        assert all(len(absorbed.result()) == 3 for absorbed in absorbing)
    assert list((root / "tmp").iterdir()) == []


def _capture(opener: Callable[[], BinaryIO]) -> Capture:
    return Capture(opener, "a file", "local file", portable=True)


def _kill_myself() -> BinaryIO:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _typed(_: bytes) -> str:
    return "application/octet-stream"


_killed = partial[BinaryIO](_kill_myself)
_content = partial(BytesIO, b"content")
