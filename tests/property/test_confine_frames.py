"""Laws of the frames: what is sent is read back, and words come out harmless."""

from __future__ import annotations

import json
import os
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.confine import Limits, frames
from witnessmark.errors import MalformedError, UsageError

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), plain), st.lists(st.binary(max_size=3000), max_size=5))
def test_a_part_is_read_back_as_it_was_sent(facts: dict[str, object], pieces: list[bytes]) -> None:
    reader, writer = os.pipe()

    def send() -> None:
        frames.send_part(writer, facts, iter(pieces))
        os.close(writer)

    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(reader, "rb") as stream:
        raw = stream.read()
    sender.join()
    length = int.from_bytes(raw[1:5], "big")
    assert raw[:1] == frames.FACTS
    assert frames.read_facts(raw[5 : 5 + length]) == json.loads(json.dumps(facts))
    rest, content = raw[5 + length :], b""
    while rest:
        assert rest[:1] == frames.BYTES
        length = int.from_bytes(rest[1:5], "big")
        content, rest = content + rest[5 : 5 + length], rest[5 + length :]
    assert content == b"".join(pieces)


@given(st.binary(max_size=200))
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    try:
        assert isinstance(frames.read_facts(noise), dict)
    except MalformedError as error:
        assert str(error).startswith("the room gave no readable answer")


@given(st.text(st.characters()))
def test_words_become_one_short_line_that_steers_nothing(words: str) -> None:
    line = frames.harmless(words)
    assert len(line) <= 300
    assert line.isprintable() or not {unicodedata.category(sign) for sign in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert not any("\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" for sign in line)
    assert frames.harmless(line) == line


@given(st.dictionaries(st.sampled_from(["memory_bytes", "cpu_s", "wall_s", "x"]), plain, max_size=3))
def test_limits_are_whole_numbers_above_nothing_or_refused(wishes: dict[str, object]) -> None:
    try:
        limits = Limits().changed_by(wishes)
    except UsageError:
        return
    assert limits.memory_bytes > 0
    assert limits.cpu_s > 0
    assert "x" not in wishes


def test_limits_that_are_no_table_are_refused() -> None:
    with pytest.raises(UsageError, match="as a table"):
        Limits().changed_by(["cpu_s"])
