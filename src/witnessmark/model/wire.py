"""The written form: every noun as canonical JSON (RFC 8785), named by the digest of those bytes.

Each noun is an object with its `kind` and its fields. A field that is None, empty or a table
without entries is left out. Times are ISO 8601: UTC with microseconds and `Z`, or with the
offset that they were given in.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache, partial
from json.encoder import encode_basestring
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import rfc8785

from witnessmark.errors import MalformedError
from witnessmark.model.agents import Agent
from witnessmark.model.cases import Investigation
from witnessmark.model.claims import Assessment, Claim, Decision, Event, Grade, Hypothesis, Statement
from witnessmark.model.comments import Assignment, Comment
from witnessmark.model.counting import Counting
from witnessmark.model.editions import Edition
from witnessmark.model.estimates import Estimate
from witnessmark.model.evidence import Acquisition, Action, Copy, Erasure, Item
from witnessmark.model.persons import Identification, PersonRecord
from witnessmark.model.readings import Finding, Match, Observation, Rating
from witnessmark.model.rulings import Affiliation, Bearing, Filing, Rereading, Tie
from witnessmark.model.values import NO_FACTS, Digest, Facts, Sealed

Noun = (
    Acquisition
    | Action
    | Affiliation
    | Assessment
    | Assignment
    | Bearing
    | Claim
    | Comment
    | Copy
    | Counting
    | Decision
    | Edition
    | Erasure
    | Estimate
    | Event
    | Filing
    | Finding
    | Grade
    | Hypothesis
    | Identification
    | Investigation
    | Item
    | Match
    | Observation
    | PersonRecord
    | Rating
    | Rereading
    | Statement
    | Tie
)
KINDS: Mapping[str, type[Noun]] = {noun.__name__.lower(): noun for noun in get_args(Noun)}

_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
Writer = Callable[[Any], str]
Reader = Callable[[Any], Any]


def encode(noun: Noun) -> bytes:
    """The written form of `noun`."""
    try:
        dataclass: Any = noun.__class__
        return _writer(dataclass, dataclass.__name__.lower())(noun).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedError(f"this cannot be written as canonical JSON: {error}") from error


def digest_of(noun: Noun) -> Digest:
    """The name of `noun`: the digest of its written form."""
    return Digest.of(encode(noun))


def decode(written: bytes) -> Noun:
    """The noun whose written form is `written`; MalformedError if no noun is written so."""
    value = parse(written)
    if not isinstance(value, dict):
        raise MalformedError("a noun is written as an object")
    kind = str(value.pop("kind", None))
    if kind not in KINDS:
        raise MalformedError(f"no noun has the kind {kind[:60]!r}", advice="a newer Witnessmark may know it")
    try:
        noun = _build(KINDS[kind], value)
        is_canonical = encode(noun) == written
    except RecursionError as error:
        raise MalformedError(f"this {kind} is nested too deeply") from error
    if not is_canonical:
        raise MalformedError(f"this {kind} is not in its canonical written form")
    return noun  # type: ignore[no-any-return]


def parse(written: bytes) -> Any:
    """The JSON value in `written`; MalformedError for anything else, a repeated key included."""
    try:
        return _load(written.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"this is not JSON: {error}") from error


def canonical(value: Any) -> bytes:
    """`value` as canonical JSON (RFC 8785); MalformedError for what JSON cannot say exactly."""
    try:
        if _is_simple(value):
            return _dump(value).encode("utf-8")
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError, TypeError) as error:
        raise MalformedError(f"this cannot be written as canonical JSON: {error}") from error


def _is_simple(value: Any) -> bool:
    """Whether json writes `value` just as RFC 8785 demands: no floats, ASCII keys, safe integers."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-(2**53) < value < 2**53)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(part) for key, part in value.items())
    if kind is list or kind is tuple:
        return all(map(_is_simple, value))
    return isinstance(value, str)


def _written(value: Any) -> str:
    """An object of the fields of a dataclass inside a noun, in the order of their names."""
    return _writer(value.__class__, None)(value)


@cache
def _writer(dataclass: Any, kind: str | None) -> Writer:
    """What writes a dataclass, with its `kind` if it has one: made from its fields, as `__init__` is.

    All records and entries go through it, three for each file that comes in; a loop over the fields takes
    half as long again.
    """
    hints, writers = _hints(dataclass), dict[str, Any]()
    lines = []
    for name in sorted([*(field.name for field in fields(dataclass)), *(["kind"] if kind else [])]):
        if kind and name == "kind":
            lines.append(f'text += \'"kind":"{kind}",\'')
            continue
        writers[f"write_{name}"] = _writer_of(hints[name])
        test = "value" if _is_left_out_if_empty(hints[name]) else "value is not None"
        lines += [f"value = noun.{name}", f"if {test}: text += '\"{name}\":' + write_{name}(value) + ','"]
    body = "\n    ".join(["text = '{'", *lines, "return text[:-1] + '}' if len(text) > 1 else '{}'"])
    exec(f"def write(noun):\n    {body}", writers)  # noqa: S102 - names of our own fields and nothing else
    return cast("Writer", writers["write"])


def _is_left_out_if_empty(hint: Any) -> bool:
    (kind,) = _members(hint)
    return get_origin(kind) is tuple or kind is Facts


def _writer_of(hint: Any) -> Writer:
    """How a field of this type is written."""
    (kind,) = _members(hint)
    if get_origin(kind) is tuple:
        write = _write_any if len(set(get_args(kind)) - {Ellipsis}) > 1 else _writer_of(get_args(kind)[0])
        return lambda values: "[" + ",".join([write(value) for value in values]) + "]"
    if isinstance(kind, type) and issubclass(kind, str):
        return _WRITERS[str]
    return _WRITERS.get(kind, _written if is_dataclass(kind) else _write_any)


def _write_any(value: Any) -> str:
    """Any value that a noun may hold."""
    kind = type(value)
    if isinstance(value, str):
        return _WRITERS[str](value)
    if kind in _WRITERS:
        return _WRITERS[kind](value)
    if kind is tuple:
        return "[" + ",".join([_write_any(part) for part in value]) + "]"
    if is_dataclass(kind):
        return _written(value)
    return canonical(plain_of(value)).decode("utf-8")


def _write_facts(facts: Facts) -> str:
    """A table; by hand where names sort as RFC 8785 demands, since every log entry has one."""
    if not all(map(str.isascii, facts)):
        return canonical(plain_of(facts)).decode("utf-8")
    parts = [f"{encode_basestring(name)}:{_write_any(facts[name])}" for name in sorted(facts)]
    return "{" + ",".join(parts) + "}"


def _write_time(moment: datetime) -> str:
    return f'"{written_time(moment)}"'


def _write_int(number: int) -> str:
    return str(number) if -(2**53) < number < 2**53 else canonical(number).decode("utf-8")


_WRITERS: dict[Any, Writer] = {
    str: encode_basestring,
    datetime: _write_time,
    int: _write_int,
    Facts: _write_facts,
    Agent: lru_cache(maxsize=64)(_written),
}


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _required(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.default is MISSING)


@cache
def _members(hint: Any) -> set[Any]:
    """The types that a hint allows, None aside."""
    if get_origin(hint) in (Union, types.UnionType):
        return {member for member in get_args(hint) if member is not type(None)}
    return {hint}


def plain_of(value: Any) -> Any:
    """A value of `Facts` in the types that JSON knows."""
    if isinstance(value, tuple):
        return [plain_of(part) for part in value]
    if isinstance(value, Facts):
        return {name: plain_of(part) for name, part in value.items()}
    return value


def written_time(moment: datetime) -> str:
    """`moment` as it is written: UTC with microseconds and Z, or with its own offset."""
    if moment.tzinfo is None:
        raise MalformedError(f"{moment.isoformat()} has no UTC offset")
    text = moment.isoformat(timespec="microseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _build(kind: Any, value: Any) -> Any:
    """An instance of the dataclass `kind` from its plain form."""
    if not isinstance(value, dict):
        raise MalformedError(
            f"a {kind.__name__.lower()} is written as an object, not as {type(value).__name__}"
        )
    readers = _readers(kind)
    unknown = value.keys() - readers.keys()
    if unknown:
        raise MalformedError(f"a {kind.__name__.lower()} has no field {min(unknown)!r}")
    given = {name: readers[name](part) for name, part in value.items()}
    for name in _required(kind):
        if name not in given:
            given[name] = _left_out(kind, name)
    return kind(**given)


def _left_out(kind: Any, name: str) -> Any:
    """What a field holds that has no default and was not written."""
    hint = _hints(kind)[name]
    if get_origin(hint) is tuple:
        return ()
    if hint is Facts:
        return NO_FACTS
    raise MalformedError(f"this {kind.__name__.lower()} does not say its {name}")


@cache
def _readers(kind: Any) -> Mapping[str, Reader]:
    return {name: _reader_of(hint) for name, hint in _hints(kind).items()}


@cache
def _reader_of(hint: Any) -> Reader:
    """What reads a value as the type hint asks for it."""
    members = _members(hint)
    (kind,) = members if len(members) == 1 else (None,)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        if len(parts) == 2 and parts[1] is Ellipsis:
            return partial(_read_row, _reader_of(parts[0]))
        return partial(_read_tuple, [_reader_of(part) for part in parts])
    if kind in _READERS:
        return _READERS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return partial(_read_word, kind)
    if is_dataclass(kind):
        return partial(_build, kind)
    raise MalformedError(f"no field may be of {hint}")


def _read_row(read: Reader, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise MalformedError(f"a list is expected, not {type(value).__name__}")
    return tuple(map(read, value))


def _read_tuple(readers: list[Reader], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise MalformedError(f"a list is expected, not {type(value).__name__}")
    if len(readers) != len(value):
        raise MalformedError(f"{len(readers)} values are expected, not {len(value)}")
    return tuple(read(given) for read, given in zip(readers, value, strict=True))


def _read_word(kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError as error:
        raise MalformedError(f"{str(value)[:60]!r} is none of: {', '.join(kind)}") from error


def _read_time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError as error:
        raise MalformedError(f"{value!r} is not a time") from error
    if moment.tzinfo is None:
        raise MalformedError(f"{value!r} has no UTC offset")
    return moment


def _exactly(kind: type) -> Callable[[Any], Any]:
    def reader(value: Any) -> Any:
        if type(value) is not kind:
            raise MalformedError(f"a {kind.__name__} is expected, not {type(value).__name__}")
        return value

    return reader


def _read_number(value: Any) -> float:
    if type(value) not in (int, float):
        raise MalformedError(f"a number is expected, not {type(value).__name__}")
    return float(value)


def _read_agent(value: Any) -> Agent:
    """An agent; the few who act in a case are read over and over."""
    if isinstance(value, dict) and all(type(part) is str for part in value.values()):
        return _known_agent(tuple(value.items()))
    agent: Agent = _build(Agent, value)
    return agent


@lru_cache(maxsize=64)
def _known_agent(written: tuple[tuple[str, str], ...]) -> Agent:
    agent: Agent = _build(Agent, dict(written))
    return agent


_text, _table = _exactly(str), _exactly(dict)
_READERS: dict[Any, Reader] = {
    str: _text,
    int: _exactly(int),
    bool: _exactly(bool),
    float: _read_number,
    datetime: _read_time,
    Facts: lambda value: Facts(_table(value)),
    Digest: lambda value: Digest(_text(value)),
    Sealed: lambda value: Sealed(_text(value)),
    Agent: _read_agent,
}


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value


def _integer(digits: str) -> float:
    """A whole number; from 2^53 on only a double can be meant, which RFC 8785 writes without a point."""
    number = float(digits)
    return int(digits) if abs(number) < 2**53 else number


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


_load = json.JSONDecoder(
    object_pairs_hook=_no_repeats, parse_int=_integer, parse_constant=_no_constant
).decode
