"""Statements are proposed from the text that was kept beside an exhibit, and nothing is entered by it."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from witnessmark.collect.files import FileCollector
from witnessmark.confine import Room
from witnessmark.desk import propose_from_exhibit
from witnessmark.desk.intake import Run, Wanted
from witnessmark.desk.like import Likeness
from witnessmark.desk.texts import kept_text
from witnessmark.errors import UsageError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Statement, person
from witnessmark.plugins import Kit
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.store import create_case

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")


def test_offsets_count_in_the_text_that_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>“At least 40 men are dead,” said <b>Ana Torv</b>.</p><p>The governor denied it.</p>")
    noise = tmp_path / "noise"
    noise.write_bytes(bytes(range(11)))
    case = create_case(tmp_path / "case", "desk.example/tests", "desk.example/tests+00000000+AAAA", bytes(32))
    with closing(case), Room() as room:
        custodian = Custodian(SystemClock(), person("tester"), "tests 1", os.urandom(8).hex())
        kit, likeness = Kit((FileCollector(),), (), ()), Likeness(case, tmp_path / "case")
        run = Run(case, custodian, kit, room, likeness, tmp_path, media_type_of, lambda *_: None)
        list(run.take(Wanted((page, noise))))
        exhibits = dict(case.exhibits())
        kept = kept_text(case, exhibits["E00001"])
        assert kept is not None
        said, denied = propose_from_exhibit(case, "E00001")
        assert (said.stance, denied.stance) == ("asserts", "denies")
        for passage in (*said.chain, *said.content, *denied.chain):
            assert kept.content[passage.start : passage.end] == passage.text
        assert not case.find(Statement)
        with pytest.raises(UsageError, match="has no readable text"):
            propose_from_exhibit(case, "E00002")
