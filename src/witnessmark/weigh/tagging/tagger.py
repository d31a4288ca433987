"""A trained tagger: read from one file, it marks the attributions of a text by their places."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from witnessmark.errors import MalformedError
from witnessmark.weigh.reading.marks import Heard, Marked
from witnessmark.weigh.tagging.columns import COLUMNS, Lexicon, columns
from witnessmark.weigh.tagging.labels import LABELS, Span, spans_of
from witnessmark.weigh.tagging.linking import Weights, linked
from witnessmark.weigh.tagging.network import LAYERS, Network
from witnessmark.weigh.tagging.units import Words, words_of

if TYPE_CHECKING:
    from witnessmark.weigh.tagging.network import Numbers

FORM = 1
"""The form of the file; it changes when a tagger of before could not be read any more."""

_UNITS_AT_ONCE = 256
_LARGEST = 64 << 20


class Tagger:
    """Marks who says what. `version` begins the digest of the file it was read from."""

    name = "rules and tagger"

    def __init__(self, artefact: bytes) -> None:
        """Read what `train` made; MalformedError if it is something else."""
        facts, weights = _read(artefact)
        self.version = sha256(artefact).hexdigest()[:12]
        self._lexicon = Lexicon.of(facts["lexicon"])
        self._links: Mapping[str, Weights] = facts["links"]
        self._network = Network(weights, len(COLUMNS))

    def mark(self, text: str, heard: Sequence[Heard] | None = None) -> Iterator[Marked]:
        """The attributions in `text`, by the order of their cues; `heard` saves asking the rules again."""
        words = words_of(text, heard)
        tokens = words.tokens
        for one in linked(words, list(self.spans(words)), self._links):
            told = (_cut(words, span) for span in one.content)
            source, cue, *content = (
                (tokens[span.start].start, tokens[span.end - 1].end)
                for span in (*(one.source or (one.cue,)), one.cue, *told)
            )
            yield Marked(source if one.source else None, cue, tuple(content))

    def spans(self, words: Words) -> Iterator[Span]:
        """The sources, cues and contents among the words of a text."""
        for first in range(0, len(words.units), _UNITS_AT_ONCE):
            units = words.units[first : first + _UNITS_AT_ONCE]
            rows = self._network.label([columns(words, unit, self._lexicon) for unit in units])
            for (start, _), row in zip(units, rows, strict=True):
                for span in spans_of(row):
                    yield Span(span.role, start + span.start, start + span.end)


def _cut(words: Words, span: Span) -> Span:
    """A content as far as its sentence goes; only a quotation runs on."""
    end = next(
        (at for at in range(span.start, span.end) if words.sentence[at] != words.sentence[span.start]),
        span.end,
    )
    return span if any(words.quoted[span.start : span.end]) else Span(span.role, span.start, end)


def written(lexicon: Lexicon, weights: Mapping[str, Numbers], links: Mapping[str, Weights]) -> bytes:
    """The file of a tagger: numbers of 16 bits, and what was learned of words in JSON."""
    import numpy as np  # noqa: PLC0415 - heavy

    facts = {"form": FORM, "lexicon": lexicon.facts(), "links": links}
    packed = {name: np.asarray(numbers).astype(np.float16) for name, numbers in weights.items()}
    stream = BytesIO()
    learned = np.frombuffer(json.dumps(facts, ensure_ascii=False).encode(), np.uint8)
    np.savez_compressed(stream, facts=learned, **packed)  # type: ignore[arg-type]
    return stream.getvalue()


def _read(artefact: bytes) -> tuple[dict[str, Any], dict[str, Numbers]]:
    import numpy as np  # noqa: PLC0415 - heavy

    try:
        with zipfile.ZipFile(BytesIO(artefact)) as packed:
            if sum(member.file_size for member in packed.infolist()) > _LARGEST:
                raise MalformedError(f"the tagger holds more than {_LARGEST >> 20} MiB")
        with np.load(BytesIO(artefact), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            weights = {name: arrays[name].astype(np.float32) for name in arrays.files if name != "facts"}
        if facts["form"] != FORM:
            raise MalformedError(f"the tagger has form {facts['form']}; form {FORM} is read here")
        _check(weights, Lexicon.of(facts["lexicon"]).sizes())
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise MalformedError(f"this is no tagger of statements: {error}") from error
    return facts, weights


def _check(weights: Mapping[str, Numbers], sizes: Sequence[int]) -> None:
    """Every part is there and fits the others; KeyError or ValueError if not."""
    width = 0
    for column, size in enumerate(sizes):
        rows, wide = weights[f"column {column}"].shape
        width += wide
        if rows < size:
            raise ValueError(f"column {column} has {rows} rows and not {size}")
    cells = weights["first forward state"].shape[0]
    for layer in LAYERS:
        given = width if layer.startswith("first") else 2 * cells
        shapes = {"input": (given, 4 * cells), "state": (cells, 4 * cells), "bias": (4 * cells,)}
        for name, shape in shapes.items():
            if weights[f"{layer} {name}"].shape != shape:
                raise ValueError(f"{layer} {name} has another shape")
    labels = len(LABELS)
    shapes = {"out": (2 * cells, labels), "out bias": (labels,), "follows": (labels, labels)}
    for name, wanted in (shapes | {"starts": (labels,), "ends": (labels,)}).items():
        if weights[name].shape != wanted:
            raise ValueError(f"{name} has another shape")
