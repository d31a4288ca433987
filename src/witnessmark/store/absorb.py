"""Staging in two further processes: while a batch is entered, the next ones are copied and synced."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from witnessmark.errors import UnavailableError
from witnessmark.ports import Capture, Declined, Staged, Typing
from witnessmark.store.objects import Objects, stage_what_fits

Absorbed = Future[Sequence[Staged | Declined]]

_WORKERS = 2
"""While one waits for the disk, the other copies."""
_GIVES_WAY = 5


class Absorber:
    """Copies, hashes and keeps portable captures for one case, in processes of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pool: ProcessPoolExecutor | None = None

    def absorb(self, captures: Sequence[Capture], typed: Typing) -> Absorbed:
        """For each capture what was kept or why not; UnavailableError as its result if nobody was there."""
        told: Absorbed = Future()
        if not captures:
            told.set_result(())
            return told
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPoolExecutor(_WORKERS, context, _begin)
        sources = [(one.source, one.open) for one in captures]
        try:
            absorbing = self._pool.submit(_absorb, self._root, sources, typed)
        except (BrokenProcessPool, OSError) as error:
            raise _nobody_there() from error
        absorbing.add_done_callback(partial(_pass_on, told))
        return told

    def close(self) -> None:
        """End those processes."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def _pass_on(told: Absorbed, absorbed: Absorbed) -> None:
    """Give on what came, or why nothing came."""
    error = absorbed.exception()
    if error is None:
        told.set_result(absorbed.result())
    else:
        told.set_exception(_nobody_there() if isinstance(error, BrokenProcessPool) else error)


def _nobody_there() -> UnavailableError:
    return UnavailableError(
        "the process that copies and syncs was ended from outside",
        advice="nothing unconfirmed was acknowledged; the same command goes on from here",
    )


def _begin() -> None:
    """Give way to the process that enters, for which all wait, and end when it does, however it ends.

    An interrupt is for that process: it ends these ones once what they have in hand is kept.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_GIVES_WAY)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


@cache
def _objects(root: Path) -> Objects:
    objects = Objects(root)
    Finalize(objects, objects.close, exitpriority=0)  # at the end of this process
    return objects


def _absorb(
    root: Path, sources: Sequence[tuple[str, Callable[[], BinaryIO]]], typed: Typing
) -> Sequence[Staged | Declined]:
    objects = _objects(root)
    taken = [stage_what_fits(objects, source, opener, typed) for source, opener in sources]
    objects.keep([one for one in taken if isinstance(one, Staged)])
    return taken
