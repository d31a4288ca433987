"""Sidecars: what people write by hand is read exactly, or the line that is wrong is named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from witnessmark.desk import Line, read_lines
from witnessmark.desk.sidecar import (
    moment_of,
    moment_of_words,
    place_of,
    range_of,
    range_of_words,
    region_of,
    selector_at,
    selector_of_words,
    span_of,
)
from witnessmark.errors import UsageError
from witnessmark.model import Moment, Place, Qualifier, Range, Region, Shape, Span

LINE = Line("notes.jsonl, line 7", {})


def sidecar(folder: Path, text: str | bytes) -> Path:
    """A sidecar file with this content."""
    path = folder / "notes.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_object_comes_with_the_line_that_it_stands_in(tmp_path: Path) -> None:
    path = sidecar(tmp_path, '{"id": "a"}\n\n   \n{"id": "b"}')
    assert [(line.where, line.text("id")) for line in read_lines(path)] == [
        (f"{path}, line 1", "a"),
        (f"{path}, line 4", "b"),
    ]


def test_a_text_that_holds_a_line_separator_stays_one_object(tmp_path: Path) -> None:
    path = sidecar(tmp_path, '{"quote": "one\u2028two\u0085three"}\n{"quote": "next"}\n')
    assert [line.text("quote") for line in read_lines(path)] == ["one\u2028two\u0085three", "next"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"id": "a"}\n{"id": }\n', "line 2"),
        (b'{"id": "a"}\n["id"]\n', "line 2 is not an object"),
        (b'{"id": "a"} {"id": "b"}\n', "line 1"),
        (b'{"id": "\xff"}\n', "cannot be read"),
        (b'{"n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, text: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        list(read_lines(sidecar(tmp_path, text)))


def test_a_sidecar_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_lines(tmp_path / "missing.jsonl"))


@pytest.mark.parametrize("value", [None, "", "  ", 5, ["a"], {"a": 1}])
def test_a_field_that_must_be_text_is_text(value: Any) -> None:
    with pytest.raises(UsageError, match=r"notes\.jsonl, line 7 does not say its 'speaker'"):
        Line(LINE.where, {"speaker": value}).text("speaker")


def test_a_field_that_may_be_missing_may_be_empty_and_not_anything_else() -> None:
    assert Line(LINE.where, {}).optional("unit") is None
    assert Line(LINE.where, {"unit": ""}).optional("unit") is None
    assert Line(LINE.where, {"unit": "people"}).optional("unit") == "people"
    with pytest.raises(UsageError):
        Line(LINE.where, {"unit": 5}).optional("unit")


@pytest.mark.parametrize(
    ("table", "number"),
    [
        (None, None),
        ({"best": 1700}, Range(best=1700)),
        ({"low": 560}, Range(low=560, qualifier=Qualifier.AT_LEAST)),
        ({"high": 90}, Range(high=90, qualifier=Qualifier.UP_TO)),
        ({"low": 160, "high": 190}, Range(160, None, 190, Qualifier.BETWEEN)),
        ({"best": 100, "qualifier": "about"}, Range(best=100, qualifier=Qualifier.ABOUT)),
        ({"qualifier": "vague"}, Range(qualifier=Qualifier.VAGUE)),
        ({"low": 0, "best": 0, "high": 0, "qualifier": "exactly", "unit": "people"}, Range(0, 0, 0)),
    ],
)
def test_a_number_is_read_as_it_was_given(table: Any, number: Range | None) -> None:
    assert range_of(LINE, table) == number


@pytest.mark.parametrize(
    "table",
    [
        {"best": "1700"},
        {"best": 17.5},
        {"best": True},
        {"low": 9, "high": 3},
        {"best": -1},
        {"best": 5, "qualifier": "roughly"},
        {},
        5,
        "1700",
    ],
)
def test_a_number_that_is_none_is_refused_and_its_line_named(table: Any) -> None:
    with pytest.raises(UsageError, match="line 7"):
        range_of(LINE, table)


BOX = Region(Shape.BOX, ((10.0, 20.0), (40.0, 60.0)))


@pytest.mark.parametrize(
    ("selector", "region"),
    [
        (None, None),
        ({"type": "FragmentSelector", "value": "xywh=pixel:10,20,30,40"}, BOX),
        ({"type": "FragmentSelector", "value": "xywh=10,20,30,40"}, BOX),
        ({"type": "PointSelector", "x": 4, "y": 5.5}, Region(Shape.POINT, ((4.0, 5.5),))),
        (
            {"type": "SvgSelector", "value": "<svg><polygon points='0,0 4,0 4,4'/></svg>"},
            Region(Shape.POLYGON, ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0))),
        ),
    ],
)
def test_a_selector_of_the_standard_is_a_region(selector: Any, region: Region | None) -> None:
    assert region_of(LINE, selector) == region


@pytest.mark.parametrize(
    "selector",
    [
        {"type": "FragmentSelector", "value": "xywh=percent:10,20,30,40"},
        {"type": "FragmentSelector", "value": "xywh=pixel:10,20,0,40"},
        {"type": "FragmentSelector", "value": "t=10"},
        {"type": "FragmentSelector"},
        {"type": "FragmentSelector", "value": 5},
        {"type": "PointSelector", "x": 4},
        {"type": "PointSelector", "x": "left", "y": 1},
        {"type": "SvgSelector", "value": "<polygon points='0,0 4'/>"},
        {"type": "SvgSelector", "value": "<polygon points='0,0 4,0'/>"},
        {"type": "SvgSelector", "value": "<circle r='4'/>"},
        {},
        "xywh=1,2,3,4",
        5,
    ],
)
def test_a_selector_that_selects_nothing_is_refused_and_its_line_named(selector: Any) -> None:
    with pytest.raises(UsageError, match=r"line 7.*selects no region") as refused:
        region_of(LINE, selector)
    assert "{'" not in str(refused.value)  # as it was given, and not as this language writes tables
    assert "x,y,width,height" in str(refused.value.advice)


def test_a_stretch_of_time_keeps_its_offsets() -> None:
    start = datetime.fromisoformat("2024-11-19T06:00:00+04:00")
    assert span_of(LINE, {"start": "2024-11-19T06:00:00+04:00"}) == Span(start)
    assert span_of(LINE, None) is None


@pytest.mark.parametrize(
    "table",
    [
        {"start": "2024-11-19T06:00:00"},
        {"start": "yesterday"},
        {"start": 5},
        {"start": "2024-11-19T06:00:00Z", "end": "2024-11-18T06:00:00Z"},
        "2024-11-19",
    ],
)
def test_a_stretch_of_time_that_is_none_is_refused(table: Any) -> None:
    with pytest.raises(UsageError, match="line 7"):
        span_of(LINE, table)


def test_a_place_has_a_radius_and_a_name() -> None:
    table = {"latitude": 17.3, "longitude": 62.8, "radius_m": 500, "name": "the depot"}
    assert place_of(LINE, table) == Place(17.3, 62.8, 500.0, "the depot")
    assert place_of(LINE, None) is None


@pytest.mark.parametrize(
    "table",
    [{"latitude": 91, "longitude": 0}, {"latitude": 1}, {"latitude": "N", "longitude": 1}, [17.3, 62.8], 5],
)
def test_a_place_that_is_none_is_refused(table: Any) -> None:
    with pytest.raises(UsageError, match="line 7"):
        place_of(LINE, table)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("40", Range(best=40)),
        (" 1,400 ", Range(best=1400)),
        ("exactly 40", Range(best=40)),
        ("about 170", Range(best=170, qualifier=Qualifier.ABOUT)),
        ("At least 40", Range(low=40, qualifier=Qualifier.AT_LEAST)),
        ("more than 1,400", Range(low=1400, qualifier=Qualifier.MORE_THAN)),
        ("up to 300", Range(high=300, qualifier=Qualifier.UP_TO)),
        ("less than 5", Range(high=5, qualifier=Qualifier.LESS_THAN)),
        ("160-190", Range(low=160, high=190, qualifier=Qualifier.BETWEEN)),
        ("160 – 190", Range(low=160, high=190, qualifier=Qualifier.BETWEEN)),
    ],
)
def test_a_number_is_read_as_a_person_types_it(typed: str, meant: Range) -> None:
    assert range_of_words(typed) == meant
    assert range_of_words(str(meant)) in (meant, Range(meant.low, meant.best, meant.high, meant.qualifier))


@pytest.mark.parametrize(
    "typed", ["", ",", "many", "40,50", "190-160", "9" * 16, "at most 3", "4.5", "-3", "40 to 50"]
)
def test_what_is_no_number_is_refused_and_not_guessed(typed: str) -> None:
    with pytest.raises(UsageError, match="is not a number"):
        range_of_words(typed)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("12.48-12.52", Moment(12_480, 12_520)),
        ("12.48 – 13", Moment(12_480, 13_000)),
        ("1:02:03.5-1:02:04", Moment(3_723_500, 3_724_000)),
        ("7", Moment(7_000, 7_001)),
        (" ", None),
    ],
)
def test_a_moment_is_typed_in_seconds_or_as_on_a_clock(words: str, moment: Moment | None) -> None:
    assert moment_of_words(words) == moment


@pytest.mark.parametrize("words", ["now", "5-4", "5-5", "-5", "1:99:00", "1.2345", "9" * 30, "1-2-3"])
def test_what_is_no_moment_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="no moment"):
        moment_of_words(words)


@pytest.mark.parametrize("region", ["", "1,2,3,4", "5,6", "1,1 9,1 4,8"])
def test_a_moment_and_a_region_are_read_as_they_were_written(region: str) -> None:
    selector = selector_of_words(region)
    both = selector_at(Moment(1_250, 1_290), selector)
    assert moment_of(LINE, both) == Moment(1_250, 1_290)
    assert region_of(LINE, both) == region_of(LINE, selector)
    assert selector_at(None, selector) == selector
    assert moment_of(LINE, selector) is None


def test_a_fragment_of_time_and_space_is_both() -> None:
    fragment = {"type": "FragmentSelector", "value": "t=1.25,1.29&xywh=pixel:1,2,3,4"}
    assert moment_of(LINE, fragment) == Moment(1_250, 1_290)
    assert region_of(LINE, fragment) == Region(Shape.BOX, ((1.0, 2.0), (4.0, 6.0)))
    with pytest.raises(UsageError, match="no moment"):
        moment_of(LINE, {"type": "FragmentSelector", "value": "t=2,1"})
