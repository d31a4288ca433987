"""Staging in a second process: while one batch is entered in the log, the next is copied and synced."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from pathlib import Path

from witnessmark.errors import MalformedError
from witnessmark.ports import Staged
from witnessmark.store.objects import Objects


class Absorber:
    """Copies, hashes and keeps plain files for one case, in a process of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pool: ProcessPoolExecutor | None = None

    def absorb(self, paths: Sequence[str]) -> Future[Sequence[Staged | str]]:
        """For each path what was kept, or why it could not be read."""
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPoolExecutor(1, mp_context=context)
        return self._pool.submit(_absorb, self._root, tuple(paths))

    def close(self) -> None:
        """End the second process."""
        if self._pool is not None:
            self._pool.submit(_leave, self._root)
            self._pool.shutdown()
            self._pool = None


@cache
def _objects(root: Path) -> Objects:
    return Objects(root)


def _absorb(root: Path, paths: Sequence[str]) -> Sequence[Staged | str]:
    objects = _objects(root)
    taken = [_stage(objects, path) for path in paths]
    objects.keep([one for one in taken if isinstance(one, Staged)])
    return taken


def _stage(objects: Objects, path: str) -> Staged | str:
    try:
        with open(path, "rb", buffering=0) as untrusted:  # noqa: PTH123 - the hot path
            return objects.stage(untrusted)
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    except MalformedError as error:
        return str(error)


def _leave(root: Path) -> None:
    _objects(root).close()
