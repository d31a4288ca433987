"""Proposing: the statements that the reader finds in a text, for a person to confirm, mend or reject."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from witnessmark.desk.readings import find_exhibit
from witnessmark.desk.texts import kept_text
from witnessmark.errors import MalformedError, UnavailableError, UsageError
from witnessmark.model import Copy, Digest, Facts
from witnessmark.ports import Case
from witnessmark.weigh.reading import Beside, Marker, Proposed, side_by_side, statements
from witnessmark.weigh.tagging import Tagger

if TYPE_CHECKING:
    from witnessmark.desk.asking import LanguageModel
    from witnessmark.desk.desk import Desk

LARGEST = 32 << 20
"""Bytes of a file that is read without having been taken in."""

_TAKE_IN = "take it in: the text of an exhibit is read in the locked room, and its numbers can be used then"


def propose_from_exhibit(case: Case, exhibit: str, tagger: Marker | None = None) -> Iterator[Proposed]:
    """The statements in the readable text of an exhibit; offsets count in that text."""
    return statements(text_of_exhibit(case, exhibit), tagger)


def propose_from_file(path: Path, tagger: Marker | None = None) -> Iterator[Proposed]:
    """The statements in a file of plain text in UTF-8; offsets count from its first character."""
    return statements(text_of_file(path), tagger)


def propose_beside(text: str, tagger: Marker | None, model: Marker) -> Iterator[Beside]:
    """What the reader proposes and what a language model marks, side by side: nothing is decided."""
    marked = list(statements(text, model, with_rules=False))
    return side_by_side(list(statements(text, tagger)), marked)


def propose_on_record(
    desk: Desk, exhibit: str, text: str, tagger: Marker | None, model: LanguageModel
) -> Iterator[Beside]:
    """The same for the text of an exhibit. The log says what goes where before it goes, and then what came.

    RefusedError if nothing can be written to the case: then nothing is sent.
    """
    number = desk.case.exhibit_of(find_exhibit(desk.case, exhibit))
    address = urlsplit(model.address)._replace(query="", fragment="").geturl()
    about = Facts(exhibit=number, address=address, model=model.model)
    desk.note("text.sent", Facts(about, text=Digest.of(text.encode()), characters=len(text)))
    desk.checkpoint()
    try:
        marked = list(statements(text, model, with_rules=False))
    except (UnavailableError, UsageError) as error:
        desk.note("text.answered", Facts(about, error=str(error)))
        desk.checkpoint()
        raise
    desk.note("text.answered", Facts(about, statements=len(marked), dropped=len(model.dropped)))
    desk.checkpoint()
    return side_by_side(list(statements(text, tagger)), marked)


def exhibit_with(case: Case, path: Path) -> str | None:
    """The exhibit that a file is a copy of, or whose readable text it is; None if there is none."""
    digest = Digest.of(_read(path))
    sources = (copy.derived_from for _, copy in case.find(Copy) if copy.digest == digest)
    found = (case.exhibit_of(one) for one in (digest, *sources) if one is not None)
    return next((number for number in found if number is not None), None)


def read_tagger(path: Path) -> Tagger:
    """The tagger in a file that `statements train` made; MalformedError if it is something else."""
    untrusted = _read(path)
    if len(untrusted) > LARGEST:
        raise MalformedError(f"{path} has more than {LARGEST >> 20} MiB and is no tagger")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products: threads would wait for each other
    return Tagger(untrusted)


def text_of_exhibit(case: Case, exhibit: str) -> str:
    """The readable text of an exhibit, as it was kept when it was taken in."""
    text = kept_text(case, find_exhibit(case, exhibit))
    if text is None:
        raise UsageError(
            f"{exhibit} has no readable text", advice="`witnessmark show` says what was found in an exhibit"
        )
    return text.content


def text_of_file(path: Path) -> str:
    """The text of a file in UTF-8; MalformedError if it is something else."""
    untrusted = _read(path)
    if len(untrusted) > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST >> 20} MiB", advice="cut it, or take it in")
    try:
        text = untrusted.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(
            f"{path} is not text in UTF-8: byte {error.start} fits nothing", advice=_TAKE_IN
        ) from error
    if "\0" in text or text.lstrip("\ufeff \t\r\n")[:1] == "<":
        raise MalformedError(f"{path} is no plain text", advice=_TAKE_IN)
    return text


def _read(path: Path) -> bytes:
    """What a file begins with: one byte more than may be, if it is larger."""
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
