"""Archives: the members of a zip or a tar (plain, gzip, bzip2, xz), and what a compressed file holds.

Every member comes as a stream or is reported with the reason why it does not. Links, devices and
encrypted members hold nothing that can be taken; folders hold no bytes and are passed by.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from witnessmark.collect import tars, zips
from witnessmark.collect.limits import Budget, Yielded
from witnessmark.errors import MalformedError


def members(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:
    """Each member of the archive; `parameters` may lower or raise the caps of `Budget`."""
    budget = Budget.of(untrusted.seek(0, os.SEEK_END), parameters)
    untrusted.seek(0)
    head = untrusted.read(tars.BLOCK)
    untrusted.seek(0)
    if head[:4] in zips.SIGNATURES:
        yield from zips.members(untrusted, budget)
    elif tars.is_header(head):
        yield from tars.members(untrusted, untrusted, budget)
    elif (decompressor := tars.decompressor(head)) is not None:
        yield from tars.members(untrusted, decompressor(untrusted), budget)
    else:
        raise MalformedError("these bytes are no zip, tar, gzip, bzip2 or xz file")
