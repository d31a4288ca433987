"""Scrub: what has rotted is found, mended from what hashes right and from nothing else, and put on record."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from witnessmark.model import Check, CheckState, Digest, Outcome, person
from witnessmark.ports import Capture
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.scrub import Scrub
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder, create_case

CONTENTS = [f"exhibit {number}\n".encode() * 300 for number in range(12)]


@pytest.fixture
def custodian() -> Custodian:
    """Someone who acts."""
    return Custodian(SystemClock(), person("tester"), "tests 1", "session")


@pytest.fixture
def case(tmp_path: Path, custodian: Custodian) -> Iterator[CaseFolder]:
    """A case with twelve exhibits, and a copy of its objects beside it as a backup has them."""
    made = create_case(tmp_path / "case", "desk.example/tests", "desk.example/tests+00000000+AAAA", bytes(32))
    captures = [Capture(partial(io.BytesIO, content), "x", "test") for content in CONTENTS]
    taken = list(Intake(made, custodian, "run", lambda _: "text/plain").seal(captures))
    assert all(isinstance(one, Taken) for one in taken)
    for content in CONTENTS:
        digest = Digest.of(content)
        copy = tmp_path / "backup" / "objects" / digest.hex[:2] / digest.hex
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    yield made
    made.close()


def names(case: CaseFolder) -> list[Digest]:
    """Every exhibit's digest."""
    return [digest for _, digest in case.exhibits()]


def rot(case: CaseFolder, digest: Digest, content: bytes | None) -> None:
    """Let an object change behind the store's back, or vanish."""
    path = case.path_of(digest)
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def scrub(case: CaseFolder, custodian: Custodian, *repair_from: Path, sample: float = 1.0) -> list[Check]:
    """One round."""
    return list(Scrub(case, custodian, sample, repair_from).run(names(case)))


def test_a_sound_case_is_said_to_be_sound_and_the_round_is_on_record(
    case: CaseFolder, custodian: Custodian
) -> None:
    (check,) = scrub(case, custodian)
    assert check == Check("scrub", CheckState.HOLDS, "12 hashed, 0 broken, 0 repaired")
    (index,) = case.acts("scrub")
    assert case.action(index).detail["hashed"] == 12


@pytest.mark.parametrize("seed", range(8))
def test_any_flipped_bit_is_found_and_mended(
    case: CaseFolder, custodian: Custodian, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    digest = chance.choice(names(case))
    content = bytearray(case.path_of(digest).read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    rot(case, digest, bytes(content))
    found = scrub(case, custodian)
    assert [(one.what, one.state) for one in found] == [
        (f"object {digest}", CheckState.BROKEN),
        ("scrub", CheckState.BROKEN),
    ]
    mended = scrub(case, custodian, tmp_path / "backup")
    assert [one.state for one in mended] == [CheckState.HOLDS] * 2
    with case.open(digest) as stream:
        assert Digest.of(stream.read()) == digest


def test_what_is_missing_is_brought_back(case: CaseFolder, custodian: Custodian, tmp_path: Path) -> None:
    digest = names(case)[0]
    rot(case, digest, None)
    assert "is missing" in scrub(case, custodian)[0].detail
    assert scrub(case, custodian, tmp_path / "backup")[0].state is CheckState.HOLDS
    assert case.has(digest)


def test_a_package_mends_too(case: CaseFolder, custodian: Custodian, tmp_path: Path) -> None:
    digest = names(case)[0]
    copy = tmp_path / "package" / "data" / "objects" / digest.hex
    copy.parent.mkdir(parents=True)
    copy.write_bytes(case.path_of(digest).read_bytes())
    rot(case, digest, b"rot")
    assert scrub(case, custodian, tmp_path / "package")[0].state is CheckState.HOLDS


def test_a_copy_that_rotted_as_well_mends_nothing(
    case: CaseFolder, custodian: Custodian, tmp_path: Path
) -> None:
    digest = names(case)[0]
    rot(case, digest, b"rot")
    (tmp_path / "backup" / "objects" / digest.hex[:2] / digest.hex).write_bytes(b"other rot")
    assert scrub(case, custodian, tmp_path / "backup")[0].state is CheckState.BROKEN
    assert case.path_of(digest).read_bytes() == b"rot"


def test_of_several_copies_the_sound_one_is_taken(
    case: CaseFolder, custodian: Custodian, tmp_path: Path
) -> None:
    digest = names(case)[0]
    rot(case, digest, b"rot")
    spoiled = tmp_path / "spoiled" / "objects" / digest.hex[:2] / digest.hex
    spoiled.parent.mkdir(parents=True)
    spoiled.write_bytes(b"other rot")
    check = scrub(case, custodian, tmp_path / "spoiled", tmp_path / "nowhere", tmp_path / "backup")[0]
    assert check.state is CheckState.HOLDS
    assert str(tmp_path / "backup") in check.detail


def test_what_was_broken_and_what_was_mended_is_on_record(
    case: CaseFolder, custodian: Custodian, tmp_path: Path
) -> None:
    digest = names(case)[0]
    rot(case, digest, b"rot")
    scrub(case, custodian)
    scrub(case, custodian, tmp_path / "backup")
    failed, done = (case.action(index) for index in case.acts("scrub"))
    assert failed.outcome is Outcome.FAILED
    assert failed.error == "1 object is broken"
    assert failed.detail["broken"] == (digest,)
    assert done.outcome is Outcome.DONE
    assert done.detail["repaired"] == (digest,)


@pytest.mark.parametrize(("sample", "hashed"), [(0.0, 1), (0.25, 3), (0.5, 6), (1.0, 12), (2.0, 12)])
def test_a_sample_is_of_the_size_that_was_asked_for(
    case: CaseFolder, custodian: Custodian, sample: float, hashed: int
) -> None:
    assert scrub(case, custodian, sample=sample)[-1].detail.startswith(f"{hashed} hashed")


def test_an_empty_case_can_be_scrubbed(tmp_path: Path, custodian: Custodian) -> None:
    empty = create_case(tmp_path / "empty", "desk.example/e", "desk.example/e+00000000+AAAA", bytes(32))
    assert scrub(empty, custodian, sample=0.1)[-1].detail == "0 hashed, 0 broken, 0 repaired"
    empty.close()
