import io

import pytest

from witnessmark.collect.pages import parts
from witnessmark.errors import MalformedError

SAVED = b"""From: <Saved by Blink>
Snapshot-Content-Location: https://news.example/2014/river
Subject: =?utf-8?Q?The=20river?=
Date: Tue, 17 Jun 2014 08:00:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----MultipartBoundary--x"


------MultipartBoundary--x
Content-Type: text/html
Content-ID: <frame-1@mhtml.blink>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://news.example/2014/river?id=3D4

<html><body>=D8=B5<img src=3D"cid:a"></body></html>
------MultipartBoundary--x
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: https://cdn.example/media/one.png?w=100

iVBORw0KGgo=

------MultipartBoundary--x--
"""


def test_each_part_of_a_saved_page_comes_with_its_address() -> None:
    (page, html), (picture, png) = parts(io.BytesIO(SAVED.replace(b"\n", b"\r\n")), {})
    assert html == '<html><body>ص<img src="cid:a"></body></html>'.encode()
    assert png == b"\x89PNG\r\n\x1a\n"
    assert (page["name"], page["source_url"]) == ("1/river", "https://news.example/2014/river?id=3D4")
    assert (picture["name"], picture["source_url"]) == (
        "2/one.png",
        "https://cdn.example/media/one.png?w=100",
    )
    assert page["page"] == {
        "saved_from": "https://news.example/2014/river",
        "title": "The river",
        "saved_at": "Tue, 17 Jun 2014 08:00:00 -0000",
        "personal": {"saved_by": "<Saved by Blink>"},
    }


def test_a_page_without_parts_is_malformed() -> None:
    with pytest.raises(MalformedError, match="not made of parts"):
        list(parts(io.BytesIO(b"<html></html>"), {}))


def test_a_page_whose_parts_never_begin_is_reported() -> None:
    ((facts, _),) = parts(io.BytesIO(b"Content-Type: multipart/related; boundary=a\n\n<html>"), {})
    assert facts["outcome"] == "failed"
