"""Preparing: what takes its time is made in the background, and whoever asked sees how far it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Event, Lock

from witnessmark.errors import UnavailableError, WitnessmarkError

MOST_AT_ONCE = 2
_MOST_TOLD = 200


@dataclass(slots=True)
class Job:
    """Something that is being made: how much is done, and what went wrong."""

    done: int = 0
    is_over: bool = False
    trouble: str = ""


@dataclass(slots=True)
class Preparing:
    """What is being made now, and what could not be made."""

    _jobs: dict[Hashable, Job] = field(default_factory=dict)
    _free: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_AT_ONCE))
    _over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def start(
        self, what: Hashable, make: Callable[[Callable[[int], None]], object], threads: Executor
    ) -> Job:
        """Begin to make something, or say how far it is; UnavailableError if too much is made already."""
        with self._lock:
            job = self._jobs.get(what)
            if job is not None and not job.is_over:
                return job
            if not self._free.acquire(blocking=False):
                raise UnavailableError("others are being prepared now", advice="try again in a minute")
            while len(self._jobs) >= _MOST_TOLD:
                del self._jobs[next(iter(self._jobs))]
            job = self._jobs[what] = Job()
        threads.submit(self._run, job, make)
        return job

    def of(self, what: Hashable) -> Job | None:
        """How far something is; None if nobody asked for it since the service began."""
        return self._jobs.get(what)

    def end(self) -> None:
        """Let go of everything that is being made."""
        self._over.set()

    def _run(self, job: Job, make: Callable[[Callable[[int], None]], object]) -> None:
        def progress(done: int) -> None:
            job.done = max(job.done, done)
            if self._over.is_set():
                raise UnavailableError("the service ends")

        trouble = "it broke off, and nobody foresaw how"
        try:
            make(progress)
            trouble = ""
        except WitnessmarkError as error:
            trouble = str(error)
        finally:
            job.trouble = trouble
            job.is_over = True
            self._free.release()
