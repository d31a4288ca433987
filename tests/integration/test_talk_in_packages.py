"""Comments leave the desk only with a package that is told to hold them, and never in its brief."""

from __future__ import annotations

import json
from pathlib import Path

from witnessmark.cli import run
from witnessmark.model import Assignment, Comment
from witnessmark.model.wire import decode
from witnessmark.wiring import served_desk

SAID = "Zephyrine, who must not be named, saw it."


def test_comments_go_with_a_package_that_is_told_so_apart_from_those_on_what_is_withheld(
    tmp_path: Path,
) -> None:
    case, keys = tmp_path / "case", ("--keys", str(tmp_path / "keys"), "--as", "tester")
    run(["new", str(case), "--name", "Hall", *keys])
    here = ("--case", str(case), *keys)
    for number, words in enumerate(("A text about the hall.", "Another text."), 1):
        (tmp_path / f"{number}.txt").write_text(words)
        run(["take", str(tmp_path / f"{number}.txt"), *here])
    lines = [{"kind": "comment", "about": f"E0000{n}", "text": f"{SAID} On {n}."} for n in (1, 2)]
    lines.append({"kind": "assignment", "about": "E00001", "to": "Ben", "task": "Ask Zephyrine again."})
    (tmp_path / "talk.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run(["assess", "--from", str(tmp_path / "talk.jsonl"), *here])
    run(["package", str(tmp_path / "silent"), *here])
    run(["package", str(tmp_path / "whole"), "--comments", "--withhold", "E00002", *here])
    said = {}
    for name in ("silent", "whole"):
        records = [decode(one.read_bytes()) for one in (tmp_path / name / "data" / "records").iterdir()]
        said[name] = [one.text for one in records if isinstance(one, Comment)]
        said[name] += [one.task for one in records if isinstance(one, Assignment)]
        brief = b"".join(one.read_bytes() for one in (tmp_path / name / "data").glob("brief.*"))
        assert b"hall" in brief.lower()
        assert b"Zephyrine" not in brief
    assert said == {"silent": [], "whole": [f"{SAID} On 1.", "Ask Zephyrine again."]}
    desk = served_desk(case, tmp_path / "keys", "tester")
    try:
        vkey = desk.case.origin()[1]
    finally:
        desk.close()
    for name in ("silent", "whole"):
        run(["verify", str(tmp_path / name), "--vkey", vkey])
