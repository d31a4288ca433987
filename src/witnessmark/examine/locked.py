"""The one task by which any examiner runs in the locked room: it is rebuilt there from its address."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from witnessmark.errors import MalformedError, UsageError
from witnessmark.examine import derive, metadata, picture, polyglot
from witnessmark.model import Copy, Digest
from witnessmark.model.wire import decode, encode
from witnessmark.ports import Examiner

TASK = f"{__name__}:look"


def address(examiner: Examiner) -> str:
    """Where the class of `examiner` lies; UsageError if it cannot be built there without arguments."""
    kind = type(examiner)
    if "<" in kind.__qualname__ or "." in kind.__qualname__:
        raise UsageError(f"the examiner {examiner.name} is not a class at the top of its module")
    return f"{kind.__module__}:{kind.__qualname__}"


def warm() -> None:
    """Do everything once that is slow only the first time, on a picture of our own."""
    derive.warm()
    copy = Copy(Digest.of(b""), 1, "image/jpeg")
    decode(encode(copy))
    for examiner in (picture.Picture(), polyglot.Formats()):
        for finding in examiner.examine(copy, derive.sample()):
            encode(finding)
    metadata.warm()


def look(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """The findings of the examiner at `examiner` on the file, each in its written form."""
    module, _, name = str(parameters["examiner"]).partition(":")
    examiner: Examiner = getattr(importlib.import_module(module), name)()
    copy = decode(str(parameters["copy"]).encode())
    if not isinstance(copy, Copy):
        raise MalformedError("the parameter 'copy' is not a copy")
    for finding in examiner.examine(copy, untrusted):
        yield {}, encode(finding)
