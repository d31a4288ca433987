"""A lane of times as a drawing: a moment as a dot, a stretch as a bar, an open end dashed. Nothing is ranked.

The page that holds it brings the classes, and a table that says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

Facts = Mapping[str, Any]
_WIDTH, _SIDE, _ROW, _TOP, _TICKS = 1000, 30, 22, 12, 5
_LABELLED, _SIGN, _NEAR, _GAP = 90, 8, 12, 8
_OPEN = 46


def lane(times: Sequence[Facts], label: str) -> str:
    """The times of one kind along a line of their own, as SVG; empty if there are none.

    Each has `start` and `end` in UTC, of which one may be None, and an `exhibit` or a `label`.
    """
    if not times:
        return ""
    ends = [end for one in times for end in (one["start"], one["end"]) if end is not None]
    first, last = min(ends), max(ends)
    if last - first < timedelta(minutes=1):
        first, last = first - timedelta(hours=12), last + timedelta(hours=12)
    rows: list[float] = []
    marks = [_mark(several, first, last, rows) for several in _together(times, first, last)]
    height = _TOP + _ROW * len(rows) + 28
    said = escape(f"{label}: {len(times)}, from {_day(first)} to {_day(last)}; the table says the same")
    inside = "".join([*_scale(first, last, height), *marks])
    return (
        f'<svg class="lane" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{said}">{inside}</svg>'
    )


def _together(times: Sequence[Facts], first: datetime, last: datetime) -> Iterator[Sequence[Facts]]:
    """The times in order of their beginning; those of one form too near to be told apart go together.

    A stretch of which both ends are known stands alone.
    """
    waiting: list[Facts] = []
    for one in times:
        is_alone = _form(one) == _STRETCH
        is_near = (
            waiting
            and _form(one) == _form(waiting[0])
            and _left(one, first, last) - _left(waiting[0], first, last) < _NEAR
        )
        if waiting and (is_alone or not is_near):
            yield waiting
            waiting = []
        if is_alone:
            yield [one]
        else:
            waiting.append(one)
    if waiting:
        yield waiting


_STRETCH = (True, True, False)


def _form(one: Facts) -> tuple[bool, bool, bool]:
    """Which ends of a time are known, and whether they are one moment."""
    return one["start"] is not None, one["end"] is not None, one["start"] == one["end"]


def _left(one: Facts, first: datetime, last: datetime) -> float:
    return _across(one["start"] if one["start"] is not None else one["end"], first, last)


def _mark(several: Sequence[Facts], first: datetime, last: datetime, rows: list[float]) -> str:
    """A time, or several at one place, in the first row with room; `rows` say up to where each is taken."""
    one = several[0]
    start, end = one["start"], one["end"]
    left = _left(one, first, last)
    right = _across(end if end is not None else start, first, last)
    name = (one["exhibit"] or one["label"][:40]) + (f" +{len(several) - 1}" if len(several) > 1 else "")
    begins = left - (_OPEN if start is None else 6)
    taken = right + (_OPEN if end is None else 6) + _SIGN * len(name)
    row = next((place for place, until in enumerate(rows) if until + _GAP <= begins), len(rows))
    rows[row : row + 1] = [taken]
    y = _TOP + _ROW * row + _ROW / 2
    shapes = ""
    if start is None:
        shapes += f'<path class="open" d="M{left - _OPEN:.1f} {y:.1f}H{left:.1f}"/>'
    if end is None:
        shapes += f'<path class="open" d="M{right:.1f} {y:.1f}H{right + _OPEN:.1f}"/>'
    if start != end and right - left > 1:
        shapes += f'<path class="stretch" d="M{left:.1f} {y:.1f}H{right:.1f}"/>'
    else:
        kind = "moment" if all(each["zoned"] for each in several) else "unzoned"
        shapes += f'<circle class="{kind}" cx="{left:.1f}" cy="{y:.1f}" r="{5 if len(several) == 1 else 7}"/>'
    at = right + 10 + (_OPEN if end is None else 0)
    return f'{shapes}<text x="{at:.1f}" y="{y + 4:.1f}">{escape(name)}</text>'


def _scale(first: datetime, last: datetime, height: int) -> Iterator[str]:
    line = height - 24
    yield f'<path class="axis" d="M{_SIDE} {line}H{_WIDTH - _SIDE}"/>'
    is_short = last - first < timedelta(days=4)
    for part in range(_TICKS):
        at = first + (last - first) * part / (_TICKS - 1)
        x = _across(at, first, last)
        anchor = "start" if part == 0 else "end" if part == _TICKS - 1 else "middle"
        yield f'<path class="tick" d="M{x:.1f} {_TOP}V{line + 4}"/>'
        said = f"{at:%Y-%m-%d %H:%M}" if is_short else _day(at)
        yield f'<text class="{anchor}" x="{x:.1f}" y="{line + 19}">{said}</text>'


def _across(at: datetime, first: datetime, last: datetime) -> float:
    room = _WIDTH - 2 * _SIDE - _LABELLED - _OPEN
    return _SIDE + room * ((at - first) / (last - first))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
