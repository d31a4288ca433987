"""What every collector keeps to; subclass the suite, name the tool and lay out leads for it.

class TestMine(CollectorSuite):
    tool = Mine

    def leads(self, folder):
        (folder / "post.txt").write_text("…")
        return [Lead(folder / "post.txt", "post.txt")]
"""

# ruff: noqa: S101 - a suite asserts

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from witnessmark.errors import IntegrityError, WitnessmarkError
from witnessmark.ports import Capture, Collector, Declined, Lead


class CollectorSuite:
    """Every lead that `leads` lays out must be one that the tool accepts."""

    tool: ClassVar[type[Collector]]

    def leads(self, folder: Path) -> Sequence[Lead]:
        """Leads laid out in `folder`."""
        raise NotImplementedError("lay out at least one lead for the collector")

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        """Where the leads lie."""
        (tmp_path / "source").mkdir()
        return tmp_path / "source"

    @pytest.fixture
    def quarantine(self, tmp_path: Path) -> Path:
        """The one place that may be written to."""
        (tmp_path / "quarantine").mkdir()
        return tmp_path / "quarantine"

    def test_it_has_the_shape_of_a_collector(self) -> None:
        """Name and version, and it is built without arguments."""
        tool = self.tool()
        assert tool.name.strip()
        assert tool.version.strip()

    def test_it_accepts_its_leads(self, source: Path) -> None:
        """There is at least one, and each is its business."""
        leads = self.leads(source)
        assert leads
        assert all(self.tool().accepts(lead) for lead in leads)

    def test_every_capture_can_be_read_twice_and_says_how_it_came(
        self, source: Path, quarantine: Path
    ) -> None:
        """The same bytes from a fresh stream, a source and a method."""
        for lead in self.leads(source):
            captures = list(self.tool().collect(lead, quarantine))
            assert captures
            for capture in captures:
                assert capture.source.strip()
                if isinstance(capture, Capture):
                    assert capture.method.strip()
                    assert _content(capture) == _content(capture)

    def test_it_leaves_the_source_as_it_was(self, source: Path, quarantine: Path) -> None:
        """Nothing is changed, moved or left behind outside the quarantine."""
        leads = self.leads(source)
        before = _state(source)
        for lead in leads:
            for capture in self.tool().collect(lead, quarantine):
                if isinstance(capture, Capture):
                    _content(capture)
        assert _state(source) == before

    def test_it_collects_the_same_twice(self, source: Path, quarantine: Path) -> None:
        """In the same order, with the same bytes."""
        for lead in self.leads(source):
            first, second = ([_gist(one) for one in self.tool().collect(lead, quarantine)] for _ in range(2))
            assert first == second

    def test_a_lead_that_has_vanished_ends_in_a_reason(self, source: Path, quarantine: Path) -> None:
        """As an error of ours, or as something declined; not as a foreign exception."""
        for lead in self.leads(source):
            gone = Lead(source / "vanished" / lead.path.name, lead.source)
            try:
                results = list(self.tool().collect(gone, quarantine)) if self.tool().accepts(gone) else []
            except IntegrityError:
                raise
            except WitnessmarkError as error:
                assert str(error).strip()
            else:
                assert all(isinstance(one, Declined) for one in results)


def _content(capture: Capture) -> bytes:
    with capture.open() as stream:
        return stream.read()


def _gist(one: Capture | Declined) -> tuple[str, str]:
    if isinstance(one, Declined):
        return one.source, one.reason
    return one.source, hashlib.sha256(_content(one)).hexdigest()


def _state(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file below `folder` with its size, time of change and digest."""
    return {
        str(path): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
