"""The written form by hand: what a reader of another program will meet."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from witnessmark.errors import MalformedError
from witnessmark.model import (
    Action,
    Agent,
    AgentKind,
    Claim,
    Copy,
    Digest,
    Event,
    Facts,
    Finding,
    Investigation,
    Item,
    Place,
    Range,
    Rating,
    Span,
    Statement,
    TextSpan,
    Topic,
    person,
)
from witnessmark.model.claims import Appearance, Stance
from witnessmark.model.wire import KINDS, Noun, canonical, decode, digest_of, encode, parse

ONE = Digest.of(b"one")
NOW = datetime(2014, 6, 15, 12, 0, 0, 250000, UTC)


def test_an_item_is_written_in_the_order_of_its_names() -> None:
    written = encode(Item("E00001", Copy(ONE, 3, "text/plain")))
    original = f'{{"digest":"{ONE}","media_type":"text/plain","role":"evidentiary","size":3}}'
    assert written.decode() == f'{{"exhibit":"E00001","kind":"item","original":{original}}}'


def test_the_name_of_a_noun_is_the_sha_256_of_its_bytes() -> None:
    claim = Claim(ONE, Topic.NUMBER, "How many were held in the hall?")
    assert digest_of(claim) == "sha256:" + hashlib.sha256(encode(claim)).hexdigest()


def test_text_is_written_as_it_is_and_not_in_escapes() -> None:
    claim = Claim(ONE, Topic.OTHER, 'ق "é" \\ \x01 \x7f 𝄞 \u2028')
    assert 'ق \\"é\\" \\\\ \\u0001 \x7f 𝄞 \u2028'.encode() in encode(claim)
    assert decode(encode(claim)) == claim


def test_two_spellings_of_one_letter_stay_two() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    assert digest_of(Claim(ONE, Topic.OTHER, composed)) != digest_of(Claim(ONE, Topic.OTHER, decomposed))


def test_keys_of_facts_are_ordered_by_utf_16_as_rfc_8785_asks() -> None:
    """U+1D11E sorts before U+FB33 in UTF-16 (as a surrogate pair), and behind it by code point."""
    finding = Finding(ONE, "ruler 1", "length", Facts({"\ufb33": 1, "\U0001d11e": 2, "z": 3}), "one ruler")
    assert '{"z":3,"\U0001d11e":2,"\ufb33":1}'.encode() in encode(finding)
    assert decode(encode(finding)) == finding


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOW, "2014-06-15T12:00:00.250000Z"),
        (NOW.replace(microsecond=0), "2014-06-15T12:00:00.000000Z"),
        (NOW.replace(tzinfo=timezone(timedelta(0))), "2014-06-15T12:00:00.250000Z"),
        (NOW.astimezone(timezone(timedelta(hours=3))), "2014-06-15T15:00:00.250000+03:00"),
        (NOW.astimezone(timezone(-timedelta(hours=3, minutes=30))), "2014-06-15T08:30:00.250000-03:30"),
    ],
)
def test_a_time_is_written_with_microseconds_and_its_offset(moment: datetime, written: str) -> None:
    event = Event("depot", Span(moment))
    assert f'"start":"{written}"'.encode() in encode(event)
    assert decode(encode(event)) == event


def test_a_time_without_an_offset_is_not_written() -> None:
    bare = datetime(2014, 6, 15)  # noqa: DTZ001 - that it has no zone is the point
    with pytest.raises(MalformedError, match="no UTC offset"):
        encode(Investigation("case", "origin", bare, person("anna")))


def test_what_is_not_said_is_left_out_and_an_empty_text_is_said() -> None:
    written = encode(Investigation("case", "origin", NOW, person("anna")))
    assert b'"focus":""' in written
    assert b"null" not in encode(Event("depot"))
    assert b'"when":{}' in encode(Event("depot", Span()))


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.0, b"0"), (-0.0, b"0"), (1.0, b"1"), (1e17, b"100000000000000000"), (1e21, b"1e+21"), (0.1, b"0.1")],
)
def test_a_double_is_written_as_rfc_8785_asks(number: float, written: bytes) -> None:
    finding = Finding(ONE, "ruler 1", "length", Facts(v=number), "one ruler")
    assert b'"value":{"v":' + written + b"}" in encode(finding)
    assert decode(encode(finding)) == finding


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 2**53, -(2**53), 10**400])
def test_a_number_that_json_cannot_hold_exactly_is_not_written(number: float) -> None:
    with pytest.raises(MalformedError):
        encode(Finding(ONE, "ruler 1", "length", Facts(v=number), "one ruler"))
    with pytest.raises(MalformedError):
        canonical({"v": number})


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_character_is_not_written(text: str) -> None:
    with pytest.raises(MalformedError):
        encode(Claim(ONE, Topic.OTHER, text))
    with pytest.raises(MalformedError):
        encode(Finding(ONE, "ruler 1", "length", Facts({text: 1}), "one ruler"))


RATING = encode(Rating(ONE, 2, person("anna"), NOW)).decode()

REFUSED = {
    "nothing": "",
    "not JSON": "rating",
    "a list": "[]",
    "a number": "5",
    "a noun without a kind": RATING.replace('"kind":"rating",', ""),
    "an unknown kind": RATING.replace('"rating"', '"verdict"'),
    "a kind in capitals": RATING.replace('"rating"', '"Rating"'),
    "a kind that is a list": RATING.replace('"rating"', '["rating"]'),
    "a field too many": RATING.replace('"kind"', '"colour":"red","kind"'),
    "a field too few": RATING.replace('"level":2,', ""),
    "a key that occurs twice": RATING.replace('"level":2', '"level":2,"level":2'),
    "a key that occurs twice inside": RATING.replace('"name":"anna"', '"name":"anna","name":"anna"'),
    "null for what is left out": RATING.replace("}", ',"region":null}', 1),
    "a number as text": RATING.replace('"level":2', '"level":"2"'),
    "a whole number with a point": RATING.replace('"level":2', '"level":2.0'),
    "a number with an exponent": RATING.replace('"level":2', '"level":2e0'),
    "a truth value for a number": RATING.replace('"level":2', '"level":true'),
    "a number of five thousand digits": RATING.replace('"level":2', f'"level":{"9" * 5000}'),
    "NaN": RATING.replace('"level":2', '"level":NaN'),
    "a level that cannot be": RATING.replace('"level":2', '"level":7'),
    "a program that rates": RATING.replace('"person"', '"software"'),
    "an agent of no kind": RATING.replace('"person"', '"ghost"'),
    "a digest with capitals": RATING.replace(ONE.hex, ONE.hex.upper()),
    "a time without a zone": RATING.replace("250000Z", "250000"),
    "a time without microseconds": RATING.replace(".250000Z", "Z"),
    "a time in UTC spelled as an offset": RATING.replace("250000Z", "250000+00:00"),
    "a time that is a number": RATING.replace('"2014-06-15T12:00:00.250000Z"', "1402833600"),
    "an escape where none is needed": RATING.replace("anna", "\\u0061nna"),
    "an escaped slash": RATING.replace("anna", "an\\/na"),
    "a space": RATING.replace(",", ", ", 1),
    "a line feed at the end": RATING + "\n",
    "a byte order mark": "\ufeff" + RATING,
    "something behind the end": RATING + "{}",
    "a thousand brackets": "[" * 1000,
}


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_not_read(written: str) -> None:
    with pytest.raises(MalformedError):
        decode(written.encode())


def test_its_neighbour_is_read() -> None:
    assert decode(RATING.encode()) == Rating(ONE, 2, person("anna"), NOW)


@pytest.mark.parametrize("depth", [10, 300, 900, 100_000])
def test_deep_nesting_is_read_or_refused_and_never_a_crash(depth: int) -> None:
    finding = encode(Finding(ONE, "ruler 1", "length", Facts(v="x"), "one ruler"))
    deep = finding.replace(b'"x"', b"[" * depth + b"]" * depth)
    try:
        assert encode(decode(deep)) == deep
    except MalformedError as error:
        assert depth > 10
        assert "nested" in str(error) or "recursion" in str(error)


def test_invalid_utf_8_is_not_json() -> None:
    with pytest.raises(MalformedError, match="not JSON"):
        parse(b'{"kind":"\xff"}')


def test_a_newer_kind_is_refused_with_the_advice_that_helps() -> None:
    with pytest.raises(MalformedError) as caught:
        decode(b'{"kind":"verdict"}')
    assert "newer Witnessmark" in caught.value.advice


def test_every_kind_is_the_name_of_its_noun_in_small_letters() -> None:
    assert {kind: noun.__name__.lower() for kind, noun in KINDS.items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize(
    "noun",
    [
        Action("t", NOW, 0, Agent("witnessmark 0.1.0", AgentKind.SOFTWARE), "i", "s", "n", used=(ONE,)),
        Event("depot", Span(NOW), Place(34.5, 43.25, 50.0, "the depot")),
        Statement(
            "the front",
            ONE,
            Stance.ASSERTS,
            Appearance(ONE, "1,700", ONE, TextSpan(4, 9)),
            person("anna"),
            NOW,
            Range(best=1700),
        ),
    ],
    ids=lambda noun: type(noun).__name__,
)
def test_a_noun_inside_a_noun_comes_back(noun: Noun) -> None:
    assert decode(encode(noun)) == noun
