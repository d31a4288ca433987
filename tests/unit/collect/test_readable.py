import io
import json
import re
from typing import Any

import pytest

from witnessmark.collect.readable import readable
from witnessmark.errors import MalformedError

FILLER = " The witness spoke for a long time about the river, the trucks and the men who came back."
PAGE = (
    """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>The river &amp; the town | Example Post</title>
<meta name="author" content="Jo Writer"><meta property="og:site_name" content="Example Post">
<meta property="article:published_time" content="2014-06-17T10:00:00+03:00">
<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2014-06-18"}</script>
<style>p { color: red }</style></head>
<body><nav><a href="/">The river &amp; the town</a> <a href="/x">More</a></nav>
<article><h1>The river &amp; the town</h1>
<p>First&nbsp;paragraph with <b>bold</b> and&shy;soft text &mdash; caf\u00e9.FILLER</p><!-- <p>unseen</p> -->
<p>Second paragraph, which <script>var x = "not text";</script>goes on after a script.FILLER</p>
<ul><li>one item of a list</li><li>another item<br>after a break</li></ul>
<p title="a > b">Third paragraph: 1 &lt; 2 &#38; 3 &#x3e; 2, \u0635\u0648\u0631 \U0001f600.FILLER</p>
</article>
<footer>Imprint</footer></body></html>"""
).replace("FILLER", FILLER)


def read(content: bytes, media_type: str = "text/html", **parameters: str) -> tuple[dict[str, Any], str]:
    ((facts, text),) = readable(io.BytesIO(content), {"media_type": media_type, **parameters})
    assert isinstance(text, bytes)
    return dict(facts), text.decode()


def stripped(fragment: str) -> str:
    """The letters of a piece of a page, by another reader than ours: scripts, tags, entities, spaces gone."""
    from lxml.html import fromstring  # type: ignore[import-untyped]

    tree = fromstring(f"<div>{fragment}</div>")
    for element in tree.xpath("//script|//style|//comment()"):
        element.drop_tree()
    return bare(tree.text_content())


def bare(text: str) -> str:
    return re.sub(r"[\s\u00ad\ufffd]+", "", text)


def check_segments(content: bytes, facts: dict[str, Any], text: str) -> None:
    """Each located segment is in the bytes what it is in the text, and nothing is left out unsaid."""
    charset = facts["charset"]["name"]
    covered = bytearray(len(text))
    for text_start, text_end, byte_start, byte_end in facts["segments"]:
        fragment = content[byte_start:byte_end].decode(charset)
        assert stripped(fragment) == bare(text[text_start:text_end])
        covered[text_start:text_end] = b"x" * (text_end - text_start)
    for start, end in facts["unlocated"]:
        covered[start:end] = b"x" * (end - start)
    assert not bare("".join(letter for letter, seen in zip(text, covered, strict=True) if not seen))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1256", "gb18030"])
def test_every_paragraph_of_a_page_is_found_in_its_bytes(encoding: str) -> None:
    label = {"utf-8-sig": "utf-8", "cp1256": "windows-1256"}.get(encoding, encoding)
    content = PAGE.replace('"utf-8"', f'"{label}"').encode(encoding, "xmlcharrefreplace")
    facts, text = read(content)
    assert facts["unlocated"] == ()
    assert len(facts["segments"]) == facts["paragraphs"] == 7
    check_segments(content, facts, text)
    assert "caf\u00e9." in text
    assert "not text" not in text
    assert "unseen" not in text


def test_a_headline_is_placed_at_the_article_and_not_in_the_menu() -> None:
    facts, text = read(PAGE.encode())
    start = facts["segments"][0][2]
    assert text.startswith("The river & the town")
    assert PAGE.encode()[:start].endswith(b"<h1>")


def test_the_masthead_is_read_with_where_it_stands() -> None:
    facts, _ = read(PAGE.encode())
    assert (facts["title"], facts["byline"], facts["outlet"]) == (
        "The river & the town",
        "Jo Writer",
        "Example Post",
    )
    assert facts["published"] == {"given": "2014-06-17T10:00:00+03:00", "from": "meta article:published_time"}
    assert facts["dates"][1] == {"given": "2014-06-18", "from": "JSON-LD datePublished"}
    assert facts["language"] == {"code": "en", "from": "the page's lang attribute"}
    assert facts["charset"]["sureness"] == "declared"


def test_a_language_that_the_letters_contradict_is_doubted() -> None:
    arabic = "قال شاهد عيان إن الرجال اقتيدوا إلى ضفة النهر ولم يعودوا بعد ذلك اليوم إلى بيوتهم. " * 3
    page = f'<html lang="en"><body><article><p>{arabic}</p><p>{arabic}</p></article></body></html>'
    assert read(page.encode())[0]["language"]["but_script"] == "Arab"
    assert read(page.replace(' lang="en"', "").encode())[0]["language"]["code"] == "und-Arab"


def test_an_arabic_page_in_an_old_encoding_is_read() -> None:
    words = "قال شاهد عيان إن الرجال اقتيدوا إلى ضفة النهر ولم يعودوا بعد ذلك اليوم إلى بيوتهم. " * 3
    page = f"<html><body><article><h1>النهر</h1><p>{words}</p></article></body></html>"
    content = page.encode("cp1256")
    facts, text = read(content)
    assert facts["charset"]["name"] == "windows-1256"
    assert " ".join(words.split()) in text
    check_segments(content, facts, text)


def test_a_page_without_main_text_gives_all_its_visible_text() -> None:
    page = '<html><meta property="og:description" content="A post"><body><div>Log in</div><p>or sign up'
    facts, text = read(page.encode())
    assert text.split() == ["Log", "in", "or", "sign", "up"]
    assert facts["unlocated"] == ()
    assert facts["summary"] == "A post"


def test_a_post_saved_as_a_page_gives_its_words() -> None:
    page = (
        '<html lang="en"><head><meta property="og:title" content="Jo on Example"></head><body><div id="app">'
        '<div data-testid="tweetText" dir="auto"><span>Trucks seen at the river this morning, many of them'
        ' full. </span><span>More soon.</span></div><time datetime="2014-06-17T05:00:00Z">17 June</time>'
        "</div></body></html>"
    )
    facts, text = read(page.encode())
    assert "Trucks seen at the river this morning" in text
    assert facts["published"] == {"given": "2014-06-17T05:00:00Z", "from": "time element"}
    check_segments(page.encode(), facts, text)


def test_a_second_body_tag_hides_nothing() -> None:
    content = PAGE.replace("<ul>", "<body><ul>").encode()
    facts, text = read(content)
    assert facts["unlocated"] == ()
    check_segments(content, facts, text)


def test_embedded_pictures_are_passed_over() -> None:
    page = PAGE.replace("<footer>", f'<img src="data:image/png;base64,{"A" * 3_000_000}"><footer>').encode()
    facts, text = read(page)
    assert facts["paragraphs"] == 7
    check_segments(page, facts, text)


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_post_saved_as_json_gives_its_words_and_their_places(ascii_only: bool) -> None:
    post = {
        "created_at": "Tue Jun 17 05:00:00 +0000 2014",
        "user": {"screen_name": "desk", "name": "The desk"},
        "full_text": 'صور من "النهر" 😀\nsecond line \\ end',
        "text": "<p>Hello &amp; <b>good</b> bye</p>",
        "id": 1,
        "media": [{"url": "https://cdn.example/text.jpg"}],
    }
    content = json.dumps(post, ensure_ascii=ascii_only).encode()
    facts, text = read(content, "application/json")
    assert text == 'صور من "النهر" 😀\n\nsecond line \\ end\n\nHello & good bye'
    assert (facts["byline"], facts["published"]) == (
        "desk",
        {"given": "Tue Jun 17 05:00:00 +0000 2014", "from": "the field created_at"},
    )
    assert facts["unlocated"] == ()
    for number, (start, end, byte_start, byte_end) in enumerate(facts["segments"][:2]):
        assert json.loads(b'"' + content[byte_start:byte_end] + b'"') == text[start:end], number


def test_lines_of_json_and_lists_of_strings_are_read() -> None:
    content = (
        b'{"text": ["one ", {"type": "link", "text": "two"}]}\n{"message": "three", "date": 1402981200}\n'
    )
    facts, text = read(content, "application/x-ndjson")
    assert text == "one\n\ntwo\n\nthree"
    assert facts["published"] == {"given": "1402981200", "from": "the field date"}


@pytest.mark.parametrize("content", [b"{", b'{"text": }', b"[" * 100_000, b"text", b"\xff\xfe"])
def test_what_is_no_json_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        read(content, "application/json")


def test_half_a_surrogate_in_json_is_replaced() -> None:
    assert read(b'{"text": "a\\ud800b\\u0000c"}', "application/json")[1] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256", "cp1252"])
def test_plain_text_is_read_whole(encoding: str) -> None:
    words = "A caf\u00e9 at the river.\r\nIt was closed.\n\n\n  Second paragraph. \n"
    content = words.encode(encoding)
    facts, text = read(content, "text/plain", charset=encoding)
    assert text == "A caf\u00e9 at the river.\r\nIt was closed.\n\nSecond paragraph."
    for start, end, byte_start, byte_end in facts["segments"]:
        assert content[byte_start:byte_end].decode(facts["charset"]["name"]) == text[start:end]
    assert facts["unlocated"] == ()


def test_bytes_that_are_not_text_in_the_encoding_are_replaced_and_keep_their_places() -> None:
    content = b"good \xff bad\n\nafter"
    facts, text = read(content, "text/plain", charset="utf-8")
    start, end, byte_start, byte_end = facts["segments"][-1]
    assert (text[start:end], content[byte_start:byte_end]) == ("after", b"after")


def test_a_stateful_encoding_gives_text_and_no_places() -> None:
    content = "川の町\n\n二つ目".encode("iso2022_jp")
    facts, text = read(content, "text/plain", charset="iso-2022-jp")
    assert text == "川の町\n\n二つ目"
    assert facts["segments"] == ()
    assert len(facts["unlocated"]) == 2


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
@pytest.mark.parametrize("content", [b"", b" \n ", b"\xef\xbb\xbf", b"<", b"<html>", b"<!--", b"\0" * 100])
def test_almost_nothing_is_an_empty_text_and_no_error(content: bytes, media_type: str) -> None:
    facts, text = read(content, media_type)
    assert facts["characters"] == len(text)
    assert facts["unlocated"] == ()


def test_more_than_the_cap_is_not_read() -> None:
    with pytest.raises(MalformedError, match="more than 32 MiB"):
        read(b"x" * ((32 << 20) + 1), "text/plain")


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 50_000 + b"deep",
        b"<a title=" + b"'" * 100_000,
        b"<a " * 200_000,
        b'<a b="' * 100_000,
        b"&" * 300_000,
        b"&#" * 200_000,
        b"<script>" * 50_000,
        b"<!--" * 100_000,
        b"<p>x" * 20_000,
        b"<" * 300_000 + b">",
    ],
)
def test_hostile_pages_take_no_more_than_seconds(page: bytes) -> None:
    facts, text = read(page)
    assert facts["characters"] == len(text)


def test_nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for page in (b"", b"<html>", b"<p>short", PAGE.encode()):
        read(page)
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_the_same_page_gives_the_same_answer() -> None:
    assert read(PAGE.encode()) == read(PAGE.encode())
