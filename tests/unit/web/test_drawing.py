"""Parts that are drawn many times on a page: the same as if each had been drawn by itself."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.servers.desks import HOSTILE

from witnessmark.web.drawing import cast, draw_once, part, part_once
from witnessmark.web.roles import Role
from witnessmark.web.words import words_in

SHAPE = {
    "kind": "text",
    "has_cover": False,
    "level": 3,
    "rated": False,
    "is_open": False,
    "is_behind": True,
    "works": True,
    "has_others": True,
}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_cast_part_is_what_its_template_draws(language: str) -> None:
    visit: Any = SimpleNamespace(language=language, words=words_in(language))
    for title in (*HOSTILE, "\ue000exhibit\ue001", "\ue000nothing\ue001"):
        texts = {"exhibit": "W-1", "title": title, "unfold": "fold=yes&open=W-1", "folded": "1,200"}
        drawn = cast(visit, "gallery_tile.html", SHAPE, texts)
        assert drawn == part(visit, "gallery_tile.html", one={**SHAPE, **texts})
        assert "<script" not in drawn
        assert "<img src=x" not in drawn


def test_a_part_drawn_once_is_filled_for_each_with_what_is_escaped() -> None:
    known: dict[object, Any] = {}

    def answered(question: object, answer: Callable[[], Any]) -> Any:
        if question not in known:
            known[question] = answer()
        return known[question]

    visit: Any = SimpleNamespace(language="en", words=words_in("en"), answered=answered)
    offered = {
        **dict.fromkeys(("claims", "events", "topics", "stances"), ()),
        **dict.fromkeys(("longest_words", "longest_name", "longest_claim"), 9),
    }
    for exhibit in (*HOSTILE, "\ue000form\ue001"):
        texts = {"exhibit": exhibit, "form": "secret", "number": "7"}
        drawn = part_once(visit, "quote_form.html", None, lambda: offered, **texts)
        assert drawn == part(visit, "quote_form.html", **offered, **texts)
        assert "<script" not in drawn
        assert 'name="page" value="7"' in drawn
    whole = part_once(visit, "quote_form.html", None, lambda: offered, exhibit="E1", form="f")
    assert 'name="page"' not in whole
    assert len(known) == 2, "drawn once for what has pages and once for what has none"


def test_a_page_drawn_once_holds_nothing_of_who_saw_it_first() -> None:
    made: list[str] = []
    known: dict[object, Any] = {}

    def answered(question: object, answer: Callable[[], Any]) -> Any:
        if question not in known:
            known[question] = answer()
        return known[question]

    def visit(name: str, form: str, path: str, roles: frozenset[Role]) -> Any:
        session = SimpleNamespace(account=SimpleNamespace(name=name), form_token=form)
        url = SimpleNamespace(path=path, query="")
        return SimpleNamespace(
            language="en", words=words_in("en"), session=session, required=session, works=True, since=7,
            roles=roles, request=SimpleNamespace(url=url, method="GET"), answered=answered,
        )  # fmt: skip

    def facts() -> dict[str, Any]:
        made.append("drawn")
        lane = {"kind": "x", "entries": [], "drawn": ""}
        return {"told": {"lanes": [], "asked": 0, "exhibits": 0}, "drawn": [], "unused": lane}

    lead, viewer = frozenset((Role.LEAD,)), frozenset((Role.VIEWER,))
    first = bytes(draw_once(visit("ann <b>", "secret-1", "/times", lead), "times.html", 0, facts).body)
    again = bytes(draw_once(visit("ben", "secret-2", "/other?a=1", lead), "times.html", 0, facts).body)
    assert made == ["drawn"]
    assert b"ann &lt;b&gt;" in first
    assert b"secret-1" in first
    assert b"ann" not in again
    assert b"secret-1" not in again
    assert b"secret-2" in again
    draw_once(visit("vic", "secret-3", "/times", viewer), "times.html", 0, facts)
    assert made == ["drawn", "drawn"], "whoever has other roles has another page"
