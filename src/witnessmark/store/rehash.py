"""Hashing kept objects again, on every core, in the order asked for.

Threads do it: reading and hashing let go of the interpreter, so that they run side by side, and
nothing has to be started first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from witnessmark.model import Digest
from witnessmark.store.objects import Objects

_HANDFUL = 16
"""Enough small objects to be worth handing over, few enough large ones to end together."""
_BUFFER_BYTES = 1 << 18


def object_faults(objects: Objects, digests: Sequence[Digest]) -> Iterator[tuple[Digest, str | None]]:
    """Each object with None if it is unchanged, else with what is wrong."""
    named = [(str(objects.path_of(digest)), digest.hex) for digest in digests]
    handfuls = [named[start : start + _HANDFUL] for start in range(0, len(named), _HANDFUL)]
    with ThreadPoolExecutor(_cores()) as pool:
        yield from zip(digests, chain.from_iterable(pool.map(_faults, handfuls)), strict=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _faults(named: list[tuple[str, str]]) -> list[str | None]:
    buffer = bytearray(_BUFFER_BYTES)
    return [_fault(path, expected, buffer) for path, expected in named]


def _fault(path: str, expected: str, buffer: bytearray) -> str | None:
    hasher, view = hashlib.sha256(), memoryview(buffer)
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - the hot path
            while count := stream.readinto(buffer):
                hasher.update(view[:count])
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return None if hasher.hexdigest() == expected else "has changed: its SHA-256 is no longer its name"
