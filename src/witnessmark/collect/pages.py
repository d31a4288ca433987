"""Pages saved as one file (MHTML): the page and everything that was saved with it, by address.

A page saved as HTML with a folder beside it needs no door of its own: those are files like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from witnessmark.collect.limits import Yielded, not_taken
from witnessmark.collect.mail import leaf_facts
from witnessmark.collect.mime import Headers, Leaf, leaves, read_headers
from witnessmark.collect.names import written
from witnessmark.errors import MalformedError
from witnessmark.model import Outcome

MOST_PARTS = 10_000
_LONGEST_ADDRESS = 4096
_LONGEST_FACT = 1_000


def parts(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Iterator[Yielded]:  # noqa: ARG001
    """The page and each thing saved with it, with the address that each was saved from."""
    fields, _ = read_headers(untrusted, 0)
    if not fields.media_type.startswith("multipart/"):
        raise MalformedError("this saved page is not made of parts")
    page = page_facts(fields)
    count = 0
    for count, leaf in enumerate(leaves(untrusted), 1):
        if count > MOST_PARTS:
            yield not_taken("", f"parts beyond the first {MOST_PARTS:,} were not taken")
            return
        yield _member(leaf, untrusted, page)
    if not count:
        yield not_taken("", "it announces parts and none begins", Outcome.FAILED)


def page_facts(fields: Headers) -> dict[str, object]:
    """What the browser wrote down when it saved the page: address, title, time."""
    told = {
        "saved_from": fields.one("Snapshot-Content-Location") or fields.one("Content-Location"),
        "title": fields.one("Subject"),
        "saved_at": fields.one("Date"),
    }
    sender = fields.one("From")  # a browser writes its own name here, a mail program a person's
    return {
        **{name: value[:_LONGEST_FACT] for name, value in told.items() if value is not None},
        **({"personal": {"saved_by": sender[:_LONGEST_FACT]}} if sender else {}),
    }


def _member(leaf: Leaf, untrusted: BinaryIO, page: Mapping[str, object]) -> Yielded:
    address = (leaf.headers.one("Content-Location") or "")[:_LONGEST_ADDRESS]
    path = address.split("?")[0].split("#")[0].rstrip("/")
    last = path.rpartition("/")[2] if address.startswith(("http:", "https:", "file:")) else ""
    name = f"{leaf.number}/{written(last.encode())}" if last else leaf.number
    try:
        content, problem = leaf.content(untrusted)
    except MalformedError as error:
        return not_taken(name, str(error))
    facts = {"name": name, **leaf_facts(leaf, problem), "page": page}
    return {**facts, "source_url": address} if address else facts, content
