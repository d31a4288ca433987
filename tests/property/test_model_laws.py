"""The written form, held to RFC 8785 by another's library, for every noun that can be born."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_type_hints

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from witnessmark.errors import MalformedError
from witnessmark.model import (
    Acquisition,
    Action,
    Affiliation,
    Agent,
    AgentKind,
    Appearance,
    Assessment,
    Bearing,
    Claim,
    Copy,
    Correspondence,
    Decision,
    Digest,
    Erasure,
    Event,
    Facts,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Identification,
    Investigation,
    Item,
    Match,
    Moment,
    Observation,
    Outcome,
    PersonRecord,
    Place,
    Purpose,
    Qualifier,
    Range,
    Rating,
    Region,
    Rereading,
    Role,
    Sealed,
    Shape,
    Span,
    Statement,
    TextSpan,
    Tie,
    Verdict,
)
from witnessmark.model.claims import OF_PAIRS
from witnessmark.model.comments import Assignment, Comment
from witnessmark.model.counting import Counting, Manner
from witnessmark.model.editions import LAST, MADE, Chapter, Edited, Edition, OwnParagraph, OwnSentence
from witnessmark.model.estimates import Estimate, Listed
from witnessmark.model.wire import KINDS, Noun, decode, digest_of, encode

LARGEST_INTEGER = 2**53 - 1

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = TEXTS.filter(str.strip)
INTEGERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
COUNTS = st.integers(0, LARGEST_INTEGER)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
DIGESTS = st.binary(max_size=8).map(Digest.of)
COMMITMENTS = st.binary(min_size=32, max_size=32).map(lambda key: Sealed(f"hmac-sha256:{key.hex()}"))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES | st.just(UTC))  # noqa: DTZ001
PLAIN = st.none() | st.booleans() | INTEGERS | DOUBLES | TEXTS
FACTS = st.dictionaries(
    TEXTS,
    st.recursive(
        PLAIN, lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXTS, one, max_size=4), max_leaves=8
    ),
    max_size=5,
).map(Facts)
NAMES = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1).filter(str.strip)
PEOPLE = st.builds(Agent, NAMES, st.just(AgentKind.PERSON))
POINTS = st.tuples(DOUBLES, DOUBLES)


def some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None, or one of these."""
    return st.none() | one


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Any number of these, none too."""
    return st.lists(one, max_size=3).map(tuple)


def a_range(numbers: list[int], given: tuple[bool, bool, bool], qualifier: Qualifier) -> Range:
    """A range of which only some parts are given."""
    low, best, high = (
        number if is_given else None for number, is_given in zip(sorted(numbers), given, strict=True)
    )
    return Range(low, best, high, qualifier if any(given) else Qualifier.VAGUE)


def a_box(left: int, top: int, width: int, height: int) -> Region:
    """A box on the pixel grid or off it."""
    return Region(Shape.BOX, ((left / 4, top / 4), ((left + width) / 4, (top + height) / 4)))


RANGES = st.builds(
    a_range,
    st.lists(COUNTS, min_size=3, max_size=3),
    st.tuples(*[st.booleans()] * 3),
    st.sampled_from(Qualifier),
)
SPANS = st.tuples(some(TIMES), some(TIMES)).map(
    lambda ends: Span(*sorted(ends) if None not in ends else ends)
)
PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e7), some(TEXTS))
STRETCHES = st.tuples(st.integers(0, LARGEST_INTEGER - 999), st.integers(1, 999)).map(
    lambda pair: TextSpan(pair[0], pair[0] + pair[1])
)
MOMENTS = st.tuples(st.integers(0, LARGEST_INTEGER - 999), st.integers(1, 999)).map(
    lambda pair: Moment(pair[0], pair[0] + pair[1])
)
PIXELS = st.integers(0, 2**16)
REGIONS = (
    st.builds(a_box, PIXELS, PIXELS, st.integers(1, 2**16), st.integers(1, 2**16))
    | st.builds(Region, st.just(Shape.POINT), POINTS.map(lambda point: (point,)))
    | st.builds(Region, st.just(Shape.POLYGON), st.lists(POINTS, min_size=3, max_size=6).map(tuple))
)
COPIES = st.builds(Copy, DIGESTS, COUNTS, TEXTS, parameters=FACTS) | st.builds(
    Copy, DIGESTS, COUNTS, TEXTS, st.just(Role.WORKING), DIGESTS, TEXTS, FACTS
)
DONE = st.tuples(st.just(Outcome.DONE), st.none())
NOT_DONE = st.tuples(st.sampled_from([Outcome.DECLINED, Outcome.FAILED]), TEXTS)

FIELDS: Mapping[Any, st.SearchStrategy[Any]] = {
    Agent: st.builds(Agent, NAMES, st.sampled_from(AgentKind)),
    Appearance: st.builds(Appearance, DIGESTS, TEXTS, DIGESTS, STRETCHES, some(STRETCHES)),
    Copy: COPIES,
    Digest: DIGESTS,
    Facts: FACTS,
    Moment: MOMENTS,
    Place: PLACES,
    Range: RANGES,
    Region: REGIONS,
    Sealed: COMMITMENTS,
    Span: SPANS,
    datetime: TIMES,
    int: INTEGERS,
    str: TEXTS,
    tuple[Edited, ...]: st.nothing(),
    tuple[Digest, ...]: several(DIGESTS),
    tuple[Sealed, ...]: several(COMMITMENTS),
    tuple[float, ...]: several(DOUBLES),
    tuple[Correspondence, ...]: several(st.builds(Correspondence, POINTS, POINTS)),
    tuple[Listed, ...]: several(st.builds(Listed, TEXTS, INTEGERS)).filter(len),
    tuple[str, ...]: several(TEXTS),
}
OWN = st.lists(
    st.lists(st.builds(OwnSentence, WORDS, several(DIGESTS), PEOPLE, TIMES), min_size=1, max_size=2)
    .map(tuple)
    .map(OwnParagraph),
    max_size=2,
).map(tuple)


def an_edited(order: list[Chapter], paragraphs: list[tuple[OwnParagraph, ...]]) -> tuple[Edited, ...]:
    """The sections of a brief, those between its warning and its end in this order."""
    words = {one: tuple(given) for one, given in zip(order, paragraphs, strict=False)}
    own = tuple(Edited(Chapter.OWN, given, "What is open") for given in paragraphs[:1] if given)
    made = (Chapter.WARNING, *(one for one in order if one is not Chapter.WARNING and one not in LAST))
    return (*(Edited(one, words.get(one, ())) for one in made), *own, *(Edited(one) for one in LAST))


EDITED = st.builds(an_edited, st.permutations(MADE), st.lists(OWN, max_size=3))
SPECIAL: Mapping[type, Mapping[str, st.SearchStrategy[Any]]] = {
    Affiliation: {"author": PEOPLE, "source": WORDS, "reason": WORDS},
    Bearing: {"author": PEOPLE, "reason": WORDS},
    Filing: {"author": PEOPLE, "reason": WORDS},
    Rereading: {"reader": PEOPLE, "reasons": WORDS},
    Tie: {"author": PEOPLE, "reason": WORDS},
    Assessment: {"author": PEOPLE, "reasons": WORDS, "rests_on": several(DIGESTS).filter(len)},
    Assignment: {"author": PEOPLE, "task": WORDS, "to": st.none() | PEOPLE},
    Comment: {
        "author": PEOPLE,
        "text": WORDS,
        "mentions": st.lists(WORDS, max_size=3, unique=True).map(tuple),
    },
    Counting: {
        "author": PEOPLE,
        "reason": WORDS,
        "manner": st.sampled_from([Manner.APART, Manner.MOVED, Manner.MAY_BE_ONE]),
        "other": DIGESTS,
    },
    Decision: {"author": PEOPLE, "reason": WORDS, "verdict": st.sampled_from(OF_PAIRS)},
    Edition: {"author": PEOPLE, "reason": WORDS, "sections": EDITED},
    Erasure: {"reason": WORDS},
    Estimate: {
        "author": PEOPLE,
        "of": WORDS,
        "rests_on": several(DIGESTS).filter(len),
        "amount": st.none(),
        "reasons": several(TEXTS).filter(len),
        "method": st.just(""),
        "assumes": st.just(""),
    },
    Finding: {"limits": WORDS},
    Grade: {
        "author": PEOPLE,
        "reliability": st.sampled_from("ABCDEF"),
        "credibility": st.integers(1, 6),
        "reason": WORDS,
    },
    Hypothesis: {"author": PEOPLE},
    Identification: {
        "author": PEOPLE,
        "reason": WORDS,
        "verdict": st.sampled_from([Verdict.SAME, Verdict.DIFFERENT, Verdict.REJECT]),
    },
    PersonRecord: {"row": st.integers(1, LARGEST_INTEGER)},
    Observation: {
        "author": PEOPLE,
        "purpose": st.sampled_from([one for one in Purpose if one not in {Purpose.MASK, Purpose.COUNT}]),
    },
    Rating: {"author": PEOPLE, "level": st.integers(0, 4)},
    Statement: {"speaker": WORDS},
}


UNLIKE: Mapping[type, tuple[tuple[str, str], ...]] = {
    Affiliation: (("source", "body"),),
    Bearing: (("on", "evidence"),),
    Counting: (("about", "other"),),
    Decision: (("about", "other"),),
    Identification: (("one", "other"),),
    Match: (("query", "candidate"),),
    Rereading: (("reader", "assessor"),),
    Tie: (("statement", "source"),),
}
"""Fields that may not be alike."""


def _folded(value: Any) -> str:
    return (value.name if isinstance(value, Agent) else str(value)).casefold()


@st.composite
def nouns(draw: st.DrawFn) -> Noun:
    """Any noun, with any content that it may be born with."""
    kind: Any = draw(st.sampled_from(list(KINDS.values())))
    if kind is Copy:
        return draw(COPIES)
    values = dict(draw(st.fixed_dictionaries(_strategies(kind))))
    if kind is Action:
        values["outcome"], values["error"] = draw(DONE | NOT_DONE)
    for one, other in UNLIKE.get(kind, ()):
        assume(_folded(values[one]) != _folded(values[other]))
    if kind is Affiliation:
        values["body"] = f"the body {values['body']}"
    noun: Noun = kind(**values)
    return noun


@cache
def _strategies(kind: Any) -> dict[str, st.SearchStrategy[Any]]:
    special, found = SPECIAL.get(kind, {}), {}
    for name, hint in get_type_hints(kind).items():
        members = [one for one in get_args(hint) if one is not type(None)] if hint not in FIELDS else [hint]
        is_optional = type(None) in get_args(hint)
        (wanted,) = members or [hint]
        one = (
            st.sampled_from(wanted)
            if isinstance(wanted, type) and issubclass(wanted, StrEnum)
            else FIELDS[wanted]
        )
        found[name] = special.get(name, some(one) if is_optional else one)
    return found


def plain(value: Any) -> Any:
    """What a noun says in JSON, put together without any of the code under test."""
    if isinstance(value, datetime):
        text = value.strftime("%Y").zfill(4) + value.strftime("-%m-%dT%H:%M:%S.%f")
        offset = value.utcoffset() or timedelta(0)
        minutes = round(offset.total_seconds()) // 60
        if not minutes:
            return text + "Z"
        return f"{text}{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if is_dataclass(value):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(part) for name, part in said.items() if part is not None and part not in ((), {})}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


@given(nouns())
@settings(max_examples=300)
def test_every_noun_is_written_as_the_rfc_8785_library_writes_it(noun: Noun) -> None:
    assert encode(noun) == rfc8785.dumps({"kind": type(noun).__name__.lower(), **plain(noun)})


@given(nouns())
@settings(max_examples=300)
def test_what_was_written_is_read_as_the_same_noun(noun: Noun) -> None:
    again = decode(encode(noun))
    assert again == noun
    assert type(again) is type(noun)
    assert digest_of(again) == digest_of(noun)
    assert hash(again) == hash(noun)


@given(nouns(), st.data())
def test_the_same_json_in_any_other_spelling_is_refused(noun: Noun, data: st.DataObject) -> None:
    written = encode(noun)
    value = json.loads(written)
    other = data.draw(
        st.sampled_from(
            [
                json.dumps(value).encode(),
                json.dumps(value, indent=1, sort_keys=True).encode(),
                json.dumps(dict(reversed(value.items())), separators=(",", ":"), ensure_ascii=False).encode(),
                written + b"\n",
                b" " + written,
                written.replace(b'"kind"', b'"\\u006bind"'),
                b"\xef\xbb\xbf" + written,
            ]
        )
    )
    assume(other != written)
    with pytest.raises(MalformedError):
        decode(other)


@given(nouns(), st.binary(min_size=1, max_size=4), st.data())
def test_an_edit_is_another_noun_or_none(noun: Noun, edit: bytes, data: st.DataObject) -> None:
    written = encode(noun)
    place = data.draw(st.integers(0, len(written)))
    altered = written[:place] + edit + written[place + len(edit) :]
    assume(altered != written)
    try:
        other = decode(altered)
    except MalformedError:
        return
    assert encode(other) == altered
    assert digest_of(other) != digest_of(noun)


@given(st.binary(max_size=200))
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(noise)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4),
)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_fields_of_the_wrong_type_are_malformed_and_nothing_worse(kind: str, data: st.DataObject) -> None:
    names = [field.name for field in fields(KINDS[kind])]
    value = {name: data.draw(JSON, label=name) for name in names}
    with pytest.raises(MalformedError):
        decode(json.dumps({"kind": kind, **value}).encode("utf-8", "surrogatepass"))


@given(DOUBLES)
def test_every_double_comes_back(number: float) -> None:
    finding = Finding(Digest.of(b""), "ruler 1", "length", Facts(value=number), "one ruler, held by hand")
    again = decode(encode(finding))
    assert isinstance(again, Finding)
    assert again.value["value"] == number


@given(st.integers(min_value=2**53) | st.integers(max_value=-(2**53)))
def test_an_integer_that_a_double_may_not_hold_is_refused(number: int) -> None:
    with pytest.raises(MalformedError):
        encode(Finding(Digest.of(b""), "ruler 1", "length", Facts(value=number), "one ruler"))


def test_every_noun_has_its_turn() -> None:
    assert {Acquisition, Action, Claim, Event, Investigation, Item} <= set(KINDS.values())
    turns: list[Any] = list(KINDS.values())
    assert all(map(_strategies, turns))
