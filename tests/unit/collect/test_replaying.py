"""Replays: what was captured is laid into the page, what acts or asks is taken out, and damage is told."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Mapping

import pytest
from lxml import html  # type: ignore[import-untyped]
from tests.servers.captures import SITE, WORDS, gate, mhtml, page, wacz, warc

from witnessmark.collect.replaying import replayed
from witnessmark.errors import MalformedError

KINDS = {
    "text/html": page().encode(),
    "multipart/related": mhtml(),
    "application/warc": gzip.decompress(warc()),
    "application/wacz": wacz(),
}
ACTING = (
    *("script", "iframe", "object", "embed", "base", "link", "form"),
    *("svg", "math", "video", "audio", "template"),
)


def replay(kind: str, content: bytes, *, covered: bool = False) -> tuple[Mapping[str, object], str]:
    """What is told of a replay, and the page that is shown."""
    ((told, made),) = replayed(io.BytesIO(content), {"media_type": kind, "covered": covered})
    assert isinstance(made, bytes)
    return told, made.decode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("covered", [True, False])
def test_a_replay_holds_the_words_and_nothing_that_acts_or_asks(kind: str, covered: bool) -> None:
    _, made = replay(kind, KINDS[kind], covered=covered)
    tree = html.document_fromstring(made)
    assert WORDS in tree.text_content()
    for one in tree.iter():
        assert one.tag not in ACTING, one.tag
        for name, value in one.items():
            assert not name.startswith("on")
            assert name not in ("href", "action", "srcset", "background", "poster", "ping", "srcdoc"), name
            assert name != "src" or value.startswith("data:image/png;")
    rules = "".join(tree.xpath("//style/text() | //@style"))
    assert not re.search(r"url\((?!\"data:)|@import|image-set", rules)


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "text/html"])
def test_a_captured_picture_is_shown_only_where_it_is_asked_for(kind: str) -> None:
    told, made = replay(kind, KINDS[kind])
    assert told["pictures"] == 1
    assert "data:image/png;base64," in made
    _, covered = replay(kind, KINDS[kind], covered=True)
    assert "data:image" not in covered


def test_what_is_missing_and_what_was_taken_out_is_told() -> None:
    told, _ = replay("application/warc", KINDS["application/warc"])
    assert told["address"] == SITE
    assert told["captured_at"] == "2024-11-19T10:00:00Z"
    assert "http://outside.example/1.png" in told["missing"]  # type: ignore[operator]
    assert f"{SITE}gate.png" not in told["missing"]  # type: ignore[operator]
    assert told["taken_out"]["scripts"] > 1  # type: ignore[index]


def test_a_web_archive_that_breaks_off_is_replayed_as_far_as_it_goes() -> None:
    whole = KINDS["application/warc"]
    told, made = replay("application/warc", whole[: whole.index(gate()) + 5])
    assert WORDS in made
    assert told["pictures"] == 0
    told, _ = replay("application/warc", whole + b"no record\r\n")
    assert told["taken_out"]["what follows a broken record"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/warc", b""),
        ("application/warc", b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\n"),
        ("application/warc", b"WARC/1.1\r\nContent-Length: much\r\n\r\n"),
        ("application/wacz", b"PK\x03\x04 no archive"),
        ("multipart/related", b"Content-Type: multipart/related; boundary=x\r\n\r\n--x--\r\n"),
        ("text/html", b""),
    ],
)
def test_a_capture_without_a_page_is_malformed(kind: str, content: bytes) -> None:
    with pytest.raises(MalformedError):
        replay(kind, content)


def test_a_picture_that_is_called_a_type_is_covered_as_well() -> None:
    """Browsers draw what looks like a picture, whatever a page calls it."""
    laid = "data:font/woff;base64,iVBORw0KGgo="
    content = f"<p style='background:url({laid})'>words</p><style>p{{src:url({laid})}}</style>".encode()
    assert laid in replay("text/html", content)[1]
    assert "data:" not in replay("text/html", content, covered=True)[1]
