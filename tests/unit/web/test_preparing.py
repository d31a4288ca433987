"""What is made in the background says how it ended, also when nobody foresaw how."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")

from witnessmark.errors import MalformedError
from witnessmark.web.preparing import Job, Preparing


def ended(make: Callable[[Callable[[int], None]], object]) -> Job:
    """How something ended that was begun."""
    preparing = Preparing()
    with ThreadPoolExecutor(1) as threads:
        return preparing.start("it", make, threads)


def failing(error: Exception) -> Callable[[Callable[[int], None]], object]:
    """Something that cannot be made."""

    def make(_progress: Callable[[int], None]) -> object:
        raise error

    return make


def test_what_was_made_has_no_trouble() -> None:
    job = ended(lambda progress: progress(7))
    assert (job.done, job.is_over, job.trouble) == (7, True, "")


@pytest.mark.parametrize("error", [MalformedError("nothing came of it"), OSError("no disk")])
def test_what_failed_says_so(error: Exception) -> None:
    job = ended(failing(error))
    assert job.is_over
    assert job.trouble == ("nothing came of it" if isinstance(error, MalformedError) else job.trouble) != ""
