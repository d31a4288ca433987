"""Annotated texts, put together for training: our own, and openly licensed ones that are fetched now.

    PYTHONPATH=. python tools/annotation.py collect OUT [--clone DIR ...]
    PYTHONPATH=. python tools/annotation.py place MARKS ADDRESS LICENCE [--clone DIR ...]

`collect` writes a corpus in the form of PolNeAR's, for `witnessmark statements train --corpus OUT`. Texts of
others are not kept here: `examples/annotation/*.jsonl` has their addresses, digests and places, and they are
fetched, or read from a clone of their repository. `place` turns marks that were written in words into a
line of such a file; how to mark, says `examples/annotation/README.md`.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.statements_marked import unmarked

FOLDER = Path(__file__).parents[1] / "examples" / "annotation"
OWN = ("texts.txt", "more.txt")
_ADDRESS = re.compile(r"https://raw\.githubusercontent\.com/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)")
_LARGEST = 16 << 20
_FARTHEST = 3000
"""Characters that a stretch written as “first words ~ last words” has at most."""

Place = tuple[int, int]
Attribution = tuple[list[Place], list[Place], list[Place]]


def main() -> None:
    """Collect the corpus, or place marks."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("what", choices=["collect", "place"])
    asked.add_argument("words", nargs="+")
    asked.add_argument("--clone", type=Path, action="append", default=[])
    options = asked.parse_args()
    if options.what == "place":
        marks, address, licence = options.words
        print(json.dumps(placed(Path(marks), address, licence, options.clone), ensure_ascii=False))
        return
    (out,) = options.words
    print("{} texts, {} attributions".format(*collect(Path(out), options.clone)))


def collect(out: Path, clones: Sequence[Path]) -> tuple[int, int]:
    """Write the corpus to a new folder; how many texts and attributions it has."""
    texts = count = 0
    for split, name, text, attributions in (*own(), *others(clones)):
        for kind, ending, content in (
            ("text", ".txt", text),
            ("attributions", "_own.ann", brat(text, attributions)),
        ):
            folder = out / "data" / split / kind
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}{ending}").write_bytes(content.encode())
        texts, count = texts + 1, count + len(attributions)
    return texts, count


def own() -> Iterator[tuple[str, str, str, list[Attribution]]]:
    """The texts that were written for this: split, name, text and what is said in it."""
    for file in OWN:
        lines = (FOLDER / file).read_text("utf-8").splitlines()
        for number, line in enumerate(line for line in lines if line.strip() and not line.startswith("#")):
            text, marked = unmarked(line)
            found = [(one.source, one.cue, one.content) for one in marked]
            yield "train", f"{Path(file).stem}-{number:03}", text, found


def others(clones: Sequence[Path]) -> Iterator[tuple[str, str, str, list[Attribution]]]:
    """The texts of others, fetched now; SystemExit if one is not what was marked."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            facts = json.loads(line)
            text = text_at(facts["address"], clones, facts["sha256"])
            yield (
                facts["split"],
                facts["name"],
                text,
                [
                    tuple([tuple(place) for place in one[role]] for role in ("source", "cue", "content"))  # type: ignore[misc]
                    for one in facts["attributions"]
                ],
            )


def text_at(address: str, clones: Sequence[Path], digest: str | None = None) -> str:
    """The text of a file in CoNLL-U: its sentences, a blank between them, paragraphs parted by a line."""
    content = fetched(address, clones)
    if digest is not None and sha256(content).hexdigest() != digest:
        raise SystemExit(f"{address} is not what was marked: its SHA-256 is another")
    paragraphs: list[list[str]] = []
    is_new = True
    for line in content.decode("utf-8").splitlines():
        is_new = is_new or line.startswith("# newdoc") or line.split("=")[0].strip() == "# newpar"
        if line.startswith("# text = "):
            if is_new:
                paragraphs.append([])
            paragraphs[-1].append(line.removeprefix("# text = "))
            is_new = False
    return "\n\n".join(" ".join(sentences) for sentences in paragraphs) + "\n"


def rows_at(address: str, clones: Sequence[Path], digest: str, sentences: tuple[int, int]) -> str:
    """The text of some sentences of a table that has a word in each row, put together as words are written.

    Rows that begin with “Sentence: 12” begin a sentence. Groups of two figures (“2,00,000”), which somebody
    made of the groups of three, are made groups of three again.
    """
    table = _table(address, tuple(clones), digest)
    return " ".join(_written(table[at]) for at in range(sentences[0], sentences[1] + 1)) + "\n"


@cache
def _table(address: str, clones: tuple[Path, ...], digest: str) -> dict[int, list[str]]:
    """The words of each sentence of a table; SystemExit if it is not what was marked."""
    content = fetched(address, clones)
    if sha256(content).hexdigest() != digest:
        raise SystemExit(f"{address} is not what was marked: its SHA-256 is another")
    found: dict[int, list[str]] = {}
    number = 0
    for row in csv.reader(StringIO(content.decode("latin-1"))):
        if len(row) > 1:
            begins = re.fullmatch(r"Sentence: (\d+)", row[0])
            number = int(begins[1]) if begins else number
            found.setdefault(number, []).append(row[1])
    return found


def _written(words: Sequence[str]) -> str:
    """A sentence of words, without blanks in front of what closes and behind what opens."""
    written, is_open, is_glued = "", False, True
    for word in words:
        if re.fullmatch(r"\d{1,2}(,\d\d)*,\d\d,\d{3}", word):
            word = f"{int(word.replace(',', '')):,}"  # noqa: PLW2901 - the same word, in the usual groups
        is_mark = word == '"'
        is_open ^= is_mark
        closes = (is_mark and not is_open) or word in _CLOSING
        written += word if is_glued or closes else f" {word}"
        is_glued = (is_mark and is_open) or word in _OPENING
    return written


_CLOSING = frozenset(". , ; : ? ! % ) 's ' n't 've 're 'll 'd 'm".split())  # noqa: SIM905
_OPENING = frozenset("($")


def fetched(address: str, clones: Sequence[Path]) -> bytes:
    """A file by its address, from a clone that has its commit or over the network."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise SystemExit(f"{address} is no address of a file at a commit")
    for clone in clones:
        told = subprocess.run(
            ["git", "-C", str(clone), "show", f"{match[2]}:{match[3]}"],
            capture_output=True,
            check=False,
        )
        if told.returncode == 0:
            return told.stdout
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - https by the pattern above
        return bytes(answer.read(_LARGEST))


def brat(text: str, attributions: Sequence[Attribution]) -> str:
    """What is said in a text, in the stand-off form of brat."""
    lines, number = [], 0
    for at, one in enumerate(attributions, 1):
        parts = []
        for role, places in zip(("Source", "Cue", "Content"), one, strict=True):
            if places:
                number += 1
                where = ";".join(f"{start} {end}" for start, end in places)
                words = " ".join(text[start:end] for start, end in places).replace("\n", " ")
                lines.append(f"T{number}\t{role} {where}\t{words}")
                parts.append(f"{role}:T{number}")
        cue = next(part.partition(":")[2] for part in parts if part.startswith("Cue:"))
        lines.append(f"E{at}\tAttribution:{cue} {' '.join(parts)}")
    return "\n".join(lines) + "\n"


def placed(marks: Path, address: str, licence: str, clones: Sequence[Path]) -> dict[str, Any]:
    """A line of a stand-off file, from marks in words: “source | cue | content | more content”."""
    text = text_at(address, clones)
    found: list[dict[str, Any]] = []
    for line in marks.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            found.append(_place(text, line, found[-1]["cue"][0][0] if found else 0))
    return {
        "name": Path(address).name.split(".conllu")[0],
        "split": "train",
        "address": address,
        "sha256": sha256(fetched(address, clones)).hexdigest(),
        "licence": licence,
        "attributions": found,
    }


def _place(text: str, line: str, before: int) -> dict[str, Any]:
    """The places of one mark: the cue around which all its parts lie nearest, best behind the one before."""
    stance, words = "asserts", line
    if line.startswith("="):
        stance, _, words = line[1:].partition(" ")
    source, cue, *contents = (part.strip() for part in words.split(" | "))
    sources = [] if source == "-" else [source]
    best: tuple[float, Place, list[Place]] | None = None
    for at in _whole(text, cue):
        places = [_nearest(text, part, at) for part in (*sources, *contents)]
        if None in places:
            raise SystemExit(f"not in the text: {line}")
        known = [place for place in places if place]
        far = sum(max(0, start - at[1], at[0] - end) for start, end in known)
        lies_over = sum(30 for start, end in known if start < at[1] and at[0] < end)
        away = abs(at[0] - before) * (0.02 if at[0] >= before else 0.1)
        if best is None or far + lies_over + away < best[0]:
            best = (far + lies_over + away, at, known)
    if best is None:
        raise SystemExit(f"no such cue: {line}")
    _, at, known = best
    return {
        "source": known[: len(sources)],
        "cue": [at],
        "content": known[len(sources) :],
        "stance": stance,
    }


def _whole(text: str, words: str) -> Iterator[Place]:
    """Where words stand that are not part of a longer word."""
    for match in re.finditer(re.escape(words), text):
        before, behind = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if not (words[0].isalnum() and before.isalnum()) and not (words[-1].isalnum() and behind.isalnum()):
            yield match.span()


def _nearest(text: str, words: str, to: Place) -> Place | None:
    """Where a stretch stands that lies nearest to a place; “~” stands for whatever is between two ends."""
    first, _, last = (part.strip() for part in words.partition("~"))
    between = rf".{{0,{_FARTHEST}}}?{re.escape(last)}" if last else ""
    found = [match.span() for match in re.finditer(f"(?={re.escape(first)})", text)]
    places = [
        match.span()
        for start, _ in found
        if (match := re.compile(re.escape(first) + between, re.DOTALL).match(text, start))
    ]
    return min(places, key=lambda place: max(0, place[0] - to[1], to[0] - place[1]), default=None)


if __name__ == "__main__":
    main()
