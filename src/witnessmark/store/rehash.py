"""Hashing kept objects again, on every core, in the order asked for."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from witnessmark.model import Digest
from witnessmark.store.objects import Objects

_HANDFUL = 64
_BUFFER_BYTES = 1 << 20
_FEW = 256
"""Below this many objects, starting processes costs more than it saves."""


def object_faults(objects: Objects, digests: Sequence[Digest]) -> Iterator[tuple[Digest, str | None]]:
    """Each object with None if it is unchanged, else with what is wrong."""
    named = [(str(objects.path_of(digest)), digest.hex) for digest in digests]
    handfuls = [named[start : start + _HANDFUL] for start in range(0, len(named), _HANDFUL)]
    yield from zip(digests, chain.from_iterable(_rehash(handfuls, len(named))), strict=True)


def _rehash(handfuls: list[list[tuple[str, str]]], total: int) -> Iterator[list[str | None]]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if total < _FEW or cores == 1:
        yield from map(_faults, handfuls)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        yield from pool.map(_faults, handfuls, chunksize=4)


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
