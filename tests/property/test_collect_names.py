"""Laws of written names: one line, encodable, and no two names alike."""

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.collect.names import WITHIN, name_of, written

_NAMES = st.binary(max_size=60) | st.text("%!/aF0\n\udc80é", max_size=12).map(
    lambda text: text.encode("utf-8", "surrogateescape")
)


@given(_NAMES)
def test_the_bytes_of_a_name_come_back(name: bytes) -> None:
    assert name_of(written(name)) == name


@given(_NAMES)
def test_a_written_name_is_one_line_of_valid_text_without_a_border(name: bytes) -> None:
    source = written(name)
    assert len(source.splitlines()) <= 1
    assert WITHIN not in source
    assert source.encode("utf-8").decode("utf-8") == source
