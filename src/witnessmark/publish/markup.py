"""Elements and text of a page, everything escaped and nothing hidden."""

from __future__ import annotations

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
