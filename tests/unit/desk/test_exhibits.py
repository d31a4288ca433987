"""Exhibits are found by whatever people call them, and one slip names no other exhibit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from witnessmark.desk import find_exhibit, find_words
from witnessmark.errors import UsageError
from witnessmark.model import person
from witnessmark.ports import Capture
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder, create_case

SOURCES = ("/home/ada/box/one.txt", "/home/ada/box/two.txt", "/home/ada/other/two.txt")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseFolder]:
    """A case of three exhibits, two of which have the same file name."""
    root: Path = tmp_path_factory.mktemp("desk") / "case"
    made = create_case(root, "desk.example/tests", "desk.example/tests+00000000+AAAA", bytes(32))
    intake = Intake(
        made, Custodian(SystemClock(), person("tester"), "tests 1", "s"), "run", lambda _: "text/plain"
    )
    captures = [Capture(partial(io.BytesIO, source.encode()), source, "test") for source in SOURCES]
    assert all(isinstance(one, Taken) for one in intake.seal(captures))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("E00002", 2),
        ("one.txt", 1),
        ("box/two.txt", 2),
        ("other/two.txt", 3),
        ("./other/two.txt", 3),
        ("/home/ada/box/one.txt", 1),
    ],
)
def test_an_exhibit_is_known_by_its_number_and_by_the_end_of_its_source(
    case: CaseFolder, name: str, number: int
) -> None:
    assert case.exhibit_of(find_exhibit(case, name)) == f"E{number:05}"


def test_an_exhibit_is_known_by_its_digest_and_by_the_beginning_of_it(case: CaseFolder) -> None:
    digest = case.digest_of_exhibit("E00003")
    assert find_exhibit(case, digest) == find_exhibit(case, digest.hex[:8]) == digest


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two.txt", "stands for 2 exhibits"),
        ("wo.txt", "is no exhibit"),
        ("box", "is no exhibit"),
        ("e00001", "is no exhibit"),
        ("", "is no exhibit"),
        ("E00004", "is no exhibit"),
    ],
)
def test_what_names_none_or_several_is_refused(case: CaseFolder, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_exhibit(case, name)


@pytest.mark.parametrize("words", ["", "  ", "\n"])
def test_no_words_are_not_looked_for(case: CaseFolder, words: str) -> None:
    with pytest.raises(UsageError, match="no words"):
        list(find_words(case, words))
