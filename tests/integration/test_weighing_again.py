"""A case is weighed again with what was read for the weighing before, as long as it has not changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.servers.desks import ADA

from witnessmark.cli import run
from witnessmark.desk.weighing import Around, weighing_of
from witnessmark.wiring import served_desk

PASSAGE = (
    "the quick wind took the roof of the hall at noon and forty people stood outside in the rain until dark"
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one text, its keys beside it."""
    case = tmp_path / "case"
    run(["new", str(case), "--name", "hall", "--focus", "x", "--keys", str(tmp_path / "keys"), "--as", ADA])
    (case / "witnessmark.toml").write_text(
        f'[desk]\nkeys = "{tmp_path / "keys"}"\nperson = "{ADA}"\n', "utf-8"
    )
    return case


def take(case: Path, name: str, text: str) -> None:
    (case.parent / name).write_text(text, "utf-8")
    run(["take", str(case.parent / name), "--case", str(case)])


def test_what_is_around_statements_is_kept_until_something_comes_in(case: Path) -> None:
    take(case, "one.txt", f"One. {PASSAGE}.")
    said = case.parent / "said.jsonl"
    said.write_text(
        f'{{"kind": "event", "id": "hall", "name": "hall", "author": "{ADA}"}}\n'
        f'{{"kind": "claim", "id": "c", "event": "hall", "topic": "other", "text": "no roof",'
        f' "author": "{ADA}"}}\n'
        f'{{"kind": "statement", "id": "s", "file": "one.txt", "speaker": "ann", "stance": "asserts",'
        f' "quote": "took the roof", "claim": "c", "author": "{ADA}"}}\n',
        "utf-8",
    )
    run(["assess", "--from", str(said), "--case", str(case)])
    desk, around = served_desk(case, None, None), Around()
    try:
        first = weighing_of(desk.case, around=around)
        assert len(first.statements) == 1
        (read,) = around._known.values()
        assert read[0] is not None
        assert PASSAGE in read[0][1]
        assert weighing_of(desk.case, around=around) == first == weighing_of(desk.case)
        assert next(iter(around._known.values())) is read
        run(["assess", "--from", str(_other(case)), "--case", str(case)])
        again = weighing_of(desk.case, around=around)
        assert len(again.claims) == 2
        assert next(iter(around._known.values())) is read, "a claim changes no text"
        take(case, "two.txt", f"Two. {PASSAGE}.")
        assert weighing_of(desk.case, around=around) == weighing_of(desk.case)
        assert next(iter(around._known.values())) is not read, "what came in may"
    finally:
        desk.close()


def _other(case: Path) -> Path:
    other = case.parent / "other.jsonl"
    other.write_text(
        f'{{"kind": "claim", "event": "hall", "topic": "other", "text": "it rained", "author": "{ADA}"}}\n',
        "utf-8",
    )
    return other
