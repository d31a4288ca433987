"""Replaying: a captured page made into one file that asks for nothing, from what was captured with it alone.

It reads pages, pages saved with their parts (MHTML) and web archives (WARC, WACZ). Scripts, frames, forms
and links are taken out; pictures, type and style sheets are laid into the page if they were captured. What is
missing and what was taken out is told, so that nobody takes the replay for the page itself.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import urldefrag, urljoin

from witnessmark.collect.charset import decoded, detect
from witnessmark.collect.limits import Yielded
from witnessmark.collect.mime import leaves, read_headers
from witnessmark.errors import MalformedError

WARM = ("lxml.html",)
TASK = f"{__name__}:replayed"
MEDIA_TYPES = (
    *("text/html", "application/xhtml+xml", "multipart/related"),
    *("application/warc", "application/wacz"),
)
LARGEST_PAGE, LARGEST_PART, LARGEST_ALL, LARGEST_MADE = 16 << 20, 12 << 20, 192 << 20, 48 << 20
_MOST_RECORDS, _MOST_MISSING, _LONGEST_ADDRESS = 20_000, 60, 400
_LINE = 1 << 16
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp")
_TYPE = ("font/", "application/font", "application/x-font", "application/vnd.ms-fontobject")
_TAKEN_OUT = {
    "script": "scripts",
    "iframe": "frames",
    "frame": "frames",
    "frameset": "frames",
    "object": "embedded programs",
    "embed": "embedded programs",
    "applet": "embedded programs",
    "portal": "frames",
    "video": "recordings",
    "audio": "recordings",
    "svg": "drawings",
    "math": "formulas",
    "canvas": "drawings by script",
    "template": "templates",
}
_SILENT = ("base", "meta", "link", "style", "source", "track", "param", "title", "head")
_UNWRAPPED = ("form", "noscript", "picture", "marquee")
_KEPT = frozenset(
    """
    align alt bgcolor border cellpadding cellspacing class color cols colspan datetime dir face
    headers height hidden id lang open reversed role rows rowspan scope size span start style title
    type valign width
    """.split()  # noqa: SIM905 - a list of words is read more easily so
)
_KEPT_TAGS = frozenset(
    """
    a abbr acronym address article aside b bdi bdo big blockquote body br button caption center cite
    code col colgroup data dd del details dfn dialog dir div dl dt em fieldset figcaption figure
    font footer h1 h2 h3 h4 h5 h6 header hgroup hr html i img input ins kbd label legend li main
    mark menu nav ol optgroup option output p pre progress q rp rt ruby s samp search section select
    small span strike strong sub summary sup table tbody td textarea tfoot th thead time tr tt u ul
    var wbr
    """.split()  # noqa: SIM905 - a list of words is read more easily so
)
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)""", re.IGNORECASE)
_IMPORT = re.compile(r"@import[^;]*;?", re.IGNORECASE)
_ASKING = re.compile(r"(?<![\w-])(?:-webkit-)?(?:image-set|cross-fade|image|src)\s*\(", re.IGNORECASE)
"""What in rules takes addresses without `url`; no rule holds in which it was replaced."""
_CONTROLS = ("input", "button", "select", "textarea")


@dataclass(frozen=True, slots=True)
class _Captured:
    """One thing that was captured: of what type it says it is, and its bytes."""

    media_type: str
    content: bytes
    charset: str | None = None
    at: str | None = None


@dataclass(slots=True)
class _Capture:
    """A page, where it was, and what was captured with it by its address."""

    parts: dict[str, _Captured] = field(default_factory=dict)
    address: str = ""
    unread: Counter[str] = field(default_factory=Counter)
    weight: int = 0

    def add(self, address: str, part: _Captured) -> None:
        """Keep the first that was captured of an address, if there is room."""
        self.weight += len(part.content)
        if self.weight > LARGEST_ALL or len(self.parts) >= _MOST_RECORDS:
            self.unread["parts beyond what is replayed"] += 1
            return
        self.parts.setdefault(urldefrag(address)[0], part)

    @property
    def page(self) -> _Captured:
        """The page itself; MalformedError if none was captured."""
        found = self.parts.get(urldefrag(self.address)[0])
        if found is None:
            raise MalformedError("no page that could be replayed was captured in it")
        return found


def replayed(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:
    """One part: the page as one file, and what is told of it. `covered` leaves every picture out.

    MalformedError if there is no page in the capture.
    """
    capture = _READERS[str(parameters["media_type"])](untrusted)
    made = _Made(capture, is_covered=bool(parameters.get("covered", True)))
    content = made.html()
    told = {
        "address": capture.address[:_LONGEST_ADDRESS] or None,
        "captured_at": capture.page.at,
        "pictures": made.pictures,
        "missing": made.missing[:_MOST_MISSING],
        "missing_count": len(made.missing),
        "taken_out": dict(made.taken_out + capture.unread),
    }
    yield {name: value for name, value in told.items() if value is not None}, content


# --- what was captured


def _of_page(untrusted: BinaryIO) -> _Capture:
    content = untrusted.read(LARGEST_PAGE + 1)
    if len(content) > LARGEST_PAGE:
        raise MalformedError(f"a page of more than {LARGEST_PAGE >> 20} MiB is not replayed")
    return _Capture({"": _Captured("text/html", content)})


def _of_saved_page(untrusted: BinaryIO) -> _Capture:
    fields, _ = read_headers(untrusted, 0)
    saved_from = fields.one("Snapshot-Content-Location") or ""
    capture = _Capture(address=saved_from)
    for count, leaf in enumerate(leaves(untrusted)):
        if count >= _MOST_RECORDS:
            break
        address = leaf.headers.one("Content-Location") or ""
        content, _ = leaf.content(untrusted)
        told = leaf.headers
        charset = told.parameter("charset")
        part = _Captured(told.media_type, content[:LARGEST_PART], charset, fields.one("Date"))
        if not capture.address and told.media_type in ("text/html", "application/xhtml+xml"):
            capture.address = address or "page:"
            address = capture.address
        capture.add(address, part)
        named = (told.one("Content-ID") or "").strip("<> ")
        if named:
            capture.add(f"cid:{named}", part)
    return capture


def _of_warc(untrusted: BinaryIO) -> _Capture:
    capture = _Capture()
    _read_warc(untrusted, capture)
    return capture


def _of_wacz(untrusted: BinaryIO) -> _Capture:
    capture = _Capture()
    try:
        with zipfile.ZipFile(untrusted) as archive:
            names = [one for one in archive.infolist() if one.filename.startswith("archive/")]
            for entry in sorted(names, key=lambda one: one.filename)[:64]:
                with archive.open(entry) as stream:
                    head = stream.read(2)
                with archive.open(entry) as stream:
                    _read_warc(gzip.GzipFile(fileobj=stream) if head == b"\x1f\x8b" else stream, capture)
            named = _first_page(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
        raise MalformedError(f"the archive cannot be opened: {error}") from error
    if named and urldefrag(named)[0] in capture.parts:
        capture.address = named
    return capture


def _first_page(archive: zipfile.ZipFile) -> str:
    """The address of the first page that the archive lists; nothing if it lists none."""
    try:
        with archive.open("pages/pages.jsonl") as stream:
            for line in stream.read(1 << 20).split(b"\n"):
                told = json.loads(line) if line.strip() else {}
                if isinstance(told, dict) and isinstance(told.get("url"), str):
                    return str(told["url"])
    except (KeyError, ValueError, RecursionError):
        pass
    return ""


def _read_warc(stream: Any, capture: _Capture) -> None:
    """Take in the responses of a web archive, until it ends or cannot be read any further."""
    reader = io.BufferedReader(stream) if not isinstance(stream, io.BufferedIOBase) else stream
    for _ in range(_MOST_RECORDS):
        try:
            head = _fields(reader)
            if head is None:
                return
            length = int(head.get("content-length", "0"))
            if length < 0:
                return
            content = _content(reader, min(length, LARGEST_PART))
            _skip(reader, length - len(content))
        except (ValueError, OSError, EOFError, zlib.error):
            capture.unread["what follows a broken record"] += 1
            return
        is_whole, kind = length <= LARGEST_PART, head.get("warc-type", "")
        address = head.get("warc-target-uri", "").strip("<>")
        if kind in ("response", "resource") and address:
            if is_whole:
                _enter(capture, address, head, content)
            else:
                capture.unread["parts that are too large"] += 1


def _fields(reader: Any) -> dict[str, str] | None:
    """The fields of the next record by their names in small letters; None at the end."""
    line = reader.readline(_LINE)
    while line in (b"\r\n", b"\n"):
        line = reader.readline(_LINE)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        raise ValueError("no record begins here")
    told: dict[str, str] = {}
    while (line := reader.readline(_LINE)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        told[name.strip().lower()] = value.strip()
    return told


def _content(reader: Any, length: int) -> bytes:
    """So many bytes; EOFError if there are fewer."""
    content: bytes = reader.read(length)
    if len(content) < length:
        raise EOFError
    return content


def _skip(reader: Any, length: int) -> None:
    while length > 0:
        passed = len(reader.read(min(length, 1 << 20)))
        if not passed:
            return
        length -= passed


def _enter(capture: _Capture, address: str, head: Mapping[str, str], content: bytes) -> None:
    media_type, charset, is_good = head.get("content-type", ""), None, True
    if head.get("warc-type") == "response":
        first, _, rest = content.partition(b"\r\n")
        fields, gap, body = (b"\r\n" + rest).partition(b"\r\n\r\n")
        told = {
            name.strip().lower(): value.strip()
            for name, _, value in (one.partition(":") for one in fields.decode("latin-1").split("\r\n"))
        }
        is_good = bool(gap) and first.split(b" ")[1:2] in ([b"200"], [b"203"])
        media_type = told.get("content-type", "")
        try:
            content = _uncoded(body, told)
        except (ValueError, OSError, EOFError, zlib.error):
            capture.unread["parts in a coding that is not read"] += 1
            return
    if not is_good:
        return
    found = re.search(r"charset\s*=\s*[\"']?([\w:.-]{2,40})", media_type, re.IGNORECASE)
    charset = found[1] if found else None
    kind = media_type.split(";")[0].strip().lower()
    capture.add(address, _Captured(kind, content, charset, head.get("warc-date")))
    if not capture.address and kind in ("text/html", "application/xhtml+xml"):
        capture.address = address


def _uncoded(body: bytes, told: Mapping[str, str]) -> bytes:
    """What a server sent, without the codings that it was sent in; ValueError if one is not read here."""
    is_chunked = "chunked" in told.get("transfer-encoding", "").lower()
    if is_chunked and re.match(rb"[0-9A-Fa-f]+[^\n]{0,200}\n", body):
        body = b"".join(_chunks(body))
    coding = told.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(coding)
    unpacking = zlib.decompressobj(47 if coding != "deflate" else 15)
    try:
        content = unpacking.decompress(body, LARGEST_PART)
    except zlib.error:
        content = zlib.decompressobj(-15).decompress(body, LARGEST_PART)
    if unpacking.unconsumed_tail:
        raise ValueError("it unpacks to too much")
    return content


def _chunks(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        end = body.find(b"\n", at)
        size = int(body[at:end].split(b";")[0].strip() or b"0", 16) if end >= 0 else 0
        if not size:
            return
        yield body[end + 1 : end + 1 + size]
        at = end + 1 + size + 2


_READERS = {
    "text/html": _of_page,
    "application/xhtml+xml": _of_page,
    "multipart/related": _of_saved_page,
    "application/warc": _of_warc,
    "application/wacz": _of_wacz,
}


# --- the page, made anew


@dataclass(slots=True)
class _Made:
    """A page in the making."""

    capture: _Capture
    is_covered: bool
    taken_out: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    pictures: int = 0
    weight: int = 0

    def html(self) -> bytes:
        """The page as one file that asks for nothing."""
        from lxml import etree  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy
        from lxml import html as markup  # noqa: PLC0415 - heavy

        page = self.capture.page
        source = decoded(page.content, detect(page.content, page.charset).name)
        try:
            parser = markup.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
            tree = markup.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        except (etree.LxmlError, ValueError) as error:
            raise MalformedError(f"the page cannot be read: {error}") from error
        base = self._base(tree)
        sheets = [self._sheet(one, base) for one in tree.iter("style", "link")]
        title = " ".join("".join(tree.xpath("//title//text()")).split())[:300]
        body = tree.find("body")
        if body is None:
            raise MalformedError("the page has no body")
        self._clean(body, base)
        head = etree.Element("head")
        etree.SubElement(head, "meta", charset="utf-8")
        etree.SubElement(head, "title").text = title
        etree.SubElement(head, "style").text = _harmless("\n".join(filter(None, sheets)))
        root = etree.Element("html", **{name: tree.get(name) for name in ("lang", "dir") if tree.get(name)})
        root.append(head)
        root.append(body)
        written: bytes = markup.tostring(root, encoding="utf-8", doctype="<!doctype html>")
        if len(written) > LARGEST_MADE:
            raise MalformedError("the page would be too large to be replayed")
        return written

    def _base(self, tree: Any) -> str:
        found = tree.xpath("//base/@href")
        try:
            return urljoin(self.capture.address, str(found[0])) if found else self.capture.address
        except ValueError:
            return self.capture.address

    def _sheet(self, one: Any, base: str) -> str:
        """The rules of a style sheet, in the page or captured with it."""
        if one.tag == "style":
            return self._rules(one.text or "", base)
        if "stylesheet" not in (one.get("rel") or "").lower() or not one.get("href"):
            return ""
        address, part = self._found(one.get("href"), base)
        if part is None:
            return ""
        return self._rules(decoded(part.content, detect(part.content, part.charset).name), address)

    def _rules(self, rules: str, base: str) -> str:
        """Rules in which addresses stand only for what was captured."""

        def laid_in(found: re.Match[str]) -> str:
            wanted = next((one for one in found.groups() if one), "")
            is_plain = wanted.startswith(("data:", "#")) or not wanted
            if wanted.lower().startswith(tuple(f"data:{one}" for one in (*_PICTURES, *_TYPE))):
                return (
                    "none" if self.is_covered else found[0]
                )  # browsers draw a picture that is called a type
            part = None if is_plain else self._found(wanted, base)[1]
            laid = None if part is None else self._laid(part)
            return f'url("{laid}")' if laid else "none"

        self.taken_out["imported style sheets"] += len(_IMPORT.findall(rules))
        return _URL.sub(laid_in, _ASKING.sub("none(", _IMPORT.sub("", rules)))

    def _clean(self, body: Any, base: str) -> None:
        """Leave of a page what a reader sees, without anything that acts or asks."""
        for one in list(body.iter()):
            tag = one.tag if isinstance(one.tag, str) else ""
            if one is body:
                self._dress(one, base)
            elif tag in _TAKEN_OUT:
                self.taken_out[_TAKEN_OUT[tag]] += 1
                one.drop_tree() if one.getparent() is not None else None
            elif not tag or tag in _SILENT:
                one.drop_tree() if one.getparent() is not None else None
            elif tag in _UNWRAPPED or tag not in _KEPT_TAGS:
                self.taken_out["forms"] += tag == "form"
                one.drop_tag() if one.getparent() is not None else None
            else:
                self._dress(one, base)

    def _dress(self, one: Any, base: str) -> None:
        """Leave an element its looks alone."""
        told = dict(one.attrib)
        for name in told:
            if not (name in _KEPT or name.startswith("aria-")):
                del one.attrib[name]
        if told.get("style"):
            one.set("style", self._rules(told["style"], base))
        if one.tag == "img":
            self._picture(one, told, base)
        elif one.tag == "a" and told.get("href"):
            self.taken_out["links"] += 1
        elif one.tag in _CONTROLS:
            _still(one, told)

    def _picture(self, one: Any, told: Mapping[str, str], base: str) -> None:
        choices = (told.get("srcset") or told.get("data-srcset") or "").split(",")
        others = (each.split()[0] for each in choices if each.split())
        wishes = [told.get("src"), told.get("data-src"), *others]
        for wish in filter(None, wishes):
            if wish.lower().startswith(tuple(f"data:{kind}" for kind in _PICTURES)):
                laid: str | None = wish
            else:
                is_first, is_laid = wish == told.get("src"), wish.startswith("data:")
                part = None if is_laid else self._found(wish, base, tells=is_first)[1]
                laid = None if part is None else self._laid(part, even_covered=True)
            if laid:
                self.pictures += 1
                if not self.is_covered:
                    one.set("src", laid)
                return

    def _found(self, wanted: str, base: str, *, tells: bool = True) -> tuple[str, _Captured | None]:
        """What was captured under an address that a page names; what was not is told."""
        try:
            address = urldefrag(urljoin(base, wanted.strip()))[0]
        except ValueError:
            return "", None
        part = self.capture.parts.get(address)
        if part is None and tells and address[:_LONGEST_ADDRESS] not in self.missing:
            self.missing.append(address[:_LONGEST_ADDRESS])
        return address, part

    def _laid(self, part: _Captured, *, even_covered: bool = False) -> str | None:
        """A captured thing as an address that holds it; None for what is not laid into the page."""
        is_picture = part.media_type in _PICTURES
        if not is_picture and not part.media_type.startswith(_TYPE):
            self.taken_out["drawings"] += part.media_type == "image/svg+xml"
            return None
        self.weight += len(part.content)
        if (self.is_covered and not even_covered) or self.weight > LARGEST_MADE // 2:
            return None
        return f"data:{part.media_type};base64,{base64.b64encode(part.content).decode('ascii')}"


def _still(one: Any, told: Mapping[str, str]) -> None:
    """Leave a control as it looks, without a use."""
    one.set("disabled", "")
    if told.get("value") and told.get("type", "").lower() != "password":
        one.set("value", told["value"])
    if told.get("type", "").lower() == "image":
        one.set("type", "button")


def _harmless(rules: str) -> str:
    """Rules that cannot end their element."""
    return re.sub(r"<(?=[/!])", r"\\3c ", rules)
