"""Shapes: what a value is by its name, in three uses that so cannot part.

A shape writes its JSON Schema, reads what a program sent, and gives out what it names and nothing else: a
fact that a shape does not name never leaves the desk by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from witnessmark.errors import MalformedError

Schema = dict[str, Any]


class Shape(Protocol):
    """What a value is."""

    def schema(self) -> Schema:
        """The value as JSON Schema 2020-12 has it."""
        ...

    def read(self, value: Any, where: str) -> Any:
        """A value that a program sent, if it is of this shape; MalformedError says where it is not."""
        ...

    def given(self, value: Any) -> Any:
        """A value of the desk as JSON has it, with nothing that the shape does not name."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text of bounded length; with a pattern only such as are all of it."""

    longest: int | None = None
    shortest: int = 0
    pattern: str | None = None
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        told: Schema = {"type": "string"}
        if self.longest is not None:
            told["maxLength"] = self.longest
        if self.shortest:
            told["minLength"] = self.shortest
        if self.pattern is not None:
            told["pattern"] = f"^(?:{self.pattern})$"
        return _said(told, self.says)

    def read(self, value: Any, where: str) -> str:
        """As a program sent it."""
        if not isinstance(value, str):
            raise MalformedError(f"{where} is not text")
        if len(value) < self.shortest or (self.longest is not None and len(value) > self.longest):
            raise MalformedError(f"{where} has {self.shortest} to {self.longest} signs")
        if self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII):
            raise MalformedError(f"{where} is not of the form {self.pattern}")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise MalformedError(f"{where} holds half a sign") from error
        return value

    def given(self, value: Any) -> str:
        """As JSON."""
        return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True, slots=True)
class Word:
    """One of some words."""

    words: tuple[str, ...]
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        return _said({"type": "string", "enum": list(self.words)}, self.says)

    def read(self, value: Any, where: str) -> str:
        """As a program sent it."""
        if not isinstance(value, str) or value not in self.words:
            raise MalformedError(f"{where} is none of: {', '.join(self.words)}")
        return value

    def given(self, value: Any) -> str:
        """As JSON."""
        return str(value.value if isinstance(value, Enum) else value)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two others."""

    low: int = 0
    high: int | None = None
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        told: Schema = {"type": "integer", "minimum": self.low}
        if self.high is not None:
            told["maximum"] = self.high
        return _said(told, self.says)

    def read(self, value: Any, where: str) -> int:
        """As a program sent it; in an address it is text."""
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise MalformedError(f"{where} is not a whole number")
        if value < self.low or (self.high is not None and value > self.high):
            raise MalformedError(f"{where} is from {self.low} to {self.high}")
        return value

    def given(self, value: Any) -> int:
        """As JSON."""
        return int(value)


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no."""

    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        return _said({"type": "boolean"}, self.says)

    def read(self, value: Any, where: str) -> bool:
        """As a program sent it."""
        if not isinstance(value, bool):
            raise MalformedError(f"{where} is neither true nor false")
        return value

    def given(self, value: Any) -> bool:
        """As JSON."""
        return bool(value)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something, or null where there is nothing."""

    shape: Shape

    def schema(self) -> Schema:
        """As JSON Schema."""
        return {"anyOf": [self.shape.schema(), {"type": "null"}]}

    def read(self, value: Any, where: str) -> Any:
        """As a program sent it."""
        return None if value is None else self.shape.read(value, where)

    def given(self, value: Any) -> Any:
        """As JSON."""
        return None if value is None else self.shape.given(value)


@dataclass(frozen=True, slots=True)
class Listed:
    """Several of one shape."""

    shape: Shape
    most: int | None = None
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        told: Schema = {"type": "array", "items": self.shape.schema()}
        if self.most is not None:
            told["maxItems"] = self.most
        return _said(told, self.says)

    def read(self, value: Any, where: str) -> list[Any]:
        """As a program sent it."""
        if not isinstance(value, list) or (self.most is not None and len(value) > self.most):
            raise MalformedError(f"{where} is not a list of at most {self.most}")
        return [self.shape.read(one, f"{where}[{place}]") for place, one in enumerate(value)]

    def given(self, value: Any) -> list[Any]:
        """As JSON."""
        return [self.shape.given(one) for one in value]


@dataclass(frozen=True, slots=True)
class Fields:
    """Named values; those of `optional` may be left out by who sends, and are null or absent in answers."""

    fields: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        every = {**self.fields, **self.optional}
        return _said(
            {
                "type": "object",
                "properties": {name: shape.schema() for name, shape in every.items()},
                "required": list(self.fields),
                "additionalProperties": False,
            },
            self.says,
        )

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """As a program sent it."""
        if not isinstance(value, dict):
            raise MalformedError(f"{where} is not an object")
        every = {**self.fields, **self.optional}
        unknown = [name for name in value if name not in every]
        if unknown:
            raise MalformedError(f"{where} has no field {unknown[0][:40]!r}")
        missing = [name for name in self.fields if name not in value]
        if missing:
            raise MalformedError(f"{where} lacks {missing[0]!r}")
        return {name: every[name].read(one, f"{where}.{name}") for name, one in value.items()}

    def given(self, value: Any) -> dict[str, Any]:
        """As JSON."""
        told = {name: shape.given(value[name]) for name, shape in self.fields.items()}
        told |= {name: shape.given(value[name]) for name, shape in self.optional.items() if name in value}
        return told


@dataclass(frozen=True, slots=True)
class Table:
    """Values of one shape under names of any kind."""

    shape: Shape
    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        return _said({"type": "object", "additionalProperties": self.shape.schema()}, self.says)

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """As a program sent it."""
        if not isinstance(value, dict):
            raise MalformedError(f"{where} is not an object")
        return {name: self.shape.read(one, f"{where}.{name}") for name, one in value.items()}

    def given(self, value: Any) -> dict[str, Any]:
        """As JSON."""
        return {str(name): self.shape.given(one) for name, one in value.items()}


@dataclass(frozen=True, slots=True)
class Plain:
    """Whatever an examiner or a rule measured: text, numbers, lists and tables."""

    says: str = ""

    def schema(self) -> Schema:
        """As JSON Schema."""
        return _said({}, self.says)

    def read(self, value: Any, where: str) -> Any:  # noqa: ARG002 - as every shape has it
        """Nothing: nobody may send what has no shape."""
        raise MalformedError(f"{where} cannot be sent")

    def given(self, value: Any) -> Any:
        """As JSON."""
        if isinstance(value, Mapping):
            return {str(name): self.given(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.given(one) for one in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return Text().given(value.value if isinstance(value, Enum) else value)


def _said(told: Schema, says: str) -> Schema:
    return {**told, "description": says} if says else told
