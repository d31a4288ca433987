"""Laws of all that opens hostile bytes: what it says is plain, and nothing worse than Malformed happens."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from witnessmark.collect import archive, leads, lists, mail, pages
from witnessmark.collect.limits import Yielded
from witnessmark.collect.markup import blocks, trace_of
from witnessmark.collect.mime import leaves
from witnessmark.collect.names import is_written
from witnessmark.collect.readable import readable
from witnessmark.collect.trace import Trace, locate
from witnessmark.errors import MalformedError
from witnessmark.model import Facts
from witnessmark.model.wire import canonical, parse

Task = Callable[[BinaryIO, Mapping[str, object]], Iterator[Yielded]]


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/b.txt", b"text" * 50)
        packed.writestr("صورة.jpg", bytes(range(256)))
    return buffer.getvalue()


def _tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as packed:  # type: ignore[call-overload]
        for name in ("a", "n" * 150, "صورة.jpg"):
            info = tarfile.TarInfo(name)
            info.size = 600
            packed.addfile(info, io.BytesIO(bytes(600)))
    return buffer.getvalue()


def _letter() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "صور"
    message.set_content("text")
    message.add_alternative("<p>text</p>", subtype="html")
    message.add_attachment(bytes(300), maintype="image", subtype="png", filename="صورة.png")
    return message.as_bytes()


def _workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["file", "note"], ["a.jpg", "=1+1"], ["b.jpg", 2.5]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


_PAGE = (
    '<html lang="en"><head><title>A &amp; b</title><meta name="date" content="2014-06-17"></head><body>'
    "<article><h1>A &amp; b</h1><p>Some words &mdash; <b>bold</b> ones.</p><!-- x --><script>y</script>"
    "<p>More words, صور, in a second paragraph.</p></article></body></html>"
).encode()
_POST = json.dumps({"full_text": "صور of <b>it</b>\n😀", "created_at": "Tue"}).encode()
_TABLE = 'file;link;note\na.jpg;https://example.org/1;"x; y"\nb.jpg;;=1\n'.encode("cp1252")
_SAVED = (
    b"From: x\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Location: http://a/b\n\n" + _PAGE
)


def _as(media_type: str) -> Task:
    return lambda untrusted, _: readable(untrusted, {"media_type": media_type})


SAMPLES: dict[str, tuple[Task, bytes]] = {
    "zip": (archive.members, _zip()),
    "tar": (archive.members, _tar("w")),
    "tar.gz": (archive.members, _tar("w:gz")),
    "tar.xz": (archive.members, _tar("w:xz")),
    "message": (mail.parts, _letter()),
    "headers": (mail.headers, _letter()),
    "mailbox": (
        mail.messages,
        b"From a@example.org now\n" + _letter() + b"\n\nFrom b@example.org now\nA: b\n\nx",
    ),
    "saved page": (pages.parts, _SAVED + b"\n--b--\n"),
    "page": (_as("text/html"), _PAGE),
    "post": (_as("application/json"), _POST),
    "plain text": (_as("text/plain"), "A line.\n\nصور\n".encode("utf-16")),
    "leads": (leads.rows, _TABLE),
    "list": (lists.columns, _TABLE),
    "workbook of leads": (leads.rows, _workbook()),
    "workbook": (lists.columns, _workbook()),
}


def run(task: Task, content: bytes) -> list[tuple[Facts, bytes]]:
    """What the task gives, taken as the room would take it: facts that JSON can hold, then the bytes."""
    given = []
    for facts, taken in task(io.BytesIO(content), {}):
        plain = parse(canonical(json.loads(json.dumps(facts, allow_nan=False))))
        assert is_written(str(plain.get("name", "")))
        given.append((Facts(plain), taken if isinstance(taken, bytes) else b"".join(taken)))
    return given


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sound_sample_is_read_the_same_way_twice(name: str) -> None:
    task, sample = SAMPLES[name]
    first = run(task, sample)
    assert first
    assert [facts.get("reason") for facts, _ in first] == [None] * len(first)
    assert run(task, sample) == first


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=st.data())
def test_truncation_is_malformed_and_nothing_worse(name: str, chosen: st.DataObject) -> None:
    task, sample = SAMPLES[name]
    _survives(task, sample[: chosen.draw(st.integers(0, len(sample) - 1))])


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=st.data())
def test_damage_is_malformed_and_nothing_worse(name: str, chosen: st.DataObject) -> None:
    task, sample = SAMPLES[name]
    damaged = bytearray(sample)
    for place, byte in chosen.draw(
        st.lists(st.tuples(st.integers(0, len(sample) - 1), st.integers(0, 255)), min_size=1, max_size=8)
    ):
        damaged[place] = byte
    _survives(task, bytes(damaged))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.binary(max_size=2000))
def test_noise_is_malformed_and_nothing_worse(name: str, noise: bytes) -> None:
    task, sample = SAMPLES[name]
    _survives(task, noise)
    _survives(task, sample[:64] + noise)


def _survives(task: Task, content: bytes) -> None:
    try:
        run(task, content)
    except MalformedError:
        return


_PIECES = (
    *("<p>", "</p>", "<b x='1 > 2'>", "<!-- ", " -->", "<script>", "</script>", "&amp;", "&nbsp;", "&#x635;"),
    *("<body>", "<", ">", "'", '"', "=", "a", "word ", "صور ", "😀", "\n", "&", ";", "<br/>", "\u00ad"),
)
_FRAGMENTS = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@settings(deadline=None)
@given(page=_FRAGMENTS)
def test_what_a_page_shows_is_found_again_where_it_stands(page: str) -> None:
    paragraphs = blocks(page)
    text = "\n".join(paragraphs)
    spans, start = [], 0
    for paragraph in paragraphs:
        spans.append((start, start + len(paragraph)))
        start += len(paragraph) + 1
    runs, missing = locate(text, spans, trace_of(page))
    assert not missing
    for run_ in runs:
        assert 0 <= run_.source_start < run_.source_end <= len(page)


@settings(deadline=None)
@given(source=st.text("ab ", max_size=200), text=st.text("abc ", max_size=80))
def test_a_stretch_is_either_the_same_in_both_or_said_to_be_missing(source: str, text: str) -> None:
    trace = Trace()
    trace.literal(source, 0, len(source))
    runs, missing = locate(text, [(0, len(text))], trace)
    covered = set()
    for run_ in runs:
        found = source[run_.source_start : run_.source_end]
        assert found.replace(" ", "") == text[run_.text_start : run_.text_end].replace(" ", "")
        covered |= set(range(run_.text_start, run_.text_end))
    for start, end in missing:
        covered |= set(range(start, end))
    assert all(place in covered for place, letter in enumerate(text) if letter != " ")


_NESTED = b"Content-Type: multipart/mixed; boundary=b"
_BORDERS = st.lists(
    st.sampled_from([b"--a", b"--b", b"--a--", b"--b--", b"text", b"", _NESTED, b"A: b"]), max_size=30
).map(b"\n".join)


@given(body=_BORDERS)
def test_the_leaves_of_a_message_never_overlap_and_stand_in_order(body: bytes) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=a\n\n" + body
    reached = 0
    for leaf in leaves(io.BytesIO(raw)):
        assert reached <= leaf.start <= leaf.end <= len(raw)
        reached = leaf.end


@given(
    messages=st.lists(
        st.binary(max_size=60).map(lambda raw: raw.replace(b"From ", b"")), min_size=1, max_size=5
    )
)
def test_a_mailbox_gives_back_the_messages_that_it_was_made_of(messages: list[bytes]) -> None:
    bodies = [b"A: b\n\n" + message + b"\n\n" for message in messages]
    box = b"".join(b"From x@example.org now\n" + body for body in bodies)
    assert [content for _, content in run(mail.messages, box)] == bodies


@given(
    entries=st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0/\\:"), min_size=1, max_size=20),
        st.binary(max_size=50),
        max_size=6,
    )
)
def test_an_archive_gives_every_member_or_its_reason(entries: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    given = run(archive.members, buffer.getvalue())
    assert len(given) == len(entries)
    for (facts, content), original in zip(given, entries.values(), strict=True):
        assert facts["outcome"] == "declined" or content == original
