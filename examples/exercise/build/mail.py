"""The letter with its attachment, the saved page and the mailbox, put together from build/sources.

Boundaries and message numbers are fixed, so that a rebuild from the same pictures has the same bytes.
"""

from __future__ import annotations

import base64
import io
import quopri
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from camera_files import COMMENT
from PIL import Image

CASE = Path(__file__).resolve().parent.parent
TEXTS, PICTURES, SOURCES = CASE / "incoming/texts", CASE / "incoming/pictures", CASE / "build/sources"


def build() -> None:
    """Write the three files."""
    (TEXTS / "03-dry-season-letter.eml").write_bytes(_letter())
    (TEXTS / "04-courier-official.mhtml").write_bytes(_saved_page())
    (TEXTS / "10-tipline.mbox").write_bytes(_mailbox())


def _letter() -> bytes:
    message = _message(
        "Ilse Varnholt <letter@dry-season.example>",
        "The Dry Season Letter, No. 212",
        "Thu, 21 Nov 2024 07:30:12 +0100",
        "<212.1@dry-season.example>",
        "03-dry-season-letter.txt",
    )
    message["List-Id"] = "The Dry Season Letter <letter.dry-season.example>"
    picture = (PICTURES / "halsan-front-08.jpg").read_bytes()
    message.add_attachment(picture, maintype="image", subtype="jpeg", filename="halsan gate.jpg")
    message.set_boundary("=_dry-season-212")
    return message.as_bytes()


def _message(sender: str, subject: str, date: str, number: str, source: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, "Desk <tips@desk.example>"
    message["Subject"], message["Date"], message["Message-ID"] = subject, date, number
    text = (SOURCES / source).read_text(encoding="utf-8")
    message.set_content(text, cte="quoted-printable")
    return message


def _smaller(name: str, width: int, quality: int) -> bytes:
    picture = Image.open(PICTURES / name).convert("RGB")
    picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    spool = io.BytesIO()
    picture.save(spool, "JPEG", quality=quality, optimize=True, comment=COMMENT)
    return spool.getvalue()


def _saved_page() -> bytes:
    page = "https://courier.qelmar.example/nadriya/2024/11/20/halsan-pictures"
    image = "https://courier.qelmar.example/img/halsan-depot-gate.jpg"
    html = (SOURCES / "04-courier-official.html").read_bytes()
    boundary = "----MultipartBoundary--halsan20241120----"
    lines = [
        b"From: <Saved by Blink>",
        f"Snapshot-Content-Location: {page}".encode(),
        b"Subject: Defence staff: Halsan pictures are genuine",
        b"Date: Wed, 20 Nov 2024 19:02:44 +0400",
        b"MIME-Version: 1.0",
        f'Content-Type: multipart/related; type="text/html"; boundary="{boundary}"'.encode(),
        b"",
        f"--{boundary}".encode(),
        b"Content-Type: text/html",
        b"Content-ID: <frame-halsan@mhtml.blink>",
        b"Content-Transfer-Encoding: quoted-printable",
        f"Content-Location: {page}".encode(),
        b"",
        quopri.encodestring(html).replace(b"\n", b"\r\n"),
        f"--{boundary}".encode(),
        b"Content-Type: image/jpeg",
        b"Content-Transfer-Encoding: base64",
        f"Content-Location: {image}".encode(),
        b"",
        base64.encodebytes(_smaller("halsan-front-08.jpg", 640, 62)).replace(b"\n", b"\r\n"),
        f"--{boundary}--".encode(),
        b"",
    ]
    return b"\r\n".join(lines)


def _mailbox() -> bytes:
    first = _message(
        "D. <d@post.example>",
        "picture from the camp",
        "Wed, 20 Nov 2024 21:14:03 +0400",
        "<a1@post.example>",
        "10-tipline-1.txt",
    )
    picture = _smaller("halsan-front-09.jpg", 640, 60)
    first.add_attachment(picture, maintype="image", subtype="jpeg", filename="IMG_20241120.jpg")
    first.set_boundary("=_tip-1")
    second = _message(
        "D. <d@post.example>",
        "Re: picture from the camp",
        "Thu, 21 Nov 2024 22:40:51 +0400",
        "<a2@post.example>",
        "10-tipline-2.txt",
    )
    second["In-Reply-To"] = "<a1@post.example>"
    parts = []
    for message, stamp in ((first, "Wed Nov 20 17:14:03 2024"), (second, "Thu Nov 21 18:40:51 2024")):
        parts.append(f"From d@post.example {stamp}\n".encode())
        parts.append(message.as_bytes().replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ") + b"\n")
    return b"".join(parts)


if __name__ == "__main__":
    build()
