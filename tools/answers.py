"""What commands answer with `--json`: a very small case is worked through, and the answers are looked at."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from witnessmark.cli import run

TEXT = "The miller says: forty sacks were taken from the mill. Nobody else was asked.\n"
CLAIMS = (
    {"kind": "event", "id": "mill", "name": "The mill"},
    {
        "kind": "claim",
        "id": "sacks",
        "event": "mill",
        "topic": "number",
        "text": "How many sacks were taken.",
    },
)

Answers = Mapping[str, list[dict[str, Any]]]


def answers() -> Answers:
    """What each command answers, line by line, by the command as a person would type it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        root = Path(folder)
        (root / "note.txt").write_text(TEXT, "utf-8")
        (root / "claims.jsonl").write_text("\n".join(map(json.dumps, CLAIMS)), "utf-8")
        os.environ["WITNESSMARK_KEYS"] = str(root / "keys")
        os.environ["WITNESSMARK_PERSON"] = "anna"
        return dict(_worked_through())


def _worked_through() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "new", _answered("new", "case", "--name", "The mill")
    os.chdir("case")
    yield "take", _answered("take", "../note.txt", "../missing.txt")
    yield "show", _answered("show")
    yield "show EXHIBIT", _answered("show", "E00001", "--text")
    yield "show EXHIBIT --out FILE", _answered("show", "E00001", "--out", "../copy.txt")
    yield "find WORDS", _answered("find", "forty sacks")
    entered = _answered("assess", "--from", "../claims.jsonl")
    claim = entered[-1]["record"]
    spoken = ("--speaker", "the miller", "--claim", claim, "--quote", "forty sacks were taken")
    entered += _answered("statements", "E00001", *spoken, "--count", "40")
    reasons = ("--status", "undetermined", "--reasons", "one voice only", "--rests-on", "E00001")
    yield "observe, statements, assess", entered + _answered("assess", claim, *reasons)
    yield "claims", _answered("claims")
    yield "claims --since ENTRY", _answered("claims", "--since", "0")
    yield "lineages", _answered("lineages")
    yield "brief", _answered("brief", "../brief")
    yield "package", _answered("package", "../package")
    yield "verify", _answered("verify")
    yield "verify PACKAGE", _answered("verify", "../package")
    yield "scrub", _answered("scrub")
    yield "renew", _answered("renew")
    yield "log", _answered("log")
    yield "log --export FOLDER", _answered("log", "--export", "../tiles")
    yield "erase", _answered("erase", "E00001", "--reason", "the miller asked")
    yield "rebuild", _answered("rebuild")


def _answered(*words: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        run([*words, "--json"])
    return [json.loads(line) for line in out.getvalue().splitlines()]
