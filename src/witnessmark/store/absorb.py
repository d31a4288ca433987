"""Staging in a second process: while one batch is entered in the log, the next is copied and synced."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from witnessmark.ports import Capture, Declined, Staged, Typing
from witnessmark.store.objects import Objects, stage_capture

_WORKERS = 2


class Absorber:
    """Copies, hashes and keeps portable captures for one case, in a process of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pool: ProcessPoolExecutor | None = None

    def absorb(self, captures: Sequence[Capture], typed: Typing) -> Future[Sequence[Staged | Declined]]:
        """For each capture what was kept, or why it could not be read."""
        if not captures:
            nothing: Future[Sequence[Staged | Declined]] = Future()
            nothing.set_result(())
            return nothing
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPoolExecutor(_WORKERS, context, _end_with_parent)
        return self._pool.submit(_absorb, self._root, [(one.source, one.open) for one in captures], typed)

    def close(self) -> None:
        """End the second process."""
        if self._pool is not None:
            self._pool.submit(_leave, self._root)
            self._pool.shutdown()
            self._pool = None


def _end_with_parent() -> None:
    """Let this process end when the one that it works for does, however that ends."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


@cache
def _objects(root: Path) -> Objects:
    return Objects(root)


def _absorb(
    root: Path, sources: Sequence[tuple[str, Callable[[], BinaryIO]]], typed: Typing
) -> Sequence[Staged | Declined]:
    objects = _objects(root)
    taken = [stage_capture(objects, source, opener, typed) for source, opener in sources]
    objects.keep([one for one in taken if isinstance(one, Staged)])
    return taken


def _leave(root: Path) -> None:
    _objects(root).close()
