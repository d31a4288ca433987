"""Values: the smallest things that the nouns are made of, checked when they are born."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from witnessmark.errors import MalformedError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMITMENT = re.compile(r"hmac-sha256:[0-9a-f]{64}")


class Digest(str):
    """The name of bytes: `sha256:` and 64 lower-case hexadecimal digits."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """The digest that `text` writes out; MalformedError if it writes none."""
        if not _DIGEST.fullmatch(text):
            raise MalformedError(f"{text[:90]!r} is not a digest of the form sha256:<64 hex digits>")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The digest of `content`."""
        return super().__new__(cls, "sha256:" + hashlib.sha256(content).hexdigest())

    @classmethod
    def from_hex(cls, hexadecimal: str) -> Self:
        """The digest written as 64 hexadecimal digits, as `sha256sum` prints it."""
        return cls("sha256:" + hexadecimal)

    @property
    def hex(self) -> str:
        """The 64 digits alone, as `sha256sum` prints them."""
        return self[7:]


class Sealed(str):
    """A personal value that a record only commits to: `hmac-sha256:` and 64 hexadecimal digits.

    The value and its key lie in the key vault. Destroying them erases the value and leaves
    the record, its digest and the log as they were.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """The commitment that `text` writes out; MalformedError if it writes none."""
        if not _COMMITMENT.fullmatch(text):
            raise MalformedError(f"{text[:90]!r} is not a commitment of the form hmac-sha256:<64 hex digits>")
        return super().__new__(cls, text)


class Facts(Mapping[str, Any]):
    """An unchangeable table of named plain values (text, numbers, tuples, further tables)."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        merged = {**(entries or {}), **named}
        self._entries = {str(name): _frozen(value) for name, value in merged.items()}

    def __getitem__(self, name: str) -> Any:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return f"Facts({self._entries!r})"


NO_FACTS = Facts()
"""The empty table."""


def _frozen(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return Facts(value)
    if isinstance(value, list | tuple):
        return tuple(_frozen(part) for part in value)
    raise MalformedError(f"a fact cannot hold a {type(value).__name__}")


class Qualifier(StrEnum):
    """How a number was hedged by the one who gave it."""

    EXACTLY = "exactly"
    ABOUT = "about"
    AT_LEAST = "at least"
    MORE_THAN = "more than"
    UP_TO = "up to"
    LESS_THAN = "less than"
    BETWEEN = "between"
    VAGUE = "vague"


_SAID_BY_BOUNDS = frozenset({Qualifier.EXACTLY, Qualifier.BETWEEN, Qualifier.VAGUE})
"""Hedges that two bounds say by themselves, or that words say better than a number."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number as it was given: bounds, a best value, and the hedge; None where nothing was said."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    qualifier: Qualifier = Qualifier.EXACTLY

    def __post_init__(self) -> None:
        given = [number for number in (self.low, self.best, self.high) if number is not None]
        if any(type(number) is not int for number in given):
            raise MalformedError(f"{self.low}, {self.best}, {self.high} are not all whole numbers")
        if given != sorted(given) or any(number < 0 for number in given):
            raise MalformedError(
                f"{self.low}, {self.best}, {self.high} is not a range: low ≤ best ≤ high, none below 0"
            )
        if not given and self.qualifier is not Qualifier.VAGUE:
            raise MalformedError("a range without any number must be marked vague")

    def __str__(self) -> str:
        if self.best is not None:
            hedge = "" if self.qualifier is Qualifier.EXACTLY else f"{self.qualifier} "
            bounds = f" ({self.low}–{self.high})" if self.low is not None and self.high is not None else ""
            return f"{hedge}{self.best:,}{bounds if self.low != self.high else ''}"
        if self.low is not None and self.high is not None:
            hedge = "" if self.qualifier in _SAID_BY_BOUNDS else f"{self.qualifier} "
            return f"{hedge}{self.low:,}–{self.high:,}"
        if self.low is not None:
            return f"{self.qualifier if self.qualifier is Qualifier.MORE_THAN else 'at least'} {self.low:,}"
        if self.high is not None:
            return f"{self.qualifier if self.qualifier is Qualifier.LESS_THAN else 'up to'} {self.high:,}"
        return "an unstated number"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; an end that is None is not known. Both ends keep their UTC offset."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment is not None and moment.tzinfo is None:
                raise MalformedError(f"{moment.isoformat()} has no UTC offset")
        if self.start is not None and self.end is not None and self.start > self.end:
            raise MalformedError(
                f"the span {self.start.isoformat()} / {self.end.isoformat()} ends before it starts"
            )


@dataclass(frozen=True, slots=True)
class Place:
    """A WGS 84 point in degrees with the radius of what is not known, in metres, and its name."""

    latitude: float
    longitude: float
    radius_m: float = 0.0
    name: str | None = None

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180 and self.radius_m >= 0):
            raise MalformedError(
                f"{self.latitude}, {self.longitude} ± {self.radius_m} m is not a place on Earth"
            )


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A stretch of a text in code points, `start` included and `end` not."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise MalformedError(f"{self.start}–{self.end} is not a stretch of text")

    def on(self, pages: Iterable[tuple[int, int]]) -> tuple[int, ...]:
        """The numbers, from 1 on, of those pages on which some of it stands."""
        ends = enumerate(pages, 1)
        return tuple(number for number, (start, end) in ends if start < self.end and self.start < end)


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a recording in milliseconds since its beginning, `start_ms` included and `end_ms` not."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if type(self.start_ms) is not int or type(self.end_ms) is not int:
            raise MalformedError(f"{self.start_ms}, {self.end_ms} are not whole milliseconds")
        if not 0 <= self.start_ms < self.end_ms:
            raise MalformedError(f"{self.start_ms}–{self.end_ms} ms is not a stretch of a recording")


class Shape(StrEnum):
    """How a region of a picture is drawn."""

    BOX = "box"
    POLYGON = "polygon"
    POINT = "point"


_CORNERS = {Shape.BOX: (2, 2), Shape.POINT: (1, 1), Shape.POLYGON: (3, 10_000)}


@dataclass(frozen=True, slots=True)
class Region:
    """Part of a picture, in pixels of the upright picture (orientation applied), origin top left.

    A box is its top-left and its bottom-right corner.
    """

    shape: Shape
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        fewest, most = _CORNERS[self.shape]
        if not fewest <= len(self.points) <= most:
            raise MalformedError(f"a {self.shape} cannot have {len(self.points)} corners")
        if self.shape is Shape.BOX:
            (left, top), (right, bottom) = self.points
            if left >= right or top >= bottom:
                raise MalformedError(f"the box {self.points} is empty or inside out")


def utc(moment: datetime) -> datetime:
    """`moment` in UTC; MalformedError if it does not say its offset."""
    if moment.tzinfo is None:
        raise MalformedError(f"{moment.isoformat()} has no UTC offset")
    return moment.astimezone(UTC)
