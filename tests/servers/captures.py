"""Captures that want out: a page that asks for something in every way we know, in four kinds of file."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from pathlib import Path

from PIL import Image
from tests.servers.desks import ADA, HOSTILE, OUTSIDE, RAN

from witnessmark.cli import run

SITE = "http://paper.example/news/"
WORDS = "The gate was closed at noon."


def page() -> str:
    """A page of our own that runs and asks wherever it can, around words and a picture to be seen."""
    asks = (
        f"<base href={SITE}>",
        f"<link rel=dns-prefetch href=//{OUTSIDE}><link rel=preconnect href=//{OUTSIDE}>",
        f"<link rel=prefetch href=//{OUTSIDE}/p><link rel=icon href=//{OUTSIDE}/f.ico>",
        f"<link rel=stylesheet href=//{OUTSIDE}/a.css><link rel=stylesheet href=sheet.css>",
        f"<meta http-equiv=refresh content='0;url=http://{OUTSIDE}/'>",
        f"<style>@import '//{OUTSIDE}/b.css';@font-face{{font-family:x;src:url(//{OUTSIDE}/f.woff)}}</style>",
        f"<style>body{{background:image-set('//{OUTSIDE}/c.png' 1x);font-family:x}}</style>",
    )
    acts = (
        f"<img src=//{OUTSIDE}/1.png srcset='//{OUTSIDE}/2.png 2x' alt='not captured'>",
        f"<video src=//{OUTSIDE}/v poster=//{OUTSIDE}/p.png autoplay></video>",
        f"<audio src=//{OUTSIDE}/s autoplay></audio>",
        f"<form action=//{OUTSIDE}/><input type=image src=//{OUTSIDE}/b.png><button>send</button></form>",
        f"<a href=//{OUTSIDE}/ ping=//{OUTSIDE}/ping>a link</a><a href='javascript:{RAN}'>another</a>",
        f"<svg><image href=//{OUTSIDE}/i.png /><foreignObject><img src=//{OUTSIDE}/j></foreignObject></svg>",
        f"<table background=//{OUTSIDE}/t.png><tr><td style='background:url(//{OUTSIDE}/d.png)'>cell</table>",
        f"<script>fetch('//{OUTSIDE}/x');new WebSocket('ws://{OUTSIDE}/');{RAN}</script>",
    )
    body = "".join((*acts, *HOSTILE))
    head = f"<head><title>Closed gate</title>{''.join(asks)}</head>"
    seen = f"<h1 class=seen>Closed gate</h1><p>{WORDS}</p><img src=gate.png width=120 alt='a gate'>"
    return f"<!doctype html><html lang=en>{head}<body onload={RAN}>{seen}{body}"


def gate() -> bytes:
    """A small picture that is red all over."""
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 20, 20)).save(stream, "PNG")
    return stream.getvalue()


def warc() -> bytes:
    """What a crawler would have written of the page, with one picture and one sheet that it names."""
    return b"".join(
        gzip.compress(one)
        for one in (
            _record(SITE, "text/html", gzip.compress(page().encode()), "Content-Encoding: gzip\r\n"),
            _record(f"{SITE}gate.png", "image/png", _chunked(gate()), "Transfer-Encoding: chunked\r\n"),
            _record(f"{SITE}sheet.css", "text/css", b".seen { color: rgb(1, 2, 3) } </style><script>1"),
        )
    )


def wacz() -> bytes:
    """The same web archive with a list of its pages."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("datapackage.json", "{}")
        made.writestr("archive/data.warc.gz", warc())
        made.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n' + json.dumps({"url": SITE}))
    return stream.getvalue()


def mhtml() -> bytes:
    """The page and its picture as a browser saves them in one file."""
    picture = base64.b64encode(gate()).decode()
    head = f"From: <Saved>\r\nSnapshot-Content-Location: {SITE}\r\nDate: Tue, 19 Nov 2024 10:00:00 -0000\r\n"
    kind = 'Content-Type: multipart/related; type="text/html"; boundary="edge"\r\n\r\n'
    coded = "Content-Transfer-Encoding: base64\r\n"
    parts = (
        f"Content-Type: text/html\r\nContent-Location: {SITE}\r\n\r\n{page()}",
        f"Content-Type: image/png\r\n{coded}Content-Location: {SITE}gate.png\r\n\r\n{picture}",
    )
    body = "".join(f"--edge\r\n{one}\r\n" for one in parts)
    return f"{head}MIME-Version: 1.0\r\n{kind}{body}--edge--\r\n".encode()


def report(lines: tuple[str, ...] = ("The gate was closed.", "The gate was opened.")) -> bytes:
    """A PDF with a page for each line."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(lines)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(lines)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for place, line in enumerate(lines):
        drawn = f"BT /F1 18 Tf 30 100 Td ({line}) Tj ET"
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        contents = f"/Contents {5 + 2 * place} 0 R"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] {contents} {fonts} >>",
            f"<< /Length {len(drawn)} >> stream\n{drawn}\nendstream",
        ]
    content, table = b"%PDF-1.4\n", b""
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(content)
        content += f"{number} 0 obj {body} endobj\n".encode()
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF"
    return content + f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table + trailer.encode()


def _record(address: str, kind: str, body: bytes, more: str = "") -> bytes:
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\n"
        f"WARC-Date: 2024-11-19T10:00:00Z\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def captures_case(folder: Path) -> Path:
    """A case with the page in each kind of capture: a WACZ, a WARC, a file of HTML; and a PDF."""
    case, material = folder / "case", folder / "material"
    keys = ("--keys", str(folder / "keys"), "--as", ADA)
    run(["new", str(case), "--name", "A gate", "--focus", "When was it closed?", *keys])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    material.mkdir()
    (material / "a.wacz").write_bytes(wacz())
    (material / "b.warc").write_bytes(gzip.decompress(warc()))
    picture = base64.b64encode(gate()).decode()
    (material / "c.html").write_text(page().replace("src=gate.png", f"src=data:image/png;base64,{picture}"))
    (material / "d.pdf").write_bytes(report())
    run(["take", str(material), "--case", str(case)])
    return case
