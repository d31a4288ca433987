"""Elements and text of a page, everything escaped and nothing hidden."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from witnessmark.publish.sentences import visible


def tag(element: str, content: str, **attributes: str | None) -> str:
    """An element around `content`, which is markup already; attributes that are None are left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(visible(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{element}{written}>{content}</{element}>"


def text_of(text: str) -> str:
    """`text` as the text of an element."""
    return escape(visible(text), quote=False)


def drawn_page(what: str, title: str, style: str, content: str) -> bytes:
    """A page of drawings that stands by itself: its own style, no script, nothing asked for from anywhere.

    `what` it shows and `title` are its heading; `content` is markup already.
    """
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    head = "\n".join(
        (
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            tag("title", text_of(f"{what} · {title}")),
            f"<style>{style}</style>",
        )
    )
    body = f"{tag('h1', text_of(f'{what}: {title}'))}\n{content}"
    page = f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    return page.encode()
