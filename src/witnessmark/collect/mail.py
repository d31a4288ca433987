"""Mail: the messages of a mailbox, and the texts and attachments of a message.

Who wrote to whom is personal: it stands under `personal` in the facts, apart from the rest. An
attached message is taken as it stands and opened in its turn, like an archive within an archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from witnessmark.collect.limits import CHUNK, Yielded, not_taken
from witnessmark.collect.mime import Headers, Leaf, leaves, read_headers
from witnessmark.collect.names import written
from witnessmark.errors import MalformedError
from witnessmark.model import Outcome

MOST_PARTS = 1_000
_PERSONAL = (
    *("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject"),
    *("Message-ID", "In-Reply-To"),  # they name the machine that a message was sent from
    *("Return-Path", "Delivered-To", "X-Originating-IP", "Received"),
)
_PLAIN = ("Date",)
_LONGEST_FIELD = 2_000
_LONGEST_FACT = 200
_WHOLE_ENVELOPE = 1 << 18
_SHORT_ENVELOPE = 1 << 14
"""Every part repeats the envelope of its message, so there it may take this many characters at most."""
_SEPARATOR = b"From "


def headers(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """One part without bytes: the fields of the message as given."""
    yield message_facts(read_headers(untrusted, 0)[0], _WHOLE_ENVELOPE), b""


def message_facts(fields: Headers, most: int = _SHORT_ENVELOPE) -> dict[str, object]:
    """What a message says of itself in at most `most` characters; fields that name people are kept apart."""
    left = most
    told: dict[str, tuple[str, ...]] = {}
    for name in (*_PLAIN, *_PERSONAL):
        for value in fields.all(name):
            left -= len(value[:_LONGEST_FIELD])
            if left < 0:
                break
            told[_key(name)] = (*told.get(_key(name), ()), value[:_LONGEST_FIELD])
    personal = {_key(name): told[_key(name)] for name in _PERSONAL if _key(name) in told}
    plain = {_key(name): told[_key(name)][0] for name in _PLAIN if _key(name) in told}
    return {**plain, **({"personal": personal} if personal else {})}


def parts(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """Each text, picture and attachment of a message, with its bytes decoded."""
    fields, _ = read_headers(untrusted, 0)
    if not fields.message.keys():
        raise MalformedError("this message has no header fields")
    envelope = message_facts(fields)
    count = 0
    for count, leaf in enumerate(leaves(untrusted), 1):
        if count > MOST_PARTS:
            yield not_taken("", f"parts beyond the first {MOST_PARTS:,} were not taken")
            return
        yield _member(leaf, untrusted, envelope)
    if not count:
        yield not_taken("", "it announces parts and none begins", Outcome.FAILED)


def member_name(leaf: Leaf) -> str:
    """The number of the part in its message, and the name that was declared for it."""
    declared = declared_name(leaf.headers)
    if declared is None:
        return leaf.number
    return f"{leaf.number}/{written(declared.encode()).replace('/', '%2F')}"


def declared_name(fields: Headers) -> str | None:
    """The file name that a part gives itself."""
    name = fields.parameter("filename", "Content-Disposition") or fields.parameter("name")
    return name[:1000] if name else None


def leaf_facts(leaf: Leaf, problem: str | None) -> dict[str, object]:
    """What is known of a part besides its bytes: its place in the sealed bytes, and what it declares."""
    fields = leaf.headers
    declared = {
        "declared_type": fields.media_type,
        "declared_charset": fields.parameter("charset"),
        "content_id": fields.one("Content-ID"),
        "disposition": (fields.one("Content-Disposition") or "").split(";")[0].strip().lower() or None,
        "transfer_encoding": fields.encoding,
        "damaged": problem or (None if leaf.closed else "the message breaks off within this part"),
    }
    return {
        "outcome": Outcome.DONE.value,
        "bytes_at": (leaf.start, leaf.end),
        **{name: value[:_LONGEST_FACT] for name, value in declared.items() if value is not None},
    }


def _member(leaf: Leaf, untrusted: BinaryIO, envelope: Mapping[str, object]) -> Yielded:
    name = member_name(leaf)
    try:
        content, problem = leaf.content(untrusted)
    except MalformedError as error:
        return not_taken(name, str(error))
    return {"name": name, **leaf_facts(leaf, problem), "message": envelope}, content


def messages(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """Each message of a mailbox, exactly as it stands between two separator lines."""
    untrusted.seek(0)
    if untrusted.read(len(_SEPARATOR)) != _SEPARATOR:
        raise MalformedError("this mailbox does not begin with a `From ` line")
    separator = _line_at(untrusted, 0)
    start, number = len(separator), 0
    while True:
        end = _next_separator(untrusted, start)
        number += 1
        facts = {
            "name": f"message-{number:06}.eml",
            "outcome": Outcome.DONE.value,
            "bytes_at": (start, end),
            "declared_type": "message/rfc822",
            "personal": {"separator": separator.decode("utf-8", "replace").strip()},
        }
        yield facts, _stretch(untrusted, start, end)
        separator = _line_at(untrusted, end)
        if not separator:
            return
        start = end + len(separator)


def _next_separator(untrusted: BinaryIO, start: int) -> int:
    """Where the next separator line begins: after a blank line; the end of the bytes if there is none."""
    untrusted.seek(start)
    position, blank, whole = start, False, True
    while line := untrusted.readline(CHUNK):
        if whole and blank and line.startswith(_SEPARATOR):
            return position
        position += len(line)
        blank = whole and line in (b"\n", b"\r\n")
        whole = line.endswith(b"\n")
    return position


def _line_at(untrusted: BinaryIO, position: int) -> bytes:
    untrusted.seek(position)
    return untrusted.readline(CHUNK)


def _stretch(untrusted: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        untrusted.seek(start)
        chunk = untrusted.read(min(CHUNK, end - start))
        if not chunk:
            return
        start += len(chunk)
        yield chunk


def _key(field: str) -> str:
    return field.lower().replace("-", "_")
