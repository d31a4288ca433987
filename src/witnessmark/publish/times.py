"""Times as a reader of a brief wants them: plain, and never without the zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from witnessmark.model import Span

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def day(moment: datetime) -> str:
    """The date alone: 3 March 2031."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def moment(when: datetime) -> str:
    """Date, time and zone: 3 March 2031, 10:05 UTC."""
    return f"{day(when)}, {when:%H:%M} {_zone(when)}"


def stretch(span: Span) -> str:
    """A stretch of time; whole days are named as days, and an end that is not known is said."""
    if span.start is None:
        return "time not known" if span.end is None else f"not later than {moment(span.end)}"
    if span.end is None or span.end == span.start:
        return day(span.start) if _is_midnight(span.start) else moment(span.start)
    if _is_midnight(span.start) and _is_midnight(span.end + timedelta(seconds=1)):
        return _days(span.start, span.end)
    if _is_midnight(span.start) and _is_midnight(span.end):
        return _days(span.start, span.end - timedelta(seconds=1))
    return f"{moment(span.start)} to {moment(span.end)}"


def _days(first: datetime, last: datetime) -> str:
    return day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"


def _is_midnight(when: datetime) -> bool:
    return when.hour == when.minute == when.second == 0


def _zone(when: datetime) -> str:
    offset = when.utcoffset()
    if when.tzinfo is UTC or offset == timedelta(0):
        return "UTC"
    return f"UTC{when:%z}"[:6] + ":" + f"{when:%z}"[-2:]
