"""Annotated corpora on disk: who says what, as texts beside stand-off annotations in the form of brat."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from witnessmark.errors import MalformedError, UsageError
from witnessmark.weigh.training import Annotated

_ENTRY = re.compile(r"[TE]\d+")
_LARGEST = 4 << 20

Place = tuple[int, int]


def read_corpus(folder: Path, split: str = "train") -> Iterator[Annotated]:
    """The annotated texts of a split of PolNeAR: `data/SPLIT/text` and `…/attributions` of a checkout.

    The first annotation of a text is taken. UsageError if there is no text; MalformedError with the name of a
    file that is not what it should be.
    """
    texts = sorted((folder / "data" / split / "text").glob("*.txt"))
    if not texts:
        raise UsageError(
            f"{folder} holds no data/{split}/text",
            advice="give a checkout of github.com/networkdynamics/PolNeAR",
        )
    annotations: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((folder / "data" / split / "attributions").glob("*.ann")):
        annotations[path.stem.rpartition("_")[0]].append(path)
    for path in texts:
        for annotation in annotations[path.stem][:1]:
            yield _annotated(path, annotation)


def _annotated(path: Path, annotation: Path) -> Annotated:
    text = _text(path)
    places: dict[str, list[Place]] = {}
    attributions = []
    for line in _text(annotation).splitlines():
        name, _, rest = line.partition("\t")
        if not _ENTRY.fullmatch(name) or not rest:
            continue  # a note may run over several lines
        try:
            if name[0] == "T":
                places[name] = _places(rest.partition("\t")[0])
            else:
                attributions.append(_attribution(rest, places))
        except ValueError as error:
            raise MalformedError(f"{annotation} is no annotation: {name} {error}") from error
    if any(end > len(text) for spans in places.values() for _, end in spans):
        raise MalformedError(f"{annotation} is not of {path.name}: a place lies behind its end")
    return Annotated(text, attributions)


def _places(written: str) -> list[Place]:
    """The places of “Source 10 20;30 40”."""
    found = []
    for span in written.partition(" ")[2].split(";"):
        start, end = map(int, span.split())
        if not 0 <= start < end:
            raise ValueError(f"has the place {span}")
        found.append((start, end))
    return found


def _attribution(
    written: str, places: dict[str, list[Place]]
) -> tuple[tuple[Place, ...], tuple[Place, ...], tuple[Place, ...]]:
    """The source, cue and content of “Attribution:T1 Source:T2 Cue:T1 Content:T3”."""
    parts: dict[str, list[Place]] = defaultdict(list)
    for part in written.split():
        role, _, name = part.partition(":")
        parts[role.rstrip("0123456789")] += places.get(name, [])
    return tuple(sorted(parts["Source"])), tuple(sorted(parts["Cue"])), tuple(sorted(parts["Content"]))


def _text(path: Path) -> str:
    """The text of a file; its line ends stay, since places count them."""
    try:
        if path.stat().st_size > _LARGEST:
            raise MalformedError(f"{path} has more than {_LARGEST >> 20} MiB")
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{path} is not text in UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
