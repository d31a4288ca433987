"""What every examiner keeps to; subclass the suite, name the tool and give it samples.

class TestMine(ExaminerSuite):
    tool = Mine
    samples = (Sample("image/png", content),)
"""

# ruff: noqa: S101 - a suite asserts

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from witnessmark.confine import Limits, Room
from witnessmark.errors import MalformedError, RefusedError
from witnessmark.examine import look
from witnessmark.model import Copy, Digest, Finding
from witnessmark.ports import Examiner

_SEED = 20140612
_HURTS = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes that the examiner must be able to say something about."""

    media_type: str
    content: bytes

    @property
    def copy(self) -> Copy:
        """The noun for these bytes."""
        return Copy(Digest.of(self.content), len(self.content), self.media_type)


class ExaminerSuite:
    """Runs in the locked room, as the desk does."""

    tool: ClassVar[type[Examiner]]
    samples: ClassVar[tuple[Sample, ...]]

    @pytest.fixture(scope="class")
    @classmethod
    def room(cls) -> Iterator[Room]:
        """One room for all tests of the class."""
        with Room(Limits(wall_s=60)) as room:
            yield room

    def looked(self, sample: Sample, folder: Path, room: Room) -> tuple[Finding, ...]:
        """What the tool finds on a sample."""
        path = folder / "untrusted"
        path.write_bytes(sample.content)
        return look(sample.copy, path, self.tool(), room)

    def test_it_has_the_shape_of_an_examiner(self) -> None:
        """Name, version and stated limits, and it is built without arguments."""
        tool = self.tool()
        assert tool.name.strip()
        assert tool.version.strip()
        assert len(tool.limits) > 20, "limits must say what the method cannot tell"

    def test_it_accepts_its_samples(self) -> None:
        """There is at least one, and each is its business."""
        assert self.samples
        assert all(self.tool().accepts(sample.copy) for sample in self.samples)

    def test_it_finds_something_and_speaks_only_of_its_copy(self, room: Room, tmp_path: Path) -> None:
        """Each finding is about the object, by this tool, with limits; `look` refuses any other."""
        for sample in self.samples:
            findings = self.looked(sample, tmp_path, room)
            assert findings
            assert all(len(finding.limits) > 20 for finding in findings)

    def test_it_finds_the_same_twice(self, room: Room, tmp_path: Path) -> None:
        """No clock, no chance, no order of the day."""
        for sample in self.samples:
            assert self.looked(sample, tmp_path, room) == self.looked(sample, tmp_path, room)

    def test_it_survives_truncation_and_noise(self, room: Room, tmp_path: Path) -> None:
        """A hurt file ends in findings or in one reason."""
        chance = random.Random(_SEED)  # noqa: S311 - not a secret
        for sample in self.samples:
            for _ in range(_HURTS):
                hurt = Sample(sample.media_type, _hurt(sample.content, chance))
                try:
                    self.looked(hurt, tmp_path, room)
                except (MalformedError, RefusedError) as error:
                    assert str(error).strip()


def _hurt(content: bytes, chance: random.Random) -> bytes:
    """The content cut short, or with some bytes changed, or both."""
    hurt = bytearray(content)
    if chance.random() < 0.5:
        del hurt[chance.randrange(len(hurt)) :]
    for _ in range(chance.randrange(1, 20)):
        if hurt:
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    return bytes(hurt)
