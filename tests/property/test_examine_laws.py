"""Laws of examining: any bytes have a type, and the readers of structures never stumble."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.examine import extent
from witnessmark.examine.metadata import CLAIMS
from witnessmark.examine.polyglot import Formats
from witnessmark.examine.signature import SIGNATURES, media_type_of
from witnessmark.model import Copy, Digest, Facts
from witnessmark.model.wire import canonical

starts = st.sampled_from([bytes(one.offset) + one.magic for one in SIGNATURES]) | st.just(b"")


@given(starts, st.binary(max_size=600) | st.text(max_size=300).map(str.encode))
def test_any_bytes_have_exactly_one_type(start: bytes, rest: bytes) -> None:
    media_type = media_type_of(start + rest)
    assert media_type == media_type_of(start + rest)
    assert media_type.count("/") == 1
    assert media_type.isascii()


@given(st.sampled_from(sorted(extent.ENDS)), starts, st.binary(max_size=800))
def test_a_reader_of_structures_gives_a_place_or_none(media_type: str, start: bytes, rest: bytes) -> None:
    end = extent.ENDS[media_type](start + rest)
    assert end is None or end >= 0


@given(starts, st.binary(min_size=1, max_size=800))
def test_hidden_formats_of_any_bytes_can_be_told(start: bytes, rest: bytes) -> None:
    content = start + rest
    copy = Copy(Digest.of(content), len(content), media_type_of(content))
    (finding,) = Formats().examine(copy, io.BytesIO(content))
    assert finding.value["leading"] in finding.value["formats"]
    assert finding.value["polyglot"] is (len(finding.value["formats"]) > 1)


tags = st.dictionaries(
    st.builds(
        "{}:{}".format,
        st.sampled_from(["IFD0", "ExifIFD", "GPS", "Composite", "XMP-x", "IFD0:Copy1"]),
        st.sampled_from(
            ["DateTimeOriginal", "OffsetTimeOriginal", "GPSLatitude", "GPSLongitude", "Make", "Artist"]
        ),
    ),
    st.text(max_size=30)
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False)
    | st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d"),
)


@given(tags)
def test_claims_of_any_table_can_be_written_down(table: dict[str, Any]) -> None:
    for claim in CLAIMS:
        value = claim.read(table)
        if value and "inf" not in str(value):
            canonical(value)
            assert Facts(value) == Facts(value)
