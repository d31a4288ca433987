"""Which kind of text is this? Markup, mail, tables, JSON, or plain writing.

Text has no signature. Its kind is read off its first lines: a page starts with a tag of a page, mail
with header lines, a table repeats its separators. What says nothing of the kind is plain text, and what
holds control characters is no text at all.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

_LOOK = 4096
"""How many bytes decide."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL_BYTES = bytes({*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def media_type_of_text(head: bytes) -> str | None:
    """The media type of a text by its first bytes; None if these are no text."""
    text = read(head[:_LOOK])
    if text is None:
        return None
    return next((media_type for looks_like, media_type in _KINDS if looks_like(text)), "text/plain")


def read(head: bytes) -> str | None:
    """The beginning of a text in the encoding that it shows; None if these bytes are no text."""
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    text = head.decode(encoding, "ignore") if encoding is not None else _unmarked(head)
    controls = len(_CONTROLS.findall(text))
    return None if controls * 200 > len(text) or not text else text


def _unmarked(head: bytes) -> str:
    if _is_noise(head[:256]):
        return ""  # most bytes in the world are no text, and this tells it fastest
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start >= len(head) - 3 and fault.reason == "unexpected end of data":
            return head[: fault.start].decode("utf-8")
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) >= 8 and zeros.count(0) * 10 > len(zeros) * 6:
            return head.decode(encoding, "ignore")
    if _controls(head) * 200 > len(head):
        return ""
    return head.decode("cp1252", "replace").replace("\ufffd", "\x00")


def _is_noise(start: bytes) -> bool:
    """Whether there are more control characters than any text has, and no more zeros than in other bytes."""
    return _controls(start) * 16 > len(start) > start.count(0) * 16


def _controls(head: bytes) -> int:
    return len(head) - len(head.translate(None, _CONTROL_BYTES))


_BEFORE_MARKUP = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title|meta|script|iframe)\b", re.IGNORECASE)
_PARTS_OF_PAGES = frozenset(
    {"a", "article", "aside", "b", "blockquote", "br", "center", "cite", "code", "div", "dl", "em", "figure"}
    | {"font", "footer", "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img"}
    | {"input", "li", "link", "main", "marquee", "nav", "noscript", "object", "ol", "p", "pre", "section"}
    | {"select", "small", "span", "strong", "style", "table", "tbody", "td", "tr", "u", "ul", "video"}
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,99})((?:\s[^<>]{0,2000})?)(/?)>")
_HEADER = re.compile(r"[!-9;-~]{2,60}:[ \t]?.*")
_MAIL_WORDS = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "mime-version"}
    | {"content-type", "delivered-to", "reply-to"}
)


def _is_page(text: str) -> bool:
    """A tag that only pages have, or a part of a page and some sign that more of it follows."""
    at = _after_preamble(text)
    if _PAGE.match(text, at):
        return True
    first = _ELEMENT.match(text, at)
    if first is None or first[1].lower() not in _PARTS_OF_PAGES:
        return False
    return bool(first[2].strip()) or text.count("<", at) > 1


def _is_drawing(text: str) -> bool:
    at = _after_preamble(text)
    at = _BEFORE_MARKUP.match(text, _end_of_doctype(text, at)).end()  # type: ignore[union-attr]
    return text.startswith("<svg", at)


def _is_markup(text: str) -> bool:
    """A declaration, or an element that is closed again, declares a name space, or holds another."""
    at = _after_preamble(text)
    if text.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<?xpacket")) or text.startswith("<!DOCTYPE", at):
        return True
    first = _ELEMENT.match(text, at)
    if first is None:
        return False
    closed = f"</{first[1]}>" in text or bool(first[3])
    return closed or "xmlns" in first[2] or _ELEMENT.match(text, _past_space(text, first.end())) is not None


def _past_space(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())


_BITMAP = re.compile(r"\s*+(?>/\*.*?\*/\s*)*+#define\s++\w{0,99}width\s++\d", re.DOTALL)


def _is_bitmap_in_c(text: str) -> bool:
    return _BITMAP.match(text) is not None


def _is_pixmap_in_c(text: str) -> bool:
    return re.match(r"\s*/\* XPM \*/", text) is not None


def _after_preamble(text: str) -> int:
    found = _BEFORE_MARKUP.match(text, len(text) - len(text.lstrip("\ufeff")))
    return found.end() if found else 0


def _end_of_doctype(text: str, at: int) -> int:
    if not text.startswith("<!DOCTYPE svg", at):
        return at
    return text.find(">", at) + 1 or at


def _headers(text: str) -> dict[str, str]:
    """The header lines of a message, folded lines joined; empty if the first line is none."""
    block = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    headers: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", block).splitlines():
        if not _HEADER.fullmatch(line):
            break
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), value.strip())
    return headers


def _is_mail(text: str) -> bool:
    return len(_MAIL_WORDS & _headers(text).keys()) >= 3


def _is_saved_page(text: str) -> bool:
    """MHTML: a message whose body is a page with its parts."""
    headers = _headers(text)
    return (
        "multipart/related" in headers.get("content-type", "").lower()
        and "mime-version" in headers
        and ("snapshot-content-location" in headers or "to" not in headers)
    )


def _is_mailbox(text: str) -> bool:
    first, _, rest = text.partition("\n")
    return bool(re.match(r"From \S+ .*\d{4}", first)) and len(_headers(rest)) >= 2


def _is_json(text: str) -> bool:
    return bool(
        re.match(
            r'\s*(?:\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})|\[\s*(?:[\[{"\]]|-?\d|true\b|false\b|null\b))', text
        )
    )


def _is_calendar(text: str) -> bool:
    return text.startswith("BEGIN:VCALENDAR")


def _is_visiting_card(text: str) -> bool:
    return text.startswith("BEGIN:VCARD")


def _is_table(text: str, separators: str = ",;\t|") -> bool:
    """At least three rows (two for wide ones) which one separator cuts into equally many cells."""
    lines = text.splitlines()
    if len(text) > _LOOK // 2 and len(lines) > 2:
        lines = lines[:-1]  # the last one may be cut
    for separator in separators:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            continue
        is_even = len(set(widths)) == 1 and widths[0] >= 2 and len(widths) >= (2 if widths[0] > 2 else 3)
        if is_even and not _is_prose(lines, separator):
            return True
    return False


def _is_prose(lines: list[str], separator: str) -> bool:
    """Whether most lines read as sentences do: a space after each comma, many words, a stop at the end."""
    filled = [line for line in lines if line.strip()]
    cuts = sum(line.count(separator) for line in filled)
    if sum(line.count(f"{separator} ") for line in filled) * 2 <= cuts:
        return False
    return sum(_reads_on(line.strip(), separator) for line in filled) * 2 > len(filled)


def _reads_on(line: str, separator: str) -> bool:
    cells = line.split(separator)
    words = len(line.split()) / len(cells)
    return (
        (line[-1] in ".!?:…,;" and words > 1)
        or words >= 3
        or (words >= 1.5 and any(cell.lstrip()[:1].islower() for cell in cells[1:]))
    )


_KINDS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (_is_drawing, "image/svg+xml"),
    (_is_page, "text/html"),
    (_is_markup, "application/xml"),
    (_is_json, "application/json"),
    (_is_bitmap_in_c, "image/x-xbitmap"),
    (_is_pixmap_in_c, "image/x-xpixmap"),
    (_is_calendar, "text/calendar"),
    (_is_visiting_card, "text/vcard"),
    (_is_saved_page, "multipart/related"),
    (_is_mailbox, "application/mbox"),
    (_is_mail, "message/rfc822"),
    (_is_table, "text/csv"),
)
