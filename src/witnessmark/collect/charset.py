"""Which character encoding bytes are in: what was found, how sure that is, and why.

A wrong guess makes a text unreadable and a quotation wrong, so a guess is always called one. Only
a fixed set of encodings is ever used: a page may declare anything, also decoders that are not for text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum


class Sureness(StrEnum):
    """How sure an encoding is."""

    CERTAIN = "certain"
    DECLARED = "declared"
    LIKELY = "likely"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class Charset:
    """An encoding by the name of its Python codec, with how sure it is and what that rests on."""

    name: str
    sureness: Sureness
    why: str

    def facts(self) -> dict[str, object]:
        """The encoding as plain facts."""
        return {"name": self.name, "sureness": self.sureness.value, "why": self.why}


_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_KNOWN = {
    *("utf-8", "utf-16-le", "utf-16-be", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
    *(f"cp125{number}" for number in range(9)),
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *("cp720", "cp864", "cp874", "cp437", "cp850", "cp852"),
    *("gb18030", "big5", "big5hkscs", "cp932", "euc_jp", "cp949", "iso2022_jp"),
}
# What a label means in practice (WHATWG Encoding Standard), where it differs from what it says.
_IN_PRACTICE = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
    "utf-8-sig": "utf-8",
}
_PUBLIC = {f"cp{number}": f"windows-{number}" for number in (874, *range(1250, 1259))}
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = bytes(range(0x80))
_BLOCKS = b"\x00\x04\x06"
# The commonest letters: ا ل ي م و ن ر ت ب ع ه د and о е а и н т с р в л к
_COMMONEST = {
    "windows-1256": bytes.fromhex("C7E1EDE3E6E4D1CAC8DAE5CF"),
    "windows-1251": bytes.fromhex("EEE5E0E8EDF2F1F0E2EBEA"),
}


def by_label(label: str) -> str | None:
    """The encoding that `label` means in practice; None if it is none that text comes in."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _IN_PRACTICE.get(name, name)
    return _PUBLIC.get(name, name) if name in _KNOWN else None


def decoded(content: bytes, label: str | None) -> str:
    """`content` as text in the encoding of `label`, or in UTF-8 where that is none."""
    return content.decode(by_label(label or "utf-8") or "utf-8", "replace")


def detect(content: bytes, label: str | None = None) -> Charset:
    """The encoding of `content`; `label` is what the page or message declares, if it does."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return Charset(name, Sureness.CERTAIN, "it begins with a byte order mark")
    declared = by_label(label) if label else None
    if declared == "utf-8" and not _is_utf_8(content):
        declared = None  # a template says utf-8 and what was filled in is not
    if declared and not declared.startswith("utf-16"):
        return Charset(declared, Sureness.DECLARED, f"declared as {label!r:.60}")
    return _by_bytes(content)


def _by_bytes(content: bytes) -> Charset:
    if content.isascii():
        return _wide(content) or Charset("utf-8", Sureness.CERTAIN, "all bytes are ASCII")
    if _is_utf_8(content):
        return Charset("utf-8", Sureness.LIKELY, "all bytes are valid UTF-8, which rarely happens by chance")
    return _wide(content) or _by_letters(content)


def _is_utf_8(content: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)  # a cut last character is no error
    except UnicodeDecodeError:
        return False
    return True


def _wide(content: bytes) -> Charset | None:
    """UTF-16 without a mark: every other byte names the block of Latin, Cyrillic or Arabic."""
    sample = content[:4096]
    if len(sample) < 8:
        return None
    for name, blocks, letters in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if _share(blocks, _BLOCKS) > 0.9 and _share(letters, _BLOCKS) < 0.1:
            return Charset(name, Sureness.GUESSED, "every other byte is that of a Unicode block")
    return None


def _share(sample: bytes, of: bytes) -> float:
    return 1 - len(sample.translate(None, of)) / len(sample)


def _by_letters(content: bytes) -> Charset:
    """Arabic or Cyrillic words are long runs of high bytes; accents in Latin words stand alone."""
    sample = content[: 1 << 20]
    high = sample.translate(None, _HIGH)
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(sample))
    if in_runs * 2 > len(high):
        share = {name: _share(high, common) for name, common in _COMMONEST.items()}
        best = max(share, key=lambda name: share[name])
        if share[best] > 0.5:
            sure = Sureness.LIKELY if len(high) > 100 else Sureness.GUESSED
            why = f"{share[best]:.0%} of the {len(high):,} bytes beyond ASCII are its commonest letters"
            return Charset(best, sure, why)
    return Charset("windows-1252", Sureness.GUESSED, "no other encoding fits; accents may be wrong")
