import base64
import io
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from witnessmark.collect.mail import headers, messages, parts
from witnessmark.errors import MalformedError

Read = dict[str, tuple[dict[str, object], bytes]]


def read(raw: bytes) -> Read:
    found: Read = {}
    for facts, content in parts(io.BytesIO(raw), {}):
        assert str(facts["name"]) not in found
        found[str(facts["name"])] = dict(facts), content if isinstance(content, bytes) else b"".join(content)
    return found


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Nadia Example <nadia@example.org>"
    message["To"] = "desk@example.org"
    message["Subject"] = "صور من النهر"
    message["Date"] = "Tue, 17 Jun 2014 10:11:12 +0300"
    message["Message-ID"] = "<1@example.org>"
    message["Received"] = "from a.example by b.example; Tue, 17 Jun 2014 10:11:13 +0300"
    message.set_content("The pictures are attached.\n")
    message.add_alternative("<p>The pictures are <b>attached</b>.</p>", subtype="html")
    message.add_attachment(bytes(range(256)) * 50, maintype="image", subtype="jpeg", filename="صورة.jpg")
    return message


def test_texts_and_attachments_come_with_their_decoded_bytes() -> None:
    found = read(letter().as_bytes())
    assert list(found) == ["1.1", "1.2", "2/صورة.jpg"]
    assert found["1.1"][1] == b"The pictures are attached.\n"
    assert b"<b>attached</b>" in found["1.2"][1]
    assert found["2/صورة.jpg"][1] == bytes(range(256)) * 50
    facts = found["2/صورة.jpg"][0]
    assert (facts["declared_type"], facts["disposition"]) == ("image/jpeg", "attachment")


def test_the_place_of_a_part_in_the_sealed_bytes_is_kept() -> None:
    raw = letter().as_bytes()
    for facts, content in read(raw).values():
        start, end = facts["bytes_at"]  # type: ignore[misc]
        encoded = raw[start:end]  # type: ignore[has-type]
        if facts["transfer_encoding"] == "base64":
            assert base64.b64decode(encoded) == content
        else:
            assert encoded.strip() == content.strip()


def test_header_fields_are_facts_and_those_that_name_people_are_apart() -> None:
    ((facts, content),) = headers(io.BytesIO(letter().as_bytes()), {})
    assert content == b""
    assert facts == {
        "date": "Tue, 17 Jun 2014 10:11:12 +0300",
        "personal": {
            "message_id": ("<1@example.org>",),
            "from": ("Nadia Example <nadia@example.org>",),
            "to": ("desk@example.org",),
            "subject": ("صور من النهر",),
            "received": ("from a.example by b.example; Tue, 17 Jun 2014 10:11:13 +0300",),
        },
    }


def test_a_plain_message_has_one_part_to_the_last_byte() -> None:
    found = read(b"From: a@example.org\r\n\r\nline\r\n\r\n--no border\r\nlast")
    assert found["1"][1] == b"line\r\n\r\n--no border\r\nlast"


def test_a_part_without_the_closing_border_is_marked() -> None:
    raw = letter().as_bytes()
    cut = raw[: raw.rindex(b"/", 0, len(raw) - 200)]
    facts = list(read(cut).values())[-1][0]
    assert "damaged" in facts


def test_an_attached_message_comes_as_it_stands() -> None:
    inner = letter()
    outer = EmailMessage()
    outer["From"] = "x@example.org"
    outer.set_content("see below")
    outer.add_attachment(inner)
    found = read(outer.as_bytes())
    facts, content = list(found.values())[-1]
    assert facts["declared_type"] == "message/rfc822"
    assert list(read(content)) == list(read(inner.as_bytes()))


@pytest.mark.parametrize(
    ("encoding", "body", "content", "damaged"),
    [
        ("base64", b"YWJj", b"abc", False),
        ("BASE64", b"Y W\r\nJ j\r\n", b"abc", False),
        ("base64", b"YWJjZA==", b"abcd", False),
        ("base64", b"YWJjZA", b"abcd", True),
        ("base64", b"YWJjZ", b"abc", True),
        ("base64", b"YQ==YQ==", b"a", True),
        ("base64", b"!!!", b"", False),
        ("quoted-printable", b"=D8=B5=\r\n!", "ص!".encode(), False),
        ("quoted-printable", b"=ZZ", b"=ZZ", False),
        ("x-uuencode", b"begin 644 a\n#86)C\n`\nend\n", b"abc", False),
        ("x-uuencode", b"begin 644 a\n#86)C\n", b"abc", True),
        ("x-unheard-of", b"abc", b"abc", True),
        ("8bit", b"\xff\x00", b"\xff\x00", False),
    ],
)
def test_transfer_encodings_are_undone_and_damage_is_said(
    encoding: str, body: bytes, content: bytes, damaged: bool
) -> None:
    raw = b"From: a@example.org\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body
    facts, taken = read(raw)["1"]
    assert taken == content
    assert ("damaged" in facts) is damaged


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b'Content-Disposition: attachment; filename="../../etc/passwd"', "1/..%2F..%2Fetc%2Fpasswd"),
        (b'Content-Disposition: attachment; filename="a\tb"', "1/a b"),
        (b"Content-Disposition: attachment; filename*=utf-8''%D8%B5.jpg", "1/ص.jpg"),
        (b"Content-Disposition: attachment; filename*=rot13''%D8%B5.jpg", "1/ص.jpg"),
        (b"Content-Disposition: attachment; filename*0=a; filename*1=b", "1/ab"),
        ("Content-Disposition: attachment; filename=ص.jpg".encode(), "1/ص.jpg"),
        (b"Content-Disposition: attachment; filename=\xff.jpg", "1/ÿ.jpg"),
        (b'Content-Type: image/png; name="=?windows-1256?B?x+E=?="', "1/ال"),
        (b'Content-Type: image/png; name="=?utf-8?B?broken"', "1/=?utf-8?B?broken"),
        (b"Content-Type: image/png", "1"),
    ],
)
def test_declared_names_are_written_so_that_they_can_do_no_harm(field: bytes, name: str) -> None:
    assert list(read(b"From: a@example.org\n" + field + b"\n\nx")) == [name]


def test_borders_inside_borders_are_told_apart() -> None:
    raw = (
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\npreamble\n"
        b"--a\nContent-Type: multipart/alternative; boundary=aa\n\n"
        b"--aa\n\none\n--aa\n\ntwo\n--aa--\nepilogue\n"
        b"--a\n\nthree\n--a--\nepilogue\n--a\n"
    )
    assert {name: content for name, (_, content) in read(raw).items()} == {
        "1.1": b"one",
        "1.2": b"two",
        "2": b"three",
    }


def test_an_inner_multipart_that_is_never_closed_ends_with_the_outer_part() -> None:
    raw = (
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\n"
        b"--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n"
    )
    assert [content for _, content in read(raw).values()] == [b"one", b"two"]


def test_parts_that_are_announced_and_never_begin_are_reported() -> None:
    found = read(b"From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\ntext")
    assert found[""][0]["reason"] == "it announces parts and none begins"


def test_a_thousand_nested_multiparts_are_refused_and_do_not_crash() -> None:
    raw = b"From: a@example.org\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(1000)
    )
    with pytest.raises(MalformedError, match="nested more than 50 deep"):
        read(raw)


def test_a_thousand_parts_are_the_most() -> None:
    raw = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 1_050
    found = read(raw)
    assert len(found) == 1_001
    assert "beyond the first 1,000" in str(found[""][0]["reason"])


def test_the_envelope_that_every_part_repeats_is_kept_short() -> None:
    raw = (
        b"From: a@example.org\n"
        + b"Received: " * 1
        + b"x" * 5000
        + b"\n"
        + b"Received: hop\n" * 20_000
        + b"\ntext"
    )
    facts, _ = read(raw)["1"]
    assert len(str(facts["message"])) < 40_000
    ((whole, _),) = headers(io.BytesIO(raw), {})
    assert whole["personal"]["from"] == ("a@example.org",)  # type: ignore[index]
    assert len(str(whole)) < 1 << 20


def test_endless_fields_are_refused() -> None:
    with pytest.raises(MalformedError, match="more than 1 MiB"):
        read(b"From: " + b"a" * (2 << 20))


@pytest.mark.parametrize("raw", [b"", b"\n\nno fields", bytes(1000), b"\xff" * 100])
def test_what_has_no_fields_is_no_message(raw: bytes) -> None:
    with pytest.raises(MalformedError, match="no header fields"):
        read(raw)


def _mailbox(tmp_path: Path) -> tuple[bytes, list[bytes]]:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        message = letter()
        message.replace_header("Message-ID", f"<{number}@example.org>")
        box.add(message)
    box.add(b"From: b@example.org\n\nFrom the river\n\n>From here\n")
    box.flush()
    box.close()
    raw = (tmp_path / "box").read_bytes()
    return raw, [content for _, content in box_members(raw)]


def box_members(raw: bytes) -> list[tuple[dict[str, object], bytes]]:
    return [
        (dict(facts), content if isinstance(content, bytes) else b"".join(content))
        for facts, content in messages(io.BytesIO(raw), {})
    ]


def test_the_messages_of_a_mailbox_are_its_bytes_between_the_separators(tmp_path: Path) -> None:
    raw, contents = _mailbox(tmp_path)
    assert len(contents) == 4
    for facts, content in box_members(raw):
        start, end = facts["bytes_at"]  # type: ignore[misc]
        assert raw[start:end] == content  # type: ignore[has-type]
    separators = [line for line in raw.splitlines(keepends=True) if line.startswith(b"From ")]
    assert sum(map(len, contents)) + sum(map(len, separators)) == len(raw)
    assert list(read(contents[0])) == ["1.1", "1.2", "2/صورة.jpg"]


def test_a_line_that_only_begins_with_from_separates_nothing() -> None:
    raw = b"From a@example.org now\nA: b\n\ntext\nFrom the river\n\nFrom b@example.org now\nC: d\n\nx"
    assert [content for _, content in box_members(raw)] == [b"A: b\n\ntext\nFrom the river\n\n", b"C: d\n\nx"]


@pytest.mark.parametrize("raw", [b"", b"no mailbox", b"\nFrom a@example.org"])
def test_what_begins_otherwise_is_no_mailbox(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        box_members(raw)


def test_a_mailbox_of_one_separator_holds_one_empty_message() -> None:
    assert [content for _, content in box_members(b"From a@example.org\n")] == [b""]
