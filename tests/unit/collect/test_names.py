import pytest

from witnessmark.collect.names import depth_of, name_of, written


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (b"plain.jpg", "plain.jpg"),
        ("صورة.jpg".encode(), "صورة.jpg"),
        (b"100%.jpg", "100%.jpg"),
        (b"%41", "%2541"),
        (b"\xc7\xe1.txt", "%C7%E1.txt"),
        (b"two\nlines", "two%0Alines"),
        (b"\x1b[31mred", "%1B[31mred"),
        (b"a!/b", "a%21/b"),
        ("\u2028".encode(), "%E2%80%A8"),
    ],
)
def test_a_name_is_written_as_one_line_and_can_be_read_back(name: bytes, source: str) -> None:
    assert written(name) == source
    assert name_of(source) == name


def test_the_depth_of_a_source_counts_the_containers_around_it() -> None:
    assert depth_of("/case/box.zip") == 0
    assert depth_of("/case/box.zip!/inner.tar!/picture.jpg") == 2
    assert depth_of(written(b"/case/box!/picture.jpg")) == 0
